/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_tmpfs.c - contents of files: holes, sizes, limits, sharing
 */
#include "fs/vfs.h"
#include "kernel/lib/rand.h"
#include "kernel/lib/string.h"
#include "kernel/test/inject.h"
#include "kernel/test/ktest.h"
#include "mm/slab.h"
#include "tests/kernel/threads.h"
#include "tests/kernel/user_memory.h"

static struct file *open_file(const char *path, unsigned int flags)
{
	struct file *file;

	return KT_CHECK_EQ(vfs_open(path, flags, 0600, &file), 0) ? file : NULL;
}

static ssize_t put(struct file *file, const void *buf, size_t len)
{
	struct iobuf io;

	iobuf_kernel(&io, (void *)buf, len);
	return vfs_write(file, &io);
}

static u64 pages_of(struct file *file)
{
	return file->inode->mapping.nrpages;
}

KTEST_QUICK(tmpfs, bytes_come_back)
{
	struct file *file = open_file("/tmp/f", O_RDWR | O_CREAT);
	u8 *buf = KT_GET(kmalloc(20000, GFP_KERNEL));

	KT_TRUE(file && buf);
	for (size_t i = 0; i < 20000; i++)
		buf[i] = (u8)(i * 7);
	KT_CHECK_EQ(kernel_write(file, buf, 20000, 1234), 20000);
	memset(buf, 0, 20000);
	KT_CHECK_EQ(kernel_read(file, buf, 20000, 1234), 20000);
	for (size_t i = 0; i < 20000; i++)
		if (!KT_CHECK_EQ(buf[i], (u8)(i * 7)))
			break;
	KT_CHECK_EQ(file->inode->size, 21234);
	KT_CHECK_EQ(kernel_read(file, buf, 100, 21200), 34);
	KT_CHECK_EQ(kernel_read(file, buf, 100, 21234), 0);
	kfree(buf);
	file_put(file);
	KT_CHECK_EQ(vfs_unlink("/tmp/f"), 0);
}

KTEST_QUICK(tmpfs, holes_are_zeros_and_take_no_pages)
{
	struct file *file = open_file("/tmp/f", O_RDWR | O_CREAT);
	char buf[64];

	KT_TRUE(file);
	KT_CHECK_EQ(kernel_write(file, "x", 1, 1 << 20), 1);
	KT_CHECK_EQ(pages_of(file), 1UL);
	memset(buf, 'q', sizeof(buf));
	KT_CHECK_EQ(kernel_read(file, buf, sizeof(buf), 5000), (ssize_t)sizeof(buf));
	KT_CHECK(!memchr_inv(buf, 0, sizeof(buf)));
	file_put(file);
	KT_CHECK_EQ(vfs_unlink("/tmp/f"), 0);
}

KTEST_QUICK(tmpfs, truncate_frees_pages_and_forgets_bytes)
{
	struct file *file = open_file("/tmp/f", O_RDWR | O_CREAT);
	char buf[8];

	KT_TRUE(file);
	for (loff_t i = 0; i < 10; i++)
		KT_CHECK_EQ(kernel_write(file, "abcdefgh", 8, i * (loff_t)PAGE_SIZE), 8);
	KT_CHECK_EQ(pages_of(file), 10UL);
	KT_CHECK_EQ(vfs_truncate(file->inode, 3 * PAGE_SIZE + 4), 0);
	KT_CHECK_EQ(pages_of(file), 4UL);
	KT_CHECK_EQ(vfs_truncate(file->inode, 5 * PAGE_SIZE), 0);
	KT_CHECK_EQ(kernel_read(file, buf, 8, 3 * PAGE_SIZE), 8);
	KT_CHECK(!memcmp(buf, "abcd\0\0\0\0", 8));
	KT_CHECK_EQ(vfs_truncate(file->inode, -1), -EINVAL);
	KT_CHECK_EQ(vfs_truncate(file->inode, 1LL << 60), -EFBIG);
	KT_CHECK_EQ(kernel_write(file, "x", 1, 1LL << 60), -EFBIG);
	file_put(file);
	file = open_file("/tmp/f", O_RDWR | O_TRUNC);
	KT_TRUE(file);
	KT_CHECK_EQ(file->inode->size, 0);
	KT_CHECK_EQ(pages_of(file), 0UL);
	file_put(file);
	KT_CHECK_EQ(vfs_unlink("/tmp/f"), 0);
}

KTEST_QUICK(tmpfs, position_moves_and_append_goes_to_the_end)
{
	struct file *a = open_file("/tmp/f", O_RDWR | O_CREAT);
	struct file *b = open_file("/tmp/f", O_WRONLY | O_APPEND);
	char buf[16] = { 0 };
	struct iobuf io;

	KT_TRUE(a && b);
	KT_CHECK_EQ(put(a, "0123456789", 10), 10);
	KT_CHECK_EQ(vfs_llseek(a, 2, SEEK_SET), 2);
	KT_CHECK_EQ(put(b, "end", 3), 3);
	KT_CHECK_EQ(put(a, "ab", 2), 2);
	KT_CHECK_EQ(vfs_llseek(a, -5, SEEK_CUR), -EINVAL);
	KT_CHECK_EQ(vfs_llseek(a, -13, SEEK_END), 0);
	iobuf_kernel(&io, buf, sizeof(buf));
	KT_CHECK_EQ(vfs_read(a, &io), 13);
	KT_CHECK(!strcmp(buf, "01ab456789end"));
	iobuf_kernel(&io, buf, sizeof(buf));
	KT_CHECK_EQ(vfs_read(b, &io), -EBADF);
	file_put(a);
	file_put(b);
	KT_CHECK_EQ(vfs_unlink("/tmp/f"), 0);
}

KTEST_QUICK(tmpfs, file_lives_until_its_last_close)
{
	struct file *file = open_file("/tmp/f", O_RDWR | O_CREAT);
	struct stat st;
	char buf[4];

	KT_TRUE(file);
	KT_CHECK_EQ(kernel_write(file, "data", 4, 0), 4);
	KT_CHECK_EQ(vfs_unlink("/tmp/f"), 0);
	KT_CHECK_EQ(vfs_stat("/tmp/f", true, &st), -ENOENT);
	KT_CHECK_EQ(kernel_read(file, buf, 4, 0), 4);
	KT_CHECK(!memcmp(buf, "data", 4));
	file_put(file);
}

KTEST(tmpfs, a_full_file_system_says_so)
{
	struct file *file;
	char *buf = KT_GET(kzalloc(8 * PAGE_SIZE, GFP_KERNEL));

	KT_TRUE(buf);
	KT_EQ(vfs_mkdir("/tmp/small", 0700), 0);
	KT_EQ(vfs_mount("none", "/tmp/small", "tmpfs", 0, "size=16K"), 0);
	file = open_file("/tmp/small/f", O_RDWR | O_CREAT);
	KT_TRUE(file);
	KT_CHECK_EQ(kernel_write(file, buf, 8 * PAGE_SIZE, 0), (ssize_t)(4 * PAGE_SIZE));
	KT_CHECK_EQ(kernel_write(file, buf, 1, 4 * PAGE_SIZE), -ENOSPC);
	KT_CHECK_EQ(kernel_write(file, buf, 1, 0), 1);
	KT_CHECK_EQ(vfs_truncate(file->inode, PAGE_SIZE), 0);
	KT_CHECK_EQ(kernel_write(file, buf, 1, 4 * PAGE_SIZE), 1);
	file_put(file);
	KT_CHECK_EQ(vfs_umount("/tmp/small"), 0);	/* with a file inside: all goes */
	KT_CHECK_EQ(vfs_rmdir("/tmp/small"), 0);
	kfree(buf);
}

KTEST(tmpfs, random_writes_equal_an_array)
{
	struct file *file = open_file("/tmp/f", O_RDWR | O_CREAT);
	const size_t size = 64 * 1024;
	u8 *model = KT_GET(kzalloc(size, GFP_KERNEL)), *buf = KT_GET(kmalloc(size, GFP_KERNEL));
	struct rand_state rand;
	loff_t end = 0;

	KT_TRUE(file && model && buf);
	rand_seed(&rand, 1);
	for (int round = 0; round < 300 && !ktest_failed(); round++) {
		loff_t pos = (loff_t)rand_below(&rand, size);
		size_t n = rand_below(&rand, size - (u64)pos);

		if (rand_below(&rand, 10) == 0) {
			KT_CHECK_EQ(vfs_truncate(file->inode, pos), 0);
			if (pos < end)
				memset(model + pos, 0, size - (size_t)pos);
			end = pos;
			continue;
		}
		for (size_t i = 0; i < n; i++)
			model[(size_t)pos + i] = (u8)rand_u64(&rand);
		KT_CHECK_EQ(kernel_write(file, model + pos, n, pos), (ssize_t)n);
		if (n)
			end = max(end, pos + (loff_t)n);
		KT_CHECK_EQ(file->inode->size, end);
		KT_CHECK_EQ(kernel_read(file, buf, size, 0), end);
		KT_CHECK(!memcmp(buf, model, (size_t)end));
	}
	KT_VALID(radix_map_validate(&file->inode->mapping.pages));
	file_put(file);
	KT_CHECK_EQ(vfs_unlink("/tmp/f"), 0);
	kfree(model);
	kfree(buf);
}

KTEST(tmpfs, copies_stop_at_the_first_bad_user_byte)
{
	struct file *file = open_file("/tmp/f", O_RDWR | O_CREAT);
	struct user_memory u;
	struct iobuf io;

	KT_TRUE(file && user_memory_up(&u, 4));
	KT_CHECK_EQ(vm_munmap(u.mm, u.va + 2 * PAGE_SIZE, 2 * PAGE_SIZE), 0);
	kthread_use_mm(u.mm);
	iobuf_user(&io, (void *)u.va, 3 * PAGE_SIZE);
	KT_CHECK_EQ(vfs_pwrite(file, &io, 100), (ssize_t)(2 * PAGE_SIZE));
	KT_CHECK_EQ(file->inode->size, (loff_t)(2 * PAGE_SIZE + 100));
	iobuf_user(&io, (void *)(u.va + 2 * PAGE_SIZE), 10);
	KT_CHECK_EQ(vfs_pwrite(file, &io, 0), -EFAULT);
	KT_CHECK_EQ(vfs_pwrite(file, &io, 9 * PAGE_SIZE), -EFAULT);
	KT_CHECK_EQ(pages_of(file), 3);
	KT_CHECK_EQ(file->inode->size, (loff_t)(2 * PAGE_SIZE + 100));
	iobuf_user(&io, (void *)(u.va + 2 * PAGE_SIZE - 5), 10);
	KT_CHECK_EQ(vfs_pread(file, &io, 0), 5);
	iobuf_user(&io, (void *)(u.va + 2 * PAGE_SIZE), 10);
	KT_CHECK_EQ(vfs_pread(file, &io, 0), -EFAULT);
	kthread_unuse_mm(u.mm);
	user_memory_down(&u);
	file_put(file);
	KT_CHECK_EQ(vfs_unlink("/tmp/f"), 0);
}

/* A user mapping of @file's pages; 0: a failure was recorded. */
static unsigned long map_file(struct user_memory *u, struct file *file, unsigned long pages,
			      unsigned long flags)
{
	unsigned long va = 0;

	KT_CHECK_EQ(vm_mmap(u->mm, file, 0, pages * PAGE_SIZE, PROT_READ | PROT_WRITE, flags, 0,
			    &va), 0);
	return va;
}

KTEST(tmpfs, mappings_and_writes_show_the_same_bytes)
{
	struct file *file = open_file("/tmp/f", O_RDWR | O_CREAT);
	unsigned long shared, private;
	struct user_memory u;
	u64 word = 0;

	KT_TRUE(file && user_memory_up(&u, 1));
	KT_CHECK_EQ(vfs_truncate(file->inode, 4 * PAGE_SIZE), 0);
	shared = map_file(&u, file, 4, MAP_SHARED);
	private = map_file(&u, file, 4, MAP_PRIVATE);
	kthread_use_mm(u.mm);
	KT_CHECK_EQ(put_user(0x1111UL, (u64 __user *)(shared + PAGE_SIZE)), 0);
	KT_CHECK_EQ(kernel_read(file, &word, 8, PAGE_SIZE), 8);
	KT_CHECK_EQ(word, 0x1111UL);
	word = 0x2222;
	KT_CHECK_EQ(kernel_write(file, &word, 8, PAGE_SIZE), 8);
	KT_CHECK_EQ(get_user(word, (u64 __user *)(private + PAGE_SIZE)), 0);
	KT_CHECK_EQ(word, 0x2222UL);
	KT_CHECK_EQ(put_user(0x3333UL, (u64 __user *)(private + PAGE_SIZE)), 0);
	KT_CHECK_EQ(get_user(word, (u64 __user *)(shared + PAGE_SIZE)), 0);
	KT_CHECK_EQ(word, 0x2222UL);
	kthread_unuse_mm(u.mm);
	user_memory_down(&u);
	file_put(file);
	KT_CHECK_EQ(vfs_unlink("/tmp/f"), 0);
}

KTEST(tmpfs, truncate_takes_pages_out_of_mappings)
{
	struct file *file = open_file("/tmp/f", O_RDWR | O_CREAT);
	struct user_memory u;
	unsigned long va;
	u64 word = 0;

	KT_TRUE(file && user_memory_up(&u, 1));
	KT_CHECK_EQ(vfs_truncate(file->inode, 4 * PAGE_SIZE), 0);
	va = map_file(&u, file, 4, MAP_SHARED);
	kthread_use_mm(u.mm);
	for (u64 i = 0; i < 4; i++)
		KT_CHECK_EQ(put_user(i, (u64 __user *)(va + i * PAGE_SIZE)), 0);
	KT_CHECK_EQ(vfs_truncate(file->inode, PAGE_SIZE), 0);
	KT_CHECK_EQ(pages_of(file), 1UL);
	KT_CHECK_EQ(get_user(word, (u64 __user *)va), 0);
	KT_CHECK_EQ(get_user(word, (u64 __user *)(va + PAGE_SIZE)), -EFAULT);
	KT_CHECK_EQ(vfs_truncate(file->inode, 4 * PAGE_SIZE), 0);
	word = 1;
	KT_CHECK_EQ(get_user(word, (u64 __user *)(va + 3 * PAGE_SIZE)), 0);
	KT_CHECK_EQ(word, 0UL);			/* grown again: zeros */
	kthread_unuse_mm(u.mm);
	user_memory_down(&u);
	file_put(file);
	KT_CHECK_EQ(vfs_unlink("/tmp/f"), 0);
}

/* One shrinks and grows the file, others touch their mapping of it. */
struct mapped_file {
	struct file *file;
	struct user_memory u;
	unsigned long va;
};

static int touch_or_truncate(void *arg, unsigned int n)
{
	struct mapped_file *m = arg;
	int bad = 0;

	if (n)
		kthread_use_mm(m->u.mm);
	for (u64 i = 0; i < 300; i++) {
		int error;

		if (!n) {
			bad += vfs_truncate(m->file->inode, 0) != 0;
			bad += vfs_truncate(m->file->inode, 4 * PAGE_SIZE) != 0;
			continue;
		}
		error = put_user(i, (u64 __user *)(m->va + (i % 4) * PAGE_SIZE));
		bad += error && error != -EFAULT;
	}
	if (n)
		kthread_unuse_mm(m->u.mm);
	return bad;
}

KTEST(tmpfs, truncate_and_faults_at_once)
{
	struct mapped_file m = { .file = open_file("/tmp/f", O_RDWR | O_CREAT) };

	KT_TRUE(m.file && user_memory_up(&m.u, 1));
	m.va = map_file(&m.u, m.file, 4, MAP_SHARED);
	KT_CHECK_EQ(test_threads(4, touch_or_truncate, &m), 0);
	user_memory_down(&m.u);
	file_put(m.file);
	KT_CHECK_EQ(vfs_unlink("/tmp/f"), 0);
}

/* Everything that makes, fills and removes a file, with each allocation failing. */
static int make_use_remove(void)
{
	struct file *file;
	ssize_t n;
	int error, removed;

	error = vfs_open("/tmp/a name that is longer than what a dentry holds", O_RDWR | O_CREAT,
			 0600, &file);
	if (error)
		goto unlink;
	n = kernel_write(file, "text", 4, 1 << 20);
	error = n < 0 ? (int)n : 0;
	file_put(file);
unlink:
	removed = vfs_unlink("/tmp/a name that is longer than what a dentry holds");
	return error ? error : removed;
}

KTEST(tmpfs, every_failed_allocation_is_survived)
{
	static const enum inject_point points[] = { INJECT_SLAB_ALLOC, INJECT_PAGE_ALLOC };
	struct stat st;

	for (size_t p = 0; p < ARRAY_SIZE(points); p++) {
		for (u64 nth = 1, fired = 1; fired && nth < 100; nth++) {
			int error;

			inject_arm(points[p], nth, 1, current);
			error = make_use_remove();
			fired = inject_disarm(points[p]);
			/* A map node is asked for twice: then nobody noticed. */
			KT_CHECK(error == 0 || (fired && (error == -ENOMEM || error == -ENOENT)));
			KT_CHECK_EQ(vfs_stat("/tmp/a name that is longer than what a dentry holds",
					     true, &st), -ENOENT);
		}
	}
}

/* Writers fill the file with their own letter, each write is whole. */
#define WHOLE (3 * PAGE_SIZE)

static int write_whole(void *arg, unsigned int n)
{
	struct file *file = arg;
	char *buf = KT_GET(kmalloc(WHOLE, GFP_KERNEL));
	int bad = !buf;

	for (int i = 0; i < 100 && !bad; i++) {
		if (n < 2) {
			memset(buf, (int)('a' + n), WHOLE);
			bad += kernel_write(file, buf, WHOLE, 0) != WHOLE;
		} else {
			ssize_t got = kernel_read(file, buf, WHOLE, 0);

			bad += got && (got != WHOLE || memchr_inv(buf, buf[0], WHOLE));
		}
	}
	kfree(buf);
	return bad;
}

KTEST(tmpfs, a_write_is_seen_whole_or_not_at_all)
{
	struct file *file = open_file("/tmp/f", O_RDWR | O_CREAT);

	KT_TRUE(file);
	KT_CHECK_EQ(test_threads(4, write_whole, file), 0);
	file_put(file);
	KT_CHECK_EQ(vfs_unlink("/tmp/f"), 0);
}

static int append_records(void *arg, unsigned int n)
{
	struct file *file = arg;
	char record[10];
	int bad = 0;

	memset(record, (int)('a' + n), sizeof(record));
	for (int i = 0; i < 200; i++)
		bad += put(file, record, sizeof(record)) != sizeof(record);
	return bad;
}

KTEST(tmpfs, appending_threads_lose_nothing)
{
	struct file *file = open_file("/tmp/f", O_RDWR | O_CREAT | O_APPEND);
	unsigned int count[4] = { 0 };
	char record[10];

	KT_TRUE(file);
	KT_CHECK_EQ(test_threads(4, append_records, file), 0);
	KT_CHECK_EQ(file->inode->size, 4 * 200 * 10);
	for (loff_t pos = 0; pos < 4 * 200 * 10; pos += 10) {
		KT_CHECK_EQ(kernel_read(file, record, 10, pos), 10);
		KT_CHECK(!memchr_inv(record, record[0], sizeof(record)));
		count[(record[0] - 'a') & 3]++;
	}
	for (int i = 0; i < 4; i++)
		KT_CHECK_EQ(count[i], 200U);
	file_put(file);
	KT_CHECK_EQ(vfs_unlink("/tmp/f"), 0);
}
