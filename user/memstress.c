/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user/memstress.c - processes and threads that do everything to their memory at once
 *
 * Concept    Each process has a window of pages and a note of what each page must contain.
 *            Its threads own interleaved pages of it, so all calls meet in one address
 *            space, while the contents of every page have one writer. A step is a random
 *            operation on a random page of one's own; after it, some page is verified.
 *            Forked children verify all that they inherit, and end.
 * Callers    people, tests/boot.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "user/cli.h"

static const char manual[] =
"memstress - map, protect, advise, move, fork and page out at once, and check all contents\n"
"\n"
"usage: memstress [options]\n"
"\n"
"  -j, --processes N  processes (2)\n"
"  -t, --threads N    threads of each process (2)\n"
"  -p, --pages N      pages of each thread (64)\n"
"  -n, --steps N      steps of each thread (2000)\n"
"  -s, --seed N       what is drawn at random (1)\n"
"\n"
"The last line is `memstress: N steps, 0 wrong'; the status is 0 then, 1 if a page is not as\n"
"it was written or a call fails that must not, 2 if the command line is wrong. An error is told\n"
"with the seed, the thread and the step.\n";

static size_t page_size, nr_pages = 64, nr_threads = 2;
static unsigned long nr_steps = 2000, seed = 1, process;
static unsigned long *nr_wrong, *nr_done;	/* shared by all processes, atomic */
/* Page @i of thread @t: i * nr_threads + t; the last of each is room to move things to. */
static char *window;

struct worker {
	size_t number;
	uint64_t random;
	uint32_t *expected;		/* by page: what its first word is */
	unsigned long step;
};

static uint64_t draw(struct worker *w, uint64_t below)
{
	w->random ^= w->random << 13;
	w->random ^= w->random >> 7;
	w->random ^= w->random << 17;
	return w->random % below;
}

static volatile uint32_t *page_of(const struct worker *w, size_t page)
{
	return (void *)(window + (page * nr_threads + w->number) * page_size);
}

static void wrong(const struct worker *w, const char *what, size_t page)
{
	if (__atomic_add_fetch(nr_wrong, 1, __ATOMIC_RELAXED) < 10)
		fprintf(stderr, "memstress: seed %lu, process %lu, thread %zu, step %lu, page %zu: "
			"%s\n", seed, process, w->number, w->step, page, what);
}

static void verify(const struct worker *w, size_t page)
{
	if (*page_of(w, page) != w->expected[page])
		wrong(w, "is not as it was written", page);
}

/* ---- operations; each leaves the page readable and writable, contents as expected ---- */

static bool op_write(struct worker *w, size_t page)
{
	*page_of(w, page) = w->expected[page] = (uint32_t)draw(w, UINT32_MAX);
	return true;
}

static bool op_drop(struct worker *w, size_t page)
{
	w->expected[page] = 0;
	return !madvise((void *)page_of(w, page), page_size, MADV_DONTNEED);
}

static bool op_map_anew(struct worker *w, size_t page)
{
	void *p = (void *)page_of(w, page);

	w->expected[page] = 0;
	return mmap(p, page_size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == p;
}

static bool op_protect(struct worker *w, size_t page)
{
	void *p = (void *)page_of(w, page);
	bool ok = !mprotect(p, page_size, PROT_READ);

	verify(w, page);
	return ok && !mprotect(p, page_size, PROT_READ | PROT_WRITE);
}

static bool op_page_out(struct worker *w, size_t page)
{
	(void)madvise((void *)page_of(w, page), page_size, 21 /* PAGEOUT */);
	return true;				/* advice */
}

static bool op_cold(struct worker *w, size_t page)
{
	(void)madvise((void *)page_of(w, page), page_size, 20 /* COLD */);
	return true;
}

/* There and back. Neither place is ever free: somebody else's mapping could come there. */
static bool op_move(struct worker *w, size_t page)
{
	const int flags = MREMAP_MAYMOVE | MREMAP_FIXED | 4;	/* MREMAP_DONTUNMAP */
	char *p = (char *)page_of(w, page), *room = (char *)page_of(w, nr_pages);
	bool ok = mremap(p, page_size, page_size, flags, room) == room;

	if (ok && *(volatile uint32_t *)room != w->expected[page])
		wrong(w, "was lost on the way", page);
	return ok && mremap(room, page_size, page_size, flags, p) == p;
}

static bool op_lock(struct worker *w, size_t page)
{
	void *p = (void *)page_of(w, page);

	if (mlock(p, page_size))
		return errno == ENOMEM || errno == EAGAIN || errno == EPERM;	/* the limit */
	verify(w, page);
	return !munlock(p, page_size);
}

static bool op_fork(struct worker *w, size_t page)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		unsigned long bad = 0;

		for (size_t i = 0; i < nr_pages; i++)
			bad += *page_of(w, i) != w->expected[i];
		*page_of(w, page) = 0x600d;	/* seen by the child alone */
		_exit(bad || *page_of(w, page) != 0x600d);
	}
	if (pid < 0)
		return errno == EAGAIN || errno == ENOMEM;
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && !WEXITSTATUS(status);
}

static const struct {
	const char *name;
	bool (*run)(struct worker *w, size_t page);
	unsigned int share;
} operations[] = {
	{ "write", op_write, 40 }, { "drop", op_drop, 10 }, { "map anew", op_map_anew, 10 },
	{ "protect", op_protect, 10 }, { "page out", op_page_out, 10 }, { "cold", op_cold, 3 },
	{ "move", op_move, 10 }, { "lock", op_lock, 5 }, { "fork", op_fork, 2 },
};

static void one_step(struct worker *w)
{
	uint64_t share = draw(w, 100);
	size_t page = draw(w, nr_pages);
	unsigned int op = 0;

	while (share >= operations[op].share)
		share -= operations[op++].share;
	if (!operations[op].run(w, page))
		wrong(w, operations[op].name, page);
	verify(w, draw(w, nr_pages));
}

static void *work(void *arg)
{
	struct worker *w = arg;

	w->random = (seed * 1000003 + process) * 1000003 + w->number + 1;
	w->expected = calloc(nr_pages, sizeof(*w->expected));
	if (!w->expected)
		cli_failed("memstress", "calloc");
	for (w->step = 0; w->step < nr_steps; w->step++)
		one_step(w);
	for (size_t page = 0; page < nr_pages; page++)
		verify(w, page);
	__atomic_add_fetch(nr_done, nr_steps, __ATOMIC_RELAXED);
	free(w->expected);
	return NULL;
}

static void run_process(void)
{
	struct worker workers[64];
	pthread_t threads[64];

	window = mmap(NULL, (nr_pages + 1) * nr_threads * page_size, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (window == MAP_FAILED)
		cli_failed("memstress", "mmap");
	for (size_t i = 0; i < nr_threads; i++) {
		workers[i] = (struct worker){ .number = i };
		errno = pthread_create(&threads[i], NULL, work, &workers[i]);
		if (errno)
			cli_failed("memstress", "pthread_create");
	}
	for (size_t i = 0; i < nr_threads; i++)
		pthread_join(threads[i], NULL);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "processes", 1, NULL, 'j' }, { "threads", 1, NULL, 't' },
		{ "pages", 1, NULL, 'p' }, { "steps", 1, NULL, 'n' }, { "seed", 1, NULL, 's' },
		{ "help", 0, NULL, 'h' }, { NULL, 0, NULL, 0 },
	};
	unsigned long nr_processes = 2, failed = 0;
	int opt, status;

	while ((opt = getopt_long(argc, argv, "j:t:p:n:s:h", options, NULL)) != -1) {
		switch (opt) {
		case 'j':
			nr_processes = cli_number("memstress", "--processes", optarg, 1, 1000);
			break;
		case 't': nr_threads = cli_number("memstress", "--threads", optarg, 1, 64); break;
		case 'p':
			nr_pages = cli_number("memstress", "--pages", optarg, 1, 1 << 20);
			break;
		case 'n':
			nr_steps = cli_number("memstress", "--steps", optarg, 1, 1UL << 32);
			break;
		case 's': seed = cli_number("memstress", "--seed", optarg, 0, 1UL << 32); break;
		case 'h': return fputs(manual, stdout) < 0;
		default: cli_wrong("memstress", "that is no option of mine");
		}
	}
	if (optind != argc)
		cli_wrong("memstress", "'%s': no arguments are wanted", argv[optind]);
	page_size = (size_t)sysconf(_SC_PAGESIZE);
	nr_wrong = mmap(NULL, page_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (nr_wrong == MAP_FAILED)
		cli_failed("memstress", "mmap");
	nr_done = nr_wrong + 1;
	for (process = 0; process < nr_processes; process++) {
		pid_t pid = fork();

		if (pid < 0)
			cli_failed("memstress", "fork");
		if (pid)
			continue;
		run_process();
		exit(0);
	}
	while (wait(&status) > 0)
		failed += !WIFEXITED(status) || WEXITSTATUS(status);
	printf("memstress: %lu steps, %lu wrong\n", *nr_done, *nr_wrong + failed);
	return *nr_wrong + failed != 0;
}
