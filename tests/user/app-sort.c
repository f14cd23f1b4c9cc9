/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/user/app-sort.c - a program: parallel merge sort in memory shared by processes
 *
 * Four processes sort a quarter each in a MAP_SHARED arena, with two threads each; then
 * they merge in pairs, meeting at a barrier of process-shared pthread objects.
 */
#include "tests/user/test.h"

#define NR 65536UL
#define PROCESSES 4

struct arena {
	pthread_barrier_t barrier;
	pthread_mutex_t lock;
	unsigned long compared;
	uint32_t a[NR], b[NR];
};

static struct arena *arena;

static unsigned long merge(const uint32_t *from, uint32_t *to, unsigned long half, unsigned long n)
{
	unsigned long i = 0, j = half, compared = 0;

	for (unsigned long k = 0; k < n; k++) {
		bool left = j == n || (i < half && (compared++, from[i] <= from[j]));

		to[k] = left ? from[i++] : from[j++];
	}
	return compared;
}

static void count(unsigned long compared)
{
	pthread_mutex_lock(&arena->lock);
	arena->compared += compared;
	pthread_mutex_unlock(&arena->lock);
}

static void sort(uint32_t *a, uint32_t *b, unsigned long n)
{
	unsigned long compared;

	if (n == 1)
		return;
	sort(a, b, n / 2);
	sort(a + n / 2, b + n / 2, n - n / 2);
	memcpy(b, a, n * sizeof(*a));
	compared = merge(b, a, n / 2, n);
	if (n > 4096)
		count(compared);
}

struct part {
	unsigned long start, n;
};

static void *sort_part(void *arg)
{
	struct part *p = arg;

	sort(arena->a + p->start, arena->b + p->start, p->n);
	return NULL;
}

static void work(unsigned long me)
{
	unsigned long n = NR / PROCESSES;
	struct part half[2] = { { me * n, n / 2 }, { me * n + n / 2, n / 2 } };
	pthread_t thread[2];

	for (int i = 0; i < 2; i++)
		pthread_create(&thread[i], NULL, sort_part, &half[i]);
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	for (unsigned long len = n, step = 1; len <= NR; len *= 2, step *= 2) {
		if (me % step == 0) {
			uint32_t *at = arena->a + me * n, *copy = arena->b + me * n;

			memcpy(copy, at, len * sizeof(*at));
			count(merge(copy, at, len / 2, len));
		}
		pthread_barrier_wait(&arena->barrier);
	}
}

int main(void)
{
	pthread_barrierattr_t battr;
	pthread_mutexattr_t mattr;
	uint64_t sum = 0, sum_after = 0, wrong = 0;
	uint32_t seed = 12345;
	int status;

	arena = mmap(NULL, sizeof(*arena), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		     -1, 0);
	if (arena == MAP_FAILED)
		return 1;
	pthread_barrierattr_init(&battr);
	pthread_barrierattr_setpshared(&battr, PTHREAD_PROCESS_SHARED);
	pthread_barrier_init(&arena->barrier, &battr, PROCESSES);
	pthread_mutexattr_init(&mattr);
	pthread_mutexattr_setpshared(&mattr, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&arena->lock, &mattr);
	for (unsigned long i = 0; i < NR; i++) {
		seed = seed * 1664525 + 1013904223;
		arena->a[i] = seed >> 8;
		sum += arena->a[i];
	}
	for (unsigned long i = 0; i < PROCESSES; i++)
		if (!fork()) {
			work(i);
			_exit(0);
		}
	for (int i = 0; i < PROCESSES; i++)
		if (wait(&status) < 0 || status)
			return 2;
	for (unsigned long i = 0; i < NR; i++) {
		sum_after += arena->a[i];
		wrong += i && arena->a[i - 1] > arena->a[i];
	}
	printf("sorted %lu, out of order %lu, sum %s\n", NR, (unsigned long)wrong,
	       sum == sum_after ? "kept" : "lost");
	printf("least %u, middle %u, greatest %u\n", arena->a[0], arena->a[NR / 2], arena->a[NR - 1]);
	printf("compared above 4096: %lu\n", arena->compared);
	return 0;
}
