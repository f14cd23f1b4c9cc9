/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/cred.h - who acts: the ids and capabilities that permission is asked of
 */
#ifndef FS_CRED_H
#define FS_CRED_H

#include "include/types.h"

struct inode;

#define NGROUPS_MAX 32

/*
 * The threads of a process share them. The real id says who started it, the effective one
 * with whose power it acts, the saved one what that may become again; files ask the fs id,
 * which follows the effective one until setfsuid(2).
 */
struct ids {
	u32 real, effective, saved, fs;
};

struct cred {
	struct ids uid, gid;
	u32 nr_groups, groups[NGROUPS_MAX];
	u64 cap_effective, cap_permitted;	/* BIT(CAP_*) */
};

extern const struct cred cred_root;		/* kernel threads, and the first process */

/* The ids of the running task: of the layer of processes, which tells how to ask. */
const struct cred *current_cred(void);
typedef const struct cred *cred_get_fn(void);
/* Return: how it was done before, for a test to put back. */
cred_get_fn *cred_set_current(cred_get_fn *get);

/* Context of all: any. */
bool capable(int cap);				/* the running task */
bool cred_capable(const struct cred *cred, int cap);
bool cred_in_group(const struct cred *cred, u32 gid);

enum may { MAY_EXEC = 1, MAY_WRITE = 2, MAY_READ = 4 };	/* as the bits of a mode */

/* May who has @cred do all of @want (enum may) with @inode? Return: 0, -EACCES. */
int __must_check cred_permission(const struct cred *cred, const struct inode *inode, int want);
/* The same for the running task. */
int __must_check inode_permission(const struct inode *inode, int want);
/* May the running task take @victim out of @dir, into which it may write? 0, -EPERM: sticky. */
int __must_check inode_may_unlink(const struct inode *dir, const struct inode *victim);
/* Does the running task own @inode, or act as if? */
bool inode_owner_or_capable(const struct inode *inode);
/* With a new owner, or other contents, a program has no power to act as its owner. */
u32 mode_without_owner(u32 mode);
/* The running task changes the contents of @inode. */
void inode_remove_privs(struct inode *inode);
/* A new inode in @dir belongs to the running task; a set-gid directory gives its group. */
void inode_init_owner(struct inode *inode, const struct inode *dir);

#endif
