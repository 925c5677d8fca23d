#include "CLinuxIO.h"

#include <dlfcn.h>
#include <string.h>

int32_t mp_library_text(const char *library, const char *function, char *text, size_t capacity) {
    if (capacity == 0) return -EINVAL;
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (!handle) return -ENOENT;
    // POSIX's way from a data pointer to a function pointer.
    const char *(*ask)(void) = NULL;
    *(void **)&ask = dlsym(handle, function);
    if (!ask) return -ENOSYS;
    const char *answer = ask();
    if (!answer) return -EINVAL;
    size_t length = strnlen(answer, capacity - 1);
    memcpy(text, answer, length);
    text[length] = 0;
    return (int32_t)length;
}
