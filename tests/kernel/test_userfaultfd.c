/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_userfaultfd.c - suite userfaultfd: faults that a program answers itself
 *
 * What a program sees is in tests/user/userfaultfd.c, recorded on Linux.
 */
#include "mm/userfaultfd.h"

#include "fs/vfs.h"
#include "include/uapi/mman.h"
#include "kernel/test/gate.h"
#include "kernel/test/inject.h"
#include "kernel/test/ktest.h"
#include "mm/fault.h"
#include "mm/gup.h"
#include "mm/pagemap.h"
#include "mm/pgtable.h"
#include "mm/rmap.h"
#include "mm/shmem.h"
#include "mm/uaccess.h"
#include "tests/kernel/kt_thread.h"
#include "tests/kernel/mm_fixture.h"
#include "tests/kernel/uffd_fixture.h"
#ifdef CONFIG_MMU_NOTIFIER
#include "kernel/test/recorder.h"
#include "tests/kernel/notifier_toys.h"
#include "tests/kernel/toy_mirror.h"
#endif

KTEST_QUICK(userfaultfd, a_missing_page_is_asked_for_and_waited_for)
{
	unsigned long page = 1;
	struct uffd_msg msg;
	struct fx_thread t;
	struct stage s;

	KT_TRUE(stage_up(&s, 3, MISSING, 0));
	if (fx_start(&t, s.mm, writer, &page)) {
		if (heard(&s, &msg)) {
			KT_CHECK_EQ(msg.event, UFFD_EVENT_PAGEFAULT);
			KT_CHECK_EQ(msg.address, FX_BASE + P(1));
			KT_CHECK_EQ(msg.flags, UFFD_PAGEFAULT_FLAG_WRITE);
			KT_CHECK_EQ(msg.ptid, 0);
		}
		KT_CHECK(!userfaultfd_readable(s.uffd));
		KT_CHECK(!completion_done(&t.done));
		KT_CHECK_EQ(answer(&s, 1, 2), PAGE_SIZE);
		KT_CHECK_EQ(ends(&s, &t), 0);
		KT_CHECK_EQ(look(FX_BASE + P(1)), 7);
	}
	stage_down(&s);
}

KTEST_QUICK(userfaultfd, answers_are_whole_and_only_for_what_is_empty)
{
	struct page *page;
	struct stage s;

	KT_TRUE(stage_up(&s, 8, MISSING, 0));
	KT_CHECK_EQ(userfaultfd_copy(s.uffd, FX_BASE, P(2), (void *)SRC, false), P(2));
	KT_CHECK_EQ(userfaultfd_zeropage(s.uffd, FX_BASE + P(2), P(1)), P(1));
	KT_CHECK_EQ(look(FX_BASE), 100);
	KT_CHECK_EQ(look(FX_BASE + P(1)), 101);
	KT_CHECK_EQ(look(FX_BASE + P(2)), 0);
	page = fx_page(s.mm, FX_BASE);
	KT_CHECK(page && page_mapcount(page) == 1 && page_count(page) == 1);
	KT_CHECK(pte_dirty(fx_pte(s.mm, FX_BASE)) && pte_write(fx_pte(s.mm, FX_BASE)));
	KT_CHECK_EQ(atomic64_read(&s.mm->rss[MM_ANONPAGES]), 2 + 8);
	KT_CHECK_EQ(answer(&s, 2, 0), -EEXIST);
	KT_CHECK_EQ(userfaultfd_zeropage(s.uffd, FX_BASE, P(1)), -EEXIST);
	/* A prefix, up to what is there. */
	KT_CHECK(answer(&s, 5, 0) == P(1));
	KT_CHECK_EQ(userfaultfd_zeropage(s.uffd, FX_BASE + P(3), P(4)), P(2));
	/* Not registered, or not to the end. */
	KT_CHECK_EQ(userfaultfd_zeropage(s.uffd, FX_BASE + P(7), P(2)), -ENOENT);
	KT_CHECK_EQ(userfaultfd_zeropage(s.uffd, SRC, P(1)), -ENOENT);
	KT_CHECK_EQ(userfaultfd_copy(s.uffd, FX_BASE + P(7), P(1), (void *)(SRC + P(8)), false),
		    -EFAULT);
	KT_CHECK_EQ(userfaultfd_zeropage(s.uffd, FX_BASE + 1, P(1)), -EINVAL);
	KT_CHECK_EQ(atomic64_read(&s.mm->rss[MM_ANONPAGES]), 3 + 8);
	stage_down(&s);
}

/* Only anonymous memory, and only of one: what is refused changes nothing. */
KTEST_QUICK(userfaultfd, ranges_are_cut_joined_and_left)
{
	struct userfaultfd *other;
	struct stage s;
	unsigned int vmas;

	KT_TRUE(stage_up(&s, 8, MISSING, 0));
	vmas = fx_nr_vmas(s.mm);
	KT_CHECK_EQ(userfaultfd_unregister(s.uffd, FX_BASE + P(2), P(2)), 0);
	KT_CHECK_EQ(fx_nr_vmas(s.mm), vmas + 2);
	KT_CHECK_EQ(fx_get(FX_BASE + P(2)), 0);
	if (KT_CHECK_EQ(userfaultfd_alloc(s.mm, false, &other), 0)) {
		KT_CHECK_EQ(userfaultfd_register(other, FX_BASE, P(8), MISSING), -EBUSY);
		KT_CHECK_EQ(userfaultfd_unregister(other, FX_BASE, P(8)), -EINVAL);
		KT_CHECK_EQ(userfaultfd_register(other, FX_BASE + P(2), P(2), MISSING), 0);
		KT_CHECK_EQ(fx_nr_vmas(s.mm), vmas + 2);
		userfaultfd_release(other);
	}
	KT_CHECK_EQ(userfaultfd_register(s.uffd, FX_BASE, P(8), MISSING), 0);
	KT_CHECK_EQ(fx_nr_vmas(s.mm), vmas);
	KT_CHECK_EQ(userfaultfd_register(s.uffd, FX_BASE + P(64), P(1), MISSING), -EINVAL);
	KT_CHECK_EQ(userfaultfd_register(s.uffd, FX_BASE, P(8), 0), -EINVAL);
	KT_CHECK(fx_valid(s.mm));
	stage_down(&s);
}

KTEST_QUICK(userfaultfd, a_child_and_a_moved_range_ask_nobody)
{
	unsigned long there = FX_BASE + P(64);
	struct stage s;
	struct mm *child;

	KT_TRUE(stage_up(&s, 4, MISSING, 0));
	child = fx_fork(s.mm);
	if (child) {
		KT_CHECK_EQ(mm_fault(child, FX_BASE, FAULT_NOWAIT), FAULT_DONE);
		mmput(child);
	}
	KT_CHECK_EQ(sys_mremap(FX_BASE + P(2), P(2), P(2), MREMAP_MAYMOVE | MREMAP_FIXED, there),
		    (long)there);
	KT_CHECK_EQ(mm_fault(s.mm, there, FAULT_NOWAIT), FAULT_DONE);
	KT_CHECK_EQ(answer(&s, 64, 0), -ENOENT);
	KT_CHECK_EQ(sys_munmap(FX_BASE, P(1)), 0);
	fx_map(s.mm, FX_BASE, 1, FX_RW);
	KT_CHECK_EQ(fx_get(FX_BASE), 0);
	KT_CHECK_EQ(answer(&s, 1, 0), PAGE_SIZE);
	stage_down(&s);
}

/* Who holds mmap_lock, or serves a device, can not wait: an error, as on Linux. */
KTEST_QUICK(userfaultfd, who_can_not_wait_gets_an_error)
{
	struct page *page = NULL;
	struct stage s;
	long got;
	u64 word;

	KT_TRUE(stage_up(&s, 2, MISSING, 0));
	down_read(&s.mm->mmap_lock);
	got = get_user_pages(s.mm, FX_BASE, 1, 0, &page);
	up_read(&s.mm->mmap_lock);
	KT_CHECK_EQ(got, -EFAULT);
	KT_CHECK_EQ(mm_fault(s.mm, FX_BASE, FAULT_REMOTE | FAULT_NOASK), FAULT_BUSERR);
	KT_CHECK_EQ(mm_fault(s.mm, FX_BASE, FAULT_REMOTE | FAULT_NOWAIT), FAULT_RETRY);
	KT_CHECK_EQ(access_remote_vm(s.mm, FX_BASE, &word, sizeof(word), FOLL_NOASK), 0);
	KT_CHECK(!userfaultfd_readable(s.uffd));
	KT_CHECK(rwsem_is_locked(&s.mm->mmap_lock) == false);
	stage_down(&s);
}

KTEST_QUICK(userfaultfd, a_bus_error_instead_of_waiting)
{
	struct userfaultfd *user_mode;
	struct stage s;

	KT_TRUE(stage_up(&s, 2, MISSING, UFFD_FEATURE_SIGBUS));
	KT_CHECK_EQ(mm_fault(s.mm, FX_BASE, FAULT_USER), FAULT_BUSERR);
	KT_CHECK_EQ(userfaultfd_set_features(s.uffd, 0), -EINVAL);
	KT_CHECK_EQ(userfaultfd_unregister(s.uffd, FX_BASE, P(2)), 0);
	if (KT_CHECK_EQ(userfaultfd_alloc(s.mm, true, &user_mode), 0)) {
		KT_CHECK_EQ(userfaultfd_set_features(user_mode, BIT(4)), -EINVAL);
		KT_CHECK_EQ(userfaultfd_set_features(user_mode, 0), 0);
		KT_CHECK_EQ(userfaultfd_register(user_mode, FX_BASE, P(2), MISSING), 0);
		KT_CHECK_EQ(put_user((u64)1, (u64 *)FX_BASE), -EFAULT);
		userfaultfd_release(user_mode);
	}
	KT_CHECK_EQ(put_user((u64)1, (u64 *)FX_BASE), 0);
	stage_down(&s);
}

static int pinner(void *arg)
{
	struct page *page;
	long got = get_user_pages_unlocked(current->mm, FX_BASE, 1, 0, &page);

	if (got == 1)
		put_page(page);
	return (int)got;
}

static int populater(void *arg)
{
	return mm_populate(current->mm, FX_BASE, FX_BASE + P(2), false);
}

/* What drops mmap_lock waits, and does not stop others meanwhile from changing VMAs. */
KTEST_QUICK(userfaultfd, the_kernel_waits_without_mmap_lock)
{
	struct fx_thread t[2];
	struct uffd_msg msg;
	struct stage s;

	KT_TRUE(stage_up(&s, 2, MISSING, 0));
	if (fx_start(&t[0], s.mm, pinner, NULL)) {
		KT_CHECK(heard(&s, &msg) && msg.address == FX_BASE && !msg.flags);
		fx_map(s.mm, FX_BASE + P(32), 1, FX_RW);
		KT_CHECK_EQ(answer(&s, 0, 0), PAGE_SIZE);
		KT_CHECK_EQ(ends(&s, &t[0]), 1);
	}
	if (fx_start(&t[1], s.mm, populater, NULL)) {
		KT_CHECK(heard(&s, &msg) && msg.address == FX_BASE + P(1));
		KT_CHECK_EQ(answer(&s, 1, 1), PAGE_SIZE);
		KT_CHECK_EQ(ends(&s, &t[1]), 0);
	}
	stage_down(&s);
}

/* ---- write protection ---- */

/* The same stage with every page written. */
static bool wp_stage_up(struct stage *s, unsigned long pages)
{
	if (!stage_up(s, pages, WP, 0))
		return false;
	for (unsigned long i = 0; i < pages; i++)
		fx_put(FX_BASE + P(i), 10 + i);
	return true;
}

KTEST_QUICK(userfaultfd, who_writes_a_protected_page_waits_and_who_reads_does_not)
{
	unsigned long at = 1;
	struct uffd_msg msg;
	struct fx_thread t;
	struct page *page;
	struct stage s;

	KT_TRUE(wp_stage_up(&s, 3));
	page = fx_page(s.mm, FX_BASE + P(1));
	KT_CHECK_EQ(protect(&s, 1, 1), 0);
	KT_CHECK(is_protected(s.mm, 1) && !is_protected(s.mm, 0));
	KT_CHECK_EQ(fx_get(FX_BASE + P(1)), 11);
	KT_CHECK(!userfaultfd_readable(s.uffd));
	if (fx_start(&t, s.mm, writer, &at)) {
		KT_CHECK(heard(&s, &msg) && msg.address == FX_BASE + P(1));
		KT_CHECK_EQ(msg.flags, UFFD_PAGEFAULT_FLAG_WRITE | UFFD_PAGEFAULT_FLAG_WP);
		KT_CHECK_EQ(fx_get(FX_BASE + P(1)), 11);
		KT_CHECK_EQ(lift(&s, 0, 3), 0);
		KT_CHECK_EQ(ends(&s, &t), 0);
	}
	KT_CHECK_EQ(fx_get(FX_BASE + P(1)), 7);
	KT_CHECK(fx_page(s.mm, FX_BASE + P(1)) == page && !is_protected(s.mm, 1));
	KT_CHECK_EQ(protect(&s, 0, 4), 0);		/* behind the range is nothing */
	KT_CHECK_EQ(userfaultfd_writeprotect(s.uffd, SRC, P(1), true), -ENOENT);
	stage_down(&s);
}

KTEST_QUICK(userfaultfd, protection_stays_with_the_page_in_this_address_space)
{
	unsigned long there = FX_BASE + P(64);
	struct stage s;
	struct mm *child;

	KT_TRUE(wp_stage_up(&s, 4));
	KT_CHECK_EQ(protect(&s, 0, 2), 0);
	KT_CHECK_EQ(sys_mprotect(FX_BASE, P(4), PROT_NONE), 0);
	KT_CHECK_EQ(protect(&s, 2, 1), 0);
	KT_CHECK_EQ(sys_mprotect(FX_BASE, P(4), FX_RW), 0);
	KT_CHECK(must_ask(s.mm, 0) && must_ask(s.mm, 1) && must_ask(s.mm, 2) && !must_ask(s.mm, 3));
	child = fx_fork(s.mm);
	if (child) {
		KT_CHECK(!is_protected(child, 0) && !must_ask(child, 0));
		KT_CHECK(must_ask(s.mm, 0));
		mmput(child);
	}
	KT_CHECK_EQ(sys_mremap(FX_BASE, P(1), P(1), MREMAP_MAYMOVE | MREMAP_FIXED, there),
		    (long)there);
	KT_CHECK(!is_protected(s.mm, 64) && !must_ask(s.mm, 64));
	KT_CHECK_EQ(userfaultfd_unregister(s.uffd, FX_BASE + P(1), P(1)), 0);
	KT_CHECK(!is_protected(s.mm, 1) && !must_ask(s.mm, 1));
	KT_CHECK(is_protected(s.mm, 2));
	userfaultfd_release(s.uffd);
	s.uffd = NULL;
	KT_CHECK(!is_protected(s.mm, 2) && !must_ask(s.mm, 2));
	stage_down(&s);
}

KTEST_QUICK(userfaultfd, protection_goes_to_swap_and_comes_back)
{
	struct stage s;

	KT_TRUE(wp_stage_up(&s, 4));
	if (!fx_have_swap()) {
		stage_down(&s);
		KT_SKIP("no swap area");
	}
	KT_CHECK_EQ(protect(&s, 0, 2), 0);
	for (unsigned long i = 0; i < 4; i++)
		KT_CHECK(fx_swap_out(s.mm, FX_BASE + P(i)));
	KT_CHECK(is_protected(s.mm, 0) && !is_protected(s.mm, 2));
	KT_CHECK_EQ(protect(&s, 2, 1), 0);
	KT_CHECK_EQ(lift(&s, 1, 1), 0);
	/* In by a write that has to ask, by one that has not, by a read. */
	KT_CHECK_EQ(mm_fault(s.mm, FX_BASE, FAULT_WRITE | FAULT_NOASK), FAULT_DONE);
	KT_CHECK(must_ask(s.mm, 0));
	KT_CHECK(!must_ask(s.mm, 1));
	KT_CHECK_EQ(fx_get(FX_BASE + P(2)), 12);
	KT_CHECK(must_ask(s.mm, 2) && !must_ask(s.mm, 3));
	KT_CHECK_EQ(fx_get(FX_BASE), 10);
	stage_down(&s);
}

KTEST_QUICK(userfaultfd, a_page_comes_protected)
{
	struct stage s;

	KT_TRUE(stage_up(&s, 2, MISSING | WP, 0));
	KT_CHECK_EQ(userfaultfd_copy(s.uffd, FX_BASE, P(1), (void *)SRC, true), P(1));
	KT_CHECK_EQ(answer(&s, 1, 1), PAGE_SIZE);
	KT_CHECK(must_ask(s.mm, 0) && !must_ask(s.mm, 1));
	KT_CHECK_EQ(look(FX_BASE), 100);
	KT_CHECK_EQ(userfaultfd_register(s.uffd, FX_BASE, P(1), MISSING), 0);
	KT_CHECK_EQ(sys_madvise(FX_BASE, P(1), MADV_DONTNEED), 0);
	KT_CHECK_EQ(userfaultfd_copy(s.uffd, FX_BASE, P(1), (void *)SRC, true), -EINVAL);
	stage_down(&s);
}

static int write_first(void *arg)
{
	return put_user((u64)7, (u64 *)FX_BASE);
}

/* A copy for a relative is made when the protection comes: it is not installed. */
KTEST(userfaultfd, a_copy_made_meanwhile_asks)
{
	struct fx_thread t;
	struct uffd_msg msg;
	struct mm *child;
	struct stage s;

	KT_NEED_GATES();
	KT_TRUE(wp_stage_up(&s, 1));
	child = fx_fork(s.mm);
	gate_arm("fault.replace", s.mm);
	if (child && fx_start(&t, s.mm, write_first, NULL)) {
		if (gate_wait("fault.replace"))
			KT_CHECK_EQ(protect(&s, 0, 1), 0);
		gate_open("fault.replace");
		KT_CHECK(heard(&s, &msg) && msg.flags & UFFD_PAGEFAULT_FLAG_WP);
		KT_CHECK(fx_page(s.mm, FX_BASE) == fx_page(child, FX_BASE));
		KT_CHECK_EQ(lift(&s, 0, 1), 0);
		KT_CHECK_EQ(ends(&s, &t), 0);
		KT_CHECK_EQ(fx_get(FX_BASE), 7);
		KT_CHECK_EQ(fx_get_in(child, FX_BASE), 10);
	} else {
		gate_open("fault.replace");
	}
	if (child)
		mmput(child);
	stage_down(&s);
}

/* ---- pages that are moved ---- */

/* Page @src of what is not registered becomes page @dst. */
static s64 move(struct stage *s, unsigned long dst, unsigned long src, unsigned long pages,
		bool holes)
{
	return userfaultfd_move(s->uffd, FX_BASE + P(dst), SRC + P(src), P(pages), holes);
}

KTEST_QUICK(userfaultfd, a_moved_page_is_the_same_page_at_another_place)
{
	struct page *page, *zero;
	struct stage s;

	KT_TRUE(stage_up(&s, 8, MISSING, 0));
	fx_map(s.mm, SRC + P(8), 2, FX_RW);
	KT_CHECK_EQ(fx_get(SRC + P(8)), 0);	/* the zero page; nothing is behind it */
	page = fx_page(s.mm, SRC + P(3));
	zero = fx_page(s.mm, SRC + P(8));
	KT_CHECK_EQ(move(&s, 1, 3, 1, false), P(1));
	KT_CHECK(fx_page(s.mm, FX_BASE + P(1)) == page && !fx_page(s.mm, SRC + P(3)));
	KT_CHECK_EQ(look(FX_BASE + P(1)), 103);
	KT_CHECK(page_mapcount(page) == 1 && page_count(page) == 1);
	KT_CHECK_EQ(move(&s, 1, 4, 1, false), -EEXIST);
	KT_CHECK_EQ(move(&s, 2, 3, 1, false), -ENOENT);
	KT_CHECK_EQ(move(&s, 2, 3, 1, true), P(1));
	KT_CHECK_EQ(move(&s, 2, 8, 2, false), P(1));	/* up to the hole */
	KT_CHECK(fx_page(s.mm, FX_BASE + P(2)) == zero);
	KT_CHECK_EQ(look(FX_BASE + P(2)), 0);
	KT_CHECK_EQ(fx_get(SRC + P(3)), 0);
	KT_CHECK_EQ(atomic64_read(&s.mm->rss[MM_ANONPAGES]), 8);
	page_lock(page);
	KT_CHECK_EQ(rmap_count_ptes(page), 1);
	page_unlock(page);
	stage_down(&s);
}

/* The reverse map finds it where it is now; swap entries and what the cache has go, too. */
KTEST_QUICK(userfaultfd, a_moved_page_goes_to_swap_from_where_it_is)
{
	struct stage s;

	KT_TRUE(stage_up(&s, 8, MISSING, 0));
	if (!fx_have_swap()) {
		stage_down(&s);
		KT_SKIP("no swap area");
	}
	KT_CHECK_EQ(move(&s, 0, 2, 1, false), P(1));
	KT_CHECK(fx_swap_out(s.mm, FX_BASE));
	KT_CHECK(fx_swap_out(s.mm, SRC + P(3)));
	KT_CHECK(fx_unmap_to_swap_cache(s.mm, SRC + P(4)));
	KT_CHECK_EQ(move(&s, 1, 3, 2, false), P(2));
	KT_CHECK(pte_is_swap(fx_pte(s.mm, FX_BASE + P(1))) && pte_none(fx_pte(s.mm, SRC + P(3))));
	KT_CHECK(pte_is_swap(fx_pte(s.mm, FX_BASE + P(2))) && pte_none(fx_pte(s.mm, SRC + P(4))));
	for (unsigned long i = 0; i < 3; i++)
		KT_CHECK_EQ(fx_get(FX_BASE + P(i)), 102 + i);
	stage_down(&s);
}

/* A relative, its swap entry, or a reference: not ours alone. */
KTEST_QUICK(userfaultfd, what_somebody_else_has_is_not_moved)
{
	struct page *page;
	struct stage s;
	struct mm *child;

	KT_TRUE(stage_up(&s, 8, MISSING, 0));
	child = fx_fork(s.mm);
	KT_CHECK_EQ(move(&s, 0, 1, 1, false), -EBUSY);
	if (fx_have_swap()) {
		KT_CHECK(fx_swap_out(s.mm, SRC + P(2)));
		KT_CHECK_EQ(move(&s, 0, 2, 1, false), -EBUSY);
	}
	if (child)
		mmput(child);
	KT_CHECK_EQ(move(&s, 0, 1, 1, false), P(1));
	KT_CHECK_EQ(get_user_pages_unlocked(s.mm, SRC + P(3), 1, 0, &page), 1);
	KT_CHECK_EQ(move(&s, 1, 3, 1, false), -EBUSY);
	KT_CHECK(fx_page(s.mm, SRC + P(3)) == page && page_count(page) == 2);
	put_page(page);
	KT_CHECK_EQ(move(&s, 1, 3, 1, false), P(1));
	KT_CHECK_EQ(fx_get(FX_BASE), 101);
	KT_CHECK_EQ(fx_get(FX_BASE + P(1)), 103);
	stage_down(&s);
}

static int mover(void *arg)
{
	return (int)move(arg, 0, 1, 1, false);
}

/* What happens between the look and the entry's change. */
static struct page *pinned;

static void pin_source(struct stage *s)
{
	KT_CHECK(get_user_page_fast(s->mm, SRC + P(1), false, &pinned));
}

static void drop_source(struct stage *s)
{
	KT_CHECK_EQ(sys_madvise(SRC + P(1), P(1), MADV_DONTNEED), 0);
}

static void fill_destination(struct stage *s)
{
	KT_CHECK_EQ(answer(s, 0, 5), PAGE_SIZE);
}

static void race_move(void (*between)(struct stage *s), s64 want)
{
	struct fx_thread t;
	struct stage s;

	KT_TRUE(stage_up(&s, 2, MISSING, 0));
	gate_arm("userfaultfd.move", s.mm);
	if (fx_start(&t, s.mm, mover, &s)) {
		if (gate_wait("userfaultfd.move"))
			between(&s);
		gate_open("userfaultfd.move");
		KT_CHECK_EQ(fx_join(&t), want);
	} else {
		gate_open("userfaultfd.move");
	}
	stage_down(&s);
}

KTEST(userfaultfd, a_move_looks_again_at_what_may_change)
{
	KT_NEED_GATES();
	pinned = NULL;
	race_move(pin_source, -EBUSY);
	if (pinned)
		put_page(pinned);
	race_move(drop_source, -ENOENT);
	race_move(fill_destination, -EEXIST);
}

static int swap_mover(void *arg)
{
	return (int)move(arg, 0, 1, 1, false);
}

/* In by a read, out again: the cache has the page, and the page has an index, by now. */
KTEST(userfaultfd, a_moved_swap_entry_takes_along_what_came_meanwhile)
{
	struct fx_thread t;
	struct stage s;

	KT_NEED_GATES();
	KT_TRUE(stage_up(&s, 2, MISSING, 0));
	if (!fx_have_swap() || !KT_CHECK(fx_swap_out(s.mm, SRC + P(1)))) {
		stage_down(&s);
		KT_SKIP("no swap area");
	}
	gate_arm("userfaultfd.move_swapped", s.mm);
	if (fx_start(&t, s.mm, swap_mover, &s)) {
		if (gate_wait("userfaultfd.move_swapped")) {
			KT_CHECK_EQ(fx_get(SRC + P(1)), 101);
			KT_CHECK(fx_unmap_to_swap_cache(s.mm, SRC + P(1)));
		}
		gate_open("userfaultfd.move_swapped");
		if (KT_CHECK_EQ(fx_join(&t), P(1))) {
			KT_CHECK_EQ(fx_get(FX_BASE), 101);
			KT_CHECK(fx_swap_out(s.mm, FX_BASE));
		}
	} else {
		gate_open("userfaultfd.move_swapped");
	}
	stage_down(&s);
}

/* ---- shared memory ---- */

KTEST_QUICK(userfaultfd, an_answer_for_shared_memory_is_the_files_page)
{
	unsigned long at = 1;
	struct uffd_msg msg;
	struct fx_thread t;
	struct page *page;
	struct file *file;
	struct stage s;

	KT_TRUE(shared_stage_up(&s, 4, MISSING, &file));
	if (fx_start(&t, s.mm, reader, &at)) {
		KT_CHECK(heard(&s, &msg) && msg.address == FX_BASE + P(1) && !msg.flags);
		KT_CHECK_EQ(answer(&s, 1, 2), PAGE_SIZE);
		KT_CHECK_EQ(ends(&s, &t), 102);
	}
	page = fx_page(s.mm, FX_BASE + P(1));
	KT_CHECK_EQ(fx_get(OTHER + P(1)), 102);
	KT_CHECK(page && fx_page(s.mm, OTHER + P(1)) == page && !page_is_anon(page));
	KT_CHECK(page && page_mapcount(page) == 2 && page_count(page) == 3);
	KT_CHECK_EQ(userfaultfd_zeropage(s.uffd, FX_BASE, P(2)), P(1));
	KT_CHECK(fx_page(s.mm, FX_BASE) != fx_page(s.mm, SRC));
	KT_CHECK_EQ(vfs_truncate(file->inode, P(1)), 0);
	KT_CHECK_EQ(answer(&s, 1, 2), -EFAULT);
	KT_CHECK_EQ(file->inode->mapping.nrpages, 1);
	shared_stage_down(&s, file);
}

/* Not mapped, but there, in memory or in swap: who answers may change it first. */
KTEST_QUICK(userfaultfd, a_page_of_the_file_is_shown_when_it_is_ready)
{
	unsigned long at = 1;
	struct uffd_msg msg;
	struct fx_thread t;
	struct file *file;
	struct stage s;

	KT_TRUE(shared_stage_up(&s, 4, MINOR, &file));
	fx_put(OTHER + P(1), 50);
	fx_put(OTHER + P(2), 60);
	if (fx_start(&t, s.mm, reader, &at)) {
		KT_CHECK(heard(&s, &msg) && msg.flags == UFFD_PAGEFAULT_FLAG_MINOR);
		fx_put(OTHER + P(1), 51);
		KT_CHECK_EQ(userfaultfd_continue(s.uffd, FX_BASE + P(1), P(1), false), P(1));
		userfaultfd_wake(s.uffd, FX_BASE + P(1), P(1));
		KT_CHECK_EQ(ends(&s, &t), 51);
	}
	KT_CHECK(fx_page(s.mm, FX_BASE + P(1)) == fx_page(s.mm, OTHER + P(1)));
	KT_CHECK_EQ(userfaultfd_continue(s.uffd, FX_BASE + P(3), P(1), false), -EFAULT);
	if (fx_have_swap() && !sys_madvise(OTHER + P(2), P(1), MADV_PAGEOUT)) {
		KT_CHECK(shmem_is_swapped(&file->inode->mapping, 2));
		KT_CHECK_EQ(mm_fault(s.mm, FX_BASE + P(2), FAULT_NOASK), FAULT_BUSERR);
		KT_CHECK_EQ(userfaultfd_continue(s.uffd, FX_BASE + P(2), P(1), false), P(1));
		KT_CHECK_EQ(fx_get(FX_BASE + P(2)), 60);
	}
	shared_stage_down(&s, file);
}

KTEST_QUICK(userfaultfd, protection_of_shared_memory_outlives_the_entry)
{
	struct page *page;
	struct file *file;
	struct stage s;

	KT_TRUE(shared_stage_up(&s, 4, WP, &file));
	fx_put(FX_BASE, 10);
	fx_put(OTHER + P(1), 11);
	KT_CHECK_EQ(protect(&s, 0, 4), 0);
	/* Mapped, in the file only, in neither. */
	KT_CHECK(is_protected(s.mm, 0) && is_protected(s.mm, 1) && is_protected(s.mm, 2));
	page = fx_page(s.mm, FX_BASE);
	page_lock(page);
	KT_CHECK_EQ(try_to_unmap(page, TTU_IGNORE_ACCESS), SWAP_SUCCESS);
	page_unlock(page);
	KT_CHECK(!fx_page(s.mm, FX_BASE) && is_protected(s.mm, 0));
	KT_CHECK_EQ(fx_get(FX_BASE), 10);
	KT_CHECK(must_ask(s.mm, 0));
	KT_CHECK_EQ(mm_fault(s.mm, FX_BASE + P(1), FAULT_WRITE | FAULT_NOASK), FAULT_DONE);
	KT_CHECK(must_ask(s.mm, 1));
	KT_CHECK_EQ(sys_madvise(FX_BASE, P(2), MADV_DONTNEED), 0);
	KT_CHECK_EQ(vfs_truncate(file->inode, 0), 0);
	KT_CHECK_EQ(vfs_truncate(file->inode, P(4)), 0);
	KT_CHECK_EQ(fx_get(FX_BASE), 0);
	KT_CHECK(must_ask(s.mm, 0) && is_protected(s.mm, 1));
	KT_CHECK_EQ(lift(&s, 1, 1), 0);
	KT_CHECK(fx_put(FX_BASE + P(1), 12) && pte_none(fx_pte(s.mm, FX_BASE + P(3))) == false);
	KT_CHECK_EQ(userfaultfd_unregister(s.uffd, FX_BASE, P(4)), 0);
	KT_CHECK(pte_none(fx_pte(s.mm, FX_BASE + P(3))) && fx_put(FX_BASE, 13));
	shared_stage_down(&s, file);
}

static int shared_copier(void *arg)
{
	return (int)answer(arg, 0, 0);
}

/* The page is the file's, and not mapped yet, when a guard comes. */
KTEST(userfaultfd, a_guard_comes_between_the_file_and_the_entry)
{
	struct fx_thread t;
	struct file *file;
	struct stage s;

	KT_NEED_GATES();
	KT_TRUE(shared_stage_up(&s, 2, MISSING, &file));
	gate_arm("fault.fill_object", s.mm);
	if (fx_start(&t, s.mm, shared_copier, &s)) {
		if (gate_wait("fault.fill_object"))
			KT_CHECK_EQ(sys_madvise(FX_BASE, P(1), MADV_GUARD_INSTALL), 0);
		gate_open("fault.fill_object");
		KT_CHECK_EQ(fx_join(&t), -EEXIST);
		KT_CHECK_EQ(mm_fault(s.mm, FX_BASE, FAULT_NOASK), FAULT_MAPERR);
		KT_CHECK_EQ(fx_get(OTHER), 100);
	} else {
		gate_open("fault.fill_object");
	}
	shared_stage_down(&s, file);
}

KTEST_QUICK(userfaultfd, a_poisoned_place_is_a_bus_error)
{
	struct stage s;
	struct mm *child;

	KT_TRUE(stage_up(&s, 4, MISSING | WP, UFFD_FEATURE_WP_UNPOPULATED));
	KT_CHECK_EQ(userfaultfd_poison(s.uffd, FX_BASE, P(2)), P(2));
	KT_CHECK_EQ(protect(&s, 2, 1), 0);
	KT_CHECK_EQ(userfaultfd_poison(s.uffd, FX_BASE + P(1), P(1)), -EEXIST);
	KT_CHECK_EQ(userfaultfd_poison(s.uffd, FX_BASE + P(2), P(1)), -EEXIST);
	KT_CHECK_EQ(mm_fault(s.mm, FX_BASE, FAULT_WRITE | FAULT_USER), FAULT_POISON);
	child = fx_fork(s.mm);
	if (child) {
		KT_CHECK_EQ(mm_fault(child, FX_BASE, FAULT_USER), FAULT_POISON);
		KT_CHECK(pte_none(fx_pte(child, FX_BASE + P(2))));
		mmput(child);
	}
	KT_CHECK_EQ(answer(&s, 1, 1), PAGE_SIZE);
	KT_CHECK_EQ(look(FX_BASE + P(1)), 101);
	stage_down(&s);
}

/* ---- without memory ---- */

static s64 register_anew(struct stage *s)
{
	return userfaultfd_register(s->uffd, FX_BASE + P(1), P(1), MISSING | WP);
}

static s64 copy_one(struct stage *s)
{
	s64 done = answer(s, 0, 0);

	return done == PAGE_SIZE ? 0 : done;
}

static s64 protect_empty(struct stage *s)
{
	return userfaultfd_writeprotect(s->uffd, FX_BASE, P(2), true);
}

static s64 move_one_page(struct stage *s)
{
	s64 done = move(s, 0, 1, 1, false);

	return done == PAGE_SIZE ? 0 : done;
}

/* Each allocation fails in turn: -ENOMEM, and then it can be done all the same. */
static void without_memory(s64 (*call)(struct stage *s), bool shared, u64 mode)
{
	for (unsigned int point = INJECT_PAGE_ALLOC; point <= INJECT_SLAB_ALLOC; point++) {
		u64 fired = 1;

		for (u64 nth = 1; fired && nth < 50; nth++) {
			struct file *file = NULL;
			struct stage s;
			s64 err;

			KT_TRUE(shared ? shared_stage_up(&s, 4, mode, &file) :
					 stage_up(&s, 4, mode, 0));
			inject_arm((enum inject_point)point, nth, 1, current);
			err = call(&s);
			fired = inject_disarm((enum inject_point)point);
			KT_CHECK_EQ(err, fired ? -ENOMEM : 0);
			if (fired)
				KT_CHECK_EQ(call(&s), 0);
			KT_CHECK(fx_valid(s.mm));
			stage_down(&s);
			if (file)
				file_put(file);
		}
	}
}

KTEST_QUICK(userfaultfd, without_memory_nothing_has_changed)
{
	without_memory(register_anew, false, MISSING);
	without_memory(copy_one, false, MISSING);
	without_memory(move_one_page, false, MISSING);
	without_memory(protect_empty, true, WP);
}

/* ---- who waits goes on ---- */

/* Two threads wait for two pages, one of them read; then @let_go. Their results: *@out. */
static bool two_wait(struct stage *s, struct fx_thread *t)
{
	static unsigned long pages[2] = { 0, 1 };
	struct uffd_msg msg;

	if (!stage_up(s, 2, MISSING, 0))
		return false;
	for (unsigned int i = 0; i < 2; i++)
		if (!fx_start(&t[i], s->mm, reader, &pages[i]))
			return false;
	return heard(s, &msg) && kt_wait_until(userfaultfd_readable(s->uffd)) &&
	       kt_wait_until(!completion_done(&t[0].done) && !completion_done(&t[1].done));
}

KTEST_QUICK(userfaultfd, closing_wakes_everybody)
{
	struct fx_thread t[2];
	struct stage s;

	KT_TRUE(two_wait(&s, t));
	userfaultfd_release(s.uffd);
	s.uffd = NULL;
	KT_CHECK_EQ(fx_join(&t[0]), 0);
	KT_CHECK_EQ(fx_join(&t[1]), 0);
	stage_down(&s);
}

KTEST_QUICK(userfaultfd, unregistering_wakes_who_waits_there)
{
	struct fx_thread t[2];
	struct stage s;

	KT_TRUE(two_wait(&s, t));
	KT_CHECK_EQ(userfaultfd_unregister(s.uffd, FX_BASE, P(1)), 0);
	KT_CHECK_EQ(ends(&s, &t[0]), 0);
	KT_CHECK(!completion_done(&t[1].done));
	KT_CHECK_EQ(answer(&s, 1, 4), PAGE_SIZE);
	KT_CHECK_EQ(ends(&s, &t[1]), 104);
	stage_down(&s);
}

/* Woken without an answer it asks again. */
KTEST_QUICK(userfaultfd, who_is_woken_for_nothing_asks_again)
{
	unsigned long page = 0;
	struct uffd_msg msg;
	struct fx_thread t;
	struct stage s;

	KT_TRUE(stage_up(&s, 1, MISSING, UFFD_FEATURE_THREAD_ID));
	if (fx_start(&t, s.mm, reader, &page)) {
		KT_CHECK(heard(&s, &msg) && msg.ptid != (u64)current->pid);
		userfaultfd_wake(s.uffd, FX_BASE, P(1));
		KT_CHECK(heard(&s, &msg));
		KT_CHECK_EQ(answer(&s, 0, 3), PAGE_SIZE);
		KT_CHECK_EQ(ends(&s, &t), 103);
	}
	stage_down(&s);
}

/* ---- races ---- */

/* The page comes when the fault has seen nothing, and is not in the list yet. */
KTEST(userfaultfd, an_answer_before_the_question_is_seen)
{
	unsigned long page = 0;
	struct fx_thread t;
	struct stage s;

	KT_NEED_GATES();
	KT_TRUE(stage_up(&s, 1, MISSING, 0));
	gate_arm("userfaultfd.ask", s.mm);
	if (fx_start(&t, s.mm, reader, &page)) {
		if (gate_wait("userfaultfd.ask"))
			KT_CHECK_EQ(answer(&s, 0, 5), PAGE_SIZE);
		gate_open("userfaultfd.ask");
		KT_CHECK_EQ(ends(&s, &t), 105);
	} else {
		gate_open("userfaultfd.ask");
	}
	stage_down(&s);
}

static int releaser(void *arg)
{
	userfaultfd_release(arg);
	return 0;
}

/* The file is being closed: who comes then does not wait for an answer. */
KTEST(userfaultfd, a_fault_during_the_close_does_not_wait)
{
	struct fx_thread t;
	struct stage s;

	KT_NEED_GATES();
	KT_TRUE(stage_up(&s, 1, MISSING, 0));
	gate_arm("userfaultfd.released", s.mm);
	if (fx_start(&t, NULL, releaser, s.uffd)) {
		if (gate_wait("userfaultfd.released"))
			KT_CHECK_EQ(mm_fault(s.mm, FX_BASE, FAULT_NOWAIT), FAULT_RETRY);
		s.uffd = NULL;
		gate_open("userfaultfd.released");
		fx_join(&t);
		KT_CHECK_EQ(fx_get(FX_BASE), 0);
	} else {
		gate_open("userfaultfd.released");
	}
	stage_down(&s);
}

static int copier(void *arg)
{
	return (int)answer(arg, 0, 0);
}

/* The range is unmapped while the page for it is made: nothing comes back. */
KTEST(userfaultfd, a_page_for_a_range_that_went_is_dropped)
{
	struct fx_thread t;
	struct stage s;

	KT_NEED_GATES();
	KT_TRUE(stage_up(&s, 1, MISSING, 0));
	gate_arm("userfaultfd.page_made", s.mm);
	if (fx_start(&t, s.mm, copier, &s)) {
		if (gate_wait("userfaultfd.page_made"))
			KT_CHECK_EQ(sys_munmap(FX_BASE, P(1)), 0);
		gate_open("userfaultfd.page_made");
		KT_CHECK_EQ(fx_join(&t), -ENOENT);
	} else {
		gate_open("userfaultfd.page_made");
	}
	stage_down(&s);
}

#define STORM_PAGES 64UL

static int storm_reader(void *arg)
{
	int wrong = 0;

	for (unsigned long i = 0; i < STORM_PAGES; i++) {
		u64 word = 0;

		wrong += get_user(word, (u64 *)(FX_BASE + P(i))) || word != 100 + i % 8;
	}
	return wrong;
}

/* Several readers, one who answers: every page comes once, nobody is forgotten. */
KTEST(userfaultfd, readers_and_one_who_answers)
{
	struct fx_thread t[3];
	struct uffd_msg msg;
	unsigned int n = 0;
	unsigned long left = STORM_PAGES;
	struct stage s;

	KT_TRUE(stage_up(&s, STORM_PAGES, MISSING, 0));
	while (n < 3 && fx_start(&t[n], s.mm, storm_reader, NULL))
		n++;
	while (n && left && heard(&s, &msg)) {
		unsigned long page = (msg.address - FX_BASE) / PAGE_SIZE;
		s64 done = answer(&s, page, page % 8);

		KT_CHECK(done == PAGE_SIZE || done == -EEXIST);
		left -= done == PAGE_SIZE;
		if (done == -EEXIST)	/* he had asked before the page came */
			userfaultfd_wake(s.uffd, msg.address, P(1));
	}
	while (n > 0) {
		kt_wait_until(completion_done(&t[n - 1].done) || userfaultfd_readable(s.uffd));
		userfaultfd_wake(s.uffd, FX_BASE, P(STORM_PAGES));
		KT_CHECK_EQ(ends(&s, &t[--n]), 0);
	}
	KT_CHECK_EQ(left, 0);
	stage_down(&s);
}

/* ---- second MMUs ---- */

#ifdef CONFIG_MMU_NOTIFIER
static struct mirror mirror;

static int device_reader(void *arg)
{
	u64 word = 0;
	int err = mirror_read(&mirror, FX_BASE + P(*(unsigned long *)arg), &word);

	return err ? err : (int)word;
}

static int device_writer(void *arg)
{
	return mirror_write(&mirror, FX_BASE, 77);
}

/* Protecting is one bracket, before whose end a device can not write any more. */
KTEST_QUICK(userfaultfd, a_device_that_may_write_asks_from_then_on)
{
	const struct recorded_call *call;
	struct recorder *rec;
	struct uffd_msg msg;
	struct fx_thread t;
	struct stage s;
	u64 word = 1;

	KT_TRUE(wp_stage_up(&s, 2));
	rec = toy_recorder(s.mm, &recorder_bracket_ops);
	if (rec && KT_CHECK_EQ(mirror_open(&mirror, s.mm, FX_BASE), 0)) {
		KT_CHECK_EQ(mirror_write(&mirror, FX_BASE, 5), 0);
		recorder_clear(rec);
		KT_CHECK_EQ(protect(&s, 0, 2), 0);
		call = recorder_find(rec, MN_INVALIDATE_RANGE_START, 0);
		KT_CHECK(call && call->start == FX_BASE && call->end == FX_BASE + P(2));
		KT_CHECK_EQ(recorder_count(rec, MN_INVALIDATE_RANGE_START), 1);
		KT_CHECK(!mirror_access(&mirror, FX_BASE, &word, true));
		if (fx_start(&t, NULL, device_writer, NULL)) {
			KT_CHECK(heard(&s, &msg) && msg.flags & UFFD_PAGEFAULT_FLAG_WP);
			KT_CHECK_EQ(fx_get(FX_BASE), 5);
			recorder_clear(rec);
			KT_CHECK_EQ(lift(&s, 0, 2), 0);
			KT_CHECK_EQ(recorder_count(rec, MN_INVALIDATE_RANGE_START), 0);
			KT_CHECK_EQ(ends(&s, &t), 0);
		}
		KT_CHECK_EQ(fx_get(FX_BASE), 77);
		mirror_close(&mirror);
	}
	toy_recorder_end(rec);
	stage_down(&s);
}

/* The device has the page of the source: from then on it asks there, too. */
KTEST_QUICK(userfaultfd, a_device_loses_what_is_moved)
{
	const struct recorded_call *call;
	struct recorder *rec;
	struct stage s;
	u64 word = 0;

	KT_TRUE(stage_up(&s, 2, MISSING, 0));
	rec = toy_recorder(s.mm, &recorder_bracket_ops);
	if (rec && KT_CHECK_EQ(mirror_open(&mirror, s.mm, SRC), 0)) {
		KT_CHECK_EQ(mirror_write(&mirror, SRC + P(1), 5), 0);
		recorder_clear(rec);
		KT_CHECK_EQ(move(&s, 0, 1, 1, false), P(1));
		call = recorder_find(rec, MN_INVALIDATE_RANGE_START, 0);
		KT_CHECK(call && call->start == SRC + P(1) && call->end == SRC + P(2));
		KT_CHECK_EQ(recorder_count(rec, MN_INVALIDATE_RANGE_START), 1);
		KT_CHECK(!mirror_access(&mirror, SRC + P(1), &word, false));
		KT_CHECK_EQ(look(FX_BASE), 5);
		KT_CHECK_EQ(mirror_read(&mirror, SRC + P(1), &word), 0);
		KT_CHECK_EQ(word, 0);
		mirror_close(&mirror);
	}
	toy_recorder_end(rec);
	stage_down(&s);
}

/* What is filled in where nothing was nobody can have cached. */
KTEST_QUICK(userfaultfd, answers_notify_nobody)
{
	unsigned long page = 3;
	struct recorder *rec;
	struct uffd_msg msg;
	struct fx_thread t;
	struct stage s;

	KT_TRUE(stage_up(&s, 4, MISSING, 0));
	rec = toy_recorder(s.mm, &recorder_bracket_ops);
	if (rec) {
		KT_CHECK_EQ(userfaultfd_copy(s.uffd, FX_BASE, P(2), (void *)SRC, false), P(2));
		KT_CHECK_EQ(userfaultfd_zeropage(s.uffd, FX_BASE + P(2), P(1)), P(1));
		KT_CHECK_EQ(recorder_count(rec, MN_INVALIDATE_RANGE_START), 0);
	}
	toy_recorder_end(rec);
	if (KT_CHECK_EQ(mirror_open(&mirror, s.mm, FX_BASE), 0)) {
		if (fx_start(&t, NULL, device_reader, &page)) {
			KT_CHECK(heard(&s, &msg) && msg.address == FX_BASE + P(3));
			KT_CHECK_EQ(answer(&s, 3, 6), PAGE_SIZE);
			KT_CHECK_EQ(ends(&s, &t), 106);
		}
		mirror_close(&mirror);
	}
	stage_down(&s);
}
#endif
