/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_mmap.c - suite mmap: ranges come and go
 */
#include "mm/mmap.h"

#include "kernel/lib/rand.h"
#include "kernel/lib/string.h"
#include "kernel/sched/sched.h"
#include "kernel/test/inject.h"
#include "kernel/test/ktest.h"
#include "mm/fault.h"
#include "mm/gup.h"
#include "mm/vma.h"
#include "tests/kernel/mm_fixture.h"

#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static int try_map(struct mm *mm, unsigned long va, unsigned long len, unsigned long flags)
{
	unsigned long out;

	return vm_mmap(mm, NULL, va, len, FX_RW, flags, 0, &out);
}

KTEST_QUICK(mmap, wrong_arguments_are_refused)
{
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	KT_CHECK_EQ(try_map(mm, 0, 0, ANON), -EINVAL);
	KT_CHECK_EQ(try_map(mm, 0, PAGE_SIZE, MAP_ANONYMOUS), -EINVAL);
	KT_CHECK_EQ(try_map(mm, FX_BASE + 1, PAGE_SIZE, ANON | MAP_FIXED), -EINVAL);
	KT_CHECK_EQ(try_map(mm, 0, PAGE_SIZE, ANON | MAP_FIXED), -EPERM);
	KT_CHECK_EQ(try_map(mm, MM_USER_TOP, PAGE_SIZE, ANON | MAP_FIXED), -ENOMEM);
	KT_CHECK_EQ(try_map(mm, 0, ~0UL, ANON), -ENOMEM);
	KT_CHECK_EQ(try_map(mm, 0, MM_USER_TOP, ANON), -ENOMEM);
	KT_CHECK_EQ(vm_munmap(mm, FX_BASE + 1, PAGE_SIZE), -EINVAL);
	KT_CHECK_EQ(vm_munmap(mm, FX_BASE, 0), -EINVAL);
	KT_CHECK_EQ(vm_munmap(mm, MM_USER_TOP, PAGE_SIZE), -EINVAL);
	KT_CHECK_EQ(vm_munmap(mm, FX_BASE, ~0UL), -EINVAL);
	KT_CHECK_EQ(vm_munmap(mm, FX_BASE, PAGE_SIZE), 0);
	KT_CHECK_EQ(fx_nr_vmas(mm), 0);
	fx_drop(mm);
}

static int try_map_file(struct mm *mm, unsigned long flags, u64 pgoff)
{
	unsigned long out;
	struct file *file;
	int err = mmap_file_hooks->shared_anon(2 * PAGE_SIZE, true, &file);

	if (err)
		return err;
	err = vm_mmap(mm, file, FX_BASE, 2 * PAGE_SIZE, FX_RW, flags | MAP_FIXED, pgoff, &out);
	mmap_file_hooks->put(file);
	return err;
}

KTEST_QUICK(mmap, a_validated_type_refuses_unknown_flags)
{
	const u64 last = ((1UL << 63) - 1) >> PAGE_SHIFT;
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	KT_CHECK_EQ(try_map(mm, 0, PAGE_SIZE, MAP_SHARED_VALIDATE | MAP_ANONYMOUS), -EINVAL);
	KT_CHECK_EQ(try_map_file(mm, MAP_SHARED_VALIDATE | MAP_SYNC, 0), -EOPNOTSUPP);
	KT_CHECK_EQ(try_map_file(mm, MAP_SHARED_VALIDATE, 0), 0);
	KT_CHECK_EQ(try_map_file(mm, MAP_SHARED | MAP_SYNC, 0), 0);
	KT_CHECK_EQ(try_map_file(mm, MAP_SHARED, last - 1), -EOVERFLOW);
	KT_CHECK_EQ(try_map_file(mm, MAP_PRIVATE, last - 2), 0);
	fx_drop(mm);
}

KTEST_QUICK(mmap, addresses_are_chosen_from_the_top_and_hints_are_kept)
{
	struct mm *mm = fx_mm();
	unsigned long a, b, c;

	KT_TRUE(mm);
	mm->mmap_base = MM_USER_TOP - (16UL << 20);
	a = fx_map(mm, 0, 4, FX_RW);
	b = fx_map(mm, 0, 4, PROT_READ);
	KT_CHECK_EQ(a, mm->mmap_base - 4 * PAGE_SIZE);
	KT_CHECK_EQ(b, a - 4 * PAGE_SIZE);
	KT_CHECK_EQ(vm_mmap(mm, NULL, FX_BASE + 5, PAGE_SIZE, FX_RW, ANON, 0, &c), 0);
	KT_CHECK_EQ(c, FX_BASE);
	KT_CHECK_EQ(vm_mmap(mm, NULL, FX_BASE, PAGE_SIZE, FX_RW, ANON, 0, &c), 0);
	KT_CHECK_NE(c, FX_BASE);
	KT_CHECK_EQ(try_map(mm, FX_BASE, PAGE_SIZE, ANON | MAP_FIXED_NOREPLACE), -EEXIST);
	fx_drop(mm);
}

KTEST_QUICK(mmap, fixed_replaces_what_was_there)
{
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 8, FX_RW);
	fx_put(FX_BASE + 3 * PAGE_SIZE, 3);
	fx_put(FX_BASE + 6 * PAGE_SIZE, 6);
	fx_map(mm, FX_BASE + 2 * PAGE_SIZE, 2, FX_RW);
	KT_CHECK_EQ(fx_get(FX_BASE + 3 * PAGE_SIZE), 0);
	KT_CHECK_EQ(fx_get(FX_BASE + 6 * PAGE_SIZE), 6);
	KT_CHECK_EQ(mm->total_vm, 8);
	KT_CHECK(fx_valid(mm));
	fx_drop(mm);
}

KTEST_QUICK(mmap, munmap_gives_pages_and_tables_back)
{
	struct mm *mm = fx_mm();
	unsigned long i;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1024, FX_RW);
	for (i = 0; i < 1024; i += 3)
		fx_put(FX_BASE + i * PAGE_SIZE, i);
	KT_CHECK_EQ(atomic64_read(&mm->rss[MM_ANONPAGES]), 342);
	KT_CHECK_EQ(vm_munmap(mm, FX_BASE + 10 * PAGE_SIZE, 1014 * PAGE_SIZE), 0);
	KT_CHECK_EQ(atomic64_read(&mm->rss[MM_ANONPAGES]), 4);
	KT_CHECK_EQ(fx_get(FX_BASE + 9 * PAGE_SIZE), 9);
	KT_CHECK_EQ(vm_munmap(mm, 0x10000, MM_USER_TOP - 0x10000), 0);
	KT_CHECK_EQ(atomic64_read(&mm->rss[MM_ANONPAGES]), 0);
	KT_CHECK_EQ(atomic64_read(&mm->nr_table_pages), 0);
	KT_CHECK_EQ(mm->map_count, 0);
	fx_drop(mm);
}

KTEST_QUICK(mmap, populate_makes_the_pages_at_once)
{
	struct mm *mm = fx_mm();
	unsigned long va;

	KT_TRUE(mm);
	KT_CHECK_EQ(vm_mmap(mm, NULL, 0, 5 * PAGE_SIZE, FX_RW, ANON | MAP_POPULATE, 0, &va), 0);
	KT_CHECK_EQ(atomic64_read(&mm->rss[MM_ANONPAGES]), 5);
	KT_CHECK(pte_write(fx_pte(mm, va + 4 * PAGE_SIZE)));
	fx_drop(mm);
}

KTEST_QUICK(mmap, brk_moves_the_end_of_the_heap)
{
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	mm->start_brk = mm->brk = FX_BASE + 100;
	KT_CHECK_EQ(sys_brk(0), (long)FX_BASE + 100);
	KT_CHECK_EQ(sys_brk(FX_BASE + 3 * PAGE_SIZE), (long)(FX_BASE + 3 * PAGE_SIZE));
	fx_put(FX_BASE + 2 * PAGE_SIZE, 7);
	KT_CHECK_EQ(sys_brk(FX_BASE + 5 * PAGE_SIZE + 1), (long)(FX_BASE + 5 * PAGE_SIZE + 1));
	KT_CHECK_EQ(fx_nr_vmas(mm), 1);
	KT_CHECK_EQ(fx_get(FX_BASE + 2 * PAGE_SIZE), 7);
	KT_CHECK_EQ(mm->total_vm, 5);
	fx_map(mm, FX_BASE + 8 * PAGE_SIZE, 1, PROT_READ);
	KT_CHECK_EQ(sys_brk(FX_BASE + 9 * PAGE_SIZE), (long)(FX_BASE + 5 * PAGE_SIZE + 1));
	KT_CHECK_EQ(sys_brk(FX_BASE + PAGE_SIZE), (long)(FX_BASE + PAGE_SIZE));
	KT_CHECK_EQ(mm->total_vm, 1);
	fx_drop(mm);
}

KTEST_QUICK(mmap, the_address_space_limit_counts_replaced_pages_once)
{
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	mm->as_limit = 8 * PAGE_SIZE;
	KT_CHECK_EQ(try_map(mm, FX_BASE, 6 * PAGE_SIZE, ANON | MAP_FIXED), 0);
	KT_CHECK_EQ(try_map(mm, 0, 3 * PAGE_SIZE, ANON), -ENOMEM);
	KT_CHECK_EQ(try_map(mm, FX_BASE + 2 * PAGE_SIZE, 6 * PAGE_SIZE, ANON | MAP_FIXED), 0);
	KT_CHECK_EQ(mm->total_vm, 8);
	fx_drop(mm);
}

KTEST_QUICK(mmap, a_stack_grows_to_its_limit_and_keeps_its_guard_gap)
{
	unsigned long top = FX_BASE + (64UL << 20), va;
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	mm->stack_limit = 1UL << 20;
	KT_CHECK_EQ(vm_mmap(mm, NULL, top - PAGE_SIZE, PAGE_SIZE, FX_RW,
			    ANON | MAP_FIXED | MAP_GROWSDOWN, 0, &va), 0);
	KT_CHECK_EQ(mm_fault(mm, top - 100 * PAGE_SIZE, FAULT_WRITE | FAULT_USER), FAULT_DONE);
	KT_CHECK_EQ(mm->total_vm, 100);
	KT_CHECK_EQ(mm_fault(mm, top - (2UL << 20), FAULT_WRITE | FAULT_USER), FAULT_MAPERR);
	/* A neighbour closer than the gap stops it, and mmap itself keeps away. */
	fx_map(mm, top - (512 + 200) * PAGE_SIZE, 100, FX_RW);
	mm->stack_limit = 64UL << 20;
	KT_CHECK_EQ(mm_fault(mm, top - 500 * PAGE_SIZE, FAULT_WRITE | FAULT_USER), FAULT_MAPERR);
	KT_CHECK(fx_valid(mm));
	fx_drop(mm);
}

/* Whatever allocation fails, the call fails as a whole and leaks nothing. */
KTEST(mmap, every_failed_allocation_is_survived)
{
	struct mm *mm = fx_mm();
	enum inject_point point;
	u64 nth, fired;
	int err;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 16, FX_RW);
	fx_put(FX_BASE, 1);
	fx_put(FX_BASE + 15 * PAGE_SIZE, 15);
	for (point = INJECT_PAGE_ALLOC; point <= INJECT_SLAB_ALLOC; point++) {
		for (nth = 1, fired = 1; fired; nth++) {
			inject_arm(point, nth, 1, current);
			err = try_map(mm, FX_BASE + 4 * PAGE_SIZE, 4 * PAGE_SIZE,
				      ANON | MAP_FIXED | MAP_POPULATE | MAP_NORESERVE);
			if (!err)
				err = vm_munmap(mm, FX_BASE + 5 * PAGE_SIZE, PAGE_SIZE);
			fired = inject_disarm(point);
			KT_CHECK(!err || err == -ENOMEM);
			if (!KT_CHECK(fx_valid(mm)))
				break;
		}
		KT_CHECK_GT(nth, 2);
	}
	KT_CHECK_EQ(fx_get(FX_BASE), 1);
	KT_CHECK_EQ(fx_get(FX_BASE + 15 * PAGE_SIZE), 15);
	fx_drop(mm);
}

/* ---- everything against a model: one byte of permissions and one word a page ---- */

#define MODEL_PAGES 96UL

struct model {
	struct mm *mm;
	struct rand_state r;
	struct model_page {
		bool mapped;
		u8 prot;
		u64 word;
	} page[MODEL_PAGES];
};

static unsigned long model_va(unsigned long i)
{
	return FX_BASE + (512 - 48 + i) * PAGE_SIZE;	/* across the border of two tables */
}

static u8 model_prot(struct model *m)
{
	static const u8 prots[] = { PROT_NONE, PROT_READ, FX_RW, FX_RW };

	return prots[rand_below(&m->r, ARRAY_SIZE(prots))];
}

static void model_map(struct model *m, unsigned long i, unsigned long n)
{
	u8 prot = model_prot(m);

	fx_map(m->mm, model_va(i), n, prot);
	while (n--)
		m->page[i + n] = (struct model_page){ true, prot, 0 };
}

static void model_unmap(struct model *m, unsigned long i, unsigned long n)
{
	KT_CHECK_EQ(vm_munmap(m->mm, model_va(i), n * PAGE_SIZE), 0);
	while (n--)
		m->page[i + n] = (struct model_page){ false };
}

/* Linux's order: what precedes a hole is changed, then -ENOMEM. */
static void model_protect(struct model *m, unsigned long i, unsigned long n)
{
	u8 prot = model_prot(m);
	int expect = 0;
	unsigned long k;

	for (k = i; k < i + n && !expect; k++) {
		if (m->page[k].mapped)
			m->page[k].prot = prot;
		else
			expect = -ENOMEM;
	}
	KT_CHECK_EQ(sys_mprotect(model_va(i), n * PAGE_SIZE, prot), expect);
}

static void model_dontneed(struct model *m, unsigned long i, unsigned long n)
{
	int expect = 0;
	unsigned long k;

	for (k = i; k < i + n; k++) {
		if (!m->page[k].mapped)
			expect = -ENOMEM;
		m->page[k].word = 0;
	}
	KT_CHECK_EQ(sys_madvise(model_va(i), n * PAGE_SIZE, MADV_DONTNEED), expect);
}

/* Move @n pages that lie in one VMA to another place of the window. */
static void model_move(struct model *m, unsigned long i, unsigned long n)
{
	unsigned long to = rand_below(&m->r, MODEL_PAGES - n + 1), k;
	struct model_page moved[16];

	if (n > ARRAY_SIZE(moved) || (to < i + n && i < to + n))
		return;
	for (k = i; k < i + n; k++) {
		if (!m->page[k].mapped || m->page[k].prot != m->page[i].prot)
			return;
	}
	/* Neighbours that could not be joined make -EFAULT: then nothing moved. */
	if (sys_mremap(model_va(i), n * PAGE_SIZE, n * PAGE_SIZE, MREMAP_MAYMOVE | MREMAP_FIXED,
		       model_va(to)) != (long)model_va(to)) {
		for (k = to; k < to + n; k++)
			m->page[k] = (struct model_page){ false };
		model_unmap(m, to, n);
		return;
	}
	memcpy(moved, &m->page[i], n * sizeof(moved[0]));
	for (k = 0; k < n; k++) {
		m->page[i + k] = (struct model_page){ false };
		m->page[to + k] = moved[k];
	}
}

static void model_write(struct model *m, unsigned long i)
{
	struct model_page *p = &m->page[i];
	u64 word = rand_u64(&m->r) | 1;
	bool ok = fx_put_in(m->mm, model_va(i), word);

	KT_CHECK_EQ(ok, p->mapped && p->prot & PROT_WRITE);
	if (ok)
		p->word = word;
}

static void model_verify(struct model *m, struct mm *mm)
{
	unsigned long i;
	u64 word;
	bool ok;

	for (i = 0; i < MODEL_PAGES; i++) {
		struct model_page *p = &m->page[i];

		word = 0;
		ok = access_remote_vm(mm, model_va(i), &word, sizeof(word), FOLL_FORCE) ==
		     sizeof(word);
		if (!KT_CHECK_EQ(ok, p->mapped) || !KT_CHECK_EQ(word, p->mapped ? p->word : 0))
			return;
		KT_CHECK_EQ(mm_fault(mm, model_va(i), 0) == FAULT_DONE,
			    p->mapped && p->prot != PROT_NONE);
	}
}

/* A child sees the same; what it then writes is its own. */
static void model_fork(struct model *m)
{
	struct mm *child = fx_fork(m->mm);
	unsigned long i;

	if (!child)
		return;
	model_verify(m, child);
	for (i = 0; i < MODEL_PAGES; i += 5)
		(void)fx_put_in(child, model_va(i), ~0UL);
	KT_CHECK(fx_valid(child));
	mmput(child);
}

static void model_step(struct model *m)
{
	unsigned long n = 1 + rand_below(&m->r, 12), i = rand_below(&m->r, MODEL_PAGES - n + 1);

	switch (rand_below(&m->r, 16)) {
	case 0:
	case 1:
		model_map(m, i, n);
		break;
	case 2:
		model_unmap(m, i, n);
		break;
	case 3:
	case 4:
		model_protect(m, i, n);
		break;
	case 5:
		model_dontneed(m, i, n);
		break;
	case 6:
		model_move(m, i, n);
		break;
	case 7:
		if (!rand_below(&m->r, 8))
			model_fork(m);
		break;
	case 8:
		if (m->page[i].word && fx_have_swap())
			(void)fx_unmap_to_swap_cache(m->mm, model_va(i));
		break;
	default:
		model_write(m, i);
	}
}

static void model_run(u64 seed, int steps)
{
	static struct model m;
	struct mm *mm = fx_mm();
	int i;

	KT_TRUE(mm);
	m = (struct model){ .mm = mm };
	rand_seed(&m.r, seed);
	for (i = 0; i < steps && !ktest_failed(); i++) {
		model_step(&m);
		if (i % 32 == 0) {
			model_verify(&m, mm);
			KT_CHECK(fx_valid(mm));
		}
	}
	model_verify(&m, mm);
	fx_drop(mm);
	if (ktest_failed())
		KT_FAIL("model: seed %llu, step %d", (unsigned long long)seed, i);
}

KTEST(mmap, random_calls_agree_with_a_model)
{
	model_run(1, 400);
}

KTEST(mmap, many_random_calls_agree_with_a_model)
{
	u64 seed;

	for (seed = 2; seed < 12 && !ktest_failed(); seed++)
		model_run(seed, 1500);
}
