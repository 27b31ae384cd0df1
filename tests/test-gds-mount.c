// SPDX-License-Identifier: MIT
/* What the mounts' text says of a file's path. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>

#include "gds/mount.h"
#include "rows.h"

#define LINE(type, options) \
	"41 22 0:46 / /mnt/data rw,relatime shared:21 - " type " 10.77.0.1:/tank rw," options "\n"

struct row {
	const char *name;
	const char *text;
	int flags;
	enum pst_bounce bounce;
	const char *server;
};

static const struct row rows[] = {
	{ "version 3 over RDMA",
	  LINE("nfs", "vers=3,rsize=524288,hard,proto=rdma,port=20049,timeo=600,sec=sys,"
		      "mountaddr=10.77.0.9,mountproto=tcp,local_lock=none,addr=10.77.0.1"),
	  O_RDONLY, PST_BOUNCE_NONE, "10.77.0.1:20049" },
	{ "version 4.2 over RDMA",
	  LINE("nfs4",
	       "vers=4.2,proto=rdma,port=20049,sec=sys,clientaddr=10.77.0.2,addr=10.77.0.1"),
	  O_RDWR | O_DIRECT, PST_BOUNCE_NONE, "10.77.0.1:20049" },
	{ "no port said", LINE("nfs", "vers=3,proto=rdma,sec=sys,addr=10.77.0.1"), O_RDONLY,
	  PST_BOUNCE_NONE, "10.77.0.1:20049" },
	{ "another port", LINE("nfs", "vers=3,proto=rdma,port=2050,sec=sys,addr=10.77.0.1"),
	  O_RDONLY, PST_BOUNCE_NONE, "10.77.0.1:2050" },
	{ "IPv6", LINE("nfs4", "vers=4.2,proto=rdma6,port=20049,sec=sys,addr=fd00::1"), O_RDONLY,
	  PST_BOUNCE_NONE, "[fd00::1]:20049" },
	{ "xprtsec=none",
	  LINE("nfs4", "vers=4.2,proto=rdma,port=20049,sec=sys,xprtsec=none,addr=10.77.0.1"),
	  O_RDONLY, PST_BOUNCE_NONE, "10.77.0.1:20049" },
	{ "TCP", LINE("nfs4", "vers=4.2,proto=tcp,sec=sys,addr=10.77.0.1"), O_RDONLY,
	  PST_BOUNCE_NOT_RDMA, "10.77.0.1:20049" },
	{ "no proto", LINE("nfs4", "vers=4.2,sec=sys,addr=10.77.0.1"), O_RDONLY,
	  PST_BOUNCE_NOT_RDMA, "10.77.0.1:20049" },
	{ "Kerberos", LINE("nfs", "vers=3,proto=rdma,port=20049,sec=krb5,addr=10.77.0.1"), O_RDONLY,
	  PST_BOUNCE_SECURITY, "10.77.0.1:20049" },
	{ "sec=null", LINE("nfs", "vers=3,proto=rdma,port=20049,sec=null,addr=10.77.0.1"), O_RDONLY,
	  PST_BOUNCE_SECURITY, "10.77.0.1:20049" },
	{ "no sec", LINE("nfs", "vers=3,proto=rdma,port=20049,addr=10.77.0.1"), O_RDONLY,
	  PST_BOUNCE_SECURITY, "10.77.0.1:20049" },
	{ "TLS", LINE("nfs4", "vers=4.2,proto=rdma,sec=sys,xprtsec=tls,addr=10.77.0.1"), O_RDONLY,
	  PST_BOUNCE_SECURITY, "10.77.0.1:20049" },
	{ "O_APPEND", LINE("nfs", "vers=3,proto=rdma,port=20049,sec=sys,addr=10.77.0.1"),
	  O_WRONLY | O_APPEND, PST_BOUNCE_APPEND, "10.77.0.1:20049" },
	{ "no address", LINE("nfs", "vers=3,proto=rdma,port=20049,sec=sys"), O_RDONLY,
	  PST_BOUNCE_NO_SERVER, "" },
	{ "an address that is none",
	  LINE("nfs", "vers=3,proto=rdma,port=20049,sec=sys,addr=storage"), O_RDONLY,
	  PST_BOUNCE_NO_SERVER, "" },
	{ "a port that is none", LINE("nfs", "vers=3,proto=rdma,port=rdma,sec=sys,addr=10.77.0.1"),
	  O_RDONLY, PST_BOUNCE_NO_SERVER, "" },
	{ "a local file system", LINE("zfs", "xattr,posixacl"), O_RDONLY, PST_BOUNCE_NOT_NFS, "" },
	{ "a type that only begins like NFS", LINE("nfsd", "proto=rdma,sec=sys,addr=10.77.0.1"),
	  O_RDONLY, PST_BOUNCE_NOT_NFS, "10.77.0.1:20049" },
};

static void is_judged(void **state)
{
	const struct row *row = *state;
	struct pst_reason __cleanup_reason reason = { 0 };
	struct pst_gds_mount mount;

	assert_int_equal(pst_gds_mount_find(row->text, 41, NULL, &mount), 0);
	assert_string_equal(mount.target, "/mnt/data");
	assert_string_equal(mount.server, row->server);
	assert_int_equal(pst_gds_mount_judge(&mount, row->flags, &reason), row->bounce);
	assert_int_equal(reason.text != NULL, row->bounce != PST_BOUNCE_NONE);
	pst_gds_mount_free(&mount);
}

static void deadline_follows_the_mount(void **state)
{
	static const struct {
		const char *text;
		uint64_t ms;
	} mounts[] = {
		{ LINE("nfs4", "vers=4.2,hard,proto=rdma,timeo=600,retrans=2"), 600000 },
		{ LINE("nfs4", "vers=4.2,proto=rdma"), 600000 },
		{ LINE("nfs4", "vers=4.2,soft,proto=rdma,timeo=600,retrans=2"), 180000 },
		{ LINE("nfs", "vers=3,soft,softreval,proto=rdma,timeo=7,retrans=0"), 700 },
		{ LINE("nfs", "vers=3,proto=rdma,softerr,timeo=10,retrans=3"), 4000 },
		{ LINE("nfs", "vers=3,proto=rdma,softreval,timeo=10,retrans=3"), 600000 },
		{ LINE("nfs", "vers=3,proto=rdma,soft,timeo=ages"), 180000 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(mounts); i++) {
		struct pst_gds_mount mount;

		assert_int_equal(pst_gds_mount_find(mounts[i].text, 41, NULL, &mount), 0);
		assert_int_equal(mount.deadline_ms, mounts[i].ms);
		pst_gds_mount_free(&mount);
	}
}

static const char *const several =
	"22 1 254:1 / / rw - ext4 /dev/vda1 rw\n"
	"40 22 0:45 / /mnt/a rw - nfs4 a:/x rw,vers=4.2,proto=rdma,sec=sys,addr=10.0.0.1\n"
	"41 22 0:46 / /mnt/b\\040c rw - nfs b:/y rw,vers=3,proto=tcp,sec=sys,addr=10.0.0.2\n";

static void assert_found(unsigned long long id, const char *device, int error, const char *target)
{
	struct pst_gds_mount mount;

	assert_int_equal(pst_gds_mount_find(several, id, device, &mount), error);
	if (error)
		return;
	assert_string_equal(mount.target, target);
	pst_gds_mount_free(&mount);
}

static void mount_is_found(void **state)
{
	(void)state;
	assert_found(41, NULL, 0, "/mnt/b c");
	assert_found(22, "0:45", 0, "/");
	assert_found(99, "0:45", 0, "/mnt/a");
	assert_found(99, NULL, -ENOENT, NULL);
	assert_found(99, "0:99", -ENOENT, NULL);
}

static void nonsense_is_refused(void **state)
{
	struct pst_gds_mount mount;

	(void)state;
	assert_int_equal(pst_gds_mount_find("", 1, "0:1", &mount), -ENOENT);
	assert_int_equal(pst_gds_mount_find("22 1 0:1 / /\n", 22, NULL, &mount), -EBADMSG);
	assert_int_equal(pst_gds_mount_find("x 1 0:1 / / rw - ext4 a rw\n", 1, NULL, &mount),
			 -EBADMSG);
}

/* Every bounce has a word of its own and an advice: machines and people rely on it. */
static void every_bounce_has_words(void **state)
{
	(void)state;
	for (int i = 0; i < PST_BOUNCE_COUNT; i++) {
		assert_non_null(pst_bounce_name(i));
		assert_int_equal(*pst_bounce_advice(i) != '\0', i != PST_BOUNCE_NONE);
		for (int j = 0; j < i; j++)
			assert_string_not_equal(pst_bounce_name(i), pst_bounce_name(j));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(deadline_follows_the_mount),
		cmocka_unit_test(mount_is_found),
		cmocka_unit_test(nonsense_is_refused),
		cmocka_unit_test(every_bounce_has_words),
	};

	ADD_ROWS(rows, is_judged);
	ADD_TESTS(tests);
	return run_gathered(NULL, NULL);
}
