/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user/forkstorm.c - a tree of processes, each of which finds its own memory as it left it
 *
 * Concept    Every process has the same memory as its parent at first and writes its own
 *            mark to every second page. After its children have ended it must find its
 *            marks, and in the other pages its ancestors'; a copy that went to the wrong
 *            process is found at once.
 * Callers    people, tests/boot.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/cli.h"

static const char manual[] =
"forkstorm - fork a tree of processes and check that nobody sees another's memory\n"
"\n"
"usage: forkstorm [options]\n"
"\n"
"  -w, --width N      children of each process, all alive at once (3)\n"
"  -d, --depth N      generations (3)\n"
"  -m, --memory SIZE  bytes that each process has (256K); K, M, G: 1024 each\n"
"  -n, --rounds N     as many storms, one behind the other (1)\n"
"\n"
"With width 3 and depth 3 there are 3 + 9 + 27 children. The last line is `forkstorm: N\n"
"processes, 0 wrong, 0 not made'; the status is 0 then, 1 if not, 2 when the command line is\n"
"wrong. A process that could not be made is no fault of the kernel's: limits say how many.\n";

struct tally {
	unsigned long made, wrong, refused;	/* shared by all, atomic */
};

static struct tally *tally;
static volatile uint64_t *memory;
static size_t page_words, nr_pages;
static unsigned long width = 3, depth = 3;

static uint64_t mark(uint64_t id, size_t page)
{
	return id * 0x9e3779b97f4a7c15u + page;
}

static void count(unsigned long *what)
{
	__atomic_add_fetch(what, 1, __ATOMIC_RELAXED);
}

/* Pages that a process of generation @level writes: the others stay its ancestors'. */
static bool mine(size_t page, unsigned long level)
{
	return page % (depth + 2) >= level;
}

static bool sound(const uint64_t *ids, unsigned long level)
{
	for (size_t page = 0; page < nr_pages; page++) {
		unsigned long owner = level;

		while (owner && !mine(page, owner))
			owner--;
		if (memory[page * page_words] != mark(ids[owner], page))
			return false;
	}
	return true;
}

/* @ids: of the process and its ancestors, by generation. Return when all below have ended. */
static void grow(uint64_t *ids, unsigned long level)
{
	for (size_t page = 0; page < nr_pages; page++)
		if (mine(page, level))
			memory[page * page_words] = mark(ids[level], page);
	for (unsigned long i = 0; level < depth && i < width; i++) {
		pid_t pid = fork();

		if (pid > 0)
			count(&tally->made);
		else if (pid < 0)
			count(&tally->refused);
		if (pid)
			continue;
		ids[level + 1] = ids[level] * (width + 1) + i + 1;
		grow(ids, level + 1);
		_exit(0);
	}
	for (int status; wait(&status) > 0;)
		if (!WIFEXITED(status) || WEXITSTATUS(status))
			count(&tally->wrong);
	if (!sound(ids, level))
		count(&tally->wrong);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "width", 1, NULL, 'w' }, { "depth", 1, NULL, 'd' }, { "memory", 1, NULL, 'm' },
		{ "rounds", 1, NULL, 'n' }, { "help", 0, NULL, 'h' }, { NULL, 0, NULL, 0 },
	};
	size_t page_size = (size_t)sysconf(_SC_PAGESIZE), size = 256 << 10;
	unsigned long rounds = 1;
	uint64_t ids[18] = { 1 };
	int opt;

	while ((opt = getopt_long(argc, argv, "w:d:m:n:h", options, NULL)) != -1) {
		switch (opt) {
		case 'w': width = cli_number("forkstorm", "--width", optarg, 1, 1000); break;
		case 'd': depth = cli_number("forkstorm", "--depth", optarg, 1, 16); break;
		case 'm':
			size = cli_number("forkstorm", "--memory", optarg, page_size, 1UL << 40);
			break;
		case 'n': rounds = cli_number("forkstorm", "--rounds", optarg, 1, 1000000); break;
		case 'h': return fputs(manual, stdout) < 0;
		default: cli_wrong("forkstorm", "that is no option of mine");
		}
	}
	if (optind != argc)
		cli_wrong("forkstorm", "'%s': no arguments are wanted", argv[optind]);
	page_words = page_size / sizeof(*memory);
	nr_pages = size / page_size;
	memory = mmap(NULL, nr_pages * page_size, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	tally = mmap(NULL, page_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED || tally == MAP_FAILED)
		cli_failed("forkstorm", "mmap");
	while (rounds--)
		grow(ids, 0);
	printf("forkstorm: %lu processes, %lu wrong, %lu not made\n", tally->made, tally->wrong,
	       tally->refused);
	return tally->wrong || tally->refused;
}
