/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_pte.c - one page-table entry, in the form the hardware reads
 */
#include "arch/x86/cpu/cpuid.h"
#include "arch/x86/cpu/msr.h"
#include "arch/x86/mm/pte.h"
#include "kernel/test/ktest.h"

#define SOME_PFN 0x12345UL
#define MAX_PFN ((1UL << 40) - 1)

KTEST_QUICK(pte, accessors_read_what_make_wrote)
{
	pte_t pte = pte_make(SOME_PFN, PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_YOUNG);

	KT_TRUE(pte_present(pte) && pte_write(pte) && pte_user(pte) && pte_young(pte));
	KT_TRUE(!pte_dirty(pte) && !pte_huge(pte) && !pte_special(pte) && !pte_global(pte));
	KT_TRUE(pte_exec(pte) && !pte_none(pte));
	KT_EQ(pte_pfn(pte), SOME_PFN);
	KT_EQ(pte_pfn(pte_make(MAX_PFN, PTE_PRESENT)), MAX_PFN);
}

KTEST_QUICK(pte, changes_touch_one_bit)
{
	pte_t pte = pte_make(SOME_PFN, PTE_PRESENT | PTE_USER | PTE_NX);

	KT_EQ(pte_mkwrite(pte).v ^ pte.v, PTE_WRITE);
	KT_EQ(pte_mkdirty(pte).v ^ pte.v, PTE_DIRTY);
	KT_EQ(pte_mkyoung(pte).v ^ pte.v, PTE_YOUNG);
	KT_EQ(pte_mkspecial(pte).v ^ pte.v, PTE_SPECIAL);
	KT_TRUE(pte_same(pte_wrprotect(pte_mkwrite(pte)), pte));
	KT_TRUE(pte_same(pte_mkclean(pte_mkdirty(pte)), pte));
	KT_TRUE(pte_same(pte_mkold(pte_mkyoung(pte)), pte));
}

KTEST_QUICK(pte, modify_keeps_frame_and_history)
{
	pte_t pte = pte_make(SOME_PFN, PTE_PRESENT | PTE_WRITE | PTE_USER | PTE_YOUNG | PTE_DIRTY);
	pte_t ro = pte_modify(pte, PTE_PRESENT | PTE_USER | PTE_NX);

	KT_EQ(pte_pfn(ro), SOME_PFN);
	KT_TRUE(pte_young(ro) && pte_dirty(ro) && pte_user(ro) && !pte_write(ro));
	KT_EQ(pte_exec(ro), !cpu_has(X86_FEATURE_NX));
}

KTEST_QUICK(pte, absent_entries_keep_kind_value_and_mark)
{
	for (int kind = PTE_KIND_SWAP; kind <= PTE_KIND_PROTNONE; kind++) {
		for (int mark = 0; mark < 2; mark++) {
			pte_t pte = pte_make_absent((enum pte_kind)kind, MAX_PFN - 1, mark);

			KT_TRUE(!pte_present(pte) && !pte_none(pte));
			KT_EQ((int)pte_kind(pte), kind);
			KT_EQ(pte_value(pte), MAX_PFN - 1);
			KT_EQ(pte_mark(pte), mark == 1);
		}
	}
	KT_TRUE(pte_none(pte_make_none()));
	/* value 0 is a value: the kind alone makes the entry */
	KT_FALSE(pte_none(pte_make_absent(PTE_KIND_SWAP, 0, false)));
}

KTEST_QUICK(pte, indices_take_an_address_apart)
{
	unsigned long va = 0x0000712345678abcUL, back = 0;

	for (unsigned int level = 1; level <= PT_LEVELS; level++)
		back += pt_index(va, level) * pt_size(level);
	KT_EQ(back, va & PAGE_MASK);
	KT_EQ(pt_size(1), 4096UL);
	KT_EQ(pt_size(2), 2UL << 20);
	KT_EQ(pt_size(3), 1UL << 30);
}

KTEST_QUICK(pte, exchange_and_cmpxchg_see_the_old_entry)
{
	pte_t a = pte_make(1, PTE_PRESENT), b = pte_make(2, PTE_PRESENT), slot = a, old;

	KT_TRUE(pte_same(pte_exchange(&slot, b), a) && pte_same(slot, b));
	old = a;
	KT_FALSE(pte_try_cmpxchg(&slot, &old, a));
	KT_TRUE(pte_same(old, b));
	KT_TRUE(pte_try_cmpxchg(&slot, &old, a) && pte_same(slot, a));
}
