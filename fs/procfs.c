/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/procfs.c - /proc: files that somebody registered, and one directory per process
 *
 * Concept    Fixed names (meminfo, sys/...) are linked dentries, made when they
 *            are registered. Process directories are made up by ->lookup from the
 *            number alone, and so are the files in them, from a list of entries
 *            that every such directory has; nothing of them outlives its user.
 *
 *		/proc -- meminfo, sys/, self -> 17     linked, for ever
 *		      -- 17/ -- maps, status ...       made by lookup, counted
 *		             -- fd/ -- 0, 1 ...        (directories of numbers)
 *		             -- task/ -- 17/, 18/ ...  (of threads: as processes')
 *
 * Owns       The super block, struct proc_entry (fixed files), struct
 *            proc_pid_entry (what each process directory has).
 * Locks      pid_entries_lock (LOCK_DCACHE, spin) for the list of entries, which
 *            only grows.
 * Invariants A process directory's inode has the pid as its private word, its
 *            files' inodes point to entry and pid: proc_pid_lookup().
 * Callers    every layer that has something to show
 * Next       fs/proc_system.c
 */
#include "fs/proc.h"
#include "fs/fixed_tree.h"
#include "fs/internal.h"
#include "fs/seq_file.h"
#include "fs/vfs.h"
#include "kernel/lib/list.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/parse.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"
#include "mm/slab.h"

/* Positions of process directories in /proc come behind all fixed names'. */
#define PROC_PID_POS (1LL << 32)
#define PROC_WRITE_MAX 4096

static struct super_block *proc_sb;
static const struct proc_pid_ops *pid_ops;

const struct proc_pid_ops *proc_set_pid_ops(const struct proc_pid_ops *ops)
{
	const struct proc_pid_ops *old = pid_ops;

	WRITE_ONCE(pid_ops, ops);
	return old;
}

/* ---- fixed files ---- */

struct proc_entry {
	proc_show_fn *show;
	proc_write_fn *write;
	void *private;
	bool owned;		/* private is freed with the entry */
};

static int proc_entry_open(struct inode *inode, struct file *file)
{
	struct proc_entry *entry = inode->private;

	if ((file->mode & FILE_WRITE) && !entry->write)
		return -EACCES;
	return seq_open(file, entry->show, 0, entry->private);
}

/* What is written, as a string for kfree(). Return: 0, -EINVAL, -ENOMEM, -EFAULT. */
static int proc_get_text(struct iobuf *io, char **out)
{
	size_t len = io->left;
	char *text;

	if (len >= PROC_WRITE_MAX)
		return -EINVAL;
	text = kzalloc(len + 1, GFP_KERNEL);
	if (!text)
		return -ENOMEM;
	if (iobuf_copy_from(io, text, len) != len) {
		kfree(text);
		return -EFAULT;
	}
	*out = text;
	return 0;
}

static ssize_t proc_entry_write(struct file *file, struct iobuf *io, loff_t *pos)
{
	struct proc_entry *entry = file->inode->private;
	size_t len = io->left;
	char *text;
	int error = proc_get_text(io, &text);

	if (error)
		return error;
	if (entry->write)
		error = entry->write(text, entry->private);
	kfree(text);
	if (error)
		return error;
	*pos += (loff_t)len;
	return (ssize_t)len;
}

static const struct file_operations proc_entry_fops = {
	.open = proc_entry_open, .read = seq_read, .write = proc_entry_write,
	.release = seq_release,
};

static void proc_entry_evict(struct inode *inode)
{
	struct proc_entry *entry = inode->private;

	if (entry->owned)
		kfree(entry->private);
	kfree(entry);
}

static const struct inode_operations proc_entry_ops = {
	.evict = proc_entry_evict,
};

static int proc_new_inode(u32 mode, const struct inode_operations *ops,
			  const struct file_operations *fops, void *private, struct inode **out)
{
	return tree_new_inode(proc_sb, mode, ops, fops, private, out);
}

int proc_create_fops(const char *path, u32 mode, const struct file_operations *fops)
{
	struct inode *inode;
	int error = proc_new_inode(S_IFREG | (mode & S_IALLUGO), NULL, fops, NULL, &inode);

	return error ? error : tree_place(proc_sb, path, inode);
}

/* After an error @what.private is the caller's, owned or not. */
static int proc_create_entry(const char *path, struct proc_entry what)
{
	struct proc_entry *entry = kzalloc(sizeof(*entry), GFP_KERNEL);
	struct inode *inode;
	int error;

	ASSERT(proc_sb);
	if (!entry)
		return -ENOMEM;
	*entry = what;
	entry->owned = false;
	error = proc_new_inode(S_IFREG | (what.write ? 0644 : 0444), &proc_entry_ops,
			       &proc_entry_fops, entry, &inode);
	if (error) {
		kfree(entry);
		return error;
	}
	iget(inode);
	error = tree_place(proc_sb, path, inode);
	if (!error)
		entry->owned = what.owned;
	iput(inode);
	return error;
}

int proc_create_rw(const char *path, proc_show_fn *show, proc_write_fn *write, void *private)
{
	return proc_create_entry(path, (struct proc_entry){ show, write, private, false });
}

int proc_create(const char *path, proc_show_fn *show)
{
	return proc_create_rw(path, show, NULL, NULL);
}

int proc_remove(const char *path)
{
	return tree_remove(proc_sb, path);
}

/* ---- numbers that can be set ---- */

struct proc_u64 {
	u64 *value, lowest, highest;
};

static int proc_u64_show(struct seq_file *m)
{
	const struct proc_u64 *p = m->private;

	seq_printf(m, "%lu\n", (unsigned long)READ_ONCE(*p->value));
	return 0;
}

static int proc_u64_write(const char *text, void *private)
{
	const struct proc_u64 *p = private;
	u64 value;

	text += strspn(text, " \t");
	if (parse_u64_at(&text, &value) || text[strspn(text, " \t\n")])
		return -EINVAL;
	if (value < p->lowest || value > p->highest)
		return -EINVAL;
	WRITE_ONCE(*p->value, value);
	return 0;
}

int proc_create_u64(const char *path, u64 *value, u64 lowest, u64 highest)
{
	struct proc_u64 *p = kmalloc(sizeof(*p), GFP_KERNEL);
	int error;

	if (!p)
		return -ENOMEM;
	*p = (struct proc_u64){ value, lowest, highest };
	error = proc_create_entry(path, (struct proc_entry){ proc_u64_show, proc_u64_write, p,
							     true });
	if (error)
		kfree(p);
	return error;
}

/* ---- process directories ---- */

struct proc_pid_entry {
	struct list_head node;
	const char *name;
	u32 mode;
	proc_show_fn *show;			/* regular files, unless fops is set */
	int (*write)(const char *text, pid_t pid);
	bool is_private;			/* asks may_access at open */
	const struct file_operations *fops;
	const struct proc_link *link;		/* a link, or each number */
	const struct proc_numbers *numbers;	/* a directory of them */
	u64 position;				/* in the directory */
};

/* What an inode inside a process directory points to. */
struct proc_pid_file {
	const struct proc_pid_entry *entry;
	pid_t pid;
	int nr;					/* in a directory of numbers, else 0 */
};

DEFINE_STATIC_SPINLOCK(pid_entries_lock, LOCK_DCACHE);
static LIST_HEAD(pid_entries);
static u64 pid_entry_position = 2;

static int proc_pid_add(struct proc_pid_entry entry)
{
	struct proc_pid_entry *e = kmalloc(sizeof(*e), GFP_KERNEL);

	if (!e)
		return -ENOMEM;
	*e = entry;
	spin_lock(&pid_entries_lock);
	e->position = pid_entry_position++;
	list_add_tail(&e->node, &pid_entries);
	spin_unlock(&pid_entries_lock);
	return 0;
}

int proc_pid_create(const char *name, proc_show_fn *show)
{
	return proc_pid_add((struct proc_pid_entry){ .name = name, .mode = S_IFREG | 0444,
						     .show = show });
}

int proc_pid_create_private(const char *name, proc_show_fn *show)
{
	return proc_pid_add((struct proc_pid_entry){ .name = name, .mode = S_IFREG | 0444,
						     .show = show, .is_private = true });
}

int proc_pid_create_fops(const char *name, u32 mode, const struct file_operations *fops)
{
	return proc_pid_add((struct proc_pid_entry){ .name = name, .fops = fops,
						     .mode = S_IFREG | (mode & S_IALLUGO) });
}

int proc_pid_create_rw(const char *name, proc_show_fn *show,
		       int (*write)(const char *text, pid_t pid))
{
	return proc_pid_add((struct proc_pid_entry){ .name = name, .mode = S_IFREG | 0644,
						     .show = show, .write = write });
}

int proc_pid_link(const char *name, const struct proc_link *link)
{
	return proc_pid_add((struct proc_pid_entry){ .name = name, .mode = S_IFLNK,
						     .link = link });
}

int proc_pid_numbers(const char *name, const struct proc_numbers *numbers)
{
	return proc_pid_add((struct proc_pid_entry){
		.name = name, .mode = S_IFDIR | numbers->mode, .numbers = numbers,
		.link = numbers->link, .show = numbers->show,
	});
}

/* The first entry at or behind @position whose name is @name (NULL: any). Entries
 * never leave, so the pointer stays good without the lock. */
static struct proc_pid_entry *proc_pid_find(u64 position, const char *name, size_t len)
{
	struct proc_pid_entry *e, *found = NULL;

	spin_lock(&pid_entries_lock);
	list_for_each_entry(e, &pid_entries, node) {
		if (e->position < position)
			continue;
		if (!name || (strlen(e->name) == len && !memcmp(e->name, name, len))) {
			found = e;
			break;
		}
	}
	spin_unlock(&pid_entries_lock);
	return found;
}

static bool proc_pid_may_access(pid_t pid)
{
	return !pid_ops || !pid_ops->may_access || pid_ops->may_access(pid);
}

static int proc_pid_file_open(struct inode *inode, struct file *file)
{
	struct proc_pid_file *f = inode->private;
	const struct file_operations *fops = f->entry->fops;

	if (f->entry->is_private && !proc_pid_may_access(f->pid))
		return -EACCES;
	if (!fops)
		return file->mode & FILE_WRITE && !f->entry->write ? -EACCES :
		       seq_open(file, f->entry->show, f->pid, (void *)(long)f->nr);
	file->ops = fops;
	file->private = (void *)(long)f->pid;
	return fops->open ? fops->open(inode, file) : 0;
}

static ssize_t proc_pid_file_write(struct file *file, struct iobuf *io, loff_t *pos)
{
	struct proc_pid_file *f = file->inode->private;
	size_t len = io->left;
	char *text;
	int error = proc_get_text(io, &text);

	if (error)
		return error;
	error = f->entry->write(text, f->pid);
	kfree(text);
	if (error)
		return error;
	*pos += (loff_t)len;
	return (ssize_t)len;
}

static const struct file_operations proc_pid_file_fops = {
	.open = proc_pid_file_open, .read = seq_read, .write = proc_pid_file_write,
	.release = seq_release,
};

static void proc_pid_file_evict(struct inode *inode)
{
	kfree(inode->private);
}

static const struct inode_operations proc_pid_file_ops = {
	.evict = proc_pid_file_evict,
};

static ssize_t proc_pid_readlink(struct inode *inode, char *buf, size_t size)
{
	struct proc_pid_file *f = inode->private;

	return f->entry->link->readlink(f->pid, f->nr, buf, size);
}

static int proc_pid_follow(struct inode *inode, struct path *out)
{
	struct proc_pid_file *f = inode->private;

	return f->entry->link->follow(f->pid, f->nr, out);
}

static const struct inode_operations proc_pid_link_ops = {
	.readlink = proc_pid_readlink, .follow = proc_pid_follow, .evict = proc_pid_file_evict,
};

static bool proc_pid_exists(pid_t pid)
{
	return pid > 0 && pid_ops && pid_ops->exists(pid);
}

static void proc_pid_own(struct inode *inode, pid_t pid)
{
	if (pid_ops->owner)
		pid_ops->owner(pid, inode->mode, &inode->uid, &inode->gid);
}

/* A dentry @name in @dir for @f of kind and permissions @mode. */
static int proc_pid_make(struct dentry *dir, const char *name, size_t len,
			 struct proc_pid_file what, u32 mode, const struct inode_operations *ops,
			 const struct file_operations *fops, struct dentry **out)
{
	struct proc_pid_file *f = kmalloc(sizeof(*f), GFP_KERNEL);
	struct inode *inode;
	int error;

	if (!f)
		return -ENOMEM;
	*f = what;
	error = proc_new_inode(mode, ops, fops, f, &inode);
	if (error) {
		kfree(f);
		return error;
	}
	proc_pid_own(inode, f->pid);
	return dentry_alloc_lookup(dir, name, len, inode, out);
}

static int proc_pid_make_link(struct dentry *dir, const char *name, size_t len,
			      struct proc_pid_file what, struct dentry **out)
{
	const struct proc_link *link = what.entry->link;
	u32 mode = S_IFLNK | (link->mode ? link->mode(what.pid, what.nr) : 0777);
	int error = proc_pid_make(dir, name, len, what, mode, &proc_pid_link_ops, NULL, out);

	if (!error && what.entry->numbers)
		(*out)->inode->size = 64;	/* what Linux says for room: ls wants some */
	return error;
}

/* ---- directories of numbers ---- */

/* A number without leading zeros, or -1. */
static int proc_parse_number(const char *name, size_t len)
{
	int nr = 0;

	if (!len || len > 9 || (*name == '0' && len > 1))
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (name[i] < '0' || name[i] > '9')
			return -1;
		nr = nr * 10 + (name[i] - '0');
	}
	return nr;
}

static int proc_make_pid_dir(struct dentry *dir, const char *name, size_t len, pid_t pid,
			     const struct inode_operations *ops, struct dentry **out);
static const struct inode_operations proc_thread_dir_ops;

/* /proc/17/fd/3, /proc/17/task/18 */
static int proc_number_lookup(struct dentry *dir, const char *name, size_t len,
			      struct dentry **out)
{
	const struct proc_pid_file *d = dir->inode->private;
	struct proc_pid_file f = { d->entry, d->pid, proc_parse_number(name, len) };

	if (!proc_pid_exists(d->pid))
		return d->entry->link ? -ENOENT : -ESRCH;	/* as on Linux */
	if (d->entry->numbers->is_private && !proc_pid_may_access(d->pid))
		return -EACCES;
	if (f.nr < 0 || d->entry->numbers->next(d->pid, f.nr) != f.nr)
		return -ENOENT;
	if (d->entry->link)
		return proc_pid_make_link(dir, name, len, f, out);
	if (d->entry->show)
		return proc_pid_make(dir, name, len, f, S_IFREG | 0444, &proc_pid_file_ops,
				     &proc_pid_file_fops, out);
	return proc_make_pid_dir(dir, name, len, f.nr, &proc_thread_dir_ops, out);
}

/* The number at position @pos of a directory: behind the dots. */
static int proc_number_at(loff_t pos)
{
	return (int)min(pos - 2, (loff_t)INT32_MAX);
}

static int proc_number_iterate(struct file *file, struct dir_context *ctx)
{
	const struct proc_pid_file *d = file->inode->private;
	u8 type = d->entry->link ? DT_LNK : d->entry->show ? DT_REG : DT_DIR;
	char name[16];
	int nr, len;

	if (!proc_pid_exists(d->pid))
		return -ENOENT;
	if (!dir_emit_dots(file, ctx))
		return 0;
	while ((nr = d->entry->numbers->next(d->pid, proc_number_at(ctx->pos))) >= 0) {
		len = scnprintf(name, sizeof(name), "%d", nr);
		if (!ctx->emit(ctx, name, (size_t)len, (u64)nr + 2, type, (loff_t)nr + 3))
			break;
		ctx->pos = (loff_t)nr + 3;
	}
	return 0;
}

static const struct inode_operations proc_number_dir_ops = {
	.lookup = proc_number_lookup, .evict = proc_pid_file_evict,
};

static const struct file_operations proc_number_dir_fops = {
	.iterate = proc_number_iterate,
};

/* ---- /proc/17 ---- */

/* A thread's directory has no threads of its own. */
static bool proc_pid_shows(const struct inode *dir, const struct proc_pid_entry *entry)
{
	return dir->ops != &proc_thread_dir_ops || !entry->numbers || entry->link || entry->show;
}

/* /proc/17/maps */
static int proc_pid_lookup(struct dentry *dir, const char *name, size_t len, struct dentry **out)
{
	pid_t pid = (pid_t)(long)dir->inode->private;
	struct proc_pid_entry *entry = proc_pid_find(0, name, len);
	struct proc_pid_file f = { entry, pid, 0 };

	if (!proc_pid_exists(pid))
		return -ESRCH;
	if (!entry || !proc_pid_shows(dir->inode, entry))
		return -ENOENT;
	if (entry->numbers)
		return proc_pid_make(dir, name, len, f, entry->mode, &proc_number_dir_ops,
				     &proc_number_dir_fops, out);
	if (entry->link)
		return proc_pid_make_link(dir, name, len, f, out);
	return proc_pid_make(dir, name, len, f, entry->mode, &proc_pid_file_ops,
			     &proc_pid_file_fops, out);
}

static int proc_pid_iterate(struct file *file, struct dir_context *ctx)
{
	struct proc_pid_entry *e;

	if (!proc_pid_exists((pid_t)(long)file->inode->private))
		return -ENOENT;
	if (!dir_emit_dots(file, ctx))
		return 0;
	while ((e = proc_pid_find((u64)ctx->pos, NULL, 0))) {
		if (proc_pid_shows(file->inode, e) &&
		    !ctx->emit(ctx, e->name, strlen(e->name), e->position,
			       (u8)(e->mode >> 12), (loff_t)e->position + 1))
			break;
		ctx->pos = (loff_t)e->position + 1;
	}
	return 0;
}

static const struct inode_operations proc_pid_dir_ops = {
	.lookup = proc_pid_lookup,
};

static const struct inode_operations proc_thread_dir_ops = {
	.lookup = proc_pid_lookup,
};

static const struct file_operations proc_pid_dir_fops = {
	.iterate = proc_pid_iterate,
};

static int proc_make_pid_dir(struct dentry *dir, const char *name, size_t len, pid_t pid,
			     const struct inode_operations *ops, struct dentry **out)
{
	struct inode *inode;
	int error = proc_new_inode(S_IFDIR | 0555, ops, &proc_pid_dir_fops, (void *)(long)pid,
				   &inode);

	if (error)
		return error;
	proc_pid_own(inode, pid);
	return dentry_alloc_lookup(dir, name, len, inode, out);
}

/* ---- /proc itself ---- */

static int proc_root_lookup(struct dentry *dir, const char *name, size_t len,
			    struct dentry **out)
{
	pid_t pid = proc_parse_number(name, len);

	if (!proc_pid_exists(pid))
		return -ENOENT;
	return proc_make_pid_dir(dir, name, len, pid, &proc_pid_dir_ops, out);
}

static int proc_root_iterate(struct file *file, struct dir_context *ctx)
{
	char name[16];
	pid_t pid;
	int len;

	if (ctx->pos < PROC_PID_POS) {
		int error = dcache_iterate(file, ctx);

		if (error || ctx->full)
			return error;
		ctx->pos = PROC_PID_POS;
	}
	while (pid_ops && (pid = pid_ops->next((pid_t)(ctx->pos - PROC_PID_POS)))) {
		len = scnprintf(name, sizeof(name), "%d", pid);
		if (!ctx->emit(ctx, name, (size_t)len, (u64)pid + PROC_PID_POS, DT_DIR,
			       PROC_PID_POS + pid))
			break;
		ctx->pos = PROC_PID_POS + pid;
	}
	return 0;
}

static const struct inode_operations proc_root_ops = {
	.lookup = proc_root_lookup,
};

static const struct file_operations proc_root_fops = {
	.iterate = proc_root_iterate,
};

/* Where the caller is shown: as a process, or as one of its threads. */
static ssize_t proc_link_to_caller(char *buf, size_t size, bool thread)
{
	pid_t pid = pid_ops ? pid_ops->self() : 0;
	char name[40];
	int len;

	if (!pid)
		return -ENOENT;
	len = thread ? scnprintf(name, sizeof(name), "%d/task/%d", pid, pid_ops->self_thread()) :
		       scnprintf(name, sizeof(name), "%d", pid);
	len = min(len, (int)size);
	memcpy(buf, name, (size_t)len);
	return len;
}

static ssize_t proc_self_readlink(struct inode *inode, char *buf, size_t size)
{
	return proc_link_to_caller(buf, size, false);
}

static ssize_t proc_thread_self_readlink(struct inode *inode, char *buf, size_t size)
{
	return proc_link_to_caller(buf, size, true);
}

static const struct inode_operations proc_self_ops = { .readlink = proc_self_readlink };
static const struct inode_operations proc_thread_self_ops = {
	.readlink = proc_thread_self_readlink,
};

static int proc_mount(const struct file_system_type *type, const char *data,
		      struct super_block **out)
{
	return tree_mount(proc_sb, out);
}

static struct file_system_type proc_type = {
	.name = "proc", .single = true, .mount = proc_mount,
};

void procfs_init(void)
{
	struct inode *inode;

	file_system_register(&proc_type);
	if (tree_make_super(&proc_type, PROC_SUPER_MAGIC, 0555, &proc_root_ops, &proc_root_fops,
			    &proc_sb) ||
	    proc_new_inode(S_IFLNK | 0777, &proc_self_ops, NULL, NULL, &inode) ||
	    tree_place(proc_sb, "self", inode) ||
	    proc_new_inode(S_IFLNK | 0777, &proc_thread_self_ops, NULL, NULL, &inode) ||
	    tree_place(proc_sb, "thread-self", inode))
		panic("no memory for /proc");
}
