// SPDX-License-Identifier: MIT
/* Random configurations: chance itself, the node, its users, and its server. */
#include "random-conf.h"

#include "common.h"

/* splitmix64 of Steele, Lea and Flood: each state gives a good number, also those that are next to each other. */
static uint64_t next(struct dice *dice)
{
	uint64_t z = dice->state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static struct dice dice_of(uint64_t seed, enum random_piece piece, unsigned int slot,
			   unsigned int version)
{
	struct dice dice = { seed };

	dice.state = next(&dice) ^ ((uint64_t)piece << 32 | slot << 16 | version);
	dice.state = next(&dice);
	return dice;
}

struct dice dice_for(const struct random_conf *conf, enum random_piece piece, unsigned int slot)
{
	return dice_of(conf->seed, piece, slot, conf->version[piece][slot]);
}

struct dice dice_fixed(const struct random_conf *conf, enum random_piece piece, unsigned int slot)
{
	return dice_of(conf->seed, piece, slot, UINT16_MAX);
}

unsigned int below(struct dice *dice, unsigned int limit)
{
	return (unsigned int)(next(dice) % limit);
}

bool chance(struct dice *dice, unsigned int percent)
{
	return below(dice, 100) < percent;
}

bool random_is_storage(const struct random_conf *conf)
{
	struct dice dice = dice_fixed(conf, RANDOM_NODE, 0);

	return chance(&dice, 70);
}

void random_key(struct pst_buf *text, unsigned int n)
{
	pst_buf_printf(text,
		       "\"ssh-ed25519 "
		       "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl "
		       "key%u@desk\"",
		       n);
}

static void add_node(const struct random_conf *conf, struct pst_buf *text)
{
	struct dice dice = dice_for(conf, RANDOM_NODE, 0);

	pst_buf_printf(text, "node: {name: n%u, role: %s}\n", below(&dice, 3),
		       random_is_storage(conf) ? "storage" : "gpu");
	dice = dice_for(conf, RANDOM_KEYS, 0);
	if (!chance(&dice, 70))
		return;
	pst_buf_add(text, "ssh: {authorized_keys: [");
	random_key(text, below(&dice, 5));
	if (chance(&dice, 40)) {
		pst_buf_add(text, ", ");
		random_key(text, 9);
	}
	pst_buf_add(text, "]}\n");
}

static void add_user(const struct random_conf *conf, unsigned int n, struct pst_buf *text)
{
	static const char *const shells[] = { "/bin/sh", "/bin/zsh", "/usr/sbin/nologin" };
	static const char *const groups[] = { "g0", "g0, g2", "video", "g1, video" };
	struct dice fixed = dice_fixed(conf, RANDOM_USER, n);
	struct dice dice = dice_for(conf, RANDOM_USER, n);

	pst_buf_printf(text, "- {name: u%u, uid: %u", n, 2000 + n);
	if (chance(&fixed, 40))
		pst_buf_printf(text, ", gid: %u", 3000 + below(&fixed, 3));
	if (chance(&dice, 50))
		pst_buf_printf(text, ", groups: [%s]", ONE_OF(&dice, groups));
	if (chance(&dice, 50)) {
		pst_buf_add(text, ", ssh_keys: [");
		random_key(text, below(&dice, 5));
		pst_buf_add(text, "]");
	}
	if (chance(&dice, 40))
		pst_buf_printf(text, ", shell: %s", ONE_OF(&dice, shells));
	pst_buf_add(text, "}\n");
}

static void add_users(const struct random_conf *conf, struct pst_buf *text)
{
	struct dice fixed = dice_fixed(conf, RANDOM_USER, RANDOM_SLOTS);
	bool any = false;

	if (!chance(&fixed, 60))
		return;
	pst_buf_add(text, "groups:\n- {name: g0, gid: 3000}\n- {name: g1, gid: 3001}\n"
			  "- {name: g2, gid: 3002}\n");
	for (unsigned int i = 0; i < 4; i++) {
		struct dice dice = dice_for(conf, RANDOM_USER, i);

		below(&dice, 2);
		if (conf->version[RANDOM_USER][i] % 3 == 2 || !chance(&dice, 60))
			continue;
		if (!any)
			pst_buf_add(text, "users:\n");
		any = true;
		add_user(conf, i, text);
	}
}

static void add_server(const struct random_conf *conf, struct pst_buf *text)
{
	static const char *const versions[] = { "\"4.2\"", "\"4.1\", \"4.2\"", "\"3\"",
						"\"3\", \"4.0\", \"4.2\"" };
	struct dice dice = dice_for(conf, RANDOM_SERVER, 0);

	if (!chance(&dice, 70))
		return;
	pst_buf_printf(text, "nfs_server: {tcp: %s", chance(&dice, 70) ? "true" : "false");
	if (chance(&dice, 60))
		pst_buf_printf(text, ", threads: %u", 1 + below(&dice, 64));
	if (chance(&dice, 40))
		pst_buf_printf(text, ", rdma_port: %u", 20049 + below(&dice, 2));
	else if (strstr(text->data, "tcp: true") && chance(&dice, 30))
		pst_buf_add(text, ", rdma_port: 0");
	if (chance(&dice, 50))
		pst_buf_printf(text, ", versions: [%s]", ONE_OF(&dice, versions));
	if (chance(&dice, 40))
		pst_buf_printf(text, ", lease: %u", 10 + below(&dice, 50));
	if (chance(&dice, 40))
		pst_buf_printf(text, ", grace: %u", 60 + below(&dice, 50));
	if (chance(&dice, 30))
		pst_buf_add(text, ", pool_mode: global");
	if (chance(&dice, 30))
		pst_buf_printf(text, ", block_size: %uK", 64U << below(&dice, 5));
	pst_buf_add(text, "}\n");
}

static void add_zfs(const struct random_conf *conf, struct pst_buf *text)
{
	static const char *const parameters[] = { "zfs_txg_timeout", "zfs_dirty_data_max",
						  "zfs_prefetch_disable" };
	struct dice dice = dice_for(conf, RANDOM_ZFS, 0);
	bool any = false;

	if (!chance(&dice, 60))
		return;
	pst_buf_printf(text, "zfs: {arc_max: %uG", 1 + below(&dice, 4));
	for (size_t i = 0; i < ARRAY_SIZE(parameters); i++) {
		if (!chance(&dice, 40))
			continue;
		pst_buf_printf(text, "%s%s: %u", any ? ", " : ", parameters: {", parameters[i],
			       1 + below(&dice, 9));
		any = true;
	}
	pst_buf_add(text, any ? "}}\n" : "}\n");
}

char *random_conf_text(const struct random_conf *conf)
{
	struct pst_buf text = { 0 };

	add_node(conf, &text);
	add_users(conf, &text);
	random_network(conf, &text);
	random_rdma(conf, &text);
	if (random_is_storage(conf)) {
		random_pools(conf, &text);
		random_datasets(conf, &text);
		random_exports(conf, &text);
		add_server(conf, &text);
		add_zfs(conf, &text);
	}
	random_mounts(conf, &text);
	return pst_buf_take(&text);
}

void random_conf_change(struct random_conf *conf, uint64_t seed)
{
	struct dice dice = { seed };
	unsigned int changes = 2 + below(&dice, 12);

	for (unsigned int i = 0; i < changes; i++)
		conf->version[below(&dice, RANDOM_PIECES)][below(&dice, RANDOM_SLOTS)]++;
}

static void add_key(struct pst_state *state, const char *path)
{
	struct pst_key_state *key =
		pst_array_grow((void **)&state->keys, &state->n_keys, sizeof(*key));

	assert_non_null(key);
	key->path = strdup(path);
	key->there = true;
	key->mode = 0400;
}

/* Disks of two models, for selectors. */
static void add_drive(struct pst_state *state, unsigned int n, bool large)
{
	const char *word = large ? "big" : "fast";
	struct pst_drive_state *drive =
		pst_array_grow((void **)&state->drives, &state->n_drives, sizeof(*drive));

	assert_non_null(drive);
	drive->disk = pst_printf("%s%un1", word, n);
	drive->path = pst_printf("/dev/disk/by-id/nvme-%s-%u", word, n);
	drive->by_path = pst_printf("pci-0000:%02x:%02x.0-nvme-1", large ? 0x41 : 0x81, n);
	drive->model = strdup(large ? "BIG 9" : "FAST SSD 1");
	drive->size_bytes = large ? 3840755982336 : 1920383410176;
	add_disk(state, drive->path, drive->disk, NULL);
}

static void add_card(struct pst_state *state)
{
	static const char *const values[][2] = {
		{ "prio_pfc", "off off off off off off off off" },
		{ "prio_tc", "0 0 0 0 0 0 0 0" },
		{ "tc_tsa", "strict strict strict strict strict strict strict strict" },
		{ "tc_bw", "0 0 0 0 0 0 0 0" },
		{ "prio_buffer", "0 0 0 0 0 0 0 0" },
		{ "buffer_size", "0 0 0 0 0 0 0 0" },
		{ "roce_np", "0" },
		{ "roce_rp", "0" },
	};
	struct pst_roce_state *roce;

	add_rdma(state, "mlx5_0", "ACTIVE", "e6");
	roce = pst_array_grow((void **)&state->roce, &state->n_roce, sizeof(*roce));
	assert_non_null(roce);
	roce->device = strdup("mlx5_0");
	roce->interface = strdup("e6");
	for (size_t i = 0; i < ARRAY_SIZE(values); i++)
		assert_int_equal(pst_values_add(&roce->values, values[i][0], values[i][1]), 0);
}

void random_machine(struct pst_state *state)
{
	struct pst_interface_state *infiniband;
	struct pst_group_state *video;

	state->host_name = strdup("localhost");
	state->cpus = 4;
	state->memory_bytes = 64ULL << 30;
	state->knows_connections = true;
	for (unsigned int i = 0; i < 7; i++)
		add_interface(state, pst_key("e%u", i).text, 1500, NULL);
	add_interface(state, "ib0", 2044, NULL);
	infiniband = &state->interfaces[state->n_interfaces - 1];
	infiniband->kind = strdup("ipoib");
	assert_int_equal(pst_values_add(&infiniband->link, "mode", "datagram"), 0);
	assert_int_equal(pst_values_add(&infiniband->link, "key", "0xffff"), 0);
	add_card(state);
	for (unsigned int i = 0; i < 24; i++) {
		add_drive(state, i, false);
		add_drive(state, i, true);
	}
	for (unsigned int i = 0; i < 8; i++) {
		add_key(state, pst_key("/etc/zfs/keys/k%u", i).text);
		add_key(state,
			pst_key("/run/credentials/penstock-apply.service/zfs-key.k%u", i).text);
	}
	video = pst_array_grow((void **)&state->groups, &state->n_groups, sizeof(*video));
	assert_non_null(video);
	video->name = strdup("video");
	video->gid = 44;
}
