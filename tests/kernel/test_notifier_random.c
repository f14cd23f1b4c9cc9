/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_notifier_random.c - suite notifier_random: every toy against random changes
 *
 * One of each toy device on one address space, whose operations are random: after each of
 * them some device reads or writes some page, and must see what the process would. And
 * the toy that no other suite has: the one that holds references.
 */
#include "include/uapi/mman.h"
#include "kernel/test/gate.h"
#include "kernel/test/ktest.h"
#include "mm/mmap.h"
#include "tests/kernel/mm_fixture.h"
#include "tests/kernel/mm_ops.h"
#include "tests/kernel/notifier_toys.h"
#include "tests/kernel/toy_guest.h"
#include "tests/kernel/toy_mirror.h"
#include "tests/kernel/toy_refs.h"
#include "tests/kernel/toy_remote.h"
#include "tests/kernel/toy_tlb.h"

#define P(n) ((unsigned long)(n) * PAGE_SIZE)

static struct mm_ops ops;
static struct mirror mirror;
static struct refs refs;
static struct remote remote;
static struct guest guest;
static struct toy_tlb point, pair;

/* ---- each device reads a page: 0, or -EFAULT as the process would ---- */

static int read_by_mirror(unsigned long i, u64 *word)
{
	return mirror_read(&mirror, FX_BASE + P(i), word);
}

static int read_by_refs(unsigned long i, u64 *word)
{
	return refs_read(&refs, FX_BASE + P(i), word);
}

static int read_by_remote(unsigned long i, u64 *word)
{
	int err = 0;

	while (!err && !remote_access(&remote, FX_BASE + P(i), word, false))
		err = remote_lend(&remote, FX_BASE + P(i), false);
	return err;
}

static int read_by_guest(unsigned long i, u64 *word)
{
	int err = 0;

	while (!err && !guest_access(&guest, i, word, false))
		err = guest_fault(&guest, i, false);
	return err;
}

static int read_by_cache(unsigned long i, u64 *word)
{
	int err = guest_cache(&guest, i);

	if (!err && !guest_cached(&guest, word))
		err = -EFAULT;
	return err;
}

/* These make no faults, so the process touches the page first. */
static int read_by_tlb(struct toy_tlb *t, unsigned long i, u64 *word)
{
	unsigned long va = FX_BASE + P(i);

	if (ops.page[i] == MM_OPS_NONE)
		return toy_tlb_page(t, va) ? 0 : -EFAULT;
	(void)fx_get(va);
	if (!toy_tlb_page(t, va) && !toy_tlb_fill(t, va))
		return -EFAULT;
	*word = *(u64 *)page_address(toy_tlb_page(t, va));
	return 0;
}

static int read_by_point(unsigned long i, u64 *word)
{
	return read_by_tlb(&point, i, word);
}

static int read_by_pair(unsigned long i, u64 *word)
{
	return read_by_tlb(&pair, i, word);
}

static const struct { const char *name; int (*read)(unsigned long i, u64 *word); } devices[] = {
	{ "mirror", read_by_mirror }, { "refs", read_by_refs }, { "remote", read_by_remote },
	{ "guest", read_by_guest }, { "guest's cache", read_by_cache },
	{ "point", read_by_point }, { "pair", read_by_pair },
};

static void some_device_reads(void)
{
	unsigned long d = rand_below(&ops.rand, ARRAY_SIZE(devices));
	unsigned long i = rand_below(&ops.rand, MM_OPS_PAGES);
	int err, wanted = ops.page[i] == MM_OPS_NONE ? -EFAULT : 0;
	u64 word = ops.word[i];

	err = devices[d].read(i, &word);
	if (err != wanted || word != ops.word[i])
		ktest_fail(__FILE__, __LINE__, "%s, page %lu: %d for %d, %llu for %llu",
			   devices[d].name, i, err, wanted, (unsigned long long)word,
			   (unsigned long long)ops.word[i]);
}

static void some_device_writes(void)
{
	unsigned long i = rand_below(&ops.rand, MM_OPS_PAGES);
	u64 word = ops.next_word++;

	if (mirror_write(&mirror, FX_BASE + P(i), word))
		KT_CHECK(ops.page[i] != MM_OPS_WRITE);
	else
		mm_ops_written(&ops, i, word);
}

static bool devices_up(struct mm *mm)
{
	static const struct guest_slot all = { .gfn = 0, .nr = GUEST_PAGES, .hva = FX_BASE };

	if (!KT_CHECK_EQ(mirror_open(&mirror, mm, FX_BASE), 0) ||
	    !KT_CHECK_EQ(refs_open(&refs, mm, FX_BASE), 0) ||
	    !KT_CHECK_EQ(remote_open(&remote, mm, FX_BASE), 0) ||
	    !KT_CHECK_EQ(guest_open(&guest, mm), 0) ||
	    !KT_CHECK_EQ(toy_tlb_open(&point, mm, &toy_tlb_point_ops), 0) ||
	    !KT_CHECK_EQ(toy_tlb_open(&pair, mm, &toy_tlb_pair_ops), 0))
		return false;
	guest_set_slot(&guest, 0, &all);
	return true;
}

static void devices_down(void)
{
	toy_tlb_close(&pair);
	toy_tlb_close(&point);
	guest_close(&guest);
	remote_close(&remote);
	refs_close(&refs);
	mirror_close(&mirror);
}

KTEST(notifier_random, every_device_sees_what_the_process_sees)
{
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	mm_ops_init(&ops, mm, FX_BASE, 17);
	if (devices_up(mm)) {
		for (unsigned int step = 0; step < 3000 && !ktest_failed(); step++) {
			mm_ops_step(&ops);
			some_device_reads();
			if (step % 8 == 0)
				some_device_writes();
		}
		KT_CHECK(ops.done > 1000);
		devices_down();
	}
	fx_drop(mm);
}

/* ---- references ---- */

static struct mm *refs_up(void)
{
	struct mm *mm = fx_mm();

	if (!mm)
		return NULL;
	fx_map(mm, FX_BASE, REFS_PAGES, FX_RW);
	if (KT_CHECK_EQ(refs_open(&refs, mm, FX_BASE), 0))
		return mm;
	fx_drop(mm);
	return NULL;
}

static void look_at_refs(struct recorder *rec, const struct recorded_call *call)
{
	struct page *page = refs_page(&refs, FX_BASE);

	if (call->op == MN_INVALIDATE_RANGE_START)
		KT_CHECK(page && page_count(page) > 1);
	if (call->op == MN_INVALIDATE_RANGE_END)	/* told before us */
		KT_CHECK(!page);
}

/* No start: the page is used to the end, and is free only then. */
KTEST_QUICK(notifier_random, who_holds_references_forgets_at_the_end)
{
	struct mm *mm = fx_mm();
	struct recorder *rec;
	u64 word = 0;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	fx_put(FX_BASE, 5);
	rec = toy_recorder(mm, &recorder_bracket_ops);
	if (rec && KT_CHECK_EQ(refs_open(&refs, mm, FX_BASE), 0)) {
		KT_CHECK_EQ(refs_read(&refs, FX_BASE, &word), 0);
		KT_CHECK_EQ(word, 5);
		rec->look = look_at_refs;
		KT_CHECK_EQ(sys_munmap(FX_BASE, P(1)), 0);
		rec->look = NULL;
		KT_CHECK_EQ(recorder_count(rec, MN_INVALIDATE_RANGE_END), 1);
		KT_CHECK_EQ(refs_read(&refs, FX_BASE, &word), -EFAULT);
		refs_close(&refs);
	}
	toy_recorder_end(rec);
	fx_drop(mm);
}

static int read_first_page(void *arg)
{
	return refs_read(&refs, FX_BASE, arg);
}

/* The reference keeps the page, not the truth: without a sequence it would stay for ever. */
KTEST_QUICK(notifier_random, a_referenced_look_up_overtaken_by_a_change_is_made_again)
{
	struct fx_thread t;
	struct mm *mm;
	u64 word = 0;

	KT_NEED_GATES();
	mm = refs_up();
	KT_TRUE(mm);
	fx_put(FX_BASE, 1);
	gate_arm("refs.found", &refs);
	if (fx_start(&t, NULL, read_first_page, &word)) {
		if (gate_wait("refs.found")) {
			KT_CHECK_EQ(sys_madvise(FX_BASE, P(1), MADV_DONTNEED), 0);
			fx_put(FX_BASE, 2);
		}
		gate_open("refs.found");
		KT_CHECK_EQ(fx_join(&t), 0);
	}
	KT_CHECK_EQ(word, 2);
	refs_close(&refs);
	fx_drop(mm);
}
