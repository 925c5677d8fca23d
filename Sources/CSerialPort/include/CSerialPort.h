#pragma once
#include <libserialport.h>

/// The version of libserialport that this program was linked with, such as "0.1.1".
const char *mp_serial_library_version(void);
