// The few Linux calls that Swift cannot make well: variadic or macro interfaces, calls whose thread must be a plain
// pthread, and code that may run in a signal handler. Everything else is Swift.
//
// Every function that can fail returns 0 or more on success and the NEGATED error number on failure, so that no caller
// ever reads `errno`. None allocates, unless its line says so.
#pragma once

#include <errno.h>
#include <stddef.h>
#include <stdint.h>

/// The error numbers by which callers decide. (Swift sees no errno macros without importing a C library.)
enum {
    MP_EPERM = EPERM, MP_ENOENT = ENOENT, MP_EINTR = EINTR, MP_EIO = EIO, MP_EAGAIN = EAGAIN, MP_EACCES = EACCES,
    MP_EBUSY = EBUSY, MP_ENODEV = ENODEV, MP_EINVAL = EINVAL, MP_ENOTTY = ENOTTY, MP_ENXIO = ENXIO, MP_EPIPE = EPIPE,
    MP_EBADF = EBADF, MP_ENOTSUP = ENOTSUP, MP_ECONNREFUSED = ECONNREFUSED, MP_EADDRINUSE = EADDRINUSE,
    MP_ECANCELED = ECANCELED, MP_ETIMEDOUT = ETIMEDOUT, MP_ENAMETOOLONG = ENAMETOOLONG, MP_ENOTDIR = ENOTDIR,
    MP_EEXIST = EEXIST, MP_ELOOP = ELOOP, MP_EPROTO = EPROTO
};

/// The name (`"EBUSY"`) and the sentence (`"Device or resource busy"`) of an error number; static text.
const char *mp_error_name(int32_t error);
const char *mp_error_text(int32_t error);

// ---- Clocks ------------------------------------------------------------------------------------------------------

/// Nanoseconds of CLOCK_MONOTONIC (stands still in suspend), CLOCK_BOOTTIME (runs on), CLOCK_REALTIME (calendar).
int64_t mp_clock_monotonic(void);
int64_t mp_clock_boottime(void);
int64_t mp_clock_realtime(void);

/// Whether something keeps the calendar's clock right, as the kernel was told: 1 or 0. Asks only, sets nothing.
int32_t mp_clock_is_synchronised(void);

/// Sleeps until that CLOCK_MONOTONIC instant. 0, or the negated error number (-EINTR after a signal).
int32_t mp_sleep_until(int64_t monotonic_nanoseconds);

// ---- Descriptors -------------------------------------------------------------------------------------------------

/// What `mp_open` is for. Every descriptor is O_CLOEXEC, O_NOCTTY and O_NONBLOCK.
enum { MP_OPEN_READ = 1, MP_OPEN_WRITE = 2, MP_OPEN_DIRECTORY = 4 };
int32_t mp_open(const char *path, int32_t what);
void mp_close(int32_t fd);

/// Reads or writes once. The count, or the negated error number; -EAGAIN when it would block. `mp_write` refuses with
/// -ECANCELED once a fatal signal is being handled, so that nothing follows the last-gasp stop frame.
int64_t mp_read(int32_t fd, void *bytes, size_t count);
int64_t mp_write(int32_t fd, const void *bytes, size_t count);

/// `poll` on one descriptor; a wait of 0 never blocks. The MP_POLL bits that are set, 0 on time-out.
enum { MP_POLL_IN = 1, MP_POLL_OUT = 2, MP_POLL_GONE = 4 };
int32_t mp_poll(int32_t fd, int32_t wanted, int32_t timeout_milliseconds);

/// `poll` for input on up to MP_POLL_MANY descriptors (-1 is skipped); the bits of each go to `found`. How many have
/// something to tell; 0 on time-out and after a signal.
enum { MP_POLL_MANY = 16 };
int32_t mp_poll_many(const int32_t *descriptors, int32_t *found, int32_t count, int32_t timeout_milliseconds);

/// A second, independent, non-blocking descriptor of what `fd` is open on: changing its flags does not change those of
/// the inherited one. Where the system refuses (a socket, another user's terminal) it is a plain duplicate that shares
/// its flags with `fd`.
int32_t mp_reopen(int32_t fd, int32_t what);

/// Sets O_NONBLOCK and FD_CLOEXEC.
int32_t mp_make_nonblocking(int32_t fd);

int32_t mp_is_terminal(int32_t fd);

/// A pipe, both ends non-blocking and close-on-exec.
int32_t mp_pipe(int32_t *read_end, int32_t *write_end);

// ---- Terminals and serial lines ----------------------------------------------------------------------------------

/// Raw bytes, 8 data bits, no parity, no flow control of any kind, VMIN 1 and VTIME 0 (so that a non-blocking read
/// distinguishes "nothing" from "hung up"), HUPCL as asked. Speed and two stop bits are taken where the line has them.
int32_t mp_line_make_raw(int32_t fd, int32_t baud, int32_t two_stop_bits, int32_t hang_up_on_close);

/// Throws away what was received and not read (`tcflush`).
int32_t mp_line_flush_input(int32_t fd);

/// Throws away what was written and has not left yet, as far as the driver can take it back (`tcflush`).
int32_t mp_line_flush_output(int32_t fd);

/// Keeps other openings of the line out, except those of root, until it is closed (TIOCEXCL). Not for a
/// pseudo-terminal, whose mark outlives its setter.
int32_t mp_line_exclude_others(int32_t fd);

/// flock(LOCK_EX | LOCK_NB): -EAGAIN when another open file holds it. Released by the kernel when the holder dies.
int32_t mp_lock_exclusively(int32_t fd);
int32_t mp_unlock(int32_t fd);

/// What a path leads to, found without opening it (opening a serial line raises its DTR).
enum { MP_PATH_OTHER = 0, MP_PATH_PSEUDO_TERMINAL = 1, MP_PATH_TERMINAL = 2 };
int32_t mp_path_kind(const char *path);

/// Device and inode of a path, as /proc/locks names them.
int32_t mp_path_identity(const char *path, uint64_t *device, uint64_t *inode);

/// 0 when this process may read and write that path.
int32_t mp_may_read_and_write(const char *path);

/// The numbers of a device as /proc/locks prints them: major and minor.
int32_t mp_device_major(uint64_t device);
int32_t mp_device_minor(uint64_t device);

/// realpath(3) into `resolved`; the length or the negated error number.
int32_t mp_resolve_path(const char *path, char *resolved, size_t capacity);

/// readlink(2), zero-terminated; the length or the negated error number.
int32_t mp_read_link(const char *path, char *target, size_t capacity);

/// A new pseudo-terminal: the master, non-blocking; its slave's path goes to `path`.
int32_t mp_pty_open(char *path, size_t capacity);

int32_t mp_window_size(int32_t fd, int32_t *columns, int32_t *rows);
int32_t mp_set_window_size(int32_t fd, int32_t columns, int32_t rows);

/// Puts a terminal in key-by-key mode: no echo, no line editing, no flow control, and ^C ^Z ^\ arrive as bytes. Output
/// processing stays on, so that "\n" still starts a new line. The old settings are kept here, one terminal at a time,
/// and put back by `mp_console_restore`, at exit, and by the last-gasp handler.
int32_t mp_console_raw(int32_t fd);

enum { MP_FAREWELL_MAX = 64 };

/// What `mp_console_restore` writes to a duplicate of `fd` before it puts the settings back: up to MP_FAREWELL_MAX
/// bytes, as far as the terminal takes them at once; no bytes takes it back.
int32_t mp_console_farewell(int32_t fd, const void *bytes, size_t count);

/// Puts the settings back; safe in a signal handler; harmless when nothing was saved.
void mp_console_restore(void);

// ---- Threads and the scheduler -----------------------------------------------------------------------------------

typedef void (*mp_thread_body)(void *context);

/// A joinable pthread with a name (15 characters), a stack of that size, a guard of 64 KiB and an alternate signal
/// stack of its own. Allocates.
int32_t mp_thread_start(uint64_t *thread, const char *name, size_t stack_bytes, mp_thread_body body, void *context);
int32_t mp_thread_join(uint64_t thread);

/// SCHED_FIFO for the calling thread, reset on fork.
int32_t mp_schedule_fifo(int32_t priority);

/// The policy of the calling thread: 0 other, 1 FIFO, 2 round robin, as <sched.h> numbers them.
int32_t mp_schedule_policy(int32_t *priority);

/// Pins the calling thread to one processor.
int32_t mp_pin_to_processor(int32_t processor);

/// The processor that the calling thread runs on.
int32_t mp_current_processor(void);

/// Processors on line.
int32_t mp_processor_count(void);

/// Locks present and future pages as they are touched (MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT). -ENOMEM, and nothing
/// is locked, when the user's limit leaves the process less than 1 GiB to grow.
int32_t mp_lock_memory(void);
int32_t mp_unlock_memory(void);

/// Timer slack of the calling thread, in nanoseconds.
int32_t mp_set_timer_slack(uint64_t nanoseconds);
int64_t mp_timer_slack(void);

/// Touches that many bytes of the calling thread's stack, so that no page of it faults later.
void mp_prefault_stack(size_t bytes);

/// Minor and major page faults of the calling thread so far.
int32_t mp_page_faults(int64_t *minor, int64_t *major);

/// `uname -r` and `uname -v`, cut to fit.
int32_t mp_kernel(char *release, char *version, size_t capacity_each);

/// Resident memory of this process in bytes, from /proc/self/statm.
int64_t mp_resident_bytes(void);

// ---- Signals -----------------------------------------------------------------------------------------------------

/// From here on SIGINT, SIGTERM, SIGHUP, SIGTSTP and SIGQUIT only store their number, the first one for good, and
/// SIGPIPE is ignored.
int32_t mp_stop_signals_install(void);

/// Until then: SIGINT and SIGQUIT end the process with a word to the terminal, SIGTSTP is ignored.
int32_t mp_early_signals_install(void);

/// From here on that word speaks of needles as well, which may be in the patient.
void mp_early_signals_needles(void);

/// The first stop signal that came, 0 when none did. Lock-free.
int32_t mp_stop_signal(void);

/// Forgets it. For tests.
void mp_stop_signal_clear(void);

/// What a dying process still does. From here on SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT and SIGSYS, handled
/// on an alternate stack: write the armed bytes to the armed descriptor, restore the console, die by the same signal.
int32_t mp_last_gasp_install(void);

/// Gives the calling thread its alternate stack. `mp_thread_start` does so by itself. Allocates.
int32_t mp_last_gasp_prepare_thread(void);

enum { MP_LAST_GASP_MAX = 256 };

/// The bytes to write when the process dies, up to MP_LAST_GASP_MAX, to a duplicate of `fd` that stays open until it is
/// disarmed (so disarm before closing a line that must hang up). One thread arms and disarms.
int32_t mp_last_gasp_arm(int32_t fd, const void *bytes, size_t count);
void mp_last_gasp_disarm(void);

// ---- Children ----------------------------------------------------------------------------------------------------

/// Starts a program with default signal handling, in a session of its own. With `terminal` its standard input, output
/// and error are that terminal, which becomes its controlling terminal; otherwise they are the three descriptors, and
/// -1 means /dev/null. The lists end with NULL. The process number. Allocates.
int32_t mp_spawn(const char *program, char *const *arguments, char *const *environment, const char *terminal,
                 int32_t input, int32_t output, int32_t error);

/// Collects an ended child: 1 and its exit status (or the signal that ended it), 0 while it runs and `block` is 0.
int32_t mp_wait(int32_t process, int32_t block, int32_t *exit_status, int32_t *ending_signal);
int32_t mp_kill(int32_t process, int32_t signal);

// ---- The control socket ------------------------------------------------------------------------------------------

/// mkdir with that mode; an existing directory is accepted when it belongs to this user and nobody else may write to
/// it (-EPERM otherwise, -ENOTDIR when it is something else).
int32_t mp_private_directory(const char *path);

/// A listening Unix-domain stream socket, mode 0600. A socket file left by a dead process is replaced; -EADDRINUSE
/// when somebody answers on it; -EEXIST when the path is no socket.
int32_t mp_unix_listen(const char *path);
int32_t mp_unix_accept(int32_t listener, int32_t *peer_user, int32_t *peer_process);
int32_t mp_unix_connect(const char *path);
int32_t mp_remove_file(const char *path);
int32_t mp_user(void);
int32_t mp_process(void);

// ---- Directories -------------------------------------------------------------------------------------------------

/// One name per call from an open directory, "." and ".." left out: its length, 0 at the end. The handle comes from
/// `mp_directory_open` and is ended by `mp_directory_close`. Allocates.
void *mp_directory_open(const char *path);
int32_t mp_directory_next(void *directory, char *name, size_t capacity);
void mp_directory_close(void *directory);

// ---- Libraries ---------------------------------------------------------------------------------------------------

/// Loads a shared library by its file name and calls a function of it that takes nothing and returns static text, such
/// as `sodium_version_string`, into `text`; its length. -ENOENT without the library, -ENOSYS without the function.
/// Allocates; the library stays loaded.
int32_t mp_library_text(const char *library, const char *function, char *text, size_t capacity);
