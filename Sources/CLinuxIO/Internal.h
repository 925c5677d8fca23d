// Shared by the C files of this module only.
#pragma once
#include <stdatomic.h>

/// Set by the first fatal signal: nothing but the last gasp is written any more.
extern atomic_int mp_dying;
