// SPDX-License-Identifier: MIT
/*
 * Fuzzes the parser of file handles: the server's handle, as it is inside, or an error. The input is the handle's
 * type, in the machine's order, and its bytes.
 */
#include <errno.h>
#include <string.h>

#include "fuzz.h"
#include "nfs/handle.h"

#define AT_SERVER 14

static void check_parsed(const struct pst_fh *fh, const uint8_t *handle, size_t len)
{
	if (!fh->length_bytes || fh->length_bytes > PST_FH_BYTES ||
	    fh->length_bytes > len - AT_SERVER ||
	    memcmp(fh->data, handle + AT_SERVER, fh->length_bytes) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct pst_fh fh = { .length_bytes = 1, .data = "x" }, before = fh;
	uint8_t *handle;
	int type, error;

	if (len < sizeof(type))
		return 0;
	memcpy(&type, bytes, sizeof(type));
	len -= sizeof(type);
	/* Memory that ends where the handle does, so that the sanitizer sees a byte too many. */
	handle = malloc(len ?: 1);
	if (!handle)
		return 0;
	memcpy(handle, bytes + sizeof(type), len);
	error = pst_fh_parse(handle, (uint32_t)len, type, &fh);
	if (!error)
		check_parsed(&fh, handle, len);
	else if ((error != -EMEDIUMTYPE && error != -EOVERFLOW) ||
		 memcmp(&fh, &before, sizeof(fh)) != 0)
		abort();
	free(handle);
	return 0;
}
