/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/diff/mmdiff.c - random memory operations, done alike on Linux and here
 *
 * Concept    A seed makes a sequence of operations: mmap, munmap, mprotect,
 *            mremap, madvise, mlock, msync, brk, fork, truncate, reads, writes. Each
 *            leaves one line of text: what was asked, the answer, errno, faults,
 *            hashes of contents. The lines are hashed; every SEGMENT operations
 *            the hash, with all contents and /proc/self/maps in it, is printed:
 *
 *                seed  operations  hash
 *
 *            The same static binary runs on Linux and on Lockstep. Equal hashes
 *            mean that no operation differed. tools/mmdiff compares, and prints
 *            the lines of a segment side by side where hashes differ.
 * Left open  What may differ between correct kernels is kept out of the lines:
 *            addresses outside of the arena, how adjacent equal ranges are cut
 *            (a move that this stops is done again page by page), when a page
 *            after MADV_FREE loses its contents (DONTNEED follows), and what Linux
 *            itself changed after 6.1: moves across several VMAs, the destination
 *            of a move that fails, PROT_EXEC alone (protection keys). Linux also
 *            unlocks more than was moved when a part of a locked VMA moves with
 *            MREMAP_DONTUNMAP: here locked memory moves without that flag.
 * Usage      mmdiff [-n OPERATIONS] [-c FILE] [-l FROM-TO] [-m] SEED...
 *            Seeds run at the same time, each in a process of its own.
 *            -c: compare with the hashes in FILE instead of printing them
 *            -l: print the lines of these operations; -m: after each operation
 *            compare maps with the program's own idea of them
 * Next       model.c access.c ops.c remap.c family.c
 */
#include "tests/diff/mmdiff.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SEGMENT 500U

uint64_t log_hash;
static uint64_t random_state;
static char line[8192];
static size_t line_len;

uint64_t mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * 0x9e3779b97f4a7c15UL;
	return hash ^ hash >> 29;
}

/* A counter, scrambled: no state but the counter, so every draw is independent. */
unsigned int rnd(unsigned int below)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15UL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9UL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebUL;
	return (unsigned int)((z ^ z >> 31) >> 16) % below;
}

bool one_in(unsigned int n)
{
	return rnd(n) == 0;
}

void note(const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(line + line_len, sizeof(line) - line_len, format, args);
	va_end(args);
	line_len += n;
	if (line_len >= sizeof(line)) {
		dprintf(2, "mmdiff: a line is too long\n");
		exit(2);
	}
}

void note_clear(void)
{
	line_len = 0;
	line[0] = '\0';
}

const char *note_text(void)
{
	return line;
}

bool note_result(long result)
{
	if (result == -1)
		note(" = -%d", errno);
	else
		note(" = ok");
	return result != -1;
}

/* ---- which operation ---- */

static const struct {
	void (*run)(void);
	unsigned int weight;
} operations[] = {
	{ op_mmap, 120 }, { op_mmap_wrong, 8 }, { op_munmap, 30 }, { op_mprotect, 90 },
	{ op_madvise, 70 }, { op_msync, 10 }, { op_mlock, 40 }, { op_brk, 15 }, { op_mremap, 100 },
	{ op_mremap_wrong, 8 }, { op_load, 80 }, { op_store, 160 }, { op_touch, 60 },
	{ op_execute, 10 }, { op_heap, 15 }, { op_view, 20 }, { op_maps, 30 },
	{ op_truncate, 30 }, { op_pwrite, 25 }, { op_pread, 25 }, { op_copy, 50 },
	{ op_fork, 8 }, { op_sleeper, 6 }, { op_join, 6 },
};
#define NR_OPERATIONS (sizeof(operations) / sizeof(operations[0]))

static void run_one(void)
{
	unsigned int sum = 0, i;

	for (i = 0; i < NR_OPERATIONS; i++)
		sum += operations[i].weight;
	sum = rnd(sum);
	for (i = 0; sum >= operations[i].weight; i++)
		sum -= operations[i].weight;
	operations[i].run();
}

/* ---- the run ---- */

struct options {
	unsigned int seed, nr, from, to;
	const char *expected;			/* name of a file, then what it says */
	bool check_model;
};

static void hash_line(void)
{
	uint64_t word;

	for (size_t i = 0; i < line_len; i += sizeof(word)) {
		word = 0;
		memcpy(&word, line + i, line_len - i < sizeof(word) ? line_len - i : sizeof(word));
		log_hash = mix(log_hash, word);
	}
}

static void end_line(const struct options *o, unsigned int number)
{
	hash_line();
	if (number >= o->from && number < o->to)
		dprintf(1, "%06u %s\n", number, line);
	note_clear();
}

/* Contents and maps join the hash. Return: whether it is the expected one. */
static bool checkpoint(const struct options *o, unsigned int number)
{
	char text[64];

	note("checkpoint %016lx %016lx ", view_hash(0, ARENA_PAGES), heap_hash());
	maps_note();
	end_line(o, number);
	snprintf(text, sizeof(text), "\n%u %06u %016lx\n", o->seed, number + 1, log_hash);
	if (o->expected && !strstr(o->expected, text)) {
		dprintf(1, "mmdiff: seed %u differs before operation %u:%s", o->seed, number + 1,
			text);
		return false;
	}
	if (!o->expected && !o->to)
		dprintf(1, "%s", text + 1);
	return true;
}

static bool run_all(const struct options *o)
{
	bool ok = true;

	random_state = log_hash = o->seed;
	for (unsigned int i = 0; i < o->nr && ok; i++) {
		run_one();
		end_line(o, i);
		if (o->check_model && !model_check()) {
			dprintf(1, "mmdiff: seed %u, after operation %u\n", o->seed, i);
			ok = false;
		}
		if (ok && (i + 1) % SEGMENT == 0)
			ok = checkpoint(o, i);
	}
	join_all();
	return ok;
}

/* The whole of a file of at most 1 MiB; never freed. */
static const char *read_file(const char *name)
{
	static char text[1 << 20];
	int fd = open(name, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (n < 0) {
		dprintf(2, "mmdiff: cannot read %s\n", name);
		exit(2);
	}
	close(fd);
	return text;
}

static void parse(struct options *o, int argc, char **argv)
{
	char *dash;
	int c;

	while ((c = getopt(argc, argv, "n:c:l:m")) != -1) {
		if (c == 'n') {
			o->nr = (unsigned int)atoi(optarg);
		} else if (c == 'c') {
			o->expected = read_file(optarg);
		} else if (c == 'l' && (dash = strchr(optarg, '-'))) {
			o->from = (unsigned int)atoi(optarg);
			o->to = (unsigned int)atoi(dash + 1);
			o->nr = o->nr > o->to ? o->to : o->nr;
		} else if (c == 'm') {
			o->check_model = true;
		} else {
			optind = argc;
		}
	}
	if (optind == argc) {
		dprintf(2, "usage: mmdiff [-n OPERATIONS] [-c FILE] [-l FROM-TO] [-m] SEED...\n");
		exit(2);
	}
}

static int run_seed(struct options *o)
{
	access_init();
	files_init();
	if (!run_all(o))
		return 1;
	dprintf(1, "# seed %u: %u operations%s, %u moves page by page\n", o->seed, o->nr,
		o->expected ? " as expected" : "", nr_piecewise);
	return 0;
}

int main(int argc, char **argv)
{
	struct options o = { .nr = 25000 };
	int status, result = 0;

	parse(&o, argc, argv);
	for (int i = optind; i < argc; i++) {
		o.seed = (unsigned int)atoi(argv[i]);
		if (fork() == 0)
			_exit(run_seed(&o));
	}
	while (wait(&status) > 0)
		result |= status != 0;
	return result;
}
