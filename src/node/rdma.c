// SPDX-License-Identifier: MIT
/* RDMA devices: those of cards must be there, soft ones are made. */
#include <errno.h>

#include "node/json.h"
#include "node/network.h"
#include "node/node.h"

static int parse_link(const struct json_object *link, struct pst_state *state)
{
	const char *device = pst_json_string(link, "ifname");
	const char *port_state = pst_json_string(link, "state");
	const char *interface = pst_json_string(link, "netdev");
	struct pst_rdma_state *rdma;

	if (!device)
		return 0;
	rdma = pst_array_grow((void **)&state->rdma, &state->n_rdma, sizeof(*rdma));
	if (!rdma)
		return -ENOMEM;
	rdma->device = strdup(device);
	rdma->state = strdup(port_state ?: "UNKNOWN");
	rdma->interface = interface ? strdup(interface) : NULL;
	return rdma->device && rdma->state && (rdma->interface || !interface) ? 0 : -ENOMEM;
}

int pst_rdma_parse(const char *json, struct pst_state *state, struct pst_reason *reason)
{
	struct json_object __cleanup_json *links = NULL;
	int error = pst_json_parse(json, "rdma", &links, reason);

	if (error)
		return error;
	if (!json_object_is_type(links, json_type_array))
		return pst_fail(reason, -EBADMSG, "rdma did not answer with a list of links");
	for (size_t i = 0; i < json_object_array_length(links) && !error; i++)
		error = parse_link(json_object_array_get_idx(links, i), state);
	return error;
}

int pst_rdma_observe(struct pst_host *host, struct pst_state *state, struct pst_reason *reason)
{
	char __cleanup_free *json = NULL;
	int error;

	/* Without the core module there are no devices, and asking would load it. */
	if (!pst_host_exists(host, "/sys/class/infiniband"))
		return 0;
	error = pst_host_ask(host, &json, reason, "rdma", "-j", "link", "show");
	return error ? error : pst_rdma_parse(json, state, reason);
}

/* A soft device goes with its interface. */
static bool goes(const struct pst_conf *conf, const struct pst_state *state,
		 const struct pst_conf_rdma *rdma)
{
	return rdma->driver != PST_RDMA_HARDWARE &&
	       pst_link_is_remade(conf, state, rdma->interface);
}

static void plan_missing(const struct pst_conf_rdma *conf, size_t n, const struct pst_state *state,
			 struct pst_plan *plan)
{
	struct pst_strv __cleanup_strv names = { 0 };
	char __cleanup_free *text = NULL;

	if (conf->driver != PST_RDMA_HARDWARE) {
		text = pst_printf(pst_state_rdma(state, conf->device)
					  ? "the RDMA device %s goes with its interface"
					  : "the RDMA device %s is not there",
				  conf->device);
		pst_plan_run(plan, pst_key("rdma[%zu]", n).text, text, "rdma", "link", "add",
			     conf->device, "type",
			     conf->driver == PST_RDMA_SOFT_ROCE ? "rxe" : "siw", "netdev",
			     conf->interface);
		return;
	}
	for (size_t i = 0; i < state->n_rdma; i++)
		pst_strv_add(&names, state->rdma[i].device);
	text = pst_strv_join(&names, ", ");
	pst_plan_problem(plan, PST_PROBLEM_REFUSED, pst_key("rdma[%zu].device", n),
			 "there is no RDMA device %s; there are: %s", conf->device,
			 text && *text ? text : "none");
}

void pst_rdma_plan(const struct pst_conf *conf, const struct pst_state *state,
		   struct pst_plan *plan)
{
	for (size_t i = 0; i < conf->rdma_count; i++) {
		const struct pst_conf_rdma *rdma = &conf->rdma[i];
		const struct pst_rdma_state *is = pst_state_rdma(state, rdma->device);

		const struct pst_conf_network *network = pst_conf_network(conf, rdma->interface);

		/* One that is ours to make is there by the time that it is needed. */
		if (!pst_state_interface(state, rdma->interface) &&
		    !(network && pst_conf_network_kind(network)))
			pst_plan_problem(plan, PST_PROBLEM_REFUSED,
					 pst_key("rdma[%zu].interface", i),
					 "there is no interface %s", rdma->interface);
		else if (!is ||
			 (pst_streq(is->interface, rdma->interface) && goes(conf, state, rdma)))
			plan_missing(rdma, i, state, plan);
		else if (is->interface && !pst_streq(is->interface, rdma->interface))
			/* Whatever uses it would lose its connections: a person decides that. */
			pst_plan_problem(plan, PST_PROBLEM_REFUSED,
					 pst_key("rdma[%zu].interface", i),
					 "the RDMA device %s is on %s, not on %s", rdma->device,
					 is->interface, rdma->interface);
	}
}

void pst_rdma_plan_wait(const struct pst_conf *conf, const struct pst_state *state,
			struct pst_plan *plan)
{
	for (size_t i = 0; i < conf->rdma_count; i++) {
		const char *device = conf->rdma[i].device;
		const struct pst_rdma_state *is = pst_state_rdma(state, device);
		char __cleanup_free *path = NULL;
		char __cleanup_free *why = NULL;

		if (goes(conf, state, &conf->rdma[i]))
			is = NULL;
		if (is && pst_streq(is->state, "ACTIVE"))
			continue;
		if (is)
			why = pst_printf("the RDMA device %s is %s", device, is->state);
		path = pst_printf("/sys/class/infiniband/%s/ports/1/state", device);
		if (path)
			pst_plan_wait_file(plan, pst_key("rdma[%zu]", i).text, path, "ACTIVE", why);
	}
}
