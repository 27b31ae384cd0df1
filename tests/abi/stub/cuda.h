/* SPDX-License-Identifier: MIT */
/* As much of the CUDA driver's header as a cufile.h wants of it. */
#ifndef PST_TESTS_ABI_CUDA_H
#define PST_TESTS_ABI_CUDA_H

typedef enum cudaError_enum {
	CUDA_SUCCESS = 0,
	CUDA_ERROR_UNKNOWN = 999,
} CUresult;
typedef struct CUstream_st *CUstream;

#endif
