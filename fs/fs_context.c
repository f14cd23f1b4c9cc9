/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/fs_context.c - where a task's paths begin: root, working directory, umask
 *
 * Concept    Threads share one (CLONE_FS), fork copies it. Kernel threads have
 *            none and start at the root of everything.
 * Owns       struct fs_context.
 * Locks      fs->lock (LOCK_FILES, spin): the two paths, for a thread may change
 *            directory while another looks one up. /proc looks into the contexts of
 *            other tasks under RCU: one that goes has no paths any more.
 * Invariants Both paths hold references as long as the context lives.
 * Callers    fs/namei.c, kernel/task
 * Next       fs/namei.c
 */
#include "fs/vfs.h"
#include "fs/internal.h"
#include "kernel/lib/panic.h"
#include "kernel/sched/task.h"
#include "mm/slab.h"

static int fs_context_new(const struct path *root, const struct path *cwd, u32 umask,
			  struct fs_context **out)
{
	struct fs_context *fs = kzalloc(sizeof(*fs), GFP_KERNEL);

	if (!fs)
		return -ENOMEM;
	atomic_set(&fs->count, 1);
	spin_lock_init(&fs->lock, LOCK_FILES, "fs context");
	path_get(root);
	path_get(cwd);
	fs->root = *root;
	fs->cwd = *cwd;
	fs->umask = umask;
	*out = fs;
	return 0;
}

int fs_context_alloc(struct fs_context **out)
{
	return fs_context_new(&vfs_root, &vfs_root, 022, out);
}

/* Copy one of the paths of @fs, with references. */
static void fs_context_read(struct fs_context *fs, const struct path *which, struct path *out)
{
	spin_lock(&fs->lock);
	*out = *which;
	path_get(out);
	spin_unlock(&fs->lock);
}

int fs_context_copy(struct fs_context *old, struct fs_context **out)
{
	struct path root, cwd;
	int error;

	fs_context_read(old, &old->root, &root);
	fs_context_read(old, &old->cwd, &cwd);
	error = fs_context_new(&root, &cwd, READ_ONCE(old->umask), out);
	path_put(&root);
	path_put(&cwd);
	return error;
}

void fs_context_get(struct fs_context *fs)
{
	ASSERT(atomic_read(&fs->count) > 0);
	atomic_inc(&fs->count);
}

static void fs_context_free_rcu(struct rcu_head *head)
{
	kfree(container_of(head, struct fs_context, rcu));
}

void fs_context_put(struct fs_context *fs)
{
	struct path root, cwd;

	if (!fs || !atomic_dec_and_test(&fs->count))
		return;
	spin_lock(&fs->lock);
	root = fs->root;
	cwd = fs->cwd;
	fs->root.mount = fs->cwd.mount = NULL;
	spin_unlock(&fs->lock);
	path_put(&root);
	path_put(&cwd);
	call_rcu(&fs->rcu, fs_context_free_rcu);
}

int fs_context_path(struct fs_context *fs, bool root, struct path *out)
{
	spin_lock(&fs->lock);
	*out = root ? fs->root : fs->cwd;
	if (out->mount)
		path_get(out);
	spin_unlock(&fs->lock);
	return out->mount ? 0 : -ENOENT;
}

void fs_set_cwd(struct fs_context *fs, const struct path *to)
{
	struct path old;

	path_get(to);
	spin_lock(&fs->lock);
	old = fs->cwd;
	fs->cwd = *to;
	spin_unlock(&fs->lock);
	path_put(&old);
}

void fs_get_root(struct path *out)
{
	struct fs_context *fs = current->fs;

	if (fs) {
		fs_context_read(fs, &fs->root, out);
		return;
	}
	path_get(&vfs_root);
	*out = vfs_root;
}

void fs_get_cwd(struct path *out)
{
	struct fs_context *fs = current->fs;

	if (fs) {
		fs_context_read(fs, &fs->cwd, out);
		return;
	}
	path_get(&vfs_root);
	*out = vfs_root;
}

u32 fs_umask(void)
{
	return current->fs ? READ_ONCE(current->fs->umask) : 0;
}
