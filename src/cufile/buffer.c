// SPDX-License-Identifier: MIT
/* Registered memory. */
#include "cufile-internal.h"
#include "mem/mem.h"

CUfileError_t cuFileBufRegister(const void *bufPtr_base, size_t length, int flags)
{
	if (flags & ~(CU_FILE_RDMA_REGISTER | CU_FILE_RDMA_RELAXED_ORDERING))
		return pst_cufile_status(CU_FILE_INVALID_VALUE);
	if (!bufPtr_base || !length)
		return pst_cufile_status(CU_FILE_INVALID_VALUE);
	pst_cufile_open_implicitly();
	return pst_cufile_register_buffer_error(pst_mem_register(bufPtr_base, length, NULL));
}

CUfileError_t cuFileBufDeregister(const void *bufPtr_base)
{
	if (!bufPtr_base)
		return pst_cufile_status(CU_FILE_INVALID_VALUE);
	return pst_cufile_deregister_buffer_error(pst_mem_deregister(bufPtr_base, NULL));
}
