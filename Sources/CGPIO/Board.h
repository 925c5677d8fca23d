// Inside CGPIO: what both generations of libgpiod share, and what each has to bring.
#pragma once

#include "CGPIO.h"

#include <gpiod.h>
#include <stdatomic.h>
#include <stdbool.h>

// 1.x has a bulk of lines, of fixed size; 2.x has line requests instead.
#ifdef GPIOD_LINE_BULK_MAX_LINES
#define MP_GPIOD_1 1
#else
#define MP_GPIOD_1 0
#endif

enum { BIASES = 4 };

struct line {
    unsigned int offset;
    bool is_output;
    int32_t bias;
};

struct board {
    atomic_bool is_taken;
    struct gpiod_chip *chip;
    int32_t count;
    struct line lines[MP_GPIO_LINES];
    bool is_requested;
#if MP_GPIOD_1
    struct gpiod_line_bulk outputs;
    struct gpiod_line_bulk inputs[BIASES];
#else
    struct gpiod_line_request *outputs;
    struct gpiod_line_request *inputs;
#endif
};

/// Whether a chip bears that label.
bool chip_has_label(struct gpiod_chip *chip, const char *label);

/// How many lines of the chip bear that name; the offset of the first goes to `offset`. Or the negated error number.
int32_t lines_named(struct gpiod_chip *chip, const char *name, unsigned int *offset);

/// As the functions of CGPIO.h, of a board that is open.
int32_t request_lines(struct board *board, const char *consumer);
void release_lines(struct board *board);
int32_t line_holder(struct board *board, unsigned int offset, char *text, size_t capacity);
int32_t line_bias(struct board *board, unsigned int offset);
int32_t read_levels(struct board *board, uint32_t *levels);
int32_t write_levels(struct board *board, uint32_t levels);

/// Cuts to fit; nothing becomes the empty text.
void copy_text(char *to, size_t capacity, const char *from);
