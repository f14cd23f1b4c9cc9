/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/boot/boot_info.c - what the boot loader told us, in one form
 *
 * Concept    Two protocols say the same things: a memory map, a command line,
 *            modules and the ACPI root pointer. Each has one reader here, which
 *            copies what it finds; afterwards nobody looks at the loader's
 *            structures again, except that the places of modules and tables are
 *            reserved.
 * Owns       boot_info.
 * Locks      None: boot CPU, before there are others.
 * Invariants Regions are sorted by start; RAM regions are whole pages and do not
 *            overlap other kinds. Reserved ranges are whole pages.
 * Callers    kernel/main.c; later everybody reads boot_info.
 * Next       arch/x86/mm/kernel_map.c
 */
#include "arch/x86/boot/boot_info.h"
#include "arch/x86/mm/layout.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/string.h"

#define LOW_MEMORY_END 0x100000UL	/* firmware data, SMP trampoline: never allocated */
#define FIRST_MAP_END (4UL << 30)

/* ---- multiboot2, specification 2.0, section 3.6 ---- */

#define MULTIBOOT2_LOADER_MAGIC 0x36d76289

struct mb2_info {
	u32 total_size, reserved;
};

enum mb2_tag_type {
	MB2_TAG_END = 0, MB2_TAG_CMDLINE = 1, MB2_TAG_MODULE = 3,
	MB2_TAG_MMAP = 6, MB2_TAG_RSDP1 = 14, MB2_TAG_RSDP2 = 15,
};

struct mb2_tag {
	u32 type, size;
};

struct mb2_tag_module {
	struct mb2_tag tag;
	u32 start, end;
};

struct mb2_tag_mmap {
	struct mb2_tag tag;
	u32 entry_size, entry_version;
};

struct mb2_mmap_entry {
	u64 base, len;
	u32 type, zero;
};

/* ---- PVH, xen/include/public/arch-x86/hvm/start_info.h ---- */

#define PVH_MAGIC 0x336ec578

struct pvh_start_info {
	u32 magic, version, flags, nr_modules;
	u64 modlist_pa, cmdline_pa, rsdp_pa, memmap_pa;
	u32 memmap_entries, reserved;
};

struct pvh_module {
	u64 pa, size, cmdline_pa, reserved;
};

struct pvh_memmap_entry {
	u64 base, len;
	u32 type, reserved;
};

static_assert(sizeof(struct pvh_start_info) == 56, "version 1");
static_assert(sizeof(struct pvh_memmap_entry) == 24, "version 1");

struct boot_info boot_info;

static void boot_info_pvh(u64 info_pa);
static void boot_info_multiboot2(u64 info_pa);
static void boot_info_settle(void);

void boot_info_init(u32 magic, u64 info_pa)
{
	if (magic == PVH_MAGIC)
		boot_info_pvh(info_pa);
	else if (magic == MULTIBOOT2_LOADER_MAGIC)
		boot_info_multiboot2(info_pa);
	else
		panic("the boot loader speaks neither multiboot2 nor PVH: magic %x", magic);
	if (boot_info.nr_mem == 0)
		panic("the boot loader gave no memory map");
	boot_info_settle();
	boot_info_reserve(0, LOW_MEMORY_END);
	boot_info_reserve(LOW_MEMORY_END, virt_to_phys(_kernel_end));
	for (unsigned int i = 0; i < boot_info.nr_modules; i++)
		boot_info_reserve(boot_info.modules[i].start, boot_info.modules[i].end);
}

static void boot_info_add_mem(u64 base, u64 len, u32 type)
{
	if (len == 0)
		return;
	if (boot_info.nr_mem == BOOT_MAX_REGIONS)
		panic("the memory map has more than %d regions", BOOT_MAX_REGIONS);
	boot_info.mem[boot_info.nr_mem++] = (struct boot_region){ base, base + len, type };
}

static void boot_info_add_module(u64 start, u64 end)
{
	if (start == end)
		return;
	if (boot_info.nr_modules == BOOT_MAX_MODULES)
		panic("more than %d boot modules", BOOT_MAX_MODULES);
	boot_info.modules[boot_info.nr_modules++] = (struct boot_region){ start, end, 0 };
}

static void boot_info_set_cmdline(const char *text)
{
	if (strscpy(boot_info.cmdline, text, sizeof(boot_info.cmdline)) < 0)
		pr_warn("the command line is longer than %d characters and was cut",
			BOOT_CMDLINE_LEN - 1);
}

static void boot_info_pvh(u64 info_pa)
{
	const struct pvh_start_info *info = phys_to_virt(info_pa);
	const struct pvh_module *mod = phys_to_virt(info->modlist_pa);
	const struct pvh_memmap_entry *e = phys_to_virt(info->memmap_pa);

	boot_info.protocol = "PVH";
	boot_info.rsdp = info->rsdp_pa;
	if (info->cmdline_pa)
		boot_info_set_cmdline(phys_to_virt(info->cmdline_pa));
	for (u32 i = 0; i < info->nr_modules; i++)
		boot_info_add_module(mod[i].pa, mod[i].pa + mod[i].size);
	if (info->version < 1)
		return;		/* version 0 has no memory map */
	for (u32 i = 0; i < info->memmap_entries; i++)
		boot_info_add_mem(e[i].base, e[i].len, e[i].type);
}

const void *boot_info_mb2_next(const void *at, const void *end)
{
	const struct mb2_tag *tag = at;
	u64 left = (u64)((const char *)end - (const char *)at), size = round_up((u64)tag->size, 8);

	if (tag->size < sizeof(*tag) || left < size || left - size < sizeof(*tag))
		return NULL;
	return (const char *)at + size;
}

static void boot_info_mb2_mmap(const struct mb2_tag_mmap *mmap)
{
	const char *p = (const char *)(mmap + 1);
	const char *end = (const char *)mmap + mmap->tag.size;

	if (mmap->entry_size < sizeof(struct mb2_mmap_entry))
		panic("the boot loader's memory map has entries of %u bytes", mmap->entry_size);
	for (; p + sizeof(struct mb2_mmap_entry) <= end; p += mmap->entry_size) {
		const struct mb2_mmap_entry *e = (const void *)p;

		boot_info_add_mem(e->base, e->len, e->type);
	}
}

static void boot_info_multiboot2(u64 info_pa)
{
	const struct mb2_info *info = phys_to_virt(info_pa);
	const char *p = (const char *)(info + 1);
	const char *end = (const char *)info + info->total_size;

	boot_info.protocol = "multiboot2";
	/* the RSDP is a copy inside this block, which therefore stays */
	boot_info_reserve(info_pa, info_pa + info->total_size);
	for (; p; p = boot_info_mb2_next(p, end)) {
		const struct mb2_tag *tag = (const void *)p;
		const struct mb2_tag_module *mod = (const void *)p;

		if (tag->type == MB2_TAG_END)
			break;
		if (tag->type == MB2_TAG_CMDLINE)
			boot_info_set_cmdline(p + sizeof(*tag));
		else if (tag->type == MB2_TAG_MODULE)
			boot_info_add_module(mod->start, mod->end);
		else if (tag->type == MB2_TAG_MMAP)
			boot_info_mb2_mmap((const void *)p);
		else if (tag->type == MB2_TAG_RSDP2 ||
			 (tag->type == MB2_TAG_RSDP1 && boot_info.rsdp == 0))
			boot_info.rsdp = virt_to_phys(p + sizeof(*tag));
	}
}

/* Sort the map; cut RAM to whole pages. */
static void boot_info_settle(void)
{
	struct boot_region *m = boot_info.mem;

	for (unsigned int i = 1; i < boot_info.nr_mem; i++) {
		struct boot_region r = m[i];
		unsigned int j = i;

		for (; j > 0 && m[j - 1].start > r.start; j--)
			m[j] = m[j - 1];
		m[j] = r;
	}
	for (unsigned int i = 0; i < boot_info.nr_mem; i++) {
		if (m[i].type != BOOT_RAM)
			continue;
		m[i].start = PAGE_ALIGN(m[i].start);
		m[i].end = round_down(m[i].end, PAGE_SIZE);
		if (m[i].end < m[i].start)
			m[i].end = m[i].start;
	}
}

void boot_info_reserve(u64 start, u64 end)
{
	struct boot_region *r = boot_info.reserved;

	start = round_down(start, PAGE_SIZE);
	end = PAGE_ALIGN(end);
	for (unsigned int i = 0; i < boot_info.nr_reserved; i++) {
		if (end < r[i].start || r[i].end < start)
			continue;
		/* touches or overlaps: one range (which may now touch a third: harmless) */
		r[i].start = min(r[i].start, start);
		r[i].end = max(r[i].end, end);
		return;
	}
	if (boot_info.nr_reserved == BOOT_MAX_REGIONS)
		panic("more than %d reserved ranges before memblock", BOOT_MAX_REGIONS);
	r[boot_info.nr_reserved++] = (struct boot_region){ start, end, BOOT_RESERVED };
}

/* The highest free range of @len bytes inside [@start, @end), or 0. */
static u64 boot_alloc_find(u64 start, u64 end, u64 len)
{
	const struct boot_region *r = boot_info.reserved;
	unsigned int i = 0;

	if (end - start < len)
		return 0;
	while (i < boot_info.nr_reserved) {
		if (r[i].start < end && end - len < r[i].end) {
			end = r[i].start;	/* lower, and look at all of them again */
			i = 0;
			if (end < start + len)
				return 0;
			continue;
		}
		i++;
	}
	return end - len;
}

u64 boot_alloc(u64 len)
{
	ASSERT(is_aligned(len, PAGE_SIZE));
	for (unsigned int i = boot_info.nr_mem; i-- > 0;) {
		const struct boot_region *m = &boot_info.mem[i];
		u64 end = min(m->end, FIRST_MAP_END);
		u64 pa;

		if (m->type != BOOT_RAM || m->start >= end)
			continue;
		pa = boot_alloc_find(m->start, end, len);
		if (!pa)
			continue;
		boot_info_reserve(pa, pa + len);
		memset(phys_to_virt(pa), 0, len);
		return pa;
	}
	panic("no %lu KiB of memory left below 4 GiB at boot", (unsigned long)len >> 10);
}

static const char *boot_region_name(u32 type)
{
	switch (type) {
	case BOOT_RAM: return "RAM";
	case BOOT_ACPI: return "ACPI tables";
	case BOOT_NVS: return "ACPI NVS";
	case BOOT_BAD: return "bad RAM";
	default: return "reserved";
	}
}

void boot_info_print(void)
{
	u64 ram = 0;

	for (unsigned int i = 0; i < boot_info.nr_mem; i++) {
		const struct boot_region *m = &boot_info.mem[i];

		if (m->type == BOOT_RAM)
			ram += m->end - m->start;
		pr_debug("boot: %016lx-%016lx %s", (unsigned long)m->start,
			 (unsigned long)m->end, boot_region_name(m->type));
	}
	pr_info("boot: %s, %lu KiB of RAM, %u module(s), command line \"%s\"",
		boot_info.protocol, (unsigned long)ram >> 10, boot_info.nr_modules,
		boot_info.cmdline);
}
