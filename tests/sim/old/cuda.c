// SPDX-License-Identifier: MIT
/* A CUDA driver that is too old for us, or is none. */
int cuInit(unsigned int flags);

int cuInit(unsigned int flags)
{
	(void)flags;
	return 0;
}
