// SPDX-License-Identifier: MIT
/* What a card does for RoCE: what dcb says, and what stands in configfs and sysfs. */
#include <errno.h>

#include "node/json.h"
#include "node/node.h"
#include "node/roce.h"

static const char *word_of(struct json_object *value)
{
	if (json_object_is_type(value, json_type_boolean))
		return json_object_get_boolean(value) ? "on" : "off";
	if (json_object_is_type(value, json_type_int) ||
	    json_object_is_type(value, json_type_string))
		return json_object_get_string(value);
	return NULL;
}

/* [26, 3, " "] as 26:3; dcb puts the blank that is between entries into each. */
static void add_pair(struct pst_strv *words, struct json_object *pair)
{
	const char *first = word_of(json_object_array_get_idx(pair, 0));
	const char *second = word_of(json_object_array_get_idx(pair, 1));

	if (first && second)
		pst_strv_addf(words, "%s:%s", first, second);
}

static char *text_of(struct json_object *value)
{
	struct pst_strv __cleanup_strv words = { 0 };
	const char *word = word_of(value);

	if (word)
		return strdup(word);
	if (!json_object_is_type(value, json_type_array))
		return strdup("");
	for (size_t i = 0; i < json_object_array_length(value); i++) {
		struct json_object *entry = json_object_array_get_idx(value, i);

		if (json_object_is_type(entry, json_type_array))
			add_pair(&words, entry);
		else
			pst_strv_add(&words, word_of(entry) ?: "?");
	}
	return pst_strv_join(&words, " ");
}

static struct pst_roce_state *last_of(struct pst_state *state)
{
	if (state->n_roce)
		return &state->roce[state->n_roce - 1];
	return pst_array_grow((void **)&state->roce, &state->n_roce, sizeof(*state->roce));
}

int pst_roce_parse(const char *json, struct pst_state *state, struct pst_reason *reason)
{
	struct json_object __cleanup_json *object = NULL;
	struct pst_roce_state *roce = last_of(state);
	struct json_object_iterator i, end;
	int error = roce ? pst_json_parse(json, "dcb", &object, reason) : -ENOMEM;

	if (error)
		return error;
	if (!json_object_is_type(object, json_type_object))
		return pst_fail(reason, -EBADMSG, "dcb did not answer with an object");
	i = json_object_iter_begin(object);
	end = json_object_iter_end(object);
	for (; !json_object_iter_equal(&i, &end) && !error; json_object_iter_next(&i)) {
		char __cleanup_free *text = text_of(json_object_iter_peek_value(&i));

		error = text ? pst_values_add(&roce->values, json_object_iter_peek_name(&i), text)
			     : -ENOMEM;
	}
	return error;
}

/* A driver that cannot do a thing does not say what it does of it: that is kept, not an error. */
static int ask_dcb(struct pst_host *host, struct pst_state *state, const char *object,
		   struct pst_reason *reason)
{
	struct pst_roce_state *roce = last_of(state);
	struct pst_reason __cleanup_reason refusal = { 0 };
	char __cleanup_free *json = NULL;
	int error = pst_host_ask(host, &json, &refusal, "dcb", "--json", "--Numeric", object,
				 "show", "dev", roce->interface);

	if (error == -EIO)
		return pst_values_add(&roce->refusals, object, pst_reason_text(&refusal, error));
	if (error)
		return pst_fail(reason, error, "%s", pst_reason_text(&refusal, error));
	return pst_roce_parse(json, state, reason);
}

static int read_value(struct pst_host *host, struct pst_roce_state *roce, const char *name,
		      struct pst_key path, struct pst_reason *reason)
{
	char __cleanup_free *text = NULL;
	int error = pst_host_read(host, path.text, &text, reason);

	if (error)
		return error == -ENOENT ? 0 : error;
	text[strcspn(text, "\n")] = '\0';
	return pst_values_add(&roce->values, name, text);
}

struct pst_key pst_roce_path(const struct pst_conf_rdma *rdma, enum pst_roce_file file)
{
	switch (file) {
	case PST_ROCE_MODE:
		return pst_key(PST_ROCE_CONFIGFS "%s/ports/1/default_roce_mode", rdma->device);
	case PST_ROCE_TOS:
		return pst_key(PST_ROCE_CONFIGFS "%s/ports/1/default_roce_tos", rdma->device);
	case PST_ROCE_ECN_NOTIFY:
		return pst_key("/sys/class/net/%s/ecn/roce_np/enable/%d", rdma->interface,
			       (int)rdma->roce->priority);
	default:
		return pst_key("/sys/class/net/%s/ecn/roce_rp/enable/%d", rdma->interface,
			       (int)rdma->roce->priority);
	}
}

const char *const pst_roce_file_names[PST_ROCE_FILES] = {
	[PST_ROCE_MODE] = "default_roce_mode",
	[PST_ROCE_TOS] = "default_roce_tos",
	[PST_ROCE_ECN_NOTIFY] = "roce_np",
	[PST_ROCE_ECN_REACT] = "roce_rp",
};

static int read_driver(struct pst_host *host, struct pst_roce_state *roce,
		       struct pst_reason *reason)
{
	struct pst_key path = pst_key("/sys/class/net/%s/device/uevent", roce->interface);
	char __cleanup_free *text = NULL;
	int error = pst_host_read(host, path.text, &text, reason);
	const char *driver = error ? NULL : strstr(text, "DRIVER=");

	if (error)
		return error == -ENOENT ? 0 : error;
	if (!driver)
		return 0;
	driver += strlen("DRIVER=");
	roce->driver = strndup(driver, strcspn(driver, "\n"));
	return roce->driver ? 0 : -ENOMEM;
}

static int observe_one(struct pst_host *host, const struct pst_conf_rdma *rdma,
		       struct pst_state *state, struct pst_reason *reason)
{
	static const char *const objects[] = { "pfc", "ets", "buffer", "app" };
	struct pst_roce_state *roce =
		pst_array_grow((void **)&state->roce, &state->n_roce, sizeof(*roce));
	int error;

	if (!roce)
		return -ENOMEM;
	roce->device = strdup(rdma->device);
	roce->interface = strdup(rdma->interface);
	error = roce->device && roce->interface ? read_driver(host, roce, reason) : -ENOMEM;
	for (size_t i = 0; i < ARRAY_SIZE(objects) && !error; i++)
		error = ask_dcb(host, state, objects[i], reason);
	for (enum pst_roce_file i = 0; i < PST_ROCE_FILES && !error; i++)
		error = read_value(host, roce, pst_roce_file_names[i], pst_roce_path(rdma, i),
				   reason);
	return error;
}

int pst_roce_observe(struct pst_host *host, const struct pst_conf *conf, struct pst_state *state,
		     struct pst_reason *reason)
{
	int error = 0;

	for (size_t i = 0; conf && i < conf->rdma_count && !error; i++)
		/* What is not there yet is only known after it was made. */
		if (conf->rdma[i].roce && pst_state_interface(state, conf->rdma[i].interface))
			error = observe_one(host, &conf->rdma[i], state, reason);
	return error;
}
