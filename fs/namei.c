/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/namei.c - from a path to a place, and the operations on names
 *
 * Concept    A walk takes one component at a time: `.` stays, `..` climbs (over
 *            mounts, never over the caller's root), a name is looked up, a
 *            symbolic link puts its target in front of what is left of the path.
 *            So links in links need no recursion, only a count against loops.
 *            The walk stops before the last component, because opening, making
 *            and removing want different things of it.
 * Owns       Nothing.
 * Locks      A walk holds references, and d_lock or namespace_sem for single
 *            steps only. Making and removing names hold namespace_sem for
 *            reading, so that they run beside each other; rename holds it for
 *            writing and sees a tree that nobody else changes.
 * Invariants walk.path and walk.root have references from walk_begin() to
 *            walk_end().
 * Callers    fs/open.c, fs/sys_path.c, fs/initramfs.c
 * Next       fs/open.c
 */
#include "fs/vfs.h"
#include "fs/cred.h"
#include "fs/internal.h"
#include "include/uapi/mount.h"
#include "kernel/lib/gate_hook.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"
#include "kernel/time/tick.h"
#include "mm/slab.h"

#define MAX_LINKS 40		/* symbolic links in one walk, as on Linux */

enum last_kind { LAST_NONE, LAST_NAME, LAST_DOT, LAST_DOTDOT };

struct walk {
	struct path root, path;	/* where the caller's / is; where we are */
	const char *rest;	/* what is left to walk */
	char *buf;		/* owns what rest points into, once a link was met */
	unsigned int links;
	/* the last component, after walk_to_last() */
	const char *last;
	size_t last_len;
	enum last_kind kind;
	bool slash;		/* slashes follow it: it must be a directory */
	bool made;		/* by walk_create(): its maker may open it as he likes */
};

void path_get(const struct path *path)
{
	mount_get(path->mount);
	dget(path->dentry);
}

void path_put(const struct path *path)
{
	/* The dentry first: the mount's super block owns it. */
	dput(path->dentry);
	mount_put(path->mount);
}

/* ---- the walk ---- */

static void walk_goto(struct walk *w, const struct path *to)
{
	path_get(to);
	path_put(&w->path);
	w->path = *to;
}

static void walk_begin(struct walk *w, const struct path *base, const char *name)
{
	memset(w, 0, sizeof(*w));
	w->rest = name;
	fs_get_root(&w->root);
	if (*name == '/') {
		w->path = w->root;
		path_get(&w->path);
	} else if (base) {
		w->path = *base;
		path_get(&w->path);
	} else {
		fs_get_cwd(&w->path);
	}
}

static void walk_end(struct walk *w)
{
	path_put(&w->path);
	path_put(&w->root);
	kfree(w->buf);
}

static void walk_up(struct walk *w)
{
	struct dentry *parent;

	for (;;) {
		if (w->path.mount == w->root.mount && w->path.dentry == w->root.dentry)
			return;
		if (w->path.dentry != w->path.mount->sb->root)
			break;
		if (!mount_cross_up(&w->path))
			return;
	}
	down_read(&namespace_sem);
	parent = w->path.dentry->parent;
	dget(parent);
	up_read(&namespace_sem);
	dput(w->path.dentry);
	w->path.dentry = parent;
}

/* Find @name in the directory @dir, linked or made up by the file system. */
static int dir_lookup(struct dentry *dir, const char *name, size_t len, struct dentry **out)
{
	const struct inode_operations *ops = dir->inode->ops;

	*out = dentry_find(dir, name, len);
	if (*out)
		return 0;
	return ops && ops->lookup ? ops->lookup(dir, name, len, out) : -ENOENT;
}

static int walk_lookup(struct walk *w, const char *name, size_t len, struct path *out)
{
	int error = dir_lookup(w->path.dentry, name, len, &out->dentry);

	if (error)
		return error;
	out->mount = w->path.mount;
	mount_get(out->mount);
	mount_cross_down(out);
	return 0;
}

/* Put the target of @link in front of @after; @slash: there was one between. */
static int walk_expand(struct walk *w, struct inode *link, const char *after, bool slash)
{
	char *buf = kmalloc(PATH_MAX, GFP_KERNEL);
	size_t left = slash ? strlen(after) + 1 : 0;
	ssize_t n;

	if (!buf)
		return -ENOMEM;
	n = link->ops->readlink(link, buf, PATH_MAX - 1);
	if (n <= 0 || (size_t)n + left >= PATH_MAX) {
		kfree(buf);
		return n < 0 ? (int)n : n ? -ENAMETOOLONG : -ENOENT;
	}
	if (slash) {
		buf[n] = '/';
		memcpy(buf + n + 1, after, left - 1);
	}
	buf[(size_t)n + left] = 0;
	kfree(w->buf);
	w->buf = buf;
	w->rest = buf;
	if (*buf == '/')
		walk_goto(w, &w->root);
	return 0;
}

/* Go on where the symbolic link at @at leads. Drops @at. */
static int walk_follow(struct walk *w, struct path *at, const char *after, bool slash)
{
	struct inode *link = at->dentry->inode;
	struct path target;
	int error;

	if (++w->links > MAX_LINKS) {
		error = -ELOOP;
	} else if (link->ops->follow) {
		error = link->ops->follow(link, &target);
		if (!error) {
			path_put(&w->path);
			w->path = target;
			w->rest = after;
		}
	} else {
		error = walk_expand(w, link, after, slash);
	}
	path_put(at);
	return error;
}

/* One component that is not the last one: @len bytes at w->rest. */
static int walk_step(struct walk *w, size_t len, const char *after)
{
	struct path next;
	int error;

	if (len == 1 && w->rest[0] == '.') {
		w->rest = after;
		return 0;
	}
	if (len == 2 && w->rest[0] == '.' && w->rest[1] == '.') {
		walk_up(w);
		w->rest = after;
		return 0;
	}
	error = walk_lookup(w, w->rest, len, &next);
	if (error)
		return error;
	if (S_ISLNK(READ_ONCE(next.dentry->inode->mode)))
		return walk_follow(w, &next, after, true);
	path_put(&w->path);
	w->path = next;
	w->rest = after;
	return 0;
}

static enum last_kind walk_kind(const char *name, size_t len)
{
	if (!len)
		return LAST_NONE;
	if (name[0] == '.' && len == 1)
		return LAST_DOT;
	if (name[0] == '.' && name[1] == '.' && len == 2)
		return LAST_DOTDOT;
	return LAST_NAME;
}

/* Walk up to the last component, which stays in w->last. */
static int walk_to_last(struct walk *w)
{
	const char *after;
	int error = 0;
	size_t len;

	while (!error) {
		w->rest += strspn(w->rest, "/");
		if (*w->rest && !S_ISDIR(READ_ONCE(w->path.dentry->inode->mode)))
			return -ENOTDIR;
		if (*w->rest)
			error = inode_permission(w->path.dentry->inode, MAY_EXEC);
		if (error)
			return error;
		len = strcspn(w->rest, "/");
		if (len > NAME_MAX)
			return -ENAMETOOLONG;
		after = w->rest + len + strspn(w->rest + len, "/");
		if (!*after) {
			w->last = w->rest;
			w->last_len = len;
			w->slash = w->rest[len] == '/';
			w->kind = walk_kind(w->rest, len);
			return 0;
		}
		error = walk_step(w, len, after);
	}
	return error;
}

/* Walk the last component too; w->path is the result. */
static int walk_to_end(struct walk *w, unsigned int flags)
{
	struct path next;
	int error;

	for (;;) {
		error = walk_to_last(w);
		if (error)
			return error;
		if (w->kind == LAST_DOTDOT)
			walk_up(w);
		if (w->kind != LAST_NAME)
			return 0;
		error = walk_lookup(w, w->last, w->last_len, &next);
		if (error)
			return error;
		if (!S_ISLNK(READ_ONCE(next.dentry->inode->mode)) ||
		    !((flags & LOOKUP_FOLLOW) || w->slash))
			break;
		error = walk_follow(w, &next, "", w->slash);
		if (error)
			return error;
	}
	path_put(&w->path);
	w->path = next;
	if (w->slash && !S_ISDIR(READ_ONCE(next.dentry->inode->mode)))
		return -ENOTDIR;
	return 0;
}

int path_lookup(const struct path *base, const char *name, unsigned int flags,
		struct path *out)
{
	struct walk w;
	int error = 0;

	if (!*name && !(flags & LOOKUP_EMPTY))
		return -ENOENT;
	walk_begin(&w, base, name);
	if (*name)
		error = walk_to_end(&w, flags);
	if (!error && (flags & LOOKUP_DIRECTORY) &&
	    !S_ISDIR(READ_ONCE(w.path.dentry->inode->mode)))
		error = -ENOTDIR;
	if (!error) {
		*out = w.path;
		path_get(out);
	}
	walk_end(&w);
	return error;
}

/* ---- making names ---- */

static void dir_touched(struct dentry *dir)
{
	u64 now = ktime_get_real_ns();

	WRITE_ONCE(dir->inode->mtime_ns, now);
	WRITE_ONCE(dir->inode->ctime_ns, now);
}

/* Link @inode (reference taken over) as @name in @dir. */
static int dir_add(struct dentry *dir, const char *name, size_t len, struct inode *inode,
		   struct dentry **out)
{
	struct dentry *dentry;
	int error;

	error = dentry_alloc_lookup(dir, name, len, inode, &dentry);
	if (error)
		return error;
	down_read(&namespace_sem);
	error = dentry_link(dentry);
	if (!error) {
		if (S_ISDIR(inode->mode))
			atomic_inc(&dir->inode->nlink);
		dir_touched(dir);
	}
	up_read(&namespace_sem);
	if (error || !out)
		dput(dentry);
	else
		*out = dentry;
	return error;
}

int mount_want_write(const struct mount *mount)
{
	return READ_ONCE(mount->flags) & MS_RDONLY ? -EROFS : 0;
}

/* Why the names in @dir can not be changed; 0: they can. */
static int path_may_change(const struct path *dir)
{
	int error = mount_want_write(dir->mount);

	return error ? error : inode_permission(dir->dentry->inode, MAY_WRITE | MAY_EXEC);
}

static int dir_mknod(const struct path *dir, const char *name, size_t len, u32 mode, u64 rdev,
		     const char *target, struct dentry **out)
{
	struct super_block *sb = dir->dentry->inode->sb;
	struct inode *inode;
	int error = path_may_change(dir);

	if (!error && !sb->type->new_inode)
		error = -EPERM;
	if (!error)
		error = sb->type->new_inode(sb, mode, rdev, target, &inode);
	if (error)
		return error;
	inode_init_owner(inode, dir->dentry->inode);
	return dir_add(dir->dentry, name, len, inode, out);
}

/* Why the last component can not be made; 0: it can be tried. */
static int walk_may_make(struct walk *w, bool directory)
{
	struct dentry *there;

	if (w->kind != LAST_NAME)
		return -EEXIST;
	if (!S_ISDIR(READ_ONCE(w->path.dentry->inode->mode)))
		return -ENOTDIR;
	if (!dir_lookup(w->path.dentry, w->last, w->last_len, &there)) {
		dput(there);
		return -EEXIST;
	}
	return w->slash && !directory ? -ENOENT : 0;
}

int path_mknod(const struct path *base, const char *name, u32 mode, u64 rdev,
	       const char *target)
{
	struct walk w;
	int error;

	if (!*name)
		return -ENOENT;
	walk_begin(&w, base, name);
	error = walk_to_last(&w);
	if (!error)
		error = walk_may_make(&w, S_ISDIR(mode));
	if (!error)
		error = dir_mknod(&w.path, w.last, w.last_len, mode, rdev, target, NULL);
	walk_end(&w);
	return error;
}

int path_link(const struct path *place, const struct path *base, const char *name)
{
	struct inode *inode = place->dentry->inode;
	struct walk w;
	int error;

	if (!*name)
		return -ENOENT;
	if (S_ISDIR(READ_ONCE(inode->mode)))
		return -EPERM;
	walk_begin(&w, base, name);
	error = walk_to_last(&w);
	if (!error)
		error = walk_may_make(&w, false);
	if (!error && w.path.mount->sb != inode->sb)
		error = -EXDEV;
	if (!error)
		error = path_may_change(&w.path);
	if (!error && !inode->sb->type->new_inode)
		error = -EPERM;
	/* A file that lost its last name gets no other one. */
	if (!error && !atomic_inc_not_zero(&inode->nlink))
		error = -ENOENT;
	if (!error) {
		iget(inode);
		error = dir_add(w.path.dentry, w.last, w.last_len, inode, NULL);
		if (error)
			atomic_dec(&inode->nlink);
	}
	walk_end(&w);
	return error;
}

/* ---- opening ---- */

/* The last component of an open with O_CREAT. 0: w->path is the place, or -EAGAIN:
 * a link was followed, walk on. */
static int walk_create(struct walk *w, unsigned int flags, u32 mode)
{
	struct path next;
	int error;

	/* A link that leads to an object, not to a name, was the last: it is there. */
	if (w->kind == LAST_NONE && !S_ISDIR(READ_ONCE(w->path.dentry->inode->mode)))
		return 0;
	if (w->kind != LAST_NAME)
		return -EISDIR;
	error = walk_lookup(w, w->last, w->last_len, &next);
	if (error == -ENOENT) {
		if (w->slash)
			return -EISDIR;
		error = dir_mknod(&w->path, w->last, w->last_len,
				  S_IFREG | (mode & S_IALLUGO & ~fs_umask()), 0, NULL,
				  &next.dentry);
		if (error == -EEXIST)
			return -EAGAIN;	/* another one was faster: its file is as good */
		if (error)
			return error;
		dput(w->path.dentry);
		w->path.dentry = next.dentry;
		w->made = true;
		return 0;
	}
	if (error)
		return error;
	if (flags & O_EXCL) {
		path_put(&next);
		return -EEXIST;
	}
	if (S_ISLNK(READ_ONCE(next.dentry->inode->mode)) && !(flags & O_NOFOLLOW)) {
		error = walk_follow(w, &next, "", w->slash);
		return error ? error : -EAGAIN;
	}
	path_put(&w->path);
	w->path = next;
	return w->slash && !S_ISDIR(READ_ONCE(next.dentry->inode->mode)) ? -ENOTDIR : 0;
}

static int walk_to_created(struct walk *w, unsigned int flags, u32 mode)
{
	int error;

	do {
		error = walk_to_last(w);
		if (!error)
			error = walk_create(w, flags, mode);
	} while (error == -EAGAIN);
	return error;
}

/* What an open with @flags wants to do with what is there. */
static int open_wants(unsigned int flags)
{
	static const int wants[] = { MAY_READ, MAY_WRITE, MAY_READ | MAY_WRITE,
				     MAY_READ | MAY_WRITE };

	return wants[flags & O_ACCMODE] | (flags & O_TRUNC ? MAY_WRITE : 0);
}

int path_open_exec(const char *name, struct file **out)
{
	struct file *file;
	struct walk w;
	int error;

	if (!*name)
		return -ENOENT;
	walk_begin(&w, NULL, name);
	error = walk_to_end(&w, LOOKUP_FOLLOW);
	if (!error && (!S_ISREG(READ_ONCE(w.path.dentry->inode->mode)) ||
		       w.path.mount->flags & MS_NOEXEC))
		error = -EACCES;
	if (!error)
		error = file_open_path(&w.path, O_RDONLY, MAY_EXEC, &file);
	walk_end(&w);
	if (error)
		return error;
	error = inode_get_exec(file->inode);
	if (error) {
		file_put(file);
		return error;
	}
	file->mode |= FILE_RUNS;
	*out = file;
	return 0;
}

/* The walk's end, a directory, becomes a new file in it that has no name. */
static int walk_to_unnamed(struct walk *w, u32 mode)
{
	struct dentry *dir = w->path.dentry, *dentry;
	struct super_block *sb = dir->inode->sb;
	struct inode *inode;
	char name[24];
	int error = S_ISDIR(READ_ONCE(dir->inode->mode)) ? path_may_change(&w->path) : -ENOTDIR;

	if (!error && !sb->type->new_inode)
		error = -EOPNOTSUPP;
	if (!error)
		error = sb->type->new_inode(sb, S_IFREG | (mode & S_IALLUGO & ~fs_umask()), 0, NULL,
					    &inode);
	if (error)
		return error;
	inode_init_owner(inode, dir->inode);
	atomic_set(&inode->nlink, 0);
	snprintf(name, sizeof(name), "#%lu", (unsigned long)inode->ino);
	error = dentry_alloc_lookup(dir, name, strlen(name), inode, &dentry);
	if (error)
		return error;
	dput(dir);
	w->path.dentry = dentry;
	w->made = true;
	return 0;
}

int path_open(const struct path *base, const char *name, unsigned int flags, u32 mode,
	      struct file **out)
{
	bool unnamed = (flags & O_TMPFILE) == O_TMPFILE && !(flags & O_PATH);
	struct walk w;
	int error;

	if (!*name)
		return -ENOENT;
	if (unnamed && !(flags & O_ACCMODE))
		return -EINVAL;
	if ((flags & (O_CREAT | O_DIRECTORY)) == (O_CREAT | O_DIRECTORY))
		return -EINVAL;
	walk_begin(&w, base, name);
	if (flags & O_CREAT && !(flags & O_PATH))
		error = walk_to_created(&w, flags, mode);
	else
		error = walk_to_end(&w, flags & O_NOFOLLOW ? 0 : LOOKUP_FOLLOW);
	if (!error && unnamed) {
		error = walk_to_unnamed(&w, mode);
		flags &= ~(unsigned int)O_DIRECTORY;	/* the way to say it, not a demand */
	}
	if (!error)
		error = file_open_path(&w.path, flags, w.made ? 0 : open_wants(flags), out);
	walk_end(&w);
	return error;
}

/* ---- removing ---- */

/*
 * Remove @victim, which the walk has found as @w's last component. It may have been
 * moved since, and is not to be removed from where it is now.
 * Context: namespace_sem for reading: no more moves.
 */
static int dir_remove(struct walk *w, struct dentry *victim, bool directory)
{
	bool is_dir = S_ISDIR(victim->inode->mode);
	struct dentry *dir = w->path.dentry;
	int error = path_may_change(&w->path);

	if (!error)
		error = inode_may_unlink(dir->inode, victim->inode);
	if (error)
		return error;
	if (!victim->inode->sb->type->new_inode)
		return -EPERM;
	if (!victim->linked || victim->parent != dir || victim->len != w->last_len ||
	    memcmp(victim->name, w->last, w->last_len))
		return -ENOENT;
	if (atomic_read(&victim->mounted))
		return -EBUSY;
	if (directory != is_dir)
		return directory ? -ENOTDIR : -EISDIR;
	/* Two removers race to here; one of them kills or unlinks. */
	if (is_dir && !dentry_kill_empty(victim))
		return victim->dead ? -ENOENT : -ENOTEMPTY;
	if (!dentry_unlink(victim))
		return -ENOENT;
	atomic_dec(&victim->inode->nlink);
	if (is_dir) {
		atomic_dec(&victim->inode->nlink);
		atomic_dec(&dir->inode->nlink);
	}
	dir_touched(dir);
	return 0;
}

static int walk_remove(struct walk *w, bool directory)
{
	struct dentry *victim;
	int error;

	if (w->kind != LAST_NAME) {
		if (!directory)
			return -EISDIR;
		return w->kind == LAST_DOT ? -EINVAL : w->kind == LAST_DOTDOT ? -ENOTEMPTY : -EBUSY;
	}
	if (!S_ISDIR(READ_ONCE(w->path.dentry->inode->mode)))
		return -ENOTDIR;
	error = mount_want_write(w->path.mount);
	if (!error)
		error = dir_lookup(w->path.dentry, w->last, w->last_len, &victim);
	if (error)
		return error;
	if (w->slash && !directory) {
		error = S_ISDIR(victim->inode->mode) ? -EISDIR : -ENOTDIR;
	} else {
		gate_point("namei.found_victim", victim);
		down_read(&namespace_sem);
		error = dir_remove(w, victim, directory);
		up_read(&namespace_sem);
	}
	/* The last reference may free the file's pages: after the semaphore. */
	dput(victim);
	return error;
}

int path_unlink(const struct path *base, const char *name, bool directory)
{
	struct walk w;
	int error;

	if (!*name)
		return -ENOENT;
	walk_begin(&w, base, name);
	error = walk_to_last(&w);
	if (!error)
		error = walk_remove(&w, directory);
	walk_end(&w);
	return error;
}

/* ---- renaming ---- */

static bool dentry_is_below(const struct dentry *dentry, const struct dentry *top)
{
	for (;; dentry = dentry->parent) {
		if (dentry == top)
			return true;
		if (dentry == dentry->parent)
			return false;
	}
}

/* Why @old can not take the place of @new (may be NULL) in @dir; 0: it can. */
static int rename_check(struct dentry *old, struct dentry *dir, struct dentry *new, bool slash)
{
	bool is_dir = S_ISDIR(old->inode->mode);
	int error;

	assert_held_write(&namespace_sem);
	ASSERT(old->linked);
	if (!old->inode->sb->type->new_inode)
		return -EPERM;
	if (dir->dead)
		return -ENOENT;
	if (slash && !is_dir)
		return -ENOTDIR;
	error = inode_may_unlink(old->parent->inode, old->inode);
	if (!error && new)
		error = inode_may_unlink(dir->inode, new->inode);
	if (error)
		return error;
	if (is_dir && dentry_is_below(dir, old))
		return -EINVAL;
	if (atomic_read(&old->mounted))
		return -EBUSY;
	if (!new)
		return 0;
	if (atomic_read(&new->mounted))
		return -EBUSY;
	if (S_ISDIR(new->inode->mode) != is_dir)
		return is_dir ? -ENOTDIR : -EISDIR;
	return is_dir && !dentry_is_empty(new) ? -ENOTEMPTY : 0;
}

/* Nothing can fail here: the names change, then the counts. */
static void rename_commit(struct dentry *old, struct walk *to, char *storage, struct dentry *new)
{
	struct dentry *from = old->parent, *dir = to->path.dentry;
	bool is_dir = S_ISDIR(old->inode->mode);

	dget(from);
	if (new && is_dir)
		(void)dentry_kill_empty(new);
	dentry_move(old, dir, to->last, to->last_len, storage, new);
	if (is_dir) {
		atomic_dec(&from->inode->nlink);
		atomic_inc(&dir->inode->nlink);
	}
	if (new) {
		atomic_sub(is_dir ? 2 : 1, &new->inode->nlink);
		if (is_dir)
			atomic_dec(&dir->inode->nlink);
	}
	dir_touched(from);
	dir_touched(dir);
	dput(from);
}

/* With the tree standing still. *@replaced: to be put after the semaphore. */
static int rename_locked(struct walk *from, struct walk *to, char **storage,
			 struct dentry **replaced)
{
	struct dentry *old = dentry_find(from->path.dentry, from->last, from->last_len);
	struct dentry *new = dentry_find(to->path.dentry, to->last, to->last_len);
	int error = -ENOENT;

	*replaced = new;
	if (old && new && old->inode == new->inode)
		error = 0;	/* two names of one file, or one name: nothing to do */
	else if (old)
		error = rename_check(old, to->path.dentry, new, from->slash || to->slash);
	if (!error && !(new && old->inode == new->inode)) {
		rename_commit(old, to, *storage, new);
		*storage = NULL;
	}
	dput(old);
	return error;
}

static int walk_rename(struct walk *from, struct walk *to)
{
	struct dentry *replaced = NULL;
	char *storage;
	int error;

	if (from->kind != LAST_NAME || to->kind != LAST_NAME)
		return -EBUSY;
	if (from->path.mount != to->path.mount)
		return -EXDEV;
	if (!S_ISDIR(READ_ONCE(from->path.dentry->inode->mode)) ||
	    !S_ISDIR(READ_ONCE(to->path.dentry->inode->mode)))
		return -ENOTDIR;
	error = path_may_change(&from->path);
	if (!error)
		error = path_may_change(&to->path);
	if (error)
		return error;
	if (dentry_name_alloc(to->last_len, &storage))
		return -ENOMEM;
	down_write(&namespace_sem);
	error = rename_locked(from, to, &storage, &replaced);
	up_write(&namespace_sem);
	dput(replaced);
	kfree(storage);
	return error;
}

int path_rename(const struct path *from_base, const char *from, const struct path *to_base,
		const char *to)
{
	struct walk a, b;
	int error;

	if (!*from || !*to)
		return -ENOENT;
	walk_begin(&a, from_base, from);
	walk_begin(&b, to_base, to);
	error = walk_to_last(&a);
	if (!error)
		error = walk_to_last(&b);
	if (!error)
		error = walk_rename(&a, &b);
	walk_end(&b);
	walk_end(&a);
	return error;
}

/* ---- from a place back to its path ---- */

/* Put @len bytes of @name and a slash before them in front of @at. NULL: no room. */
static char *name_prepend(char *buf, char *at, const char *name, size_t len)
{
	if (!at || (size_t)(at - buf) < len + 1)
		return NULL;
	at -= len;
	memcpy(at, name, len);
	*--at = '/';
	return at;
}

char *path_name_locked(const struct path *path, char *buf, size_t size)
{
	static const char deleted[] = " (deleted)";
	const struct mount *mount = path->mount;
	const struct dentry *dentry = path->dentry;
	struct path root;
	char *at = buf + size;

	assert_held(&namespace_sem);
	if (size < sizeof(deleted) + 1)
		return NULL;
	*--at = 0;
	if (!dentry->linked && dentry->parent != dentry && !dentry->inode->ops->lookup &&
	    !atomic_read(&dentry->inode->nlink)) {
		at -= sizeof(deleted) - 1;
		memcpy(at, deleted, sizeof(deleted) - 1);
	}
	fs_get_root(&root);
	while (at && !(mount == root.mount && dentry == root.dentry)) {
		if (dentry == mount->sb->root) {
			if (!mount->parent)
				break;
			dentry = mount->mountpoint;
			mount = mount->parent;
			continue;
		}
		at = name_prepend(buf, at, dentry->name, dentry->len);
		dentry = dentry->parent;
	}
	path_put(&root);
	if (at && *at != '/')
		at = name_prepend(buf, at, "", 0);
	return at;
}

char *path_name(const struct path *path, char *buf, size_t size)
{
	char *name;

	down_read(&namespace_sem);
	name = path_name_locked(path, buf, size);
	up_read(&namespace_sem);
	return name;
}

const char *file_name(struct file *file, char *buf, size_t size)
{
	const struct inode *inode = file->inode;
	const char *name;

	if (file_is_named(file)) {
		name = path_name(&file->path, buf, size);
		return name ? name : "";
	}
	if (S_ISFIFO(inode->mode))
		(void)snprintf(buf, size, "pipe:[%lu]", (unsigned long)inode->ino);
	else if (tmpfs_is_file(inode))
		(void)snprintf(buf, size, "/%s (deleted)", tmpfs_anon_name(inode));
	else
		(void)strscpy(buf, "anon_inode", size);
	return buf;
}
