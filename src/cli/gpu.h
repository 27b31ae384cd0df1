/* SPDX-License-Identifier: MIT */
/* Memory for check and cp to read into: of the host, or of a GPU, whose driver is found at run time. */
#ifndef PST_CLI_GPU_H
#define PST_CLI_GPU_H

#include "base/reason.h"

struct pst_arena;

/* @gpu is a device number, or -1 for host memory. */
int pst_arena_open(int gpu, size_t bytes, struct pst_arena **ret, struct pst_reason *reason);
void pst_arena_close(struct pst_arena *arena);
void *pst_arena_memory(const struct pst_arena *arena);
/* Its first @bytes as the CPU can see them, until the next call; NULL and a reason. */
const void *pst_arena_look(struct pst_arena *arena, size_t bytes, struct pst_reason *reason);

#endif
