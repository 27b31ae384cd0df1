// SPDX-License-Identifier: MIT
/* src/preinit: what it reads, from the kernel's command line to the first bytes of a disk. */
#include <errno.h>

#include "preinit/preinit.h"
#include "rows.h"

#define HASH "3785e2d1dc84f847624c70acedf39031a721cca5282859772eef434def1e48c0"

struct words {
	const char *name;
	const char *text;
	const char *reason; /* NULL: it is taken */
	bool live;
};

static const struct words words[] = {
	{ "installed", "roothash=" HASH " console=ttyS0\n", NULL, false },
	{ "live", "quiet roothash=" HASH " penstock.live", NULL, true },
	{ "not quite live", "penstock.liver=1 roothash=" HASH, NULL, false },
	{ "no hash", "console=ttyS0", "the kernel's command line has no roothash=", false },
	{ "empty", "", "the kernel's command line has no roothash=", false },
	{ "short hash", "roothash=3785",
	  "roothash= of the kernel's command line is not 64 hexadecimal digits", false },
	{ "long hash", "roothash=" HASH "0",
	  "roothash= of the kernel's command line is not 64 hexadecimal digits", false },
	{ "upper case", "roothash=3785E2D1dc84f847624c70acedf39031a721cca5282859772eef434def1e48c0",
	  "roothash= of the kernel's command line is not 64 hexadecimal digits", false },
};

static void command_line_is_read(void **state)
{
	const struct words *row = *state;
	struct pst_reason __cleanup_reason reason = { 0 };
	struct pst_cmdline cmdline = { 0 };
	int error = pst_cmdline_parse(row->text, &cmdline, &reason);

	if (row->reason) {
		assert_int_equal(error, -EINVAL);
		assert_string_equal(reason.text, row->reason);
		return;
	}
	assert_int_equal(error, 0);
	assert_string_equal(cmdline.roothash, HASH);
	assert_int_equal(cmdline.live, row->live);
}

static void partitions_are_named_by_the_hash(void **state)
{
	char root[37], verity[37];

	(void)state;
	pst_cmdline_uuids(HASH, root, verity);
	assert_string_equal(root, "3785e2d1-dc84-f847-624c-70acedf39031");
	assert_string_equal(verity, "a721cca5-2828-5977-2eef-434def1e48c0");
}

static void uevent_tells_the_label(void **state)
{
	struct pst_part part;

	(void)state;
	assert_int_equal(
		pst_part_parse("vda6", "vda",
			       "MAJOR=254\nDEVTYPE=partition\nPARTN=6\nPARTNAME=penstock-state\n",
			       &part),
		0);
	assert_string_equal(part.label, "penstock-state");
	assert_string_equal(part.disk, "vda");
	free(part.label);
	assert_int_equal(pst_part_parse("vda", "", "PARTNAME=\n", &part), 0);
	assert_null(part.label);
	assert_int_equal(pst_part_parse("a-name-that-is-longer-than-thirty-one", "", "", &part),
			 -ENAMETOOLONG);
}

static void devices_of_drivers_with_directories(void **state)
{
	char __cleanup_free *path = NULL;

	(void)state;
	assert_int_equal(pst_device_path("cciss!c0d0p1", &path), 0);
	assert_string_equal(path, "/dev/cciss/c0d0p1");
}

/* A header of 128 entries of 128 bytes from block 2 on. */
static void make_header(uint8_t header[92])
{
	memset(header, 0, 92);
	memcpy(header, "EFI PART", 8);
	header[72] = 2;
	header[80] = 128;
	header[84] = 128;
}

static void entries_are_found(void **state)
{
	uint8_t header[92];
	uint64_t offset;

	(void)state;
	make_header(header);
	assert_int_equal(pst_gpt_entry_at(header, sizeof(header), 512, 1, &offset), 0);
	assert_int_equal(offset, 1024);
	assert_int_equal(pst_gpt_entry_at(header, sizeof(header), 4096, 3, &offset), 0);
	assert_int_equal(offset, 8192 + 256);
	assert_int_equal(pst_gpt_entry_at(header, sizeof(header), 512, 0, &offset), -EINVAL);
	assert_int_equal(pst_gpt_entry_at(header, sizeof(header), 512, 129, &offset), -EINVAL);
	assert_int_equal(pst_gpt_entry_at(header, 91, 512, 1, &offset), -EINVAL);
	header[84] = 64;
	assert_int_equal(pst_gpt_entry_at(header, sizeof(header), 512, 1, &offset), -EINVAL);
	make_header(header);
	memset(header + 72, 0xff, 8);
	assert_int_equal(pst_gpt_entry_at(header, sizeof(header), 512, 1, &offset), -EINVAL);
	header[0] = 'e';
	assert_int_equal(pst_gpt_entry_at(header, sizeof(header), 512, 1, &offset), -EINVAL);
}

static void guid_is_of_mixed_order(void **state)
{
	static const uint8_t bytes[16] = { 0xd1, 0xe2, 0x85, 0x37, 0x84, 0xdc, 0x47, 0xf8,
					   0x62, 0x4c, 0x70, 0xac, 0xed, 0xf3, 0x90, 0x31 };
	char text[37];

	(void)state;
	pst_gpt_uuid_text(bytes, text);
	assert_string_equal(text, "3785e2d1-dc84-f847-624c-70acedf39031");
}

static void boot_disk_is_read(void **state)
{
	static const char uuid[] = "3785E2D1-DC84-F847-624C-70ACEDF39031";
	char variable[4 + 2 * 36] = { 6 }, text[37];

	(void)state;
	for (int i = 0; i < 36; i++)
		variable[4 + 2 * i] = uuid[i];
	assert_int_equal(pst_boot_disk_parse(variable, sizeof(variable), text), 0);
	assert_string_equal(text, "3785e2d1-dc84-f847-624c-70acedf39031");
	assert_int_equal(pst_boot_disk_parse(variable, sizeof(variable) - 1, text), -EINVAL);
	variable[4] = '/';
	assert_int_equal(pst_boot_disk_parse(variable, sizeof(variable), text), -EINVAL);
}

static void make_superblock(uint8_t sb[PST_VERITY_SUPERBLOCK_BYTES])
{
	memset(sb, 0, PST_VERITY_SUPERBLOCK_BYTES);
	memcpy(sb, "verity\0\0", 8);
	sb[8] = sb[12] = 1;
	sb[16] = 0xab;
	memcpy(sb + 32, "sha256", 6);
	sb[65] = sb[69] = 0x10;
	sb[72] = 100;
	sb[80] = 2;
	sb[88] = 0xde;
	sb[89] = 0xad;
}

static void superblock_becomes_a_table(void **state)
{
	uint8_t sb[PST_VERITY_SUPERBLOCK_BYTES];
	char __cleanup_free *table = NULL;
	struct pst_verity verity;

	(void)state;
	make_superblock(sb);
	assert_int_equal(pst_verity_parse(sb, sizeof(sb), &verity, NULL), 0);
	assert_string_equal(verity.uuid, "ab000000000000000000000000000000");
	table = pst_verity_table(&verity, "/dev/vda2", "/dev/vda3", HASH);
	assert_string_equal(table, "1 /dev/vda2 /dev/vda3 4096 4096 100 1 sha256 " HASH " dead");
	sb[80] = 0;
	assert_int_equal(pst_verity_parse(sb, sizeof(sb), &verity, NULL), 0);
	assert_string_equal(verity.salt, "-");
}

struct damage {
	const char *name;
	size_t at;
	uint8_t value;
	const char *reason;
};

static const struct damage damages[] = {
	{ "no superblock", 0, 'V', "it holds no hash tree of dm-verity" },
	{ "another version", 8, 2, "its hash tree is of another form than ours" },
	{ "another type", 12, 0, "its hash tree is of another form than ours" },
	{ "another sum", 33, 'x', "its hash tree is of another form than ours" },
	{ "longer name of a sum", 38, '9', "its hash tree is of another form than ours" },
	{ "smaller data blocks", 65, 2, "its hash tree is of another form than ours" },
	{ "smaller hash blocks", 69, 2, "its hash tree is of another form than ours" },
	{ "no data", 72, 0, "its hash tree is damaged" },
	{ "too much data", 79, 0xff, "its hash tree is damaged" },
	{ "salt that is too long", 81, 2, "its hash tree is of another form than ours" },
};

static void damaged_superblock_is_refused(void **state)
{
	const struct damage *row = *state;
	struct pst_reason __cleanup_reason reason = { 0 };
	uint8_t sb[PST_VERITY_SUPERBLOCK_BYTES];
	struct pst_verity verity;

	make_superblock(sb);
	sb[row->at] = row->value;
	assert_int_equal(pst_verity_parse(sb, sizeof(sb), &verity, &reason), -EINVAL);
	assert_string_equal(reason.text, row->reason);
}

static void medium_is_told_by_its_whole_name(void **state)
{
	char descriptor[2048] = "\1CD001\1";

	(void)state;
	memset(descriptor + 40, ' ', 32);
	memcpy(descriptor + 40, "PENSTOCK", 8);
	assert_true(pst_medium_is(descriptor, sizeof(descriptor)));
	assert_false(pst_medium_is(descriptor, sizeof(descriptor) - 1));
	descriptor[48] = '2';
	assert_false(pst_medium_is(descriptor, sizeof(descriptor)));
	descriptor[48] = ' ';
	descriptor[0] = 2;
	assert_false(pst_medium_is(descriptor, sizeof(descriptor)));
}

static void state_is_told_by_its_first_bytes(void **state)
{
	static uint8_t head[PST_STATE_HEAD_BYTES];
	static const uint8_t magic[] = { 0xfc, 0x4e, 0x2b, 0xa9, 1 };
	struct pst_member member;

	(void)state;
	assert_int_equal(pst_state_kind(head, &member), PST_STATE_BLANK);
	head[PST_STATE_HEAD_BYTES - 1] = 1;
	assert_int_equal(pst_state_kind(head, &member), PST_STATE_PLAIN);
	memcpy(head + 4096, magic, sizeof(magic));
	head[4096 + 16] = 7;
	head[4096 + 92] = 2;
	assert_int_equal(pst_state_kind(head, &member), PST_STATE_MEMBER);
	assert_int_equal(member.array[0], 7);
	assert_int_equal(member.disks, 2);
	memcpy(head, "LUKS\xba\xbe", 6);
	assert_int_equal(pst_state_kind(head, &member), PST_STATE_LUKS);
}

struct end {
	const char *name;
	const char *command;
	int good;
	const char *reason; /* NULL: it is none of a failure */
};

static const struct end ends[] = {
	{ "good", "exit 0", 1, NULL },
	{ "errors were corrected", "exit 1", 1, NULL },
	{ "errors are left", "echo by hand; exit 4", 1, "sh failed with status 4: by hand\n" },
	{ "killed", "kill -9 $$", 1, "sh failed with status 137: " },
	{ "none is good but 0", "exit 1", 0, "sh failed with status 1: " },
};

static void tool_is_judged_by_its_status(void **state)
{
	const struct end *row = *state;
	struct pst_reason __cleanup_reason reason = { 0 };

	assert_int_equal(pst_tool_long(&reason, row->good, "sh", "-c", row->command),
			 row->reason ? -EIO : 0);
	if (row->reason)
		assert_string_equal(reason.text, row->reason);
	else
		assert_null(reason.text);
}

/* As the kernel has the file: a kernel without kexec has none. */
static void kexec_is_switched_off(void **state)
{
	struct pst_reason __cleanup_reason reason = { 0 };
	char file[] = "/tmp/penstock-preinit-XXXXXX", text[4] = "";
	int __cleanup_close fd = mkstemp(file);

	(void)state;
	assert_int_equal(write(fd, "0\n", 2), 2);
	assert_int_equal(pst_kexec_end(file, &reason), 0);
	assert_int_equal(pread(fd, text, sizeof(text) - 1, 0), 2);
	assert_string_equal(text, "1\n");
	unlink(file);
	assert_int_equal(pst_kexec_end(file, &reason), 0);
	assert_int_equal(pst_kexec_end("/tmp", &reason), -EISDIR);
	assert_string_equal(reason.text, "cannot write /tmp: Is a directory");
}

struct variable {
	const char *name;
	size_t len;
	char bytes[6];
	bool on;
};

static const struct variable variables[] = {
	{ "on", 5, { 6, 0, 0, 0, 1 }, true },
	{ "off", 5, { 6, 0, 0, 0, 0 }, false },
	{ "cut short", 4, { 6 }, true },
	{ "too long", 6, { 6 }, true },
};

static void secure_boot_is_known(void **state)
{
	const struct variable *row = *state;
	char file[] = "/tmp/penstock-preinit-XXXXXX";
	int __cleanup_close fd = mkstemp(file);

	assert_int_equal(write(fd, row->bytes, row->len), row->len);
	assert_int_equal(pst_is_secure_boot(file), row->on);
	unlink(file);
	assert_false(pst_is_secure_boot(file));
	assert_true(pst_is_secure_boot("/tmp"));
}

static void efi_partition_has_a_mount_unit(void **state)
{
	char __cleanup_free *unit = pst_report_efi_mount("/dev/vda1");

	(void)state;
	assert_non_null(strstr(unit, "What=/dev/vda1\nWhere=/efi\nType=vfat\nOptions=umask=0077,"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(partitions_are_named_by_the_hash),
		cmocka_unit_test(uevent_tells_the_label),
		cmocka_unit_test(devices_of_drivers_with_directories),
		cmocka_unit_test(entries_are_found),
		cmocka_unit_test(guid_is_of_mixed_order),
		cmocka_unit_test(boot_disk_is_read),
		cmocka_unit_test(superblock_becomes_a_table),
		cmocka_unit_test(medium_is_told_by_its_whole_name),
		cmocka_unit_test(state_is_told_by_its_first_bytes),
		cmocka_unit_test(kexec_is_switched_off),
		cmocka_unit_test(efi_partition_has_a_mount_unit),
	};

	ADD_TESTS(tests);
	ADD_ROWS(words, command_line_is_read);
	ADD_ROWS(damages, damaged_superblock_is_refused);
	ADD_ROWS(variables, secure_boot_is_known);
	ADD_ROWS(ends, tool_is_judged_by_its_status);
	return run_gathered(NULL, NULL);
}
