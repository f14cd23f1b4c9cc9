/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/cpuid.h - what this CPU can do
 *
 * A feature's number is leaf word * 32 + bit, the word being the index of one
 * of the registers that cpuid_init() reads once on the boot CPU (all CPUs of a
 * machine are taken to be alike). Bits: SDM volume 2, CPUID.
 */
#ifndef ARCH_X86_CPU_CPUID_H
#define ARCH_X86_CPU_CPUID_H

#include "include/types.h"

enum cpuid_word { CPUID_1_EDX, CPUID_1_ECX, CPUID_7_EBX, CPUID_7_ECX,
		  CPUID_81_EDX, CPUID_81_ECX, NR_CPUID_WORDS };

enum x86_feature {
	X86_FEATURE_PGE = CPUID_1_EDX * 32 + 13,
	X86_FEATURE_PAT = CPUID_1_EDX * 32 + 16,
	X86_FEATURE_FXSR = CPUID_1_EDX * 32 + 24,
	X86_FEATURE_MONITOR = CPUID_1_ECX * 32 + 3,
	X86_FEATURE_RDRAND = CPUID_1_ECX * 32 + 30,
	X86_FEATURE_HYPERVISOR = CPUID_1_ECX * 32 + 31,
	X86_FEATURE_FSGSBASE = CPUID_7_EBX * 32 + 0,
	X86_FEATURE_SMEP = CPUID_7_EBX * 32 + 7,
	X86_FEATURE_ERMS = CPUID_7_EBX * 32 + 9,
	X86_FEATURE_SMAP = CPUID_7_EBX * 32 + 20,
	X86_FEATURE_UMIP = CPUID_7_ECX * 32 + 2,
	X86_FEATURE_SYSCALL = CPUID_81_EDX * 32 + 11,
	X86_FEATURE_NX = CPUID_81_EDX * 32 + 20,
	X86_FEATURE_GBPAGES = CPUID_81_EDX * 32 + 26,
	X86_FEATURE_RDTSCP = CPUID_81_EDX * 32 + 27,
	X86_FEATURE_SVM = CPUID_81_ECX * 32 + 2,
};

extern u32 cpuid_words[NR_CPUID_WORDS];

static inline void cpuid(u32 leaf, u32 subleaf, u32 *a, u32 *b, u32 *c, u32 *d)
{
	__asm__ volatile("cpuid" : "=a"(*a), "=b"(*b), "=c"(*c), "=d"(*d)
			 : "a"(leaf), "c"(subleaf));
}

/* Whether the CPUs of this machine have @f. Context: any, after cpuid_init(). */
static inline bool cpu_has(enum x86_feature f)
{
	return cpuid_words[f / 32] & BIT(f % 32);
}

/* Read the feature words. Context: once, boot CPU, before any cpu_has(). */
void cpuid_init(void);

#endif
