/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_writeback.c - suite writeback: what was written reaches the disk
 *
 * The disk's own bytes are read past its node (dx_disk), so that a page in memory can
 * not hide what is missing there.
 */
#include "mm/writeback.h"

#include "fs/syscalls.h"
#include "fs/vfs.h"
#include "include/uapi/mman.h"
#include "kernel/lib/string.h"
#include "kernel/sched/sched.h"
#include "kernel/test/gate.h"
#include "mm/buddy.h"
#include "mm/clear_refs.h"
#include "mm/fault.h"
#include "mm/fork.h"
#include "mm/nonlinear.h"
#include "mm/rmap.h"
#include "mm/uaccess.h"
#include "tests/kernel/disk_fixture.h"
#include "tests/kernel/kt_thread.h"
#include "tests/kernel/mm_fixture.h"

#define P(n) ((n) * PAGE_SIZE)

static struct writeback_limits limits;

/* Adopted mm with the disk at FX_BASE, shared; the thread does nothing by itself. */
static struct mm *up(struct disk *d)
{
	struct mm *mm;

	limits = writeback_limits;
	writeback_limits.dirty_writeback_centisecs = 0;
	writeback_wake();
	if (!dx_up(d))
		return NULL;
	mm = fx_mm();
	if (mm && dx_map(mm, d, FX_BASE, DX_PAGES, 0, MAP_SHARED))
		return mm;
	if (mm)
		fx_drop(mm);
	dx_down(d);
	return NULL;
}

static void down(struct disk *d, struct mm *mm)
{
	if (mm)
		fx_drop(mm);
	dx_down(d);
	writeback_limits = limits;
	writeback_wake();
}

static long msync_page(u64 n, int flags)
{
	return sys_msync(FX_BASE + P(n), P(1), flags);
}

/* Mapped for writing and heard, or neither. */
static bool entry_agrees(struct mm *mm, struct disk *d, u64 n)
{
	pte_t pte = fx_pte(mm, FX_BASE + P(n));

	return !(pte_present(pte) && pte_write(pte)) || dx_flag(d, n, PG_dirty) == 1;
}

/* ---- without races ---- */

KTEST_QUICK(writeback, msync_brings_a_mapping_to_the_disk)
{
	struct disk d;
	struct mm *mm;

	NEED_DISK();
	mm = up(&d);
	KT_TRUE(mm);
	KT_CHECK_EQ(fx_get(FX_BASE + P(1)), dx_old(1));
	KT_CHECK(!pte_write(fx_pte(mm, FX_BASE + P(1))));
	for (u64 round = 1; round < 4; round++) {
		fx_put(FX_BASE + P(1), round);
		KT_CHECK(pte_write(fx_pte(mm, FX_BASE + P(1))));
		KT_CHECK_EQ(d.mapping->nr_dirty, 1);
		KT_CHECK_EQ(msync_page(1, MS_ASYNC), 0);
		KT_CHECK_EQ(dx_disk(&d, 1), round > 1 ? round - 1 : dx_old(1));
		KT_CHECK_EQ(msync_page(2, MS_SYNC), 0);
		KT_CHECK_EQ(d.mapping->nr_dirty, 1);
		KT_CHECK_EQ(msync_page(1, MS_SYNC), 0);
		KT_CHECK_EQ(dx_disk(&d, 1), round);
		KT_CHECK_EQ(d.mapping->nr_dirty, 0);
		KT_CHECK(!pte_write(fx_pte(mm, FX_BASE + P(1))) &&
			 !pte_dirty(fx_pte(mm, FX_BASE + P(1))));
	}
	down(&d, mm);
}

KTEST_QUICK(writeback, fsync_and_sync_bring_everything_and_nothing_else)
{
	struct disk d;
	struct mm *mm;
	u64 writes;

	NEED_DISK();
	mm = up(&d);
	KT_TRUE(mm);
	for (u64 n = 0; n < DX_PAGES; n++)
		KT_CHECK_EQ(dx_read(&d, n), dx_old(n));
	writes = dx_requests(&d, BLOCK_WRITE);
	KT_CHECK(dx_write(&d, 3, 3));
	fx_put(FX_BASE + P(9), 9);
	KT_CHECK_EQ(d.mapping->nr_dirty, 2);
	KT_CHECK_EQ(dx_fsync(&d), 0);
	KT_CHECK_EQ(dx_requests(&d, BLOCK_WRITE), writes + 2);
	KT_CHECK_EQ(dx_fsync(&d), 0);
	KT_CHECK_EQ(dx_requests(&d, BLOCK_WRITE), writes + 2);
	KT_CHECK_EQ(dx_disk(&d, 3), 3);
	KT_CHECK_EQ(dx_disk(&d, 9), 9);
	fx_put(FX_BASE + P(9), 10);
	KT_CHECK_EQ(sys_sync(), 0);
	KT_CHECK_EQ(dx_disk(&d, 9), 10);
	KT_CHECK_EQ(dx_requests(&d, BLOCK_WRITE), writes + 3);
	down(&d, mm);
}

/* Pages in any order (remap_file_pages): a page that the VMA has elsewhere is found, too. */
KTEST_QUICK(writeback, msync_of_a_nonlinear_mapping_finds_its_pages)
{
	unsigned long va = FX_BASE + P(2);
	struct disk d;
	struct mm *mm;

	NEED_DISK();
	mm = up(&d);
	KT_TRUE(mm);
	KT_CHECK_EQ(sys_remap_file_pages(va, P(1), 0, 13, 0), 0);
	KT_CHECK_EQ(fx_get(va), dx_old(13));
	for (u64 round = 1; round < 4; round++) {
		fx_put(va, round);
		KT_CHECK(pte_write(fx_pte(mm, va)));
		KT_CHECK_EQ(msync_page(2, MS_SYNC), 0);
		KT_CHECK_EQ(dx_disk(&d, 13), round);
		KT_CHECK_EQ(d.mapping->nr_dirty, 0);
		KT_CHECK(!pte_write(fx_pte(mm, va)) && !pte_dirty(fx_pte(mm, va)));
	}
	KT_CHECK_EQ(dx_disk(&d, 2), dx_old(2));
	down(&d, mm);
}

/* Each mapping loses the permission, in every address space; a private one never had it. */
KTEST_QUICK(writeback, every_shared_mapping_is_cleaned)
{
	unsigned long again = FX_BASE + P(32), private = FX_BASE + P(64);
	struct mm *mm, *child = NULL;
	struct disk d;
	bool dirty;

	NEED_DISK();
	mm = up(&d);
	KT_TRUE(mm);
	if (!dx_map(mm, &d, again, 2, 3, MAP_SHARED) || !dx_map(mm, &d, private, 2, 3, MAP_PRIVATE))
		goto out;
	KT_CHECK_EQ(fx_get(private), dx_old(3));
	child = fx_fork(mm);
	if (!child)
		goto out;
	fx_put(FX_BASE + P(3), 1);
	fx_put(again, 2);
	KT_CHECK(fx_put_in(child, FX_BASE + P(3), 3));
	KT_CHECK_EQ(sys_mprotect(again, P(1), PROT_READ), 0);
	KT_CHECK(pte_dirty(fx_pte(mm, again)));
	if (!KT_CHECK(dx_page(&d, 3)))
		goto out;
	page_lock(dx_page(&d, 3));
	dirty = page_mkclean(dx_page(&d, 3));
	page_unlock(dx_page(&d, 3));
	KT_CHECK(dirty);
	KT_CHECK(!pte_write(fx_pte(mm, FX_BASE + P(3))) && !pte_dirty(fx_pte(mm, FX_BASE + P(3))));
	KT_CHECK(!pte_dirty(fx_pte(mm, again)));
	KT_CHECK(!pte_write(fx_pte(child, FX_BASE + P(3))));
	KT_CHECK_EQ(page_mapcount(dx_page(&d, 3)), 4);
	page_lock(dx_page(&d, 3));
	KT_CHECK(!page_mkclean(dx_page(&d, 3)));
	page_unlock(dx_page(&d, 3));
	set_page_dirty(dx_page(&d, 3));
	KT_CHECK_EQ(dx_fsync(&d), 0);
	KT_CHECK_EQ(dx_disk(&d, 3), 3);
out:
	if (child)
		mmput(child);
	down(&d, mm);
}

/* PROT_NONE keeps the dirty bit of a mapping that nobody can use now, and its mark. */
KTEST_QUICK(writeback, a_mapping_without_access_is_cleaned_too)
{
	struct disk d;
	struct mm *mm;

	NEED_DISK();
	mm = up(&d);
	KT_TRUE(mm);
	KT_CHECK_EQ(mm_clear_refs(mm, CLEAR_REFS_SOFT_DIRTY), 0);
	fx_put(FX_BASE + P(4), 4);
	KT_CHECK_EQ(sys_mprotect(FX_BASE + P(4), P(1), PROT_NONE), 0);
	KT_CHECK_EQ(dx_fsync(&d), 0);
	KT_CHECK_EQ(dx_disk(&d, 4), 4);
	KT_CHECK(!pte_mapped_dirty(fx_pte(mm, FX_BASE + P(4))));
	KT_CHECK(pte_soft_dirty(fx_pte(mm, FX_BASE + P(4))));
	KT_CHECK_EQ(sys_mprotect(FX_BASE + P(4), P(1), FX_RW), 0);
	fx_put(FX_BASE + P(4), 44);
	KT_CHECK_EQ(dx_fsync(&d), 0);
	KT_CHECK_EQ(dx_disk(&d, 4), 44);
	down(&d, mm);
}

KTEST_QUICK(writeback, unmapping_keeps_what_was_written)
{
	struct disk d;
	struct mm *mm;

	NEED_DISK();
	mm = up(&d);
	KT_TRUE(mm);
	fx_put(FX_BASE + P(6), 6);
	KT_CHECK_EQ(sys_munmap(FX_BASE, P(DX_PAGES)), 0);
	KT_CHECK_EQ(d.mapping->nr_dirty, 1);
	KT_CHECK_EQ(dx_fsync(&d), 0);
	KT_CHECK_EQ(dx_disk(&d, 6), 6);
	down(&d, mm);
}

/* ---- errors ---- */

KTEST_QUICK(writeback, a_failed_write_is_told_once_and_loses_nothing)
{
	struct disk d;
	struct mm *mm;

	NEED_DISK();
	mm = up(&d);
	KT_TRUE(mm);
	fx_put(FX_BASE + P(1), 1);
	block_inject_error(d.bdev, BLOCK_WRITE, 1, false);
	KT_CHECK_EQ(msync_page(1, MS_SYNC), -EIO);
	KT_CHECK_EQ(dx_disk(&d, 1), dx_old(1));
	KT_CHECK_EQ(d.mapping->nr_dirty, 1);
	KT_CHECK_EQ(fx_get(FX_BASE + P(1)), 1);
	KT_CHECK_EQ(msync_page(1, MS_SYNC), 0);
	KT_CHECK_EQ(dx_disk(&d, 1), 1);
	/* The thread meets the error; who asks next is told. */
	KT_CHECK(dx_write(&d, 2, 2));
	block_inject_error(d.bdev, BLOCK_WRITE, 1, false);
	KT_CHECK_EQ(sys_sync(), 0);
	KT_CHECK_EQ(sys_sync(), 0);
	KT_CHECK_EQ(dx_disk(&d, 2), 2);
	KT_CHECK_EQ(dx_fsync(&d), -EIO);
	KT_CHECK_EQ(dx_fsync(&d), 0);
	down(&d, mm);
}

/* ---- races ---- */

static int fsync_main(void *arg)
{
	return dx_fsync(arg);
}

struct put {
	unsigned long va;
	u64 value;
};

static int put_main(void *arg)
{
	struct put *p = arg;

	return put_user(p->value, (u64 *)p->va) ? -EFAULT : 0;
}

/* The device has the page; whatever it took, the second word must follow. */
KTEST(writeback, what_is_written_during_write_back_is_written_again)
{
	struct task *sync;
	struct disk d;
	struct mm *mm;
	u64 writes;

	NEED_DISK();
	mm = up(&d);
	KT_TRUE(mm);
	fx_put(FX_BASE + P(1), 1);
	KT_CHECK(dx_write(&d, 2, 1));
	writes = dx_requests(&d, BLOCK_WRITE);
	block_inject_stall(d.bdev, true);
	sync = kt_spawn(fsync_main, &d);
	kt_wait_until(dx_requests(&d, BLOCK_WRITE) == writes + 2);
	KT_CHECK_EQ(dx_flag(&d, 1, PG_writeback), 1);
	KT_CHECK_EQ(d.mapping->nr_dirty, 0);
	KT_CHECK_EQ(writeback_nr_writeback(), 2);
	fx_put(FX_BASE + P(1), 2);
	KT_CHECK(dx_write(&d, 2, 2));
	KT_CHECK_EQ(d.mapping->nr_dirty, 2);
	block_inject_stall(d.bdev, false);
	KT_CHECK_EQ(kt_join(sync), 0);
	KT_CHECK_EQ(d.mapping->nr_dirty, 2);
	KT_CHECK_EQ(dx_fsync(&d), 0);
	KT_CHECK_EQ(dx_disk(&d, 1), 2);
	KT_CHECK_EQ(dx_disk(&d, 2), 2);
	down(&d, mm);
}

/* fsync must not be content with a write that began before the last change. */
KTEST(writeback, fsync_waits_for_the_write_under_way_and_writes_again)
{
	struct task *first, *second;
	struct disk d;
	struct mm *mm;
	u64 writes;

	NEED_DISK();
	mm = up(&d);
	KT_TRUE(mm);
	KT_CHECK(dx_write(&d, 2, 1));
	writes = dx_requests(&d, BLOCK_WRITE);
	block_inject_stall(d.bdev, true);
	first = kt_spawn(fsync_main, &d);
	kt_wait_until(dx_requests(&d, BLOCK_WRITE) == writes + 1);
	KT_CHECK(dx_write(&d, 2, 2));
	second = kt_spawn(fsync_main, &d);
	kt_wait_until(second && kt_asleep(second));
	block_inject_stall(d.bdev, false);
	KT_CHECK_EQ(kt_join(first), 0);
	KT_CHECK_EQ(kt_join(second), 0);
	KT_CHECK_EQ(dx_requests(&d, BLOCK_WRITE), writes + 2);
	KT_CHECK_EQ(dx_disk(&d, 2), 2);
	down(&d, mm);
}

/* Stand between taking the permission and clearing the flag. */
static void race_with_mkclean(const char *gate, struct mm *mm, struct disk *d,
			      int (*other)(void *), void *arg, struct mm *as)
{
	struct fx_thread t;
	struct task *sync;

	gate_arm(gate, dx_page(d, 1));
	sync = kt_spawn(fsync_main, d);
	if (gate_wait(gate) && fx_start(&t, as, other, arg)) {
		/* As far as it comes: to a lock that write-back holds, or to its end. */
		schedule_timeout_uninterruptible(3);
		gate_open(gate);
		KT_CHECK_EQ(fx_join(&t), 0);
	}
	gate_open(gate);
	KT_CHECK_EQ(kt_join(sync), 0);
}

KTEST(writeback, a_fault_does_not_come_between_mkclean_and_clean)
{
	struct put p = { .va = FX_BASE + P(1), .value = 2 };
	struct disk d;
	struct mm *mm;

	NEED_DISK();
	KT_NEED_GATES();
	mm = up(&d);
	KT_TRUE(mm);
	fx_put(p.va, 1);
	race_with_mkclean("writeback.mkclean", mm, &d, put_main, &p, mm);
	KT_CHECK(entry_agrees(mm, &d, 1));
	fx_put(p.va, 3);
	KT_CHECK_EQ(dx_fsync(&d), 0);
	KT_CHECK_EQ(dx_disk(&d, 1), 3);
	down(&d, mm);
}

/* A second mapping, which was not there before, is made meanwhile. */
KTEST(writeback, a_first_write_elsewhere_does_not_come_between_either)
{
	struct put p = { .va = FX_BASE + P(33), .value = 2 };
	struct disk d;
	struct mm *mm;

	NEED_DISK();
	KT_NEED_GATES();
	mm = up(&d);
	KT_TRUE(mm);
	if (dx_map(mm, &d, FX_BASE + P(32), DX_PAGES, 0, MAP_SHARED)) {
		fx_put(FX_BASE + P(1), 1);
		race_with_mkclean("writeback.mkclean", mm, &d, put_main, &p, mm);
		fx_put(p.va, 3);
		KT_CHECK_EQ(d.mapping->nr_dirty, 1);
		KT_CHECK_EQ(dx_fsync(&d), 0);
		KT_CHECK_EQ(dx_disk(&d, 1), 3);
	}
	down(&d, mm);
}

struct fork_and_put {
	struct mm *mm, *child;
};

static int fork_and_put(void *arg)
{
	struct fork_and_put *f = arg;

	if (dup_mm(f->mm, &f->child))
		return -ENOMEM;
	return fx_put_in(f->child, FX_BASE + P(1), 2) ? 0 : -EFAULT;
}

KTEST(writeback, a_child_that_is_forked_during_mkclean_is_heard)
{
	struct fork_and_put f = { 0 };
	struct disk d;

	NEED_DISK();
	KT_NEED_GATES();
	f.mm = up(&d);
	KT_TRUE(f.mm);
	fx_put(FX_BASE + P(1), 1);
	race_with_mkclean("page_mkclean.start", f.mm, &d, fork_and_put, &f, NULL);
	if (f.child) {
		KT_CHECK(fx_put_in(f.child, FX_BASE + P(1), 3));
		KT_CHECK(pte_write(fx_pte(f.child, FX_BASE + P(1))));
		KT_CHECK_EQ(dx_fsync(&d), 0);
		KT_CHECK_EQ(dx_disk(&d, 1), 3);
		KT_CHECK(!pte_write(fx_pte(f.child, FX_BASE + P(1))));
		mmput(f.child);
	}
	down(&d, f.mm);
}

#define MOVED (FX_BASE + P(256))

static int move_and_put(void *arg)
{
	struct put p = { .va = MOVED + P(1), .value = 2 };

	if (sys_mremap(FX_BASE, P(DX_PAGES), P(DX_PAGES), MREMAP_MAYMOVE | MREMAP_FIXED,
		       MOVED) != (long)MOVED)
		return -ENOMEM;
	return put_main(&p);
}

static void race_with_move(const char *gate)
{
	struct disk d;
	struct mm *mm = up(&d);

	KT_TRUE(mm);
	fx_put(FX_BASE + P(1), 1);
	race_with_mkclean(gate, mm, &d, move_and_put, NULL, mm);
	fx_put(MOVED + P(1), 3);
	KT_CHECK(pte_write(fx_pte(mm, MOVED + P(1))));
	KT_CHECK_EQ(d.mapping->nr_dirty, 1);
	KT_CHECK_EQ(dx_fsync(&d), 0);
	KT_CHECK_EQ(dx_disk(&d, 1), 3);
	KT_CHECK(!pte_write(fx_pte(mm, MOVED + P(1))));
	down(&d, mm);
}

KTEST(writeback, a_mapping_that_moves_during_mkclean_is_heard)
{
	NEED_DISK();
	KT_NEED_GATES();
	race_with_move("page_mkclean.start");
	race_with_move("page_mkclean.one");
	race_with_move("writeback.mkclean");
}

/* ---- how much, and when ---- */

KTEST_QUICK(writeback, who_makes_too_much_dirty_writes_it_himself)
{
	struct disk d;
	struct mm *mm;

	NEED_DISK();
	mm = up(&d);
	KT_TRUE(mm);
	writeback_limits.dirty_bytes = P(4);
	for (u64 n = 0; n < DX_PAGES; n++) {
		KT_CHECK(dx_write(&d, n, n));
		KT_CHECK_LE(writeback_nr_dirty() + writeback_nr_writeback(), 5);
	}
	for (u64 n = 0; n < DX_PAGES; n++) {
		fx_put(FX_BASE + P(n), 100 + n);
		KT_CHECK_LE(writeback_nr_dirty() + writeback_nr_writeback(), 5);
	}
	KT_CHECK_EQ(dx_disk(&d, 0), 100);
	down(&d, mm);
}

KTEST(writeback, the_thread_writes_what_is_old_or_too_much)
{
	struct disk d;
	struct mm *mm;

	NEED_DISK();
	mm = up(&d);
	KT_TRUE(mm);
	KT_CHECK(dx_write(&d, 1, 1));
	writeback_limits.dirty_expire_centisecs = 0;
	writeback_wake();
	kt_wait_until(!writeback_nr_dirty() && !writeback_nr_writeback());
	KT_CHECK_EQ(dx_disk(&d, 1), 1);
	writeback_limits.dirty_expire_centisecs = 100000;
	writeback_limits.dirty_background_bytes = P(2);
	fx_put(FX_BASE + P(2), 2);
	KT_CHECK(dx_write(&d, 3, 3));
	writeback_wake();
	KT_CHECK_EQ(writeback_nr_dirty(), 2);
	/* Wakes it, with page 4 still locked perhaps: that one it leaves. */
	fx_put(FX_BASE + P(4), 4);
	kt_wait_until(writeback_nr_dirty() <= 1 && !writeback_nr_writeback());
	KT_CHECK_EQ(dx_disk(&d, 2), 2);
	KT_CHECK_EQ(dx_disk(&d, 3), 3);
	writeback_limits.dirty_expire_centisecs = 0;
	writeback_wake();
	kt_wait_until(!writeback_nr_dirty() && !writeback_nr_writeback());
	KT_CHECK_EQ(dx_disk(&d, 4), 4);
	down(&d, mm);
}

/* ---- everything at once ---- */

struct crowd {
	struct disk *d;
	bool stop;
	u64 last[4];			/* what each writer wrote last, a page each */
};

static int crowd_write(void *arg)
{
	struct crowd *c = arg;
	static atomic_t next;
	unsigned int me = (unsigned int)atomic_inc_return(&next) % 4;

	for (u64 i = 1; !READ_ONCE(c->stop); i++) {
		if (put_user(i, (u64 *)(FX_BASE + P(me) + 8 * me)))
			return -EFAULT;
		c->last[me] = i;
		cond_resched();
	}
	return 0;
}

static int crowd_sync(void *arg)
{
	struct crowd *c = arg;
	int err = 0;

	while (!READ_ONCE(c->stop) && !err)
		err = dx_fsync(c->d);
	return err;
}

KTEST(writeback, the_last_word_of_every_writer_is_on_the_disk)
{
	struct crowd c = { 0 };
	struct fx_thread t[6];
	struct disk d;
	struct mm *mm;
	int n;

	NEED_DISK();
	mm = up(&d);
	KT_TRUE(mm);
	c.d = &d;
	for (n = 0; n < 6; n++)
		if (!fx_start(&t[n], n < 4 ? mm : NULL, n < 4 ? crowd_write : crowd_sync, &c))
			break;
	for (u64 i = 0; i < 60; i++) {
		if (i % 8 == 0)
			KT_CHECK_EQ(sys_madvise(FX_BASE, P(4), MADV_DONTNEED), 0);
		if (i % 16 == 3)
			KT_CHECK_EQ(sys_madvise(FX_BASE, P(4), MADV_PAGEOUT), 0);
		schedule_timeout_uninterruptible(1);
	}
	WRITE_ONCE(c.stop, true);
	while (n--)
		KT_CHECK_EQ(fx_join(&t[n]), 0);
	KT_CHECK_EQ(sys_munmap(FX_BASE, P(DX_PAGES)), 0);
	KT_CHECK_EQ(dx_fsync(&d), 0);
	file_put(d.file);
	d.file = NULL;
	KT_CHECK_EQ(vfs_open("/dev/ram1", O_RDWR, 0, &d.file), 0);
	for (u64 me = 0; me < 4; me++) {
		u64 word = 0;

		(void)kernel_read(d.file, &word, sizeof(word), (loff_t)(P(me) + 8 * me));
		KT_CHECK_EQ(word, c.last[me]);
	}
	down(&d, mm);
}
