// SPDX-License-Identifier: MIT
/* src/node/access.c and way.c: who may what, on ways and exports that are only told of. */
#include <errno.h>
#include <linux/posix_acl.h>
#include <sys/stat.h>

#include "common.h"
#include "node/access.h"

/* /, /tank and /tank/data are root's, 0755; the file is alice's (2001:3000), and its directory too. */
struct row {
	const char *name;
	uid_t uid;
	gid_t gid;
	gid_t group; /* a further one; 0: none */
	mode_t directory; /* of /tank/data/a */
	mode_t file; /* of /tank/data/a/f */
	const char *client;
	const char *exports; /* as in etab */
	bool write;
	const char *expected; /* "- OBSTACLE" and "+ NOTE", one a line */
};

#define RW		"rw,root_squash,no_all_squash,sec=sys,rw,root_squash,no_all_squash"
#define EXPORT(options) "/tank/data\t10.77.0.0/24(" options ")\n"
#define BY		"+ by the export of /tank/data to 10.77.0.0/24\n"
#define DIRECTORY(mode) "/tank/data/a (owner 2001, group 3000, mode " mode ")"
#define FILE_(mode)	"/tank/data/a/f (owner 2001, group 3000, mode " mode ")"

static const struct row rows[] = {
	{ "owner reads", 2001, 1, 0, 0700, 0600, NULL, "", false, "" },
	{ "owner writes", 2001, 1, 0, 0700, 0600, NULL, "", true, "" },
	{ "owner may less than others", 2001, 3000, 0, 0755, 0077, NULL, "", false,
	  "- " FILE_("0077") ": its owner has ---, and r-- is needed\n" },
	{ "group reads", 5, 3000, 0, 0750, 0640, NULL, "", false, "" },
	{ "further group reads", 5, 5, 3000, 0750, 0640, NULL, "", false, "" },
	{ "group may not write", 5, 3000, 0, 0750, 0640, NULL, "", true,
	  "- " FILE_("0640") ": its group has r--, and -w- is needed\n" },
	{ "others may not pass", 5, 5, 0, 0750, 0644, NULL, "", false,
	  "- " DIRECTORY("0750") ": others have ---, and --x is needed\n" },
	{ "passing needs no reading", 5, 5, 0, 0711, 0644, NULL, "", false, "" },
	{ "both stand in the way", 5, 5, 0, 0750, 0640, NULL, "", false,
	  "- " DIRECTORY("0750") ": others have ---, and --x is needed\n"
				 "- " FILE_("0640") ": others have ---, and r-- is needed\n" },
	{ "root needs nothing", 0, 0, 0, 0700, 0600, NULL, "", true, "" },
	{ "client reads", 2001, 3000, 0, 0700, 0600, "10.77.0.2", EXPORT(RW), false, BY },
	{ "client in no network", 2001, 3000, 0, 0700, 0600, "10.78.0.2",
	  EXPORT(RW) "/tank/data\tgpu9(" RW ")\n", false,
	  "- no export of it is to 10.78.0.2: there is /tank/data to 10.77.0.0/24, /tank/data to "
	  "gpu9\n" },
	{ "not exported at all", 2001, 3000, 0, 0700, 0600, "10.77.0.2",
	  "/tank/dat\t*(rw)\n/other\t*(rw)\n", false, "- /tank/data/a/f is in no export\n" },
	{ "export is ro", 2001, 3000, 0, 0700, 0600, "10.77.0.2", EXPORT("ro,root_squash"), true,
	  BY "- the export of /tank/data to 10.77.0.0/24 is ro\n" },
	{ "an ro export reads", 2001, 3000, 0, 0700, 0600, "10.77.0.2", EXPORT("ro,root_squash"),
	  false, BY },
	{ "what the flavour says counts", 2001, 3000, 0, 0700, 0600, "10.77.0.2",
	  EXPORT("rw,root_squash,sec=sys,ro"), true,
	  BY "- the export of /tank/data to 10.77.0.0/24 is ro\n" },
	{ "root is squashed", 0, 0, 0, 0755, 0600, "10.77.0.2", EXPORT(RW), false,
	  BY "+ root_squash makes this user 65534:65534 at the server\n"
	     "- " FILE_("0600") ": others have ---, and r-- is needed\n" },
	{ "root is root", 0, 0, 0, 0700, 0600, "10.77.0.2", EXPORT("rw,no_root_squash"), true, BY },
	{ "group of root is squashed", 5, 0, 0, 0755, 0604, "10.77.0.2", EXPORT(RW), false, BY },
	{ "all are squashed", 2001, 3000, 0, 0755, 0640, "10.77.0.2",
	  EXPORT("rw,all_squash,anonuid=7,anongid=8"), false,
	  BY "+ all_squash makes this user 7:8 at the server\n"
	     "- " FILE_("0640") ": others have ---, and r-- is needed\n" },
	{ "all are squashed to the owner", 5, 5, 0, 0700, 0600, "10.77.0.2",
	  EXPORT("rw,all_squash,anonuid=2001,anongid=3000"), true,
	  BY "+ all_squash makes this user 2001:3000 at the server\n" },
	{ "Kerberos only", 2001, 3000, 0, 0700, 0600, "10.77.0.2",
	  EXPORT("root_squash,sec=krb5i:krb5p,rw"), true,
	  BY "+ only by a mount with sec=krb5i:krb5p: others are refused\n" },
	{ "Kerberos too", 2001, 3000, 0, 0700, 0600, "10.77.0.2",
	  EXPORT("root_squash,sec=krb5:sys,rw"), true, BY },
	{ "address counts before network", 2001, 3000, 0, 0700, 0600, "10.77.0.2",
	  EXPORT(RW) "/tank/data\t10.77.0.2(ro)\n/tank/data\t*(rw)\n", true,
	  "+ by the export of /tank/data to 10.77.0.2\n"
	  "- the export of /tank/data to 10.77.0.2 is ro\n" },
	{ "nearest export counts", 2001, 3000, 0, 0700, 0600, "10.77.0.2",
	  "/tank/data/a\t*(ro)\n" EXPORT(RW), true,
	  "+ by the export of /tank/data/a to *\n- the export of /tank/data/a to * is ro\n" },
};

static void add_place(struct pst_way *way, const char *path, uid_t owner, gid_t group, mode_t mode)
{
	struct pst_place *place = pst_array_grow((void **)&way->v, &way->n, sizeof(*place));

	assert_non_null(place);
	*place = (struct pst_place){
		.path = strdup(path), .owner = owner, .group = group, .mode = mode
	};
}

static void make_way(struct pst_way *way, mode_t directory, mode_t file)
{
	add_place(way, "/", 0, 0, S_IFDIR | 0755);
	add_place(way, "/tank", 0, 0, S_IFDIR | 0755);
	add_place(way, "/tank/data", 0, 0, S_IFDIR | 0755);
	add_place(way, "/tank/data/a", 2001, 3000, S_IFDIR | directory);
	add_place(way, "/tank/data/a/f", 2001, 3000, S_IFREG | file);
}

static void assert_judged(const struct pst_access_query *query, const char *expected)
{
	struct pst_verdict __cleanup_verdict verdict = { 0 };
	struct pst_buf buf = { 0 };
	char __cleanup_free *text = NULL;

	assert_int_equal(pst_access_judge(query, &verdict), 0);
	for (size_t i = 0; i < verdict.notes.n; i++)
		pst_buf_printf(&buf, "+ %s\n", verdict.notes.v[i]);
	for (size_t i = 0; i < verdict.obstacles.n; i++)
		pst_buf_printf(&buf, "- %s\n", verdict.obstacles.v[i]);
	text = pst_buf_take(&buf);
	assert_string_equal(text, expected);
}

static void is_judged(void **state)
{
	const struct row *row = *state;
	gid_t groups[] = { row->gid, row->group };
	const struct pst_person person = {
		.uid = row->uid, .gid = row->gid, .groups = groups, .n_groups = row->group ? 2 : 1
	};
	struct pst_way __cleanup_way way = { 0 };
	struct pst_state __cleanup_state is = { 0 };
	struct pst_access_query query = {
		.person = &person, .way = &way, .client = row->client, .write = row->write
	};

	make_way(&way, row->directory, row->file);
	assert_int_equal(pst_export_parse(row->exports, &is, NULL), 0);
	query.exports = is.exports;
	query.n_exports = is.n_exports;
	assert_judged(&query, row->expected);
}

/* One file, 2001:3000 with mode 0670 and this ACL. */
struct acl_row {
	const char *name;
	uid_t uid;
	gid_t gid;
	struct pst_acl_entry acl[6];
	unsigned int bits;
	const char *obstacle; /* the end of it; NULL: none */
};

#define U_OBJ(b)     { ACL_USER_OBJ, b, 0 }
#define USER(id, b)  { ACL_USER, b, id }
#define G_OBJ(b)     { ACL_GROUP_OBJ, b, 0 }
#define GROUP(id, b) { ACL_GROUP, b, id }
#define MASK(b)	     { ACL_MASK, b, 0 }
#define OTHER(b)     { ACL_OTHER, b, 0 }

static const struct acl_row acls[] = {
	{ "owner", 2001, 1, { U_OBJ(6), USER(5, 7), G_OBJ(0), MASK(7), OTHER(0) }, 6, NULL },
	{ "mask does not bind the owner",
	  2001,
	  1,
	  { U_OBJ(6), G_OBJ(0), MASK(0), OTHER(0) },
	  6,
	  NULL },
	{ "named user", 5, 5, { U_OBJ(6), USER(5, 4), G_OBJ(0), MASK(7), OTHER(0) }, 4, NULL },
	{ "named user under the mask",
	  5,
	  5,
	  { U_OBJ(6), USER(5, 7), G_OBJ(0), MASK(4), OTHER(7) },
	  2,
	  "the ACL gives this user r--, and -w- is needed" },
	{ "named user before groups",
	  5,
	  3000,
	  { U_OBJ(6), USER(5, 0), G_OBJ(7), MASK(7), OTHER(7) },
	  4,
	  "the ACL gives this user ---, and r-- is needed" },
	{ "named group", 5, 9, { U_OBJ(6), G_OBJ(0), GROUP(9, 6), MASK(7), OTHER(0) }, 6, NULL },
	{ "one of two groups",
	  5,
	  3000,
	  { U_OBJ(6), G_OBJ(0), GROUP(3000, 4), MASK(7), OTHER(0) },
	  4,
	  NULL },
	{ "a group that may not is not others",
	  5,
	  9,
	  { U_OBJ(6), G_OBJ(7), GROUP(9, 0), MASK(7), OTHER(7) },
	  4,
	  "the ACL gives this user's groups ---, and r-- is needed" },
	{ "others", 5, 5, { U_OBJ(6), USER(6, 7), G_OBJ(7), MASK(7), OTHER(4) }, 4, NULL },
	{ "others may not",
	  5,
	  5,
	  { U_OBJ(6), USER(6, 7), G_OBJ(7), MASK(7), OTHER(4) },
	  2,
	  "others have r--, and -w- is needed" },
};

static void acl_is_judged(void **state)
{
	const struct acl_row *row = *state;
	struct pst_acl_entry acl[6];
	struct pst_place place = { .path = (char *)"/f",
				   .owner = 2001,
				   .group = 3000,
				   .mode = S_IFREG | 0670,
				   .acl = acl };
	const struct pst_person person = { .uid = row->uid, .gid = row->gid };
	char __cleanup_free *expected =
		row->obstacle
			? pst_printf("/f (owner 2001, group 3000, mode 0670, with an ACL): %s",
				     row->obstacle)
			: NULL;
	char __cleanup_free *obstacle = NULL;

	memcpy(acl, row->acl, sizeof(acl));
	while (place.n_acl < 6 && acl[place.n_acl].tag)
		place.n_acl++;
	obstacle = pst_place_obstacle(&place, &person, row->bits);
	assert_true(pst_streq(obstacle, expected));
}

static const struct pst_person alice = { .uid = 2001, .gid = 3000 };

static void other_file_system_needs_crossmnt(void **state)
{
	struct pst_way __cleanup_way way = { 0 };
	struct pst_export_state export = { .path = (char *)"/tank/data",
					   .client = (char *)"*",
					   .options = (char *)"rw,nocrossmnt" };
	struct pst_access_query query = { .person = &alice,
					  .way = &way,
					  .client = "10.77.0.2",
					  .exports = &export,
					  .n_exports = 1 };

	(void)state;
	make_way(&way, 0700, 0600);
	way.v[3].device = way.v[4].device = 9;
	assert_judged(&query, "+ by the export of /tank/data to *\n"
			      "- /tank/data/a is a file system of its own, and the export of "
			      "/tank/data has no crossmnt: the client sees an empty directory "
			      "there\n");
	export.options = (char *)"rw,crossmnt";
	assert_judged(&query, "+ by the export of /tank/data to *\n");
}

static void read_only_file_system_is_not_written(void **state)
{
	struct pst_way __cleanup_way way = { .read_only = true };
	struct pst_access_query query = { .person = &alice, .way = &way, .write = true };

	(void)state;
	make_way(&way, 0700, 0600);
	assert_judged(&query, "- the file system of /tank/data/a/f is read-only\n");
	query.write = false;
	assert_judged(&query, "");
}

/* A directory is listed, or something is made in it. */
static void directory_needs_x_as_well(void **state)
{
	struct pst_way __cleanup_way way = { 0 };
	struct pst_access_query query = { .person = &alice, .way = &way };

	(void)state;
	add_place(&way, "/", 0, 0, S_IFDIR | 0755);
	add_place(&way, "/d", 2001, 3000, S_IFDIR | 0600);
	assert_judged(&query, "- /d (owner 2001, group 3000, mode 0600): its owner has rw-, and "
			      "r-x is needed\n");
	query.write = true;
	assert_judged(&query, "- /d (owner 2001, group 3000, mode 0600): its owner has rw-, and "
			      "-wx is needed\n");
}

static void many_groups_are_said(void **state)
{
	gid_t groups[17] = { 0 };
	const struct pst_person person = {
		.uid = 2001, .gid = 3000, .groups = groups, .n_groups = 17
	};
	struct pst_way __cleanup_way way = { 0 };
	struct pst_export_state export = { .path = (char *)"/",
					   .client = (char *)"*",
					   .options = (char *)"rw" };
	struct pst_access_query query = { .person = &person,
					  .way = &way,
					  .client = "10.77.0.2",
					  .exports = &export,
					  .n_exports = 1 };

	(void)state;
	make_way(&way, 0700, 0600);
	assert_judged(&query, "+ by the export of / to *\n"
			      "+ AUTH_SYS carries only 16 of the 17 groups, unless mountd has "
			      "manage-gids\n");
}

static void acl_is_parsed(void **state)
{
	static const uint8_t bytes[] = { 2,   0,   0, 0, 1, 0, 6,    0, 255, 255,
					 255, 255, 2, 0, 4, 0, 0xd1, 7, 0,   0 };
	struct pst_way __cleanup_way way = { 0 };

	(void)state;
	add_place(&way, "/f", 0, 0, S_IFREG);
	assert_int_equal(pst_acl_parse(bytes, sizeof(bytes), &way.v[0]), 0);
	assert_int_equal(way.v[0].n_acl, 2);
	assert_int_equal(way.v[0].acl[1].tag, ACL_USER);
	assert_int_equal(way.v[0].acl[1].bits, 4);
	assert_int_equal(way.v[0].acl[1].id, 2001);
	assert_int_equal(pst_acl_parse(bytes, sizeof(bytes) - 1, &way.v[0]), -EBADMSG);
	assert_int_equal(pst_acl_parse(bytes + 4, 4, &way.v[0]), -EBADMSG);
	assert_int_equal(pst_acl_parse(bytes, 0, &way.v[0]), -EBADMSG);
}

static void way_begins_at_the_root(void **state)
{
	struct pst_way __cleanup_way way = { 0 };
	struct pst_reason __cleanup_reason reason = { 0 };

	(void)state;
	assert_int_equal(pst_way_observe("/proc/../proc/sys", &way, NULL), 0);
	assert_int_equal(way.n, 3);
	assert_string_equal(way.v[0].path, "/");
	assert_string_equal(way.v[1].path, "/proc");
	assert_string_equal(way.v[2].path, "/proc/sys");
	assert_int_equal(way.v[2].mode & S_IFMT, S_IFDIR);
	pst_way_free(&way);
	assert_int_equal(pst_way_observe("/nonexistent/f", &way, &reason), -ENOENT);
	assert_string_equal(reason.text,
			    "cannot look at /nonexistent/f: No such file or directory");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_file_system_needs_crossmnt),
		cmocka_unit_test(read_only_file_system_is_not_written),
		cmocka_unit_test(directory_needs_x_as_well),
		cmocka_unit_test(many_groups_are_said),
		cmocka_unit_test(acl_is_parsed),
		cmocka_unit_test(way_begins_at_the_root),
	};

	ADD_ROWS(rows, is_judged);
	ADD_ROWS(acls, acl_is_judged);
	ADD_TESTS(tests);
	return run_gathered(NULL, NULL);
}
