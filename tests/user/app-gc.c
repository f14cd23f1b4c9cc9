/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/user/app-gc.c - a program: a garbage collector with a write barrier by mprotect
 *
 * The old generation is write-protected; a store into it faults, the handler notes the
 * page and lets the store through. A collection looks only at roots and noted pages.
 * Two mutator threads build lists at the same time.
 */
#include "tests/user/test.h"

#define OBJECTS 8192U
#define PAGES (OBJECTS * sizeof(struct object) / PAGE)
#define MUTATORS 2
#define ROUNDS 40

struct object {
	uint32_t next, value;		/* next: index, 0: none */
	uint32_t marked, old;
	uint64_t fill[6];
};

static struct object *heap;
static volatile uint8_t dirty[PAGES];
static volatile unsigned long faults;
static uint32_t roots[MUTATORS], free_list;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void on_fault(int sig, siginfo_t *si, void *ctx)
{
	uintptr_t page = ((uintptr_t)si->si_addr - (uintptr_t)heap) / PAGE;

	if (page >= PAGES || si->si_code != SEGV_ACCERR)
		_exit(9);
	dirty[page] = 1;
	__atomic_fetch_add(&faults, 1, __ATOMIC_RELAXED);
	if (mprotect((char *)heap + page * PAGE, PAGE, PROT_READ | PROT_WRITE))
		_exit(8);
}

static uint32_t allocate(void)
{
	uint32_t o;

	pthread_mutex_lock(&lock);
	o = free_list;
	if (o)
		free_list = heap[o].next;
	pthread_mutex_unlock(&lock);
	return o;
}

/* Put a hundred objects in front of the list, then cut it behind the first thousand. */
static void *mutate(void *arg)
{
	uint32_t *root = arg, o, at;

	for (uint32_t i = 0; i < 100 && (o = allocate()); i++) {
		heap[o].next = *root;
		heap[o].value = i;
		*root = o;
	}
	at = *root;
	for (int i = 0; i < 1000 && at; i++)
		at = heap[at].next;
	if (at)
		heap[at].next = 0;
	return NULL;
}

static unsigned long collect(void)
{
	unsigned long live = 0;

	for (uint32_t m = 0; m < MUTATORS; m++)
		for (uint32_t o = roots[m]; o && !heap[o].marked; o = heap[o].next) {
			heap[o].marked = 1;
			live++;
		}
	free_list = 0;
	for (uint32_t o = OBJECTS - 1; o; o--) {
		if (!heap[o].marked) {
			heap[o].next = free_list;
			free_list = o;
		}
		heap[o].marked = 0;
	}
	memset((void *)dirty, 0, sizeof(dirty));
	mprotect(heap, PAGES * PAGE, PROT_READ);
	return live;
}

int main(void)
{
	struct sigaction act = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
	unsigned long live = 0, sum = 0, noted = 0;
	pthread_t thread[MUTATORS];

	heap = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (heap == MAP_FAILED)
		return 1;
	sigaction(SIGSEGV, &act, NULL);
	collect();
	for (int round = 0; round < ROUNDS; round++) {
		for (int m = 0; m < MUTATORS; m++)
			pthread_create(&thread[m], NULL, mutate, &roots[m]);
		for (int m = 0; m < MUTATORS; m++)
			pthread_join(thread[m], NULL);
		for (unsigned long p = 0; p < PAGES; p++)
			noted += dirty[p];
		mprotect(heap, PAGES * PAGE, PROT_READ | PROT_WRITE);
		live = collect();
	}
	for (int m = 0; m < MUTATORS; m++)
		for (uint32_t o = roots[m]; o; o = heap[o].next)
			sum += heap[o].value;
	printf("%d collections, live %lu, sum %lu\n", ROUNDS, live, sum);
	printf("the barrier was hit: %s, every hit noted: %s\n", faults ? "yes" : "no",
	       faults >= noted && noted ? "yes" : "no");
	return 0;
}
