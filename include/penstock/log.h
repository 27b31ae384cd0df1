/* SPDX-License-Identifier: MIT */
/* What the libraries have to say: penstock_log_to(3). */
#ifndef PENSTOCK_LOG_H
#define PENSTOCK_LOG_H

#ifdef __cplusplus
extern "C" {
#endif

void penstock_log_to(void (*log)(const char *text, void *user), void *user);

#ifdef __cplusplus
}
#endif

#endif
