/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_swapfile.c - suite swapfile: areas come, and go with nothing lost
 *
 * The area is the small disk ram1, before all others, so that what a test swaps out
 * lies there.
 */
#include "mm/swap.h"

#include "include/uapi/swap.h"
#include "kernel/block/block.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/string.h"
#include "kernel/sched/sched.h"
#include "kernel/test/gate.h"
#include "kernel/test/inject.h"
#include "mm/fault.h"
#include "mm/fork.h"
#include "mm/gfp.h"
#include "mm/mmap.h"
#include "tests/kernel/kt_thread.h"
#include "tests/kernel/mm_fixture.h"
#include "tests/kernel/threads.h"
#include "tests/kernel/user_memory.h"

#define FIRST 30000		/* before whatever else there is */
#define NR 8

static struct block_device *disk(void)
{
	return block_find("ram1");
}

#define KT_NEED_DISK()							\
	do {								\
		if (!disk())						\
			KT_SKIP("there is no ram1");			\
	} while (0)

/* Memory of @nr pages with @value + i in them, all in slots of a new area on ram1. */
static bool swapped_memory(struct user_memory *u, unsigned long nr, u64 value, unsigned int *area)
{
	int n = KT_TRY(swap_area_add(disk(), FIRST));

	if (!KT_CHECK_GE(n, 0))
		return false;
	*area = (unsigned int)n;
	if (!user_memory_up(u, nr) || !KT_CHECK(user_memory_write(u, value)))
		return false;
	for (unsigned long i = 0; i < nr; i++)
		if (!KT_CHECK(fx_swap_out(u->mm, user_memory_va(u, i))) ||
		    !KT_CHECK_EQ(swp_area(pte_swp_entry(user_memory_pte(u, i))), *area))
			return false;
	return true;
}

/* Every page of @u is mapped and none is in the swap cache. */
static bool all_back(struct user_memory *u)
{
	for (unsigned long i = 0; i < u->nr; i++) {
		struct page *page = user_memory_page(u, i);

		if (!page || page_test(page, PG_swapcache))
			return false;
	}
	return !atomic64_read(&u->mm->rss[MM_SWAPENTS]);
}

/* ---- swapon ---- */

static struct page *header_page;

static struct swap_header *header_begin(void)
{
	struct swap_header *header;

	header_page = KT_GET(alloc_page(GFP_KERNEL | __GFP_ZERO));
	if (!KT_CHECK(header_page != NULL))
		return NULL;
	header = page_address(header_page);
	memcpy(header->magic, SWAP_MAGIC, sizeof(header->magic));
	header->version = 1;
	header->last_page = (u32)disk()->nr_pages - 1;
	return header;
}

static void header_write(void)
{
	KT_CHECK_EQ(block_rw_page(disk(), BLOCK_WRITE, 0, header_page), 0);
}

static void header_end(void)
{
	memset(page_address(header_page), 0, PAGE_SIZE);
	header_write();
	put_page(header_page);
}

KTEST_QUICK(swapfile, a_header_says_what_is_for_use)
{
	struct swap_area_info info = { 0 };
	struct swap_header *header;
	swp_entry_t entry[64];
	unsigned int n = 0, area = 0;

	KT_NEED_DISK();
	header = header_begin();
	KT_TRUE(header);
	header->last_page = 19;
	header->nr_badpages = 2;
	header->badpages[0] = 3;
	header->badpages[1] = 19;
	header_write();
	KT_CHECK_EQ(swapon(disk(), FIRST), 0);
	KT_CHECK_EQ(swapon(disk(), FIRST), -EBUSY);
	while (area < MAX_SWAP_AREAS && !(swap_area_info(area, &info) && info.bdev == disk()))
		area++;
	KT_CHECK_EQ(info.total, 17);
	KT_CHECK_EQ(info.priority, FIRST);
	while (n < 64 && !swap_slot_alloc(&entry[n]) && swp_area(entry[n]) == area) {
		u64 slot = swp_slot(entry[n++]);

		KT_CHECK(slot >= 1 && slot < 19 && slot != 3);
	}
	if (n < 64 && swap_slot_count(entry[n]))
		swap_slot_put(entry[n]);	/* the first of another area */
	KT_CHECK_EQ(n, 17);
	while (n-- > 0)
		swap_slot_put(entry[n]);
	KT_CHECK_EQ(swapoff(disk()), 0);
	KT_CHECK_EQ(swapoff(disk()), -EINVAL);
	header_end();
}

KTEST_QUICK(swapfile, a_header_that_lies_is_refused)
{
	struct swap_header *header;

	KT_NEED_DISK();
	header = header_begin();
	KT_TRUE(header);
	header->magic[9] = '1';
	header_write();
	KT_CHECK_EQ(swapon(disk(), 0), -EINVAL);
	header->magic[9] = '2';
	header->version = 2;
	header_write();
	KT_CHECK_EQ(swapon(disk(), 0), -EINVAL);
	header->version = 1;
	header->last_page++;
	header_write();
	KT_CHECK_EQ(swapon(disk(), 0), -EINVAL);
	header->last_page = 0;
	header_write();
	KT_CHECK_EQ(swapon(disk(), 0), -EINVAL);
	header->last_page = 10;
	header->nr_badpages = 1;
	header->badpages[0] = 11;
	header_write();
	KT_CHECK_EQ(swapon(disk(), 0), -EINVAL);
	header->nr_badpages = 10;
	header_write();
	KT_CHECK_EQ(swapon(disk(), 0), -EINVAL);
	header_end();
}

KTEST_QUICK(swapfile, swapon_that_fails_leaves_nothing)
{
	KT_NEED_DISK();
	KT_TRUE(header_begin());
	header_write();
	inject_arm(INJECT_PAGE_ALLOC, 1, 1, current);
	KT_CHECK_EQ(swapon(disk(), 0), -ENOMEM);
	KT_CHECK_EQ(inject_disarm(INJECT_PAGE_ALLOC), 1);
	for (u64 nth = 1; nth <= 4; nth++) {
		inject_arm(INJECT_VMALLOC, nth, 1, current);
		KT_CHECK_EQ(swapon(disk(), 0), -ENOMEM);
		KT_CHECK_EQ(inject_disarm(INJECT_VMALLOC), 1);
	}
	block_inject_error(disk(), BLOCK_READ, 1, false);
	KT_CHECK_EQ(swapon(disk(), 0), -EIO);
	KT_CHECK_EQ(swapoff(disk()), -EINVAL);
	KT_CHECK_EQ(swapon(disk(), 0), 0);
	KT_CHECK_EQ(swapoff(disk()), 0);
	header_end();
}

static struct block_device fake[MAX_SWAP_AREAS];
static const char *const fake_name[MAX_SWAP_AREAS] = {
	"f0", "f1", "f2", "f3", "f4", "f5", "f6", "f7",
};

KTEST_QUICK(swapfile, areas_without_a_priority_follow_each_other)
{
	struct swap_area_info info, last = { 0 };
	int area[MAX_SWAP_AREAS], n, nr = 0;

	for (; nr < MAX_SWAP_AREAS; nr++) {
		fake[nr].name = fake_name[nr];
		fake[nr].nr_pages = 10;
		area[nr] = KT_TRY(swap_area_add(&fake[nr], SWAP_PRIORITY_AUTO));
		if (area[nr] < 0)
			break;
		KT_CHECK(swap_area_info((unsigned int)area[nr], &info));
		KT_CHECK_LE(info.priority, -2);
		if (nr)
			KT_CHECK_EQ(info.priority, last.priority - 1);
		last = info;
	}
	KT_CHECK_GE(nr, 2);
	if (nr < MAX_SWAP_AREAS)
		KT_CHECK_EQ(area[nr], -ENOSPC);
	for (n = 0; n < nr; n++)
		KT_CHECK_EQ(swap_area_remove((unsigned int)area[n]), 0);
}

KTEST_QUICK(swapfile, equal_priorities_take_turns)
{
	unsigned int used[2] = { 0 }, nr = 0;
	static swp_entry_t entry[200];
	int area[2];

	for (int i = 0; i < 2; i++) {
		fake[i] = (struct block_device){ .name = fake_name[i], .nr_pages = 100 };
		area[i] = KT_TRY(swap_area_add(&fake[i], FIRST));
		KT_CHECK_GE(area[i], 0);
	}
	for (; nr < 200; nr++) {
		KT_CHECK_EQ(swap_slot_alloc(&entry[nr]), 0);
		for (int i = 0; i < 2; i++)
			used[i] += swp_area(entry[nr]) == (unsigned int)area[i];
		/* never further apart than one run */
		KT_CHECK_LE(used[0], used[1] + 16);
		KT_CHECK_LE(used[1], used[0] + 16);
	}
	KT_CHECK_EQ(used[0], 100);
	while (nr-- > 0)
		swap_slot_put(entry[nr]);
	for (int i = 0; i < 2; i++)
		KT_CHECK_EQ(swap_area_remove((unsigned int)area[i]), 0);
}

/* ---- swapoff ---- */

KTEST_QUICK(swapfile, swapoff_brings_every_page_back)
{
	struct user_memory u, child;
	unsigned int area;

	KT_NEED_DISK();
	KT_TRUE(swapped_memory(&u, NR, 100, &area));
	child = u;
	child.mm = fx_fork(u.mm);
	KT_TRUE(child.mm);
	/* one page is mapped by one of them, one is in the cache of both, one locked away */
	KT_CHECK_EQ(mm_fault(u.mm, user_memory_va(&u, 1), FAULT_REMOTE), FAULT_DONE);
	KT_CHECK_EQ(mm_fault(u.mm, user_memory_va(&u, 2), FAULT_REMOTE), FAULT_DONE);
	KT_CHECK_EQ(mm_fault(child.mm, user_memory_va(&u, 2), FAULT_REMOTE), FAULT_DONE);
	KT_CHECK_EQ(swapoff(disk()), 0);
	KT_CHECK_EQ(swap_area_slots(area), 0);
	KT_CHECK(all_back(&u) && all_back(&child));
	for (unsigned long i = 0; i < NR; i++) {
		KT_CHECK(user_memory_page(&u, i) == user_memory_page(&child, i));
		KT_CHECK(!pte_young(user_memory_pte(&u, i)) || i == 1 || i == 2);
	}
	KT_CHECK(user_memory_verify(&child, 100));
	KT_CHECK(user_memory_write(&child, 200));
	KT_CHECK(user_memory_verify(&u, 100));
	user_memory_down(&child);
	KT_CHECK(user_memory_write(&u, 300) && user_memory_verify(&u, 300));
	user_memory_down(&u);
}

KTEST_QUICK(swapfile, memory_that_nobody_may_touch_comes_back)
{
	struct user_memory u;
	unsigned int area;

	KT_NEED_DISK();
	KT_TRUE(swapped_memory(&u, NR, 100, &area));
	down_write(&u.mm->mmap_lock);
	KT_CHECK_EQ(do_mprotect(u.mm, u.va, NR * PAGE_SIZE, PROT_NONE), 0);
	up_write(&u.mm->mmap_lock);
	KT_CHECK_EQ(swapoff(disk()), 0);
	KT_CHECK_EQ(swap_area_slots(area), 0);
	KT_CHECK_EQ(atomic64_read(&u.mm->rss[MM_ANONPAGES]), NR);
	KT_CHECK_EQ(mm_fault(u.mm, u.va, FAULT_REMOTE), FAULT_ACCERR);
	down_write(&u.mm->mmap_lock);
	KT_CHECK_EQ(do_mprotect(u.mm, u.va, NR * PAGE_SIZE, FX_RW), 0);
	up_write(&u.mm->mmap_lock);
	KT_CHECK(user_memory_verify(&u, 100));
	user_memory_down(&u);
}

/* Each attempt has one frame, which is one page back at most: the area goes on with the rest. */
KTEST_QUICK(swapfile, without_memory_the_area_stays)
{
	struct user_memory u;
	unsigned int area;

	KT_NEED_DISK();
	KT_TRUE(swapped_memory(&u, NR, 100, &area));
	for (u64 back = 1; back < NR; back++) {
		inject_arm(INJECT_PAGE_ALLOC, 2, 1000, current);
		KT_CHECK_EQ(swapoff(disk()), -ENOMEM);
		KT_CHECK_GE(inject_disarm(INJECT_PAGE_ALLOC), 1);
		KT_CHECK_EQ(swap_area_slots(area), disk()->nr_pages);
		KT_CHECK_EQ(swap_slot_check(NULL, area), 0);
		KT_CHECK_GE(atomic64_read(&u.mm->rss[MM_SWAPENTS]), NR - back);
		KT_CHECK_EQ(atomic64_read(&u.mm->rss[MM_SWAPENTS]) +
			    atomic64_read(&u.mm->rss[MM_ANONPAGES]), NR);
	}
	KT_CHECK_EQ(swapoff(disk()), 0);
	KT_CHECK(all_back(&u));
	KT_CHECK(user_memory_verify(&u, 100));
	user_memory_down(&u);
}

KTEST_QUICK(swapfile, an_area_that_stays_gives_slots_out_again)
{
	struct swap_area_info info;
	struct user_memory u;
	swp_entry_t entry;
	unsigned int area;

	KT_NEED_DISK();
	KT_TRUE(swapped_memory(&u, NR, 100, &area));
	inject_arm(INJECT_PAGE_ALLOC, 1, 1, current);
	KT_CHECK_EQ(swapoff(disk()), -ENOMEM);
	KT_CHECK_EQ(inject_disarm(INJECT_PAGE_ALLOC), 1);
	KT_CHECK(swap_area_info(area, &info) && info.on && info.priority == FIRST);
	KT_CHECK_EQ(swap_slot_alloc(&entry), 0);
	KT_CHECK_EQ(swp_area(entry), area);
	swap_slot_put(entry);
	KT_CHECK_EQ(swapoff(disk()), 0);
	user_memory_down(&u);
}

KTEST_QUICK(swapfile, a_page_that_cannot_be_read_keeps_the_area)
{
	struct user_memory u;
	unsigned int area;

	KT_NEED_DISK();
	KT_TRUE(swapped_memory(&u, NR, 100, &area));
	block_inject_error(disk(), BLOCK_READ, 3, true);
	KT_CHECK_EQ(swapoff(disk()), -EIO);
	block_inject_error(disk(), BLOCK_READ, 0, false);
	KT_CHECK_EQ(swap_area_slots(area), disk()->nr_pages);
	KT_CHECK_EQ(swap_slot_check(NULL, area), 0);
	/* the page that failed leaves the cache; it is read anew */
	for (unsigned int i = 0; i < 50 && swap_cache_pages(); i++)
		reclaim_pages(64);
	KT_CHECK_EQ(swapoff(disk()), 0);
	KT_CHECK(user_memory_verify(&u, 100));
	user_memory_down(&u);
}

KTEST_QUICK(swapfile, a_signal_ends_swapoff)
{
	struct user_memory u;
	unsigned int area;

	KT_NEED_DISK();
	KT_TRUE(swapped_memory(&u, NR, 100, &area));
	thread_flag_set(&current->info, TIF_SIGPENDING);
	KT_CHECK_EQ(swapoff(disk()), -EINTR);
	thread_flag_clear(&current->info, TIF_SIGPENDING);
	KT_CHECK_EQ(swap_area_slots(area), disk()->nr_pages);
	KT_CHECK_EQ(swapoff(disk()), 0);
	KT_CHECK(user_memory_verify(&u, 100));
	user_memory_down(&u);
}

/* A page whose write failed moves to another area when its own is retired. */
KTEST_QUICK(swapfile, a_page_leaves_its_retired_slot)
{
	struct user_memory u;
	swp_entry_t entry;
	struct page *page;
	unsigned int area;

	KT_NEED_DISK();
	KT_TRUE(swapped_memory(&u, 1, 100, &area));
	entry = pte_swp_entry(user_memory_pte(&u, 0));
	swap_slot_retire(entry);
	KT_CHECK(user_memory_verify(&u, 100));
	page = user_memory_page(&u, 0);
	KT_CHECK(page && page->swap.v == entry.v);
	for (unsigned int i = 0; i < 50 && user_memory_page(&u, 0); i++)
		reclaim_pages(64);
	KT_CHECK(pte_is_swap(user_memory_pte(&u, 0)));
	KT_CHECK_NE(pte_swp_entry(user_memory_pte(&u, 0)).v, entry.v);
	KT_CHECK_EQ(swap_slot_count(entry), 0);
	KT_CHECK(user_memory_verify(&u, 100));
	KT_CHECK_EQ(swapoff(disk()), 0);
	user_memory_down(&u);
}

/* ---- swapoff against others ---- */

static int do_swapoff(void *unused)
{
	return KT_TRY(swapoff(disk()));
}

static int do_fault(void *data)
{
	struct user_memory *u = data;

	return mm_fault(u->mm, u->va, FAULT_WRITE | FAULT_REMOTE);
}

KTEST(swapfile, swapoff_waits_for_a_fault_on_the_same_entry)
{
	struct task *fault, *off;
	struct user_memory u;
	unsigned int area;

	KT_NEED_GATES();
	KT_NEED_DISK();
	KT_TRUE(swapped_memory(&u, NR, 100, &area));
	gate_arm("fault.swap_locked", u.mm);
	fault = kt_spawn(do_fault, &u);
	KT_CHECK(gate_wait("fault.swap_locked"));
	off = kt_spawn(do_swapoff, NULL);
	KT_CHECK(kt_wait_until(kt_asleep(off)));
	gate_open("fault.swap_locked");
	KT_CHECK_EQ(kt_join(fault), FAULT_DONE);
	KT_CHECK_EQ(kt_join(off), 0);
	KT_CHECK(all_back(&u));
	KT_CHECK(user_memory_verify(&u, 100));
	user_memory_down(&u);
}

KTEST(swapfile, a_fault_finds_what_swapoff_has_brought)
{
	struct task *fault, *off;
	struct user_memory u;
	unsigned int area;

	KT_NEED_GATES();
	KT_NEED_DISK();
	KT_TRUE(swapped_memory(&u, NR, 100, &area));
	gate_arm("fault.swap_locked", u.mm);
	off = kt_spawn(do_swapoff, NULL);
	KT_CHECK(gate_wait("fault.swap_locked"));
	fault = kt_spawn(do_fault, &u);
	KT_CHECK(kt_wait_until(kt_asleep(fault)));
	gate_open("fault.swap_locked");
	KT_CHECK_EQ(kt_join(off), 0);
	KT_CHECK_EQ(kt_join(fault), FAULT_DONE);
	KT_CHECK(all_back(&u));
	KT_CHECK(user_memory_verify(&u, 100));
	user_memory_down(&u);
}

/* The entries are gone under swapoff's hands: MADV_DONTNEED holds the lock for reading, too. */
KTEST(swapfile, swapoff_brings_nothing_that_was_dropped)
{
	struct user_memory u;
	struct task *off;
	unsigned int area;

	KT_NEED_GATES();
	KT_NEED_DISK();
	KT_TRUE(swapped_memory(&u, NR, 100, &area));
	gate_arm("fault.swap_locked", u.mm);
	off = kt_spawn(do_swapoff, NULL);
	KT_CHECK(gate_wait("fault.swap_locked"));
	down_read(&u.mm->mmap_lock);
	KT_CHECK_EQ(do_madvise(u.mm, u.va, NR * PAGE_SIZE, MADV_DONTNEED), 0);
	up_read(&u.mm->mmap_lock);
	gate_open("fault.swap_locked");
	KT_CHECK_EQ(kt_join(off), 0);
	for (unsigned long i = 0; i < NR; i++)
		KT_CHECK(pte_none(user_memory_pte(&u, i)));
	user_memory_down(&u);
}

KTEST(swapfile, a_child_born_meanwhile_is_found)
{
	struct user_memory u, child;
	unsigned int area;
	struct task *off;

	KT_NEED_GATES();
	KT_NEED_DISK();
	KT_TRUE(swapped_memory(&u, NR, 100, &area));
	gate_arm("swapoff.mm", u.mm);
	off = kt_spawn(do_swapoff, NULL);
	KT_CHECK(gate_wait("swapoff.mm"));
	child = u;
	child.mm = fx_fork(u.mm);
	KT_CHECK(child.mm != NULL);
	KT_CHECK_EQ(atomic64_read(&child.mm->rss[MM_SWAPENTS]), NR);
	gate_open("swapoff.mm");
	KT_CHECK_EQ(kt_join(off), 0);
	KT_CHECK(all_back(&u) && all_back(&child));
	KT_CHECK(user_memory_verify(&child, 100));
	user_memory_down(&child);
	KT_CHECK(user_memory_verify(&u, 100));
	user_memory_down(&u);
}

/* The owner goes while swapoff has the address space: its user half goes with swapoff. */
KTEST(swapfile, an_owner_may_exit_meanwhile)
{
	struct user_memory u;
	unsigned int area;
	struct task *off;

	KT_NEED_GATES();
	KT_NEED_DISK();
	KT_TRUE(swapped_memory(&u, NR, 100, &area));
	gate_arm("swapoff.mm", u.mm);
	off = kt_spawn(do_swapoff, NULL);
	KT_CHECK(gate_wait("swapoff.mm"));
	user_memory_down(&u);
	gate_open("swapoff.mm");
	KT_CHECK_EQ(kt_join(off), 0);
	KT_CHECK_EQ(swap_area_slots(area), 0);
}

/*
 * Reclaim has given the page a slot and not yet set the entry when swapoff looks: the
 * first round finds no entry, the second one does.
 */
static int do_unmap(void *data)
{
	struct user_memory *u = data;

	return fx_unmap_to_swap_cache(u->mm, u->va) ? 0 : -EAGAIN;
}

KTEST(swapfile, an_entry_on_its_way_is_met_in_the_next_round)
{
	struct task *reclaim, *off;
	struct user_memory u;
	struct page *page;
	int area;

	KT_NEED_GATES();
	KT_NEED_DISK();
	KT_NEED_CPUS(2);	/* who unmaps stands with the table lock held */
	area = KT_TRY(swap_area_add(disk(), FIRST));
	KT_GE(area, 0);
	KT_TRUE(user_memory_up(&u, 1));
	KT_CHECK(user_memory_write(&u, 100));
	page = user_memory_page(&u, 0);
	gate_arm("try_to_unmap.clear", page);
	gate_arm("swapoff.stopped", NULL);
	gate_arm("swapoff.round", NULL);
	reclaim = kt_spawn(do_unmap, &u);
	KT_CHECK(gate_wait("try_to_unmap.clear"));
	off = kt_spawn(do_swapoff, NULL);
	KT_CHECK(gate_wait("swapoff.stopped"));
	KT_CHECK_EQ(swp_area(page->swap), (unsigned int)area);
	gate_open("swapoff.stopped");
	KT_CHECK(kt_wait_until(kt_asleep(off)));	/* for the page lock */
	gate_open("try_to_unmap.clear");
	(void)kt_join(reclaim);
	gate_open("swapoff.round");
	KT_CHECK_EQ(kt_join(off), 0);
	KT_CHECK_EQ(swap_area_slots((unsigned int)area), 0);
	KT_CHECK(all_back(&u));
	KT_CHECK(user_memory_verify(&u, 100));
	user_memory_down(&u);
}

/* An entry read before the area went, used after: there is no such slot any more. */
KTEST(swapfile, a_stale_entry_is_gone_with_its_area)
{
	struct page *page = NULL;
	struct user_memory u;
	swp_entry_t entry;
	unsigned int area;

	KT_NEED_DISK();
	KT_TRUE(swapped_memory(&u, 1, 100, &area));
	entry = pte_swp_entry(user_memory_pte(&u, 0));
	KT_CHECK_EQ(swapoff(disk()), 0);
	KT_CHECK_EQ(swap_slot_try_dup(entry), -ENOENT);
	KT_CHECK_EQ(swap_cache_read(entry, GFP_USER, &page), -ENOENT);
	KT_CHECK_EQ(swap_area_add(disk(), FIRST), (int)area);
	KT_CHECK_EQ(swap_slot_try_dup(swp_entry(area, disk()->nr_pages)), -ENOENT);
	KT_CHECK_EQ(swap_slot_try_dup(entry), -ENOENT);
	KT_CHECK_EQ(swapoff(disk()), 0);
	user_memory_down(&u);
}

/* ---- all at once ---- */

#define STORM_ROUNDS 15

static bool storm_over;

static int storm_user(unsigned int n)
{
	struct user_memory u, child;
	u64 round = 0;
	int bad = 0;

	if (!user_memory_up(&u, 24))
		return 1;
	while (!READ_ONCE(storm_over)) {
		u64 value = (u64)n << 40 | ++round << 20;

		bad += !user_memory_write(&u, value);
		for (unsigned long i = 0; i < u.nr; i += 2)
			(void)fx_swap_out(u.mm, user_memory_va(&u, i));
		child = u;
		child.mm = NULL;
		bad += dup_mm(u.mm, &child.mm) != 0;
		if (child.mm)
			bad += !user_memory_verify(&child, value);
		bad += !user_memory_verify(&u, value);
		user_memory_down(&child);
	}
	user_memory_down(&u);
	return bad;
}

static int storm(void *arg, unsigned int n)
{
	int bad = 0;

	(void)arg;
	if (n < 2)
		return storm_user(n);
	for (unsigned int i = 0; n == 2 && i < STORM_ROUNDS; i++) {
		bad += swap_area_add(disk(), FIRST) < 0;
		reclaim_pages(16);
		bad += swapoff(disk()) != 0;
	}
	while (n == 3 && !READ_ONCE(storm_over)) {
		reclaim_pages(8);
		cond_resched();
	}
	if (n == 2)
		WRITE_ONCE(storm_over, true);
	return bad;
}

KTEST(swapfile, storm_of_swapoff)
{
	KT_NEED_DISK();
	storm_over = false;
	KT_CHECK_EQ(test_threads(4, storm, NULL), 0);
	KT_EQ(swap_cache_check(), 0);
}
