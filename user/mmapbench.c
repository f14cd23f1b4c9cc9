/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user/mmapbench.c - threads of one process that map, touch and unmap: how far do they scale?
 *
 * Concept    bench measures one operation of one thread. Here several threads share an
 *            address space, so what is measured is what they wait for: mmap_lock, page-table
 *            locks, shoot-downs. Every page is written and read back.
 * Callers    people, tests/boot.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "user/cli.h"

static const char manual[] =
"mmapbench - threads that map, touch and unmap memory of one process\n"
"\n"
"usage: mmapbench [options]\n"
"\n"
"  -t, --threads N    at most so many threads (4): 1, 2, 4 ... are measured\n"
"  -p, --pages N      pages of each mapping (16)\n"
"  -n, --count N      mappings of each thread (1000)\n"
"  -q, --quiet        no times: the same output on every machine\n"
"\n"
"A line for each operation and number of threads: nanoseconds for one operation of one thread.\n"
"  map      mmap and munmap, nothing touched\n"
"  touch    mmap, a write to each page, munmap\n"
"  drop     a write to each page of one mapping, MADV_DONTNEED\n"
"  protect  mprotect of a written mapping to read and back\n"
"The status is 1 if a page is not as it was written, or a call fails; 2 if the command line\n"
"is wrong.\n";

static size_t page_size, nr_pages = 16;
static unsigned long nr_rounds = 1000;
static int nr_failed;			/* atomic */

static char *map(void)
{
	char *p = mmap(NULL, nr_pages * page_size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		cli_failed("mmapbench", "mmap");
	return p;
}

static void check(bool good)
{
	if (!good)
		__atomic_add_fetch(&nr_failed, 1, __ATOMIC_RELAXED);
}

/* Fresh pages: they read as zeros, then as what was written. */
static void touch(volatile char *p, char c)
{
	for (size_t i = 0; i < nr_pages; i++) {
		check(!p[i * page_size]);
		p[i * page_size] = c;
	}
	for (size_t i = 0; i < nr_pages; i++)
		check(p[i * page_size] == c);
}

static void do_map(char *p, char c)
{
	p = map();
	check(!munmap(p, nr_pages * page_size));
}

static void do_touch(char *p, char c)
{
	p = map();
	touch(p, c);
	check(!munmap(p, nr_pages * page_size));
}

static void do_drop(char *p, char c)
{
	touch(p, c);
	check(!madvise(p, nr_pages * page_size, MADV_DONTNEED));
}

static void do_protect(char *p, char c)
{
	*p = c;
	check(!mprotect(p, nr_pages * page_size, PROT_READ));
	check(*p == c);
	check(!mprotect(p, nr_pages * page_size, PROT_READ | PROT_WRITE));
}

static const struct operation {
	const char *name;
	void (*once)(char *p, char c);
} operations[] = {
	{ "map", do_map }, { "touch", do_touch }, { "drop", do_drop }, { "protect", do_protect },
};

static void *work(void *arg)
{
	const struct operation *op = arg;
	char *p = map();

	for (unsigned long i = 0; i < nr_rounds; i++)
		op->once(p, (char)(1 + i % 100));
	munmap(p, nr_pages * page_size);
	return NULL;
}

static unsigned long now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (unsigned long)ts.tv_sec * 1000000000 + (unsigned long)ts.tv_nsec;
}

/* Return: nanoseconds for all. */
static unsigned long measure(const struct operation *op, unsigned long nr_threads)
{
	pthread_t threads[64];
	unsigned long began = now_ns();

	for (unsigned long i = 0; i < nr_threads; i++) {
		errno = pthread_create(&threads[i], NULL, work, (void *)op);
		if (errno)
			cli_failed("mmapbench", "pthread_create");
	}
	for (unsigned long i = 0; i < nr_threads; i++)
		pthread_join(threads[i], NULL);
	return now_ns() - began;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "threads", 1, NULL, 't' }, { "pages", 1, NULL, 'p' }, { "count", 1, NULL, 'n' },
		{ "quiet", 0, NULL, 'q' }, { "help", 0, NULL, 'h' }, { NULL, 0, NULL, 0 },
	};
	unsigned long most = 4;
	bool quiet = false;
	int opt;

	while ((opt = getopt_long(argc, argv, "t:p:n:qh", options, NULL)) != -1) {
		switch (opt) {
		case 't': most = cli_number("mmapbench", "--threads", optarg, 1, 64); break;
		case 'p': nr_pages = cli_number("mmapbench", "--pages", optarg, 1, 1 << 20); break;
		case 'n':
			nr_rounds = cli_number("mmapbench", "--count", optarg, 1, 1UL << 32);
			break;
		case 'q': quiet = true; break;
		case 'h': return fputs(manual, stdout) < 0;
		default: cli_wrong("mmapbench", "that is no option of mine");
		}
	}
	if (optind != argc)
		cli_wrong("mmapbench", "'%s': no arguments are wanted", argv[optind]);
	page_size = (size_t)sysconf(_SC_PAGESIZE);
	for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++) {
		for (unsigned long n = 1; n <= most; n *= 2) {
			unsigned long ns = measure(&operations[i], n);

			printf("%-8s %2lu threads", operations[i].name, n);
			if (!quiet)
				printf(" %9lu ns", ns / nr_rounds);
			printf("\n");
			fflush(stdout);
		}
	}
	printf("mmapbench: %d wrong\n", nr_failed);
	return nr_failed != 0;
}
