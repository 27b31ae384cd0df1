/* SPDX-License-Identifier: MIT */
/*
 * The interface of cuFile 1.9, as Penstock's libcufile.so.0 has it. A program that was built with NVIDIA's header
 * runs with this library, and the other way round. Each call has a page in section 3 of the manual; penstock-gds(7) is
 * about the path that the bytes take.
 *
 * Where <cuda.h> is to be had it is included, for CUresult and CUstream. Without CUDA this header does alone.
 */
#ifndef PENSTOCK_CUFILE_H
#define PENSTOCK_CUFILE_H

#include <arpa/inet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>

#ifdef __has_include
#if __has_include(<cuda.h>)
#include <cuda.h>
#define PENSTOCK_CUFILE_HAS_CUDA
#endif
#endif
#ifndef PENSTOCK_CUFILE_HAS_CUDA
typedef int CUresult; /* of the driver's enum only 0 is ever given without the driver */
typedef struct CUstream_st *CUstream;
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Errors of the interface are above this number; those of a file's data are errno. */
#define CUFILEOP_BASE_ERR 5000

#define CUFILEOP_STATUS_ENTRIES                                                                   \
	CUFILE_OP(0, CU_FILE_SUCCESS, success)                                                    \
	CUFILE_OP(5001, CU_FILE_DRIVER_NOT_INITIALIZED, the driver is not open)                   \
	CUFILE_OP(5002, CU_FILE_DRIVER_INVALID_PROPS, bad property)                               \
	CUFILE_OP(5003, CU_FILE_DRIVER_UNSUPPORTED_LIMIT, limit out of range)                     \
	CUFILE_OP(5004, CU_FILE_DRIVER_VERSION_MISMATCH, driver of another version)               \
	CUFILE_OP(5005, CU_FILE_DRIVER_VERSION_READ_ERROR, version of the driver not known)       \
	CUFILE_OP(5006, CU_FILE_DRIVER_CLOSING, operations are under way)                         \
	CUFILE_OP(5007, CU_FILE_PLATFORM_NOT_SUPPORTED, not supported on this platform)           \
	CUFILE_OP(5008, CU_FILE_IO_NOT_SUPPORTED, not supported for this file)                    \
	CUFILE_OP(5009, CU_FILE_DEVICE_NOT_SUPPORTED, not supported by this GPU)                  \
	CUFILE_OP(5010, CU_FILE_NVFS_DRIVER_ERROR, error of the file system driver)               \
	CUFILE_OP(5011, CU_FILE_CUDA_DRIVER_ERROR, error of the CUDA driver)                      \
	CUFILE_OP(5012, CU_FILE_CUDA_POINTER_INVALID, not a pointer to usable memory)             \
	CUFILE_OP(5013, CU_FILE_CUDA_MEMORY_TYPE_INVALID, memory of an unsupported type)          \
	CUFILE_OP(5014, CU_FILE_CUDA_POINTER_RANGE_ERROR, beyond the end of the allocation)       \
	CUFILE_OP(5015, CU_FILE_CUDA_CONTEXT_MISMATCH, memory of another CUDA context)            \
	CUFILE_OP(5016, CU_FILE_INVALID_MAPPING_SIZE, beyond the largest registration)            \
	CUFILE_OP(5017, CU_FILE_INVALID_MAPPING_RANGE, beyond the end of the registration)        \
	CUFILE_OP(5018, CU_FILE_INVALID_FILE_TYPE, not a regular file)                            \
	CUFILE_OP(5019, CU_FILE_INVALID_FILE_OPEN_FLAG, open flags not supported)                 \
	CUFILE_OP(5020, CU_FILE_DIO_NOT_SET, file opened without O_DIRECT)                        \
	CUFILE_OP(5022, CU_FILE_INVALID_VALUE, bad argument)                                      \
	CUFILE_OP(5023, CU_FILE_MEMORY_ALREADY_REGISTERED, memory is registered already)          \
	CUFILE_OP(5024, CU_FILE_MEMORY_NOT_REGISTERED, memory is not registered)                  \
	CUFILE_OP(5025, CU_FILE_PERMISSION_DENIED, permission denied)                             \
	CUFILE_OP(5026, CU_FILE_DRIVER_ALREADY_OPEN, the driver is open already)                  \
	CUFILE_OP(5027, CU_FILE_HANDLE_NOT_REGISTERED, no such file handle)                       \
	CUFILE_OP(5028, CU_FILE_HANDLE_ALREADY_REGISTERED, file descriptor is registered already) \
	CUFILE_OP(5029, CU_FILE_DEVICE_NOT_FOUND, no such GPU)                                    \
	CUFILE_OP(5030, CU_FILE_INTERNAL_ERROR, error inside the library)                         \
	CUFILE_OP(5031, CU_FILE_GETNEWFD_FAILED, no file descriptor to be had)                    \
	CUFILE_OP(5033, CU_FILE_NVFS_SETUP_ERROR, the driver could not be set up)                 \
	CUFILE_OP(5034, CU_FILE_IO_DISABLED, switched off for this file)                          \
	CUFILE_OP(5035, CU_FILE_BATCH_SUBMIT_FAILED, batch could not be submitted)                \
	CUFILE_OP(5036, CU_FILE_GPU_MEMORY_PINNING_FAILED, memory could not be pinned)            \
	CUFILE_OP(5037, CU_FILE_BATCH_FULL, batch is full)                                        \
	CUFILE_OP(5038, CU_FILE_ASYNC_NOT_SUPPORTED, operations on streams are not supported)     \
	CUFILE_OP(5039, CU_FILE_IO_MAX_ERROR, end of the errors)

typedef enum CUfileOpError {
#define CUFILE_OP(code, name, words) name = code,
	CUFILEOP_STATUS_ENTRIES
#undef CUFILE_OP
} CUfileOpError;

static inline const char *cufileop_status_error(CUfileOpError status)
{
	switch (status) {
#define CUFILE_OP(code, name, words) \
	case name:                   \
		return #words;
		CUFILEOP_STATUS_ENTRIES
#undef CUFILE_OP
	default:
		return "unknown error";
	}
}

typedef struct CUfileError {
	CUfileOpError err;
	CUresult cu_err; /* with CU_FILE_CUDA_DRIVER_ERROR, the driver's */
} CUfileError_t;

#define IS_CUFILE_ERR(err)	 (abs((err)) > CUFILEOP_BASE_ERR)
#define CUFILE_ERRSTR(err)	 cufileop_status_error((CUfileOpError)abs((err)))
#define IS_CUDA_ERR(status)	 ((status).err == CU_FILE_CUDA_DRIVER_ERROR)
#define CU_FILE_CUDA_ERR(status) ((status).cu_err)

/* The driver: cuFileDriverOpen(3), cuFileDriverGetProperties(3) */

/* Numbers of bits in CUfileDrvProps_t.nvfs.dstatusflags */
typedef enum CUfileDriverStatusFlags {
	CU_FILE_LUSTRE_SUPPORTED = 0,
	CU_FILE_WEKAFS_SUPPORTED = 1,
	CU_FILE_NFS_SUPPORTED = 2,
	CU_FILE_GPFS_SUPPORTED = 3,
	CU_FILE_NVME_SUPPORTED = 4,
	CU_FILE_NVMEOF_SUPPORTED = 5,
	CU_FILE_SCSI_SUPPORTED = 6,
	CU_FILE_SCALEFLUX_CSD_SUPPORTED = 7,
	CU_FILE_NVMESH_SUPPORTED = 8,
	CU_FILE_BEEGFS_SUPPORTED = 9,
} CUfileDriverStatusFlags_t;

/* Numbers of bits in CUfileDrvProps_t.nvfs.dcontrolflags */
typedef enum CUfileDriverControlFlags {
	CU_FILE_USE_POLL_MODE = 0,
	CU_FILE_ALLOW_COMPAT_MODE = 1,
} CUfileDriverControlFlags_t;

/* Numbers of bits in CUfileDrvProps_t.fflags */
typedef enum CUfileFeatureFlags {
	CU_FILE_DYN_ROUTING_SUPPORTED = 0,
	CU_FILE_BATCH_IO_SUPPORTED = 1,
	CU_FILE_STREAMS_SUPPORTED = 2,
	CU_FILE_PARALLEL_IO_SUPPORTED = 3,
} CUfileFeatureFlags_t;

/* Sizes are in KiB. */
typedef struct CUfileDrvProps {
	struct {
		unsigned int major_version;
		unsigned int minor_version;
		size_t poll_thresh_size;
		size_t max_direct_io_size;
		unsigned int dstatusflags;
		unsigned int dcontrolflags;
	} nvfs;
	unsigned int fflags;
	unsigned int max_device_cache_size;
	unsigned int per_buffer_cache_size;
	unsigned int max_device_pinned_mem_size;
	unsigned int max_batch_io_size;
	unsigned int max_batch_io_timeout_msecs;
} CUfileDrvProps_t;

CUfileError_t cuFileDriverOpen(void);
CUfileError_t cuFileDriverClose(void);
CUfileError_t cuFileDriverClose_v2(void);
#define cuFileDriverClose cuFileDriverClose_v2
long cuFileUseCount(void);
CUfileError_t cuFileGetVersion(int *version);
CUfileError_t cuFileDriverGetProperties(CUfileDrvProps_t *props);
CUfileError_t cuFileDriverSetPollMode(bool poll, size_t poll_threshold_size);
CUfileError_t cuFileDriverSetMaxDirectIOSize(size_t max_direct_io_size);
CUfileError_t cuFileDriverSetMaxCacheSize(size_t max_cache_size);
CUfileError_t cuFileDriverSetMaxPinnedMemSize(size_t max_pinned_size);

/* Files: cuFileHandleRegister(3) */

typedef struct sockaddr sockaddr_t;

typedef struct cufileRDMAInfo {
	int version;
	int desc_len;
	const char *desc_str;
} cufileRDMAInfo_t;

#define CU_FILE_RDMA_REGISTER	      1
#define CU_FILE_RDMA_RELAXED_ORDERING (1 << 1)

/* Of file systems in user space, which this library has none of. */
typedef struct CUfileFSOps {
	const char *(*fs_type)(void *handle);
	int (*getRDMADeviceList)(void *handle, sockaddr_t **hostaddrs);
	int (*getRDMADevicePriority)(void *handle, char *, size_t, off_t, sockaddr_t *hostaddr);
	ssize_t (*read)(void *handle, char *, size_t, off_t, cufileRDMAInfo_t *);
	ssize_t (*write)(void *handle, const char *, size_t, off_t, cufileRDMAInfo_t *);
} CUfileFSOps_t;

enum CUfileFileHandleType {
	CU_FILE_HANDLE_TYPE_OPAQUE_FD = 1,
	CU_FILE_HANDLE_TYPE_OPAQUE_WIN32 = 2,
	CU_FILE_HANDLE_TYPE_USERSPACE_FS = 3,
};

typedef struct CUfileDescr_t {
	enum CUfileFileHandleType type;
	union {
		int fd;
		void *handle;
	} handle;
	const CUfileFSOps_t *fs_ops;
} CUfileDescr_t;

typedef void *CUfileHandle_t;

CUfileError_t cuFileHandleRegister(CUfileHandle_t *fh, CUfileDescr_t *descr);
void cuFileHandleDeregister(CUfileHandle_t fh);

/* Memory: cuFileBufRegister(3) */

CUfileError_t cuFileBufRegister(const void *bufPtr_base, size_t length, int flags);
CUfileError_t cuFileBufDeregister(const void *bufPtr_base);

/* Reading and writing: cuFileRead(3) */

ssize_t cuFileRead(CUfileHandle_t fh, void *bufPtr_base, size_t size, off_t file_offset,
		   off_t bufPtr_offset);
ssize_t cuFileWrite(CUfileHandle_t fh, const void *bufPtr_base, size_t size, off_t file_offset,
		    off_t bufPtr_offset);

/* Batches: cuFileBatchIOSetUp(3) */

typedef enum CUfileOpcode {
	CUFILE_READ = 0,
	CUFILE_WRITE = 1,
} CUfileOpcode_t;

typedef enum CUFILEStatus_enum {
	CUFILE_WAITING = 0x01,
	CUFILE_PENDING = 0x02,
	CUFILE_INVALID = 0x04,
	CUFILE_CANCELED = 0x08,
	CUFILE_COMPLETE = 0x10,
	CUFILE_TIMEOUT = 0x20,
	CUFILE_FAILED = 0x40,
} CUfileStatus_t;

typedef enum cufileBatchMode {
	CUFILE_BATCH = 1,
} CUfileBatchMode_t;

typedef struct CUfileIOParams {
	CUfileBatchMode_t mode;
	union {
		struct {
			void *devPtr_base;
			off_t file_offset;
			off_t devPtr_offset;
			size_t size;
		} batch;
	} u;
	CUfileHandle_t fh;
	CUfileOpcode_t opcode;
	void *cookie;
} CUfileIOParams_t;

typedef struct CUfileIOEvents {
	void *cookie;
	CUfileStatus_t status;
	size_t ret;
} CUfileIOEvents_t;

typedef void *CUfileBatchHandle_t;
struct timespec; /* strict C99 does not have it */

CUfileError_t cuFileBatchIOSetUp(CUfileBatchHandle_t *batch_idp, unsigned nr);
CUfileError_t cuFileBatchIOSubmit(CUfileBatchHandle_t batch_idp, unsigned nr,
				  CUfileIOParams_t *iocbp, unsigned int flags);
CUfileError_t cuFileBatchIOGetStatus(CUfileBatchHandle_t batch_idp, unsigned min_nr, unsigned *nr,
				     CUfileIOEvents_t *iocbp, struct timespec *timeout);
CUfileError_t cuFileBatchIOCancel(CUfileBatchHandle_t batch_idp);
void cuFileBatchIODestroy(CUfileBatchHandle_t batch_idp);

/* Streams: cuFileReadAsync(3) */

#define CU_FILE_STREAM_FIXED_BUF_OFFSET	   1
#define CU_FILE_STREAM_FIXED_FILE_OFFSET   2
#define CU_FILE_STREAM_FIXED_FILE_SIZE	   4
#define CU_FILE_STREAM_PAGE_ALIGNED_INPUTS 8

CUfileError_t cuFileReadAsync(CUfileHandle_t fh, void *bufPtr_base, size_t *size_p,
			      off_t *file_offset_p, off_t *bufPtr_offset_p, ssize_t *bytes_read_p,
			      CUstream stream);
CUfileError_t cuFileWriteAsync(CUfileHandle_t fh, void *bufPtr_base, size_t *size_p,
			       off_t *file_offset_p, off_t *bufPtr_offset_p,
			       ssize_t *bytes_written_p, CUstream stream);
CUfileError_t cuFileStreamRegister(CUstream stream, unsigned flags);
CUfileError_t cuFileStreamDeregister(CUstream stream);

#ifdef __cplusplus
}
#endif

#endif
