// Which mutant this process is: read once from MUTANT before `main`. 0 is none, -1 writes down which places were come by.
#pragma once
#include <stdint.h>

extern int32_t mutant_chosen;

static inline int32_t mutant_active(void) { return mutant_chosen; }

/// Notes that a place was come by. Several threads may: all of them write a 1.
void mutant_reached(int32_t place);
