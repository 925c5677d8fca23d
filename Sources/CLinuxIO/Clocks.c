#include "CLinuxIO.h"

#include <string.h>
#include <sys/timex.h>
#include <time.h>

const char *mp_error_name(int32_t error) {
    const char *name = strerrorname_np(error);
    return name ? name : "unknown error";
}

const char *mp_error_text(int32_t error) {
    const char *text = strerrordesc_np(error);
    return text ? text : "no description";
}

static int64_t read_clock(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

int64_t mp_clock_monotonic(void) { return read_clock(CLOCK_MONOTONIC); }
int64_t mp_clock_boottime(void) { return read_clock(CLOCK_BOOTTIME); }
int64_t mp_clock_realtime(void) { return read_clock(CLOCK_REALTIME); }

int32_t mp_sleep_until(int64_t nanoseconds) {
    if (nanoseconds < 0) return 0;
    struct timespec t = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000};
    // Returns the error number itself, not -1.
    return -clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
}

int32_t mp_clock_is_synchronised(void) {
    struct timex state = {.modes = 0};
    int outcome = adjtimex(&state);
    if (outcome < 0) return -errno;
    return outcome != TIME_ERROR && !(state.status & STA_UNSYNC);
}
