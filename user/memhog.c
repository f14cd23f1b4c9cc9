/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user/memhog.c - takes memory, and sees whether it keeps what was written
 *
 * Concept    To see reclaim, swapping and the killer at work one needs somebody who wants
 *            memory. Every page gets a word that depends on its number, so whatever the
 *            kernel did with it meanwhile, a wrong page is found and named.
 * Callers    people, tests/boot.
 */
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "user/cli.h"

static const char manual[] =
"memhog - take memory, write to it, and see whether it keeps what was written\n"
"\n"
"usage: memhog [options] SIZE\n"
"\n"
"  SIZE               bytes; K, M, G behind a number: 1024 each\n"
"  -p, --passes N     read it all N times (1); each pass writes anew\n"
"  -s, --shared       shared memory instead of private\n"
"  -l, --lock         mlock it\n"
"  -r, --random       in an order that reads ahead in vain\n"
"  -o, --pageout      ask the kernel to take it out before each pass\n"
"  -w, --wait SECONDS keep it so long before the end\n"
"\n"
"The last line is `memhog: SIZE bytes, N passes, 0 pages wrong'; the status is 0 then, 1 when\n"
"a page is wrong or there is no memory, 2 when the command line is wrong. Where the kernel\n"
"promises more than it has, a hog may be killed: that is status 137 of a shell.\n";

static size_t page_size, nr_pages;
static volatile uint64_t *memory;
static bool random_order;

/* The number of the page that comes @i-th: each one once, for the factor is prime. */
static size_t place(size_t i)
{
	const uint64_t prime = 2654435761u;

	return random_order && nr_pages % prime ? i * prime % nr_pages : i;
}

static uint64_t word(size_t page, unsigned long pass)
{
	return (page + 1) * 0x9e3779b97f4a7c15u + pass;
}

static void fill(unsigned long pass)
{
	for (size_t i = 0; i < nr_pages; i++)
		memory[place(i) * (page_size / sizeof(*memory))] = word(place(i), pass);
}

static size_t count_wrong(unsigned long pass)
{
	size_t wrong = 0;

	for (size_t i = 0; i < nr_pages; i++) {
		size_t page = place(i);

		if (memory[page * (page_size / sizeof(*memory))] == word(page, pass))
			continue;
		if (!wrong++)
			fprintf(stderr, "memhog: pass %lu: page %zu is wrong\n", pass, page);
	}
	return wrong;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "passes", 1, NULL, 'p' }, { "shared", 0, NULL, 's' }, { "lock", 0, NULL, 'l' },
		{ "random", 0, NULL, 'r' }, { "pageout", 0, NULL, 'o' }, { "wait", 1, NULL, 'w' },
		{ "help", 0, NULL, 'h' }, { NULL, 0, NULL, 0 },
	};
	unsigned long passes = 1, seconds = 0, size;
	bool shared = false, lock = false, pageout = false;
	size_t wrong = 0;
	int opt;

	while ((opt = getopt_long(argc, argv, "p:slrow:h", options, NULL)) != -1) {
		switch (opt) {
		case 'p': passes = cli_number("memhog", "--passes", optarg, 1, 1000000); break;
		case 's': shared = true; break;
		case 'l': lock = true; break;
		case 'r': random_order = true; break;
		case 'o': pageout = true; break;
		case 'w': seconds = cli_number("memhog", "--wait", optarg, 0, 1000000); break;
		case 'h': return fputs(manual, stdout) < 0;
		default: cli_wrong("memhog", "that is no option of mine");
		}
	}
	if (optind + 1 != argc)
		cli_wrong("memhog", "one SIZE is wanted");
	page_size = (size_t)sysconf(_SC_PAGESIZE);
	size = cli_number("memhog", "SIZE", argv[optind], page_size, 1UL << 46);
	nr_pages = size / page_size;
	memory = mmap(NULL, nr_pages * page_size, PROT_READ | PROT_WRITE,
		      (shared ? MAP_SHARED : MAP_PRIVATE) | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		cli_failed("memhog", "mmap");
	if (lock && mlock((void *)memory, nr_pages * page_size))
		cli_failed("memhog", "mlock");
	for (unsigned long pass = 0; pass < passes; pass++) {
		fill(pass);
		if (pageout)
			(void)madvise((void *)memory, nr_pages * page_size, 21 /* PAGEOUT */);
		wrong += count_wrong(pass);
	}
	while (seconds && nanosleep(&(struct timespec){ .tv_sec = 1 }, NULL) == 0)
		seconds--;
	printf("memhog: %zu bytes, %lu passes, %zu pages wrong\n", nr_pages * page_size, passes,
	       wrong);
	return wrong != 0;
}
