/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/user/malloc.c - the C library's allocator over brk and mmap */
#include "tests/user/test.h"

#define SLOTS 512

static unsigned int seed = 1;

static unsigned int next(void)
{
	return seed = seed * 1103515245u + 12345u;
}

static void *churn(void *arg)
{
	static unsigned char *p[4][SLOTS];
	static size_t len[4][SLOTS];
	int me = (int)(intptr_t)arg;
	unsigned int r = me + 1;
	long bad = 0;

	for (int i = 0; i < 20000; i++) {
		int s = (r = r * 1664525u + 1013904223u) >> 16 & (SLOTS - 1);

		for (size_t k = 0; k < len[me][s]; k += 509)
			bad += p[me][s][k] != (unsigned char)s;
		free(p[me][s]);
		len[me][s] = (r >> 8) % 3000;
		p[me][s] = malloc(len[me][s]);
		if (p[me][s])
			memset(p[me][s], s, len[me][s]);
	}
	return (void *)bad;
}

int main(void)
{
	unsigned char *p[SLOTS] = { 0 }, *big, *q;
	size_t len[SLOTS] = { 0 };
	pthread_t t[4];
	long bad = 0;
	void *ret, *brk0;

	for (int i = 0; i < 50000; i++) {
		int s = next() >> 16 & (SLOTS - 1);

		for (size_t k = 0; k < len[s]; k += 1021)
			bad += p[s][k] != (unsigned char)s;
		free(p[s]);
		len[s] = i % 100 ? (next() >> 16) % 2000 : (next() >> 16) * 4;
		p[s] = malloc(len[s]);
		memset(p[s], s, len[s]);
	}
	printf("bad bytes %ld\n", bad);
	big = calloc(1, 8 << 20);
	for (size_t i = 0; i < 8 << 20; i += 4096)
		bad += big[i];
	printf("calloc bad %ld\n", bad);
	memset(big, 7, 8 << 20);
	big = realloc(big, 24 << 20);
	for (size_t i = 0; i < 8 << 20; i += 1000)
		bad += big[i] != 7;
	big = realloc(big, 1 << 20);
	for (size_t i = 0; i < 1 << 20; i += 1000)
		bad += big[i] != 7;
	printf("realloc bad %ld\n", bad);
	free(big);
	for (long i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, churn, (void *)i);
	for (int i = 0; i < 4; i++) {
		pthread_join(t[i], &ret);
		bad += (long)ret;
	}
	printf("threads bad %ld\n", bad);

	brk0 = (void *)syscall(SYS_brk, 0);
	q = (void *)syscall(SYS_brk, (char *)brk0 + 10 * PAGE);
	HOLDS(q == (unsigned char *)brk0 + 10 * PAGE);
	memset(brk0, 0x5a, 10 * PAGE);
	q = (void *)syscall(SYS_brk, (char *)brk0 + PAGE);
	HOLDS(q == (unsigned char *)brk0 + PAGE);
	q = (void *)syscall(SYS_brk, (char *)brk0 + 2 * PAGE);
	HOLDS(((char *)brk0)[PAGE - 1] == 0x5a);
	HOLDS(((char *)brk0)[PAGE] == 0);
	q = (void *)syscall(SYS_brk, (char *)0x7ffffffff000);
	HOLDS(q == (unsigned char *)brk0 + 2 * PAGE);
	q = (void *)syscall(SYS_brk, brk0);
	HOLDS(q == brk0);
	return 0;
}
