/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user/bench_fault.c - what the first access to memory costs, by kind, and swap; see user/bench.c
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "user/bench.h"

static long fault_anon(void)
{
	char *p = map(MIB);

	if (!p)
		return FAIL;
	start();
	touch(p, MIB);
	stop();
	munmap(p, MIB);
	return MIB / PAGE;
}

static long fault_zero(void)
{
	char *p = map(MIB);

	if (!p)
		return FAIL;
	start();
	look(p, MIB);
	stop();
	munmap(p, MIB);
	return MIB / PAGE;
}

/* What was read before is written: from the page of zeroes to one's own. */
static long fault_after_read(void)
{
	char *p = map(MIB);

	if (!p)
		return FAIL;
	look(p, MIB);
	start();
	touch(p, MIB);
	stop();
	munmap(p, MIB);
	return MIB / PAGE;
}

/* The kernel touches the memory first, in a copy for read(). */
static long fault_by_kernel(void)
{
	int fd = open("/dev/zero", O_RDONLY);
	char *p = map(MIB);

	if (fd < 0 || !p)
		return FAIL;
	start();
	for (size_t i = 0; i < MIB; i += PAGE)
		if (read(fd, p + i, 8) != 8)
			return FAIL;
	stop();
	munmap(p, MIB);
	close(fd);
	return MIB / PAGE;
}

static long fault_shared(void)
{
	char *p = mmap(NULL, MIB, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return FAIL;
	start();
	touch(p, MIB);
	stop();
	munmap(p, MIB);
	return MIB / PAGE;
}

/* Memory that may not be written, a handler that allows it: a barrier in user mode. */
static char *guarded;

static void on_fault(int sig, siginfo_t *info, void *context)
{
	mprotect(guarded, PAGE, PROT_READ | PROT_WRITE);
}

static long fault_to_handler(void)
{
	struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	guarded = map(PAGE);
	if (!guarded || sigaction(SIGSEGV, &action, NULL))
		return FAIL;
	*guarded = 1;
	start();
	for (int i = 0; i < 100; i++) {
		mprotect(guarded, PAGE, PROT_READ);
		*(volatile char *)guarded = 1;
	}
	stop();
	signal(SIGSEGV, SIG_DFL);
	munmap(guarded, PAGE);
	return 100;
}

/* The parent keeps its reference, so each write by the child copies. */
static long cow(bool child_first)
{
	uint64_t *cost = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char *p = map(MIB);
	pid_t pid;

	if (cost == MAP_FAILED || !p)
		return FAIL;
	touch(p, MIB);
	pid = fork();
	if (pid == 0) {
		if (child_first) {
			start();
			touch(p, MIB);
			stop();
		}
		*cost = spent;
		_exit(0);
	}
	if (pid < 0 || !reap(pid))
		return FAIL;
	spent = *cost;
	if (!child_first) {	/* the child is gone: the pages are ours again */
		settle();
		start();
		touch(p, MIB);
		stop();
	}
	munmap(p, MIB);
	munmap(cost, PAGE);
	return MIB / PAGE;
}

static long cow_copy(void) { return cow(true); }
static long cow_reuse(void) { return cow(false); }

/* A line of /proc/meminfo in bytes, 0 if there is none. */
static size_t meminfo(const char *name)
{
	FILE *f = fopen("/proc/meminfo", "r");
	size_t kib = 0, len = strlen(name);
	char line[128];

	while (f && fgets(line, sizeof(line), f))
		if (strncmp(line, name, len) == 0 && line[len] == ':')
			kib = strtoul(line + len + 1, NULL, 10);
	if (f)
		fclose(f);
	return kib << 10;
}

/*
 * A fifth more than the memory that is there, touched in a circle: what is asked
 * for is always what went out, so each page costs one write and one read of swap.
 */
static long swap_round(void)
{
	size_t room = meminfo("MemAvailable"), size = room + room / 5;
	char *p;

	errno = ENOSPC;
	if (!room || meminfo("SwapFree") < room / 2)
		return FAIL;
	p = map(size);
	if (!p)
		return FAIL;
	touch(p, size);
	start();
	touch(p, size);
	stop();
	munmap(p, size);
	return size / PAGE;
}

/*
 * Memory is full of old pages, so each new page that is touched sends one out (and
 * costs its own fault); then there is room again, and the old ones are read back.
 */
static long swap_one_way(bool in)
{
	size_t room = meminfo("MemAvailable") & -PAGE, part = room / 4 & -PAGE;
	char *old, *fresh;

	errno = ENOSPC;
	if (!room || meminfo("SwapFree") < room / 2)
		return FAIL;
	old = map(part);
	fresh = map(room);
	if (!old || !fresh)
		return FAIL;
	touch(old, part);
	touch(fresh, room - part / 2);
	if (!in)
		start();
	touch(fresh + room - part / 2, part / 2);
	if (!in)
		stop();
	munmap(fresh, room);
	if (in)
		start();
	look(old, part / 2);
	if (in)
		stop();
	munmap(old, part);
	return part / 2 / PAGE;
}

/* Reclaim of pages that somebody chose: no watermark says when, so it repeats exactly. */
static long page_out(void)
{
	char *p = map(4 * MIB);

	if (!p)
		return FAIL;
	touch(p, 4 * MIB);
	start();
	if (madvise(p, 4 * MIB, MADV_PAGEOUT))
		return FAIL;
	stop();
	munmap(p, 4 * MIB);
	return 4 * MIB / PAGE;
}

static long swap_out_fault(void) { return swap_one_way(false); }
static long swap_in(void) { return swap_one_way(true); }

const struct operation fault_operations[] = {
	{ "fault_anon", fault_anon },
	{ "fault_zero", fault_zero },
	{ "fault_after_read", fault_after_read },
	{ "fault_by_kernel", fault_by_kernel },
	{ "fault_shared", fault_shared },
	{ "fault_to_handler", fault_to_handler },
	{ "cow_copy", cow_copy },
	{ "cow_reuse", cow_reuse },
	{ "page_out", page_out },
	{ "swap_out_fault", swap_out_fault },
	{ "swap_in", swap_in },
	{ "swap_round", swap_round },
	{ 0 }
};
