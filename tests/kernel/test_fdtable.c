/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_fdtable.c - descriptor tables: numbers, sharing, growth
 */
#include "fs/file.h"
#include "fs/vfs.h"
#include "kernel/sched/task.h"
#include "kernel/test/gate.h"
#include "kernel/test/inject.h"
#include "kernel/test/ktest.h"
#include "tests/kernel/kt_thread.h"
#include "tests/kernel/threads.h"

static struct file *some_file(void)
{
	struct file *file;

	return KT_CHECK_EQ(tmpfs_file_anon(0, &file), 0) ? file : NULL;
}

/* Reserve and fill one descriptor. */
static int install(struct files *files, unsigned int from, bool cloexec, struct file *file)
{
	int fd = fd_alloc(files, from, cloexec);

	if (fd >= 0) {
		file_get(file);
		fd_install(files, (unsigned int)fd, file);
	}
	return fd;
}

KTEST_QUICK(fdtable, lowest_free_number_is_given)
{
	struct file *file = some_file();
	struct files *files;

	KT_TRUE(file);
	KT_EQ(files_alloc(&files), 0);
	KT_CHECK_EQ(install(files, 0, false, file), 0);
	KT_CHECK_EQ(install(files, 0, false, file), 1);
	KT_CHECK_EQ(install(files, 10, false, file), 10);
	KT_CHECK_EQ(install(files, 0, false, file), 2);
	KT_CHECK_EQ(fd_close(files, 1), 0);
	KT_CHECK_EQ(fd_close(files, 1), -EBADF);
	KT_CHECK_EQ(fd_close(files, 100000), -EBADF);
	KT_CHECK_EQ(install(files, 0, false, file), 1);
	KT_CHECK_EQ(fd_next(files, 3), 10);
	KT_CHECK_EQ(fd_next(files, 11), -1);
	KT_CHECK_EQ(atomic_read(&file->count), 5);
	files_put(files);
	KT_CHECK_EQ(atomic_read(&file->count), 1);
	file_put(file);
}

KTEST_QUICK(fdtable, reserved_number_leads_nowhere_yet)
{
	struct file *file = some_file(), *got;
	struct files *files, *copy, *saved = current->files;
	int fd;

	KT_TRUE(file);
	KT_EQ(files_alloc(&files), 0);
	fd = fd_alloc(files, 0, false);
	KT_CHECK_EQ(fd, 0);
	current->files = files;
	KT_CHECK(!fget(0));
	KT_CHECK(!fget(~0U));
	KT_CHECK_EQ(fd_close(files, 0), -EBADF);
	KT_CHECK_EQ(install(files, 1, false, file), 1);
	KT_CHECK_EQ(fd_dup_to(files, 1, 0, false), -EBUSY);
	if (KT_CHECK_EQ(files_copy(files, &copy), 0)) {
		KT_CHECK_EQ(fd_alloc(copy, 0, false), 0);	/* the reservation was not copied */
		files_put(copy);
	}
	fd_install(files, 0, file);
	got = fget(0);
	KT_CHECK(got == file);
	if (got)
		file_put(got);
	current->files = saved;
	files_put(files);
}

KTEST_QUICK(fdtable, dup_replaces_and_keeps_count)
{
	struct file *a = some_file(), *b = some_file();
	struct files *files;

	KT_TRUE(a && b);
	KT_EQ(files_alloc(&files), 0);
	KT_CHECK_EQ(install(files, 0, true, a), 0);
	KT_CHECK_EQ(install(files, 0, false, b), 1);
	KT_CHECK_EQ(fd_dup_to(files, 0, 1, false), 1);
	KT_CHECK_EQ(atomic_read(&b->count), 1);
	KT_CHECK_EQ(atomic_read(&a->count), 3);
	KT_CHECK_EQ(fd_get_cloexec(files, 0), 1);
	KT_CHECK_EQ(fd_get_cloexec(files, 1), 0);
	KT_CHECK_EQ(fd_dup_to(files, 0, 200, true), 200);	/* the table grows */
	KT_CHECK_EQ(fd_get_cloexec(files, 200), 1);
	KT_CHECK_EQ(fd_dup_to(files, 5, 6, false), -EBADF);
	KT_CHECK_EQ(fd_dup_to(files, 0, FILES_MAX, false), -EBADF);
	KT_CHECK_EQ(fd_dup_to(files, 0, 0, false), 0);
	KT_CHECK_EQ(atomic_read(&a->count), 4);
	files_put(files);
	file_put(a);
	file_put(b);
}

KTEST(fdtable, exec_closes_what_is_marked)
{
	struct file *file = some_file();
	struct files *files;

	KT_TRUE(file);
	KT_EQ(files_alloc(&files), 0);
	for (int i = 0; i < 150; i++)
		KT_CHECK_EQ(install(files, 0, i % 3 == 0, file), i);
	KT_CHECK_EQ(fd_set_cloexec(files, 0, false), 0);
	KT_CHECK_EQ(fd_set_cloexec(files, 1, true), 0);
	KT_CHECK_EQ(fd_set_cloexec(files, 999, true), -EBADF);
	files_close_on_exec(files);
	KT_CHECK_EQ(fd_get_cloexec(files, 0), 0);
	KT_CHECK_EQ(fd_get_cloexec(files, 1), -EBADF);
	KT_CHECK_EQ(fd_get_cloexec(files, 2), 0);
	KT_CHECK_EQ(fd_get_cloexec(files, 3), -EBADF);
	KT_CHECK_EQ(atomic_read(&file->count), 1 + 100);
	files_put(files);
	file_put(file);
}

KTEST(fdtable, a_range_is_closed_or_marked_with_both_its_ends)
{
	struct file *file = some_file();
	struct files *files;

	KT_TRUE(file);
	KT_EQ(files_alloc(&files), 0);
	for (int i = 0; i < 100; i++)
		KT_CHECK_EQ(install(files, 0, false, file), i);
	files_close_range(files, 10, 20, true);
	KT_CHECK_EQ(fd_get_cloexec(files, 9), 0);
	KT_CHECK_EQ(fd_get_cloexec(files, 10), 1);
	KT_CHECK_EQ(fd_get_cloexec(files, 20), 1);
	KT_CHECK_EQ(fd_get_cloexec(files, 21), 0);
	files_close_range(files, 15, 40, false);
	KT_CHECK_EQ(fd_get_cloexec(files, 14), 1);
	KT_CHECK_EQ(fd_get_cloexec(files, 15), -EBADF);
	KT_CHECK_EQ(fd_get_cloexec(files, 40), -EBADF);
	KT_CHECK_EQ(fd_get_cloexec(files, 41), 0);
	files_close_range(files, 90, ~0U, false);
	KT_CHECK_EQ(fd_next(files, 89), 89);
	KT_CHECK_EQ(fd_next(files, 90), -1);
	files_put(files);
	file_put(file);
}

KTEST(fdtable, copy_has_the_same_files_and_lives_alone)
{
	struct file *file = some_file();
	struct files *files, *copy;

	KT_TRUE(file);
	KT_EQ(files_alloc(&files), 0);
	KT_CHECK_EQ(install(files, 300, true, file), 300);
	KT_CHECK_EQ(install(files, 0, false, file), 0);
	if (KT_CHECK_EQ(files_copy(files, &copy), 0)) {
		KT_CHECK_EQ(fd_get_cloexec(copy, 300), 1);
		KT_CHECK_EQ(fd_get_cloexec(copy, 0), 0);
		KT_CHECK_EQ(fd_close(copy, 0), 0);
		KT_CHECK_EQ(fd_get_cloexec(files, 0), 0);
		files_put(copy);
	}
	files_put(files);
	KT_CHECK_EQ(atomic_read(&file->count), 1);
	file_put(file);
}

KTEST(fdtable, table_grows_to_its_limit)
{
	struct file *file = some_file();
	struct files *files;
	int fd;

	KT_TRUE(file);
	KT_EQ(files_alloc(&files), 0);
	for (int i = 0; i < FILES_MAX; i++) {
		fd = install(files, 0, false, file);
		if (!KT_CHECK_EQ(fd, i))
			break;
	}
	KT_CHECK_EQ(fd_alloc(files, 0, false), -EMFILE);
	KT_CHECK_EQ(fd_close(files, 77), 0);
	KT_CHECK_EQ(install(files, 0, false, file), 77);
	files_put(files);
	KT_CHECK_EQ(atomic_read(&file->count), 1);
	file_put(file);
}

KTEST(fdtable, every_failed_allocation_is_survived)
{
	struct file *file = some_file();

	KT_TRUE(file);
	for (u64 nth = 1, fired = 1; fired && nth < 50; nth++) {
		struct files *files, *copy = NULL;
		int error, fd = 0, copied = 0;

		inject_arm(INJECT_SLAB_ALLOC, nth, 1, current);
		error = files_alloc(&files);
		if (!error) {
			fd = install(files, 100, false, file);
			copied = files_copy(files, &copy);
		}
		fired = inject_disarm(INJECT_SLAB_ALLOC);
		KT_CHECK(error == 0 || error == -ENOMEM);
		KT_CHECK(fd == 0 || fd == 100 || fd == -ENOMEM);
		KT_CHECK_EQ(fired != 0, error || fd == -ENOMEM || copied == -ENOMEM);
		if (!error && !copied)
			files_put(copy);
		if (!error)
			files_put(files);
	}
	KT_CHECK_EQ(atomic_read(&file->count), 1);
	file_put(file);
}

/* Threads that share a table: each takes, uses and closes numbers of its own. */
static int share_table(void *arg, unsigned int n)
{
	struct files *files = arg;
	struct file *file, *got;
	int bad = 0;

	current->files = files;
	for (int i = 0; i < 300; i++) {
		int fd;

		if (tmpfs_file_anon(n, &file))
			return bad + 1;
		fd = fd_alloc(files, 0, false);
		if (fd < 0) {
			file_put(file);
			bad++;
			continue;
		}
		fd_install(files, (unsigned int)fd, file);
		got = fget((unsigned int)fd);
		bad += got != file;
		if (got)
			file_put(got);
		bad += fd_close(files, (unsigned int)fd) != 0;
	}
	current->files = NULL;
	return bad;
}

KTEST(fdtable, threads_share_a_table)
{
	struct files *files;

	KT_EQ(files_alloc(&files), 0);
	KT_CHECK_EQ(test_threads(4, share_table, files), 0);
	KT_CHECK_EQ(fd_next(files, 0), -1);
	files_put(files);
}

static int put_files(void *arg)
{
	files_put(arg);
	return 0;
}

/*
 *	the last user					/proc/<pid>/fd
 *	the table is empty, its files are not closed
 *							looks: nothing is open
 */
KTEST(fdtable, who_looks_into_a_table_that_goes_finds_nothing)
{
	struct file *file = some_file();
	struct task *putter;
	struct files *files;
	bool cloexec = false;

	KT_NEED_GATES();
	KT_TRUE(file);
	KT_EQ(files_alloc(&files), 0);
	KT_CHECK_EQ(install(files, 3, true, file), 3);
	rcu_read_lock();
	KT_CHECK_EQ(fd_next(files, 0), 3);
	KT_CHECK(files_lookup(files, 3, &cloexec) == file);
	KT_CHECK(cloexec);
	KT_CHECK(!files_lookup(files, 2, &cloexec));
	rcu_read_unlock();
	file_put(file);
	gate_arm("files.put", files);
	putter = kt_spawn(put_files, files);
	if (gate_wait("files.put")) {
		rcu_read_lock();
		KT_CHECK_EQ(fd_next(files, 0), -1);
		KT_CHECK(!files_lookup(files, 3, &cloexec));
		rcu_read_unlock();
	}
	gate_open("files.put");
	KT_CHECK_EQ(kt_join(putter), 0);
	KT_CHECK_EQ(atomic_read(&file->count), 1);
	file_put(file);
}
