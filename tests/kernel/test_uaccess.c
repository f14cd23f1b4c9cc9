/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_uaccess.c - suite uaccess: hostile pointers
 */
#include "mm/uaccess.h"

#include "arch/x86/mm/layout.h"
#include "kernel/lib/string.h"
#include "kernel/sched/task.h"
#include "kernel/test/ktest.h"
#include "tests/kernel/mm_fixture.h"

#define P(n) ((n) * PAGE_SIZE)

KTEST_QUICK(uaccess, no_pointer_reaches_the_kernel)
{
	static u64 secret = 0x5ec2e7;
	unsigned long bad[] = {
		(unsigned long)&secret, DIRECT_MAP_BASE, KERNEL_BASE, VMALLOC_START, MM_USER_TOP,
		MM_USER_TOP - 4, ~0UL, ~0UL - 7, 0x8000000000000000UL, 0x0000800000000000UL, 0, 1,
	};
	struct mm *mm = fx_mm();
	u64 word = 1;
	size_t i;

	KT_TRUE(mm);
	for (i = 0; i < ARRAY_SIZE(bad) && !ktest_failed(); i++) {
		KT_CHECK_EQ(copy_from_user(&word, (void *)bad[i], 8), -EFAULT);
		KT_CHECK_EQ(copy_to_user((void *)bad[i], &word, 8), -EFAULT);
		KT_CHECK_EQ(clear_user((void *)bad[i], 8), -EFAULT);
		KT_CHECK_EQ(copy_from_user_nofault(&word, (void *)bad[i], 8), -EFAULT);
		KT_CHECK_EQ(strncpy_from_user((char *)&word, (char *)bad[i], 8), -EFAULT);
		KT_CHECK_EQ(strnlen_user((char *)bad[i], 8), 0);
	}
	KT_CHECK_EQ(copy_from_user(&word, (void *)FX_BASE, ~0UL), -EFAULT);
	KT_CHECK_EQ(copy_to_user((void *)FX_BASE, &word, MM_USER_TOP), -EFAULT);
	KT_CHECK_EQ(secret, 0x5ec2e7);
	fx_drop(mm);
}

KTEST_QUICK(uaccess, a_thread_without_an_address_space_has_no_user_memory)
{
	u64 word = 0;

	KT_CHECK_EQ(copy_from_user(&word, (void *)FX_BASE, 8), -EFAULT);
	KT_CHECK_EQ(copy_to_user((void *)FX_BASE, &word, 8), -EFAULT);
}

KTEST_QUICK(uaccess, a_copy_stops_exactly_where_memory_ends)
{
	static char buf[3 * PAGE_SIZE];
	struct mm *mm = fx_mm();
	size_t off;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	for (off = 0; off < 20; off++) {
		unsigned long va = FX_BASE + PAGE_SIZE - off;

		KT_CHECK_EQ(copy_to_user_partial((void *)va, buf, 100), 100 - off);
		KT_CHECK_EQ(copy_from_user_partial(buf, (void *)va, 100), 100 - off);
	}
	KT_CHECK_EQ(copy_to_user((void *)FX_BASE, buf, PAGE_SIZE), 0);
	KT_CHECK_EQ(copy_to_user((void *)FX_BASE, buf, PAGE_SIZE + 1), -EFAULT);
	fx_map(mm, FX_BASE + P(1), 1, PROT_READ);
	KT_CHECK_EQ(copy_to_user_partial((void *)(FX_BASE + PAGE_SIZE - 3), buf, 10), 7);
	KT_CHECK_EQ(copy_from_user_partial(buf, (void *)(FX_BASE + PAGE_SIZE - 3), 10), 0);
	fx_drop(mm);
}

KTEST_QUICK(uaccess, strings_end_or_the_caller_hears_of_it)
{
	struct mm *mm = fx_mm();
	char buf[64];

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	KT_CHECK_EQ(copy_to_user((void *)FX_BASE, "hello", 6), 0);
	KT_CHECK_EQ(strncpy_from_user(buf, (char *)FX_BASE, sizeof(buf)), 5);
	KT_CHECK(!strcmp(buf, "hello"));
	KT_CHECK_EQ(strncpy_from_user(buf, (char *)FX_BASE, 3), 3);
	KT_CHECK_EQ(strnlen_user((char *)FX_BASE, 64), 6);
	KT_CHECK_GT(strnlen_user((char *)FX_BASE, 3), 3);
	KT_CHECK_EQ(copy_to_user((void *)(FX_BASE + PAGE_SIZE - 3), "abc", 3), 0);
	KT_CHECK_EQ(strncpy_from_user(buf, (char *)(FX_BASE + PAGE_SIZE - 3), 64), -EFAULT);
	KT_CHECK_EQ(strncpy_from_user(buf, (char *)(FX_BASE + PAGE_SIZE - 3), 3), 3);
	KT_CHECK_EQ(strnlen_user((char *)(FX_BASE + PAGE_SIZE - 3), 64), 0);
	KT_CHECK_EQ(strncpy_from_user(buf, (char *)FX_BASE, 0), 0);
	fx_drop(mm);
}

KTEST_QUICK(uaccess, the_nofault_forms_do_not_fault_in)
{
	struct mm *mm = fx_mm();
	u64 word = 7;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	KT_CHECK_EQ(copy_from_user_nofault(&word, (void *)FX_BASE, 8), -EFAULT);
	KT_CHECK_EQ(copy_to_user_nofault((void *)FX_BASE, &word, 8), -EFAULT);
	KT_CHECK(pte_none(fx_pte(mm, FX_BASE)));
	fx_put(FX_BASE, 9);
	KT_CHECK_EQ(copy_from_user_nofault(&word, (void *)FX_BASE, 8), 0);
	KT_CHECK_EQ(word, 9);
	fx_drop(mm);
}

KTEST_QUICK(uaccess, compare_and_exchange_tells_what_it_found)
{
	struct mm *mm = fx_mm();
	u32 seen = 0;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	KT_CHECK_EQ(cmpxchg_user_u32(&seen, (u32 *)FX_BASE, 0, 5), 0);
	KT_CHECK_EQ(seen, 0);
	KT_CHECK_EQ(cmpxchg_user_u32(&seen, (u32 *)FX_BASE, 0, 6), 0);
	KT_CHECK_EQ(seen, 5);
	KT_CHECK_EQ(fx_get(FX_BASE), 5);
	KT_CHECK_EQ(cmpxchg_user_u32(&seen, (u32 *)(FX_BASE + 2), 0, 6), -EFAULT);
	KT_CHECK_EQ(cmpxchg_user_u32(&seen, (u32 *)(FX_BASE + P(1)), 0, 6), -EFAULT);
	fx_drop(mm);
}
