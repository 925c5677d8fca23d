// Filled by this module's suite.
