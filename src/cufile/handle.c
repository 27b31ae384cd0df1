// SPDX-License-Identifier: MIT
/*
 * File handles. A handle is a number, not a pointer: it names a slot and the slot's generation, so that one that was
 * closed, or never was, is recognised and not followed.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

#include "cufile-internal.h"

#define CHUNK_SLOTS 256
#define CHUNKS	    1024

/* The state of a slot: generation above, then whether it is closing, then how many hold it. */
#define GENERATION_SHIFT 32
#define CLOSING		 ((uint64_t)1 << 31)
#define HOLDERS		 (CLOSING - 1)

struct slot {
	atomic_uint_least64_t state; /* one holder is the registration itself; none: it is free */
	struct pst_gds_file *file;
	uint32_t next_free; /* index and 1; 0: none */
	/* What was registered, to see when it is again. */
	int fd;
	int flags;
	dev_t device;
	ino_t inode;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct slot *_Atomic chunks[CHUNKS]; /* grows, and never shrinks */
static uint32_t slots; /* ever used */
static uint32_t first_free; /* index and 1 */

static struct slot *slot_at(uint32_t index)
{
	struct slot *chunk =
		index / CHUNK_SLOTS < CHUNKS ? atomic_load(&chunks[index / CHUNK_SLOTS]) : NULL;

	return chunk ? &chunk[index % CHUNK_SLOTS] : NULL;
}

static CUfileHandle_t to_handle(uint32_t index, uint64_t state)
{
	return (CUfileHandle_t)(uintptr_t)((state >> GENERATION_SHIFT) << GENERATION_SHIFT |
					   (index + 1));
}

static uint32_t index_of(CUfileHandle_t handle)
{
	return (uint32_t)(uintptr_t)handle - 1;
}

/* Takes a hold of what @handle names, if it is still there; with @close it is so no longer for others. */
static struct slot *hold(CUfileHandle_t handle, bool close)
{
	struct slot *slot = slot_at(index_of(handle));
	uint64_t generation = (uint64_t)(uintptr_t)handle >> GENERATION_SHIFT, state;

	if (!slot)
		return NULL;
	state = atomic_load(&slot->state);
	do {
		if (state >> GENERATION_SHIFT != generation || state & CLOSING ||
		    !(state & HOLDERS))
			return NULL;
	} while (!atomic_compare_exchange_weak(&slot->state, &state,
					       close ? state | CLOSING : state + 1));
	return slot;
}

static void let_go(uint32_t index)
{
	struct slot *slot = slot_at(index);
	uint64_t state = atomic_fetch_sub(&slot->state, 1) - 1;

	if (state & HOLDERS)
		return;
	pst_gds_close(slot->file);
	pthread_mutex_lock(&lock);
	slot->file = NULL;
	slot->next_free = first_free;
	first_free = index + 1;
	atomic_store(&slot->state, ((state >> GENERATION_SHIFT) + 1) << GENERATION_SHIFT);
	pthread_mutex_unlock(&lock);
}

struct pst_gds_file *pst_cufile_file_get(CUfileHandle_t handle)
{
	struct slot *slot = hold(handle, false);

	return slot ? slot->file : NULL;
}

void pst_cufile_file_put(CUfileHandle_t handle)
{
	let_go(index_of(handle));
}

bool pst_cufile_files_busy(void)
{
	bool busy = false;

	pthread_mutex_lock(&lock);
	for (uint32_t i = 0; i < slots && !busy; i++) {
		uint64_t state = atomic_load(&slot_at(i)->state);

		busy = (state & HOLDERS) > (state & CLOSING ? 0 : 1);
	}
	pthread_mutex_unlock(&lock);
	return busy;
}

/* The lock is held, as in the next two. */
static bool is_registered(int fd, int flags, const struct stat *status)
{
	for (uint32_t i = 0; i < slots; i++) {
		const struct slot *slot = slot_at(i);
		uint64_t state = atomic_load(&slot->state);

		if (state & HOLDERS && !(state & CLOSING) && slot->fd == fd &&
		    slot->flags == flags && slot->device == status->st_dev &&
		    slot->inode == status->st_ino)
			return true;
	}
	return false;
}

static struct slot *new_slot(uint32_t *ret_index)
{
	uint32_t chunk = slots / CHUNK_SLOTS;

	if (first_free) {
		*ret_index = first_free - 1;
		first_free = slot_at(*ret_index)->next_free;
		return slot_at(*ret_index);
	}
	if (chunk == CHUNKS)
		return NULL;
	if (!atomic_load(&chunks[chunk])) {
		struct slot *fresh = calloc(CHUNK_SLOTS, sizeof(*fresh));

		if (!fresh)
			return NULL;
		atomic_store(&chunks[chunk], fresh);
	}
	*ret_index = slots++;
	return slot_at(*ret_index);
}

static int add(int fd, struct pst_gds_file *file, CUfileHandle_t *ret)
{
	struct stat status;
	struct slot *slot;
	uint32_t index;
	uint64_t state;
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fstat(fd, &status))
		return -errno;
	if (is_registered(fd, flags, &status))
		return -EEXIST;
	slot = new_slot(&index);
	if (!slot)
		return -ENOMEM;
	slot->file = file;
	slot->fd = fd;
	slot->flags = flags;
	slot->device = status.st_dev;
	slot->inode = status.st_ino;
	state = atomic_fetch_add(&slot->state, 1);
	*ret = to_handle(index, state);
	return 0;
}

CUfileError_t cuFileHandleRegister(CUfileHandle_t *fh, CUfileDescr_t *descr)
{
	struct pst_gds_file *file;
	int error;

	if (!fh || !descr)
		return pst_cufile_status(CU_FILE_INVALID_VALUE);
	if (descr->type == CU_FILE_HANDLE_TYPE_USERSPACE_FS)
		return pst_cufile_status(CU_FILE_IO_NOT_SUPPORTED);
	if (descr->type != CU_FILE_HANDLE_TYPE_OPAQUE_FD)
		return pst_cufile_status(CU_FILE_INVALID_VALUE);
	pst_cufile_open_implicitly();
	error = pst_gds_open(descr->handle.fd, &file, NULL);
	if (error)
		return pst_cufile_register_file_error(error);
	pthread_mutex_lock(&lock);
	error = add(descr->handle.fd, file, fh);
	pthread_mutex_unlock(&lock);
	if (error)
		pst_gds_close(file);
	return pst_cufile_register_file_error(error);
}

void cuFileHandleDeregister(CUfileHandle_t fh)
{
	/* Operations that are under way end first: the last one closes. */
	if (hold(fh, true))
		let_go(index_of(fh));
}
