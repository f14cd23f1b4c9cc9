/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * include/uapi/shm.h - System V shared memory as programs see it (Linux x86-64)
 */
#ifndef INCLUDE_UAPI_SHM_H
#define INCLUDE_UAPI_SHM_H

#include "include/types.h"

#define IPC_PRIVATE 0
#define IPC_CREAT 01000
#define IPC_EXCL 02000
#define IPC_RMID 0
#define IPC_SET 1
#define IPC_STAT 2
#define SHM_LOCK 11
#define SHM_UNLOCK 12

#define SHM_DEST 01000		/* in the mode: goes with the last attachment */
#define SHM_LOCKED 02000	/* in the mode: SHM_LOCK */
#define SHM_HUGETLB 04000
#define SHM_NORESERVE 010000	/* of shmget */
#define SHM_RDONLY 010000
#define SHM_RND 020000
#define SHM_REMAP 040000
#define SHM_EXEC 0100000

struct ipc_perm {
	s32 key;
	u32 uid, gid, cuid, cgid;
	u32 mode;
	u16 seq, pad;
	u32 pad2;
	u64 unused[2];
};

struct shmid_ds {
	struct ipc_perm perm;
	u64 segsz;
	s64 atime, dtime, ctime;	/* seconds */
	s32 cpid, lpid;
	u64 nattch;
	u64 unused[2];
};
static_assert(sizeof(struct ipc_perm) == 48, "ipc_perm");
static_assert(sizeof(struct shmid_ds) == 112, "shmid_ds");

#endif
