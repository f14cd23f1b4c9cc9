/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_initramfs.c - cpio archives, good ones and hostile ones
 *
 * Each test unpacks into a tmpfs of its own that is the test thread's root.
 */
#include "fs/vfs.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/rand.h"
#include "kernel/lib/string.h"
#include "kernel/sched/task.h"
#include "kernel/test/ktest.h"
#include "mm/slab.h"

#define ARCHIVE_SIZE 8192

static char *archive;
static size_t archive_len;
static struct fs_context *sandbox;

static bool sandbox_up(void)
{
	struct path root;

	archive = KT_GET(kzalloc(ARCHIVE_SIZE, GFP_KERNEL));
	archive_len = 0;
	if (!KT_CHECK(archive) || !KT_CHECK_EQ(vfs_mkdir("/tmp/box", 0755), 0) ||
	    !KT_CHECK_EQ(vfs_mount("none", "/tmp/box", "tmpfs", 0, "size=1M"), 0) ||
	    !KT_CHECK_EQ(fs_context_alloc(&sandbox), 0) ||
	    !KT_CHECK_EQ(path_lookup(NULL, "/tmp/box", LOOKUP_FOLLOW, &root), 0))
		return false;
	path_put(&sandbox->root);
	path_put(&sandbox->cwd);
	sandbox->root = root;
	sandbox->cwd = root;
	path_get(&root);
	sandbox->umask = 0;
	current->fs = sandbox;
	return true;
}

static void sandbox_down(void)
{
	current->fs = NULL;
	fs_context_put(sandbox);
	KT_CHECK_EQ(vfs_umount("/tmp/box"), 0);
	KT_CHECK_EQ(vfs_rmdir("/tmp/box"), 0);
	kfree(archive);
}

static void pad(void)
{
	while (archive_len & 3)
		archive[archive_len++] = 0;
}

/* Append one entry. */
static void add_linked(const char *name, u32 mode, const char *data, size_t len, u32 ino,
		       u32 nlink)
{
	ASSERT(archive_len + 110 + strlen(name) + len + 16 < ARCHIVE_SIZE);
	archive_len += (size_t)snprintf(archive + archive_len, 111,
		"070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x", ino, mode, 0, 0, nlink,
		0, (u32)len, 0, 0, 0, 0, (u32)strlen(name) + 1, 0);
	memcpy(archive + archive_len, name, strlen(name) + 1);
	archive_len += strlen(name) + 1;
	pad();
	memcpy(archive + archive_len, data, len);
	archive_len += len;
	pad();
}

static void add(const char *name, u32 mode, const char *data)
{
	add_linked(name, mode, data, strlen(data), 1, 1);
}

static void add_end(void)
{
	add("TRAILER!!!", 0, "");
}

static int unpack(void)
{
	return initramfs_unpack(archive, archive_len);
}

static bool holds(const char *path, const char *text)
{
	char buf[64] = { 0 };
	struct file *file;
	ssize_t n;

	if (vfs_open(path, O_RDONLY, 0, &file))
		return false;
	n = kernel_read(file, buf, sizeof(buf) - 1, 0);
	file_put(file);
	return n >= 0 && !strcmp(buf, text);
}

KTEST_QUICK(initramfs, archive_becomes_files)
{
	struct stat st;

	KT_TRUE(sandbox_up());
	add(".", S_IFDIR | 0755, "");
	add("bin", S_IFDIR | 0700, "");
	add("bin/sh", S_IFREG | 0755, "#!");
	add("./etc/passwd", S_IFREG | 0644, "root:x:0:0::/:/bin/sh\n");
	add("bin/link", S_IFLNK | 0777, "sh");
	add("empty", S_IFREG | 0600, "");
	add("pipe", S_IFIFO | 0600, "");
	add_end();
	KT_CHECK_EQ(unpack(), 0);
	KT_CHECK(holds("/bin/link", "#!"));
	KT_CHECK(holds("/etc/passwd", "root:x:0:0::/:/bin/sh\n"));
	KT_CHECK(holds("/empty", ""));
	KT_CHECK_EQ(vfs_stat("/bin/sh", true, &st), 0);
	KT_CHECK_EQ(st.st_mode, (u32)(S_IFREG | 0755));
	KT_CHECK_EQ(vfs_stat("/bin", true, &st), 0);
	KT_CHECK_EQ(st.st_mode, (u32)(S_IFDIR | 0700));
	KT_CHECK_EQ(vfs_stat("/pipe", true, &st), 0);
	KT_CHECK(S_ISFIFO(st.st_mode));
	sandbox_down();
}

KTEST_QUICK(initramfs, later_archives_add_and_replace)
{
	KT_TRUE(sandbox_up());
	add("a", S_IFREG | 0644, "first a, which is longer");
	add("b", S_IFREG | 0644, "b");
	add_end();
	for (int i = 0; i < 37; i++)		/* an odd number of zeros between */
		archive[archive_len++] = 0;
	/* The second archive's padding counts from its own beginning. */
	{
		char *first = archive;
		size_t first_len = archive_len;

		archive += archive_len;
		archive_len = 0;
		add("a", S_IFREG | 0644, "second");
		add("extra/c", S_IFREG | 0644, "c");
		add_end();
		archive = first;
		archive_len += first_len;
	}
	KT_CHECK_EQ(unpack(), 0);
	KT_CHECK(holds("/a", "second"));
	KT_CHECK(holds("/b", "b"));
	KT_CHECK(holds("/extra/c", "c"));
	sandbox_down();
}

KTEST_QUICK(initramfs, several_names_of_one_file_stay_one_file)
{
	struct stat a, b;

	KT_TRUE(sandbox_up());
	add_linked("a", S_IFREG | 0644, "", 0, 77, 2);
	add_linked("d/b", S_IFREG | 0644, "text", 4, 77, 2);
	add_end();
	KT_CHECK_EQ(unpack(), 0);
	KT_CHECK(holds("/a", "text"));
	KT_CHECK_EQ(vfs_stat("/a", true, &a), 0);
	KT_CHECK_EQ(vfs_stat("/d/b", true, &b), 0);
	KT_CHECK_EQ(a.st_ino, b.st_ino);
	KT_CHECK_EQ(a.st_nlink, 2UL);
	sandbox_down();
}

KTEST(initramfs, names_that_climb_are_refused)
{
	static const char *const bad[] = { "..", "../x", "a/../../x", "a/..", "/../x" };

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		KT_TRUE(sandbox_up());
		add(bad[i], S_IFREG | 0644, "x");
		add_end();
		KT_CHECK_EQ(unpack(), -EINVAL);
		sandbox_down();
	}
	KT_TRUE(sandbox_up());
	add("..a/b..", S_IFREG | 0644, "x");	/* dots alone are no crime */
	add_end();
	KT_CHECK_EQ(unpack(), 0);
	KT_CHECK(holds("/..a/b..", "x"));
	sandbox_down();
}

KTEST(initramfs, lengths_that_lie_are_refused)
{
	static const char *const lies[] = { "ffffffff", "7fffffff", "00002000", "zzzzzzzz",
					    "00000000", "-0000001" };
	int loglevel = printk_set_loglevel(0);

	for (size_t i = 0; i < ARRAY_SIZE(lies); i++) {
		KT_TRUE(sandbox_up());
		add("file", S_IFREG | 0644, "text");
		add_end();
		memcpy(archive + 6 + 8 * 11, lies[i], 8);	/* length of the name */
		KT_CHECK_EQ(unpack(), -EINVAL);
		sandbox_down();
		KT_TRUE(sandbox_up());
		add("file", S_IFREG | 0644, "text");
		add_end();
		memcpy(archive + 6 + 8 * 6, lies[i], 8);	/* length of the contents */
		KT_CHECK_EQ(unpack(), -EINVAL);
		sandbox_down();
	}
	printk_set_loglevel(loglevel);
}

KTEST(initramfs, archive_cut_anywhere_does_no_harm)
{
	int loglevel = printk_set_loglevel(0);
	size_t whole;

	KT_TRUE(sandbox_up());
	add("d/a", S_IFREG | 0644, "some text");
	add("l", S_IFLNK | 0777, "d/a");
	add_end();
	whole = archive_len;
	for (size_t cut = 0; cut < whole; cut++) {
		char *copy = KT_GET(kmalloc(cut + 1, GFP_KERNEL)); /* redzones catch an overrun */

		KT_CHECK(copy);
		memcpy(copy, archive, cut);
		/* Only the padding behind the trailer may be missing. */
		KT_CHECK(initramfs_unpack(copy, cut) == -EINVAL || !cut || whole - cut < 4);
		kfree(copy);
	}
	KT_CHECK_EQ(unpack(), 0);
	KT_CHECK(holds("/l", "some text"));
	sandbox_down();
	printk_set_loglevel(loglevel);
}

KTEST(initramfs, damaged_archives_do_no_harm)
{
	int loglevel = printk_set_loglevel(0);
	struct rand_state rand;
	char *good;

	rand_seed(&rand, 2026);
	for (int round = 0; round < 300 && !ktest_failed(); round++) {
		KT_TRUE(sandbox_up());
		add("d", S_IFDIR | 0755, "");
		add("d/a", S_IFREG | 0644, "some text");
		add("l", S_IFLNK | 0777, "d/a");
		add_linked("x", S_IFREG | 0644, "x", 1, 5, 2);
		add_linked("y", S_IFREG | 0644, "y", 1, 5, 2);
		add_end();
		for (u64 i = rand_below(&rand, 6) + 1; i; i--)
			archive[rand_below(&rand, archive_len)] =
				rand_below(&rand, 2) ? (char)rand_u64(&rand) :
				"0123456789abcdef"[rand_below(&rand, 16)];
		good = KT_GET(kmalloc(archive_len, GFP_KERNEL));
		KT_CHECK(good);
		memcpy(good, archive, archive_len);
		(void)(initramfs_unpack(good, archive_len) == 0);
		kfree(good);
		sandbox_down();
	}
	printk_set_loglevel(loglevel);
}
