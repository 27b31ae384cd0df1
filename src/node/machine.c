// SPDX-License-Identifier: MIT
/* How much machine there is: what defaults are made of. */
#include <errno.h>
#include <limits.h>

#include "node/node.h"

/* "0-3,8": ranges with commas between them. */
static int count_list(const char *text, const char *what, unsigned int *ret,
		      struct pst_reason *reason)
{
	unsigned long count = 0;

	for (const char *p = text; *p && *p != '\n'; p += *p == ',') {
		char *end;
		unsigned long first = strtoul(p, &end, 10), last = first;

		if (end == p || *p == '-' || *p == '+')
			return pst_fail(reason, -EBADMSG, "the kernel's list of %s is \"%s\"", what,
					text);
		p = end;
		if (*p == '-') {
			last = strtoul(p + 1, &end, 10);
			if (end == p + 1 || last < first || last > INT_MAX)
				return pst_fail(reason, -EBADMSG,
						"the kernel's list of %s is \"%s\"", what, text);
			p = end;
		}
		count += last - first + 1;
		if (count > INT_MAX || (*p && *p != ',' && *p != '\n'))
			return pst_fail(reason, -EBADMSG, "the kernel's list of %s is \"%s\"", what,
					text);
	}
	*ret = (unsigned int)count;
	return 0;
}

int pst_cpus_parse(const char *text, struct pst_state *state, struct pst_reason *reason)
{
	return count_list(text, "CPUs", &state->cpus, reason);
}

/* A file with such a list; what it would say stays as it is where there is no such file. */
static int observe_list(struct pst_host *host, const char *path, const char *what,
			unsigned int *ret, struct pst_reason *reason)
{
	char __cleanup_free *text = NULL;
	int error = pst_host_read(host, path, &text, reason);

	if (error)
		return error == -ENOENT ? 0 : error;
	return count_list(text, what, ret, reason);
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

static int observe_release(struct pst_host *host, struct pst_state *state,
			   struct pst_reason *reason)
{
	int error = pst_host_read(host, "/proc/sys/kernel/osrelease", &state->release, reason);

	if (error)
		return error == -ENOENT ? 0 : error;
	state->release[strcspn(state->release, "\n")] = '\0';
	return 0;
}

int pst_machine_observe(struct pst_host *host, struct pst_state *state, struct pst_reason *reason)
{
	char __cleanup_free *memory = NULL;
	int error =
		observe_list(host, "/sys/devices/system/cpu/online", "CPUs", &state->cpus, reason);

	/* A node of memory alone serves no requests, so "online" would say too much. */
	if (!error)
		error = observe_list(host, "/sys/devices/system/node/has_cpu", "NUMA nodes",
				     &state->numa_nodes, reason);
	if (!error)
		error = observe_release(host, state, reason);
	if (error)
		return error;
	error = pst_host_read(host, "/proc/meminfo", &memory, reason);
	if (!error)
		error = pst_memory_parse(memory, state, reason);
	return error == -ENOENT ? 0 : error;
}
