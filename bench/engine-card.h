/* SPDX-License-Identifier: MIT */
/*
 * The cheapest card there can be, with a server behind it: a send is answered at once, from a template, into the
 * oldest receive. It checks nothing (src/rpc/simulated.c does) and moves no payload, as that costs a
 * client's processor nothing either.
 */
#ifndef PST_BENCH_ENGINE_CARD_H
#define PST_BENCH_ENGINE_CARD_H

#include "rpc/transport.h"

extern const struct pst_transport card_transport;

#define CARD_CREDITS   128
#define CARD_MAX_BYTES (1 << 20) /* rtmax and wtmax */

/* The last READ that was sent, to send it again without our own code. */
struct card_message {
	uint32_t length_bytes;
	uint8_t bytes[1024];
};
extern struct card_message card_last_read;

#endif
