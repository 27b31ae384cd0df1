// SPDX-License-Identifier: MIT
/* Reading and writing. */
#include "cufile-internal.h"

/* Registered files exist only while the driver is open, or was: there is nothing to open implicitly. */
static CUfileOpError begin(CUfileHandle_t fh, const void *bufPtr_base, off_t file_offset,
			   off_t bufPtr_offset, struct pst_gds_file **ret)
{
	if (!bufPtr_base || file_offset < 0 || bufPtr_offset < 0)
		return CU_FILE_INVALID_VALUE;
	*ret = pst_cufile_file_get(fh);
	return *ret ? CU_FILE_SUCCESS : CU_FILE_HANDLE_NOT_REGISTERED;
}

ssize_t cuFileRead(CUfileHandle_t fh, void *bufPtr_base, size_t size, off_t file_offset,
		   off_t bufPtr_offset)
{
	struct pst_gds_file *file;
	CUfileOpError error = begin(fh, bufPtr_base, file_offset, bufPtr_offset, &file);
	ssize_t result;

	if (error)
		return -(ssize_t)error;
	result = pst_gds_read(file, bufPtr_base, size, file_offset, bufPtr_offset);
	pst_cufile_file_put(fh);
	return pst_cufile_result(result);
}

ssize_t cuFileWrite(CUfileHandle_t fh, const void *bufPtr_base, size_t size, off_t file_offset,
		    off_t bufPtr_offset)
{
	struct pst_gds_file *file;
	CUfileOpError error = begin(fh, bufPtr_base, file_offset, bufPtr_offset, &file);
	ssize_t result;

	if (error)
		return -(ssize_t)error;
	result = pst_gds_write(file, bufPtr_base, size, file_offset, bufPtr_offset);
	pst_cufile_file_put(fh);
	return pst_cufile_result(result);
}
