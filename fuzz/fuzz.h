/* SPDX-License-Identifier: MIT */
/* What libFuzzer, or replay.c in its place, calls. */
#ifndef PST_FUZZ_FUZZ_H
#define PST_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#endif
