/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/kernel/test_glob.c - kernel/lib/glob.c inside the kernel */
#include "kernel/lib/glob.h"
#include "kernel/test/ktest.h"

KTEST_QUICK(glob, stars_and_sets_match)
{
	KT_TRUE(glob_match("rmap.*", "rmap.unmap"));
	KT_TRUE(glob_match("*.un*ap", "rmap.unmap"));
	KT_TRUE(glob_match("*a*a*", "banana") && glob_match("**", ""));
	KT_TRUE(glob_match("v?a[0-9a-f]x", "vmacx"));
	KT_TRUE(glob_match("[!x]", "y") && !glob_match("[!x]", "x"));
	KT_TRUE(glob_match("[]]", "]") && glob_match("[ab", "[ab"));
	KT_TRUE(glob_match("\\*", "*") && !glob_match("\\*", "a"));
}

KTEST_QUICK(glob, the_whole_text_must_match)
{
	KT_TRUE(!glob_match("rmap", "rmap.unmap"));
	KT_TRUE(!glob_match("rmap.*", "xrmap.unmap"));
	KT_TRUE(!glob_match("", "a") && glob_match("", ""));
	KT_TRUE(!glob_match("*ab", "aba") && !glob_match("?", ""));
}
