/* SPDX-License-Identifier: MIT */
/* Where the kernel has its settings of RoCE that dcb does not have. */
#ifndef PST_NODE_ROCE_H
#define PST_NODE_ROCE_H

#include "conf/conf.h"

#define PST_ROCE_CONFIGFS "/sys/kernel/config/rdma_cm/"

enum pst_roce_file {
	PST_ROCE_MODE,
	PST_ROCE_TOS,
	PST_ROCE_ECN_NOTIFY,
	PST_ROCE_ECN_REACT,
	PST_ROCE_FILES
};

struct pst_key pst_roce_path(const struct pst_conf_rdma *rdma, enum pst_roce_file file);
/* Under which names their contents are in a struct pst_roce_state. */
extern const char *const pst_roce_file_names[PST_ROCE_FILES];

#endif
