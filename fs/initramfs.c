/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * fs/initramfs.c - from cpio archives to the first files
 *
 * Concept    The boot loader brings archives in the "newc" format of cpio: a
 *            header of 110 characters (hexadecimal fields), the name, the bytes,
 *            the latter two padded to multiples of four. Several archives may lie
 *            one behind the other with zeros between. They come from outside, so
 *            every length is compared with what is left before it is used, and a
 *            name must end inside its field and may not climb (`..`).
 *
 *		| header | name NUL pad | bytes pad | header | ... | TRAILER!!! | zeros |
 *
 * Owns       Nothing; the archive's memory is the caller's.
 * Locks      None of its own: one thread at boot, through the VFS.
 * Invariants cursor.at <= cursor.end at every step: cpio_take().
 * Callers    fs/vfs.c, tests/kernel/test_initramfs.c
 * Next       fs/pipe.c
 */
#include "fs/vfs.h"
#include "fs/internal.h"
#include "kernel/lib/list.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/string.h"
#include "mm/slab.h"

#define CPIO_HEADER 110
#define CPIO_FIELDS 13

/* The fields behind the magic, in their order (cpio(5), "New ASCII Format"). */
enum cpio_field {
	CPIO_INO, CPIO_MODE, CPIO_UID, CPIO_GID, CPIO_NLINK, CPIO_MTIME, CPIO_FILESIZE,
	CPIO_DEVMAJOR, CPIO_DEVMINOR, CPIO_RDEVMAJOR, CPIO_RDEVMINOR, CPIO_NAMESIZE, CPIO_CHECK,
};

struct cpio_cursor {
	const char *start, *at, *end;
	struct list_head links;		/* struct cpio_link: files with several names */
};

struct cpio_entry {
	u32 field[CPIO_FIELDS];
	const char *name;		/* in the archive, NUL-terminated */
	const char *data;
};

/* The first name of a file that has more; the bytes come with the last one. */
struct cpio_link {
	struct list_head node;
	u32 ino, major, minor;
	char name[];
};

static bool cpio_hex(const char *s, u32 *out)
{
	u32 value = 0;

	for (int i = 0; i < 8; i++) {
		char c = s[i];

		if (c >= '0' && c <= '9')
			value = value << 4 | (u32)(c - '0');
		else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			value = value << 4 | (u32)((c | 0x20) - 'a' + 10);
		else
			return false;
	}
	*out = value;
	return true;
}

/* Take @len bytes and the padding behind them. NULL: there are not so many. */
static const char *cpio_take(struct cpio_cursor *c, size_t len)
{
	const char *here = c->at;
	size_t pad;

	if (len > (size_t)(c->end - c->at))
		return NULL;
	c->at += len;
	pad = (0 - (size_t)(c->at - c->start)) & 3;
	c->at += min(pad, (size_t)(c->end - c->at));
	return here;
}

static bool cpio_name_is_good(const char *name, size_t size)
{
	if (!size || size > PATH_MAX || strnlen(name, size) != size - 1 || size == 1)
		return false;
	/* No component may be "..". */
	for (const char *s = name; (s = strstr(s, "..")); s += 2)
		if ((s == name || s[-1] == '/') && (!s[2] || s[2] == '/'))
			return false;
	return true;
}

/* Read one entry. Return: 0 or -EINVAL. */
static int cpio_next(struct cpio_cursor *c, struct cpio_entry *e)
{
	const char *header;

	/* The header's own length counts into the name's padding. */
	if ((size_t)(c->end - c->at) < CPIO_HEADER)
		return -EINVAL;
	header = c->at;
	if (memcmp(header, "070701", 6) && memcmp(header, "070702", 6))
		return -EINVAL;
	for (int i = 0; i < CPIO_FIELDS; i++)
		if (!cpio_hex(header + 6 + 8 * i, &e->field[i]))
			return -EINVAL;
	c->at += CPIO_HEADER;
	e->name = cpio_take(c, e->field[CPIO_NAMESIZE]);
	if (!e->name || !cpio_name_is_good(e->name, e->field[CPIO_NAMESIZE]))
		return -EINVAL;
	e->data = cpio_take(c, e->field[CPIO_FILESIZE]);
	return e->data ? 0 : -EINVAL;
}

/* Make the directories on the way to @name, which archives may leave out. */
static int cpio_make_parents(const char *name)
{
	char *path = kstrdup(name, GFP_KERNEL);
	int error = 0;
	char *slash;

	if (!path)
		return -ENOMEM;
	for (slash = path; !error && (slash = strchr(slash + 1, '/')); ) {
		*slash = 0;
		error = vfs_mkdir(path, 0755);
		if (error == -EEXIST)
			error = 0;
		*slash = '/';
	}
	kfree(path);
	return error;
}

static int cpio_write(const struct cpio_entry *e)
{
	size_t size = e->field[CPIO_FILESIZE];
	struct file *file;
	ssize_t n;
	int error;

	error = vfs_open(e->name, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW,
			 e->field[CPIO_MODE] & S_IALLUGO, &file);
	if (error)
		return error;
	n = kernel_write(file, e->data, size, 0);
	file_put(file);
	if (n < 0)
		return (int)n;
	return (size_t)n == size ? 0 : -ENOSPC;
}

static struct cpio_link *cpio_find_link(struct cpio_cursor *c, const struct cpio_entry *e)
{
	struct cpio_link *link;

	list_for_each_entry(link, &c->links, node)
		if (link->ino == e->field[CPIO_INO] && link->major == e->field[CPIO_DEVMAJOR] &&
		    link->minor == e->field[CPIO_DEVMINOR])
			return link;
	return NULL;
}

/* A regular file with several names: the later ones are links to the first. */
static int cpio_make_linked(struct cpio_cursor *c, const struct cpio_entry *e)
{
	struct cpio_link *link = cpio_find_link(c, e);
	int error;

	if (link) {
		error = vfs_link(link->name, e->name);
		return error || !e->field[CPIO_FILESIZE] ? error : cpio_write(e);
	}
	link = kzalloc(sizeof(*link) + strlen(e->name) + 1, GFP_KERNEL);
	if (!link)
		return -ENOMEM;
	link->ino = e->field[CPIO_INO];
	link->major = e->field[CPIO_DEVMAJOR];
	link->minor = e->field[CPIO_DEVMINOR];
	memcpy(link->name, e->name, strlen(e->name) + 1);
	list_add(&link->node, &c->links);
	return cpio_write(e);
}

static int cpio_make_symlink(const struct cpio_entry *e)
{
	size_t len = e->field[CPIO_FILESIZE];
	char *target;
	int error;

	if (!len || len >= PATH_MAX || strnlen(e->data, len) != len)
		return -EINVAL;
	target = kzalloc(len + 1, GFP_KERNEL);
	if (!target)
		return -ENOMEM;
	memcpy(target, e->data, len);
	error = vfs_symlink(target, e->name);
	kfree(target);
	return error;
}

static int cpio_make(struct cpio_cursor *c, const struct cpio_entry *e)
{
	u32 mode = e->field[CPIO_MODE];
	int error;

	if (!strcmp(e->name, ".") || !strcmp(e->name, "/"))
		return 0;
	error = cpio_make_parents(e->name);
	if (error)
		return error;
	switch (mode & S_IFMT) {
	case S_IFDIR:
		error = vfs_mkdir(e->name, mode);
		return error == -EEXIST ? 0 : error;
	case S_IFREG:
		return e->field[CPIO_NLINK] > 1 ? cpio_make_linked(c, e) : cpio_write(e);
	case S_IFLNK:
		/* A later archive's name replaces an earlier one's. */
		(void)(vfs_unlink(e->name) == 0);
		return cpio_make_symlink(e);
	case S_IFCHR:
	case S_IFBLK:
	case S_IFIFO:
		error = vfs_mknod(e->name, mode & (S_IFMT | S_IALLUGO),
				  makedev(e->field[CPIO_RDEVMAJOR], e->field[CPIO_RDEVMINOR]));
		return error == -EEXIST ? 0 : error;
	default:
		return -EINVAL;
	}
}

static void cpio_forget_links(struct cpio_cursor *c)
{
	struct cpio_link *link, *next;

	list_for_each_entry_safe(link, next, &c->links, node)
		kfree(link);
	INIT_LIST_HEAD(&c->links);
}

/* Everything up to the trailer. Return: 0, or what stops the unpacking. */
static int cpio_unpack_one(struct cpio_cursor *c)
{
	struct cpio_entry e;
	int error;

	for (;;) {
		error = cpio_next(c, &e);
		if (error || !strcmp(e.name, "TRAILER!!!"))
			return error;
		error = cpio_make(c, &e);
		if (error == -ENOMEM || error == -ENOSPC)
			return error;
		if (error)
			pr_warn("initramfs: %s can not be made (error %d)", e.name, -error);
	}
}

int initramfs_unpack(const void *archive, size_t len)
{
	struct cpio_cursor c = { archive, archive, (const char *)archive + len,
				 LIST_HEAD_INIT(c.links) };
	int error = 0;

	while (!error) {
		while (c.at < c.end && !*c.at)
			c.at++;
		if (c.at == c.end)
			return 0;
		/* Padding counts from the beginning of each archive. */
		c.start = c.at;
		error = cpio_unpack_one(&c);
		cpio_forget_links(&c);
	}
	pr_warn("initramfs: damaged at byte %lu of %lu (error %d)",
		(unsigned long)(c.at - (const char *)archive), (unsigned long)len, -error);
	return error;
}
