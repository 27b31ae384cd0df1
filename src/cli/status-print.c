// SPDX-License-Identifier: MIT
/* The status for people: one line for each thing, and below them what is wrong. */

#include "cli/cli.h"
#include "node/json.h"

struct printer {
	FILE *out;
	bool colour;
};

static const char *paint(const struct printer *printer, bool good)
{
	if (!printer->colour)
		return "";
	return good ? "\033[32m" : "\033[31m";
}

static const char *plain(const struct printer *printer)
{
	return printer->colour ? "\033[0m" : "";
}

static bool is_true(const struct json_object *object, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(object, key, &value) && json_object_get_boolean(value);
}

static void __format(4, 5) print_line(const struct printer *printer, const char *kind,
				      const struct json_object *object, const char *format, ...)
{
	bool ok = is_true(object, "ok");
	va_list args;

	fprintf(printer->out, "%s%-5s%s %-8s ", paint(printer, ok), ok ? "ok" : "WRONG",
		plain(printer), kind);
	va_start(args, format);
	vfprintf(printer->out, format, args);
	va_end(args);
	fputc('\n', printer->out);
}

/* As 3.5G; a table of people's sizes, in powers of 1024. */
static struct pst_key size_text(uint64_t bytes)
{
	static const char units[] = "BKMGTPE";
	double size = (double)bytes;
	size_t unit = 0;

	while (size >= 1024 && units[unit + 1]) {
		size /= 1024;
		unit++;
	}
	return pst_key(unit && size < 10 ? "%.1f%c" : "%.0f%c", size, units[unit]);
}

static char *joined(const struct json_object *object, const char *key)
{
	struct json_object *array = pst_json_array(object, key);
	struct pst_strv __cleanup_strv words = { 0 };

	for (size_t i = 0; array && i < json_object_array_length(array); i++)
		pst_strv_add(&words, json_object_get_string(json_object_array_get_idx(array, i)));
	return pst_strv_join(&words, " ");
}

/* What was given up is over, and so not wrong; but somebody wanted it. */
static void print_image(const struct printer *printer, const struct json_object *object)
{
	const char *running = pst_json_string(object, "running") ?: "?";
	const char *next = pst_json_string(object, "next");
	const char *given_up = pst_json_string(object, "given_up");
	struct json_object *beyond = pst_json_array(object, "beyond_fallback");

	fprintf(printer->out, "%sok   %s %-8s %s", paint(printer, true), plain(printer), "image",
		running);
	if (next && !pst_streq(next, running))
		fprintf(printer->out, ", %s is started next", next);
	if (given_up)
		fprintf(printer->out, ", %s was tried and given up", given_up);
	fputc('\n', printer->out);
	for (size_t i = 0; beyond && i < json_object_array_length(beyond); i++)
		fprintf(printer->out, "      image    %s\n",
			json_object_get_string(json_object_array_get_idx(beyond, i)));
}

static void print_network(const struct printer *printer, const struct json_object *object)
{
	char __cleanup_free *addresses = joined(object, "addresses");

	print_line(printer, "network", object, "%-12s %s, MTU %u, %s",
		   pst_json_string(object, "interface"), pst_json_string(object, "state"),
		   (unsigned int)pst_json_u64(object, "mtu"),
		   addresses && *addresses ? addresses : "no address");
}

static void print_rdma(const struct printer *printer, const struct json_object *object)
{
	print_line(printer, "rdma", object, "%-12s %s on %s", pst_json_string(object, "device"),
		   pst_json_string(object, "state"),
		   pst_json_string(object, "interface") ?: "no interface");
}

static void print_pool(const struct printer *printer, const struct json_object *object)
{
	char __cleanup_free *disks = joined(object, "disks");

	print_line(printer, "pool", object, "%-12s %s, %s, %s of %s used, on %s",
		   pst_json_string(object, "name"), pst_json_string(object, "health"),
		   pst_json_string(object, "layout") ?: "no layout",
		   size_text(pst_json_u64(object, "allocated_bytes")).text,
		   size_text(pst_json_u64(object, "size_bytes")).text,
		   disks && *disks ? disks : "no disks");
}

static void print_dataset(const struct printer *printer, const struct json_object *object)
{
	print_line(printer, "dataset", object, "%-12s on %s, %s used, %s available",
		   pst_json_string(object, "name"),
		   pst_json_string(object, "mountpoint") ?: "nothing (not mounted)",
		   size_text(pst_json_u64(object, "used_bytes")).text,
		   size_text(pst_json_u64(object, "available_bytes")).text);
}

static void print_export(const struct printer *printer, const struct json_object *object)
{
	const char *options = pst_json_string(object, "options");

	print_line(printer, "export", object, "%-12s to %s%s%s", pst_json_string(object, "path"),
		   pst_json_string(object, "client"), options ? ", " : " is not exported",
		   options ?: "");
}

static void print_nfs_server(const struct printer *printer, const struct json_object *object)
{
	char __cleanup_free *listeners = joined(object, "listeners");
	const char *pools = pst_json_string(object, "pool_mode");
	uint64_t block_bytes = pst_json_u64(object, "block_bytes");

	if (is_true(object, "running"))
		print_line(printer, "nfsd", object,
			   "%u threads (pools: %s), requests up to %s, listening on %s",
			   (unsigned int)pst_json_u64(object, "threads"), pools ?: "?",
			   block_bytes ? size_text(block_bytes).text : "?",
			   listeners && *listeners ? listeners : "nothing");
	else
		print_line(printer, "nfsd", object, "not running");
}

static void print_mount(const struct printer *printer, const struct json_object *object)
{
	if (is_true(object, "mounted"))
		print_line(printer, "mount", object, "%-12s from %s, NFS %s over %s",
			   pst_json_string(object, "target"), pst_json_string(object, "source"),
			   pst_json_string(object, "version") ?: "?",
			   pst_json_string(object, "proto") ?: "?");
	else
		print_line(printer, "mount", object, "%-12s from %s: not mounted",
			   pst_json_string(object, "target"), pst_json_string(object, "source"));
}

static void print_all(const struct printer *printer, const struct json_object *status,
		      const char *key,
		      void (*print)(const struct printer *, const struct json_object *))
{
	struct json_object *array = pst_json_array(status, key);

	for (size_t i = 0; array && i < json_object_array_length(array); i++)
		print(printer, json_object_array_get_idx(array, i));
}

void pst_status_print(struct json_object *status, FILE *out, bool colour)
{
	const struct printer printer = { .out = out, .colour = colour };
	struct json_object *node = pst_json_object(status, "node");
	struct json_object *problems = pst_json_array(status, "problems");
	struct json_object *server = pst_json_object(status, "nfs_server");
	struct json_object *image = pst_json_object(status, "image");
	const char *role = pst_json_string(node, "role");
	bool ok = is_true(status, "ok");

	fprintf(out, "%s, %s%s: %s%s%s\n\n", pst_json_string(node, "name") ?: "?",
		role ? "role " : "without a configuration", role ?: "", paint(&printer, ok),
		ok ? "as declared" : "NOT as declared", plain(&printer));
	if (image)
		print_image(&printer, image);
	print_all(&printer, status, "network", print_network);
	print_all(&printer, status, "rdma", print_rdma);
	print_all(&printer, status, "pools", print_pool);
	print_all(&printer, status, "datasets", print_dataset);
	print_all(&printer, status, "exports", print_export);
	if (server)
		print_nfs_server(&printer, server);
	print_all(&printer, status, "mounts", print_mount);
	for (size_t i = 0; problems && i < json_object_array_length(problems); i++)
		fprintf(out, "%s%s%s\n", i ? "" : "\n", "  - ",
			json_object_get_string(json_object_array_get_idx(problems, i)));
}
