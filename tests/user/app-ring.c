/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/user/app-ring.c - a program: producers and consumers over SysV shared memory
 *
 * Processes that share nothing but a segment pass messages through a ring. Who finds it
 * full or empty sleeps on a futex in the segment.
 */
#include "tests/user/test.h"

#include <limits.h>
#include <stdatomic.h>
#include <sys/ipc.h>
#include <sys/shm.h>

#define SLOTS 16U
#define PRODUCERS 3
#define CONSUMERS 2
#define MESSAGES 4000U

struct slot {
	_Atomic uint32_t turn;		/* whose: 2 * round to fill, 2 * round + 1 to empty */
	uint32_t value;
};

struct ring {
	_Atomic uint32_t head, tail;
	struct slot slot[SLOTS];
	_Atomic uint64_t sum, received;
};

static long futex(_Atomic uint32_t *word, int op, uint32_t val)
{
	return syscall(SYS_futex, word, op, val, NULL, NULL, 0);
}

static void await_turn(struct slot *s, uint32_t turn)
{
	uint32_t now;

	while ((now = atomic_load(&s->turn)) != turn)
		futex(&s->turn, 0 /* FUTEX_WAIT */, now);
}

static void pass_turn(struct slot *s)
{
	atomic_fetch_add(&s->turn, 1);
	futex(&s->turn, 1 /* FUTEX_WAKE */, INT_MAX);
}

static void produce(struct ring *r, uint32_t me)
{
	for (uint32_t i = 0; i < MESSAGES; i++) {
		uint32_t at = atomic_fetch_add(&r->head, 1);
		struct slot *s = &r->slot[at % SLOTS];

		await_turn(s, at / SLOTS * 2);
		s->value = me * MESSAGES + i;
		pass_turn(s);
	}
}

static void consume(struct ring *r)
{
	for (;;) {
		uint32_t at = atomic_fetch_add(&r->tail, 1);
		struct slot *s = &r->slot[at % SLOTS];

		if (at >= PRODUCERS * MESSAGES)
			return;
		await_turn(s, at / SLOTS * 2 + 1);
		atomic_fetch_add(&r->sum, s->value);
		atomic_fetch_add(&r->received, 1);
		pass_turn(s);
	}
}

int main(void)
{
	int id = shmget(IPC_PRIVATE, sizeof(struct ring), IPC_CREAT | 0600);
	uint64_t n = PRODUCERS * MESSAGES;
	struct shmid_ds ds;
	struct ring *r;
	int status;

	if (id < 0)
		return 1;
	for (uint32_t i = 0; i < PRODUCERS + CONSUMERS; i++)
		if (!fork()) {
			r = shmat(id, NULL, 0);
			if (r == (void *)-1)
				_exit(1);
			if (i < PRODUCERS)
				produce(r, i);
			else
				consume(r);
			_exit(0);
		}
	for (int i = 0; i < PRODUCERS + CONSUMERS; i++)
		if (wait(&status) < 0 || status)
			return 2;
	r = shmat(id, NULL, SHM_RDONLY);
	printf("received %lu of %lu, sum %s\n", (unsigned long)r->received, (unsigned long)n,
	       r->sum == n * (n - 1) / 2 ? "right" : "wrong");
	shmctl(id, IPC_STAT, &ds);
	printf("attached %lu\n", (unsigned long)ds.shm_nattch);
	shmctl(id, IPC_RMID, NULL);
	shmdt(r);
	return 0;
}
