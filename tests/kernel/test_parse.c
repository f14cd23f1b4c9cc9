/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/kernel/test_parse.c - kernel/lib/parse.c inside the kernel */
#include "kernel/lib/parse.h"
#include "kernel/test/ktest.h"

KTEST_QUICK(parse, sizes_take_a_suffix)
{
	u64 v = 0;

	KT_EQ(parse_size("256M", &v), 0);
	KT_EQ(v, 256UL << 20);
	KT_EQ(parse_size("0x10k", &v), 0);
	KT_EQ(v, 16384);
	KT_EQ(parse_size("7", &v), 0);
	KT_EQ(v, 7);
	KT_EQ(parse_size("16777215T", &v), 0);
}

KTEST_QUICK(parse, nonsense_is_refused_and_changes_nothing)
{
	u64 v = 5;

	KT_EQ(parse_size("", &v), -EINVAL);
	KT_EQ(parse_size("M", &v), -EINVAL);
	KT_EQ(parse_size("1MB", &v), -EINVAL);
	KT_EQ(parse_size("-1", &v), -EINVAL);
	KT_EQ(parse_size("16777216T", &v), -ERANGE);
	KT_EQ(parse_u64("18446744073709551616", &v), -ERANGE);
	KT_EQ(parse_u64("0x", &v), -EINVAL);
	KT_EQ(parse_u64("12 ", &v), -EINVAL);
	KT_EQ(v, 5);
	KT_EQ(parse_u64("18446744073709551615", &v), 0);
	KT_EQ(v, ~0UL);
}
