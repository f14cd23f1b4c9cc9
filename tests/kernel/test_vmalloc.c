/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_vmalloc.c - suite vmalloc: ranges, guards, what is left behind
 */
#include "mm/vmalloc.h"

#include "kernel/lib/rand.h"
#include "kernel/lib/string.h"
#include "kernel/sched/hooks.h"
#include "kernel/test/inject.h"
#include "mm/buddy.h"
#include "tests/kernel/threads.h"

KTEST_QUICK(vmalloc, memory_is_usable_and_zeroed_on_demand)
{
	u8 *p = KT_GET(vzalloc(5 * PAGE_SIZE + 1));

	KT_TRUE(p);
	KT_CHECK(is_vmalloc_addr(p));
	KT_CHECK(!memchr_inv(p, 0, 6 * PAGE_SIZE));
	memset(p, 0x3c, 6 * PAGE_SIZE);
	KT_CHECK(!memchr_inv(p, 0x3c, 6 * PAGE_SIZE));
	KT_CHECK_NE(vmalloc_to_phys(p), 0);
	KT_CHECK_EQ(vmalloc_to_phys(p + 5) & ~PAGE_MASK, 5);
	vfree(p);
	vfree(NULL);
}

KTEST_QUICK(vmalloc, each_range_has_a_guard_behind_it)
{
	unsigned long start, end;
	char *a = KT_GET(vmalloc(2 * PAGE_SIZE)), *b = KT_GET(vmalloc(PAGE_SIZE));

	KT_CHECK(a && b);
	KT_CHECK(vmalloc_is_guard((unsigned long)a + 2 * PAGE_SIZE, &start, &end));
	KT_CHECK_EQ(start, (unsigned long)a);
	KT_CHECK_EQ(end, (unsigned long)a + 2 * PAGE_SIZE);
	KT_CHECK(!vmalloc_is_guard((unsigned long)a, &start, &end));
	KT_CHECK(b >= a + 3 * PAGE_SIZE || a >= b + 2 * PAGE_SIZE);
	vfree(a);
	vfree(b);
	KT_EQ(vmalloc_check(), 0);
}

KTEST(vmalloc, freed_addresses_are_not_given_out_soon)
{
	void *a = KT_GET(vmalloc(PAGE_SIZE)), *b;

	KT_TRUE(a);
	vfree(a);
	for (unsigned int i = 0; i < 100; i++) {
		b = KT_GET(vmalloc(PAGE_SIZE));
		KT_TRUE(b);
		KT_CHECK(a != b);
		vfree(b);
	}
}

KTEST_QUICK(vmalloc, impossible_sizes_fail)
{
	KT_TRUE(vmalloc(0) == NULL);
	KT_TRUE(vmalloc((max_pfn + 1) << PAGE_SHIFT) == NULL);
	KT_TRUE(vmalloc(~0UL - PAGE_SIZE) == NULL);
}

/* The third frame is not to be had: the first two come back. */
KTEST(vmalloc, failure_half_way_leaves_nothing)
{
	struct vmalloc_info before, after;
	void *p;

	vmalloc_info(&before);
	inject_arm(INJECT_PAGE_ALLOC, 3, 1, current);
	p = KT_GET(vmalloc(8 * PAGE_SIZE));
	KT_CHECK_EQ(inject_disarm(INJECT_PAGE_ALLOC), 1);
	KT_CHECK(p == NULL);
	vmalloc_info(&after);
	KT_EQ(after.ranges, before.ranges);
	KT_EQ(after.pages, before.pages);
	KT_EQ(vmalloc_check(), 0);
}

KTEST(vmalloc, deferred_free_happens_at_the_next_call)
{
	struct vmalloc_info before, after;
	void *a = KT_GET(vmalloc(3 * PAGE_SIZE)), *b = KT_GET(vmalloc(PAGE_SIZE));

	KT_CHECK(a && b);
	vmalloc_info(&before);
	preempt_disable();
	vfree_deferred(a);
	preempt_enable();
	vfree(b);
	vmalloc_info(&after);
	KT_EQ(after.ranges + 2, before.ranges);
	KT_EQ(after.pages + 4, before.pages);
}

/* Larger than what is left of the window: it grows by whole steps. */
KTEST(vmalloc, window_grows_when_it_is_full)
{
	struct vmalloc_info before, after;
	void *p[40];
	unsigned int n;

	vmalloc_info(&before);
	for (n = 0; n < ARRAY_SIZE(p); n++) {
		p[n] = nr_free_pages() > 4096 ? vmalloc(2UL << 20) : NULL;
		if (!p[n])
			break;
	}
	vmalloc_info(&after);
	if (n == ARRAY_SIZE(p))
		KT_CHECK_GT(after.tables, before.tables);
	while (n-- > 0)
		vfree(p[n]);
	KT_EQ(vmalloc_check(), 0);
}

/* Each thread's ranges hold its own number: no address and no frame is shared, and no
 * CPU still translates an address as its last owner did. */
static int churn(void *arg, unsigned int n)
{
	u64 *held[8] = { NULL };
	struct rand_state rnd;

	(void)arg;
	rand_seed(&rnd, n + 10);
	for (unsigned int i = 0; i < 300; i++) {
		unsigned int k = (unsigned int)rand_below(&rnd, ARRAY_SIZE(held));
		size_t words = (1 + k % 3) * PAGE_SIZE / 8;

		if (held[k]) {
			KT_CHECK_EQ(held[k][0], (u64)n << 32 | k);
			KT_CHECK_EQ(held[k][words - 1], (u64)n << 32 | k);
			vfree(held[k]);
			held[k] = NULL;
			continue;
		}
		held[k] = KT_GET(vmalloc(words * 8));
		if (held[k])
			held[k][0] = held[k][words - 1] = (u64)n << 32 | k;
	}
	for (unsigned int k = 0; k < ARRAY_SIZE(held); k++)
		vfree(held[k]);
	return 0;
}

KTEST(vmalloc, cpus_share_no_range)
{
	KT_EQ(test_threads(4, churn, NULL), 0);
	KT_EQ(vmalloc_check(), 0);
}

static void free_stacks(void **stack, unsigned int nr)
{
	while (nr-- > 0)
		sched_hooks.stack_free(stack[nr]);
}

static bool alloc_stacks(void **stack, unsigned int nr)
{
	for (unsigned int i = 0; i < nr; i++) {
		stack[i] = KT_GET(sched_hooks.stack_alloc());
		if (!stack[i]) {
			free_stacks(stack, i);
			return false;
		}
		for (unsigned int k = 0; k < i; k++)
			KT_CHECK(stack[k] != stack[i]);
	}
	return true;
}

/* Stacks of threads that have ended serve those that come; more than a few are given back. */
KTEST_QUICK(vmalloc, a_few_stacks_are_kept)
{
	struct vmalloc_info before, kept, after;
	void *stack[20];

	vmalloc_drop_stacks();
	vmalloc_info(&before);
	KT_TRUE(alloc_stacks(stack, ARRAY_SIZE(stack)));
	free_stacks(stack, ARRAY_SIZE(stack));
	vmalloc_info(&kept);
	KT_CHECK_EQ(kept.ranges, before.ranges + 16);
	KT_TRUE(alloc_stacks(stack, 16));
	vmalloc_info(&after);
	KT_CHECK_EQ(after.ranges, kept.ranges);
	free_stacks(stack, 16);
	vmalloc_drop_stacks();
	vmalloc_info(&after);
	KT_EQ(after.ranges, before.ranges);
	KT_EQ(after.pages, before.pages);
}

/* A kept stack is no promise: making a thread fails when it is to fail. */
KTEST(vmalloc, a_kept_stack_can_be_refused)
{
	void *stack;

	KT_TRUE(alloc_stacks(&stack, 1));
	free_stacks(&stack, 1);
	inject_arm(INJECT_VMALLOC, 1, 1, current);
	KT_CHECK(!sched_hooks.stack_alloc());
	KT_CHECK_EQ(inject_disarm(INJECT_VMALLOC), 1);
}
