/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * arch/x86/cpu/msr.h - model-specific registers, control registers, the TSC
 *
 * Numbers and bits: Intel SDM volume 4 and volume 3 section 2.5.
 */
#ifndef ARCH_X86_CPU_MSR_H
#define ARCH_X86_CPU_MSR_H

#include "include/types.h"

#define MSR_APIC_BASE	0x0000001bU
#define MSR_PAT		0x00000277U
#define MSR_EFER	0xc0000080U
#define MSR_STAR	0xc0000081U
#define MSR_LSTAR	0xc0000082U
#define MSR_CSTAR	0xc0000083U
#define MSR_SYSCALL_MASK 0xc0000084U
#define MSR_FS_BASE	0xc0000100U
#define MSR_GS_BASE	0xc0000101U
#define MSR_KERNEL_GS_BASE 0xc0000102U

#define EFER_SCE	BIT(0)
#define EFER_LME	BIT(8)
#define EFER_LMA	BIT(10)
#define EFER_NXE	BIT(11)

#define CR0_PE		BIT(0)
#define CR0_MP		BIT(1)
#define CR0_EM		BIT(2)
#define CR0_TS		BIT(3)
#define CR0_NE		BIT(5)
#define CR0_WP		BIT(16)
#define CR0_PG		BIT(31)

#define CR4_PAE		BIT(5)
#define CR4_PGE		BIT(7)
#define CR4_OSFXSR	BIT(9)
#define CR4_OSXMMEXCPT	BIT(10)
#define CR4_UMIP	BIT(11)
#define CR4_FSGSBASE	BIT(16)
#define CR4_SMEP	BIT(20)
#define CR4_SMAP	BIT(21)

static inline u64 rdmsr(u32 msr)
{
	u32 lo, hi;

	__asm__ volatile("rdmsr" : "=a"(lo), "=d"(hi) : "c"(msr) : "memory");
	return ((u64)hi << 32) | lo;
}

static inline void wrmsr(u32 msr, u64 value)
{
	__asm__ volatile("wrmsr" :: "c"(msr), "a"((u32)value), "d"((u32)(value >> 32)) : "memory");
}

static inline u64 rdtsc(void)
{
	u32 lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi) :: "memory");
	return ((u64)hi << 32) | lo;
}

#define CR_ACCESSORS(n)							\
static inline unsigned long cr##n##_read(void)				\
{									\
	unsigned long v;						\
									\
	__asm__ volatile("mov %%cr" #n ", %0" : "=r"(v) :: "memory");	\
	return v;							\
}									\
static inline void cr##n##_write(unsigned long v)			\
{									\
	__asm__ volatile("mov %0, %%cr" #n :: "r"(v) : "memory");	\
}

CR_ACCESSORS(0)
CR_ACCESSORS(2)
CR_ACCESSORS(3)
CR_ACCESSORS(4)
#undef CR_ACCESSORS

#endif
