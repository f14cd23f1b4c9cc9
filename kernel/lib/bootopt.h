/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/lib/bootopt.h - options on the kernel's command line, name=value
 *
 *	static int swap_option(const char *value) { ... return 0 or -errno; }
 *	BOOT_OPTION(swap, swap_option, "swap areas at boot: SIZE[,SIZE]");
 *
 * The options of all files lie side by side in the section `bootopts`, which
 * keeps its name in the linked image (the linker then provides its bounds).
 */
#ifndef KERNEL_LIB_BOOTOPT_H
#define KERNEL_LIB_BOOTOPT_H

#include "include/types.h"

struct boot_option {
	const char *name;
	int (*set)(const char *value);	/* 0, or -errno if value is not good */
	const char *help;
};

/* For names that are no C identifiers, such as kvm.protocol. */
#define BOOT_OPTION_NAMED(id, text, fn, help_text)			\
	static const struct boot_option bootopt_##id			\
	__used __section("bootopts") __aligned(8) = {			\
		.name = text, .set = fn, .help = help_text		\
	}
#define BOOT_OPTION(id, fn, help_text) \
	BOOT_OPTION_NAMED(id, #id, fn, help_text)

/*
 * Keep a copy of the command line that the boot loader gave and call the
 * handlers in the order of the line. An unknown option, or a value that its
 * handler refuses, is reported in a sentence and changes nothing. A word without
 * '=' is the option with the value "". The word `--` ends the options.
 * Context: once, early, before other CPUs run; needs no allocator.
 */
void bootopt_parse(const char *cmdline);

/* The command line as it was given (cut at 1023 characters). */
const char *bootopt_cmdline(void);

#endif
