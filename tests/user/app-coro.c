/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/user/app-coro.c - a program: coroutines on stacks made by sigaltstack
 *
 * A signal on the alternate stack is how a portable program comes to run on a stack of
 * its own; with setjmp it leaves and comes back. A timer's ticks make the scheduler's
 * turns longer or shorter, which must not change what is computed.
 */
#include "tests/user/test.h"

#include <setjmp.h>

#define COROUTINES 8
#define STACK (64 * 1024)

struct coroutine {
	sigjmp_buf here;
	char *stack;
	unsigned long value;
	bool done;
};

static struct coroutine co[COROUTINES];
static sigjmp_buf scheduler;
static volatile int born;
static volatile sig_atomic_t ticks;

static void yield_to_scheduler(struct coroutine *c)
{
	if (!sigsetjmp(c->here, 0))
		siglongjmp(scheduler, 1);
}

/* Each computes a Collatz trail, deep in its own stack. */
static unsigned long collatz(struct coroutine *c, unsigned long n, unsigned long depth)
{
	char room[200];

	memset(room, (int)depth, sizeof(room));
	if (depth % 5 == 0)
		yield_to_scheduler(c);
	if (n == 1)
		return depth;
	n = collatz(c, n % 2 ? 3 * n + 1 : n / 2, depth + 1);
	return room[100] == (char)depth ? n : 0;
}

static void body(struct coroutine *c)
{
	c->value = collatz(c, 20 + (unsigned long)(c - co) * 7, 0);
	c->done = true;
	siglongjmp(scheduler, 1);
}

static void on_birth(int sig)
{
	struct coroutine *c = &co[born];

	if (sigsetjmp(c->here, 0))
		body(c);
}

static void on_tick(int sig)
{
	ticks++;
}

static void give_birth(int i)
{
	struct sigaction act = { .sa_handler = on_birth, .sa_flags = SA_ONSTACK }, was;
	stack_t ss = { .ss_size = STACK }, old;

	co[i].stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ss.ss_sp = co[i].stack;
	born = i;
	sigaction(SIGUSR1, &act, &was);
	sigaltstack(&ss, &old);
	raise(SIGUSR1);
	ss.ss_flags = SS_DISABLE;
	sigaltstack(&ss, NULL);
	sigaction(SIGUSR1, &was, NULL);
}

int main(void)
{
	struct sigaction act = { .sa_handler = on_tick, .sa_flags = SA_RESTART };
	volatile unsigned long turns = 0;
	volatile int running = COROUTINES;

	sigaction(SIGALRM, &act, NULL);
	for (int i = 0; i < COROUTINES; i++)
		give_birth(i);
	ring_every_ms(10);
	while (running) {
		for (volatile int i = 0; i < COROUTINES; i++) {
			bool was = co[i].done;

			if (was)
				continue;
			turns++;
			if (!sigsetjmp(scheduler, 0))
				siglongjmp(co[i].here, 1);
			if (co[i].done)
				running--;
		}
	}
	while (!ticks)
		;
	ring_every_ms(0);
	for (int i = 0; i < COROUTINES; i++) {
		printf("coroutine %d: %lu steps\n", i, co[i].value);
		munmap(co[i].stack, STACK);
	}
	printf("turns %lu\n", turns);
	return 0;
}
