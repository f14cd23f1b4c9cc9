/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_swap_io.c - suite swap_io: writing, reading, and disks that fail
 */
#include "mm/swap.h"

#include "kernel/block/block.h"
#include "kernel/lib/string.h"
#include "kernel/sched/sched.h"
#include "kernel/test/gate.h"
#include "kernel/test/inject.h"
#include "mm/fault.h"
#include "mm/gfp.h"
#include "mm/page_io.h"
#include "tests/kernel/threads.h"
#include "tests/kernel/user_memory.h"

static struct block_device *swap_disk(void)
{
	struct swap_area_info info;

	return swap_area_info(0, &info) ? block_find(info.name) : NULL;
}

#define KT_NEED_SWAP()							\
	do {								\
		if (!swap_disk())					\
			KT_SKIP("there is no swap area");		\
	} while (0)

/* A dirty page of the swap cache, locked. The caller puts slot and page away. */
static struct page *dirty_page(u64 value, swp_entry_t *entry)
{
	struct page *page = KT_GET(alloc_page(GFP_KERNEL));

	if (!page || KT_TRY(swap_slot_alloc(entry)))
		return NULL;
	*(u64 *)page_address(page) = value;
	page_lock(page);
	page_set(page, PG_uptodate);
	if (KT_TRY(swap_cache_add(page, *entry)))
		return NULL;
	page_set(page, PG_dirty);
	return page;
}

static void drop(struct page *page)
{
	page_wait_writeback(page);
	page_lock(page);
	swap_cache_del(page);
	page_unlock(page);
	put_page(page);
}

KTEST_QUICK(swap_io, a_write_completes_elsewhere)
{
	struct block_device *disk = swap_disk();
	swp_entry_t entry;
	struct page *page;

	KT_NEED_SWAP();
	page = dirty_page(9, &entry);
	KT_TRUE(page);
	block_inject_stall(disk, true);
	swap_write(page);
	/* the caller goes on; the page is unlocked, and being written */
	KT_CHECK(page_test(page, PG_writeback) && !page_test(page, PG_dirty));
	KT_CHECK(page_trylock(page));
	page_unlock(page);
	KT_CHECK_GE(swap_io_pending(), 1);
	block_inject_stall(disk, false);
	page_wait_writeback(page);
	KT_CHECK(!page_test(page, PG_writeback));
	drop(page);
}

/* Who sees that nothing is pending may count on it: no page is left under I/O. */
KTEST(swap_io, a_write_is_pending_until_its_page_is_not)
{
	swp_entry_t entry;
	struct page *page;

	KT_NEED_GATES();
	KT_NEED_SWAP();
	page = dirty_page(9, &entry);
	KT_TRUE(page);
	gate_arm("swap_io.written", page);
	swap_write(page);
	KT_CHECK(gate_wait("swap_io.written"));
	KT_CHECK(!page_test(page, PG_writeback));
	KT_CHECK_GE(swap_io_pending(), 1);
	gate_open("swap_io.written");
	drop(page);
}

KTEST(swap_io, a_failed_write_keeps_the_page_and_retires_the_slot)
{
	s64 errors = atomic64_read(&vmstat.swap_write_errors);
	swp_entry_t entry;
	struct page *page;

	KT_NEED_SWAP();
	page = dirty_page(9, &entry);
	KT_TRUE(page);
	inject_arm(INJECT_SWAP_WRITE, 1, 1, NULL);
	swap_write(page);
	page_wait_writeback(page);
	KT_CHECK_EQ(inject_disarm(INJECT_SWAP_WRITE), 1);
	KT_CHECK(page_test(page, PG_dirty) && page_test(page, PG_swapcache));
	KT_CHECK(!swap_slot_usable(entry));
	KT_CHECK_EQ(*(u64 *)page_address(page), 9);
	KT_CHECK_EQ(atomic64_read(&vmstat.swap_write_errors), errors + 1);
	drop(page);
}

KTEST(swap_io, a_failed_read_marks_the_page)
{
	struct page *page, *again = NULL;
	swp_entry_t entry;

	KT_NEED_SWAP();
	page = dirty_page(9, &entry);
	KT_TRUE(page);
	KT_CHECK_EQ(swap_slot_dup(entry), 0);
	swap_write(page);
	drop(page);
	inject_arm(INJECT_SWAP_READ, 1, 1, NULL);
	KT_CHECK_EQ(swap_cache_read(entry, GFP_USER, &again), 0);
	KT_CHECK_EQ(inject_disarm(INJECT_SWAP_READ), 1);
	KT_TRUE(again);
	KT_CHECK(page_test(again, PG_error) && !page_test(again, PG_uptodate));
	KT_CHECK(!page_test(again, PG_locked));
	put_page(again);
	swap_free_entry(entry);
	KT_CHECK_EQ(swap_slot_count(entry), 0);
}

/* More writes at once than there are requests: the submitter waits, nothing is lost. */
#define MANY 150

KTEST(swap_io, a_slow_disk_holds_the_writer_back)
{
	static struct page *page[MANY];
	struct block_device *disk = swap_disk();
	swp_entry_t entry;

	KT_NEED_SWAP();
	block_inject_latency(disk, 1);
	for (unsigned int i = 0; i < MANY; i++) {
		page[i] = dirty_page(i, &entry);
		KT_CHECK(page[i] != NULL);
		if (page[i])
			swap_write(page[i]);
		KT_CHECK_LE(swap_io_pending(), 64);
	}
	block_inject_latency(disk, 0);
	for (unsigned int i = 0; i < MANY; i++)
		if (page[i])
			drop(page[i]);
	/* the last request ends a moment after its page is clean */
	while (swap_io_pending())
		page_io_wait(1);
}

/* Read error at a fault: SIGBUS for the one who faults, nothing for others. */
KTEST(swap_io, a_fault_on_a_lost_page_is_a_bus_error)
{
	struct user_memory u;

	KT_NEED_SWAP();
	user_memory_all_out();
	KT_TRUE(user_memory_up(&u, 8));
	KT_CHECK(user_memory_write(&u, 100));
	for (unsigned int i = 0; i < 50 && user_memory_page(&u, 3); i++)
		reclaim_pages(64);
	KT_CHECK(pte_is_swap(user_memory_pte(&u, 3)));
	/* written pages may still be in the cache: a read needs them gone */
	for (unsigned int i = 0; i < 50 && swap_cache_pages(); i++)
		reclaim_pages(64);
	inject_arm(INJECT_SWAP_READ, 1, 1, NULL);
	KT_CHECK_EQ(mm_fault(u.mm, user_memory_va(&u, 3), FAULT_REMOTE), FAULT_BUSERR);
	KT_CHECK_EQ(inject_disarm(INJECT_SWAP_READ), 1);
	KT_CHECK_EQ(mm_fault(u.mm, user_memory_va(&u, 4), FAULT_REMOTE), FAULT_DONE);
	user_memory_down(&u);
}

/* ---- pages full of zeroes ---- */

static u64 nr_requests(void)
{
	struct block_stats stats;

	block_stats(swap_disk(), &stats);
	return stats.submitted[BLOCK_READ] + stats.submitted[BLOCK_WRITE];
}

KTEST_QUICK(swap_io, zeroes_need_no_device)
{
	s64 out = atomic64_read(&vmstat.swpout_zero), in = atomic64_read(&vmstat.swpin_zero);
	struct page *page, *again = NULL;
	swp_entry_t entry;
	u64 before;

	KT_NEED_SWAP();
	page = dirty_page(0, &entry);
	KT_TRUE(page);
	before = nr_requests();
	memset(page_address(page), 0, PAGE_SIZE);
	KT_CHECK_EQ(swap_slot_dup(entry), 0);
	KT_CHECK(swap_write_zero(page));
	KT_CHECK(page_test(page, PG_locked) && !page_test(page, PG_dirty));
	swap_cache_del(page);
	page_unlock(page);
	put_page(page);
	KT_CHECK_EQ(swap_cache_read(entry, GFP_USER, &again), 0);
	KT_TRUE(again);
	KT_CHECK(page_test(again, PG_uptodate) && !page_test(again, PG_locked));
	for (unsigned int i = 0; i < PAGE_SIZE / sizeof(u64); i++)
		if (!KT_CHECK_EQ(((u64 *)page_address(again))[i], 0))
			break;
	KT_CHECK_EQ(nr_requests(), before);
	KT_CHECK_EQ(atomic64_read(&vmstat.swpout_zero), out + 1);
	KT_CHECK_EQ(atomic64_read(&vmstat.swpin_zero), in + 1);
	put_page(again);
	swap_free_entry(entry);
}

KTEST_QUICK(swap_io, one_byte_is_enough_to_be_written)
{
	swp_entry_t entry;
	struct page *page;

	KT_NEED_SWAP();
	page = dirty_page(0, &entry);
	KT_TRUE(page);
	memset(page_address(page), 0, PAGE_SIZE);
	((u8 *)page_address(page))[PAGE_SIZE - 1] = 1;
	KT_CHECK(!swap_write_zero(page));
	KT_CHECK(page_test(page, PG_dirty) && !swap_slot_is_zero(entry));
	((u8 *)page_address(page))[PAGE_SIZE - 1] = 0;
	((u8 *)page_address(page))[0] = 1;
	KT_CHECK(!swap_write_zero(page));
	page_unlock(page);
	drop(page);
}

/* First zeroes, then something else in the same slot: the mark must not outlive them. */
KTEST_QUICK(swap_io, a_write_takes_the_zero_mark_away)
{
	struct page *page, *again = NULL;
	swp_entry_t entry;

	KT_NEED_SWAP();
	page = dirty_page(0, &entry);
	KT_TRUE(page);
	memset(page_address(page), 0, PAGE_SIZE);
	KT_CHECK_EQ(swap_slot_dup(entry), 0);
	KT_CHECK(swap_write_zero(page));
	*(u64 *)page_address(page) = 99;
	page_set(page, PG_dirty);
	KT_CHECK(!swap_write_zero(page));
	swap_write(page);
	drop(page);
	KT_CHECK_EQ(swap_cache_read(entry, GFP_USER, &again), 0);
	KT_TRUE(again);
	KT_CHECK_EQ(*(u64 *)page_address(again), 99);
	put_page(again);
	swap_free_entry(entry);
}

/* The whole way: pages of a program that wrote zeroes go and come without the device. */
KTEST_QUICK(swap_io, a_program_gets_its_zeroes_back)
{
	struct user_memory u;
	u64 before;

	KT_NEED_SWAP();
	user_memory_all_out();
	KT_TRUE(user_memory_up(&u, 8));
	for (unsigned long i = 0; i < 8; i++)
		KT_CHECK_EQ(mm_fault(u.mm, user_memory_va(&u, i), FAULT_WRITE | FAULT_REMOTE),
			    FAULT_DONE);
	before = nr_requests();
	for (unsigned int i = 0; i < 50 && atomic64_read(&u.mm->rss[MM_SWAPENTS]) < 8; i++)
		reclaim_pages(64);
	KT_CHECK_EQ(atomic64_read(&u.mm->rss[MM_SWAPENTS]), 8);
	KT_CHECK(swap_slot_is_zero(pte_swp_entry(user_memory_pte(&u, 3))));
	kthread_use_mm(u.mm);
	for (unsigned long i = 0; i < 8; i++) {
		u64 seen = 1;

		KT_CHECK(!get_user(seen, (u64 __user *)user_memory_va(&u, i)) && !seen);
	}
	kthread_unuse_mm(u.mm);
	KT_CHECK_EQ(nr_requests(), before);
	KT_CHECK(user_memory_write(&u, 100));
	KT_CHECK(user_memory_verify(&u, 100));
	user_memory_down(&u);
}
