/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/dcache.c - the tree of names
 *
 * Concept    Every file system is in memory, so a directory's contents are
 *            exactly its linked child dentries, in two orders: a tree by name to
 *            find one, a list by cookie to read them all. A cookie is a number
 *            that only grows, so that a reader of the directory can go on behind
 *            the name it saw last, whatever was added or removed meanwhile.
 *
 *		dir --children (tree by name), order (list by cookie)--> child
 *		child --parent (counted)--> dir
 *
 * Owns       The cache of struct dentry; links between them.
 * Locks      d_lock (LOCK_DCACHE, spin) of the parent for its children: a look-up
 *            holds it for one search. Two at once only in dentry_move(), by
 *            address. Who links or unlinks holds namespace_sem for reading, a
 *            rename for writing: then nothing else changes.
 * Invariants A linked dentry has a reference of its own and one on its parent;
 *            a freed dentry is not linked and has no children: dentry_free().
 *            A dead directory has no children and gets none: dentry_link().
 * Callers    fs/namei.c, every file system
 * Next       fs/mount.c
 */
#include "fs/vfs.h"
#include "fs/internal.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/string.h"
#include "mm/slab.h"

/* Positions of "." and ".."; the first name's cookie comes behind them. */
#define COOKIE_FIRST 2

static struct kmem_cache *dentry_cache;
static atomic64_t nr_dentries;

void dcache_init(void)
{
	dentry_cache = kmem_cache_create("dentry", sizeof(struct dentry), 0, SLAB_PANIC, NULL);
}

u64 dentry_count(void)
{
	return (u64)atomic64_read(&nr_dentries);
}

int dentry_name_alloc(size_t len, char **out)
{
	*out = NULL;
	if (len < sizeof(((struct dentry *)0)->name_inline))
		return 0;
	*out = kmalloc(len + 1, GFP_KERNEL);
	return *out ? 0 : -ENOMEM;
}

/* Set the name, in @storage if it is long. */
static void dentry_set_name(struct dentry *dentry, const char *name, size_t len, char *storage)
{
	dentry->name = storage ? storage : dentry->name_inline;
	memcpy(dentry->name, name, len);
	dentry->name[len] = 0;
	dentry->len = (unsigned int)len;
}

static int dentry_new(const char *name, size_t len, struct dentry **out)
{
	struct dentry *dentry;
	char *storage;

	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	if (dentry_name_alloc(len, &storage))
		return -ENOMEM;
	dentry = kmem_cache_zalloc(dentry_cache, GFP_KERNEL);
	if (!dentry) {
		kfree(storage);
		return -ENOMEM;
	}
	atomic_set(&dentry->count, 1);
	spin_lock_init(&dentry->d_lock, LOCK_DCACHE, "dentry");
	INIT_LIST_HEAD(&dentry->sibling);
	INIT_LIST_HEAD(&dentry->order);
	dentry->next_cookie = COOKIE_FIRST;
	dentry_set_name(dentry, name, len, storage);
	atomic64_inc(&nr_dentries);
	*out = dentry;
	return 0;
}

int dentry_alloc(struct dentry *parent, const char *name, size_t len, struct inode *inode,
		 struct dentry **out)
{
	int error = dentry_new(name, len, out);

	if (error)
		return error;
	dget(parent);
	(*out)->parent = parent;
	(*out)->inode = inode;
	return 0;
}

int dentry_alloc_lookup(struct dentry *dir, const char *name, size_t len, struct inode *inode,
			struct dentry **out)
{
	int error = dentry_alloc(dir, name, len, inode, out);

	if (error)
		iput(inode);
	return error;
}

int dentry_link_new(struct dentry *dir, const char *name, size_t len, struct inode *inode)
{
	struct dentry *dentry;
	int error = dentry_alloc_lookup(dir, name, len, inode, &dentry);

	if (error)
		return error;
	error = dentry_link(dentry);
	dput(dentry);
	return error;
}

int dentry_alloc_root(struct inode *inode, struct dentry **out)
{
	int error = dentry_new("", 0, out);

	if (error)
		return error;
	(*out)->parent = *out;
	(*out)->inode = inode;
	return 0;
}

void dget(struct dentry *dentry)
{
	ASSERT(atomic_read(&dentry->count) > 0);
	atomic_inc(&dentry->count);
}

static void dentry_free(struct dentry *dentry)
{
	ASSERT_MSG(!dentry->linked && RB_EMPTY_ROOT(&dentry->children),
		   "dentry %s freed while in use", dentry->name);
	ASSERT(!atomic_read(&dentry->mounted));
	iput(dentry->inode);
	if (dentry->name != dentry->name_inline)
		kfree(dentry->name);
	atomic64_dec(&nr_dentries);
	kmem_cache_free(dentry_cache, dentry);
}

/* The parent's reference goes with the child: a loop, for paths may be long. */
void dput(struct dentry *dentry)
{
	struct dentry *parent;

	while (dentry) {
		ASSERT(atomic_read(&dentry->count) > 0);
		if (!atomic_dec_and_test(&dentry->count))
			return;
		parent = dentry->parent == dentry ? NULL : dentry->parent;
		dentry_free(dentry);
		dentry = parent;
	}
}

static int dentry_compare(const char *name, size_t len, const struct dentry *dentry)
{
	int order = memcmp(name, dentry->name, min(len, (size_t)dentry->len));

	if (order)
		return order;
	return len < dentry->len ? -1 : len > dentry->len;
}

static struct dentry *dentry_find_locked(struct dentry *dir, const char *name, size_t len)
{
	struct rb_node *node = dir->children.rb_node;

	assert_held(&dir->d_lock);
	while (node) {
		struct dentry *child = rb_entry(node, struct dentry, node);
		int order = dentry_compare(name, len, child);

		if (!order)
			return child;
		node = order < 0 ? node->rb_left : node->rb_right;
	}
	return NULL;
}

struct dentry *dentry_find(struct dentry *dir, const char *name, size_t len)
{
	struct dentry *child;

	spin_lock(&dir->d_lock);
	child = dentry_find_locked(dir, name, len);
	if (child)
		dget(child);
	spin_unlock(&dir->d_lock);
	return child;
}

/* Put @dentry into @dir, where no such name is. */
static void dentry_insert_locked(struct dentry *dentry, struct dentry *dir)
{
	struct rb_node **link = &dir->children.rb_node, *parent = NULL;

	assert_held(&dir->d_lock);
	ASSERT(!dentry->linked && !dir->dead);
	while (*link) {
		struct dentry *other = rb_entry(*link, struct dentry, node);
		int order = dentry_compare(dentry->name, dentry->len, other);

		ASSERT(order != 0);
		parent = *link;
		link = order < 0 ? &parent->rb_left : &parent->rb_right;
	}
	rb_link_node(&dentry->node, parent, link);
	rb_insert_color(&dentry->node, &dir->children);
	dentry->cookie = dir->next_cookie++;
	list_add_tail(&dentry->sibling, &dir->order);
	dentry->linked = true;
}

static void dentry_erase_locked(struct dentry *dentry, struct dentry *dir)
{
	assert_held(&dir->d_lock);
	ASSERT(dentry->linked && dentry->parent == dir);
	rb_erase(&dentry->node, &dir->children);
	list_del_init(&dentry->sibling);
	dentry->linked = false;
}

int dentry_link(struct dentry *dentry)
{
	struct dentry *dir = dentry->parent;
	int error = 0;

	spin_lock(&dir->d_lock);
	if (dir->dead)
		error = -ENOENT;
	else if (dentry_find_locked(dir, dentry->name, dentry->len))
		error = -EEXIST;
	if (!error) {
		dget(dentry);
		dentry_insert_locked(dentry, dir);
	}
	spin_unlock(&dir->d_lock);
	return error;
}

bool dentry_unlink(struct dentry *dentry)
{
	struct dentry *dir = dentry->parent;
	bool linked;

	spin_lock(&dir->d_lock);
	linked = dentry->linked;
	if (linked)
		dentry_erase_locked(dentry, dir);
	spin_unlock(&dir->d_lock);
	if (linked)
		dput(dentry);
	return linked;
}

bool dentry_is_empty(struct dentry *dir)
{
	bool empty;

	spin_lock(&dir->d_lock);
	empty = RB_EMPTY_ROOT(&dir->children);
	spin_unlock(&dir->d_lock);
	return empty;
}

bool dentry_kill_empty(struct dentry *dir)
{
	bool killed;

	spin_lock(&dir->d_lock);
	killed = !dir->dead && RB_EMPTY_ROOT(&dir->children);
	if (killed)
		dir->dead = true;
	spin_unlock(&dir->d_lock);
	return killed;
}

void dentry_move(struct dentry *dentry, struct dentry *dir, const char *name, size_t len,
		 char *storage, struct dentry *victim)
{
	struct dentry *old_dir = dentry->parent;
	char *old_name = dentry->name;

	assert_held_write(&namespace_sem);
	dget(dir);
	spin_lock_two(&old_dir->d_lock, &dir->d_lock);
	dentry_erase_locked(dentry, old_dir);
	if (victim)
		dentry_erase_locked(victim, dir);
	dentry_set_name(dentry, name, len, storage);
	dentry->parent = dir;
	dentry_insert_locked(dentry, dir);
	spin_unlock_two(&old_dir->d_lock, &dir->d_lock);
	if (old_name != dentry->name_inline)
		kfree(old_name);
	dput(old_dir);
	if (victim)
		dput(victim);
}

/* ---- reading a directory ---- */

/*
 * The first child at or behind position @pos, with a reference and its name in
 * @name. @last, the one before, saves the search if it is still in place.
 */
static struct dentry *dcache_next(struct dentry *dir, struct dentry *last, loff_t pos,
				  char *name)
{
	struct list_head *at = &dir->order;
	struct dentry *child, *found = NULL;

	spin_lock(&dir->d_lock);
	if (last && last->linked && last->parent == dir && last->cookie < (u64)pos)
		at = &last->sibling;
	for (at = at->next; at != &dir->order && !found; at = at->next) {
		child = list_entry(at, struct dentry, sibling);
		if (child->cookie >= (u64)pos)
			found = child;
	}
	if (found) {
		dget(found);
		memcpy(name, found->name, found->len + 1);
	}
	spin_unlock(&dir->d_lock);
	return found;
}

bool dir_emit_dots(struct file *file, struct dir_context *ctx)
{
	struct dentry *dir = file->path.dentry;
	u64 parent_ino;

	if (ctx->pos == 0) {
		if (!ctx->emit(ctx, ".", 1, dir->inode->ino, DT_DIR, 1))
			return false;
		ctx->pos = 1;
	}
	if (ctx->pos == 1) {
		down_read(&namespace_sem);
		parent_ino = dir->parent->inode->ino;
		up_read(&namespace_sem);
		if (!ctx->emit(ctx, "..", 2, parent_ino, DT_DIR, COOKIE_FIRST))
			return false;
		ctx->pos = COOKIE_FIRST;
	}
	return true;
}

int dcache_iterate(struct file *file, struct dir_context *ctx)
{
	struct dentry *dir = file->path.dentry, *child, *last = NULL;
	char name[NAME_MAX + 1];	/* the dentry's own may change by a rename */
	loff_t next;

	if (!dir_emit_dots(file, ctx))
		return 0;
	while ((child = dcache_next(dir, last, ctx->pos, name))) {
		dput(last);
		last = child;
		next = (loff_t)child->cookie + 1;
		if (!ctx->emit(ctx, name, strlen(name), child->inode->ino,
			       inode_dtype(child->inode), next))
			break;
		ctx->pos = next;
	}
	dput(last);
	return 0;
}

const struct file_operations dcache_dir_fops = {
	.iterate = dcache_iterate,
};

/* ---- taking a whole tree down ---- */

/* The deepest first child below @dentry: no recursion, trees may be deep. */
static struct dentry *dcache_leaf(struct dentry *dentry)
{
	while (!list_empty(&dentry->order))
		dentry = list_first_entry(&dentry->order, struct dentry, sibling);
	return dentry;
}

void dcache_destroy(struct dentry *root)
{
	struct dentry *leaf;

	while ((leaf = dcache_leaf(root)) != root)
		(void)dentry_unlink(leaf);
	ASSERT_MSG(atomic_read(&root->count) == 1, "file system taken down while in use");
	dput(root);
}
