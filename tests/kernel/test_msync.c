/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_msync.c - suite msync: is the range mapped, may it be forgotten
 */
#include "mm/mmap.h"

#include "kernel/test/ktest.h"
#include "tests/kernel/mm_fixture.h"

#define P(n) ((n) * PAGE_SIZE)

KTEST_QUICK(msync, holes_and_wrong_arguments_answer_as_in_linux)
{
	struct mm *mm = fx_mm();

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 2, FX_RW);
	fx_map(mm, FX_BASE + P(3), 1, PROT_NONE);
	KT_CHECK_EQ(sys_msync(FX_BASE, P(2), MS_SYNC), 0);
	KT_CHECK_EQ(sys_msync(FX_BASE + P(3), 1, MS_ASYNC | MS_INVALIDATE), 0);
	KT_CHECK_EQ(sys_msync(FX_BASE + P(8), 0, 0), 0);
	KT_CHECK_EQ(sys_msync(FX_BASE, P(4), MS_SYNC), -ENOMEM);
	KT_CHECK_EQ(sys_msync(FX_BASE + P(2), P(1), 0), -ENOMEM);
	KT_CHECK_EQ(sys_msync(FX_BASE + P(3), P(2), 0), -ENOMEM);
	KT_CHECK_EQ(sys_msync(FX_BASE, -P(1), 0), -ENOMEM);
	KT_CHECK_EQ(sys_msync(FX_BASE + 1, P(1), MS_SYNC), -EINVAL);
	KT_CHECK_EQ(sys_msync(FX_BASE, P(1), MS_SYNC | MS_ASYNC), -EINVAL);
	KT_CHECK_EQ(sys_msync(FX_BASE, P(1), 8), -EINVAL);
	fx_drop(mm);
}

/* Linux looks for locked ranges only up to the first one; what precedes it may be a hole. */
KTEST_QUICK(msync, locked_pages_can_not_be_invalidated)
{
	struct mm *mm = fx_mm();
	unsigned long at;

	KT_TRUE(mm);
	KT_CHECK_EQ(vm_mmap(mm, NULL, FX_BASE, P(2), FX_RW,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_LOCKED, 0, &at), 0);
	KT_CHECK_EQ(sys_msync(FX_BASE, P(1), MS_SYNC), 0);
	KT_CHECK_EQ(sys_msync(FX_BASE, P(1), MS_INVALIDATE), -EBUSY);
	KT_CHECK_EQ(sys_msync(FX_BASE - P(1), P(2), MS_INVALIDATE), -EBUSY);
	fx_drop(mm);
}
