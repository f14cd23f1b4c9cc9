/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/syscall/sys_ids.c - the calls about user and group ids
 *
 * Concept    An unprivileged process may take any of the ids that it has by now; a
 *            privileged one any at all. All three ids leaving 0 drops the capabilities,
 *            the effective one leaving 0 those in effect. Users and groups obey the same
 *            rules, so each call is written once for struct ids.
 * Owns       Nothing.
 * Locks      siglock of the process around each change.
 * Callers    table.c.
 */
#include "kernel/syscall/syscalls.h"

#include "fs/cred.h"
#include "kernel/lib/string.h"
#include "kernel/sched/task.h"
#include "kernel/task/process.h"
#include "mm/uaccess.h"

#define KEEP (~0U)			/* -1: this id stays */
#define CAPS_OF_FILES (BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_DAC_READ_SEARCH) | \
		       BIT(CAP_FOWNER) | BIT(CAP_FSETID) | BIT(CAP_MKNOD))

/* ---- one change ---- */

/* What becomes of the capabilities when the user ids were @old. */
static void caps_follow(struct cred *c, const struct ids *old)
{
	bool was_root = !old->real || !old->effective || !old->saved;

	if (was_root && c->uid.real && c->uid.effective && c->uid.saved)
		c->cap_permitted = c->cap_effective = 0;
	if (!old->effective && c->uid.effective)
		c->cap_effective = 0;
	if (old->effective && !c->uid.effective)
		c->cap_effective = c->cap_permitted;
}

/* Make @new the ids of the running process. siglock held. */
static void ids_commit_locked(struct process *p, struct cred *new)
{
	const struct cred *old = &p->cred;

	assert_held(&p->siglock);
	if (new->uid.effective != old->uid.effective || new->uid.fs != old->uid.fs ||
	    new->gid.effective != old->gid.effective || new->gid.fs != old->gid.fs)
		p->dumpable = false;
	p->cred = *new;
	process_apply_limits(p);
}

typedef int ids_fn(struct ids *ids, bool may, const u32 *id);

/* Let @fn change the users' or groups' ids as @id[] says. */
static long ids_change(bool user, ids_fn *fn, const u32 *id)
{
	struct process *p = current_process;
	unsigned long flags;
	struct cred new;
	int err;

	spin_lock_irqsave(&p->siglock, flags);
	new = p->cred;
	err = fn(user ? &new.uid : &new.gid,
		 cred_capable(&new, user ? CAP_SETUID : CAP_SETGID), id);
	if (!err) {
		caps_follow(&new, &p->cred.uid);
		ids_commit_locked(p, &new);
	}
	spin_unlock_irqrestore(&p->siglock, flags);
	return err;
}

/* ---- the rules ---- */

static int ids_set(struct ids *ids, bool may, const u32 *id)
{
	if (id[0] == KEEP)
		return -EINVAL;
	if (may)
		ids->real = ids->saved = id[0];
	else if (id[0] != ids->real && id[0] != ids->saved)
		return -EPERM;
	ids->effective = ids->fs = id[0];
	return 0;
}

static int ids_set_re(struct ids *ids, bool may, const u32 *id)
{
	struct ids old = *ids;

	if (id[0] != KEEP) {
		if (!may && id[0] != old.real && id[0] != old.effective)
			return -EPERM;
		ids->real = id[0];
	}
	if (id[1] != KEEP) {
		if (!may && id[1] != old.real && id[1] != old.effective && id[1] != old.saved)
			return -EPERM;
		ids->effective = id[1];
	}
	if (id[0] != KEEP || (id[1] != KEEP && id[1] != old.real))
		ids->saved = ids->effective;
	ids->fs = ids->effective;
	return 0;
}

static bool ids_has(const struct ids *ids, u32 id)
{
	return id == KEEP || id == ids->real || id == ids->effective || id == ids->saved;
}

static int ids_set_res(struct ids *ids, bool may, const u32 *id)
{
	if (!may && !(ids_has(ids, id[0]) && ids_has(ids, id[1]) && ids_has(ids, id[2])))
		return -EPERM;
	if (id[0] != KEEP)
		ids->real = id[0];
	if (id[1] != KEEP)
		ids->effective = id[1];
	if (id[2] != KEEP)
		ids->saved = id[2];
	ids->fs = ids->effective;
	return 0;
}

/* No error, whatever is asked: the caller looks at the old id that it gets. */
static long ids_set_fs(bool user, u32 id)
{
	struct process *p = current_process;
	struct ids *ids;
	struct cred new;
	unsigned long flags;
	u32 old;

	spin_lock_irqsave(&p->siglock, flags);
	new = p->cred;
	ids = user ? &new.uid : &new.gid;
	old = ids->fs;
	if (id != KEEP && (ids_has(ids, id) || id == old ||
			   cred_capable(&new, user ? CAP_SETUID : CAP_SETGID))) {
		ids->fs = id;
		if (user && !old && id)
			new.cap_effective &= ~CAPS_OF_FILES;
		if (user && old && !id)
			new.cap_effective |= new.cap_permitted & CAPS_OF_FILES;
		ids_commit_locked(p, &new);
	}
	spin_unlock_irqrestore(&p->siglock, flags);
	return old;
}

/* ---- the calls ---- */

long sys_getuid(void)
{
	return current_cred()->uid.real;
}

long sys_geteuid(void)
{
	return current_cred()->uid.effective;
}

long sys_getgid(void)
{
	return current_cred()->gid.real;
}

long sys_getegid(void)
{
	return current_cred()->gid.effective;
}

long sys_setuid(u32 uid)
{
	return ids_change(true, ids_set, &uid);
}

long sys_setgid(u32 gid)
{
	return ids_change(false, ids_set, &gid);
}

long sys_setreuid(u32 ruid, u32 euid)
{
	return ids_change(true, ids_set_re, (u32[]){ ruid, euid });
}

long sys_setregid(u32 rgid, u32 egid)
{
	return ids_change(false, ids_set_re, (u32[]){ rgid, egid });
}

long sys_setresuid(u32 ruid, u32 euid, u32 suid)
{
	return ids_change(true, ids_set_res, (u32[]){ ruid, euid, suid });
}

long sys_setresgid(u32 rgid, u32 egid, u32 sgid)
{
	return ids_change(false, ids_set_res, (u32[]){ rgid, egid, sgid });
}

long sys_setfsuid(u32 uid)
{
	return ids_set_fs(true, uid);
}

long sys_setfsgid(u32 gid)
{
	return ids_set_fs(false, gid);
}

static long ids_to_user(const struct ids *ids, u32 __user *real, u32 __user *effective,
			u32 __user *saved)
{
	return put_user(ids->real, real) || put_user(ids->effective, effective) ||
	       put_user(ids->saved, saved) ? -EFAULT : 0;
}

long sys_getresuid(u32 __user *real, u32 __user *effective, u32 __user *saved)
{
	return ids_to_user(&current_cred()->uid, real, effective, saved);
}

long sys_getresgid(u32 __user *real, u32 __user *effective, u32 __user *saved)
{
	return ids_to_user(&current_cred()->gid, real, effective, saved);
}

long sys_getgroups(int size, u32 __user *list)
{
	const struct cred *cred = current_cred();
	u32 nr = cred->nr_groups;

	if (size < 0 || (size && (u32)size < nr))
		return -EINVAL;
	if (size && copy_to_user(list, cred->groups, nr * sizeof(u32)))
		return -EFAULT;
	return nr;
}

long sys_setgroups(int size, const u32 __user *list)
{
	struct process *p = current_process;
	u32 groups[NGROUPS_MAX];
	unsigned long flags;

	if (!capable(CAP_SETGID))
		return -EPERM;
	if (size < 0 || size > NGROUPS_MAX)
		return -EINVAL;
	if (copy_from_user(groups, list, (size_t)size * sizeof(u32)))
		return -EFAULT;
	spin_lock_irqsave(&p->siglock, flags);
	memcpy(p->cred.groups, groups, (size_t)size * sizeof(u32));
	p->cred.nr_groups = (u32)size;
	spin_unlock_irqrestore(&p->siglock, flags);
	return 0;
}
