import Testing

/// The shipped programs as they are: `motorpoint` on a real pseudo-terminal at which `motorpoint-sim operator` types,
/// and `motorpoint-sim p24` at the far end of the line. In real time, so one after the other; within a test sessions
/// run side by side. Order and safety are asserted, and waits are generous; no duration is.
///
/// A line that begins with the word stalled, in capitals, says that this machine stood still for so long that a session
/// ended over it, as it must; the test then ran that session again. Skipped, likewise, names what this machine forbids.
@Suite(.serialized, .timeLimit(.minutes(10))) struct ProcessTests {}
