/* SPDX-License-Identifier: MIT */
/*
 * External data representation (RFC 4506), as much of it as the data path needs: words of four bytes,
 * big-endian. The reader never goes past its end; it remembers that it would have, and is asked once.
 */
#ifndef PST_BASE_XDR_H
#define PST_BASE_XDR_H

#include <endian.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline uint8_t *pst_xdr_put_u32(uint8_t *p, uint32_t value)
{
	value = htobe32(value);
	memcpy(p, &value, sizeof(value));
	return p + sizeof(value);
}

static inline uint8_t *pst_xdr_put_u64(uint8_t *p, uint64_t value)
{
	value = htobe64(value);
	memcpy(p, &value, sizeof(value));
	return p + sizeof(value);
}

/* Bytes that opaque data of this length take, with its padding and without its length word. */
static inline uint32_t pst_xdr_padded(uint32_t length_bytes)
{
	return (length_bytes + 3) & ~(uint32_t)3;
}

/* Opaque data with its length in front and zeros up to the next word behind. */
static inline uint8_t *pst_xdr_put_opaque(uint8_t *p, const void *data, uint32_t length_bytes)
{
	p = pst_xdr_put_u32(p, length_bytes);
	memset(p, 0, pst_xdr_padded(length_bytes));
	memcpy(p, data, length_bytes);
	return p + pst_xdr_padded(length_bytes);
}

struct pst_xdr {
	const uint8_t *p;
	const uint8_t *end;
	bool bad;
};

static inline uint32_t pst_xdr_left(const struct pst_xdr *xdr)
{
	return (uint32_t)(xdr->end - xdr->p);
}

static inline void pst_xdr_skip(struct pst_xdr *xdr, uint32_t bytes)
{
	if (bytes > pst_xdr_left(xdr)) {
		xdr->bad = true;
		xdr->p = xdr->end;
	} else {
		xdr->p += bytes;
	}
}

/* 0 past the end. */
static inline uint32_t pst_xdr_u32(struct pst_xdr *xdr)
{
	uint32_t value = 0;

	if (pst_xdr_left(xdr) < sizeof(value)) {
		xdr->bad = true;
		xdr->p = xdr->end;
		return 0;
	}
	memcpy(&value, xdr->p, sizeof(value));
	xdr->p += sizeof(value);
	return be32toh(value);
}

static inline uint64_t pst_xdr_u64(struct pst_xdr *xdr)
{
	uint64_t high = pst_xdr_u32(xdr);

	return high << 32 | pst_xdr_u32(xdr);
}

#endif
