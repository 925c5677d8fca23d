// The three functions of the compiler's RealtimeSanitizer that are needed. `swiftc` does not offer it, but its archive
// ships with the toolchain and is linked whole (scripts/realtime.sh): it then watches malloc, locks and system calls.
#pragma once

void __rtsan_ensure_initialized(void);
void __rtsan_realtime_enter(void);
void __rtsan_realtime_exit(void);

// From here on whatever may block or allocate is reported, and ends the program with status 43.
static inline void realtime_enter(void) { __rtsan_realtime_enter(); }
static inline void realtime_exit(void) { __rtsan_realtime_exit(); }
static inline void realtime_start(void) { __rtsan_ensure_initialized(); }
