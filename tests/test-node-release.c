// SPDX-License-Identifier: MIT
/* src/node/release.c */
#include <errno.h>

#include "common.h"
#include "node/release.h"

#define HASH  "f2bf233f3503088a437bfdd96032dc8b1dcee18235b9b17e10b2e7d110154f6c"
#define UUID1 "11111111-2222-4333-8444-555555555555"
#define UUID2 "66666666-2222-4333-8444-aabbccddeeff"
#define RELEASE(role, version)                                                              \
	HASH "  penstock-" role "_" version "_" UUID1 ".root.raw\n" HASH "  penstock-" role \
	     "_" version "_" UUID2 ".verity.raw\n" HASH "  penstock-" role "_" version      \
	     ".efi\n" HASH "  penstock-" role "_" version ".live.efi\n" HASH                \
	     "  loader/keys/auto/PK.auth\n"

/* Versions of one digit in each place are in the order of their letters. */
static int compare(struct pst_host *host, char *const argv[], int timeout_ms,
		   struct pst_run_result *ret, struct pst_reason *reason)
{
	(void)host;
	(void)timeout_ms;
	(void)reason;
	assert_string_equal(argv[0], "systemd-analyze");
	assert_string_equal(argv[3], "gt");
	*ret = (struct pst_run_result){ .status = strcmp(argv[2], argv[4]) <= 0,
					.out = strdup(""),
					.err = strdup("") };
	return 0;
}

static struct pst_host host = { .root = "", .run = compare };

struct sums_row {
	const char *name;
	const char *text;
	const char *reason;
};

static const struct sums_row sums_rows[] = {
	{ "nothing", "", "SHA256SUMS: there is nothing in it" },
	{ "a page instead", "<html>\n", "SHA256SUMS: line 1 is no SHA-256 and a name" },
	{ "a short sum", "abc  x\n", "SHA256SUMS: line 1 is no SHA-256 and a name" },
	{ "no name", HASH "  \n", "SHA256SUMS: line 1 names no file of this folder" },
	{ "an absolute name", HASH "  a\n" HASH "  /etc/passwd\n",
	  "SHA256SUMS: line 2 names no file of this folder" },
	{ "a way up", HASH "  ../x\n", "SHA256SUMS: line 1 names no file of this folder" },
	{ "a way up inside", HASH "  a/../../x\n",
	  "SHA256SUMS: line 1 names no file of this folder" },
	{ "a way up at the end", HASH "  a/..\n",
	  "SHA256SUMS: line 1 names no file of this folder" },
	{ "an escape", HASH "  a\\nb\n", "SHA256SUMS: line 1 names no file of this folder" },
};

static void bad_sums_are_refused(void **state)
{
	const struct sums_row *row = *state;
	struct pst_sums __cleanup_sums sums = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };

	assert_int_equal(pst_sums_parse(row->text, &sums, &reason), -EBADMSG);
	assert_string_equal(reason.text, row->reason);
}

struct offer_row {
	const char *name;
	const char *text;
	const char *version; /* or */
	const char *reason;
};

static const struct offer_row offers[] = {
	{ "one", RELEASE("storage", "0.1.1"), "0.1.1", NULL },
	{ "the newest",
	  RELEASE("storage", "0.1.1") RELEASE("storage", "0.1.3") RELEASE("storage", "0.1.2"),
	  "0.1.3", NULL },
	{ "beside the other role", RELEASE("gpu", "0.2.0") RELEASE("storage", "0.1.1"), "0.1.1",
	  NULL },
	{ "in binary mode and capitals",
	  "F2BF233F3503088A437BFDD96032DC8B1DCEE18235B9B17E10B2E7D110154F6C *x\n" RELEASE("storage",
											  "0.1.1"),
	  "0.1.1", NULL },
	{ "the newest whole one", HASH "  penstock-storage_0.1.9.efi\n" RELEASE("storage", "0.1.1"),
	  "0.1.1", NULL },
	{ "the other role", RELEASE("gpu", "0.1.1"), NULL,
	  "it is a release for the role gpu, and this system is for the role storage" },
	{ "something else", HASH "  debian.iso\n", NULL,
	  "there is no whole release for the role storage in its SHA256SUMS" },
	{ "no UUID",
	  HASH "  penstock-storage_1.root.raw\n" HASH "  penstock-storage_1_x.verity.raw\n" HASH
	       "  penstock-storage_1.efi\n",
	  NULL, "there is no whole release for the role storage in its SHA256SUMS" },
	{ "a version that no label can hold",
	  RELEASE("storage", "0.1.1-a-very-long-version-indeed"), NULL,
	  "there is no whole release for the role storage in its SHA256SUMS" },
};

static void newest_whole_version_is_chosen(void **state)
{
	const struct offer_row *row = *state;
	struct pst_sums __cleanup_sums sums = { 0 };
	struct pst_offer __cleanup_offer offer = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };
	int error;

	assert_int_equal(pst_sums_parse(row->text, &sums, NULL), 0);
	error = pst_offer_choose(&host, &sums, "storage", &offer, &reason);
	if (row->version) {
		assert_int_equal(error, 0);
		assert_string_equal(offer.version, row->version);
		for (int i = 0; i < PST_N_PARTS; i++)
			assert_string_equal(offer.parts[i]->sha256, HASH);
	} else {
		assert_int_equal(error, -ENOENT);
		assert_string_equal(reason.text, row->reason);
	}
}

struct signature_row {
	const char *name;
	const char *status;
	const char *reason; /* NULL: good */
};

static const struct signature_row signatures[] = {
	{ "good", "[GNUPG:] NEWSIG\n[GNUPG:] GOODSIG 38ED T\n[GNUPG:] VALIDSIG 38ED 2026-11-26\n",
	  NULL },
	{ "by another key beside",
	  "[GNUPG:] ERRSIG B61B\n[GNUPG:] NO_PUBKEY B61B\n"
	  "[GNUPG:] GOODSIG 38ED T\n[GNUPG:] VALIDSIG 38ED\n",
	  NULL },
	{ "bad beside a good one",
	  "[GNUPG:] GOODSIG 38ED T\n[GNUPG:] VALIDSIG 38ED\n[GNUPG:] BADSIG B61B T\n",
	  "its signature is not of this SHA256SUMS: one of them was altered" },
	{ "bad", "[GNUPG:] BADSIG B61B T\n",
	  "its signature is not of this SHA256SUMS: one of them was altered" },
	{ "by another key", "[GNUPG:] ERRSIG B61B 22\n[GNUPG:] NO_PUBKEY B61B\n",
	  "it is signed by a key that is not in /usr/lib/systemd/import-pubring.gpg" },
	{ "by an old key", "[GNUPG:] EXPKEYSIG B61B T\n[GNUPG:] VALIDSIG 38ED\n",
	  "it is signed by a key that is no longer valid" },
	{ "none", "[GNUPG:] NODATA 1\n[GNUPG:] NODATA 2\n",
	  "there is no signature in its SHA256SUMS.gpg" },
	{ "silence", "", "there is no signature in its SHA256SUMS.gpg" },
	{ "the words elsewhere", "x [GNUPG:] GOODSIG 1\ny [GNUPG:] VALIDSIG 1\n",
	  "there is no signature in its SHA256SUMS.gpg" },
};

static void signature_is_judged(void **state)
{
	const struct signature_row *row = *state;
	struct pst_reason __cleanup_reason reason = { 0 };
	int error = pst_signature_judge(row->status, &reason);

	assert_int_equal(error, row->reason ? -EKEYREJECTED : 0);
	if (row->reason)
		assert_string_equal(reason.text, row->reason);
}

int main(void)
{
	ADD_ROWS(sums_rows, bad_sums_are_refused);
	ADD_ROWS(offers, newest_whole_version_is_chosen);
	ADD_ROWS(signatures, signature_is_judged);
	return run_gathered(NULL, NULL);
}
