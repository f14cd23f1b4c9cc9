/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * mm/commit.c - what processes may ask for, and what was promised to them
 *
 * Concept    mmap gives addresses, faults give memory: at a fault it is too late to
 *            say no. So promises are counted when they are made: one page for each
 *            page that could become memory of its own.
 *
 *              private and writable, or once was    each page of the VMA (VM_ACCOUNT)
 *              shared memory of fork, SysV          the file's size, when it is made
 *              tmpfs, memfd, MAP_NORESERVE files    each page, when it comes
 *
 *            How many are too many is a matter of policy (overcommit_memory): more at
 *            once than memory and swap are (0), none (1), more together than swap and
 *            a share of memory (2), less a reserve with which the administrator can mend
 *            things, and one that a single process leaves to others. What has been
 *            promised is counted always, so that the policy may change at any time.
 *
 *            For VMAs there is no list of places that must give back. All that makes,
 *            moves, cuts and removes them tells mm/vma.c how many pages come and go,
 *            and that pays from the mm's pocket or into it:
 *
 *              may fail   commit_prepare(+n)    counter +n, pocket +n
 *              can not    VMAs come, grow, go   pocket -pages, +pages
 *                         commit_settle()       pocket = 0, the rest to the counter
 *
 *            So who forgets to prepare is not refused, and who forgets to settle pays
 *            with the next call; but the sum is right, whatever happens. A call costs
 *            one atomic operation, a fault of private memory none.
 *
 *            RLIMIT_AS and RLIMIT_DATA are asked here, too.
 * Owns       The counter, mm->commit_pocket, the policy.
 * Locks      mmap_lock for writing for the pocket. The counter is atomic.
 * Invariants The counter is the pages of VM_ACCOUNT VMAs, pockets, and what files
 *            say; without waiting calls every pocket is empty    commit_check()
 * Callers    vma.c, mmap.c, mprotect.c, mremap.c, fork.c; fs/tmpfs.c; swapfile.c
 * Next       mm/mmap.c
 */
#include "mm/commit.h"

#include "kernel/lib/gate_hook.h"
#include "kernel/lib/panic.h"
#include "kernel/sched/sched.h"
#include "mm/buddy.h"
#include "mm/shmem.h"
#include "mm/swap.h"
#include "mm/vma.h"

#define CHECK_TRIES 5
#define PAGES(kbytes) ((kbytes) >> (PAGE_SHIFT - 10))

struct commit_policy commit_policy = { .overcommit_ratio = 50 };
static atomic64_t committed;		/* pages */

static u64 swap_pages(void)
{
	struct swap_info swap;

	swap_slot_info(&swap);
	return swap.total;
}

void commit_init(void)
{
	u64 share = (nr_free_pages() << (PAGE_SHIFT - 10)) / 32;

	commit_policy.admin_reserve_kbytes = min(share, 8UL << 10);
	commit_policy.user_reserve_kbytes = min(share, 128UL << 10);
}

u64 commit_pages(void)
{
	return (u64)max(atomic64_read(&committed), (s64)0);
}

u64 commit_limit(void)
{
	u64 kbytes = READ_ONCE(commit_policy.overcommit_kbytes);
	u64 percent = READ_ONCE(commit_policy.overcommit_ratio);

	return (kbytes ? PAGES(kbytes) : totalram_pages() * percent / 100) + swap_pages();
}

/* What of the limit is not for the running process. */
static u64 commit_reserve(void)
{
	const struct mm *mm = current->mm;
	u64 pages = 0;

	if (!mm)
		return 0;
	if (!READ_ONCE(mm->commit_admin))
		pages = PAGES(READ_ONCE(commit_policy.admin_reserve_kbytes));
	return pages + min(READ_ONCE(mm->total_vm) / 32,
			   PAGES(READ_ONCE(commit_policy.user_reserve_kbytes)));
}

/* @now: the counter, @pages included. */
static bool commit_fits(u64 pages, u64 now)
{
	switch (READ_ONCE(commit_policy.overcommit_memory)) {
	case OVERCOMMIT_ALWAYS:
		return true;
	case OVERCOMMIT_NEVER:
		return now + commit_reserve() < commit_limit();
	default:
		return pages <= totalram_pages() || pages <= totalram_pages() + swap_pages();
	}
}

int commit_charge(u64 pages)
{
	s64 now = atomic64_read(&committed);

	/* Too much is not even tried: meanwhile a neighbour would be refused for it. */
	do {
		if (unlikely(!commit_fits(pages, (u64)now + pages)))
			return -ENOMEM;
	} while (!try_cmpxchg(&committed.counter, &now, now + (s64)pages));
	return 0;
}

void commit_uncharge(u64 pages)
{
	atomic64_sub((s64)pages, &committed);
}

/* ---- address spaces ---- */

u64 commit_within(struct mm *mm, unsigned long start, unsigned long end)
{
	struct vma *vma;
	u64 pages = 0;

	for (vma = find_vma(mm, start); vma && vma->start < end; vma = vma_next(vma))
		if (vma->flags & VM_ACCOUNT)
			pages += (min(end, vma->end) - max(start, vma->start)) >> PAGE_SHIFT;
	return pages;
}

int commit_prepare(struct mm *mm, s64 pages)
{
	assert_held_write(&mm->mmap_lock);
	if (pages <= 0)
		return 0;
	if (commit_charge((u64)pages))
		return -ENOMEM;
	mm->commit_pocket += pages;
	gate_point("commit.prepared", mm);
	return 0;
}

void commit_settle(struct mm *mm)
{
	s64 rest = mm->commit_pocket;

	assert_held_write(&mm->mmap_lock);
	if (!rest)
		return;
	mm->commit_pocket = 0;
	atomic64_sub(rest, &committed);
}

/*
 * A limit of no data at all stands for the hard one, as on Linux: it means the heap of
 * brk only.
 */
static bool data_limit_allows(const struct mm *mm, u64 pages)
{
	u64 limit = READ_ONCE(mm->data_limit);

	return pages <= (limit ? limit : READ_ONCE(mm->data_limit_max)) >> PAGE_SHIFT;
}

bool may_expand_vm(const struct mm *mm, unsigned long flags, u64 pages)
{
	assert_held(&mm->mmap_lock);
	if (mm->total_vm + pages > READ_ONCE(mm->as_limit) >> PAGE_SHIFT)
		return false;
	return !vma_flags_are_data(flags) || data_limit_allows(mm, mm->data_vm + pages);
}

/* ---- truth ---- */

static s64 count_mm(struct mm *mm)
{
	s64 pages;

	down_read(&mm->mmap_lock);
	pages = mm->commit_pocket + (s64)commit_within(mm, 0, MM_USER_TOP);
	up_read(&mm->mmap_lock);
	return pages;
}

static s64 count_all(void)
{
	s64 pages = (s64)shmem_promised_pages();
	struct mm *mm = NULL;

	while ((mm = mm_list_next(mm)))
		pages += count_mm(mm);
	return pages;
}

unsigned int commit_check(void)
{
	s64 counted = 0;

	/* Programs that run may have changed something while we counted. */
	for (unsigned int try = 0; try < CHECK_TRIES; try++) {
		counted = count_all();
		if (counted == atomic64_read(&committed))
			return 0;
		(void)schedule_timeout_uninterruptible(2);
	}
	check_report(CHECK_CHECK, "commit: %lld pages are promised, the counter has %lld",
		     (long long)counted, (long long)atomic64_read(&committed));
	return 1;
}
