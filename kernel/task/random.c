/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kernel/task/random.c - mixes hardware noise into numbers for programs
 *
 * Concept    One counter, stirred by a good mixing function (splitmix64), by the
 *            time stamp counter and, where there is one, by the CPU's generator.
 * Owns       The counter.
 * Locks      None: it is atomic.
 * Callers    exec.c (AT_RANDOM), sys_getrandom().
 */
#include "kernel/task/random.h"

#include "arch/x86/cpu/atomic.h"
#include "arch/x86/cpu/cpuid.h"

static atomic64_t random_state;

static u64 random_tsc(void)
{
	u32 lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return (u64)hi << 32 | lo;
}

/* RDRAND: SDM volume 1, 7.3.17. Zero if it has nothing to give. */
static u64 random_hardware(void)
{
	u64 value;
	bool ok;

	if (!cpu_has(X86_FEATURE_RDRAND))
		return 0;
	__asm__ volatile("rdrand %0" : "=r"(value), "=@ccc"(ok));
	return ok ? value : 0;
}

u64 random_u64(void)
{
	u64 z = atomic64_add_return(0x9e3779b97f4a7c15UL, &random_state);

	z ^= random_tsc() ^ random_hardware();
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9UL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebUL;
	return z ^ (z >> 31);
}
