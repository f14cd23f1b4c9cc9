/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/syscall/sys_shm.c - System V shared memory: files that a number leads to
 *
 * Concept    A segment is an unnamed tmpfs file with an entry in a table. It has one
 *            open file for everybody: each VMA that maps it holds a reference, and so
 *            does the table until IPC_RMID. The attachments are therefore counted by
 *            nobody; they are the references:
 *
 *                                     references of the file
 *                shmget               1    the table's
 *                shmat, fork, split   +1   of each VMA
 *                IPC_RMID             -1   the key is free, the number still works
 *                shmdt, exit, exec    -1   the last one: shm_release(), the pages go
 *
 *            Who may what is in the segment's mode, as for a file; SHM_LOCK keeps its pages
 *            in memory, and how much of that is a user's the table says, too.
 * Owns       The table of segments.
 * Locks      shm_lock: LOCK_FILES. Files are mapped and put outside of it.
 * Invariants An entry is in the table as long as its file lives. A file without
 *            references is found by nobody, though its entry may still be there.
 * Callers    table.c.
 * Next       sys_signal.c
 */
#include "kernel/syscall/syscalls.h"

#include "fs/cred.h"
#include "fs/file.h"
#include "fs/proc.h"
#include "fs/vfs.h"
#include "include/uapi/sched.h"
#include "include/uapi/shm.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/string.h"
#include "kernel/sched/task.h"
#include "kernel/sync/spinlock.h"
#include "kernel/task/process.h"
#include "kernel/time/tick.h"
#include "mm/filemap.h"
#include "mm/mmap.h"
#include "mm/slab.h"
#include "mm/uaccess.h"
#include "mm/userfaultfd.h"
#include "mm/vma.h"

#define SHM_MAX_SEGMENTS 4096

struct shm {
	struct list_head node;		/* shm_lock */
	int id;				/* constant */
	struct file *file;		/* constant; the table has a reference unless SHM_DEST */
	struct shmid_ds ds;		/* shm_lock */
	u32 locker;			/* shm_lock: whose SHM_LOCK it was */
};

static struct spinlock shm_lock;	/* LOCK_FILES */
static LIST_HEAD(shm_list);		/* shm_lock; in the order of their numbers */
static int shm_next_id;			/* shm_lock */
static unsigned int shm_count;		/* shm_lock */

static s64 shm_now(void)
{
	return (s64)(ktime_get_real_ns() / NSEC_PER_SEC);
}

/* ---- the file of a segment ---- */

static int shm_mmap(struct file *file, struct vma *vma)
{
	return file->inode->fops->mmap(file, vma);
}

/* The last attachment of a segment that was removed. */
static void shm_release(struct file *file)
{
	struct shm *shm = file->private;

	spin_lock(&shm_lock);
	if (!list_empty(&shm->node)) {
		list_del(&shm->node);
		shm_count--;
	}
	spin_unlock(&shm_lock);
	kfree(shm);
}

static const struct file_operations shm_fops = { .mmap = shm_mmap, .release = shm_release };

static u64 shm_attached_locked(const struct shm *shm)
{
	int refs = atomic_read(&shm->file->count);

	assert_held(&shm_lock);
	return (u64)(refs - !(shm->ds.perm.mode & SHM_DEST));
}

static struct shm *shm_find_locked(int id)
{
	struct shm *shm;

	assert_held(&shm_lock);
	list_for_each_entry(shm, &shm_list, node)
		if (shm->id == id)
			return shm;
	return NULL;
}

/* ---- permission ---- */

static bool shm_is_owner(const struct ipc_perm *perm)
{
	u32 euid = current_cred()->uid.effective;

	return euid == perm->uid || euid == perm->cuid;
}

/* May the running task do what @mode has bits for, whoever's they are? 0 or -EACCES. */
static int shm_permission(const struct ipc_perm *perm, u32 mode)
{
	const struct cred *cred = current_cred();
	u32 granted = perm->mode, want = (mode >> 6) | (mode >> 3) | mode;

	if (shm_is_owner(perm))
		granted >>= 6;
	else if (cred_in_group(cred, perm->cgid) || cred_in_group(cred, perm->gid))
		granted >>= 3;
	return want & ~granted & 7 && !capable(CAP_IPC_OWNER) ? -EACCES : 0;
}

/* ---- shmget ---- */

static int shm_make(u64 size, u32 mode, bool promise, struct shm **out)
{
	struct shm *shm = kzalloc(sizeof(*shm), GFP_KERNEL);
	struct file *pages;
	int err;

	if (!shm)
		return -ENOMEM;
	INIT_LIST_HEAD(&shm->node);
	shm->ds.perm.mode = mode & 0777;
	shm->ds.perm.uid = shm->ds.perm.cuid = current_cred()->uid.effective;
	shm->ds.perm.gid = shm->ds.perm.cgid = current_cred()->gid.effective;
	shm->ds.segsz = size;
	shm->ds.ctime = shm_now();
	shm->ds.cpid = current_process->pid->nr;
	err = tmpfs_file_shared(PAGE_ALIGN(size), promise, &pages);
	if (!err) {
		err = file_open_anon(pages->inode, &shm_fops, O_RDWR, shm, &shm->file);
		file_put(pages);
	}
	if (err) {
		kfree(shm);
		return err;
	}
	*out = shm;
	return 0;
}

/* The segment of @key as it is asked for. Return: its number, or -ENOENT ... */
static int shm_get_locked(s32 key, u64 size, int flags)
{
	struct shm *shm;

	assert_held(&shm_lock);
	list_for_each_entry(shm, &shm_list, node) {
		if (key == IPC_PRIVATE || shm->ds.perm.key != key)
			continue;
		if ((flags & (IPC_CREAT | IPC_EXCL)) == (IPC_CREAT | IPC_EXCL))
			return -EEXIST;
		if (size > shm->ds.segsz)
			return -EINVAL;
		return shm_permission(&shm->ds.perm, (u32)flags) ? -EACCES : shm->id;
	}
	return -ENOENT;
}

/* Enter the new @shm, unless somebody else has made one of its key meanwhile. */
static int shm_enter(struct shm *shm, s32 key, u64 size, int flags)
{
	int ret;

	spin_lock(&shm_lock);
	ret = shm_get_locked(key, size, flags);
	if (ret == -ENOENT && shm_count == SHM_MAX_SEGMENTS) {
		ret = -ENOSPC;
	} else if (ret == -ENOENT) {
		shm->ds.perm.key = key;
		ret = shm->id = shm_next_id++;
		list_add_tail(&shm->node, &shm_list);
		shm_count++;
		shm = NULL;
	}
	spin_unlock(&shm_lock);
	if (shm)
		file_put(shm->file);
	return ret;
}

long sys_shmget(s32 key, u64 size, int flags)
{
	struct shm *shm;
	int ret;

	spin_lock(&shm_lock);
	ret = shm_get_locked(key, size, flags);
	spin_unlock(&shm_lock);
	if (ret != -ENOENT || (key != IPC_PRIVATE && !(flags & IPC_CREAT)))
		return ret;
	if (!size || size > (u64)INT64_MAX - PAGE_SIZE || flags & SHM_HUGETLB)
		return -EINVAL;
	ret = shm_make(size, (u32)flags, !(flags & SHM_NORESERVE), &shm);
	return ret ? ret : shm_enter(shm, key, size, flags);
}

/* ---- shmat, shmdt ---- */

/* The segment's file with a reference; a removed one without attachments is gone. */
static int shm_file(int id, u32 mode, struct file **out)
{
	struct shm *shm;
	int err = -EINVAL;

	spin_lock(&shm_lock);
	shm = shm_find_locked(id);
	if (shm)
		err = shm_permission(&shm->ds.perm, mode);
	if (!err && !atomic_inc_not_zero(&shm->file->count))
		err = -EINVAL;
	if (!err)
		*out = shm->file;
	spin_unlock(&shm_lock);
	return err;
}

/* Is anything mapped in [@addr, @addr + @len)? */
static bool shm_is_in_the_way(struct mm *mm, unsigned long addr, unsigned long len)
{
	struct vma *vma = find_vma(mm, addr);

	return vma && vma->start < addr + len;
}

static int shm_map(struct file *file, unsigned long addr, int flags, unsigned long *out)
{
	unsigned long prot = PROT_READ | (flags & SHM_RDONLY ? 0 : PROT_WRITE) |
			     (flags & SHM_EXEC ? PROT_EXEC : 0);
	unsigned long map = MAP_SHARED | (addr ? MAP_FIXED : 0);
	unsigned long len = (unsigned long)file->inode->size;
	struct mm *mm = current->mm;
	int err = -EINVAL;

	down_write(&mm->mmap_lock);
	if (!addr || flags & SHM_REMAP ||
	    (addr + len > addr && !shm_is_in_the_way(mm, addr, len)))
		err = do_mmap(mm, file, addr, len, prot, map, 0, out);
	if (!err && flags & SHM_RDONLY) {
		struct vma *vma = find_vma(mm, *out);

		filemap_del_writer(vma);
		vma_set_flags(vma, vma->flags & ~(unsigned long)VM_MAYWRITE);
	}
	userfaultfd_unlock(mm);
	return err;
}

/* Note who has attached or detached, and when. */
static void shm_note(struct file *file, bool attached)
{
	struct shm *shm = file->private;

	spin_lock(&shm_lock);
	shm->ds.lpid = current_process->pid->nr;
	if (attached)
		shm->ds.atime = shm_now();
	else
		shm->ds.dtime = shm_now();
	spin_unlock(&shm_lock);
}

long sys_shmat(int id, unsigned long addr, int flags)
{
	u32 mode = 0444 | (flags & SHM_RDONLY ? 0 : 0222) | (flags & SHM_EXEC ? 0111 : 0);
	unsigned long at;
	struct file *file = NULL;
	int err;

	if (flags & SHM_RND)
		addr = round_down(addr, PAGE_SIZE);
	if (id < 0 || !is_aligned(addr, PAGE_SIZE) || (!addr && flags & SHM_REMAP))
		return -EINVAL;
	err = shm_file(id, mode, &file);
	if (err)
		return err;
	err = shm_map(file, addr, flags, &at);
	if (!err)
		shm_note(file, true);
	file_put(file);
	return err ? err : (long)at;
}

/* Is @vma a piece of an attachment that begins at @addr, of @file if that is known? */
static bool shm_is_attached_at(const struct vma *vma, unsigned long addr, const struct file *file)
{
	return vma->file && vma->file->ops == &shm_fops && (!file || vma->file == file) &&
	       vma->start >= addr && vma->start - addr == vma->pgoff << PAGE_SHIFT;
}

/* Unmap the pieces that splits have left of the attachment at @addr. */
static int shm_unmap_locked(struct mm *mm, unsigned long addr, struct file **file)
{
	unsigned long at = addr, start, end;
	struct vma *vma;
	int err = -EINVAL;

	while ((vma = find_vma(mm, at))) {
		start = vma->start;
		end = vma->end;
		if (*file && start >= addr + PAGE_ALIGN((unsigned long)(*file)->inode->size))
			break;
		at = end;
		if (!shm_is_attached_at(vma, addr, *file))
			continue;
		if (!*file) {
			*file = vma->file;
			file_get(*file);
		}
		err = do_munmap(mm, start, end - start);
		if (err)
			break;
	}
	return err;
}

long sys_shmdt(unsigned long addr)
{
	struct mm *mm = current->mm;
	struct file *file = NULL;
	int err;

	if (!is_aligned(addr, PAGE_SIZE))
		return -EINVAL;
	down_write(&mm->mmap_lock);
	err = shm_unmap_locked(mm, addr, &file);
	userfaultfd_unlock(mm);
	if (file) {
		shm_note(file, false);
		file_put(file);
	}
	return err;
}

/* ---- shmctl ---- */

/* Return: the file whose reference was the table's, to be put; NULL: already removed. */
static struct file *shm_remove_locked(struct shm *shm)
{
	assert_held(&shm_lock);
	if (shm->ds.perm.mode & SHM_DEST)
		return NULL;
	shm->ds.perm.mode |= SHM_DEST;
	shm->ds.perm.key = IPC_PRIVATE;
	return shm->file;
}

/* Pages that @uid has locked. */
static u64 shm_locked_by_locked(u32 uid)
{
	struct shm *shm;
	u64 pages = 0;

	assert_held(&shm_lock);
	list_for_each_entry(shm, &shm_list, node)
		if (shm->ds.perm.mode & SHM_LOCKED && shm->locker == uid)
			pages += PAGE_ALIGN(shm->ds.segsz) >> PAGE_SHIFT;
	return pages;
}

/* mm->memlock_limit has no end for who has CAP_IPC_LOCK. */
static int shm_lock_locked(struct shm *shm, bool lock)
{
	u64 limit = READ_ONCE(current->mm->memlock_limit), pages;
	u32 uid = current_cred()->uid.real;

	assert_held(&shm_lock);
	if (!capable(CAP_IPC_LOCK) && (!shm_is_owner(&shm->ds.perm) || (lock && !limit)))
		return -EPERM;
	if (lock && !(shm->ds.perm.mode & SHM_LOCKED)) {
		pages = shm_locked_by_locked(uid) + (PAGE_ALIGN(shm->ds.segsz) >> PAGE_SHIFT);
		if (pages > limit >> PAGE_SHIFT)
			return -ENOMEM;
		shm->ds.perm.mode |= SHM_LOCKED;
		shm->locker = uid;
	} else if (!lock) {
		shm->ds.perm.mode &= ~(u32)SHM_LOCKED;
	}
	WRITE_ONCE(shm->file->inode->mapping.unevictable, lock);
	return 0;
}

static int shm_set_locked(struct shm *shm, const struct shmid_ds *ds)
{
	assert_held(&shm_lock);
	if (ds->perm.uid == ~0U || ds->perm.gid == ~0U)
		return -EINVAL;
	shm->ds.perm.uid = ds->perm.uid;
	shm->ds.perm.gid = ds->perm.gid;
	shm->ds.perm.mode = (shm->ds.perm.mode & ~0777U) | (ds->perm.mode & 0777);
	shm->ds.ctime = shm_now();
	return 0;
}

static int shm_stat_locked(struct shm *shm, struct shmid_ds *ds)
{
	assert_held(&shm_lock);
	*ds = shm->ds;
	ds->nattch = shm_attached_locked(shm);
	return shm_permission(&shm->ds.perm, 0444);
}

/* *@drop: a file to be put without the lock, or NULL. */
static int shm_control_locked(struct shm *shm, int cmd, struct shmid_ds *ds, struct file **drop)
{
	assert_held(&shm_lock);
	switch (cmd) {
	case IPC_STAT:
		return shm_stat_locked(shm, ds);
	case SHM_LOCK:
	case SHM_UNLOCK:
		return shm_lock_locked(shm, cmd == SHM_LOCK);
	default:
		if (!shm_is_owner(&shm->ds.perm) && !capable(CAP_SYS_ADMIN))
			return -EPERM;
		if (cmd == IPC_SET)
			return shm_set_locked(shm, ds);
		*drop = shm_remove_locked(shm);
		return 0;
	}
}

static int shm_control(int id, int cmd, struct shmid_ds *ds)
{
	struct file *drop = NULL;
	struct shm *shm;
	int err = -EINVAL;

	spin_lock(&shm_lock);
	shm = shm_find_locked(id);
	if (shm)
		err = shm_control_locked(shm, cmd, ds, &drop);
	spin_unlock(&shm_lock);
	if (drop)
		file_put(drop);
	return err;
}

static bool shm_is_command(int cmd)
{
	return cmd == IPC_RMID || cmd == IPC_STAT || cmd == IPC_SET || cmd == SHM_LOCK ||
	       cmd == SHM_UNLOCK;
}

long sys_shmctl(int id, int cmd, struct shmid_ds __user *uds)
{
	struct shmid_ds ds;
	int err;

	if (id < 0 || !shm_is_command(cmd))
		return -EINVAL;
	if (cmd == IPC_SET && copy_from_user(&ds, uds, sizeof(ds)))
		return -EFAULT;
	err = shm_control(id, cmd, &ds);
	if (!err && cmd == IPC_STAT && copy_to_user(uds, &ds, sizeof(ds)))
		return -EFAULT;
	return err;
}

/* ---- /proc/sysvipc/shm ---- */

static int shm_show(struct seq_file *m)
{
	struct shm *shm;

	seq_puts(m, "       key      shmid perms                  size  cpid  lpid nattch   uid   gid"
		    "  cuid  cgid      atime      dtime      ctime                   rss"
		    "                  swap\n");
	spin_lock(&shm_lock);
	list_for_each_entry(shm, &shm_list, node)
		seq_printf(m, "%10d %10d  %4o %21lu %5u %5u  %5lu %5u %5u %5u %5u %10lu %10lu "
			   "%10lu %21lu %21lu\n",
			   shm->ds.perm.key, shm->id, shm->ds.perm.mode, shm->ds.segsz,
			   (unsigned int)shm->ds.cpid, (unsigned int)shm->ds.lpid,
			   (unsigned long)shm_attached_locked(shm), shm->ds.perm.uid,
			   shm->ds.perm.gid, shm->ds.perm.cuid, shm->ds.perm.cgid,
			   (unsigned long)shm->ds.atime, (unsigned long)shm->ds.dtime,
			   (unsigned long)shm->ds.ctime,
			   (unsigned long)READ_ONCE(shm->file->inode->mapping.nrpages) * PAGE_SIZE,
			   0UL);
	spin_unlock(&shm_lock);
	return 0;
}

void shm_init(void)
{
	spin_lock_init(&shm_lock, LOCK_FILES, "shm");
	if (proc_create("sysvipc/shm", shm_show))
		panic("no memory for /proc/sysvipc");
}
