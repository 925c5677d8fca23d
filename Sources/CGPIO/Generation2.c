// libgpiod 2.x. A request may give each of its lines a setting of its own: one for the inputs, one for the outputs.
#include "Board.h"

#if !MP_GPIOD_1

#include <errno.h>
#include <string.h>

const char *mp_gpio_library_version(void) { return gpiod_api_version(); }

bool chip_has_label(struct gpiod_chip *chip, const char *label) {
    struct gpiod_chip_info *info = gpiod_chip_get_info(chip);
    if (!info) return false;
    bool is_so = strcmp(gpiod_chip_info_get_label(info), label) == 0;
    gpiod_chip_info_free(info);
    return is_so;
}

int32_t lines_named(struct gpiod_chip *chip, const char *name, unsigned int *offset) {
    struct gpiod_chip_info *chip_info = gpiod_chip_get_info(chip);
    if (!chip_info) return -errno;
    size_t count = gpiod_chip_info_get_num_lines(chip_info);
    gpiod_chip_info_free(chip_info);
    int32_t found = 0;
    for (unsigned int index = 0; index < count; index++) {
        struct gpiod_line_info *info = gpiod_chip_get_line_info(chip, index);
        if (!info) return -errno;
        const char *own = gpiod_line_info_get_name(info);
        if (own && strcmp(own, name) == 0) {
            if (found == 0) *offset = index;
            found += 1;
        }
        gpiod_line_info_free(info);
    }
    return found;
}

static enum gpiod_line_bias bias_setting(int32_t bias) {
    switch (bias) {
    case MP_GPIO_BIAS_DISABLED: return GPIOD_LINE_BIAS_DISABLED;
    case MP_GPIO_BIAS_PULL_UP: return GPIOD_LINE_BIAS_PULL_UP;
    case MP_GPIO_BIAS_PULL_DOWN: return GPIOD_LINE_BIAS_PULL_DOWN;
    default: return GPIOD_LINE_BIAS_AS_IS;
    }
}

/// Adds the lines of one direction, in the order of their places; how many there were.
static int32_t add_lines(
    struct board *board, bool outputs, struct gpiod_line_config *config, struct gpiod_line_settings *settings) {
    int32_t added = 0;
    for (int32_t place = 0; place < board->count; place++) {
        struct line *wanted = &board->lines[place];
        if (wanted->is_output != outputs) continue;
        gpiod_line_settings_reset(settings);
        int result = gpiod_line_settings_set_direction(
            settings, outputs ? GPIOD_LINE_DIRECTION_OUTPUT : GPIOD_LINE_DIRECTION_INPUT);
        if (result == 0 && outputs)
            result = gpiod_line_settings_set_output_value(settings, GPIOD_LINE_VALUE_INACTIVE);
        if (result == 0 && !outputs) result = gpiod_line_settings_set_bias(settings, bias_setting(wanted->bias));
        if (result == 0) result = gpiod_line_config_add_line_settings(config, &wanted->offset, 1, settings);
        if (result < 0) return -errno;
        added += 1;
    }
    return added;
}

static int32_t request_direction(
    struct board *board, bool outputs, const char *consumer, struct gpiod_line_request **request) {
    struct gpiod_line_config *config = gpiod_line_config_new();
    struct gpiod_line_settings *settings = gpiod_line_settings_new();
    struct gpiod_request_config *naming = gpiod_request_config_new();
    int32_t outcome = -ENOMEM;
    if (config && settings && naming) {
        gpiod_request_config_set_consumer(naming, consumer);
        outcome = add_lines(board, outputs, config, settings);
        if (outcome > 0) {
            *request = gpiod_chip_request_lines(board->chip, naming, config);
            outcome = *request ? 0 : -errno;
        }
    }
    if (naming) gpiod_request_config_free(naming);
    if (settings) gpiod_line_settings_free(settings);
    if (config) gpiod_line_config_free(config);
    return outcome;
}

int32_t request_lines(struct board *board, const char *consumer) {
    board->outputs = NULL;
    board->inputs = NULL;
    int32_t outcome = request_direction(board, true, consumer, &board->outputs);
    if (outcome < 0) return outcome;
    return request_direction(board, false, consumer, &board->inputs);
}

void release_lines(struct board *board) {
    if (board->outputs) gpiod_line_request_release(board->outputs);
    if (board->inputs) gpiod_line_request_release(board->inputs);
    board->outputs = NULL;
    board->inputs = NULL;
}

int32_t line_holder(struct board *board, unsigned int offset, char *text, size_t capacity) {
    struct gpiod_line_info *info = gpiod_chip_get_line_info(board->chip, offset);
    if (!info) return -errno;
    copy_text(text, capacity, gpiod_line_info_get_consumer(info));
    int32_t is_used = gpiod_line_info_is_used(info) ? 1 : 0;
    gpiod_line_info_free(info);
    return is_used;
}

int32_t line_bias(struct board *board, unsigned int offset) {
    struct gpiod_line_info *info = gpiod_chip_get_line_info(board->chip, offset);
    if (!info) return -errno;
    enum gpiod_line_bias bias = gpiod_line_info_get_bias(info);
    gpiod_line_info_free(info);
    switch (bias) {
    case GPIOD_LINE_BIAS_DISABLED: return MP_GPIO_BIAS_DISABLED;
    case GPIOD_LINE_BIAS_PULL_UP: return MP_GPIO_BIAS_PULL_UP;
    case GPIOD_LINE_BIAS_PULL_DOWN: return MP_GPIO_BIAS_PULL_DOWN;
    default: return MP_GPIO_BIAS_AS_IS;
    }
}

int32_t read_levels(struct board *board, uint32_t *levels) {
    if (!board->inputs) return 0;
    enum gpiod_line_value values[MP_GPIO_LINES] = {GPIOD_LINE_VALUE_INACTIVE};
    if (gpiod_line_request_get_values(board->inputs, values) < 0) return -errno;
    int next = 0;
    for (int32_t place = 0; place < board->count; place++) {
        if (board->lines[place].is_output) continue;
        if (values[next++] == GPIOD_LINE_VALUE_ACTIVE) *levels |= 1u << place;
    }
    return 0;
}

int32_t write_levels(struct board *board, uint32_t levels) {
    if (!board->outputs) return 0;
    enum gpiod_line_value values[MP_GPIO_LINES] = {GPIOD_LINE_VALUE_INACTIVE};
    int next = 0;
    for (int32_t place = 0; place < board->count; place++) {
        if (!board->lines[place].is_output) continue;
        values[next++] = (levels >> place) & 1u ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE;
    }
    return gpiod_line_request_set_values(board->outputs, values) < 0 ? -errno : 0;
}

#endif
