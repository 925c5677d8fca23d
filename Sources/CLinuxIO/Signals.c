#include "CLinuxIO.h"
#include "Internal.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

// ---- Asked to stop -----------------------------------------------------------------------------------------------

static atomic_int stop_signal = 0;

static void on_stop(int number) {
    int none = 0;
    atomic_compare_exchange_strong(&stop_signal, &none, number);
}

int32_t mp_stop_signals_install(void) {
    // SA_RESTART: the writer's file calls carry on; poll and clock_nanosleep return EINTR all the same.
    struct sigaction action = {.sa_handler = on_stop, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    static const int stops[] = {SIGINT, SIGTERM, SIGHUP, SIGTSTP, SIGQUIT};
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++)
        if (sigaction(stops[i], &action, NULL) < 0) return -errno;
    // A background process that touches its terminal is halted by default: with these ignored its reads fail instead,
    // and its terminal can still be put back.
    action.sa_handler = SIG_IGN;
    static const int ignored[] = {SIGPIPE, SIGTTIN, SIGTTOU};
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        if (sigaction(ignored[i], &action, NULL) < 0) return -errno;
    return 0;
}

static atomic_int needles_may_be_in = 0;

static void on_early_end(int number) {
    static const char words[] = "\r\nEnded before anything was armed.\r\n";
    static const char needles[] =
        "NEEDLES: take out and count what is in the patient now. The next start opens an incident for them.\r\n";
    ssize_t ignored = write(2, words, sizeof words - 1);
    if (atomic_load(&needles_may_be_in)) ignored = write(2, needles, sizeof needles - 1);
    (void)ignored;
    _exit(128 + number);
}

void mp_early_signals_needles(void) { atomic_store(&needles_may_be_in, 1); }

int32_t mp_early_signals_install(void) {
    struct sigaction action = {.sa_handler = on_early_end};
    sigemptyset(&action.sa_mask);
    if (sigaction(SIGINT, &action, NULL) < 0 || sigaction(SIGQUIT, &action, NULL) < 0) return -errno;
    // Halted in the middle of a question it would keep the stimulator's line, and nobody would see why.
    action.sa_handler = SIG_IGN;
    return sigaction(SIGTSTP, &action, NULL) < 0 ? -errno : 0;
}

int32_t mp_stop_signal(void) { return atomic_load(&stop_signal); }
void mp_stop_signal_clear(void) { atomic_store(&stop_signal, 0); }

// ---- Dying -------------------------------------------------------------------------------------------------------

// Two slots, so that arming anew never changes what a handler on another thread is about to write. Each has a
// descriptor of its own: the number of a closed one could by then mean another file.
static struct {
    int fd;
    size_t count;
    unsigned char bytes[MP_LAST_GASP_MAX];
} slots[2] = {{.fd = -1}, {.fd = -1}};
static atomic_int armed_slot = -1;
static int next_slot = 0;
atomic_int mp_dying = 0;

int32_t mp_last_gasp_arm(int32_t fd, const void *bytes, size_t count) {
    if (atomic_load(&mp_dying)) return -ECANCELED;
    if (fd < 0 || count == 0 || count > MP_LAST_GASP_MAX) return -EINVAL;
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (copy < 0) return -errno;
    int slot = next_slot;
    slots[slot].fd = copy;
    slots[slot].count = count;
    memcpy(slots[slot].bytes, bytes, count);
    atomic_store(&armed_slot, slot);
    next_slot = 1 - slot;
    mp_close(slots[next_slot].fd);
    slots[next_slot].fd = -1;
    return 0;
}

void mp_last_gasp_disarm(void) {
    // A thread whose write was refused takes that for a lost line; the handler may be about to use the descriptor.
    if (atomic_load(&mp_dying)) return;
    atomic_store(&armed_slot, -1);
    for (int slot = 0; slot < 2; slot++) {
        mp_close(slots[slot].fd);
        slots[slot].fd = -1;
    }
}

static void write_armed_bytes(void) {
    int index = atomic_exchange(&armed_slot, -1);
    if (index < 0) return;
    const unsigned char *bytes = slots[index].bytes;
    size_t left = slots[index].count;
    // Bounded: a full line is emptied once (a stop never queues behind pulses), then it is given up.
    for (int attempt = 0; left > 0 && attempt < 16; attempt++) {
        ssize_t n = write(slots[index].fd, bytes, left);
        if (n > 0) {
            bytes += n;
            left -= (size_t)n;
        } else if (n < 0 && errno == EAGAIN) {
            tcflush(slots[index].fd, TCOFLUSH);
        } else if (n < 0 && errno != EINTR) {
            return;
        }
    }
}

static void on_fatal(int number) {
    if (!atomic_exchange(&mp_dying, 1)) {
        write_armed_bytes();
        mp_console_restore();
    }
    signal(number, SIG_DFL);
    raise(number);  // Blocked here, so delivered when this handler returns.
}

int32_t mp_last_gasp_install(void) {
    int32_t result = mp_last_gasp_prepare_thread();
    if (result < 0) return result;
    struct sigaction action = {.sa_handler = on_fatal, .sa_flags = SA_ONSTACK};
    sigemptyset(&action.sa_mask);
    static const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS};
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
        if (sigaction(fatal[i], &action, NULL) < 0) return -errno;
    return 0;
}

int32_t mp_last_gasp_prepare_thread(void) {
    stack_t old;
    if (sigaltstack(NULL, &old) == 0 && !(old.ss_flags & SS_DISABLE)) return 0;
    size_t size = (size_t)SIGSTKSZ < 65536 ? 65536 : (size_t)SIGSTKSZ;
    // Kept until the process ends: a handful of threads, and freeing it while a handler runs on it would be worse.
    stack_t stack = {.ss_sp = malloc(size), .ss_size = size};
    if (!stack.ss_sp) return -ENOMEM;
    memset(stack.ss_sp, 0, size);  // Touched now, so that dying needs no page.
    return sigaltstack(&stack, NULL) < 0 ? -errno : 0;
}
