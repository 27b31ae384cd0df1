// SPDX-License-Identifier: MIT
/* From -errno to cuFile's errors: here, and nowhere else. */
#include <errno.h>

#include "cufile-internal.h"

CUfileError_t pst_cufile_status(CUfileOpError error)
{
	return (CUfileError_t){ .err = error };
}

CUfileError_t pst_cufile_register_file_error(int error)
{
	switch (error) {
	case 0:
		return pst_cufile_status(CU_FILE_SUCCESS);
	case -EBADF:
		return pst_cufile_status(CU_FILE_INVALID_VALUE);
	case -EISDIR:
	case -EINVAL:
		return pst_cufile_status(CU_FILE_INVALID_FILE_TYPE);
	case -EEXIST:
		return pst_cufile_status(CU_FILE_HANDLE_ALREADY_REGISTERED);
	case -EMFILE:
	case -ENFILE:
		return pst_cufile_status(CU_FILE_GETNEWFD_FAILED);
	case -EACCES:
	case -EPERM:
		return pst_cufile_status(CU_FILE_PERMISSION_DENIED);
	default:
		return pst_cufile_status(CU_FILE_INTERNAL_ERROR);
	}
}

CUfileError_t pst_cufile_register_buffer_error(int error)
{
	switch (error) {
	case 0:
		return pst_cufile_status(CU_FILE_SUCCESS);
	case -EINVAL:
		return pst_cufile_status(CU_FILE_INVALID_VALUE);
	case -EEXIST:
		return pst_cufile_status(CU_FILE_MEMORY_ALREADY_REGISTERED);
	case -EFAULT:
		return pst_cufile_status(CU_FILE_CUDA_POINTER_INVALID);
	case -ERANGE:
		return pst_cufile_status(CU_FILE_CUDA_POINTER_RANGE_ERROR);
	case -ENOMEM:
	case -EPERM:
		return pst_cufile_status(CU_FILE_GPU_MEMORY_PINNING_FAILED);
	default:
		return pst_cufile_status(CU_FILE_INTERNAL_ERROR);
	}
}

CUfileError_t pst_cufile_deregister_buffer_error(int error)
{
	if (error == -ENOENT)
		return pst_cufile_status(CU_FILE_MEMORY_NOT_REGISTERED);
	return pst_cufile_status(error ? CU_FILE_INTERNAL_ERROR : CU_FILE_SUCCESS);
}

ssize_t pst_cufile_result(ssize_t result)
{
	if (result >= 0)
		return result;
	if (result == -EFAULT)
		return -CU_FILE_CUDA_POINTER_INVALID;
	errno = (int)-result;
	return -1;
}
