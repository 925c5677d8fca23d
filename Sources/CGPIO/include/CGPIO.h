// The pins of one GPIO chip, over either generation of libgpiod: 1.6 (Debian 12, the kernel's old interface) or 2.x
// (Debian 13). Which one is decided when this is compiled. Levels here are electrical: 1 is high.
//
// Every function that can fail returns 0 or more on success and the NEGATED error number on failure. A board is a small
// number, as a descriptor is, so that it can be handed from thread to thread; one thread uses it at a time.
#pragma once

#include <stddef.h>
#include <stdint.h>

/// The version of libgpiod that this program was linked with, such as "1.6.3".
const char *mp_gpio_library_version(void);

/// At most so many boards, and so many lines on each.
enum { MP_GPIO_BOARDS = 4, MP_GPIO_LINES = 16 };

/// The resistor inside the chip: left alone, off, to the supply, to ground.
enum { MP_GPIO_BIAS_AS_IS = 0, MP_GPIO_BIAS_DISABLED = 1, MP_GPIO_BIAS_PULL_UP = 2, MP_GPIO_BIAS_PULL_DOWN = 3 };

/// A board on the chip with that path ("/dev/gpiochip0"), name ("gpiochip0") or label. -ENODEV when there is none,
/// -ENOTUNIQ when several bear that label, -EMFILE when all boards are taken. Allocates.
int32_t mp_gpio_open(const char *chip);

/// Finds a line by name and wants it as an output, low at first, or as an input with that bias. The line's place on the
/// board: 0 for the first that was added, and so on. -ENOENT when no line has that name, -ENOTUNIQ when several have,
/// -EEXIST when it was added before, -ENOSPC when the board is full. Allocates.
int32_t mp_gpio_add(int32_t board, const char *name, int32_t is_output, int32_t bias);

/// Takes hold of all lines that were added, for this program alone. -EBUSY when another holds one; `mp_gpio_holder`
/// says which. Nothing is held then. Allocates.
int32_t mp_gpio_request(int32_t board, const char *consumer);

/// Whether somebody holds the line at that place: 1, with what the holder calls itself in `text` (empty when it gives
/// no name), or 0. Asks the chip anew. Allocates.
int32_t mp_gpio_holder(int32_t board, int32_t place, char *text, size_t capacity);

/// The bias that the kernel reports of the line at that place, one of MP_GPIO_BIAS; as-is also where it tells nothing.
/// A driver without such resistors may report what was asked for. Allocates.
int32_t mp_gpio_bias(int32_t board, int32_t place);

/// The levels of all inputs: bit n is the line at place n. One call of the kernel where all inputs want the same bias
/// or the library is 2.x, otherwise one for each bias. Allocates nothing.
int32_t mp_gpio_read(int32_t board, uint32_t *levels);

/// Sets all outputs in one call of the kernel: bit n is the line at place n. Allocates nothing.
int32_t mp_gpio_write(int32_t board, uint32_t levels);

/// Lets go of everything. What the lines do then is the chip's affair: only a board that wants a living signal is safe.
void mp_gpio_close(int32_t board);
