// SPDX-License-Identifier: MIT
/* The «driver», which here is the library itself: its use count, its properties, its version. */
#include <limits.h>
#include <pthread.h>

#include "cufile-internal.h"
#include "mem/mem.h"

/* "1000 major + 10 minor" of the interface that this is. */
#define INTERFACE_VERSION 1090

/* Sizes come in KiB and in multiples of what nvidia-fs moves at once. */
#define SIZE_STEP     64
#define IO_MOST	      ((size_t)1024 * 1024)
#define PROPERTY_MOST ((size_t)UINT_MAX)

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static long use_count;
/* What cuFile starts with. There is no nvidia-fs, so it has no version. */
static CUfileDrvProps_t properties = {
	.nvfs = { .poll_thresh_size = 4,
		  .max_direct_io_size = 16384,
		  .dstatusflags = 1U << CU_FILE_NFS_SUPPORTED,
		  .dcontrolflags = 1U << CU_FILE_ALLOW_COMPAT_MODE },
	.max_device_cache_size = 131072,
	.per_buffer_cache_size = 1024,
	.max_device_pinned_mem_size = 33554432,
};

void pst_cufile_open_implicitly(void)
{
	pthread_mutex_lock(&lock);
	if (!use_count)
		use_count = 1;
	pthread_mutex_unlock(&lock);
}

bool pst_cufile_is_open(void)
{
	return cuFileUseCount() > 0;
}

CUfileError_t cuFileDriverOpen(void)
{
	pthread_mutex_lock(&lock);
	use_count++;
	pthread_mutex_unlock(&lock);
	return pst_cufile_status(CU_FILE_SUCCESS);
}

CUfileError_t cuFileDriverClose_v2(void)
{
	CUfileOpError error = CU_FILE_SUCCESS;
	bool last = false;

	pthread_mutex_lock(&lock);
	if (!use_count)
		error = CU_FILE_DRIVER_NOT_INITIALIZED;
	else if (use_count == 1 && pst_cufile_files_busy())
		error = CU_FILE_DRIVER_CLOSING;
	else
		last = --use_count == 0;
	pthread_mutex_unlock(&lock);
	if (last) {
		pst_mem_deregister_all();
		pst_gds_trim();
	}
	return pst_cufile_status(error);
}

/* The first version of the call, which old programs have: the header's name means the second. */
#undef cuFileDriverClose
CUfileError_t cuFileDriverClose(void)
{
	return cuFileDriverClose_v2();
}

long cuFileUseCount(void)
{
	long count;

	pthread_mutex_lock(&lock);
	count = use_count;
	pthread_mutex_unlock(&lock);
	return count;
}

CUfileError_t cuFileGetVersion(int *version)
{
	if (!version)
		return pst_cufile_status(CU_FILE_INVALID_VALUE);
	*version = INTERFACE_VERSION;
	return pst_cufile_status(CU_FILE_SUCCESS);
}

CUfileError_t cuFileDriverGetProperties(CUfileDrvProps_t *props)
{
	if (!props)
		return pst_cufile_status(CU_FILE_INVALID_VALUE);
	pthread_mutex_lock(&lock);
	*props = properties;
	pthread_mutex_unlock(&lock);
	return pst_cufile_status(CU_FILE_SUCCESS);
}

/* Locks when the driver is open and the value within its limits. */
static CUfileOpError begin_change(size_t value, size_t step, size_t most)
{
	if (!pst_cufile_is_open())
		return CU_FILE_DRIVER_NOT_INITIALIZED;
	if (!value || value % step || value > most)
		return CU_FILE_DRIVER_UNSUPPORTED_LIMIT;
	pthread_mutex_lock(&lock);
	return CU_FILE_SUCCESS;
}

CUfileError_t cuFileDriverSetPollMode(bool poll, size_t poll_threshold_size)
{
	CUfileOpError error = begin_change(poll_threshold_size, 1, IO_MOST);
	unsigned int bit = 1U << CU_FILE_USE_POLL_MODE;

	if (error)
		return pst_cufile_status(error);
	properties.nvfs.dcontrolflags &= ~bit;
	properties.nvfs.dcontrolflags |= poll ? bit : 0;
	properties.nvfs.poll_thresh_size = poll_threshold_size;
	pthread_mutex_unlock(&lock);
	return pst_cufile_status(CU_FILE_SUCCESS);
}

CUfileError_t cuFileDriverSetMaxDirectIOSize(size_t max_direct_io_size)
{
	CUfileOpError error = begin_change(max_direct_io_size, SIZE_STEP, IO_MOST);

	if (error)
		return pst_cufile_status(error);
	properties.nvfs.max_direct_io_size = max_direct_io_size;
	pthread_mutex_unlock(&lock);
	return pst_cufile_status(CU_FILE_SUCCESS);
}

CUfileError_t cuFileDriverSetMaxCacheSize(size_t max_cache_size)
{
	CUfileOpError error = begin_change(max_cache_size, SIZE_STEP, PROPERTY_MOST);

	if (error)
		return pst_cufile_status(error);
	properties.max_device_cache_size = (unsigned int)max_cache_size;
	pthread_mutex_unlock(&lock);
	return pst_cufile_status(CU_FILE_SUCCESS);
}

CUfileError_t cuFileDriverSetMaxPinnedMemSize(size_t max_pinned_size)
{
	CUfileOpError error = begin_change(max_pinned_size, SIZE_STEP, PROPERTY_MOST);

	if (error)
		return pst_cufile_status(error);
	properties.max_device_pinned_mem_size = (unsigned int)max_pinned_size;
	pthread_mutex_unlock(&lock);
	return pst_cufile_status(CU_FILE_SUCCESS);
}
