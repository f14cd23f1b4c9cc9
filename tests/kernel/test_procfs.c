/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_procfs.c - files that are printed when they are read
 */
#include "fs/proc.h"
#include "fs/vfs.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/string.h"
#include "kernel/test/inject.h"
#include "kernel/test/ktest.h"
#include "mm/slab.h"
#include "mm/writeback.h"
#include "tests/kernel/threads.h"

static unsigned int shows;		/* calls of the show function */
static unsigned int lines = 1;		/* it prints */
static char written[64];

static int test_show(struct seq_file *m)
{
	shows++;
	for (unsigned int i = 0; i < lines; i++)
		seq_printf(m, "line %6u of %s\n", i, (const char *)m->private);
	return 0;
}

static int test_write(const char *text, void *private)
{
	if (!strcmp(text, "bad"))
		return -EINVAL;
	(void)strscpy(written, text, sizeof(written));
	return 0;
}

static ssize_t read_all(const char *path, char *buf, size_t size)
{
	struct file *file;
	ssize_t n;
	int error = vfs_open(path, O_RDONLY, 0, &file);

	if (error)
		return error;
	n = kernel_read(file, buf, size - 1, 0);
	buf[max(n, (ssize_t)0)] = 0;
	file_put(file);
	return n;
}

KTEST_QUICK(procfs, file_shows_what_is_printed)
{
	struct file *file;
	char buf[64];

	lines = 1;
	KT_EQ(proc_create_rw("test/deep/file", test_show, test_write, "tests"), 0);
	KT_CHECK_EQ(proc_create_rw("test/deep/file", test_show, NULL, NULL), -EEXIST);
	KT_CHECK_GT(read_all("/proc/test/deep/file", buf, sizeof(buf)), 0);
	KT_CHECK(!strcmp(buf, "line      0 of tests\n"));
	if (KT_CHECK_EQ(vfs_open("/proc/test/deep/file", O_WRONLY, 0, &file), 0)) {
		KT_CHECK_EQ(kernel_write(file, "12 ", 3, 0), 3);
		KT_CHECK(!strcmp(written, "12 "));
		KT_CHECK_EQ(kernel_write(file, "bad", 3, 0), -EINVAL);
		file_put(file);
	}
	KT_CHECK_EQ(vfs_unlink("/proc/test/deep/file"), -EPERM);
	KT_CHECK_EQ(vfs_mkdir("/proc/x", 0755), -EPERM);
	KT_CHECK_EQ(proc_remove("test/deep/file"), 0);
	KT_CHECK_EQ(proc_remove("test/deep/file"), -ENOENT);
	KT_CHECK_EQ(proc_remove("test/deep"), 0);
	KT_CHECK_EQ(proc_remove("test"), 0);
}

KTEST(procfs, long_text_is_printed_again_with_more_room)
{
	char *buf = KT_GET(kmalloc(100000, GFP_KERNEL));
	struct file *file;
	char first[22];

	KT_TRUE(buf);
	lines = 2000;
	KT_EQ(proc_create_rw("test", test_show, NULL, "tests"), 0);
	KT_CHECK_EQ(read_all("/proc/test", buf, 100000), 2000 * 21);
	KT_CHECK(!strncmp(buf + 1999 * 21, "line   1999 of tests\n", 21));
	/* One pass over the file shows one moment: no new printing on the way. */
	KT_CHECK_EQ(vfs_open("/proc/test", O_RDONLY, 0, &file), 0);
	KT_CHECK_EQ(kernel_read(file, first, 21, 0), 21);
	shows = 0;
	for (loff_t pos = 21; pos < 2000 * 21; pos += 2100)
		KT_CHECK_GT(kernel_read(file, buf, 2100, pos), 0);
	KT_CHECK_EQ(shows, 0U);
	KT_CHECK_EQ(kernel_read(file, first, 21, 0), 21);
	KT_CHECK_EQ(shows, 1U);			/* from the beginning: a new moment */
	KT_CHECK_EQ(kernel_read(file, first, 21, 1 << 30), 0);
	file_put(file);
	KT_CHECK_EQ(proc_remove("test"), 0);
	kfree(buf);
}

KTEST_QUICK(procfs, numbers_have_limits)
{
	u64 value = 5;
	struct file *file;
	char buf[32];

	KT_EQ(proc_create_u64("test_number", &value, 1, 100), 0);
	KT_EQ(vfs_open("/proc/test_number", O_RDWR, 0, &file), 0);
	KT_CHECK_EQ(kernel_read(file, buf, sizeof(buf), 0), 2);
	KT_CHECK(!memcmp(buf, "5\n", 2));
	KT_CHECK_EQ(kernel_write(file, "77\n", 3, 0), 3);
	KT_CHECK_EQ(value, 77UL);
	KT_CHECK_EQ(kernel_write(file, "0", 1, 0), -EINVAL);
	KT_CHECK_EQ(kernel_write(file, "101", 3, 0), -EINVAL);
	KT_CHECK_EQ(kernel_write(file, "5x", 2, 0), -EINVAL);
	KT_CHECK_EQ(kernel_write(file, "99999999999999999999", 20, 0), -EINVAL);
	KT_CHECK_EQ(value, 77UL);
	file_put(file);
	KT_CHECK_EQ(proc_remove("test_number"), 0);
}

/* What a limit of write-back refuses leaves it as it was. */
KTEST_QUICK(procfs, limits_of_writeback_are_checked)
{
	struct writeback_limits old = writeback_limits;
	struct file *ratio, *bytes;

	KT_EQ(vfs_open("/proc/sys/vm/dirty_ratio", O_RDWR, 0, &ratio), 0);
	KT_EQ(vfs_open("/proc/sys/vm/dirty_bytes", O_RDWR, 0, &bytes), 0);
	KT_CHECK_EQ(kernel_write(ratio, "101\n", 4, 0), -EINVAL);
	KT_CHECK_EQ(kernel_write(ratio, "-1\n", 3, 0), -EINVAL);
	KT_CHECK_EQ(kernel_write(ratio, "7 7\n", 4, 0), -EINVAL);
	KT_CHECK_EQ(kernel_write(bytes, "many\n", 5, 0), -EINVAL);
	KT_CHECK_EQ(writeback_limits.dirty_ratio, old.dirty_ratio);
	KT_CHECK_EQ(writeback_limits.dirty_bytes, old.dirty_bytes);
	KT_CHECK_EQ(kernel_write(ratio, "100\n", 4, 0), 4);
	KT_CHECK_EQ(kernel_write(bytes, "1048576", 7, 0), 7);
	KT_CHECK_EQ(writeback_limits.dirty_ratio, 100);
	KT_CHECK_EQ(writeback_limits.dirty_bytes, 1048576);
	writeback_limits = old;
	file_put(bytes);
	file_put(ratio);
}

/* ---- process directories, of processes that the test makes up ---- */

static pid_t fake_pids[] = { 7, 42, 1000 };

static bool fake_exists(pid_t pid)
{
	for (size_t i = 0; i < ARRAY_SIZE(fake_pids); i++)
		if (fake_pids[i] == pid)
			return true;
	return false;
}

static pid_t fake_next(pid_t after)
{
	for (size_t i = 0; i < ARRAY_SIZE(fake_pids); i++)
		if (fake_pids[i] > after)
			return fake_pids[i];
	return 0;
}

static pid_t fake_self(void)
{
	return 42;
}

static const struct proc_pid_ops fake_ops = { fake_exists, fake_next, fake_self };

struct names {
	struct dir_context ctx;
	unsigned int pids, others;
};

static bool names_emit(struct dir_context *ctx, const char *name, size_t len, u64 ino, u8 type,
		       loff_t next)
{
	struct names *n = container_of(ctx, struct names, ctx);

	if (name[0] >= '0' && name[0] <= '9')
		n->pids++;
	else
		n->others++;
	return true;
}

KTEST_QUICK(procfs, processes_appear_as_directories)
{
	const struct proc_pid_ops *saved = proc_set_pid_ops(&fake_ops);
	struct names names = { .ctx.emit = names_emit };
	struct stat st;
	struct file *dir;
	char buf[512];

	KT_CHECK_EQ(vfs_stat("/proc/42", true, &st), 0);
	KT_CHECK(S_ISDIR(st.st_mode));
	KT_CHECK_EQ(vfs_stat("/proc/43", true, &st), -ENOENT);
	KT_CHECK_EQ(vfs_stat("/proc/042", true, &st), -ENOENT);
	KT_CHECK_EQ(vfs_stat("/proc/99999999999999999999", true, &st), -ENOENT);
	KT_CHECK_GT(read_all("/proc/42/mounts", buf, sizeof(buf)), 0);
	KT_CHECK(strstr(buf, " / tmpfs rw"));
	KT_CHECK(strstr(buf, " /proc proc rw"));
	KT_CHECK_GT(read_all("/proc/self/mounts", buf, sizeof(buf)), 0);
	KT_CHECK_EQ(vfs_stat("/proc/42/../42/mounts", true, &st), 0);
	KT_CHECK_EQ(vfs_stat("/proc/42/nothing", true, &st), -ENOENT);
	if (KT_CHECK_EQ(vfs_open("/proc", O_RDONLY | O_DIRECTORY, 0, &dir), 0)) {
		KT_CHECK_EQ(dir->ops->iterate(dir, &names.ctx), 0);
		KT_CHECK_EQ(names.pids, 3U);
		KT_CHECK_GT(names.others, 5U);
		file_put(dir);
	}
	(void)proc_set_pid_ops(saved);
}

KTEST_QUICK(procfs, a_process_that_ends_takes_its_directory_along)
{
	const struct proc_pid_ops *saved = proc_set_pid_ops(&fake_ops);
	struct file *dir;
	struct stat st;

	fake_pids[2] = 1001;
	if (KT_CHECK_EQ(vfs_open("/proc/1001", O_RDONLY | O_DIRECTORY, 0, &dir), 0)) {
		fake_pids[2] = 1000;
		KT_CHECK_EQ(vfs_stat("/proc/1001", true, &st), -ENOENT);
		file_put(dir);			/* who has it open still has it */
	}
	(void)proc_set_pid_ops(saved);
}

KTEST_QUICK(procfs, system_files_have_what_programs_look_for)
{
	static const struct {
		const char *path, *text;
	} wanted[] = {
		{ "/proc/meminfo", "MemTotal: " }, { "/proc/meminfo", "MemFree: " },
		{ "/proc/meminfo", "SwapTotal: " }, { "/proc/meminfo", "SwapFree: " },
		{ "/proc/vmstat", "pswpin " }, { "/proc/vmstat", "pgfault " },
		{ "/proc/swaps", "Filename" }, { "/proc/mounts", "/proc" },
		{ "/proc/stat", "cpu  " }, { "/proc/uptime", "." }, { "/proc/loadavg", "/" },
		{ "/proc/filesystems", "tmpfs" }, { "/proc/slabinfo", "dentry" },
		{ "/proc/buddyinfo", "Node" }, { "/proc/version", "Lockstep" },
	};
	char *buf = KT_GET(kmalloc(16384, GFP_KERNEL));

	KT_TRUE(buf);
	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
		KT_CHECK_GT(read_all(wanted[i].path, buf, 16384), 0);
		if (!strstr(buf, wanted[i].text))
			ktest_fail(__FILE__, __LINE__, "no \"%s\" in %s", wanted[i].text,
				   wanted[i].path);
	}
	kfree(buf);
}

KTEST(procfs, every_failed_allocation_is_survived)
{
	char buf[64];

	lines = 1;
	for (u64 nth = 1, fired = 1; fired && nth < 100; nth++) {
		int error;
		ssize_t n = -ENOMEM;

		inject_arm(INJECT_SLAB_ALLOC, nth, 1, current);
		error = proc_create_rw("test", test_show, NULL, "tests");
		if (!error)
			n = read_all("/proc/test", buf, sizeof(buf));
		fired = inject_disarm(INJECT_SLAB_ALLOC);
		KT_CHECK(error == 0 || error == -ENOMEM);
		KT_CHECK(n == -ENOMEM || n == 21);
		if (!fired)
			KT_CHECK_EQ(n, 21);
		if (!error)
			KT_CHECK_EQ(proc_remove("test"), 0);
	}
}

static int reader(void *arg, unsigned int n)
{
	char buf[512];
	int bad = 0;

	for (int i = 0; i < 50; i++)
		bad += read_all(n % 2 ? "/proc/meminfo" : "/proc/mounts", buf, sizeof(buf)) <= 0;
	return bad;
}

KTEST(procfs, readers_do_not_disturb_each_other)
{
	KT_EQ(test_threads(4, reader, NULL), 0);
}
