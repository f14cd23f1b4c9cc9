/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/trap/crash.c - crashes on purpose, to see what a panic says
 *
 * Concept    crash=NAME makes the kernel commit the mistake NAME at the end of
 *            boot. tests/boot compares the sentences; a reader can look at each
 *            panic without writing a bug first.
 * Owns       Nothing.
 * Callers    kernel/main.c
 * Next       kernel/syscall/table.c
 */
#include "arch/x86/trap/crash.h"
#include "arch/x86/mm/layout.h"
#include "kernel/lib/bootopt.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/string.h"

#define NON_CANONICAL 0x8000000000000000UL
#define USER_ADDRESS 0x400000UL
#define LOST_RAM (DIRECT_MAP_BASE + (1UL << 45))

static char crash_name[16];

/* A pointer whose value the compiler does not see. */
static void *crash_pointer(unsigned long va)
{
	__asm__ volatile("" : "+r"(va));
	return (void *)va;
}

static void crash_null(void)
{
	*(volatile int *)crash_pointer(0x18) = 1;
}

static void crash_user(void)
{
	(void)*(volatile int *)crash_pointer(USER_ADDRESS);
}

static void crash_hole(void)
{
	(void)*(volatile int *)crash_pointer(LOST_RAM);
}

static void crash_rodata(void)
{
	*(volatile char *)_rodata_start = 1;
}

/* The same text through the direct map must be read-only too. */
static void crash_alias(void)
{
	*(volatile char *)phys_to_virt(virt_to_phys(_text_start)) = 1;
}

static void crash_exec(void)
{
	static char ret_instruction[1] = { (char)0xc3 };
	void (*data)(void) = (void (*)(void))ret_instruction;

	data();
}

static void crash_jump(void)
{
	void (*nowhere)(void) = (void (*)(void))crash_pointer(0);

	nowhere();
}

static void crash_gp(void)
{
	(void)*(volatile int *)crash_pointer(NON_CANONICAL);
}

static void crash_ud(void)
{
	__asm__ volatile("ud2");
}

static void crash_divide(void)
{
	__asm__ volatile("divl %1" :: "a"(1), "r"(0), "d"(0) : "cc");
}

static unsigned long crash_deep(unsigned long n)
{
	volatile char frame[256];

	frame[n % sizeof(frame)] = (char)n;
	return n == 0 ? 0 : crash_deep(n - 1) + (unsigned long)frame[n % sizeof(frame)];
}

static void crash_stack(void)
{
	(void)crash_deep(~0UL);
}

/* The guard value lies above a frame's arrays. */
static void crash_smash(void)
{
	char buf[16];
	size_t len = sizeof(buf) + 16;

	__asm__ volatile("" : "+r"(len));
	memset(buf, 0x41, len);
	__asm__ volatile("" :: "r"(buf) : "memory");
}

static void crash_assert(void)
{
	ASSERT_MSG(crash_name[0] == '\0', "asked for by crash=%s", crash_name);
}

static const struct {
	const char *name;
	void (*fn)(void);
} crashes[] = {
	{ "null", crash_null }, { "user", crash_user }, { "hole", crash_hole },
	{ "rodata", crash_rodata }, { "alias", crash_alias }, { "exec", crash_exec },
	{ "jump", crash_jump }, { "gp", crash_gp }, { "ud", crash_ud },
	{ "divide", crash_divide }, { "stack", crash_stack }, { "smash", crash_smash },
	{ "assert", crash_assert },
};

void crash_if_asked(void)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(crashes); i++)
		if (strcmp(crashes[i].name, crash_name) == 0) {
			pr_info("crash: %s, on purpose", crash_name);
			crashes[i].fn();
			pr_err("crash: %s went unnoticed", crash_name);
		}
}

static int crash_option(const char *value)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(crashes); i++)
		if (strcmp(crashes[i].name, value) == 0)
			return strscpy(crash_name, value, sizeof(crash_name)) < 0 ? -EINVAL : 0;
	return -EINVAL;
}
BOOT_OPTION(crash, crash_option,
	    "crash at the end of boot: null user hole rodata alias exec jump gp ud divide stack smash assert");
