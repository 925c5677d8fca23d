// What the house asks of libserialport: looking a serial line up and setting it up. From then on it has no say: bytes
// move by polled reads and writes on the descriptor, because the library cannot tell a silent peer from one that is
// gone, and waits with 100 % of a processor where a device was pulled out (`reliability.md` 2.3).
//
// Every function that can fail returns 0 or more on success and the NEGATED error number on failure.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// The version of libserialport that this program was linked with, such as "0.1.1".
const char *mp_serial_library_version(void);

/// What a serial line that is a USB device says of itself; the texts are cut to fit and may be empty.
struct mp_serial_identity {
    int32_t vendor;
    int32_t product;
    char serial_number[128];
    char name[128];
};

/// Looks a line up without opening it. `device` is its own name, no symbolic link (`realpath` it first: the library
/// knows lines by the kernel's names). -ENODEV when it is no USB device or unknown. Allocates.
int32_t mp_serial_look_up(const char *device, struct mp_serial_identity *identity);

/// Opens and sets up a line: raw bytes, 8 data bits, no parity, no flow control, DTR and RTS on. The descriptor, which
/// the caller owns: close-on-exec and non-blocking; nothing of the library stays open. -EINVAL for 1200 baud, which
/// sends an Arduino-like device into its boot loader. Allocates.
int32_t mp_serial_open(const char *device, int32_t baud, int32_t two_stop_bits);
