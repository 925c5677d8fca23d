#pragma once
#include <gpiod.h>

/// The version of libgpiod that this program was linked with, such as "1.6.3".
const char *mp_gpio_library_version(void);
