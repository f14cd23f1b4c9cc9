/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user/bench_notifier.c - what it costs a process that somebody listens; see user/bench.c
 *
 * Subscribers that do nothing (/dev/listen), so what is counted is the way to them.
 * A first access changes no entry that anybody could have cached: it must cost the
 * same however many listen. A munmap tells every bracket subscriber twice. Of
 * interval subscriptions only those are called that overlap: with one in ten
 * thousand of them, the curve is that of the look-up in the tree.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "include/uapi/lockstep/listen.h"
#include "user/bench.h"

#define TIMES 200L

static const long subscribers[] = { 0, 1, 8, 64 };
#define NR_POINTS (sizeof(subscribers) / sizeof(subscribers[0]))

/* @nr bracket subscribers until the descriptor is closed; FAIL: none. */
static int listen_brackets(long nr)
{
	uint64_t arg = (uint64_t)nr;
	int fd = open("/dev/listen", O_RDWR);

	if (fd < 0 || nr == 0 || ioctl(fd, LISTEN_BRACKETS, &arg) == 0)
		return fd;
	close(fd);
	return FAIL;
}

static void curve_with_brackets(const char *name, long (*run)(void))
{
	for (size_t i = 0; i < NR_POINTS; i++) {
		int fd = listen_brackets(subscribers[i]);

		if (fd >= 0)
			run();		/* fills caches of the kernel */
		settle();
		spent = 0;
		report(name, subscribers[i], fd < 0 ? FAIL : run());
		if (fd >= 0)
			close(fd);
	}
}

static long fault_pages(void)
{
	char *p = map(TIMES * PAGE);

	if (!p)
		return FAIL;
	start();
	touch(p, TIMES * PAGE);
	stop();
	munmap(p, TIMES * PAGE);
	return TIMES;
}

static long unmap_one_page(void)
{
	for (long i = 0; i < TIMES; i++) {
		char *p = map(PAGE);

		if (!p)
			return FAIL;
		touch(p, PAGE);
		start();
		munmap(p, PAGE);
		stop();
	}
	return TIMES;
}

static long curve_fault(void)
{
	curve_with_brackets("fault_with_brackets", fault_pages);
	return 0;
}

static long curve_munmap(void)
{
	curve_with_brackets("munmap_with_brackets", unmap_one_page);
	return 0;
}

/* One page of @nr is discarded at a time, spread over all; each has its subscription. */
static long discard_among_intervals(long nr)
{
	size_t size = (size_t)nr * PAGE;
	char *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	struct listen_intervals want = { (uintptr_t)p, PAGE, (uint64_t)nr };
	int fd = open("/dev/listen", O_RDWR);

	if (p == MAP_FAILED || fd < 0 || ioctl(fd, LISTEN_INTERVALS, &want))
		return FAIL;
	for (long i = 0; i < TIMES; i++) {
		char *one = p + (size_t)(i * nr / TIMES) * PAGE;

		touch(one, PAGE);
		start();
		if (madvise(one, PAGE, MADV_DONTNEED))
			return FAIL;
		stop();
	}
	close(fd);
	munmap(p, size);
	return TIMES;
}

static long curve_intervals(void)
{
	return curve("discard_among_intervals", 1, LISTEN_MAX, discard_among_intervals);
}

const struct operation notifier_operations[] = {
	{ "curve_fault_notifiers", curve_fault },
	{ "curve_munmap_notifiers", curve_munmap },
	{ "curve_intervals", curve_intervals },
	{ 0 }
};
