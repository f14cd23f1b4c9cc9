/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_exec.c - suite exec: argument strings, and refusal
 *
 * What a program finds after exec is in tests/user/hello.c and process.c.
 */
#include "kernel/task/exec.h"

#include "kernel/lib/string.h"
#include "kernel/test/ktest.h"
#include "mm/slab.h"
#include "mm/uaccess.h"
#include "tests/kernel/mm_fixture.h"

KTEST_QUICK(exec, arguments_are_limited)
{
	const char *argv[3] = { "a", NULL, NULL }, *none[] = { NULL };
	char *big = KT_GET(kmalloc(EXEC_ARGS_MAX + 1, GFP_KERNEL));
	struct exec_args *args;
	int err;

	KT_TRUE(big);
	memset(big, 'x', EXEC_ARGS_MAX);
	big[EXEC_ARGS_MAX] = '\0';
	argv[1] = big;
	err = exec_args_from_kernel(&args, argv, none);
	KT_CHECK_EQ(err, -E2BIG);
	if (!err)
		exec_args_free(args);
	big[EXEC_ARGS_MAX - 3] = '\0';	/* with "a" and both NULs: exactly full */
	err = exec_args_from_kernel(&args, argv, none);
	KT_CHECK_EQ(err, 0);
	if (!err)
		exec_args_free(args);
	kfree(big);
}

KTEST_QUICK(exec, hostile_vectors_are_refused)
{
	struct mm *mm = fx_mm();
	struct exec_args *args;
	u64 __user *v = (u64 __user *)FX_BASE;

	KT_TRUE(mm);
	fx_map(mm, FX_BASE, 1, FX_RW);
	KT_CHECK_EQ(exec_args_from_user(&args, (u64 __user *)8, NULL), -EFAULT);
	KT_CHECK_EQ(exec_args_from_user(&args, (u64 __user *)~7UL, NULL), -EFAULT);
	KT_CHECK_EQ(put_user(0xffffffff80000000UL, v), 0);
	KT_CHECK_EQ(exec_args_from_user(&args, v, NULL), -EFAULT);
	/* a vector without an end that points to itself: the limit ends it */
	for (u64 i = 0; i < PAGE_SIZE / 8; i++)
		KT_CHECK_EQ(put_user(FX_BASE + PAGE_SIZE - 8, v + i), 0);
	KT_CHECK_EQ(exec_args_from_user(&args, v, NULL), -EFAULT);
	fx_drop(mm);
}
