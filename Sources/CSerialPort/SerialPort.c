#include "CSerialPort.h"

const char *mp_serial_library_version(void) { return sp_get_package_version_string(); }
