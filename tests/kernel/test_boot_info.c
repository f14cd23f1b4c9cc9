/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/kernel/test_boot_info.c - what the boot loader told us, in one form
 */
#include "arch/x86/boot/boot_info.h"
#include "arch/x86/mm/layout.h"
#include "kernel/lib/string.h"
#include "kernel/test/ktest.h"

KTEST_QUICK(boot_info, map_is_sorted_and_in_whole_pages)
{
	const struct boot_region *m = boot_info.mem;

	KT_GT(boot_info.nr_mem, 0U);
	for (unsigned int i = 0; i < boot_info.nr_mem; i++) {
		KT_LE(m[i].start, m[i].end);
		if (m[i].type == BOOT_RAM)
			KT_TRUE(is_aligned(m[i].start | m[i].end, PAGE_SIZE));
		if (i > 0)
			KT_GE(m[i].start, m[i - 1].start);
	}
}

/* Is all of [start, end) in one reserved range? */
static bool boot_info_is_reserved(u64 start, u64 end)
{
	for (unsigned int i = 0; i < boot_info.nr_reserved; i++)
		if (boot_info.reserved[i].start <= start && end <= boot_info.reserved[i].end)
			return true;
	return false;
}

KTEST_QUICK(boot_info, what_is_in_use_is_reserved)
{
	KT_TRUE(boot_info_is_reserved(0, 0x100000));
	KT_TRUE(boot_info_is_reserved(virt_to_phys(_kernel_start), virt_to_phys(_kernel_end)));
	for (unsigned int i = 0; i < boot_info.nr_modules; i++)
		KT_TRUE(boot_info_is_reserved(boot_info.modules[i].start,
					      boot_info.modules[i].end));
}

KTEST_QUICK(boot_info, the_command_line_ends)
{
	KT_LT(strnlen(boot_info.cmdline, BOOT_CMDLINE_LEN), (size_t)BOOT_CMDLINE_LEN);
	KT_TRUE(boot_info.protocol);
}

KTEST_QUICK(boot_info, a_tag_without_size_ends_the_list)
{
	u32 tags[8] = { 1, 12, 0, 0, 6, 8, 0, 8 };	/* 12 bytes and 4 to fill; 8; the end */

	KT_TRUE(boot_info_mb2_next(tags, tags + 8) == tags + 4);
	KT_TRUE(boot_info_mb2_next(tags + 4, tags + 8) == tags + 6);
	KT_TRUE(!boot_info_mb2_next(tags + 6, tags + 8));
	tags[5] = 0;
	KT_TRUE(!boot_info_mb2_next(tags + 4, tags + 8));
	tags[5] = 7;
	KT_TRUE(!boot_info_mb2_next(tags + 4, tags + 8));
	tags[5] = 0xffffffff;
	KT_TRUE(!boot_info_mb2_next(tags + 4, tags + 8));
}
