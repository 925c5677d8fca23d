#include "CLinuxIO.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

int32_t mp_user(void) { return (int32_t)getuid(); }
int32_t mp_process(void) { return (int32_t)getpid(); }
int32_t mp_remove_file(const char *path) { return unlink(path) < 0 ? -errno : 0; }

int32_t mp_private_directory(const char *path) {
    if (mkdir(path, 0700) == 0) return 0;
    if (errno != EEXIST) return -errno;
    struct stat s;
    if (lstat(path, &s) < 0) return -errno;
    if (!S_ISDIR(s.st_mode)) return -ENOTDIR;
    if (s.st_uid != getuid() || (s.st_mode & 022)) return -EPERM;
    return 0;
}

static int32_t address_of(const char *path, struct sockaddr_un *address) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    if (strlen(path) >= sizeof address->sun_path) return -ENAMETOOLONG;
    strcpy(address->sun_path, path);
    return 0;
}

int32_t mp_unix_connect(const char *path) {
    struct sockaddr_un address;
    int32_t result = address_of(path, &address);
    if (result < 0) return result;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -errno;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    return fd;
}

int32_t mp_unix_listen(const char *path) {
    struct sockaddr_un address;
    int32_t result = address_of(path, &address);
    if (result < 0) return result;
    struct stat s;
    if (lstat(path, &s) == 0) {
        if (!S_ISSOCK(s.st_mode)) return -EEXIST;
        int32_t other = mp_unix_connect(path);
        if (other >= 0) close(other);
        // EAGAIN: its queue is full, so somebody holds it.
        if (other >= 0 || other == -EAGAIN) return -EADDRINUSE;
        if (other != -ECONNREFUSED) return other;
        if (unlink(path) < 0 && errno != ENOENT) return -errno;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -errno;
    // The file takes the mode of the socket, so it is never open to others, not for a moment.
    if (fchmod(fd, 0600) < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 ||
        chmod(path, 0600) < 0 || listen(fd, 8) < 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    return fd;
}

int32_t mp_unix_accept(int32_t listener, int32_t *peer_user, int32_t *peer_process) {
    int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return -errno;
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    *peer_user = (int32_t)peer.uid;
    *peer_process = peer.pid;
    return fd;
}
