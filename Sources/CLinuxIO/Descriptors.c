#include "CLinuxIO.h"
#include "Internal.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

int32_t mp_open(const char *path, int32_t what) {
    int flags = O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    if (what & MP_OPEN_DIRECTORY) flags |= O_DIRECTORY;
    switch (what & (MP_OPEN_READ | MP_OPEN_WRITE)) {
    case MP_OPEN_READ | MP_OPEN_WRITE: flags |= O_RDWR; break;
    case MP_OPEN_WRITE: flags |= O_WRONLY; break;
    default: flags |= O_RDONLY; break;
    }
    int fd;
    do fd = open(path, flags);
    while (fd < 0 && errno == EINTR);
    return fd < 0 ? -errno : fd;
}

// On Linux the descriptor is closed even when close() reports EINTR: never retry.
void mp_close(int32_t fd) {
    if (fd >= 0) close(fd);
}

int64_t mp_read(int32_t fd, void *bytes, size_t count) {
    ssize_t n;
    do n = read(fd, bytes, count);
    while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

int64_t mp_write(int32_t fd, const void *bytes, size_t count) {
    ssize_t n;
    do {
        if (atomic_load_explicit(&mp_dying, memory_order_relaxed)) return -ECANCELED;
        // A socket whose peer is gone must not kill the writer; what is no socket says so within a fraction of a µs.
        n = send(fd, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno == ENOTSOCK) n = write(fd, bytes, count);
    } while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

static int32_t meaning(short events) {
    int32_t result = 0;
    if (events & POLLIN) result |= MP_POLL_IN;
    if (events & POLLOUT) result |= MP_POLL_OUT;
    if (events & (POLLHUP | POLLERR | POLLNVAL)) result |= MP_POLL_GONE;
    return result;
}

int32_t mp_poll(int32_t fd, int32_t wanted, int32_t timeout) {
    struct pollfd p = {.fd = fd, .events = 0};
    if (wanted & MP_POLL_IN) p.events |= POLLIN;
    if (wanted & MP_POLL_OUT) p.events |= POLLOUT;
    int n = poll(&p, 1, timeout);
    if (n < 0) return errno == EINTR && timeout != 0 ? 0 : -errno;
    return meaning(p.revents);
}

int32_t mp_poll_many(const int32_t *descriptors, int32_t *found, int32_t count, int32_t timeout) {
    if (count < 0 || count > MP_POLL_MANY) return -EINVAL;
    struct pollfd p[MP_POLL_MANY];
    for (int i = 0; i < count; i++) p[i] = (struct pollfd){.fd = descriptors[i], .events = POLLIN};
    int n = poll(p, (nfds_t)count, timeout);
    for (int i = 0; i < count; i++) found[i] = n > 0 ? meaning(p[i].revents) : 0;
    if (n < 0) return errno == EINTR ? 0 : -errno;
    return n;
}

int32_t mp_make_nonblocking(int32_t fd) {
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0) return -errno;
    if (!(flags & O_NONBLOCK) && fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) return -errno;
    return fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 ? -errno : 0;
}

int32_t mp_reopen(int32_t fd, int32_t what) {
    struct stat s;
    if (fstat(fd, &s) < 0) return -errno;
    // A regular file reopened would start at offset 0; it never blocks anyway.
    if (S_ISCHR(s.st_mode) || S_ISFIFO(s.st_mode)) {
        char path[40];
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        int32_t opened = mp_open(path, what);
        if (opened >= 0) return opened;
        if (isatty(fd)) {
            opened = mp_open("/dev/tty", what);
            if (opened >= 0) return opened;
        }
    }
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (copy < 0) return -errno;
    int32_t result = mp_make_nonblocking(copy);
    if (result < 0) {
        close(copy);
        return result;
    }
    return copy;
}

int32_t mp_is_terminal(int32_t fd) { return isatty(fd); }

int32_t mp_pipe(int32_t *read_end, int32_t *write_end) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) return -errno;
    *read_end = ends[0];
    *write_end = ends[1];
    return 0;
}

int32_t mp_path_identity(const char *path, uint64_t *device, uint64_t *inode) {
    struct stat s;
    if (stat(path, &s) < 0) return -errno;
    *device = s.st_dev;
    *inode = s.st_ino;
    return 0;
}

int32_t mp_device_major(uint64_t device) { return (int32_t)major(device); }
int32_t mp_device_minor(uint64_t device) { return (int32_t)minor(device); }

int32_t mp_path_kind(const char *path) {
    struct stat s;
    if (stat(path, &s) < 0) return -errno;
    if (!S_ISCHR(s.st_mode)) return MP_PATH_OTHER;
    // The slaves of Unix98 pseudo-terminals: Documentation/admin-guide/devices.txt of the kernel.
    if (major(s.st_rdev) >= 136 && major(s.st_rdev) <= 143) return MP_PATH_PSEUDO_TERMINAL;
    char link[64], target[PATH_MAX];
    snprintf(link, sizeof link, "/sys/dev/char/%u:%u", major(s.st_rdev), minor(s.st_rdev));
    if (mp_read_link(link, target, sizeof target) < 0) return MP_PATH_OTHER;
    return strstr(target, "/tty/") ? MP_PATH_TERMINAL : MP_PATH_OTHER;
}

int32_t mp_may_read_and_write(const char *path) { return access(path, R_OK | W_OK) < 0 ? -errno : 0; }

int32_t mp_resolve_path(const char *path, char *resolved, size_t capacity) {
    char buffer[PATH_MAX];
    if (!realpath(path, buffer)) return -errno;
    size_t length = strlen(buffer);
    if (length + 1 > capacity) return -ENAMETOOLONG;
    memcpy(resolved, buffer, length + 1);
    return (int32_t)length;
}

int32_t mp_read_link(const char *path, char *target, size_t capacity) {
    if (capacity < 2) return -ENAMETOOLONG;
    ssize_t n = readlink(path, target, capacity - 1);
    if (n < 0) return -errno;
    target[n] = 0;
    return (int32_t)n;
}

void *mp_directory_open(const char *path) { return opendir(path); }

int32_t mp_directory_next(void *directory, char *name, size_t capacity) {
    struct dirent *entry;
    while ((entry = readdir(directory))) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        size_t length = strlen(entry->d_name);
        if (length + 1 > capacity) continue;
        memcpy(name, entry->d_name, length + 1);
        return (int32_t)length;
    }
    return 0;
}

void mp_directory_close(void *directory) { closedir(directory); }
