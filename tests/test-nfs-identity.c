// SPDX-License-Identifier: MIT
/* Who a process is to the server. */
#include <pthread.h>
#include <sys/fsuid.h>

#include "nfs/identity.h"
#include "nfs/nfs.h"
#include "rows.h"

struct map_row {
	const char *name;
	const char *map;
	uint32_t inside, outside;
};

static const struct map_row maps[] = {
	{ "the first namespace", "         0          0 4294967295\n", 1000, 1000 },
	{ "root of a container", "0 1000 1\n1 100000 65536\n", 0, 1000 },
	{ "user of a container", "0 1000 1\n1 100000 65536\n", 33, 100032 },
	{ "the last of a range", "0 1000 1\n1 100000 65536\n", 65536, 165535 },
	{ "beyond all ranges", "0 1000 1\n1 100000 65536\n", 65537, 65537 },
	{ "a map not yet written", "", 65534, 65534 },
	{ "no map", "nonsense\n", 5, 5 },
};

static void ids_are_those_outside(void **state)
{
	const struct map_row *row = *state;

	assert_int_equal(pst_nfs_map_id(row->map, row->inside), row->outside);
}

static void own_ids_are_found(void **state)
{
	struct pst_nfs_identity identity;
	gid_t groups[256];
	int count = getgroups(ARRAY_SIZE(groups), groups);

	(void)state;
	assert_int_equal(pst_nfs_identity_self(&identity), 0);
	assert_true(count >= 0);
	assert_int_equal(identity.group_count, count < PST_NFS_GROUPS ? count : PST_NFS_GROUPS);
}

struct other {
	struct pst_nfs_identity identity;
	bool changed;
	int error;
};

static void *ask_as_another(void *arg)
{
	struct other *other = arg;

	setfsgid(2002);
	setfsuid(2001);
	other->changed = setfsuid((uid_t)-1) == 2001 && setfsgid((gid_t)-1) == 2002;
	other->error = pst_nfs_identity_self(&other->identity);
	return NULL;
}

/* A server that works for many users changes the ids of one thread, not of all. */
static void ids_are_the_threads_own(void **state)
{
	struct pst_nfs_identity before, after;
	struct other other;
	pthread_t thread;

	(void)state;
	assert_int_equal(pst_nfs_identity_self(&before), 0);
	assert_int_equal(pthread_create(&thread, NULL, ask_as_another, &other), 0);
	pthread_join(thread, NULL);
	if (!other.changed)
		skip();
	assert_int_equal(other.error, 0);
	assert_int_not_equal(other.identity.uid, before.uid);
	assert_int_not_equal(other.identity.gid, before.gid);
	assert_int_equal(pst_nfs_identity_self(&after), 0);
	assert_int_equal(after.uid, before.uid);
	assert_int_equal(after.gid, before.gid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_ids_are_found),
		cmocka_unit_test(ids_are_the_threads_own),
	};

	ADD_TESTS(tests);
	ADD_ROWS(maps, ids_are_those_outside);
	return run_gathered(NULL, NULL);
}
