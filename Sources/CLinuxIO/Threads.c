#include "CLinuxIO.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/utsname.h>
#include <unistd.h>

struct start {
    mp_thread_body body;
    void *context;
    char name[16];
};

static void *begin(void *raw) {
    struct start start = *(struct start *)raw;
    free(raw);
    pthread_setname_np(pthread_self(), start.name);
    mp_last_gasp_prepare_thread();
    start.body(start.context);
    return NULL;
}

int32_t mp_thread_start(uint64_t *thread, const char *name, size_t stack_bytes, mp_thread_body body, void *context) {
    struct start *start = calloc(1, sizeof *start);
    if (!start) return -ENOMEM;
    start->body = body;
    start->context = context;
    strncpy(start->name, name, sizeof start->name - 1);
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);
    if (!error) error = pthread_attr_setstacksize(&attributes, stack_bytes);
    if (!error) error = pthread_attr_setguardsize(&attributes, 64 * 1024);
    pthread_t made;
    if (!error) error = pthread_create(&made, &attributes, begin, start);
    pthread_attr_destroy(&attributes);
    if (error) {
        free(start);
        return -error;
    }
    *thread = (uint64_t)made;
    return 0;
}

int32_t mp_thread_join(uint64_t thread) { return -pthread_join((pthread_t)thread, NULL); }

int32_t mp_schedule_fifo(int32_t priority) {
    struct sched_param p = {.sched_priority = priority};
    return sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, &p) < 0 ? -errno : 0;
}

int32_t mp_schedule_policy(int32_t *priority) {
    struct sched_param p;
    int policy = sched_getscheduler(0);
    if (policy < 0 || sched_getparam(0, &p) < 0) return -errno;
    *priority = p.sched_priority;
    return policy & ~SCHED_RESET_ON_FORK;
}

int32_t mp_pin_to_processor(int32_t processor) {
    if (processor < 0 || processor >= CPU_SETSIZE) return -EINVAL;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(processor, &set);
    return sched_setaffinity(0, sizeof set, &set) < 0 ? -errno : 0;
}

int32_t mp_current_processor(void) { return sched_getcpu(); }
int32_t mp_processor_count(void) { return (int32_t)sysconf(_SC_NPROCESSORS_ONLN); }

// The fields of /proc/self/statm are the address space and the resident part, in pages.
static int64_t statm_bytes(int field) {
    char text[128];
    int32_t fd = mp_open("/proc/self/statm", MP_OPEN_READ);
    if (fd < 0) return fd;
    int64_t n = mp_read(fd, text, sizeof text - 1);
    mp_close(fd);
    if (n < 0) return n;
    text[n] = 0;
    long long pages[2];
    if (sscanf(text, "%lld %lld", &pages[0], &pages[1]) != 2) return -EPROTO;
    return (int64_t)pages[field] * sysconf(_SC_PAGESIZE);
}

static int64_t address_space_bytes(void) { return statm_bytes(0); }
int64_t mp_resident_bytes(void) { return statm_bytes(1); }

int32_t mp_lock_memory(void) {
    struct rlimit limit;
    if (geteuid() != 0 && getrlimit(RLIMIT_MEMLOCK, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_MEMLOCK, &limit);
        // Address space counts, not memory in use. A limit that is met now and hit later would make an allocation fail
        // in mid-session, which is worse than memory that is not locked.
        const rlim_t room_to_grow = 1 << 30;
        int64_t size = address_space_bytes();
        if (limit.rlim_max != RLIM_INFINITY && (size < 0 || limit.rlim_max < (rlim_t)size + room_to_grow))
            return -ENOMEM;
    }
    return mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) < 0 ? -errno : 0;
}
int32_t mp_unlock_memory(void) { return munlockall() < 0 ? -errno : 0; }

int32_t mp_set_timer_slack(uint64_t nanoseconds) {
    return prctl(PR_SET_TIMERSLACK, (unsigned long)nanoseconds, 0, 0, 0) < 0 ? -errno : 0;
}
int64_t mp_timer_slack(void) {
    int n = prctl(PR_GET_TIMERSLACK, 0, 0, 0, 0);
    return n < 0 ? -errno : n;
}

// One page per frame, so that the compiler can neither fold nor skip a page.
__attribute__((noinline)) void mp_prefault_stack(size_t bytes) {
    volatile char page[4096];
    page[0] = 0;
    if (bytes > sizeof page) mp_prefault_stack(bytes - sizeof page);
    page[sizeof page - 1] = page[0];
}

int32_t mp_page_faults(int64_t *minor, int64_t *major) {
    struct rusage usage;
    if (getrusage(RUSAGE_THREAD, &usage) < 0) return -errno;
    *minor = usage.ru_minflt;
    *major = usage.ru_majflt;
    return 0;
}

int32_t mp_kernel(char *release, char *version, size_t capacity) {
    struct utsname u;
    if (uname(&u) < 0) return -errno;
    snprintf(release, capacity, "%s", u.release);
    snprintf(version, capacity, "%s", u.version);
    return 0;
}
