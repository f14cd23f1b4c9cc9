/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/boot/boot_info.h - what the boot loader told us, in one form
 *
 * Filled by boot_info_init() from a multiboot2 information block or a PVH
 * start_info; afterwards constant, except that reservations are added until
 * mm/memblock.c takes over. All addresses are physical.
 */
#ifndef ARCH_X86_BOOT_BOOT_INFO_H
#define ARCH_X86_BOOT_BOOT_INFO_H

#include "include/types.h"

#define BOOT_MAX_REGIONS 64
#define BOOT_MAX_MODULES 4
#define BOOT_CMDLINE_LEN 2048

enum boot_region_type {		/* numbers of the firmware's E820 map */
	BOOT_RAM = 1,
	BOOT_RESERVED = 2,
	BOOT_ACPI = 3,		/* tables, may be reclaimed after reading; we do not */
	BOOT_NVS = 4,
	BOOT_BAD = 5,
};

struct boot_region {
	u64 start, end;
	u32 type;
};

struct boot_info {
	const char *protocol;			/* "multiboot2" or "PVH" */
	char cmdline[BOOT_CMDLINE_LEN];
	struct boot_region mem[BOOT_MAX_REGIONS];	/* sorted by start */
	unsigned int nr_mem;
	struct boot_region modules[BOOT_MAX_MODULES];	/* initramfs archives in order */
	unsigned int nr_modules;
	struct boot_region reserved[BOOT_MAX_REGIONS];	/* RAM in use: never to be allocated */
	unsigned int nr_reserved;		/* kernel image, modules, early tables, low 1 MiB */
	u64 rsdp;				/* ACPI root pointer, 0 if not told */
};

extern struct boot_info boot_info;

/*
 * Read the loader's block at @info_pa. Context: boot CPU, first mapper active.
 * @magic is what the entry code found in EAX.
 */
void boot_info_init(u32 magic, u64 info_pa);

/*
 * The tag behind the multiboot2 tag at @at. Return: NULL if its size is none, or leads
 * to where no tag fits in front of @end. Context: any.
 */
const void *boot_info_mb2_next(const void *at, const void *end);

/* Mark [@start, @end) as in use. Context: boot CPU, before memblock. */
void boot_info_reserve(u64 start, u64 end);

/*
 * Take @len bytes (page aligned, zeroed) of RAM below 4 GiB for good, before
 * there is an allocator. Return: physical address; panics if there is none.
 */
u64 boot_alloc(u64 len);

/* Print the memory map. */
void boot_info_print(void);

#endif
