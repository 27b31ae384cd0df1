// SPDX-License-Identifier: MIT
/*
 * dm-verity: the superblock that veritysetup(8) writes before the hash tree (its man page, "VERITY on-disk
 * format" in cryptsetup's documentation), and the device-mapper's ioctls (linux/dm-ioctl.h).
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/dm-ioctl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

#include "preinit/preinit.h"

#define BLOCK_BYTES 4096
#define SALT_MAX    256
#define CONTROL	    "/dev/mapper/control"

struct superblock {
	uint8_t signature[8];
	uint32_t version;
	uint32_t hash_type;
	uint8_t uuid[16];
	uint8_t algorithm[32];
	uint32_t data_block_bytes;
	uint32_t hash_block_bytes;
	uint64_t data_blocks;
	uint16_t salt_bytes;
	uint8_t unused1[6];
	uint8_t salt[SALT_MAX];
	uint8_t unused2[168];
} __attribute__((packed));
_Static_assert(sizeof(struct superblock) == PST_VERITY_SUPERBLOCK_BYTES, "as it is on disk");

static void hexadecimal(const uint8_t *bytes, size_t count, char *text)
{
	for (size_t i = 0; i < count; i++)
		snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

int pst_verity_parse(const void *superblock, size_t len, struct pst_verity *ret,
		     struct pst_reason *reason)
{
	struct superblock sb;
	size_t salt;

	if (len < sizeof(sb) || memcmp(superblock, "verity\0\0", sizeof(sb.signature)) != 0)
		return pst_fail(reason, -EINVAL, "it holds no hash tree of dm-verity");
	memcpy(&sb, superblock, sizeof(sb));
	salt = le16toh(sb.salt_bytes);
	if (le32toh(sb.version) != 1 || le32toh(sb.hash_type) != 1 ||
	    memcmp(sb.algorithm, "sha256", sizeof("sha256")) != 0 ||
	    le32toh(sb.data_block_bytes) != BLOCK_BYTES ||
	    le32toh(sb.hash_block_bytes) != BLOCK_BYTES || salt > SALT_MAX)
		return pst_fail(reason, -EINVAL, "its hash tree is of another form than ours");

	struct pst_verity verity = { .blocks = le64toh(sb.data_blocks), .salt = "-" };

	if (!verity.blocks || verity.blocks > INT64_MAX / BLOCK_BYTES)
		return pst_fail(reason, -EINVAL, "its hash tree is damaged");
	hexadecimal(sb.uuid, sizeof(sb.uuid), verity.uuid);
	if (salt)
		hexadecimal(sb.salt, salt, verity.salt);
	*ret = verity;
	return 0;
}

char *pst_verity_table(const struct pst_verity *verity, const char *data, const char *hash,
		       const char *roothash)
{
	/* The superblock is the first hash block. */
	return pst_printf("1 %s %s %d %d %" PRIu64 " 1 sha256 %s %s", data, hash, BLOCK_BYTES,
			  BLOCK_BYTES, verity->blocks, roothash, verity->salt);
}

static int read_superblock(const char *hash, struct pst_verity *ret, struct pst_reason *reason)
{
	char bytes[PST_VERITY_SUPERBLOCK_BYTES];
	int __cleanup_close fd = open(hash, O_RDONLY | O_CLOEXEC);
	struct pst_reason __cleanup_reason why = { 0 };
	ssize_t got;
	int error;

	if (fd < 0)
		return pst_fail_errno(reason, -errno, "cannot open %s", hash);
	got = pread(fd, bytes, sizeof(bytes), 0);
	if (got < 0)
		return pst_fail_errno(reason, -errno, "cannot read %s", hash);
	error = pst_verity_parse(bytes, (size_t)got, ret, &why);
	return error ? pst_fail(reason, error, "%s: %s", hash, pst_reason_text(&why, error)) : 0;
}

/* The request that the three ioctls have in common; ours is always the same device. */
static void name_device(struct dm_ioctl *dm, size_t size, const struct pst_verity *verity)
{
	memset(dm, 0, size);
	dm->version[0] = DM_VERSION_MAJOR;
	dm->data_size = (uint32_t)size;
	dm->data_start = sizeof(*dm);
	dm->flags = DM_READONLY_FLAG;
	stpcpy(dm->name, PST_ROOT_NAME);
	/* As libcryptsetup names them, so that its tools know whose device it is. */
	if (verity)
		snprintf(dm->uuid, sizeof(dm->uuid), "CRYPT-VERITY-%s-%s", verity->uuid,
			 PST_ROOT_NAME);
}

static int load_table(int control, const struct pst_verity *verity, const char *table)
{
	size_t args = (strlen(table) + 8) & ~(size_t)7;
	size_t size = sizeof(struct dm_ioctl) + sizeof(struct dm_target_spec) + args;
	struct dm_ioctl __cleanup_free *dm = calloc(1, size);
	struct dm_target_spec *target;

	if (!dm)
		return -ENOMEM;
	name_device(dm, size, NULL);
	dm->target_count = 1;
	target = (struct dm_target_spec *)(dm + 1);
	target->length = verity->blocks * (BLOCK_BYTES / 512);
	target->next = (uint32_t)(sizeof(*target) + args);
	stpcpy(target->target_type, "verity");
	stpcpy((char *)(target + 1), table);
	return ioctl(control, DM_TABLE_LOAD, dm) < 0 ? -errno : 0;
}

static int make_device(int control, const struct pst_verity *verity, const char *table,
		       unsigned int *ret_minor)
{
	struct dm_ioctl dm;
	int error;

	name_device(&dm, sizeof(dm), verity);
	if (ioctl(control, DM_DEV_CREATE, &dm) < 0)
		return -errno;
	*ret_minor = minor(dm.dev);
	error = load_table(control, verity, table);
	if (error)
		return error;
	/* The table takes effect as the device is resumed. */
	name_device(&dm, sizeof(dm), NULL);
	return ioctl(control, DM_DEV_SUSPEND, &dm) < 0 ? -errno : 0;
}

int pst_verity_open(const char *data, const char *hash, const char *roothash, char **ret_path,
		    struct pst_reason *reason)
{
	char __cleanup_free *table = NULL;
	struct pst_verity verity;
	unsigned int minor_number = 0;
	int error = read_superblock(hash, &verity, reason);

	if (error)
		return error;
	table = pst_verity_table(&verity, data, hash, roothash);
	if (!table)
		return -ENOMEM;

	int __cleanup_close control = open(CONTROL, O_RDWR | O_CLOEXEC);

	if (control < 0)
		return pst_fail_errno(reason, -errno, "cannot open %s", CONTROL);
	error = make_device(control, &verity, table, &minor_number);
	if (error)
		return pst_fail_errno(reason, error, "%s cannot be verified by the hash tree in %s",
				      data, hash);
	*ret_path = pst_printf("/dev/dm-%u", minor_number);
	return *ret_path ? 0 : -ENOMEM;
}
