/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_commit.c - suite commit: promises are counted, kept and given back
 *
 * The counter belongs to the whole kernel: programs that run beside a test would be seen,
 * so all of it is measured from where it was when the test began.
 */
#include "mm/commit.h"

#include "fs/vfs.h"
#include "kernel/sched/sched.h"
#include "kernel/test/gate.h"
#include "kernel/test/inject.h"
#include "kernel/test/ktest.h"
#include "mm/buddy.h"
#include "mm/fault.h"
#include "mm/fork.h"
#include "mm/vma.h"
#include "tests/kernel/mm_fixture.h"
#include "tests/kernel/threads.h"

#define P(n) ((n) * PAGE_SIZE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define AT(n) (FX_BASE + P(n))

static s64 before;
static struct commit_policy usual;

static s64 promised(void)
{
	return (s64)commit_pages() - before;
}

static struct mm *rig_up(void)
{
	before = (s64)commit_pages();
	usual = commit_policy;
	return fx_mm();
}

static int try_map(unsigned long va, u64 pages, unsigned long prot, unsigned long flags)
{
	unsigned long out;

	flags |= va ? MAP_FIXED : 0;
	return vm_mmap(current->mm, NULL, va, P(pages), prot, flags, 0, &out);
}

/* @mode, with room for @pages more than are promised now, and without reserves. */
static void set_policy(enum overcommit mode, u64 pages)
{
	commit_policy = (struct commit_policy){ .overcommit_memory = mode };
	if (mode == OVERCOMMIT_NEVER)
		while (commit_limit() <= commit_pages() + pages)
			commit_policy.overcommit_ratio++;
}

static void reset_policy(void)
{
	commit_policy = usual;
}

/* Leave room for @pages, by promising the rest to nobody. Return: that rest. */
static u64 leave_room(u64 pages)
{
	u64 rest;

	set_policy(OVERCOMMIT_NEVER, pages);
	rest = commit_limit() - 1 - commit_pages() - pages;
	KT_CHECK_EQ(commit_charge(rest), 0);
	return rest;
}

static void give_room(u64 rest)
{
	commit_uncharge(rest);
	reset_policy();
}

KTEST_QUICK(commit, what_could_be_written_is_promised)
{
	struct mm *mm = rig_up();

	KT_TRUE(mm);
	KT_CHECK_EQ(try_map(AT(0), 8, FX_RW, ANON), 0);
	KT_CHECK_EQ(promised(), 8);
	KT_CHECK_EQ(try_map(AT(8), 8, PROT_READ, ANON), 0);
	KT_CHECK_EQ(try_map(AT(16), 8, FX_RW, ANON | MAP_NORESERVE), 0);
	KT_CHECK_EQ(promised(), 8);
	KT_CHECK_EQ(try_map(AT(4), 8, FX_RW, ANON), 0);		/* half of it new */
	KT_CHECK_EQ(promised(), 12);
	KT_CHECK_EQ(try_map(AT(2), 4, PROT_READ, ANON), 0);
	KT_CHECK_EQ(promised(), 8);
	KT_CHECK_EQ(sys_munmap(AT(7), P(2)), 0);
	KT_CHECK_EQ(promised(), 6);
	KT_CHECK_EQ(mm->commit_pocket, 0);
	KT_CHECK_EQ(mm->data_vm, 14);
	fx_drop(mm);
	KT_CHECK_EQ(promised(), 0);
}

KTEST_QUICK(commit, a_protection_makes_promises_and_ends_only_unused_ones)
{
	struct mm *mm = rig_up();

	KT_TRUE(mm);
	KT_CHECK_EQ(try_map(AT(0), 8, PROT_READ, ANON), 0);
	KT_CHECK_EQ(sys_mprotect(AT(2), P(4), FX_RW), 0);
	KT_CHECK_EQ(promised(), 4);
	KT_CHECK_EQ(sys_mprotect(AT(2), P(2), PROT_NONE), 0);	/* nobody has written there */
	KT_CHECK_EQ(promised(), 2);
	KT_CHECK_EQ(sys_mprotect(AT(2), P(2), FX_RW), 0);
	fx_put(AT(3), 1);
	KT_CHECK_EQ(sys_mprotect(AT(0), P(8), PROT_READ), 0);
	KT_CHECK_EQ(promised(), 4);
	KT_CHECK_EQ(fx_get(AT(3)), 1);
	KT_CHECK(fx_valid(mm));
	fx_drop(mm);
	KT_CHECK_EQ(promised(), 0);
}

KTEST_QUICK(commit, what_grows_shrinks_or_moves_takes_its_promise_along)
{
	struct mm *mm = rig_up();

	KT_TRUE(mm);
	KT_CHECK_EQ(try_map(AT(0), 8, FX_RW, ANON), 0);
	fx_put(AT(1), 1);
	KT_CHECK_EQ(sys_mremap(AT(0), P(8), P(12), 0, 0), (long)AT(0));
	KT_CHECK_EQ(promised(), 12);
	KT_CHECK_EQ(sys_mremap(AT(0), P(12), P(6), 0, 0), (long)AT(0));
	KT_CHECK_EQ(promised(), 6);
	KT_CHECK_EQ(sys_mremap(AT(2), P(2), P(4), MREMAP_MAYMOVE | MREMAP_FIXED, AT(64)),
		    (long)AT(64));
	KT_CHECK_EQ(promised(), 8);
	KT_CHECK_EQ(sys_mremap(AT(64), P(4), P(4), MREMAP_MAYMOVE | MREMAP_FIXED |
			       MREMAP_DONTUNMAP, AT(1)), (long)AT(1));
	KT_CHECK_EQ(promised(), 4 + 4 + 2);
	fx_drop(mm);
	KT_CHECK_EQ(promised(), 0);
}

KTEST_QUICK(commit, a_child_has_promises_of_its_own)
{
	struct mm *mm = rig_up(), *child;
	u64 rest;

	KT_TRUE(mm);
	KT_CHECK_EQ(try_map(AT(0), 8, FX_RW, ANON), 0);
	KT_CHECK_EQ(try_map(AT(16), 8, FX_RW, ANON), 0);
	KT_CHECK_EQ(try_map(AT(32), 8, FX_RW, MAP_SHARED | MAP_ANONYMOUS), 0);
	KT_CHECK_EQ(promised(), 24);
	child = KT_GET(fx_fork(mm));
	KT_TRUE(child);
	KT_CHECK_EQ(promised(), 40);
	mmput(child);
	KT_CHECK_EQ(promised(), 24);
	rest = leave_room(15);
	KT_CHECK_EQ(dup_mm(mm, &child), -ENOMEM);
	KT_CHECK_EQ(promised(), 24 + (s64)rest);
	give_room(rest);
	fx_drop(mm);
	KT_CHECK_EQ(promised(), 0);
}

KTEST_QUICK(commit, shared_memory_is_promised_whole_or_page_by_page)
{
	struct mm *mm = rig_up();
	struct file *file;

	KT_TRUE(mm);
	KT_CHECK_EQ(try_map(AT(0), 8, FX_RW, MAP_SHARED | MAP_ANONYMOUS), 0);
	KT_CHECK_EQ(try_map(AT(16), 8, FX_RW, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE), 0);
	KT_CHECK_EQ(promised(), 8);
	fx_put(AT(0), 1);
	fx_put(AT(16), 1);
	KT_CHECK_EQ(promised(), 9);
	KT_CHECK_EQ(sys_madvise(AT(0), P(8), MADV_REMOVE), 0);
	KT_CHECK_EQ(sys_madvise(AT(16), P(8), MADV_REMOVE), 0);
	KT_CHECK_EQ(promised(), 8);
	KT_CHECK_EQ(tmpfs_file_named("memfd:test", &file), 0);
	KT_CHECK_EQ(kernel_write(file, "a", 1, P(9)), 1);
	KT_CHECK_EQ(vfs_fallocate(file, 0, 0, P(2)), 0);
	KT_CHECK_EQ(promised(), 11);
	KT_CHECK_EQ(vfs_truncate(file->inode, P(2)), 0);
	KT_CHECK_EQ(promised(), 10);
	file_put(file);
	fx_drop(mm);
	KT_CHECK_EQ(promised(), 0);
}

/* ---- policies ---- */

KTEST_QUICK(commit, a_guess_refuses_only_what_could_never_be)
{
	u64 all = totalram_pages() + (1UL << 30);	/* swap is less than that */
	struct mm *mm = rig_up();

	KT_TRUE(mm);
	KT_CHECK_EQ(try_map(0, all, FX_RW, ANON), -ENOMEM);
	KT_CHECK_EQ(try_map(0, all, FX_RW, MAP_SHARED | MAP_ANONYMOUS), -ENOMEM);
	KT_CHECK_EQ(try_map(0, all, FX_RW, ANON | MAP_NORESERVE), 0);
	KT_CHECK_EQ(promised(), 0);
	for (unsigned int i = 0; i < 4; i++)
		KT_CHECK_EQ(try_map(0, totalram_pages(), FX_RW, ANON), 0);
	KT_CHECK_EQ(try_map(AT(0), all, PROT_READ, ANON), 0);
	KT_CHECK_EQ(sys_mprotect(AT(0), P(all), FX_RW), -ENOMEM);
	KT_CHECK_EQ(fx_nr_vmas(mm), 3);
	set_policy(OVERCOMMIT_ALWAYS, 0);
	KT_CHECK_EQ(sys_mprotect(AT(0), P(all), FX_RW), 0);
	reset_policy();
	fx_drop(mm);
	KT_CHECK_EQ(promised(), 0);
}

KTEST_QUICK(commit, without_overcommit_every_kind_of_request_is_refused)
{
	struct mm *mm = rig_up();
	struct file *file;
	u64 rest;

	KT_TRUE(mm);
	KT_CHECK_EQ(try_map(AT(0), 4, FX_RW, ANON), 0);
	KT_CHECK_EQ(try_map(AT(8), 4, PROT_READ, ANON), 0);
	KT_CHECK_EQ(try_map(AT(4096), 1, FX_RW, ANON | MAP_GROWSDOWN), 0);
	KT_CHECK_EQ(tmpfs_file_named("memfd:test", &file), 0);
	rest = leave_room(2);
	KT_CHECK_EQ(try_map(0, 3, FX_RW, ANON), -ENOMEM);
	KT_CHECK_EQ(try_map(0, 3, FX_RW, ANON | MAP_NORESERVE), -ENOMEM);
	KT_CHECK_EQ(try_map(0, 3, FX_RW, MAP_SHARED | MAP_ANONYMOUS), -ENOMEM);
	KT_CHECK_EQ(sys_mprotect(AT(8), P(3), FX_RW), -ENOMEM);
	KT_CHECK_EQ(sys_mremap(AT(0), P(4), P(7), 0, 0), -ENOMEM);
	KT_CHECK_EQ(mm_fault(mm, AT(4093), FAULT_WRITE | FAULT_USER), FAULT_MAPERR);
	KT_CHECK_EQ(kernel_write(file, "a", 1, 0), 1);
	KT_CHECK_EQ(kernel_write(file, "a", 1, P(1)), 1);
	KT_CHECK_EQ(kernel_write(file, "a", 1, P(2)), -ENOSPC);
	KT_CHECK_EQ(try_map(AT(1), 3, FX_RW, ANON), 0);		/* nothing new */
	KT_CHECK_EQ(vfs_truncate(file->inode, 0), 0);
	KT_CHECK_EQ(sys_mremap(AT(0), P(4), P(6), 0, 0), (long)AT(0));
	KT_CHECK_EQ(try_map(0, 1, FX_RW, ANON), -ENOMEM);
	KT_CHECK_EQ(mm->commit_pocket, 0);
	KT_CHECK_EQ(promised(), (s64)rest + 7);
	give_room(rest);
	file_put(file);
	fx_drop(mm);
	KT_CHECK_EQ(promised(), 0);
}

KTEST_QUICK(commit, reserves_are_for_administrators_and_for_others)
{
	struct mm *mm = rig_up();
	u64 rest, limit;

	KT_TRUE(mm);
	KT_CHECK_EQ(try_map(AT(1024), 128, PROT_READ, ANON), 0);	/* a size: 1/32 is 4 */
	rest = leave_room(16);
	commit_policy.admin_reserve_kbytes = P(8) >> 10;
	KT_CHECK_EQ(try_map(AT(0), 9, FX_RW, ANON), -ENOMEM);
	KT_CHECK_EQ(try_map(AT(0), 8, FX_RW, ANON), 0);
	mm->commit_admin = true;
	KT_CHECK_EQ(try_map(AT(0), 16, FX_RW, ANON), 0);
	KT_CHECK_EQ(sys_munmap(AT(0), P(16)), 0);
	commit_policy.user_reserve_kbytes = P(2) >> 10;
	KT_CHECK_EQ(try_map(AT(0), 15, FX_RW, ANON), -ENOMEM);
	KT_CHECK_EQ(try_map(AT(0), 14, FX_RW, ANON), 0);
	KT_CHECK_EQ(sys_munmap(AT(0), P(14)), 0);
	commit_policy.user_reserve_kbytes = P(200) >> 10;
	KT_CHECK_EQ(try_map(AT(0), 13, FX_RW, ANON), -ENOMEM);
	KT_CHECK_EQ(try_map(AT(0), 12, FX_RW, ANON), 0);
	KT_CHECK_EQ(sys_munmap(AT(0), P(12)), 0);
	mm->commit_admin = false;
	KT_CHECK_EQ(try_map(AT(0), 5, FX_RW, ANON), -ENOMEM);
	KT_CHECK_EQ(try_map(AT(0), 4, FX_RW, ANON), 0);
	commit_policy.overcommit_ratio = 0;
	limit = commit_limit();
	commit_policy.overcommit_ratio = 50;
	commit_policy.overcommit_kbytes = P(10) >> 10;	/* a number, where there is one */
	KT_CHECK_EQ(commit_limit(), limit + 10);
	give_room(rest);
	fx_drop(mm);
	KT_CHECK_EQ(promised(), 0);
}

/* ---- limits ---- */

KTEST_QUICK(commit, limits_of_addresses_and_of_data)
{
	struct mm *mm = rig_up();

	KT_TRUE(mm);
	mm->data_limit = P(8);
	KT_CHECK_EQ(try_map(AT(0), 6, FX_RW, ANON), 0);
	KT_CHECK_EQ(try_map(AT(8), 6, PROT_READ, ANON), 0);
	KT_CHECK_EQ(try_map(AT(16), 6, FX_RW, MAP_SHARED | MAP_ANONYMOUS), 0);
	KT_CHECK_EQ(mm->data_vm, 6);
	KT_CHECK_EQ(try_map(0, 3, FX_RW, ANON), -ENOMEM);
	KT_CHECK_EQ(sys_mprotect(AT(8), P(3), FX_RW), -ENOMEM);
	KT_CHECK_EQ(sys_mremap(AT(0), P(6), P(9), MREMAP_MAYMOVE, 0), -ENOMEM);
	KT_CHECK_EQ(sys_mprotect(AT(8), P(2), FX_RW), 0);
	KT_CHECK_EQ(mm->data_vm, 8);
	mm->data_limit = 0;			/* the hard limit binds alone */
	KT_CHECK_EQ(try_map(AT(32), 3, FX_RW, ANON), 0);
	mm->data_limit_max = P(12);
	KT_CHECK_EQ(try_map(AT(40), 2, FX_RW, ANON), -ENOMEM);
	mm->as_limit = P(22);
	KT_CHECK_EQ(try_map(AT(40), 2, PROT_READ, ANON), -ENOMEM);
	KT_CHECK_EQ(try_map(AT(40), 1, PROT_READ, ANON), 0);
	fx_drop(mm);
	KT_CHECK_EQ(promised(), 0);
}

/* ---- failures and races ---- */

KTEST(commit, whatever_fails_promises_are_given_back)
{
	static const enum inject_point points[] = { INJECT_SLAB_ALLOC, INJECT_PAGE_ALLOC };
	struct mm *mm = rig_up(), *child;

	KT_TRUE(mm);
	KT_CHECK_EQ(try_map(AT(0), 8, FX_RW, ANON), 0);
	fx_put(AT(1), 1);
	for (size_t p = 0; p < ARRAY_SIZE(points); p++) {
		for (u64 nth = 1, fired = 1; fired && nth < 100; nth++) {
			s64 now = promised();

			inject_arm(points[p], nth, 1, current);
			if (!try_map(AT(80), 2, FX_RW, ANON) &&
			    !try_map(AT(2), 2, FX_RW, MAP_SHARED | MAP_ANONYMOUS) &&
			    sys_mremap(AT(0), P(1), P(2), MREMAP_MAYMOVE | MREMAP_FIXED,
				       AT(64)) == (long)AT(64) && !dup_mm(mm, &child))
				mmput(child);
			fired = inject_disarm(points[p]);
			KT_CHECK_EQ(mm->commit_pocket, 0);
			KT_CHECK_EQ(commit_check(), 0);
			KT_CHECK_EQ(try_map(AT(0), 8, FX_RW, ANON), 0);
			KT_CHECK_EQ(sys_munmap(AT(64), P(32)), 0);
			KT_CHECK_EQ(promised(), now);
		}
	}
	fx_drop(mm);
	KT_CHECK_EQ(promised(), 0);
}

static int map_one(void *unused)
{
	return try_map(AT(0), 8, FX_RW, ANON);
}

/* Two want the last pages at once: one waits between its promise and its mapping. */
KTEST(commit, the_last_pages_are_promised_once)
{
	struct mm *mm = rig_up(), *other = NULL;
	struct fx_thread first;
	u64 rest;

	KT_NEED_GATES();
	KT_TRUE(mm);
	KT_CHECK_EQ(mm_alloc(&other), 0);
	KT_TRUE(other);
	rest = leave_room(8);
	gate_arm("commit.prepared", other);
	if (fx_start(&first, other, map_one, NULL)) {
		if (gate_wait("commit.prepared")) {
			KT_CHECK_EQ(map_one(NULL), -ENOMEM);
			gate_open("commit.prepared");
		}
		KT_CHECK_EQ(fx_join(&first), 0);
	}
	KT_CHECK_EQ(promised(), (s64)rest + 8);
	mmput(other);
	KT_CHECK_EQ(map_one(NULL), 0);
	give_room(rest);
	fx_drop(mm);
	KT_CHECK_EQ(promised(), 0);
}

/* Thread 0 asks for too much, again and again; its neighbour for a page. */
static int ask(void *unused, unsigned int n)
{
	const u64 pages = n ? 1 : 1UL << 40;
	int wrong = 0;

	for (unsigned int i = 0; i < 20000; i++) {
		int error = commit_charge(pages);

		wrong += error != (n ? 0 : -ENOMEM);
		if (!error)
			commit_uncharge(pages);
	}
	return wrong;
}

KTEST(commit, who_is_refused_takes_nothing_from_a_neighbour)
{
	before = (s64)commit_pages();
	usual = commit_policy;
	set_policy(OVERCOMMIT_NEVER, 8);
	KT_CHECK_EQ(test_threads(2, ask, NULL), 0);
	reset_policy();
	KT_CHECK_EQ(promised(), 0);
}
