#include "CLinuxIO.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

int32_t mp_spawn(const char *program, char *const *arguments, char *const *environment, const char *terminal,
                 int32_t input, int32_t output, int32_t error) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t all, none;
    sigfillset(&all);
    sigemptyset(&none);
    int failure = posix_spawn_file_actions_init(&actions);
    if (failure) return -failure;
    failure = posix_spawnattr_init(&attributes);
    if (failure) {
        posix_spawn_file_actions_destroy(&actions);
        return -failure;
    }
    int32_t given[3] = {input, output, error};
    for (int i = 0; i < 3 && !failure; i++) {
        // The first terminal that a session leader opens becomes its controlling terminal.
        if (terminal && i == 0)
            failure = posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR, 0);
        else if (terminal)
            failure = posix_spawn_file_actions_adddup2(&actions, 0, i);
        else if (given[i] < 0)
            failure = posix_spawn_file_actions_addopen(&actions, i, "/dev/null", i ? O_WRONLY : O_RDONLY, 0);
        else
            failure = posix_spawn_file_actions_adddup2(&actions, given[i], i);
    }
    if (!failure)
        failure = posix_spawnattr_setflags(
            &attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    if (!failure) failure = posix_spawnattr_setsigdefault(&attributes, &all);
    if (!failure) failure = posix_spawnattr_setsigmask(&attributes, &none);
    pid_t process = 0;
    if (!failure) failure = posix_spawn(&process, program, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return failure ? -failure : process;
}

int32_t mp_wait(int32_t process, int32_t block, int32_t *exit_status, int32_t *ending_signal) {
    int status;
    pid_t ended;
    do ended = waitpid(process, &status, block ? 0 : WNOHANG);
    while (ended < 0 && errno == EINTR);
    if (ended < 0) return -errno;
    if (ended == 0) return 0;
    *exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    *ending_signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return 1;
}

int32_t mp_kill(int32_t process, int32_t signal) { return kill(process, signal) < 0 ? -errno : 0; }
