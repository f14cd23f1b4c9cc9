/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user/sysfuzz.h - what the parts of the system-call fuzzer share
 */
#ifndef USER_SYSFUZZ_H
#define USER_SYSFUZZ_H

#include <stdbool.h>
#include <stdint.h>

#define PAGE 4096UL
#define MAX_CALLS 512

/* Kinds of arguments: each names a way to draw a value. */
enum kind {
	END, FD, NEWFD, DIRFD, PTR, BUF, STR, NAME, LEN, ADDR, WORD, FLAGS, PID, SIG, OFF, TIME,
	TIMEVAL, IOV, COUNT, POLL, FDSET, MASK, ACT, PROT, MAPFLAGS, ADVICE, OPEN, FUTEXOP, FUTEX,
	CLONE, CLOCK, CTL, IOCTL, LIMIT, SMALL, ZERO, ID,
};

enum how {
	PLAIN = 0,
	APART = 1,	/* only in a child of its own: it ends or spoils the caller */
	SPOILS = 2,	/* changes masks, handlers or timers: put them right afterwards */
};

struct call {
	int nr;
	const char *name;
	int weight;
	enum how how;
	enum kind args[6];
};

extern const struct call calls[];
extern const int nr_calls;

/* One thread's source of random numbers: a counter, scrambled. */
struct draw {
	uint64_t state;
};
uint64_t draw64(struct draw *d);
unsigned int draw_below(struct draw *d, unsigned int n);

/* Make what arguments point to: once in each life. */
void args_init(void);
/* Fill the places where a thread's structures are built. @slot: of the thread. */
uint64_t args_draw(struct draw *d, enum kind kind, int slot);

/* The memory that calls may map, unmap and spoil. */
#define ARENA 0x10000000UL
#define ARENA_PAGES 96UL
/* Below it, where no length leads: the places. */
#define PLACES 0x8000000UL

#endif
