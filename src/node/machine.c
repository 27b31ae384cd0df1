// SPDX-License-Identifier: MIT
/* How much machine there is: what defaults are made of. */
#include <errno.h>
#include <limits.h>

#include "node/node.h"

/* "0-3,8": ranges with commas between them. */
int pst_cpus_parse(const char *text, struct pst_state *state, struct pst_reason *reason)
{
	unsigned long count = 0;

	for (const char *p = text; *p && *p != '\n'; p += *p == ',') {
		char *end;
		unsigned long first = strtoul(p, &end, 10), last = first;

		if (end == p || *p == '-' || *p == '+')
			return pst_fail(reason, -EBADMSG, "the kernel's list of CPUs is \"%s\"",
					text);
		p = end;
		if (*p == '-') {
			last = strtoul(p + 1, &end, 10);
			if (end == p + 1 || last < first || last > INT_MAX)
				return pst_fail(reason, -EBADMSG,
						"the kernel's list of CPUs is \"%s\"", text);
			p = end;
		}
		count += last - first + 1;
		if (count > INT_MAX || (*p && *p != ',' && *p != '\n'))
			return pst_fail(reason, -EBADMSG, "the kernel's list of CPUs is \"%s\"",
					text);
	}
	state->cpus = (unsigned int)count;
	return 0;
}

int pst_memory_parse(const char *text, struct pst_state *state, struct pst_reason *reason)
{
	static const char key[] = "MemTotal:";
	const char *line = strstr(text, key);
	char digits[24] = "";
	unsigned long long kib;
	size_t len;

	if (!line)
		return pst_fail(reason, -EBADMSG, "/proc/meminfo has no %s", key);
	line += strlen(key);
	line += strspn(line, " ");
	len = strspn(line, "0123456789");
	if (!len || len >= sizeof(digits))
		return pst_fail(reason, -EBADMSG, "/proc/meminfo has no number in %s", key);
	memcpy(digits, line, len);
	if (pst_parse_u64(digits, ULLONG_MAX >> 10, &kib))
		return pst_fail(reason, -EBADMSG, "/proc/meminfo says that %s is %s", key, digits);
	state->memory_bytes = kib << 10;
	return 0;
}

int pst_machine_observe(struct pst_host *host, struct pst_state *state, struct pst_reason *reason)
{
	char __cleanup_free *cpus = NULL;
	char __cleanup_free *memory = NULL;
	int error = pst_host_read(host, "/sys/devices/system/cpu/online", &cpus, reason);

	if (!error)
		error = pst_cpus_parse(cpus, state, reason);
	if (error && error != -ENOENT)
		return error;
	error = pst_host_read(host, "/proc/meminfo", &memory, reason);
	if (!error)
		error = pst_memory_parse(memory, state, reason);
	return error == -ENOENT ? 0 : error;
}
