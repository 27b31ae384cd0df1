// SPDX-License-Identifier: MIT
#include "engine-card.h"

#include <errno.h>

#include "base/xdr.h"
#include "rpc/header.h"

#define QUEUE 1024 /* a power of two */

/* Procedures (RFC 1813, 3.3) */
#define GETATTR 1
#define READ	6

/* Where in a call: the word that says whether there is a Write list, its segment, and the RPC's procedure. */
#define AT_WRITE_LIST 20
#define AT_SEGMENT    28
#define SEGMENT_BYTES 16
#define AT_PROCEDURE  20

struct receive {
	uint64_t cookie;
	uint8_t *buffer;
};

struct card_link {
	struct pst_link link;
	struct receive receives[QUEUE];
	uint32_t receive_first, receive_end;
	struct pst_completion completions[QUEUE];
	uint32_t completion_first, completion_end;
};

struct reply {
	uint32_t length_bytes;
	uint32_t rpc_at;
	uint8_t bytes[256];
};

struct card_message card_last_read;

static struct pst_domain the_domain = {
	.transport = &card_transport,
	.device = "card",
};
static struct reply read_reply, getattr_reply, fsinfo_reply;

static uint8_t *put_attributes(uint8_t *p)
{
	p = pst_xdr_put_u32(p, 1); /* a regular file */
	memset(p, 0, 80);
	return p + 80;
}

static uint8_t *put_read(uint8_t *p)
{
	p = put_attributes(pst_xdr_put_u32(p, 1));
	p = pst_xdr_put_u32(p, 4096);
	p = pst_xdr_put_u32(p, 0); /* not the end of the file */
	return pst_xdr_put_u32(p, 4096);
}

static uint8_t *put_fsinfo(uint8_t *p)
{
	p = pst_xdr_put_u32(p, 0);
	for (int i = 0; i < 6; i++)
		p = pst_xdr_put_u32(p, i % 3 < 2 ? CARD_MAX_BYTES : 1);
	p = pst_xdr_put_u32(p, 4096);
	p = pst_xdr_put_u64(p, INT64_MAX);
	p = pst_xdr_put_u64(p, 1);
	return pst_xdr_put_u32(p, 0);
}

static void make_reply(struct reply *reply, enum pst_rpc_chunk chunk, uint8_t *(*put)(uint8_t *p))
{
	uint8_t *p = pst_rpc_put_header(reply->bytes, chunk);

	reply->rpc_at = (uint32_t)(p - reply->bytes);
	p = pst_xdr_put_u32(p + 4, 1); /* REPLY */
	p = pst_xdr_put_u32(p, 0); /* MSG_ACCEPTED */
	p = pst_xdr_put_u64(p, 0); /* no verifier */
	p = pst_xdr_put_u32(p, 0); /* SUCCESS */
	p = put(pst_xdr_put_u32(p, 0)); /* NFS3_OK */
	reply->length_bytes = (uint32_t)(p - reply->bytes);
	pst_rpc_set_xid(reply->bytes, reply->bytes + reply->rpc_at, 0, CARD_CREDITS);
}

static int domain_get(const struct sockaddr *server, uint64_t deadline_usec,
		      struct pst_domain **ret, struct pst_reason *reason)
{
	(void)server;
	(void)deadline_usec;
	(void)reason;
	make_reply(&read_reply, PST_RPC_WRITE_CHUNK, put_read);
	make_reply(&getattr_reply, PST_RPC_NO_CHUNK, put_attributes);
	make_reply(&fsinfo_reply, PST_RPC_NO_CHUNK, put_fsinfo);
	*ret = &the_domain;
	return 0;
}

static void domain_put(struct pst_domain *domain)
{
	(void)domain;
}

static int register_host(struct pst_domain *domain, void *address, size_t length_bytes,
			 enum pst_access access, struct pst_region **ret)
{
	struct pst_region *region = calloc(1, sizeof(*region));

	(void)access;
	if (!region)
		return -ENOMEM;
	*region = (struct pst_region){
		.domain = domain,
		.address = (uintptr_t)address,
		.length_bytes = length_bytes,
		.rkey = 1,
	};
	*ret = region;
	return 0;
}

static void deregister(struct pst_region *region)
{
	free(region);
}

static int connect_link(struct pst_domain *domain, const struct sockaddr *server,
			const struct pst_link_size *size, uint64_t deadline_usec,
			struct pst_link **ret, struct pst_reason *reason)
{
	struct card_link *link = calloc(1, sizeof(*link));

	(void)server;
	(void)size;
	(void)deadline_usec;
	(void)reason;
	if (!link)
		return -ENOMEM;
	link->link.domain = domain;
	*ret = &link->link;
	return 0;
}

static void disconnect(struct pst_link *link)
{
	free(link);
}

static int post_receive(struct pst_link *base, uint64_t cookie, void *buffer, uint32_t length_bytes,
			uint32_t lkey)
{
	struct card_link *link = (struct card_link *)base;

	(void)length_bytes;
	(void)lkey;
	link->receives[link->receive_end++ % QUEUE] = (struct receive){ cookie, buffer };
	return 0;
}

static void complete(struct card_link *link, const struct pst_completion *completion)
{
	link->completions[link->completion_end++ % QUEUE] = *completion;
}

static const struct reply *choose(const uint8_t *call, uint32_t length_bytes)
{
	struct pst_xdr xdr = { call + PST_RPC_BARE_BYTES + AT_PROCEDURE, call + length_bytes,
			       false };

	if (call[AT_WRITE_LIST + 3])
		return &read_reply;
	return pst_xdr_u32(&xdr) == GETATTR ? &getattr_reply : &fsinfo_reply;
}

static int post_send(struct pst_link *base, uint64_t cookie, const void *buffer,
		     uint32_t length_bytes, uint32_t lkey, bool notify)
{
	struct card_link *link = (struct card_link *)base;
	const struct reply *reply = choose(buffer, length_bytes);
	struct receive receive = link->receives[link->receive_first++ % QUEUE];
	const uint8_t *call = buffer;

	(void)lkey;
	memcpy(receive.buffer, reply->bytes, reply->length_bytes);
	memcpy(receive.buffer, call, 4);
	memcpy(receive.buffer + reply->rpc_at, call, 4);
	if (reply == &read_reply) {
		memcpy(receive.buffer + AT_SEGMENT, call + AT_SEGMENT, SEGMENT_BYTES);
		if (!card_last_read.length_bytes) {
			memcpy(card_last_read.bytes, call, length_bytes);
			card_last_read.length_bytes = length_bytes;
		}
	}
	if (notify)
		complete(link, &(struct pst_completion){ .cookie = cookie });
	complete(link, &(struct pst_completion){ .cookie = receive.cookie,
						 .length_bytes = reply->length_bytes,
						 .received = true });
	return 0;
}

static int probe(struct pst_link *base, uint64_t cookie)
{
	complete((struct card_link *)base, &(struct pst_completion){ .cookie = cookie });
	return 0;
}

static int poll_link(struct pst_link *base, struct pst_completion *completions, int max)
{
	struct card_link *link = (struct card_link *)base;
	int count = 0;

	while (count < max && link->completion_first != link->completion_end)
		completions[count++] = link->completions[link->completion_first++ % QUEUE];
	return count;
}

/* Nobody ever sleeps: what is sent has been answered. */
static int arm(struct pst_link *link)
{
	(void)link;
	return 0;
}

static int fds(struct pst_link *link, struct pollfd ret[PST_LINK_FDS])
{
	(void)link;
	for (int i = 0; i < PST_LINK_FDS; i++)
		ret[i] = (struct pollfd){ .fd = -1 };
	return 0;
}

const struct pst_transport card_transport = {
	.name = "card",
	.domain_get = domain_get,
	.domain_put = domain_put,
	.register_host = register_host,
	.deregister = deregister,
	.connect = connect_link,
	.disconnect = disconnect,
	.post_receive = post_receive,
	.post_send = post_send,
	.probe = probe,
	.poll = poll_link,
	.arm = arm,
	.fds = fds,
	.wake = arm,
};
