/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_vfs.c - names: walks, links, renames, mounts, directories
 */
#include "fs/vfs.h"
#include "include/uapi/mount.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/rand.h"
#include "kernel/lib/string.h"
#include "kernel/sched/task.h"
#include "kernel/test/gate.h"
#include "kernel/test/inject.h"
#include "kernel/test/ktest.h"
#include "mm/slab.h"
#include "tests/kernel/kt_thread.h"
#include "tests/kernel/threads.h"

/* Make an empty file, or one with a word in it. */
static void make(const char *path, const char *text)
{
	struct file *file;

	if (!KT_CHECK_EQ(vfs_open(path, O_WRONLY | O_CREAT | O_EXCL, 0644, &file), 0))
		return;
	KT_CHECK_EQ(kernel_write(file, text, strlen(text), 0), (ssize_t)strlen(text));
	file_put(file);
}

/* Does @path lead to a file with these contents? */
static bool holds(const char *path, const char *text)
{
	char buf[32] = { 0 };
	struct file *file;
	ssize_t n;

	if (vfs_open(path, O_RDONLY, 0, &file))
		return false;
	n = kernel_read(file, buf, sizeof(buf) - 1, 0);
	file_put(file);
	return n >= 0 && !strcmp(buf, text);
}

static int open_close(const char *path, unsigned int flags)
{
	struct file *file;
	int error = vfs_open(path, flags, 0600, &file);

	if (!error)
		file_put(file);
	return error;
}

static int look(const char *path)
{
	struct stat st;

	return vfs_stat(path, true, &st);
}

KTEST_QUICK(vfs, paths_lead_where_they_say)
{
	KT_CHECK_EQ(vfs_mkdir("/tmp/d", 0755), 0);
	KT_CHECK_EQ(vfs_mkdir("/tmp/d/e/", 0755), 0);
	make("/tmp/d/f", "text");
	KT_CHECK(holds("/tmp/d/f", "text"));
	KT_CHECK(holds("tmp/d/f", "text"));
	KT_CHECK(holds("//tmp///d/./e/../f", "text"));
	KT_CHECK(holds("/../../tmp/d/f", "text"));
	KT_CHECK(holds("/dev/../tmp/d/f", "text"));
	KT_CHECK_EQ(look("/tmp/d/"), 0);
	KT_CHECK_EQ(look("/tmp/d/f/"), -ENOTDIR);
	KT_CHECK_EQ(look("/tmp/d/f/x"), -ENOTDIR);
	KT_CHECK_EQ(look("/tmp/d/f/.."), -ENOTDIR);
	KT_CHECK_EQ(look("/tmp/d/nothing"), -ENOENT);
	KT_CHECK_EQ(look("/tmp/nothing/f"), -ENOENT);
	KT_CHECK_EQ(look(""), -ENOENT);
	KT_CHECK_EQ(look("/"), 0);
	KT_CHECK_EQ(look("."), 0);
	KT_CHECK_EQ(vfs_rmdir("/tmp/d"), -ENOTEMPTY);
	KT_CHECK_EQ(vfs_unlink("/tmp/d/f"), 0);
	KT_CHECK_EQ(vfs_rmdir("/tmp/d/e"), 0);
	KT_CHECK_EQ(vfs_rmdir("/tmp/d/"), 0);
}

KTEST_QUICK(vfs, long_names_have_a_limit)
{
	char *path = KT_GET(kmalloc(PATH_MAX, GFP_KERNEL));

	KT_TRUE(path);
	memset(path, 'n', 300);
	memcpy(path, "/tmp/", 5);
	path[5 + NAME_MAX + 1] = 0;
	KT_CHECK_EQ(open_close(path, O_CREAT | O_RDWR), -ENAMETOOLONG);
	path[5 + NAME_MAX] = 0;
	KT_CHECK_EQ(open_close(path, O_CREAT | O_RDWR), 0);
	KT_CHECK_EQ(look(path), 0);
	KT_CHECK_EQ(vfs_unlink(path), 0);
	kfree(path);
}

KTEST_QUICK(vfs, open_flags_do_what_they_say)
{
	make("/tmp/f", "old");
	KT_CHECK_EQ(vfs_mkdir("/tmp/d", 0755), 0);
	KT_CHECK_EQ(vfs_symlink("f", "/tmp/l"), 0);
	KT_CHECK_EQ(open_close("/tmp/f", O_CREAT | O_EXCL | O_RDWR), -EEXIST);
	KT_CHECK_EQ(open_close("/tmp/l", O_CREAT | O_EXCL | O_RDWR), -EEXIST);
	KT_CHECK_EQ(open_close("/tmp/l", O_RDONLY | O_NOFOLLOW), -ELOOP);
	KT_CHECK_EQ(open_close("/tmp/l", O_PATH | O_NOFOLLOW), 0);
	KT_CHECK_EQ(open_close("/tmp/f", O_RDONLY | O_DIRECTORY), -ENOTDIR);
	KT_CHECK_EQ(open_close("/tmp/d", O_RDONLY | O_DIRECTORY), 0);
	KT_CHECK_EQ(open_close("/tmp/d", O_RDWR), -EISDIR);
	KT_CHECK_EQ(open_close("/tmp/d", O_RDONLY | O_CREAT), -EISDIR);
	KT_CHECK_EQ(open_close("/tmp/new/", O_RDWR | O_CREAT), -EISDIR);
	KT_CHECK_EQ(open_close("/tmp/none", O_RDONLY), -ENOENT);
	KT_CHECK_EQ(open_close("/tmp/none/x", O_RDWR | O_CREAT), -ENOENT);
	KT_CHECK_EQ(open_close("/tmp/.", O_RDWR | O_CREAT), -EISDIR);
	KT_CHECK(holds("/tmp/l", "old"));
	KT_CHECK_EQ(open_close("/tmp/l", O_WRONLY | O_TRUNC), 0);
	KT_CHECK(holds("/tmp/f", ""));
	KT_CHECK_EQ(vfs_unlink("/tmp/f"), 0);
	KT_CHECK_EQ(look("/tmp/l"), -ENOENT);
	KT_CHECK_EQ(open_close("/tmp/l", O_RDWR | O_CREAT), 0);	/* through the link */
	KT_CHECK_EQ(look("/tmp/f"), 0);
	KT_CHECK_EQ(vfs_unlink("/tmp/f"), 0);
	KT_CHECK_EQ(vfs_unlink("/tmp/l"), 0);
	KT_CHECK_EQ(vfs_unlink("/tmp/d"), -EISDIR);
	KT_CHECK_EQ(vfs_rmdir("/tmp/d"), 0);
}

KTEST_QUICK(vfs, symbolic_links_lead_on)
{
	char target[8], path[16];

	KT_CHECK_EQ(vfs_mkdir("/tmp/d", 0755), 0);
	make("/tmp/d/f", "text");
	KT_CHECK_EQ(vfs_symlink("d", "/tmp/rel"), 0);
	KT_CHECK_EQ(vfs_symlink("/tmp/rel/f", "/tmp/abs"), 0);
	KT_CHECK_EQ(vfs_symlink("../rel/../abs", "/tmp/d/up"), 0);
	KT_CHECK(holds("/tmp/rel/f", "text"));
	KT_CHECK(holds("/tmp/abs", "text"));
	KT_CHECK(holds("/tmp/rel/up", "text"));
	KT_CHECK_EQ(look("/tmp/abs/"), -ENOTDIR);
	KT_CHECK_EQ(vfs_symlink("loop2", "/tmp/loop1"), 0);
	KT_CHECK_EQ(vfs_symlink("loop1", "/tmp/loop2"), 0);
	KT_CHECK_EQ(look("/tmp/loop1"), -ELOOP);
	KT_CHECK_EQ(look("/tmp/loop1/x"), -ELOOP);
	KT_CHECK_EQ(vfs_symlink("", "/tmp/empty"), -ENOENT);
	KT_CHECK_EQ(vfs_symlink("x", "/tmp/rel"), -EEXIST);
	/* A chain of 40 is walked, one of 41 is not. */
	for (int i = 0; i <= 40; i++) {
		snprintf(target, sizeof(target), i ? "c%d" : "d/f", i - 1);
		snprintf(path, sizeof(path), "/tmp/c%d", i);
		KT_CHECK_EQ(vfs_symlink(target, path), 0);
	}
	KT_CHECK(holds("/tmp/c39", "text"));
	KT_CHECK_EQ(look("/tmp/c40"), -ELOOP);
	for (int i = 0; i <= 40; i++) {
		snprintf(path, sizeof(path), "/tmp/c%d", i);
		KT_CHECK_EQ(vfs_unlink(path), 0);
	}
	KT_CHECK_EQ(vfs_unlink("/tmp/loop1"), 0);
	KT_CHECK_EQ(vfs_unlink("/tmp/loop2"), 0);
	KT_CHECK_EQ(vfs_unlink("/tmp/rel"), 0);
	KT_CHECK_EQ(vfs_unlink("/tmp/abs"), 0);
	KT_CHECK_EQ(vfs_unlink("/tmp/d/up"), 0);
	KT_CHECK_EQ(vfs_unlink("/tmp/d/f"), 0);
	KT_CHECK_EQ(vfs_rmdir("/tmp/d"), 0);
}

KTEST_QUICK(vfs, hard_links_share_a_file)
{
	struct stat st;

	make("/tmp/a", "text");
	KT_CHECK_EQ(vfs_link("/tmp/a", "/tmp/b"), 0);
	KT_CHECK_EQ(vfs_link("/tmp/a", "/tmp/b"), -EEXIST);
	KT_CHECK_EQ(vfs_link("/tmp", "/tmp/c"), -EPERM);
	KT_CHECK_EQ(vfs_link("/tmp/a", "/dev/a"), -EXDEV);
	KT_CHECK_EQ(vfs_stat("/tmp/a", true, &st), 0);
	KT_CHECK_EQ(st.st_nlink, 2UL);
	KT_CHECK_EQ(vfs_rename("/tmp/a", "/tmp/b"), 0);	/* the same file: nothing */
	KT_CHECK(holds("/tmp/a", "text"));
	KT_CHECK_EQ(vfs_unlink("/tmp/a"), 0);
	KT_CHECK(holds("/tmp/b", "text"));
	KT_CHECK_EQ(vfs_stat("/tmp/b", true, &st), 0);
	KT_CHECK_EQ(st.st_nlink, 1UL);
	KT_CHECK_EQ(vfs_unlink("/tmp/b"), 0);
}

KTEST_QUICK(vfs, rename_moves_and_replaces)
{
	struct stat st;

	KT_CHECK_EQ(vfs_mkdir("/tmp/d", 0755), 0);
	KT_CHECK_EQ(vfs_mkdir("/tmp/e", 0755), 0);
	make("/tmp/d/a", "a");
	make("/tmp/e/b", "b");
	KT_CHECK_EQ(vfs_rename("/tmp/d/a",
			       "/tmp/e/a name that needs memory of its own, being long"),
		    0);
	KT_CHECK_EQ(look("/tmp/d/a"), -ENOENT);
	KT_CHECK_EQ(vfs_rename("/tmp/e/a name that needs memory of its own, being long",
			       "/tmp/e/b"), 0);
	KT_CHECK(holds("/tmp/e/b", "a"));
	KT_CHECK_EQ(vfs_rename("/tmp/d", "/tmp/e"), -ENOTEMPTY);
	KT_CHECK_EQ(vfs_rename("/tmp/e", "/tmp/d"), 0);		/* over an empty directory */
	KT_CHECK(holds("/tmp/d/b", "a"));
	KT_CHECK_EQ(vfs_mkdir("/tmp/d/s", 0755), 0);
	KT_CHECK_EQ(vfs_rename("/tmp/d", "/tmp/d/s/x"), -EINVAL);
	KT_CHECK_EQ(vfs_rename("/tmp/d", "/tmp/d"), 0);
	KT_CHECK_EQ(vfs_rename("/tmp/d/b", "/tmp/d/s"), -EISDIR);
	KT_CHECK_EQ(vfs_rename("/tmp/d/s", "/tmp/d/b"), -ENOTDIR);
	KT_CHECK_EQ(vfs_rename("/tmp/d/b", "/tmp/d/c/"), -ENOTDIR);
	KT_CHECK_EQ(vfs_rename("/tmp/d/b", "/dev/b"), -EXDEV);
	KT_CHECK_EQ(vfs_rename("/tmp/d/none", "/tmp/d/c"), -ENOENT);
	KT_CHECK_EQ(vfs_rename("/tmp/d/.", "/tmp/x"), -EBUSY);
	KT_CHECK_EQ(vfs_rename("/proc/version", "/proc/x"), -EPERM);
	KT_CHECK_EQ(vfs_rename("/tmp/d/s", "/tmp/s"), 0);	/* a directory changes parents */
	KT_CHECK_EQ(vfs_stat("/tmp/d", true, &st), 0);
	KT_CHECK_EQ(st.st_nlink, 2UL);
	KT_CHECK_EQ(look("/tmp/s/../d"), 0);
	KT_CHECK_EQ(vfs_unlink("/tmp/d/b"), 0);
	KT_CHECK_EQ(vfs_rmdir("/tmp/d"), 0);
	KT_CHECK_EQ(vfs_rmdir("/tmp/s"), 0);
}

KTEST_QUICK(vfs, mounts_cover_and_uncover)
{
	struct file *file;
	struct stat st, up;

	KT_CHECK_EQ(vfs_mkdir("/tmp/m", 0755), 0);
	make("/tmp/m/under", "under");
	KT_CHECK_EQ(vfs_mount("none", "/tmp/m", "tmpfs", 0, NULL), 0);
	KT_CHECK_EQ(look("/tmp/m/under"), -ENOENT);
	make("/tmp/m/f", "text");
	KT_CHECK_EQ(vfs_stat("/tmp/m/..", true, &up), 0);
	KT_CHECK_EQ(vfs_stat("/tmp", true, &st), 0);
	KT_CHECK_EQ(up.st_ino, st.st_ino);
	KT_CHECK_EQ(up.st_dev, st.st_dev);
	KT_CHECK_EQ(vfs_rmdir("/tmp/m"), -EBUSY);
	KT_CHECK_EQ(vfs_rename("/tmp/m", "/tmp/n"), -EBUSY);
	KT_CHECK_EQ(vfs_mount("none", "/tmp/m", "tmpfs", 0, NULL), 0);	/* on top of it */
	KT_CHECK_EQ(look("/tmp/m/f"), -ENOENT);
	KT_CHECK_EQ(vfs_umount("/tmp/m"), 0);
	if (KT_CHECK_EQ(vfs_open("/tmp/m/f", O_RDONLY, 0, &file), 0)) {
		KT_CHECK_EQ(vfs_umount("/tmp/m"), -EBUSY);
		file_put(file);
	}
	KT_CHECK_EQ(vfs_umount("/tmp/m/f"), -EINVAL);
	KT_CHECK_EQ(vfs_umount("/tmp/m"), 0);
	KT_CHECK_EQ(vfs_umount("/tmp/m"), -EINVAL);
	KT_CHECK_EQ(vfs_umount("/"), -EINVAL);
	KT_CHECK(holds("/tmp/m/under", "under"));
	KT_CHECK_EQ(vfs_mount("none", "/tmp/m/under", "tmpfs", 0, NULL), -ENOTDIR);
	KT_CHECK_EQ(vfs_mount("none", "/tmp/m", "ext9", 0, NULL), -ENODEV);
	KT_CHECK_EQ(vfs_mount("none", "/tmp/none", "tmpfs", 0, NULL), -ENOENT);
	KT_CHECK_EQ(vfs_mount("none", "/tmp/m", "tmpfs", MS_BIND, NULL), -EINVAL);
	KT_CHECK_EQ(vfs_unlink("/tmp/m/under"), 0);
	KT_CHECK_EQ(vfs_rmdir("/tmp/m"), 0);
}

/* ---- reading directories ---- */

struct reading {
	struct dir_context ctx;
	unsigned int names, stop_after;
	u64 mask;		/* of names "n0" to "n63" */
	bool twice, dots[2];
};

static bool reading_emit(struct dir_context *ctx, const char *name, size_t len, u64 ino, u8 type,
			 loff_t next)
{
	struct reading *r = container_of(ctx, struct reading, ctx);
	unsigned int n = 0;

	if (r->names == r->stop_after) {
		ctx->full = true;
		return false;
	}
	r->names++;
	if (name[0] == '.') {
		r->dots[len - 1] = true;
		return true;
	}
	for (size_t i = 1; i < len; i++)
		n = n * 10 + (unsigned int)(name[i] - '0');
	r->twice |= (r->mask >> n) & 1;
	r->mask |= 1UL << n;
	return true;
}

static void read_dir(struct file *dir, struct reading *r, unsigned int most)
{
	r->ctx.emit = reading_emit;
	r->ctx.full = false;
	r->stop_after = r->names + most;
	KT_CHECK_EQ(dir->ops->iterate(dir, &r->ctx), 0);
}

static void numbered(char *path, size_t size, const char *dir, int n)
{
	snprintf(path, size, "%s/n%d", dir, n);
}

KTEST_QUICK(vfs, reading_a_directory_gives_each_name_once)
{
	struct reading r = { 0 };
	struct file *dir;
	char path[32];

	KT_CHECK_EQ(vfs_mkdir("/tmp/d", 0755), 0);
	for (int i = 0; i < 64; i++) {
		numbered(path, sizeof(path), "/tmp/d", i);
		make(path, "");
	}
	KT_EQ(vfs_open("/tmp/d", O_RDONLY | O_DIRECTORY, 0, &dir), 0);
	for (int i = 0; i < 20; i++)
		read_dir(dir, &r, 5);
	KT_CHECK_EQ(r.names, 66U);
	KT_CHECK_EQ(r.mask, ~0UL);
	KT_CHECK(!r.twice && r.dots[0] && r.dots[1]);
	/* Names that go while one reads do not disturb those that stay. */
	r = (struct reading){ 0 };
	read_dir(dir, &r, 12);
	for (int i = 0; i < 64; i += 2) {
		numbered(path, sizeof(path), "/tmp/d", i);
		KT_CHECK_EQ(vfs_unlink(path), 0);
	}
	read_dir(dir, &r, 1000);
	KT_CHECK_EQ(r.mask & 0xaaaaaaaaaaaaaaaaUL, 0xaaaaaaaaaaaaaaaaUL);
	KT_CHECK(!r.twice);
	for (int i = 1; i < 64; i += 2) {
		numbered(path, sizeof(path), "/tmp/d", i);
		KT_CHECK_EQ(vfs_unlink(path), 0);
	}
	KT_CHECK_EQ(vfs_rmdir("/tmp/d"), 0);
	/* The directory is open still, but takes no names any more. */
	KT_CHECK_EQ(open_close("/tmp/d/x", O_CREAT | O_RDWR), -ENOENT);
	file_put(dir);
}

KTEST_QUICK(vfs, working_directory_and_root_belong_to_the_task)
{
	struct fs_context *fs, *saved = current->fs;
	struct path place, old_cwd, old_root;
	char buf[64];
	char *name;

	KT_CHECK_EQ(vfs_mkdir("/tmp/d", 0755), 0);
	make("/tmp/d/f", "text");
	KT_EQ(fs_context_alloc(&fs), 0);
	current->fs = fs;
	KT_CHECK_EQ(path_lookup(NULL, "/tmp/d", 0, &place), 0);
	old_cwd = fs->cwd;
	fs->cwd = place;
	KT_CHECK(holds("f", "text"));
	name = path_name(&place, buf, sizeof(buf));
	KT_CHECK(name && !strcmp(name, "/tmp/d"));
	KT_CHECK(!path_name(&place, buf, 6));
	old_root = fs->root;
	fs->root = place;
	path_get(&place);
	KT_CHECK(holds("/f", "text"));
	KT_CHECK(holds("/../../f", "text"));		/* nobody climbs over his root */
	KT_CHECK_EQ(look("/tmp"), -ENOENT);
	name = path_name(&place, buf, sizeof(buf));
	KT_CHECK(name && !strcmp(name, "/"));
	path_put(&old_root);
	path_put(&old_cwd);
	current->fs = saved;
	fs_context_put(fs);
	KT_CHECK_EQ(vfs_unlink("/tmp/d/f"), 0);
	KT_CHECK_EQ(vfs_rmdir("/tmp/d"), 0);
}

KTEST(vfs, every_failed_allocation_is_survived)
{
	for (u64 nth = 1, fired = 1; fired && nth < 100; nth++) {
		int error[4];

		inject_arm(INJECT_SLAB_ALLOC, nth, 1, current);
		error[0] = vfs_mkdir("/tmp/a directory with a name that is not short", 0755);
		error[1] = vfs_symlink("a directory with a name that is not short", "/tmp/link");
		error[2] = vfs_mkdir("/tmp/link/d", 0755);
		error[3] = vfs_rename("/tmp/link/d", "/tmp/another name that is not short at all");
		fired = inject_disarm(INJECT_SLAB_ALLOC);
		if (!fired)
			KT_CHECK(!error[0] && !error[1] && !error[2] && !error[3]);
		(void)(vfs_rmdir("/tmp/link/d") | vfs_unlink("/tmp/link") |
		       vfs_rmdir("/tmp/another name that is not short at all"));
		(void)(vfs_rmdir("/tmp/a directory with a name that is not short/d") |
		       vfs_rmdir("/tmp/a directory with a name that is not short"));
		KT_CHECK_EQ(look("/tmp/link"), -ENOENT);
		KT_CHECK_EQ(look("/tmp/another name that is not short at all"), -ENOENT);
		KT_CHECK_EQ(look("/tmp/a directory with a name that is not short"), -ENOENT);
	}
}

/* ---- several at once ---- */

/* Make, find and remove one's own names in one directory. */
static int own_names(void *arg, unsigned int n)
{
	char path[32];
	int bad = 0;

	for (int i = 0; i < 200; i++) {
		snprintf(path, sizeof(path), "/tmp/d/t%u-%d", n, i % 7);
		bad += open_close(path, O_CREAT | O_EXCL | O_RDWR) != 0;
		bad += look(path) != 0;
		bad += open_close(path, O_CREAT | O_EXCL | O_RDWR) != -EEXIST;
		bad += vfs_unlink(path) != 0;
	}
	return bad;
}

KTEST(vfs, threads_use_one_directory)
{
	KT_CHECK_EQ(vfs_mkdir("/tmp/d", 0755), 0);
	KT_CHECK_EQ(test_threads(4, own_names, NULL), 0);
	KT_CHECK_EQ(vfs_rmdir("/tmp/d"), 0);
}

/* Only one of those who make or remove the same name succeeds. */
static atomic_t made, removed;

static int one_name(void *arg, unsigned int n)
{
	int error, bad = 0;

	for (int i = 0; i < 300; i++) {
		error = vfs_mkdir("/tmp/d/x", 0755);
		bad += error && error != -EEXIST;
		if (!error)
			atomic_inc(&made);
		error = vfs_rmdir("/tmp/d/x");
		bad += error && error != -ENOENT;
		if (!error)
			atomic_inc(&removed);
	}
	return bad;
}

KTEST(vfs, of_those_who_make_one_name_one_wins)
{
	struct stat st;

	atomic_set(&made, 0);
	atomic_set(&removed, 0);
	KT_CHECK_EQ(vfs_mkdir("/tmp/d", 0755), 0);
	KT_CHECK_EQ(test_threads(4, one_name, NULL), 0);
	KT_CHECK_EQ(atomic_read(&made), atomic_read(&removed));
	KT_CHECK_GT(atomic_read(&made), 0);
	KT_CHECK_EQ(vfs_stat("/tmp/d", true, &st), 0);
	KT_CHECK_EQ(st.st_nlink, 2UL);
	KT_CHECK_EQ(vfs_rmdir("/tmp/d"), 0);
}

/* One renames a file to and fro, over the other name: it is always somewhere. */
static int rename_side(void *arg, unsigned int n)
{
	int bad = 0;

	for (int i = 0; i < 300; i++) {
		if (!n) {
			bad += vfs_rename("/tmp/d/x", "/tmp/e/x") != 0;
			bad += vfs_rename("/tmp/e/x", "/tmp/d/x") != 0;
		} else if (n == 1) {
			/* The target of the replacing rename never vanishes. */
			bad += open_close("/tmp/d/new", O_CREAT | O_RDWR) != 0;
			bad += vfs_rename("/tmp/d/new", "/tmp/e/target") != 0;
		} else {
			bad += look("/tmp/e/target") != 0;
			bad += look("/tmp/e/../d/../e/target") != 0;
		}
	}
	return bad;
}

KTEST(vfs, renames_and_walks_at_once)
{
	KT_CHECK_EQ(vfs_mkdir("/tmp/d", 0755), 0);
	KT_CHECK_EQ(vfs_mkdir("/tmp/e", 0755), 0);
	make("/tmp/d/x", "x");
	make("/tmp/e/target", "t");
	KT_CHECK_EQ(test_threads(4, rename_side, NULL), 0);
	KT_CHECK_EQ(vfs_unlink("/tmp/d/x"), 0);
	KT_CHECK_EQ(vfs_unlink("/tmp/e/target"), 0);
	KT_CHECK_EQ(vfs_rmdir("/tmp/d"), 0);
	KT_CHECK_EQ(vfs_rmdir("/tmp/e"), 0);
}

#ifdef CONFIG_CHECKS	/* gates */
static int unlink_thread(void *unused)
{
	(void)unused;
	return vfs_unlink("/tmp/d/x");
}

/*
 *	unlink("d/x")			rename("d/x", "e/y")
 *	finds the file
 *					it is e/y now
 *	must not remove e/y
 */
KTEST(vfs, unlink_does_not_follow_a_rename)
{
	static const char *const names[] = { "/tmp/e/x", "/tmp/d/y" };

	KT_CHECK_EQ(vfs_mkdir("/tmp/d", 0755), 0);
	KT_CHECK_EQ(vfs_mkdir("/tmp/e", 0755), 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct task *t;

		make("/tmp/d/x", "x");
		gate_arm("namei.found_victim", NULL);
		t = kt_spawn(unlink_thread, NULL);
		if (KT_CHECK(gate_wait("namei.found_victim")))
			KT_CHECK_EQ(vfs_rename("/tmp/d/x", names[i]), 0);
		gate_open("namei.found_victim");
		KT_CHECK_EQ(kt_join(t), -ENOENT);
		KT_CHECK(holds(names[i], "x"));
		KT_CHECK_EQ(vfs_unlink(names[i]), 0);
	}
	KT_CHECK_EQ(vfs_rmdir("/tmp/d"), 0);
	KT_CHECK_EQ(vfs_rmdir("/tmp/e"), 0);
}
#endif

/* Mounting and unmounting beside walks that go through the place. */
static int mount_side(void *arg, unsigned int n)
{
	int bad = 0;

	for (int i = 0; i < 100; i++) {
		int error;

		if (n) {
			error = look("/tmp/m/../m/f");
			bad += error && error != -ENOENT;
			continue;
		}
		bad += vfs_mount("none", "/tmp/m", "tmpfs", 0, NULL) != 0;
		do {
			error = vfs_umount("/tmp/m");
		} while (error == -EBUSY);
		bad += error != 0;
	}
	return bad;
}

KTEST(vfs, mounts_and_walks_at_once)
{
	KT_CHECK_EQ(vfs_mkdir("/tmp/m", 0755), 0);
	make("/tmp/m/f", "f");
	KT_CHECK_EQ(test_threads(3, mount_side, NULL), 0);
	KT_CHECK_EQ(vfs_unlink("/tmp/m/f"), 0);
	KT_CHECK_EQ(vfs_rmdir("/tmp/m"), 0);
}
