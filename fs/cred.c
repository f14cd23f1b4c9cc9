/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/cred.c - permission: who may do what with an inode
 *
 * Concept    One of three triples of a mode applies, the first that fits:
 *
 *                fsuid is the owner           rwx------
 *                the group is among ours      ---rwx---
 *                anybody else                 ------rwx
 *
 *            Capabilities overrule it: CAP_DAC_OVERRIDE all but the execution of a file
 *            that nobody may execute; CAP_DAC_READ_SEARCH reading, and searching
 *            directories. In a sticky directory a name belongs to the file's owner.
 * Owns       cred_root.
 * Locks      None: ids and modes are single words, asked once.
 * Callers    fs/namei.c, fs/open.c, fs/sys_path.c, kernel/task, kernel/syscall
 * Next       fs/namei.c
 */
#include "fs/cred.h"

#include "fs/vfs.h"
#include "include/uapi/sched.h"

const struct cred cred_root = {
	.cap_effective = BIT(CAP_LAST_CAP + 1) - 1, .cap_permitted = BIT(CAP_LAST_CAP + 1) - 1,
};

static cred_get_fn *cred_get;

cred_get_fn *cred_set_current(cred_get_fn *get)
{
	cred_get_fn *old = cred_get;

	WRITE_ONCE(cred_get, get);
	return old;
}

const struct cred *current_cred(void)
{
	cred_get_fn *get = READ_ONCE(cred_get);

	return get ? get() : &cred_root;
}

bool cred_capable(const struct cred *cred, int cap)
{
	return READ_ONCE(cred->cap_effective) & BIT(cap);
}

bool capable(int cap)
{
	return cred_capable(current_cred(), cap);
}

bool cred_in_group(const struct cred *cred, u32 gid)
{
	u32 nr = min(READ_ONCE(cred->nr_groups), (u32)NGROUPS_MAX);

	if (READ_ONCE(cred->gid.fs) == gid)
		return true;
	for (u32 i = 0; i < nr; i++)
		if (READ_ONCE(cred->groups[i]) == gid)
			return true;
	return false;
}

int cred_permission(const struct cred *cred, const struct inode *inode, int want)
{
	u32 mode = READ_ONCE(inode->mode), bits = mode;

	if (READ_ONCE(cred->uid.fs) == READ_ONCE(inode->uid))
		bits >>= 6;
	else if (cred_in_group(cred, READ_ONCE(inode->gid)))
		bits >>= 3;
	if (!(want & ~bits & 7))
		return 0;
	if ((!(want & MAY_EXEC) || S_ISDIR(mode) || mode & 0111) &&
	    cred_capable(cred, CAP_DAC_OVERRIDE))
		return 0;
	if (!(want & MAY_WRITE) && (S_ISDIR(mode) || want == MAY_READ) &&
	    cred_capable(cred, CAP_DAC_READ_SEARCH))
		return 0;
	return -EACCES;
}

int inode_permission(const struct inode *inode, int want)
{
	return cred_permission(current_cred(), inode, want);
}

int inode_may_unlink(const struct inode *dir, const struct inode *victim)
{
	const struct cred *cred = current_cred();

	if (!(READ_ONCE(dir->mode) & S_ISVTX) || cred->uid.fs == READ_ONCE(victim->uid) ||
	    cred->uid.fs == READ_ONCE(dir->uid) || cred_capable(cred, CAP_FOWNER))
		return 0;
	return -EPERM;
}

bool inode_owner_or_capable(const struct inode *inode)
{
	const struct cred *cred = current_cred();

	return cred->uid.fs == READ_ONCE(inode->uid) || cred_capable(cred, CAP_FOWNER);
}

void inode_init_owner(struct inode *inode, const struct inode *dir)
{
	const struct cred *cred = current_cred();

	inode->uid = cred->uid.fs;
	inode->gid = cred->gid.fs;
	if (!(READ_ONCE(dir->mode) & S_ISGID))
		return;
	inode->gid = READ_ONCE(dir->gid);
	if (S_ISDIR(inode->mode))
		inode->mode |= S_ISGID;
	else if ((inode->mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) &&
		 !cred_in_group(cred, inode->gid) && !cred_capable(cred, CAP_FSETID))
		inode->mode &= ~(u32)S_ISGID;
}

u32 mode_without_owner(u32 mode)
{
	if (S_ISDIR(mode))
		return mode;
	return mode & ~(S_ISUID | (mode & S_IXGRP ? S_ISGID : 0));
}

void inode_remove_privs(struct inode *inode)
{
	u32 mode = READ_ONCE(inode->mode), left = mode_without_owner(mode);

	if (S_ISREG(mode) && left != mode && !capable(CAP_FSETID))
		WRITE_ONCE(inode->mode, left);
}
