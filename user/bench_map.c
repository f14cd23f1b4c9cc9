/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user/bench_map.c - what it costs to map, change, move and unmap memory; see user/bench.c
 */
#define _GNU_SOURCE
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "user/bench.h"

static long map_unmap(void)
{
	start();
	for (int i = 0; i < 200; i++) {
		char *p = map(PAGE);

		if (!p)
			return FAIL;
		*(volatile char *)p = 1;
		munmap(p, PAGE);
	}
	stop();
	return 200;
}

static long unmap_page(void)
{
	char *p = map(MIB);

	if (!p)
		return FAIL;
	touch(p, MIB);
	start();
	munmap(p, MIB);
	stop();
	return MIB / PAGE;
}

static long protect_twice(void)
{
	char *p = map(MIB);
	int bad = 0;

	if (!p)
		return FAIL;
	touch(p, MIB);
	start();
	for (int i = 0; i < 10; i++) {
		bad |= mprotect(p, MIB, PROT_READ);
		bad |= mprotect(p, MIB, PROT_READ | PROT_WRITE);
	}
	stop();
	munmap(p, MIB);
	return bad ? FAIL : 10;
}

static long remap(void)
{
	char *p = map(MIB), *to = map(MIB);

	if (!p || !to)
		return FAIL;
	touch(p, MIB);
	start();
	to = mremap(p, MIB, MIB, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	stop();
	if (to == MAP_FAILED)
		return FAIL;
	munmap(to, MIB);
	return 1;
}

/* 16 MiB from and to addresses where the tables themselves can go over. */
static long remap_16(void)
{
	const size_t size = 16 * MIB, align = 2 * MIB;
	char *p = map(2 * (size + align)), *from, *to;

	if (!p)
		return FAIL;
	from = (char *)(((uintptr_t)p + align - 1) & -align);
	to = from + size;
	touch(from, size);
	start();
	for (int i = 0; i < 4; i++) {
		char *other = from;

		if (mremap(from, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, to) != to)
			return FAIL;
		from = to;
		to = other;
	}
	stop();
	munmap(p, 2 * (size + align));
	return 4;
}

/* A page more and a page less, in place. */
static long remap_grow(void)
{
	char *p = map(2 * PAGE);

	if (!p || munmap(p + PAGE, PAGE))
		return FAIL;
	start();
	for (int i = 0; i < 100; i++)
		if (mremap(p, PAGE, 2 * PAGE, 0) != p || mremap(p, 2 * PAGE, PAGE, 0) != p)
			return FAIL;
	stop();
	munmap(p, PAGE);
	return 100;
}

/* One VMA becomes three, and one again. */
static long split_join(void)
{
	char *p = map(3 * PAGE);
	int bad = 0;

	if (!p)
		return FAIL;
	touch(p, 3 * PAGE);
	start();
	for (int i = 0; i < 100; i++) {
		bad |= mprotect(p + PAGE, PAGE, PROT_READ);
		bad |= mprotect(p + PAGE, PAGE, PROT_READ | PROT_WRITE);
	}
	stop();
	munmap(p, 3 * PAGE);
	return bad ? FAIL : 100;
}

static long map_fixed_over(void)
{
	char *p = map(PAGE);

	if (!p)
		return FAIL;
	start();
	for (int i = 0; i < 200; i++) {
		if (mmap(p, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
			 -1, 0) != p)
			return FAIL;
		*(volatile char *)p = 1;
	}
	stop();
	munmap(p, PAGE);
	return 200;
}

static long map_populate(void)
{
	char *p;

	start();
	p = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE,
		 -1, 0);
	stop();
	if (p == MAP_FAILED)
		return FAIL;
	munmap(p, MIB);
	return MIB / PAGE;
}

static long unmap_untouched(void)
{
	char *p[50];

	for (int i = 0; i < 50; i++)
		if (!(p[i] = map(MIB)) || mprotect(p[i], PAGE, PROT_READ))
			return FAIL;
	start();
	for (int i = 0; i < 50; i++)
		munmap(p[i], MIB);
	stop();
	return 50;
}

static long dont_need(void)
{
	char *p = map(MIB);

	if (!p)
		return FAIL;
	touch(p, MIB);
	start();
	if (madvise(p, MIB, MADV_DONTNEED))
		return FAIL;
	stop();
	munmap(p, MIB);
	return MIB / PAGE;
}

static long heap_round(void)
{
	char *top = (char *)syscall(SYS_brk, 0);

	start();
	for (int i = 0; i < 100; i++) {
		if ((char *)syscall(SYS_brk, top + PAGE) != top + PAGE)
			return FAIL;
		*(volatile char *)(((uintptr_t)top + PAGE - 1) & -PAGE) = 1;
		syscall(SYS_brk, top);
	}
	stop();
	return 100;
}

/* A page that a relative shares is unmapped, and stays the relative's. */
static long unmap_shared_page(void)
{
	char *p = map(MIB);
	int hold[2];
	pid_t pid;
	char c;

	if (!p || pipe(hold))
		return FAIL;
	touch(p, MIB);
	pid = fork();
	if (pid == 0) {
		close(hold[1]);
		_exit(read(hold[0], &c, 1) != 0);
	}
	if (pid < 0)
		return FAIL;
	start();
	munmap(p, MIB);
	stop();
	close(hold[1]);
	close(hold[0]);
	return reap(pid) ? (long)(MIB / PAGE) : FAIL;
}

const struct operation map_operations[] = {
	{ "map_unmap", map_unmap },
	{ "map_fixed_over", map_fixed_over },
	{ "map_populate", map_populate },
	{ "unmap_page", unmap_page },
	{ "unmap_shared_page", unmap_shared_page },
	{ "unmap_untouched", unmap_untouched },
	{ "dont_need", dont_need },
	{ "heap_round", heap_round },
	{ "protect_twice_1_mib", protect_twice },
	{ "split_join", split_join },
	{ "remap_1_mib", remap },
	{ "remap_16_mib", remap_16 },
	{ "remap_grow", remap_grow },
	{ 0 }
};
