#include "CLinuxIO.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static speed_t speed_constant(int32_t baud) {
    switch (baud) {
    case 9600: return B9600;
    case 115200: return B115200;
    case 460800: return B460800;
    case 921600: return B921600;
    case 3000000: return B3000000;
    default: return B0;
    }
}

int32_t mp_line_make_raw(int32_t fd, int32_t baud, int32_t two_stop_bits, int32_t hang_up_on_close) {
    speed_t speed = speed_constant(baud);
    if (speed == B0) return -EINVAL;
    struct termios t;
    if (tcgetattr(fd, &t) < 0) return -errno;
    cfmakeraw(&t);
    t.c_iflag &= ~(tcflag_t)(IXON | IXOFF | IXANY | INPCK);
    t.c_cflag &= ~(tcflag_t)(CRTSCTS | PARENB | CSTOPB | HUPCL);
    t.c_cflag |= CS8 | CREAD | CLOCAL;
    if (two_stop_bits) t.c_cflag |= CSTOPB;
    if (hang_up_on_close) t.c_cflag |= HUPCL;
    t.c_cc[VMIN] = 1;
    t.c_cc[VTIME] = 0;
    if (cfsetspeed(&t, speed) < 0) return -errno;
    if (tcsetattr(fd, TCSANOW, &t) < 0) return -errno;
    // tcsetattr succeeds when any one change could be made: look at what matters.
    struct termios now;
    if (tcgetattr(fd, &now) < 0) return -errno;
    if ((now.c_lflag & (ICANON | ECHO | ISIG)) || (now.c_iflag & (IXON | IXOFF | ICRNL)) || (now.c_oflag & OPOST))
        return -ENOTSUP;
    return 0;
}

int32_t mp_line_flush_input(int32_t fd) { return tcflush(fd, TCIFLUSH) < 0 ? -errno : 0; }

int32_t mp_line_flush_output(int32_t fd) { return tcflush(fd, TCOFLUSH) < 0 ? -errno : 0; }

int32_t mp_line_exclude_others(int32_t fd) { return ioctl(fd, TIOCEXCL) < 0 ? -errno : 0; }

int32_t mp_unlock(int32_t fd) { return flock(fd, LOCK_UN) < 0 ? -errno : 0; }

int32_t mp_lock_exclusively(int32_t fd) { return flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : 0; }

int32_t mp_pty_open(char *path, size_t capacity) {
    int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) return -errno;
    int error = 0;
    if (grantpt(fd) < 0 || unlockpt(fd) < 0) error = errno;
    if (!error) error = ptsname_r(fd, path, capacity);
    if (!error) error = -mp_make_nonblocking(fd);
    if (error) {
        close(fd);
        return -error;
    }
    return fd;
}

int32_t mp_window_size(int32_t fd, int32_t *columns, int32_t *rows) {
    struct winsize w;
    if (ioctl(fd, TIOCGWINSZ, &w) < 0) return -errno;
    *columns = w.ws_col;
    *rows = w.ws_row;
    return 0;
}

int32_t mp_set_window_size(int32_t fd, int32_t columns, int32_t rows) {
    struct winsize w = {.ws_col = (unsigned short)columns, .ws_row = (unsigned short)rows};
    return ioctl(fd, TIOCSWINSZ, &w) < 0 ? -errno : 0;
}

// The console's own settings. `saved_fd` is published last and taken first, so that the handler never sees half of it.
static struct termios saved;
static atomic_int saved_fd = -1;
static atomic_int restore_at_exit = 0;

// What the terminal is sent when its settings are put back: out of the alternate screen, say. As above, the descriptor
// is published last and taken first.
static unsigned char farewell[MP_FAREWELL_MAX];
static size_t farewell_count = 0;
static atomic_int farewell_fd = -1;

int32_t mp_console_farewell(int32_t fd, const void *bytes, size_t count) {
    int old = atomic_exchange(&farewell_fd, -1);
    if (old >= 0) close(old);
    if (count == 0) return 0;
    if (count > sizeof farewell) return -EINVAL;
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (copy < 0) return -errno;
    memcpy(farewell, bytes, count);
    farewell_count = count;
    atomic_store(&farewell_fd, copy);
    return 0;
}

static void say_farewell(void) {
    int fd = atomic_exchange(&farewell_fd, -1);
    if (fd < 0) return;
    // Only what goes out at once: a terminal that takes no output must not hold up a dying process.
    struct pollfd room = {.fd = fd, .events = POLLOUT};
    if (poll(&room, 1, 0) == 1 && (room.revents & POLLOUT)) {
        ssize_t written = write(fd, farewell, farewell_count);
        (void)written;
    }
    close(fd);
}

int32_t mp_console_raw(int32_t fd) {
    if (atomic_load(&saved_fd) >= 0) return -EBUSY;
    struct termios t;
    if (tcgetattr(fd, &t) < 0) return -errno;
    struct termios old = t;
    t.c_iflag &= ~(tcflag_t)(IXON | IXOFF | IXANY | BRKINT | INPCK | ISTRIP | INLCR | IGNCR);
    t.c_iflag |= ICRNL;
    t.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ECHONL | ISIG | IEXTEN);
    t.c_cc[VMIN] = 1;
    t.c_cc[VTIME] = 0;
    // A copy of the descriptor: restoring must work after standard input was closed.
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (copy < 0) return -errno;
    saved = old;
    atomic_store(&saved_fd, copy);
    if (!atomic_exchange(&restore_at_exit, 1)) atexit(mp_console_restore);
    if (tcsetattr(fd, TCSADRAIN, &t) < 0) {
        int error = errno;
        mp_console_restore();
        return -error;
    }
    return 0;
}

void mp_console_restore(void) {
    int fd = atomic_exchange(&saved_fd, -1);
    if (fd < 0) return;
    int keep = errno;
    say_farewell();
    // Not TCSADRAIN: a terminal that takes no output must not hold up a dying process.
    tcsetattr(fd, TCSANOW, &saved);
    close(fd);
    errno = keep;
}
