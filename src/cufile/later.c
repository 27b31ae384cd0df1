// SPDX-License-Identifier: MIT
/*
 * Batches and streams, which this version does not have: it says so, with the errors that cuFile has for it, and in
 * CUfileDrvProps_t.fflags.
 */
#include "cufile-internal.h"

CUfileError_t cuFileBatchIOSetUp(CUfileBatchHandle_t *batch_idp, unsigned nr)
{
	(void)batch_idp;
	(void)nr;
	return pst_cufile_status(CU_FILE_PLATFORM_NOT_SUPPORTED);
}

CUfileError_t cuFileBatchIOSubmit(CUfileBatchHandle_t batch_idp, unsigned nr,
				  CUfileIOParams_t *iocbp, unsigned int flags)
{
	(void)batch_idp;
	(void)nr;
	(void)iocbp;
	(void)flags;
	return pst_cufile_status(CU_FILE_PLATFORM_NOT_SUPPORTED);
}

CUfileError_t cuFileBatchIOGetStatus(CUfileBatchHandle_t batch_idp, unsigned min_nr, unsigned *nr,
				     CUfileIOEvents_t *iocbp, struct timespec *timeout)
{
	(void)batch_idp;
	(void)min_nr;
	(void)nr;
	(void)iocbp;
	(void)timeout;
	return pst_cufile_status(CU_FILE_PLATFORM_NOT_SUPPORTED);
}

CUfileError_t cuFileBatchIOCancel(CUfileBatchHandle_t batch_idp)
{
	(void)batch_idp;
	return pst_cufile_status(CU_FILE_PLATFORM_NOT_SUPPORTED);
}

void cuFileBatchIODestroy(CUfileBatchHandle_t batch_idp)
{
	(void)batch_idp;
}

CUfileError_t cuFileReadAsync(CUfileHandle_t fh, void *bufPtr_base, size_t *size_p,
			      off_t *file_offset_p, off_t *bufPtr_offset_p, ssize_t *bytes_read_p,
			      CUstream stream)
{
	(void)fh;
	(void)bufPtr_base;
	(void)size_p;
	(void)file_offset_p;
	(void)bufPtr_offset_p;
	(void)bytes_read_p;
	(void)stream;
	return pst_cufile_status(CU_FILE_ASYNC_NOT_SUPPORTED);
}

CUfileError_t cuFileWriteAsync(CUfileHandle_t fh, void *bufPtr_base, size_t *size_p,
			       off_t *file_offset_p, off_t *bufPtr_offset_p,
			       ssize_t *bytes_written_p, CUstream stream)
{
	(void)fh;
	(void)bufPtr_base;
	(void)size_p;
	(void)file_offset_p;
	(void)bufPtr_offset_p;
	(void)bytes_written_p;
	(void)stream;
	return pst_cufile_status(CU_FILE_ASYNC_NOT_SUPPORTED);
}

CUfileError_t cuFileStreamRegister(CUstream stream, unsigned flags)
{
	(void)stream;
	(void)flags;
	return pst_cufile_status(CU_FILE_ASYNC_NOT_SUPPORTED);
}

CUfileError_t cuFileStreamDeregister(CUstream stream)
{
	(void)stream;
	return pst_cufile_status(CU_FILE_ASYNC_NOT_SUPPORTED);
}
