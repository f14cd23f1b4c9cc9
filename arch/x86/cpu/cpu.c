/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/cpu.c - what each CPU is set to before it does anything else
 *
 * Concept    CPUID says what there is. Protections are used when present and
 *            their absence costs one sentence. All CPUs are set alike.
 *
 *            FSGSBASE stays off although we could have it: then no program can
 *            write a GS base that looks like the kernel's, and the NMI entry can
 *            tell the two apart by their sign (arch/x86/trap/entry.S).
 * Owns       The feature words, pte_nx_mask.
 * Locks      None: boot CPU, then each CPU for itself.
 * Callers    kernel/main.c, smp.c.
 * Next       gdt.c
 */
#include "arch/x86/cpu/cpu.h"
#include "arch/x86/cpu/cpuid.h"
#include "arch/x86/cpu/msr.h"
#include "arch/x86/mm/pte.h"
#include "kernel/lib/panic.h"
#include "kernel/lib/printf.h"
#include "kernel/lib/printk.h"
#include "kernel/lib/string.h"

u32 cpuid_words[NR_CPUID_WORDS];
u64 pte_nx_mask;

/* Records of SMAP_PATCH() in asm.h. */
struct smap_patch {
	u8 *insn;
	u64 opcode;
};

extern const struct smap_patch __start_smap_patches[], __stop_smap_patches[];

static const struct {
	enum x86_feature feature;
	const char *name;
	const char *missing;	/* what its absence means, or NULL: nothing worth a word */
} cpu_protections[] = {
	{ X86_FEATURE_NX, "nx", "data can be executed" },
	{ X86_FEATURE_SMEP, "smep", "the kernel could execute user pages" },
	{ X86_FEATURE_SMAP, "smap", "the kernel could touch user memory by mistake" },
	{ X86_FEATURE_UMIP, "umip", "programs can read descriptor-table addresses" },
	{ X86_FEATURE_PGE, "pge", "no global pages" },
	{ X86_FEATURE_GBPAGES, "1g", NULL },
};

void cpuid_init(void)
{
	u32 a, b, c, d, max_leaf;

	cpuid(0, 0, &max_leaf, &b, &c, &d);
	cpuid(1, 0, &a, &b, &cpuid_words[CPUID_1_ECX], &cpuid_words[CPUID_1_EDX]);
	if (max_leaf >= 7)
		cpuid(7, 0, &a, &cpuid_words[CPUID_7_EBX], &cpuid_words[CPUID_7_ECX], &d);
	cpuid(0x80000001, 0, &a, &b, &cpuid_words[CPUID_81_ECX], &cpuid_words[CPUID_81_EDX]);
}

/* Make stac and clac of the no-operations. */
static void cpu_patch_smap(void)
{
	for (const struct smap_patch *p = __start_smap_patches; p < __stop_smap_patches; p++) {
		p->insn[0] = 0x0f;
		p->insn[1] = 0x01;
		p->insn[2] = (u8)p->opcode;
	}
}

static void cpu_features_print(void)
{
	char have[64] = "", lack[256] = "";
	size_t nh = 0, nl = 0;

	for (unsigned int i = 0; i < ARRAY_SIZE(cpu_protections); i++) {
		const char *name = cpu_protections[i].name;
		const char *missing = cpu_protections[i].missing;

		if (cpu_has(cpu_protections[i].feature))
			nh += (size_t)scnprintf(have + nh, sizeof(have) - nh, " %s", name);
		else if (missing)
			nl += (size_t)scnprintf(lack + nl, sizeof(lack) - nl, "%s no %s (%s)",
					       nl ? "," : "", name, missing);
	}
	pr_info("cpu: protections:%s%s%s", have, nl ? "; missing:" : "", lack);
}

void cpu_features_init(void)
{
	cpuid_init();
	if (!cpu_has(X86_FEATURE_FXSR) || !cpu_has(X86_FEATURE_SYSCALL))
		panic("this CPU has no FXSAVE or no SYSCALL, which every 64-bit CPU has");
	if (cpu_has(X86_FEATURE_NX))
		pte_nx_mask = PTE_NX;
	if (cpu_has(X86_FEATURE_SMAP))
		cpu_patch_smap();
	cpu_features_print();
}

void cpu_features_enable(void)
{
	unsigned long cr4 = cr4_read() | CR4_OSFXSR | CR4_OSXMMEXCPT;
	u64 efer = rdmsr(MSR_EFER) | EFER_SCE;

	if (cpu_has(X86_FEATURE_NX))
		efer |= EFER_NXE;
	wrmsr(MSR_EFER, efer);
	if (cpu_has(X86_FEATURE_PGE))
		cr4 |= CR4_PGE;
	if (cpu_has(X86_FEATURE_SMEP))
		cr4 |= CR4_SMEP;
	if (cpu_has(X86_FEATURE_SMAP))
		cr4 |= CR4_SMAP;
	if (cpu_has(X86_FEATURE_UMIP))
		cr4 |= CR4_UMIP;
	cr4_write(cr4 & ~CR4_FSGSBASE);
	cr0_write((cr0_read() & ~(CR0_EM | CR0_TS)) | CR0_WP | CR0_MP | CR0_NE);
}
