#include "CGPIO.h"

const char *mp_gpio_library_version(void) { return gpiod_version_string(); }
