/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/mm_ops.c - random changes of an address space, and what it must look like
 *
 * Concept    Each operation is chosen by dice, made if the model says that it can be,
 *            and entered in the model. What the process sees afterwards is known, so
 *            whoever mirrors its memory can be compared with it at any time.
 * Owns       struct mm_ops.
 * Locks      None: one thread steps.
 * Callers    tests/kernel/test_notifier_random.c
 */
#include "tests/kernel/mm_ops.h"

#include "include/uapi/mman.h"
#include "kernel/test/ktest.h"
#include "mm/mmap.h"
#include "tests/kernel/mm_fixture.h"

#define P(n) ((unsigned long)(n) * PAGE_SIZE)
#define AWAY P(64)			/* where a page is moved to, for a moment */

/* Pages [first, first + nr), all of them mapped. */
struct run { unsigned long first, nr; };

static unsigned long va_of(const struct mm_ops *ops, unsigned long i)
{
	return ops->base + P(i);
}

static bool pick_mapped(struct mm_ops *ops, struct run *run)
{
	run->first = rand_below(&ops->rand, MM_OPS_PAGES);
	run->nr = 1 + rand_below(&ops->rand, min(3UL, MM_OPS_PAGES - run->first));
	for (unsigned long i = 0; i < run->nr; i++)
		if (ops->page[run->first + i] == MM_OPS_NONE)
			return false;
	return true;
}

static void model(struct mm_ops *ops, const struct run *run, enum mm_ops_page page, bool zero)
{
	for (unsigned long i = run->first; i < run->first + run->nr; i++) {
		ops->page[i] = page;
		if (zero)
			ops->word[i] = 0;
	}
}

static bool op_write(struct mm_ops *ops, const struct run *run)
{
	if (ops->page[run->first] != MM_OPS_WRITE)
		return false;
	ops->word[run->first] = ops->next_word++;
	return fx_put(va_of(ops, run->first), ops->word[run->first]);
}

static bool op_discard(struct mm_ops *ops, const struct run *run)
{
	KT_CHECK_EQ(sys_madvise(va_of(ops, run->first), P(run->nr), MADV_DONTNEED), 0);
	for (unsigned long i = 0; i < run->nr; i++)
		ops->word[run->first + i] = 0;
	return true;
}

static bool op_protect(struct mm_ops *ops, const struct run *run)
{
	bool write = rand_below(&ops->rand, 2);

	KT_CHECK_EQ(sys_mprotect(va_of(ops, run->first), P(run->nr),
				 write ? FX_RW : PROT_READ), 0);
	model(ops, run, write ? MM_OPS_WRITE : MM_OPS_READ, false);
	return true;
}

/* Away, and new memory in its place half of the time. */
static bool op_unmap(struct mm_ops *ops, const struct run *run)
{
	KT_CHECK_EQ(sys_munmap(va_of(ops, run->first), P(run->nr)), 0);
	model(ops, run, MM_OPS_NONE, true);
	if (rand_below(&ops->rand, 2)) {
		fx_map(ops->mm, va_of(ops, run->first), run->nr, FX_RW);
		model(ops, run, MM_OPS_WRITE, true);
	}
	return true;
}

static bool op_move(struct mm_ops *ops, const struct run *run)
{
	unsigned long va = va_of(ops, run->first), away = va + AWAY;

	for (unsigned long i = 1; i < run->nr; i++)
		if (ops->page[run->first + i] != ops->page[run->first])
			return false;		/* mremap wants one VMA */
	KT_CHECK_EQ(sys_mremap(va, P(run->nr), P(run->nr), MREMAP_MAYMOVE | MREMAP_FIXED, away),
		    (long)away);
	KT_CHECK_EQ(sys_mremap(away, P(run->nr), P(run->nr), MREMAP_MAYMOVE | MREMAP_FIXED, va),
		    (long)va);
	return true;
}

/* A child that keeps what there was, while the first page is copied. */
static bool op_fork(struct mm_ops *ops, const struct run *run)
{
	u64 before = ops->word[run->first];
	struct mm *child = fx_fork(ops->mm);

	if (!child)
		return false;
	(void)op_write(ops, run);
	KT_CHECK_EQ(fx_get_in(child, va_of(ops, run->first)), before);
	mmput(child);
	return true;
}

static bool op_swap_out(struct mm_ops *ops, const struct run *run)
{
	unsigned long va = va_of(ops, run->first);

	return ops->swap && fx_page(ops->mm, va) && fx_swap_out(ops->mm, va);
}

static bool (*const op[])(struct mm_ops *ops, const struct run *run) = {
	op_write, op_write, op_write, op_discard, op_protect, op_unmap, op_move, op_fork,
	op_swap_out, op_swap_out,
};

static void map_what_is_missing(struct mm_ops *ops)
{
	for (unsigned long i = 0; i < MM_OPS_PAGES; i++) {
		const struct run one = { i, 1 };

		if (ops->page[i] != MM_OPS_NONE)
			continue;
		fx_map(ops->mm, va_of(ops, i), 1, FX_RW);
		model(ops, &one, MM_OPS_WRITE, true);
	}
}

void mm_ops_step(struct mm_ops *ops)
{
	struct run run;

	if (pick_mapped(ops, &run))
		ops->done += op[rand_below(&ops->rand, ARRAY_SIZE(op))](ops, &run);
	else if (!rand_below(&ops->rand, 8))
		map_what_is_missing(ops);
}

void mm_ops_written(struct mm_ops *ops, unsigned long i, u64 word)
{
	ops->word[i] = word;
}

void mm_ops_init(struct mm_ops *ops, struct mm *mm, unsigned long base, u64 seed)
{
	*ops = (struct mm_ops){ .mm = mm, .base = base, .swap = fx_have_swap(), .next_word = 1 };
	rand_seed(&ops->rand, seed);
	map_what_is_missing(ops);
}
