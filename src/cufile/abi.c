// SPDX-License-Identifier: MIT
/* The facts of the ABI that programs were built with: a change to the header that breaks one does not compile. */
#include <assert.h>

#include "cufile-internal.h"

#define SIZE(type, bytes)	    static_assert(sizeof(type) == (bytes), #type)
#define OFFSET(type, member, bytes) static_assert(offsetof(type, member) == (bytes), #member)
#define VALUE(name, number)	    static_assert((name) == (number), #name)

SIZE(CUfileOpError, 4);
VALUE(CU_FILE_SUCCESS, 0);
VALUE(CU_FILE_DRIVER_NOT_INITIALIZED, 5001);
VALUE(CU_FILE_DRIVER_INVALID_PROPS, 5002);
VALUE(CU_FILE_DRIVER_UNSUPPORTED_LIMIT, 5003);
VALUE(CU_FILE_DRIVER_VERSION_MISMATCH, 5004);
VALUE(CU_FILE_DRIVER_VERSION_READ_ERROR, 5005);
VALUE(CU_FILE_DRIVER_CLOSING, 5006);
VALUE(CU_FILE_PLATFORM_NOT_SUPPORTED, 5007);
VALUE(CU_FILE_IO_NOT_SUPPORTED, 5008);
VALUE(CU_FILE_DEVICE_NOT_SUPPORTED, 5009);
VALUE(CU_FILE_NVFS_DRIVER_ERROR, 5010);
VALUE(CU_FILE_CUDA_DRIVER_ERROR, 5011);
VALUE(CU_FILE_CUDA_POINTER_INVALID, 5012);
VALUE(CU_FILE_CUDA_MEMORY_TYPE_INVALID, 5013);
VALUE(CU_FILE_CUDA_POINTER_RANGE_ERROR, 5014);
VALUE(CU_FILE_CUDA_CONTEXT_MISMATCH, 5015);
VALUE(CU_FILE_INVALID_MAPPING_SIZE, 5016);
VALUE(CU_FILE_INVALID_MAPPING_RANGE, 5017);
VALUE(CU_FILE_INVALID_FILE_TYPE, 5018);
VALUE(CU_FILE_INVALID_FILE_OPEN_FLAG, 5019);
VALUE(CU_FILE_DIO_NOT_SET, 5020);
VALUE(CU_FILE_INVALID_VALUE, 5022);
VALUE(CU_FILE_MEMORY_ALREADY_REGISTERED, 5023);
VALUE(CU_FILE_MEMORY_NOT_REGISTERED, 5024);
VALUE(CU_FILE_PERMISSION_DENIED, 5025);
VALUE(CU_FILE_DRIVER_ALREADY_OPEN, 5026);
VALUE(CU_FILE_HANDLE_NOT_REGISTERED, 5027);
VALUE(CU_FILE_HANDLE_ALREADY_REGISTERED, 5028);
VALUE(CU_FILE_DEVICE_NOT_FOUND, 5029);
VALUE(CU_FILE_INTERNAL_ERROR, 5030);
VALUE(CU_FILE_GETNEWFD_FAILED, 5031);
VALUE(CU_FILE_NVFS_SETUP_ERROR, 5033);
VALUE(CU_FILE_IO_DISABLED, 5034);
VALUE(CU_FILE_BATCH_SUBMIT_FAILED, 5035);
VALUE(CU_FILE_GPU_MEMORY_PINNING_FAILED, 5036);
VALUE(CU_FILE_BATCH_FULL, 5037);
VALUE(CU_FILE_ASYNC_NOT_SUPPORTED, 5038);
VALUE(CU_FILE_IO_MAX_ERROR, 5039);

SIZE(CUresult, 4);
SIZE(CUstream, 8);
SIZE(CUfileError_t, 8);
OFFSET(CUfileError_t, cu_err, 4);

SIZE(CUfileDrvProps_t, 56);
OFFSET(CUfileDrvProps_t, nvfs.poll_thresh_size, 8);
OFFSET(CUfileDrvProps_t, nvfs.max_direct_io_size, 16);
OFFSET(CUfileDrvProps_t, nvfs.dstatusflags, 24);
OFFSET(CUfileDrvProps_t, nvfs.dcontrolflags, 28);
OFFSET(CUfileDrvProps_t, fflags, 32);
OFFSET(CUfileDrvProps_t, max_device_cache_size, 36);
OFFSET(CUfileDrvProps_t, per_buffer_cache_size, 40);
OFFSET(CUfileDrvProps_t, max_device_pinned_mem_size, 44);
OFFSET(CUfileDrvProps_t, max_batch_io_size, 48);
OFFSET(CUfileDrvProps_t, max_batch_io_timeout_msecs, 52);

SIZE(cufileRDMAInfo_t, 16);
SIZE(CUfileFSOps_t, 40);
SIZE(CUfileDescr_t, 24);
OFFSET(CUfileDescr_t, handle, 8);
OFFSET(CUfileDescr_t, fs_ops, 16);

SIZE(CUfileIOParams_t, 64);
OFFSET(CUfileIOParams_t, u.batch.devPtr_base, 8);
OFFSET(CUfileIOParams_t, u.batch.file_offset, 16);
OFFSET(CUfileIOParams_t, u.batch.devPtr_offset, 24);
OFFSET(CUfileIOParams_t, u.batch.size, 32);
OFFSET(CUfileIOParams_t, fh, 40);
OFFSET(CUfileIOParams_t, opcode, 48);
OFFSET(CUfileIOParams_t, cookie, 56);

SIZE(CUfileIOEvents_t, 24);
OFFSET(CUfileIOEvents_t, status, 8);
OFFSET(CUfileIOEvents_t, ret, 16);
VALUE(CUFILE_FAILED, 0x40);
VALUE(CU_FILE_BEEGFS_SUPPORTED, 9);
VALUE(CU_FILE_PARALLEL_IO_SUPPORTED, 3);
VALUE(CU_FILE_HANDLE_TYPE_USERSPACE_FS, 3);
