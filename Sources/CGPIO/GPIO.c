#include "Board.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct board boards[MP_GPIO_BOARDS];

static struct board *board_at(int32_t number) {
    if (number < 0 || number >= MP_GPIO_BOARDS || !atomic_load(&boards[number].is_taken)) return NULL;
    return &boards[number];
}

void copy_text(char *to, size_t capacity, const char *from) {
    if (capacity == 0) return;
    to[0] = 0;
    if (!from) return;
    strncpy(to, from, capacity - 1);
    to[capacity - 1] = 0;
}

/// The one chip with that label among those that this user may open. When a chip could not be opened and none fits,
/// that is the reason given: it may be the one.
static int32_t open_by_label(const char *label, struct gpiod_chip **found) {
    DIR *folder = opendir("/dev");
    if (!folder) return -errno;
    int32_t outcome = -ENODEV;
    *found = NULL;
    for (struct dirent *entry = readdir(folder); entry; entry = readdir(folder)) {
        if (strncmp(entry->d_name, "gpiochip", 8) != 0) continue;
        char path[300];
        snprintf(path, sizeof path, "/dev/%s", entry->d_name);
        struct gpiod_chip *chip = gpiod_chip_open(path);
        if (!chip) {
            if (outcome == -ENODEV) outcome = -errno;
            continue;
        }
        if (!chip_has_label(chip, label)) {
            gpiod_chip_close(chip);
        } else if (*found) {
            gpiod_chip_close(chip);
            outcome = -ENOTUNIQ;
            break;
        } else {
            *found = chip;
            outcome = 0;
        }
    }
    closedir(folder);
    if (outcome == -ENOTUNIQ) gpiod_chip_close(*found);
    return outcome;
}

static int32_t open_chip(const char *name, struct gpiod_chip **chip) {
    char path[300];
    if (name[0] == 0) return -ENODEV;
    snprintf(path, sizeof path, "%s%s", name[0] == '/' ? "" : "/dev/", name);
    if (name[0] != '/' && access(path, F_OK) < 0) return open_by_label(name, chip);
    *chip = gpiod_chip_open(path);
    if (*chip) return 0;
    // Another kind of file, or none.
    if (errno == ENOENT || errno == ENOTTY || errno == ENOTDIR || errno == EISDIR || errno == ENXIO) return -ENODEV;
    return -errno;
}

int32_t mp_gpio_open(const char *chip) {
    for (int32_t number = 0; number < MP_GPIO_BOARDS; number++) {
        struct board *board = &boards[number];
        bool free = false;
        if (!atomic_compare_exchange_strong(&board->is_taken, &free, true)) continue;
        board->count = 0;
        board->is_requested = false;
        int32_t outcome = open_chip(chip, &board->chip);
        if (outcome < 0) {
            atomic_store(&board->is_taken, false);
            return outcome;
        }
        return number;
    }
    return -EMFILE;
}

int32_t mp_gpio_add(int32_t number, const char *name, int32_t is_output, int32_t bias) {
    struct board *board = board_at(number);
    if (!board || bias < 0 || bias >= BIASES) return -EINVAL;
    if (board->is_requested) return -EBUSY;
    if (board->count == MP_GPIO_LINES) return -ENOSPC;
    unsigned int offset = 0;
    int32_t found = lines_named(board->chip, name, &offset);
    if (found < 0) return found;
    if (found == 0) return -ENOENT;
    if (found > 1) return -ENOTUNIQ;
    for (int32_t place = 0; place < board->count; place++)
        if (board->lines[place].offset == offset) return -EEXIST;
    board->lines[board->count] = (struct line){.offset = offset, .is_output = is_output != 0, .bias = bias};
    return board->count++;
}

int32_t mp_gpio_request(int32_t number, const char *consumer) {
    struct board *board = board_at(number);
    if (!board || board->is_requested) return -EINVAL;
    int32_t outcome = request_lines(board, consumer);
    if (outcome < 0) {
        release_lines(board);
    } else {
        board->is_requested = true;
    }
    return outcome;
}

int32_t mp_gpio_holder(int32_t number, int32_t place, char *text, size_t capacity) {
    struct board *board = board_at(number);
    if (!board || place < 0 || place >= board->count) return -EINVAL;
    return line_holder(board, board->lines[place].offset, text, capacity);
}

int32_t mp_gpio_bias(int32_t number, int32_t place) {
    struct board *board = board_at(number);
    if (!board || place < 0 || place >= board->count) return -EINVAL;
    return line_bias(board, board->lines[place].offset);
}

int32_t mp_gpio_read(int32_t number, uint32_t *levels) {
    struct board *board = board_at(number);
    if (!board || !board->is_requested) return -EBADF;
    *levels = 0;
    return read_levels(board, levels);
}

int32_t mp_gpio_write(int32_t number, uint32_t levels) {
    struct board *board = board_at(number);
    if (!board || !board->is_requested) return -EBADF;
    return write_levels(board, levels);
}

void mp_gpio_close(int32_t number) {
    struct board *board = board_at(number);
    if (!board) return;
    release_lines(board);
    gpiod_chip_close(board->chip);
    atomic_store(&board->is_taken, false);
}
