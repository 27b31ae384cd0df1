/* SPDX-License-Identifier: MIT */
/* What the files of this layer share. */
#ifndef PST_CUFILE_INTERNAL_H
#define PST_CUFILE_INTERNAL_H

#include <sys/types.h>

#include "cufile.h"
#include "gds/gds.h"

/* The first use of anything opens the driver, if the program has not. */
void pst_cufile_open_implicitly(void);
bool pst_cufile_is_open(void);

/* A handle's file, held until it is put; NULL when there is no such handle (any more). */
struct pst_gds_file *pst_cufile_file_get(CUfileHandle_t handle);
void pst_cufile_file_put(CUfileHandle_t handle);
/* An operation is under way on some handle. */
bool pst_cufile_files_busy(void);

CUfileError_t pst_cufile_status(CUfileOpError error);
/* The translations from -errno. */
CUfileError_t pst_cufile_register_file_error(int error);
CUfileError_t pst_cufile_register_buffer_error(int error);
CUfileError_t pst_cufile_deregister_buffer_error(int error);
/* Bytes or -errno, as cuFileRead returns them: sets errno. */
ssize_t pst_cufile_result(ssize_t result);

#endif
