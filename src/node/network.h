/* SPDX-License-Identifier: MIT */
/* What the files of the network subsystem share. */
#ifndef PST_NODE_NETWORK_H
#define PST_NODE_NETWORK_H

#include "conf/conf.h"
#include "node/plan.h"
#include "node/state.h"

#define PST_NETWORK_FILE_PREFIX "/etc/systemd/network/50-penstock-"

/* Stand for an address that a DHCP server chooses, where an address is asked for. */
#define PST_NETWORK_DHCP4 "an IPv4 address by DHCP"
#define PST_NETWORK_DHCP6 "an IPv6 address by DHCP"

/* The .network file of the nth interface, that of a bond's port, and a .netdev file (NULL: it needs none). */
char *pst_network_text(const struct pst_conf *conf, size_t n);
char *pst_network_port_text(const struct pst_conf_network *bond, const char *port);
char *pst_network_device_text(const struct pst_conf_network *network);

/* What a VLAN, bond or IPoIB interface is that it should not be, in words; NULL when it is as declared. */
char *pst_link_differs(const struct pst_conf_network *conf, const struct pst_interface_state *is);
/*
 * Whether an interface that is there has to be made anew, or one that it is on: what is on it, and what is set of it,
 * goes with it.
 */
bool pst_link_is_remade(const struct pst_conf *conf, const struct pst_state *state,
			const char *interface);

/*
 * Whether another declared interface has an address in the network of this one's @address, so that the
 * kernel would answer for either on both; and the table of routes that is the nth interface's then.
 */
bool pst_fabric_is_shared(const struct pst_conf *conf, size_t n, size_t address);
unsigned int pst_fabric_table(size_t n);
/* Which of its rules the nth interface lacks, in words; NULL when it lacks none. */
char *pst_fabric_differs(const struct pst_conf *conf, size_t n, const struct pst_state *state);

#endif
