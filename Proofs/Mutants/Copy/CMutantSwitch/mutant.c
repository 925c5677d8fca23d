#include "mutant.h"

#include <stdio.h>
#include <stdlib.h>

enum { most = 65536 };
static volatile unsigned char reached[most];
int32_t mutant_chosen;

void mutant_reached(int32_t place) {
    if (place > 0 && place < most) reached[place] = 1;
}

__attribute__((constructor)) static void choose(void) {
    const char *text = getenv("MUTANT");
    mutant_chosen = text ? (int32_t)atoi(text) : 0;
}

__attribute__((destructor)) static void tell(void) {
    const char *path = getenv("MUTANT_REACHED");
    if (mutant_chosen != -1 || !path) return;
    FILE *file = fopen(path, "w");
    if (!file) return;
    for (int place = 1; place < most; place++) {
        if (reached[place]) fprintf(file, "%d\n", place);
    }
    fclose(file);
}
