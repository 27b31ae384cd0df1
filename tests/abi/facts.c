// SPDX-License-Identifier: MIT
/*
 * Prints the facts of the ABI that a cufile.h stands for. Compiled with ours and with NVIDIA's: the outputs must be the
 * same. The values of enumerators and macros come from NVIDIA's header (values.h, which abi.py makes).
 */
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>
#include <time.h>

#include <cufile.h>

#define VALUE(name) printf(#name " = %lld\n", (long long)(name));
#define SIZE(type)  printf("sizeof " #type " = %zu\n", sizeof(type));
#define OFFSET(type, member) \
	printf("offsetof " #type "." #member " = %zu\n", offsetof(type, member));
#define CALL(name, ...)                   \
	printf(#name " is as told: %d\n", \
	       __builtin_types_compatible_p(__typeof__(name), __VA_ARGS__));

static void sizes(void)
{
	SIZE(CUfileOpError)
	SIZE(CUfileError_t)
	OFFSET(CUfileError_t, err)
	OFFSET(CUfileError_t, cu_err)
	SIZE(CUfileDriverStatusFlags_t)
	SIZE(CUfileDriverControlFlags_t)
	SIZE(CUfileFeatureFlags_t)
	SIZE(CUfileDrvProps_t)
	OFFSET(CUfileDrvProps_t, nvfs.major_version)
	OFFSET(CUfileDrvProps_t, nvfs.minor_version)
	OFFSET(CUfileDrvProps_t, nvfs.poll_thresh_size)
	OFFSET(CUfileDrvProps_t, nvfs.max_direct_io_size)
	OFFSET(CUfileDrvProps_t, nvfs.dstatusflags)
	OFFSET(CUfileDrvProps_t, nvfs.dcontrolflags)
	OFFSET(CUfileDrvProps_t, fflags)
	OFFSET(CUfileDrvProps_t, max_device_cache_size)
	OFFSET(CUfileDrvProps_t, per_buffer_cache_size)
	OFFSET(CUfileDrvProps_t, max_device_pinned_mem_size)
	OFFSET(CUfileDrvProps_t, max_batch_io_size)
	OFFSET(CUfileDrvProps_t, max_batch_io_timeout_msecs)
	SIZE(cufileRDMAInfo_t)
	OFFSET(cufileRDMAInfo_t, version)
	OFFSET(cufileRDMAInfo_t, desc_len)
	OFFSET(cufileRDMAInfo_t, desc_str)
	SIZE(CUfileFSOps_t)
	OFFSET(CUfileFSOps_t, fs_type)
	OFFSET(CUfileFSOps_t, getRDMADeviceList)
	OFFSET(CUfileFSOps_t, getRDMADevicePriority)
	OFFSET(CUfileFSOps_t, read)
	OFFSET(CUfileFSOps_t, write)
	SIZE(enum CUfileFileHandleType)
	SIZE(CUfileDescr_t)
	OFFSET(CUfileDescr_t, type)
	OFFSET(CUfileDescr_t, handle.fd)
	OFFSET(CUfileDescr_t, handle.handle)
	OFFSET(CUfileDescr_t, fs_ops)
	SIZE(CUfileHandle_t)
	SIZE(CUfileOpcode_t)
	SIZE(CUfileStatus_t)
	SIZE(CUfileBatchMode_t)
	SIZE(CUfileIOParams_t)
	OFFSET(CUfileIOParams_t, mode)
	OFFSET(CUfileIOParams_t, u.batch.devPtr_base)
	OFFSET(CUfileIOParams_t, u.batch.file_offset)
	OFFSET(CUfileIOParams_t, u.batch.devPtr_offset)
	OFFSET(CUfileIOParams_t, u.batch.size)
	OFFSET(CUfileIOParams_t, fh)
	OFFSET(CUfileIOParams_t, opcode)
	OFFSET(CUfileIOParams_t, cookie)
	SIZE(CUfileIOEvents_t)
	OFFSET(CUfileIOEvents_t, cookie)
	OFFSET(CUfileIOEvents_t, status)
	OFFSET(CUfileIOEvents_t, ret)
	SIZE(CUfileBatchHandle_t)
}

static void calls(void)
{
	CALL(cuFileHandleRegister, CUfileError_t(CUfileHandle_t *, CUfileDescr_t *))
	CALL(cuFileHandleDeregister, void(CUfileHandle_t))
	CALL(cuFileBufRegister, CUfileError_t(const void *, size_t, int))
	CALL(cuFileBufDeregister, CUfileError_t(const void *))
	CALL(cuFileRead, ssize_t(CUfileHandle_t, void *, size_t, off_t, off_t))
	CALL(cuFileWrite, ssize_t(CUfileHandle_t, const void *, size_t, off_t, off_t))
	CALL(cuFileDriverOpen, CUfileError_t(void))
	CALL(cuFileDriverClose_v2, CUfileError_t(void))
	CALL(cuFileUseCount, long(void))
	CALL(cuFileDriverGetProperties, CUfileError_t(CUfileDrvProps_t *))
	CALL(cuFileDriverSetPollMode, CUfileError_t(bool, size_t))
	CALL(cuFileDriverSetMaxDirectIOSize, CUfileError_t(size_t))
	CALL(cuFileDriverSetMaxCacheSize, CUfileError_t(size_t))
	CALL(cuFileDriverSetMaxPinnedMemSize, CUfileError_t(size_t))
	CALL(cuFileBatchIOSetUp, CUfileError_t(CUfileBatchHandle_t *, unsigned))
	CALL(cuFileBatchIOSubmit,
	     CUfileError_t(CUfileBatchHandle_t, unsigned, CUfileIOParams_t *, unsigned))
	CALL(cuFileBatchIOGetStatus, CUfileError_t(CUfileBatchHandle_t, unsigned, unsigned *,
						   CUfileIOEvents_t *, struct timespec *))
	CALL(cuFileBatchIOCancel, CUfileError_t(CUfileBatchHandle_t))
	CALL(cuFileBatchIODestroy, void(CUfileBatchHandle_t))
	CALL(cuFileReadAsync,
	     CUfileError_t(CUfileHandle_t, void *, size_t *, off_t *, off_t *, ssize_t *, CUstream))
	CALL(cuFileWriteAsync,
	     CUfileError_t(CUfileHandle_t, void *, size_t *, off_t *, off_t *, ssize_t *, CUstream))
	CALL(cuFileStreamRegister, CUfileError_t(CUstream, unsigned))
	CALL(cuFileStreamDeregister, CUfileError_t(CUstream))
	CALL(cuFileGetVersion, CUfileError_t(int *))
}

int main(void)
{
#include "values.h"
	sizes();
	calls();
	return 0;
}
