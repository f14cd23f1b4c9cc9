/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_hole.c - suite hole: holes in files, and space set aside
 */
#include "fs/vfs.h"
#include "include/uapi/falloc.h"
#include "kernel/lib/rand.h"
#include "kernel/lib/string.h"
#include "kernel/sched/sched.h"
#include "kernel/test/gate.h"
#include "kernel/test/inject.h"
#include "kernel/test/ktest.h"
#include "mm/fault.h"
#include "mm/filemap.h"
#include "mm/mlock.h"
#include "mm/nonlinear.h"
#include "mm/page_io.h"
#include "mm/pgtable.h"
#include "mm/shmem.h"
#include "mm/slab.h"
#include "mm/swap.h"
#include "mm/uaccess.h"
#include "tests/kernel/kt_thread.h"
#include "tests/kernel/mm_fixture.h"
#ifdef CONFIG_MMU_NOTIFIER
#include "tests/kernel/notifier_toys.h"
#include "tests/kernel/toy_mirror.h"
#endif

#define P(n) ((n) * PAGE_SIZE)
#define NR 6UL
#define KEEP FALLOC_FL_KEEP_SIZE
#define PUNCH (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)

#define KT_NEED_SWAP()							\
	do {								\
		if (!swap_area_slots(0))				\
			KT_SKIP("there is no swap area");		\
	} while (0)

/* ---- a file ---- */

static struct file *file_make(u64 pages)
{
	struct file *file = NULL;

	KT_CHECK_EQ(tmpfs_file_anon(P(pages), &file), 0);
	return file;
}

static struct address_space *map_of(struct file *file)
{
	return &file->inode->mapping;
}

/* Pages of the file, wherever they are. */
static u64 pages_of(struct file *file)
{
	return map_of(file)->nrpages + map_of(file)->nrswapped;
}

static int punch(struct file *file, u64 offset, u64 len)
{
	return vfs_fallocate(file, PUNCH, (loff_t)offset, (loff_t)len);
}

/* Every byte of page i is @value + i. */
static bool fill(struct file *file, u64 nr, u8 value)
{
	u8 *buf = KT_GET(kmalloc(PAGE_SIZE, GFP_KERNEL));
	bool ok = buf;

	for (u64 i = 0; i < nr && ok; i++) {
		ssize_t n;

		memset(buf, value + (int)i, PAGE_SIZE);
		n = KT_TRY(kernel_write(file, buf, PAGE_SIZE, (loff_t)P(i)));
		ok = n == (ssize_t)PAGE_SIZE;
	}
	kfree(buf);
	return ok;
}

/* Are the bytes [from, to) all @value? */
static bool all(struct file *file, u64 from, u64 to, u8 value)
{
	u8 *buf = KT_GET(kmalloc(to - from, GFP_KERNEL));
	ssize_t n = buf ? KT_TRY(kernel_read(file, buf, to - from, (loff_t)from)) : 0;
	bool ok = n == (ssize_t)(to - from) && !memchr_inv(buf, value, to - from);

	kfree(buf);
	return ok;
}

/* Page @index, which is in swap, leaves the swap cache: it has to be read again. */
static bool forget_cached(struct file *file, u64 index)
{
	struct address_space *mapping = map_of(file);
	struct page *page;
	bool gone = true;
	void *item;

	spin_lock(&mapping->lock);
	item = radix_map_load(&mapping->pages, index);
	spin_unlock(&mapping->lock);
	if (!mapping_item_is_swap(item))
		return false;
	page = swap_cache_find(mapping_item_swap(item));
	if (!page)
		return true;
	page_lock(page);
	page_wait_writeback(page);
	if (page_test(page, PG_swapcache)) {
		gone = !page_test(page, PG_dirty);
		if (gone)
			swap_cache_del(page);
	}
	page_unlock(page);
	put_page(page);
	return gone;
}

/* Reclaim's look at page @index, until it is in its slot and nowhere else. */
static bool push_out(struct file *file, u64 index)
{
	for (unsigned int tries = 0; tries < 20; tries++) {
		struct page *page = filemap_try_page(map_of(file), index);
		LIST_HEAD(batch);

		if (page) {
			page_unlock(page);
			if (lru_isolate_page(page))
				list_add_tail(&page->lru, &batch);
			put_page(page);
			reclaim_isolated(&batch);
		} else if (forget_cached(file, index)) {
			return true;
		}
		while (swap_io_pending())
			page_io_wait(1);
	}
	return false;
}

static bool map_part(struct mm *mm, struct file *file, unsigned long va, u64 pages, u64 pgoff,
		     unsigned long type)
{
	unsigned long out;

	return !KT_TRY(vm_mmap(mm, file, va, P(pages), FX_RW, type | MAP_FIXED, pgoff, &out));
}

static bool map_file(struct mm *mm, struct file *file, unsigned long va, u64 pages,
		     unsigned long type)
{
	return map_part(mm, file, va, pages, 0, type);
}

static u64 slots_used(void)
{
	struct swap_info info;

	swap_slot_info(&info);
	return info.used;
}

/* ---- bytes ---- */

KTEST_QUICK(hole, whole_pages_go_and_parts_become_zero)
{
	struct file *file = KT_GET(file_make(NR));

	KT_TRUE(file && fill(file, NR, 1));
	KT_CHECK_EQ(punch(file, P(1) + 100, P(3) + 100), 0);	/* to P(4) + 200 */
	KT_CHECK_EQ(punch(file, P(3), P(1)), 0);		/* it is one already */
	KT_CHECK_EQ(pages_of(file), 4);
	KT_CHECK_EQ(file->inode->size, P(NR));
	KT_CHECK(all(file, 0, P(1), 1) && all(file, P(1), P(1) + 100, 2));
	KT_CHECK(all(file, P(1) + 100, P(4) + 200, 0));
	KT_CHECK(all(file, P(4) + 200, P(5), 5) && all(file, P(5), P(6), 6));
	/* inside one page, at its start, at its end, and the whole of it */
	KT_CHECK_EQ(punch(file, P(5) + 10, 20), 0);
	KT_CHECK(all(file, P(5), P(5) + 10, 6) && all(file, P(5) + 10, P(5) + 30, 0));
	KT_CHECK(all(file, P(5) + 30, P(6), 6));
	KT_CHECK_EQ(punch(file, P(5), 1), 0);
	KT_CHECK_EQ(punch(file, P(6) - 1, 1), 0);
	KT_CHECK(all(file, P(5), P(5) + 1, 0) && all(file, P(5) + 1, P(5) + 10, 6));
	KT_CHECK(all(file, P(6) - 2, P(6) - 1, 6) && all(file, P(6) - 1, P(6), 0));
	KT_CHECK_EQ(pages_of(file), 4);
	KT_CHECK_EQ(punch(file, P(5), P(1)), 0);
	KT_CHECK_EQ(pages_of(file), 3);
	/* over the end, and behind it; a hole in a hole */
	KT_CHECK_EQ(punch(file, P(4), P(100)), 0);
	KT_CHECK_EQ(punch(file, P(50), P(1)), 0);
	KT_CHECK_EQ(punch(file, P(1) + 5, P(2)), 0);
	KT_CHECK_EQ(pages_of(file), 2);
	KT_CHECK_EQ(file->inode->size, P(NR));
	KT_CHECK(all(file, P(1), P(1) + 5, 2) && all(file, P(1) + 5, P(6), 0));
	file_put(file);
}

KTEST_QUICK(hole, what_cannot_be_is_refused)
{
	static const struct { unsigned int mode; loff_t offset, len; int error; } calls[] = {
		{ PUNCH, -1, 1, -EINVAL }, { PUNCH, 0, 0, -EINVAL }, { 0, 0, -1, -EINVAL },
		{ FALLOC_FL_PUNCH_HOLE, 0, 1, -EOPNOTSUPP },
		{ PUNCH | FALLOC_FL_ZERO_RANGE, 0, 1, -EOPNOTSUPP },
		{ FALLOC_FL_ZERO_RANGE, 0, 1, -EOPNOTSUPP },
		{ FALLOC_FL_ZERO_RANGE | KEEP, 0, 1, -EOPNOTSUPP },
		{ FALLOC_FL_COLLAPSE_RANGE, 0, 4096, -EOPNOTSUPP },
		{ FALLOC_FL_INSERT_RANGE, 0, 4096, -EOPNOTSUPP },
		{ FALLOC_FL_UNSHARE_RANGE, 0, 4096, -EOPNOTSUPP },
		{ 0x1000, 0, 1, -EOPNOTSUPP }, { 0x1000, -1, 1, -EINVAL },
		{ PUNCH, INT64_MAX, 1, -EFBIG }, { 0, 1, INT64_MAX, -EFBIG },
		{ 0, 1LL << 50, 1, -EFBIG }, { PUNCH, 1LL << 50, 1, 0 },
		{ PUNCH, 0, INT64_MAX, 0 },
	};
	struct file *file, *other;

	KT_EQ(vfs_open("/tmp/f", O_RDWR | O_CREAT, 0600, &file), 0);
	for (size_t i = 0; i < ARRAY_SIZE(calls); i++)
		if (!KT_CHECK_EQ(vfs_fallocate(file, calls[i].mode, calls[i].offset, calls[i].len),
				 calls[i].error))
			ktest_fail(__FILE__, __LINE__, "call %lu", (unsigned long)i);
	KT_CHECK_EQ(file->inode->size, 0);
	KT_CHECK_EQ(vfs_open("/tmp/f", O_RDONLY, 0, &other), 0);
	KT_CHECK_EQ(punch(other, 0, 1), -EBADF);
	file_put(other);
	KT_CHECK_EQ(vfs_open("/tmp", O_RDONLY, 0, &other), 0);
	KT_CHECK_EQ(punch(other, 0, 1), -EBADF);
	file_put(other);
	KT_CHECK_EQ(vfs_open("/dev/null", O_RDWR, 0, &other), 0);
	KT_CHECK_EQ(punch(other, 0, 1), -ENODEV);
	file_put(other);
	file_put(file);
	KT_CHECK_EQ(vfs_unlink("/tmp/f"), 0);
}

/* An array does what the file should; pages go to swap at times. */
#define MODEL_PAGES 16UL

struct model {
	struct file *file;
	u8 *bytes;
	u64 size;
};

static void model_punch(struct model *m, u64 pos, u64 n)
{
	KT_CHECK_EQ(punch(m->file, pos, n), 0);
	memset(m->bytes + pos, 0, n);
}

static void model_write(struct model *m, u64 pos, u64 n, struct rand_state *r)
{
	for (u64 i = 0; i < n; i++)
		m->bytes[pos + i] = (u8)rand_u64(r);
	KT_CHECK_EQ(kernel_write(m->file, m->bytes + pos, n, (loff_t)pos), (ssize_t)n);
	m->size = max(m->size, pos + n);
}

static void model_resize(struct model *m, u64 pos)
{
	KT_CHECK_EQ(vfs_truncate(m->file->inode, (loff_t)pos), 0);
	if (pos < m->size)
		memset(m->bytes + pos, 0, P(MODEL_PAGES) - pos);
	m->size = pos;
}

static void model_step(struct model *m, struct rand_state *r)
{
	u64 pos = rand_below(r, P(MODEL_PAGES) - 1);
	u64 n = 1 + rand_below(r, P(MODEL_PAGES) - pos - 1);
	bool keep = rand_below(r, 2);

	switch (rand_below(r, 8)) {
	case 0:
		model_resize(m, pos);
		break;
	case 1:
		KT_CHECK_EQ(vfs_fallocate(m->file, keep ? KEEP : 0, (loff_t)pos, (loff_t)n), 0);
		m->size = keep ? m->size : max(m->size, pos + n);
		break;
	case 2:
		if (swap_area_slots(0))
			reclaim_pages(8);
		break;
	case 3:
	case 4:
		model_write(m, pos, n, r);
		break;
	default:
		model_punch(m, pos, n);
	}
}

KTEST(hole, random_holes_equal_an_array)
{
	struct model m = { 0 };
	u8 *buf = KT_GET(kmalloc(P(MODEL_PAGES), GFP_KERNEL));
	struct rand_state r;

	m.file = KT_GET(file_make(0));
	m.bytes = KT_GET(kzalloc(P(MODEL_PAGES), GFP_KERNEL));
	KT_TRUE(m.file && m.bytes && buf);
	rand_seed(&r, 7);
	for (int round = 0; round < 400 && !ktest_failed(); round++) {
		model_step(&m, &r);
		KT_CHECK_EQ(m.file->inode->size, (s64)m.size);
		KT_CHECK_EQ(kernel_read(m.file, buf, P(MODEL_PAGES), 0), (ssize_t)m.size);
		KT_CHECK(!memcmp(buf, m.bytes, m.size));
	}
	KT_VALID(radix_map_validate(&map_of(m.file)->pages));
	file_put(m.file);
	kfree(m.bytes);
	kfree(buf);
}

/* ---- space set aside ---- */

KTEST_QUICK(hole, reserved_pages_are_there_and_read_as_zero)
{
	struct file *file = KT_GET(file_make(0));

	KT_TRUE(file);
	KT_CHECK_EQ(vfs_fallocate(file, 0, P(1) + 7, P(1)), 0);
	KT_CHECK_EQ(file->inode->size, P(2) + 7);
	KT_CHECK_EQ(pages_of(file), 2);
	KT_CHECK(all(file, 0, P(2) + 7, 0));
	KT_CHECK_EQ(kernel_write(file, "x", 1, P(2)), 1);
	KT_CHECK_EQ(vfs_fallocate(file, 0, 0, P(2)), 0);	/* nothing that is there changes */
	KT_CHECK_EQ(pages_of(file), 3);
	KT_CHECK(all(file, P(2), P(2) + 1, 'x'));
	KT_CHECK_EQ(file->inode->size, P(2) + 7);
	KT_CHECK_EQ(vfs_fallocate(file, KEEP, P(4), P(2)), 0);
	KT_CHECK_EQ(file->inode->size, P(2) + 7);
	KT_CHECK_EQ(pages_of(file), 5);
	KT_CHECK_EQ(vfs_truncate(file->inode, P(2) + 7), 0);
	KT_CHECK_EQ(pages_of(file), 3);
	file_put(file);
}

/* They wait behind the end; neither a fault nor its neighbour's may show them. */
KTEST_QUICK(hole, no_fault_shows_what_is_reserved_behind_the_end)
{
	struct file *file = KT_GET(file_make(2));
	struct mm *mm;

	KT_TRUE(file && fill(file, 2, 1));
	KT_CHECK_EQ(vfs_fallocate(file, KEEP, 0, P(8)), 0);
	mm = KT_GET(fx_mm());
	KT_TRUE(mm && map_file(mm, file, FX_BASE, 8, MAP_SHARED));
	KT_CHECK_EQ(fx_get(FX_BASE) & 0xff, 1);
	for (unsigned long i = 0; i < 8; i++)
		KT_CHECK_EQ(pte_present(fx_pte(mm, FX_BASE + P(i))), i < 2);
	KT_CHECK_EQ(mm_fault(mm, FX_BASE + P(2), 0), FAULT_BUSERR);
	KT_CHECK_EQ(mm_fault(mm, FX_BASE + P(7), FAULT_WRITE), FAULT_BUSERR);
	KT_CHECK_EQ(vfs_truncate(file->inode, P(4)), 0);
	KT_CHECK_EQ(pages_of(file), 8);
	KT_CHECK_EQ(fx_get(FX_BASE + P(3)), 0);
	KT_CHECK_EQ(pages_of(file), 8);
	fx_drop(mm);
	file_put(file);
}

KTEST_QUICK(hole, space_is_given_wholly_or_not_at_all)
{
	struct file *file;

	KT_EQ(vfs_mkdir("/tmp/small", 0700), 0);
	KT_EQ(vfs_mount("none", "/tmp/small", "tmpfs", 0, "size=24K"), 0);
	KT_EQ(vfs_open("/tmp/small/f", O_RDWR | O_CREAT, 0600, &file), 0);
	KT_CHECK(fill(file, 3, 1));
	KT_CHECK_EQ(vfs_fallocate(file, 0, 0, P(7)), -ENOSPC);		/* never */
	KT_CHECK_EQ(vfs_fallocate(file, 0, P(2), P(5)), -ENOSPC);	/* all but one */
	KT_CHECK_EQ(pages_of(file), 3);
	KT_CHECK_EQ(file->inode->size, P(3));
	KT_CHECK(all(file, P(2), P(3), 3));
	KT_CHECK_EQ(vfs_fallocate(file, 0, P(2), P(4)), 0);
	KT_CHECK_EQ(pages_of(file), 6);
	KT_CHECK_EQ(punch(file, P(1), P(2)), 0);
	KT_CHECK_EQ(kernel_write(file, "x", 1, P(9)), 1);
	KT_CHECK_EQ(vfs_fallocate(file, KEEP, P(20), P(2)), -ENOSPC);
	KT_CHECK_EQ(pages_of(file), 5);
	file_put(file);
	KT_CHECK_EQ(vfs_umount("/tmp/small"), 0);
	KT_CHECK_EQ(vfs_rmdir("/tmp/small"), 0);
}

KTEST_QUICK(hole, a_reservation_that_stops_leaves_nothing)
{
	static const enum inject_point points[] = { INJECT_PAGE_ALLOC, INJECT_SLAB_ALLOC };
	struct file *file = KT_GET(file_make(1));
	u64 fired;

	KT_TRUE(file && fill(file, 1, 1));
	thread_flag_set(&current->info, TIF_SIGPENDING);
	KT_CHECK_EQ(vfs_fallocate(file, 0, 0, P(4)), -EINTR);
	thread_flag_clear(&current->info, TIF_SIGPENDING);
	KT_CHECK_EQ(pages_of(file), 1);
	for (unsigned int p = 0; p < ARRAY_SIZE(points); p++) {
		fired = 1;
		for (u64 nth = 1; fired; nth++) {
			int error;

			inject_arm(points[p], nth, 1, current);
			error = vfs_fallocate(file, KEEP, 0, P(100));
			fired = inject_disarm(points[p]);
			/* A node that the lock did not allow to wait for is asked for again. */
			KT_CHECK(!error || (fired && error == -ENOMEM));
			KT_CHECK_EQ(pages_of(file), error ? 1 : 100);
			KT_CHECK_EQ(punch(file, P(1), P(99)), 0);
			if (!KT_CHECK_LE(nth, 200))
				break;
		}
	}
	KT_CHECK(all(file, 0, P(1), 1));
	file_put(file);
}

/* ---- mappings ---- */

KTEST_QUICK(hole, mappings_lose_the_pages_and_keep_their_copies)
{
	unsigned long shared = FX_BASE, private = FX_BASE + P(16);
	struct file *file = KT_GET(file_make(NR));
	struct mm *mm, *child;

	KT_TRUE(file && fill(file, NR, 1));
	mm = KT_GET(fx_mm());
	KT_TRUE(mm && map_file(mm, file, shared, NR, MAP_SHARED) &&
		map_file(mm, file, private, NR, MAP_PRIVATE));
	for (unsigned long i = 0; i < NR; i++)
		KT_CHECK_EQ(fx_get(shared + P(i)) + fx_get(private + P(i)),
			    2 * (i + 1) * 0x0101010101010101UL);
	fx_put(private + P(2), 99);
	fx_put(private + P(3), 98);
	if (fx_have_swap())
		KT_CHECK(fx_swap_out(mm, private + P(3)));
	child = KT_GET(fx_fork(mm));
	KT_TRUE(child);
	KT_CHECK_EQ(fx_get_in(child, shared + P(1)) & 0xff, 2);
	KT_CHECK_EQ(punch(file, P(1), P(3)), 0);
	for (unsigned long i = 1; i < 4; i++) {
		KT_CHECK(pte_none(fx_pte(mm, shared + P(i))));
		KT_CHECK(pte_none(fx_pte(child, shared + P(i))));
	}
	KT_CHECK(pte_none(fx_pte(mm, private + P(1))) && fx_page(mm, private + P(2)) != NULL);
	KT_CHECK(fx_page(mm, shared) && fx_page(mm, shared + P(4)) && fx_page(mm, private + P(4)));
	KT_CHECK_EQ(fx_get(private + P(2)), 99);
	KT_CHECK_EQ(fx_get(private + P(3)), 98);
	KT_CHECK_EQ(fx_get_in(child, private + P(3)), 98);
	KT_CHECK_EQ(fx_get(private + P(1)) + fx_get(shared + P(1)) + fx_get(shared + P(3)), 0);
	/* a new page, and all see it */
	fx_put(shared + P(2), 77);
	KT_CHECK_EQ(fx_get_in(child, shared + P(2)), 77);
	KT_CHECK_EQ(fx_get_in(child, private + P(2)), 99);
	mmput(child);
	fx_drop(mm);
	file_put(file);
}

KTEST_QUICK(hole, pages_in_any_order_go_by_their_offset)
{
	struct file *file = KT_GET(file_make(NR));
	struct mm *mm = KT_GET(fx_mm());

	KT_TRUE(file && mm && fill(file, NR, 1) && map_file(mm, file, FX_BASE, NR, MAP_SHARED));
	KT_CHECK_EQ(sys_remap_file_pages(FX_BASE + P(1), P(1), 0, 4, 0), 0);
	KT_CHECK_EQ(fx_get(FX_BASE + P(1)) & 0xff, 5);
	/* advice does not know them by their places, and refuses */
	KT_CHECK_EQ(sys_madvise(FX_BASE + P(1), P(1), MADV_REMOVE), -EINVAL);
	KT_CHECK_EQ(pages_of(file), NR);
	KT_CHECK_EQ(punch(file, P(1), P(1)), 0);
	KT_CHECK_EQ(fx_get(FX_BASE + P(1)) & 0xff, 5);
	KT_CHECK_EQ(punch(file, P(4), P(1)), 0);
	KT_CHECK(pte_is_file(fx_pte(mm, FX_BASE + P(1))));
	KT_CHECK_EQ(pte_value(fx_pte(mm, FX_BASE + P(1))), 4);
	KT_CHECK_EQ(fx_get(FX_BASE + P(1)), 0);
	KT_CHECK_EQ(fx_get(FX_BASE) & 0xff, 1);
	fx_drop(mm);
	file_put(file);
}

KTEST_QUICK(hole, advice_removes_pages_from_the_file)
{
	unsigned long private = FX_BASE + P(16), locked = FX_BASE + P(32), anon = FX_BASE + P(48);
	struct file *file = KT_GET(file_make(NR));
	struct mm *mm = KT_GET(fx_mm());
	unsigned long out;

	KT_TRUE(file && mm && fill(file, NR, 1));
	KT_TRUE(map_file(mm, file, FX_BASE, NR - 1, MAP_SHARED) &&
		map_file(mm, file, private, NR, MAP_PRIVATE) &&
		map_file(mm, file, locked, NR, MAP_SHARED));
	KT_CHECK_EQ(sys_munmap(FX_BASE + P(2), P(1)), 0);
	KT_CHECK_EQ(vm_mmap(mm, NULL, anon, P(2), FX_RW, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED,
			    0, &out), 0);
	fx_map(mm, anon + P(2), 1, FX_RW);
	KT_CHECK_EQ(sys_mlock(locked, P(1)), 0);
	/* a page that is not mapped lies between: both sides are served */
	KT_CHECK_EQ(sys_madvise(FX_BASE + P(1), P(3), MADV_REMOVE), -ENOMEM);
	KT_CHECK_EQ(pages_of(file), NR - 2);
	KT_CHECK(all(file, 0, P(1), 1) && all(file, P(1), P(2), 0));
	KT_CHECK(all(file, P(2), P(3), 3) && all(file, P(3), P(4), 0));
	KT_CHECK_EQ(sys_madvise(FX_BASE + P(1), 0, MADV_REMOVE), 0);
	KT_CHECK_EQ(sys_madvise(FX_BASE + 1, P(1), MADV_REMOVE), -EINVAL);
	KT_CHECK_EQ(sys_madvise(private, P(1), MADV_REMOVE), -EACCES);
	KT_CHECK_EQ(sys_madvise(locked, P(1), MADV_REMOVE), -EINVAL);
	KT_CHECK_EQ(sys_madvise(anon + P(2), P(1), MADV_REMOVE), -EINVAL);
	KT_CHECK_EQ(sys_madvise(anon + P(64), P(1), MADV_REMOVE), -ENOMEM);
	KT_CHECK_EQ(sys_mprotect(FX_BASE, P(2), PROT_READ), 0);
	KT_CHECK_EQ(sys_madvise(FX_BASE, P(1), MADV_REMOVE), 0);	/* it might be writable */
	KT_CHECK_EQ(pages_of(file), NR - 3);
	fx_put(anon, 5);
	fx_put(anon + P(1), 6);
	KT_CHECK_EQ(sys_madvise(anon, P(1), MADV_REMOVE), 0);
	KT_CHECK_EQ(fx_get(anon), 0);
	KT_CHECK_EQ(fx_get(anon + P(1)), 6);
	fx_drop(mm);
	file_put(file);
}

/* ---- swap ---- */

KTEST_QUICK(hole, slots_in_the_hole_are_free_again)
{
	struct file *file;
	u64 before;

	KT_NEED_SWAP();
	before = slots_used() - shmem_swapped_pages();
	file = KT_GET(file_make(NR));
	KT_TRUE(file && fill(file, NR, 1));
	for (u64 i = 0; i < NR; i++)
		KT_CHECK(push_out(file, i));
	/* the pages that are cut come back: what is left of them is all there is */
	KT_CHECK_EQ(punch(file, P(1) + 10, P(3)), 0);
	KT_CHECK_EQ(map_of(file)->nrpages, 2);
	KT_CHECK_EQ(map_of(file)->nrswapped, 2);
	KT_CHECK(push_out(file, 1) && push_out(file, 4));
	KT_CHECK(all(file, P(1), P(1) + 10, 2) && all(file, P(1) + 10, P(4) + 10, 0));
	KT_CHECK(all(file, P(4) + 10, P(5), 5) && all(file, 0, P(1), 1));
	KT_CHECK_EQ(punch(file, 0, P(NR)), 0);
	KT_CHECK_EQ(pages_of(file), 0);
	KT_CHECK_LE(slots_used() - shmem_swapped_pages(), before);
	file_put(file);
}

KTEST_QUICK(hole, a_part_that_cannot_be_read_stops_the_punch)
{
	struct file *file;

	KT_NEED_SWAP();
	file = KT_GET(file_make(4));
	KT_TRUE(file && fill(file, 4, 1));
	KT_CHECK(push_out(file, 0) && push_out(file, 3));
	for (u64 nth = 2; nth; nth--) {		/* the tail, then the head */
		inject_arm(INJECT_SWAP_READ, nth, 1, NULL);
		KT_CHECK_EQ(punch(file, 10, P(3)), -EIO);
		KT_CHECK_EQ(inject_disarm(INJECT_SWAP_READ), 1);
		KT_CHECK_EQ(pages_of(file), 4);
		KT_CHECK(nth == 1 || push_out(file, 0));
	}
	KT_CHECK(all(file, P(1), P(2), 2) && all(file, P(2), P(3), 3));
	KT_CHECK_EQ(punch(file, P(1), P(1)), 0);	/* cuts none */
	KT_CHECK_EQ(pages_of(file), 3);
	file_put(file);
}

/* ---- one against another ---- */

struct puncher {
	struct file *file;
	u64 offset, len;
};

static int do_punch(void *data)
{
	struct puncher *p = data;

	return punch(p->file, p->offset, p->len);
}

static int touch_first(void *arg)
{
	u64 word = 0;

	(void)!get_user(word, (u64 *)FX_BASE);
	return (int)(word & 0xff);
}

static int write_first(void *arg)
{
	return put_user((u64)42, (u64 *)FX_BASE);
}

/* A fault has found its page, and locked it; the hole comes, and waits for it. */
static void late_fault(int (*touch)(void *), unsigned long type, u64 expected)
{
	struct file *file = KT_GET(file_make(2));
	struct puncher p = { .file = file, .offset = 0, .len = P(1) };
	struct fx_thread toucher;
	struct task *puncher;
	struct mm *mm;

	KT_TRUE(file && fill(file, 2, 7));
	mm = KT_GET(fx_mm());
	KT_TRUE(mm && map_file(mm, file, FX_BASE, 2, type));
	gate_arm("fault.object_locked", mm);
	if (fx_start(&toucher, mm, touch, NULL)) {
		if (gate_wait("fault.object_locked")) {
			puncher = kt_spawn(do_punch, &p);
			KT_CHECK(kt_wait_until(kt_asleep(puncher)));
			gate_open("fault.object_locked");
			KT_CHECK_EQ(kt_join(puncher), 0);
		}
		(void)fx_join(&toucher);
	}
	KT_CHECK(all(file, 0, P(1), 0) && all(file, P(1), P(2), 8));
	KT_CHECK_EQ(fx_get(FX_BASE), expected);
	fx_drop(mm);
	file_put(file);
}

KTEST(hole, a_late_fault_does_not_keep_a_page_of_the_hole)
{
	KT_NEED_GATES();
	late_fault(touch_first, MAP_SHARED, 0);
	late_fault(touch_first, MAP_PRIVATE, 0);
	late_fault(write_first, MAP_PRIVATE, 42);	/* its own copy, from before */
}

/* Between unmapping and taking the pages a fault shows one again: it goes, too. */
KTEST(hole, a_page_that_is_mapped_again_goes_all_the_same)
{
	unsigned long private = FX_BASE + P(16);
	struct file *file = KT_GET(file_make(3));
	struct puncher p = { .file = file, .offset = 0, .len = P(3) };
	struct task *puncher;
	struct mm *mm;

	KT_NEED_GATES();
	KT_TRUE(file && fill(file, 3, 7));
	mm = KT_GET(fx_mm());
	KT_TRUE(mm && map_file(mm, file, FX_BASE, 3, MAP_SHARED) &&
		map_file(mm, file, private, 3, MAP_PRIVATE));
	gate_arm("shmem.punch", map_of(file));
	puncher = kt_spawn(do_punch, &p);
	if (KT_CHECK(gate_wait("shmem.punch"))) {
		fx_put(FX_BASE, 1);
		KT_CHECK_EQ(fx_get(private + P(1)) & 0xff, 8);
		fx_put(private + P(2), 3);
		KT_CHECK_EQ(fx_get(FX_BASE + P(2)) & 0xff, 9);
		gate_open("shmem.punch");
	}
	KT_CHECK_EQ(kt_join(puncher), 0);
	KT_CHECK_EQ(pages_of(file), 0);
	KT_CHECK(pte_none(fx_pte(mm, FX_BASE)) && pte_none(fx_pte(mm, private + P(1))));
	KT_CHECK_EQ(fx_get(FX_BASE) + fx_get(private + P(1)), 0);
	KT_CHECK_EQ(fx_get(private + P(2)), 3);
	KT_CHECK_EQ(atomic64_read(&mm->rss[MM_ANONPAGES]), 1);
	fx_drop(mm);
	file_put(file);
}

/* The hole has found a page and waits; reclaim is faster: the slot must be freed. */
KTEST(hole, a_page_that_is_swapped_out_meanwhile_is_found_again)
{
	struct file *file;
	struct puncher p = { .offset = 0, .len = P(1) };
	struct task *puncher;
	u64 before;

	KT_NEED_GATES();
	KT_NEED_SWAP();
	before = slots_used() - shmem_swapped_pages();
	file = p.file = KT_GET(file_make(2));
	KT_TRUE(file && fill(file, 2, 7));
	gate_arm("shmem.drop_page", NULL);
	puncher = kt_spawn(do_punch, &p);
	if (KT_CHECK(gate_wait("shmem.drop_page"))) {
		for (int i = 0; i < 20 && !shmem_is_swapped(map_of(file), 0); i++)
			(void)push_out(file, 0);
		KT_CHECK(shmem_is_swapped(map_of(file), 0));
		gate_open("shmem.drop_page");
	}
	KT_CHECK_EQ(kt_join(puncher), 0);
	KT_CHECK_EQ(pages_of(file), 1);
	KT_CHECK(all(file, 0, P(1), 0) && all(file, P(1), P(2), 8));
	file_put(file);
	(void)reclaim_pages(8);
	KT_CHECK_LE(slots_used() - shmem_swapped_pages(), before);
}

static int do_touch(void *data)
{
	return mm_fault(data, FX_BASE, FAULT_WRITE | FAULT_REMOTE);
}

static void punched_at(const char *gate)
{
	struct file *file = KT_GET(file_make(1));
	struct task *toucher;
	struct mm *mm;

	KT_TRUE(file && fill(file, 1, 7) && push_out(file, 0));
	mm = KT_GET(fx_mm());
	KT_TRUE(mm && map_file(mm, file, FX_BASE, 1, MAP_SHARED));
	gate_arm(gate, map_of(file));
	toucher = kt_spawn(do_touch, mm);
	if (KT_CHECK(gate_wait(gate)))
		KT_CHECK_EQ(punch(file, 0, P(1)), 0);
	gate_open(gate);
	KT_CHECK_EQ(kt_join(toucher), FAULT_DONE);
	KT_CHECK_EQ(fx_get(FX_BASE), 0);
	KT_CHECK_EQ(map_of(file)->nrpages, 1);
	fx_drop(mm);
	file_put(file);
}

KTEST(hole, swap_in_does_not_bring_back_what_was_punched)
{
	KT_NEED_GATES();
	KT_NEED_SWAP();
	punched_at("shmem.swap_in");
	punched_at("shmem.swap_in_locked");
}

#ifdef CONFIG_MMU_NOTIFIER
/* ---- second MMUs ---- */

/* Every mm that shows a part of the hole hears of that part, in one bracket. */
KTEST_QUICK(hole, each_mapping_hears_of_its_part)
{
	struct file *file = KT_GET(file_make(NR));
	struct recorder *rec;
	const struct recorded_call *call;
	struct mm *mm;

	KT_TRUE(file && fill(file, NR, 1));
	mm = KT_GET(fx_mm());
	KT_TRUE(mm && map_file(mm, file, FX_BASE, NR, MAP_SHARED));
	KT_CHECK(map_part(mm, file, FX_BASE + P(16), 2, 2, MAP_PRIVATE));
	KT_CHECK(map_part(mm, file, FX_BASE + P(32), 1, 5, MAP_SHARED));
	fx_get(FX_BASE + P(1));
	rec = toy_recorder(mm, &recorder_bracket_ops);
	KT_TRUE(rec);
	KT_CHECK_EQ(punch(file, P(1) + 1, P(3)), 0);		/* pages 2 and 3 wholly */
	KT_CHECK_EQ(recorder_count(rec, MN_INVALIDATE_RANGE_START), 2);
	for (unsigned int i = 0; i < 2; i++) {
		call = recorder_find(rec, MN_INVALIDATE_RANGE_START, i);
		KT_CHECK(call && call->end - call->start == P(2) &&
			 (call->start == FX_BASE + P(2) || call->start == FX_BASE + P(16)));
	}
	toy_recorder_end(rec);
	fx_drop(mm);
	file_put(file);
}

/* The device has found a page of the hole, and may not install it any more. */
static int do_mirror_read(void *data)
{
	u64 word = ~0UL;

	return mirror_read(data, FX_BASE, &word) ? -EFAULT : (int)(word & 0xff);
}

KTEST(hole, a_device_that_has_found_the_page_looks_again)
{
	struct file *file = KT_GET(file_make(1));
	struct mirror *mirror = KT_GET(kzalloc(sizeof(*mirror), GFP_KERNEL));
	struct task *device;
	struct mm *mm;

	KT_NEED_GATES();
	KT_TRUE(file && mirror && fill(file, 1, 7));
	mm = KT_GET(fx_mm());
	KT_TRUE(mm && map_file(mm, file, FX_BASE, 1, MAP_SHARED));
	KT_EQ(mirror_open(mirror, mm, FX_BASE), 0);
	gate_arm("mirror.found", NULL);
	device = kt_spawn(do_mirror_read, mirror);
	if (KT_CHECK(gate_wait("mirror.found"))) {
		KT_CHECK_EQ(punch(file, 0, P(1)), 0);
		gate_open("mirror.found");
	}
	KT_CHECK_EQ(kt_join(device), 0);
	mirror_close(mirror);
	kfree(mirror);
	fx_drop(mm);
	file_put(file);
}
#endif

/* ---- everything at once ---- */

#define STORM_PAGES 12UL

struct storm {
	struct file *file;
	struct mm *mm;
	bool stop;
	u64 wrong;
};

/* Page i holds i + 1 in its first word, or nothing; a private copy, once made, stays. */
static int storm_toucher(void *data)
{
	struct storm *s = data;
	struct rand_state r;
	u64 copied = 0;

	rand_seed(&r, (u64)(unsigned long)&r);
	while (!READ_ONCE(s->stop)) {
		u64 i = rand_below(&r, STORM_PAGES), word = 0;

		if (get_user(word, (u64 *)(FX_BASE + P(i))) || (word && word != i + 1))
			s->wrong++;
		if (put_user(i + 1, (u64 *)(FX_BASE + P(i))))
			s->wrong++;
		if (get_user(word, (u64 *)(FX_BASE + P(32 + i))) ||
		    (copied >> i & 1 ? word != 100 + i : word && word != i + 1))
			s->wrong++;
		if (rand_below(&r, 64) == 0 && !put_user(100 + i, (u64 *)(FX_BASE + P(32 + i))))
			copied |= 1UL << i;
		cond_resched();
	}
	return 0;
}

static int storm_pusher(void *data)
{
	struct storm *s = data;

	while (!READ_ONCE(s->stop)) {
		(void)reclaim_pages(4);
		cond_resched();
	}
	return 0;
}

KTEST(hole, holes_race_with_everything)
{
	struct storm s = { 0 };
	struct fx_thread toucher, pusher;
	struct rand_state r;

	s.file = KT_GET(file_make(STORM_PAGES));
	KT_TRUE(s.file);
	s.mm = KT_GET(fx_mm());
	KT_TRUE(s.mm && map_file(s.mm, s.file, FX_BASE, STORM_PAGES, MAP_SHARED) &&
		map_file(s.mm, s.file, FX_BASE + P(32), STORM_PAGES, MAP_PRIVATE));
	rand_seed(&r, 3);
	if (fx_start(&toucher, s.mm, storm_toucher, &s)) {
		if (fx_start(&pusher, NULL, storm_pusher, &s)) {
			for (int i = 0; i < 80; i++) {
				u64 first = rand_below(&r, STORM_PAGES);

				KT_CHECK_EQ(punch(s.file, P(first), P(1 + rand_below(&r, 4))), 0);
				KT_CHECK_EQ(vfs_fallocate(s.file, 0, 0, P(STORM_PAGES)), 0);
				yield();
			}
			WRITE_ONCE(s.stop, true);
			(void)fx_join(&pusher);
		}
		WRITE_ONCE(s.stop, true);
		(void)fx_join(&toucher);
	}
	KT_CHECK_EQ(s.wrong, 0);
	KT_CHECK_EQ(punch(s.file, 0, P(STORM_PAGES)), 0);
	KT_CHECK_EQ(pages_of(s.file), 0);
	fx_drop(s.mm);
	file_put(s.file);
}
