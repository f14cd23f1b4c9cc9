/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/user/futex.c - the futex call by itself */
#include "tests/user/test.h"

#define WAIT 0
#define WAKE 1
#define REQUEUE 3
#define CMP_REQUEUE 4
#define WAIT_BITSET 9
#define WAKE_BITSET 10
#define PRIVATE 128
#define REALTIME 256

static uint32_t word, other;
static int woken;

static long futex(volatile void *addr, int op, uint32_t val, void *timeout, void *addr2,
		  uint32_t val3)
{
	return syscall(SYS_futex, addr, op, val, timeout, addr2, val3);
}

static void *waiter(void *arg)
{
	if (futex(&word, WAIT_BITSET | PRIVATE, 0, NULL, NULL, (uint32_t)(intptr_t)arg) == 0)
		__atomic_add_fetch(&woken, 1, __ATOMIC_SEQ_CST);
	return NULL;
}

/* Wait until @n waiters are in the queue: move them to the other word, and back. */
static void await_queued(long n)
{
	long moved = 0;

	while (moved < n) {
		long r = futex(&word, REQUEUE | PRIVATE, 0, (void *)n, &other, 0);

		if (r > 0)
			moved += r;
		else
			sched_yield();
	}
	futex(&other, REQUEUE | PRIVATE, 0, (void *)n, &word, 0);
}

/* Start @n waiters and let them fall asleep. */
static void start(pthread_t *t, int n, bool bits)
{
	woken = 0;
	for (long i = 0; i < n; i++)
		pthread_create(&t[i], NULL, waiter, (void *)(bits ? 1L << i : -1L));
	await_queued(n);
}

static void on_alarm(int sig)
{
}

static void errors(void)
{
	struct timespec ts = { .tv_nsec = 20000000 }, bad = { .tv_nsec = -1 }, past = { 1, 0 };

	SHOW(futex(&word, WAIT, 1, NULL, NULL, 0));
	SHOW(futex(&word, WAIT | PRIVATE, 0, &ts, NULL, 0));
	SHOW(futex(&word, WAIT, 0, &ts, NULL, 0));
	SHOW(futex(&word, WAIT_BITSET, 0, &past, NULL, -1));
	SHOW(futex(&word, WAIT_BITSET | REALTIME, 0, &past, NULL, -1));
	SHOW(futex(&word, WAIT, 0, &bad, NULL, 0));
	SHOW(futex(&word, WAIT, 0, (void *)8, NULL, 0));
	SHOW(futex((char *)&word + 1, WAIT, 0, NULL, NULL, 0));
	SHOW(futex((void *)8, WAIT, 0, NULL, NULL, 0));
	SHOW(futex((void *)8, WAIT | PRIVATE, 0, NULL, NULL, 0));
	SHOW(futex((void *)0xffff800000000000, WAIT | PRIVATE, 0, NULL, NULL, 0));
	SHOW(futex(&word, WAIT_BITSET, 0, NULL, NULL, 0));
	SHOW(futex(&word, WAKE_BITSET, 1, NULL, NULL, 0));
	SHOW(futex(&word, WAKE, 1, NULL, NULL, 0));
	SHOW(futex(&word, 77, 1, NULL, NULL, 0));
	SHOW(futex(&word, CMP_REQUEUE, 1, (void *)1, &other, 5));
}

static void interrupted(void)
{
	struct timespec ts = { .tv_nsec = 300000000 };
	struct sigaction sa = { .sa_handler = on_alarm };

	sigaction(SIGALRM, &sa, NULL);
	ring_every_ms(50);
	SHOW(futex(&word, WAIT, 0, NULL, NULL, 0));
	sa.sa_flags = SA_RESTART;
	sigaction(SIGALRM, &sa, NULL);
	SHOW(futex(&word, WAIT, 0, &ts, NULL, 0));
	ring_every_ms(0);
}

static void shared(void)
{
	uint32_t *p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	if (p == MAP_FAILED) {
		puts("no shared memory");
		return;
	}
	pid = fork();
	if (pid == 0) {
		while (__atomic_load_n(p, __ATOMIC_SEQ_CST) == 0)
			futex(p, WAIT, 0, NULL, NULL, 0);
		_exit(21);
	}
	pause_ms(50);
	__atomic_store_n(p, 1, __ATOMIC_SEQ_CST);
	futex(p, WAKE, 1, NULL, NULL, 0);
	printf("shared between processes: %s\n", wait_text(pid));
}

int main(void)
{
	pthread_t t[8];

	errors();
	interrupted();
	start(t, 4, false);
	SHOW(futex(&word, WAKE | PRIVATE, 1, NULL, NULL, 0));
	SHOW(futex(&word, WAKE | PRIVATE, 100, NULL, NULL, 0));
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	printf("woken %d\n", woken);

	start(t, 4, true);
	SHOW(futex(&word, WAKE_BITSET | PRIVATE, 100, NULL, NULL, 5));
	SHOW(futex(&word, WAKE_BITSET | PRIVATE, 100, NULL, NULL, 2));
	SHOW(futex(&word, WAKE_BITSET | PRIVATE, 100, NULL, NULL, 16));
	SHOW(futex(&word, WAKE | PRIVATE, 100, NULL, NULL, 0));
	for (int i = 0; i < 4; i++)
		pthread_join(t[i], NULL);

	start(t, 6, false);
	SHOW(futex(&word, CMP_REQUEUE | PRIVATE, 1, (void *)3, &other, 0));
	SHOW(futex(&other, WAKE | PRIVATE, 100, NULL, NULL, 0));
	SHOW(futex(&word, REQUEUE | PRIVATE, 0, (void *)100, &other, 0));
	SHOW(futex(&word, WAKE | PRIVATE, 100, NULL, NULL, 0));
	SHOW(futex(&other, WAKE | PRIVATE, 100, NULL, NULL, 0));
	for (int i = 0; i < 6; i++)
		pthread_join(t[i], NULL);
	printf("woken %d\n", woken);
	shared();
	return 0;
}
