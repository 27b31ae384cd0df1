// SPDX-License-Identifier: MIT
/* Datasets whose content is encrypted by ZFS: their keys. */
#include "node/encryption.h"

#define ALGORITHM "aes-256-gcm" /* ZFS's own default, said aloud: it can never be changed */

static bool is_usable(const char *path, struct pst_key key, const struct pst_state *state,
		      struct pst_plan *plan)
{
	const struct pst_key_state *is = pst_state_key(state, path);

	if (!is || !is->there) {
		pst_plan_problem(plan, PST_PROBLEM_DIFFERENCE, key,
				 "there is no key %s: put it there, or make one, with: (umask 077; "
				 "head -c 32 /dev/urandom >%s)",
				 path, path);
		return false;
	}
	if (is->mode & 077) {
		pst_plan_problem(plan, PST_PROBLEM_REFUSED, key,
				 "the key %s has the mode %04o, and others than root may use it: "
				 "chmod 0600 %s",
				 path, (unsigned int)is->mode, path);
		return false;
	}
	if (is->owner) {
		pst_plan_problem(plan, PST_PROBLEM_REFUSED, key,
				 "the key %s is owned by %u, who may use it and put another in its "
				 "place: chown root %s",
				 path, is->owner, path);
		return false;
	}
	return true;
}

bool pst_encryption_add(const struct pst_conf_encryption *encryption, struct pst_key key,
			const struct pst_state *state, const char *name, struct pst_strv *argv,
			struct pst_plan *plan)
{
	const char *format = pst_key_format_name(encryption->format);
	char __cleanup_free *path = pst_conf_key_file(encryption);

	if (pst_streq(encryption->key, "prompt")) {
		pst_plan_problem(plan, PST_PROBLEM_DIFFERENCE, pst_key("%s.encryption", key.text),
				 "there is no dataset %s, and its passphrase is a person's to "
				 "type: zfs create -p -o encryption=" ALGORITHM
				 " -o keyformat=%s -o keylocation=prompt %s",
				 name, format, name);
		return false;
	}
	if (!path) {
		plan->oom = true;
		return false;
	}
	if (!is_usable(path, pst_key("%s.encryption.key", key.text), state, plan))
		return false;
	pst_strv_add(argv, "-o");
	pst_strv_add(argv, "encryption=" ALGORITHM);
	pst_strv_add(argv, "-o");
	pst_strv_addf(argv, "keyformat=%s", format);
	pst_strv_add(argv, "-o");
	pst_strv_addf(argv, "keylocation=file://%s", path);
	return true;
}

bool pst_encryption_plan(const struct pst_conf_encryption *encryption, struct pst_key key,
			 const struct pst_dataset_state *is, const struct pst_state *state,
			 struct pst_plan *plan)
{
	const char *algorithm = pst_value(&is->properties, "encryption");
	bool locked = pst_streq(pst_value(&is->properties, "keystatus"), "unavailable");
	char __cleanup_free *path = encryption->key ? pst_conf_key_file(encryption) : NULL;
	char __cleanup_free *why = pst_printf("the dataset %s is locked", is->name);

	key = pst_key("%s.encryption", key.text);
	if (encryption->key && (!algorithm || pst_streq(algorithm, "off"))) {
		pst_plan_problem(
			plan, PST_PROBLEM_REFUSED, key,
			"%s is not encrypted, and cannot become so: take the key out of "
			"the file, or copy it into one that is, with: zfs snapshot %s@move "
			"&& zfs send %s@move | zfs receive -o encryption=on -o "
			"keyformat=%s OTHER",
			is->name, is->name, is->name, pst_key_format_name(encryption->format));
		return true;
	}
	if (!locked)
		return true;
	if (!path) {
		pst_plan_problem(plan, PST_PROBLEM_DIFFERENCE, key,
				 "%s is locked: type zfs load-key %s, and penstock apply", is->name,
				 is->name);
		return false;
	}
	if (!is_usable(path, pst_key("%s.key", key.text), state, plan))
		return false;
	/* From where the file says, wherever the dataset was told to look when it was made. */
	if (why) {
		char __cleanup_free *location = pst_printf("file://%s", path);

		pst_plan_run(plan, key.text, why, "zfs", "load-key", "-L", location ?: "",
			     is->name);
	}
	plan->oom = plan->oom || !why;
	return true;
}
