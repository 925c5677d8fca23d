// libgpiod 1.6. A request has one bias for all its lines, so the inputs are requested in groups.
#include "Board.h"

#if MP_GPIOD_1

#include <errno.h>
#include <string.h>

const char *mp_gpio_library_version(void) { return gpiod_version_string(); }

bool chip_has_label(struct gpiod_chip *chip, const char *label) {
    const char *own = gpiod_chip_label(chip);
    return own && strcmp(own, label) == 0;
}

int32_t lines_named(struct gpiod_chip *chip, const char *name, unsigned int *offset) {
    int32_t found = 0;
    unsigned int count = gpiod_chip_num_lines(chip);
    for (unsigned int index = 0; index < count; index++) {
        struct gpiod_line *line = gpiod_chip_get_line(chip, index);
        if (!line) return -errno;
        const char *own = gpiod_line_name(line);
        if (!own || strcmp(own, name) != 0) continue;
        if (found == 0) *offset = index;
        found += 1;
    }
    return found;
}

static int32_t bias_flag(int32_t bias) {
    switch (bias) {
    case MP_GPIO_BIAS_DISABLED: return GPIOD_LINE_REQUEST_FLAG_BIAS_DISABLE;
    case MP_GPIO_BIAS_PULL_UP: return GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_UP;
    case MP_GPIO_BIAS_PULL_DOWN: return GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_DOWN;
    default: return 0;
    }
}

static void begin_bulks(struct board *board) {
    gpiod_line_bulk_init(&board->outputs);
    for (int32_t bias = 0; bias < BIASES; bias++) gpiod_line_bulk_init(&board->inputs[bias]);
}

int32_t request_lines(struct board *board, const char *consumer) {
    begin_bulks(board);
    for (int32_t place = 0; place < board->count; place++) {
        struct line *wanted = &board->lines[place];
        struct gpiod_line *line = gpiod_chip_get_line(board->chip, wanted->offset);
        if (!line) return -errno;
        gpiod_line_bulk_add(wanted->is_output ? &board->outputs : &board->inputs[wanted->bias], line);
    }
    int low[MP_GPIO_LINES] = {0};
    if (gpiod_line_bulk_num_lines(&board->outputs) > 0 &&
        gpiod_line_request_bulk_output(&board->outputs, consumer, low) < 0)
        return -errno;
    for (int32_t bias = 0; bias < BIASES; bias++) {
        if (gpiod_line_bulk_num_lines(&board->inputs[bias]) == 0) continue;
        if (gpiod_line_request_bulk_input_flags(&board->inputs[bias], consumer, bias_flag(bias)) < 0) return -errno;
    }
    return 0;
}

void release_lines(struct board *board) {
    for (int32_t place = 0; place < board->count; place++) {
        struct gpiod_line *line = gpiod_chip_get_line(board->chip, board->lines[place].offset);
        if (line && gpiod_line_is_requested(line)) gpiod_line_release(line);
    }
}

int32_t line_holder(struct board *board, unsigned int offset, char *text, size_t capacity) {
    struct gpiod_line *line = gpiod_chip_get_line(board->chip, offset);
    if (!line || gpiod_line_update(line) < 0) return -errno;
    copy_text(text, capacity, gpiod_line_consumer(line));
    return gpiod_line_is_used(line) ? 1 : 0;
}

int32_t line_bias(struct board *board, unsigned int offset) {
    struct gpiod_line *line = gpiod_chip_get_line(board->chip, offset);
    if (!line || gpiod_line_update(line) < 0) return -errno;
    switch (gpiod_line_bias(line)) {
    case GPIOD_LINE_BIAS_DISABLE: return MP_GPIO_BIAS_DISABLED;
    case GPIOD_LINE_BIAS_PULL_UP: return MP_GPIO_BIAS_PULL_UP;
    case GPIOD_LINE_BIAS_PULL_DOWN: return MP_GPIO_BIAS_PULL_DOWN;
    default: return MP_GPIO_BIAS_AS_IS;
    }
}

int32_t read_levels(struct board *board, uint32_t *levels) {
    for (int32_t bias = 0; bias < BIASES; bias++) {
        struct gpiod_line_bulk *bulk = &board->inputs[bias];
        if (gpiod_line_bulk_num_lines(bulk) == 0) continue;
        int values[MP_GPIO_LINES] = {0};
        if (gpiod_line_get_value_bulk(bulk, values) < 0) return -errno;
        int next = 0;
        for (int32_t place = 0; place < board->count; place++) {
            if (board->lines[place].is_output || board->lines[place].bias != bias) continue;
            if (values[next++]) *levels |= 1u << place;
        }
    }
    return 0;
}

int32_t write_levels(struct board *board, uint32_t levels) {
    if (gpiod_line_bulk_num_lines(&board->outputs) == 0) return 0;
    int values[MP_GPIO_LINES] = {0};
    int next = 0;
    for (int32_t place = 0; place < board->count; place++)
        if (board->lines[place].is_output) values[next++] = (levels >> place) & 1u;
    return gpiod_line_set_value_bulk(&board->outputs, values) < 0 ? -errno : 0;
}

#endif
