/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user/sysfuzz_args.c - arguments for system calls: ordinary, at the edge, hostile
 *
 * Concept    Each kind of argument has ordinary values, so that calls come past
 *            their first checks, and bad ones. Pointers lead to good memory, to the
 *            last bytes before a hole or before memory without access, to memory
 *            that may only be read, to nothing, into the kernel, to addresses that
 *            the processor does not have. Structures (iovec, pollfd, timespec,
 *            sigaction) are built in memory of the thread's own, with such pointers
 *            and lengths in them. Behind each such place is a hole: what a call writes
 *            too far hits no variable of the fuzzer, which would end the life early.
 *
 *                ARENA            48 pages that may be written     calls map and spoil
 *                + 48 pages       nothing                          all of this
 *                + 56             16 pages PROT_NONE
 *                + 72             16 pages that may be read
 *                + 88             8 pages shared
 * Next       user/sysfuzz.c
 */
#define _GNU_SOURCE
#include "user/sysfuzz.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define SLOTS 4
#define ANY(d, list) ((list)[draw_below(d, sizeof(list) / sizeof((list)[0]))])

static struct place {
	uint64_t words[2048];
	struct iovec iov[16];
	struct pollfd poll[16];
	uint64_t sets[3][16];
	uint64_t act[4], mask, time[2];
	char hole[] __attribute__((aligned(4096)));
} *places[SLOTS];

static const char *const names[] = {
	"a", "b", "c", "d", "dir", "dir/a", "dir/b", "dir/dir", "link", "fifo", ".", "", "a/b",
	"dir/../a", "none",
};
static const char *const strings[] = {
	"/proc/self/maps", "/proc/self/stat", "/proc/self/status", "/proc/meminfo",
	"/proc/vmstat", "/proc/slabinfo", "/proc/self", "/proc", "/proc/1/maps", "/dev/null",
	"/dev/zero", "/dev/full", "/dev/urandom", "/proc/filesystems", "/proc/mounts",
	"/proc/self/cmdline", "/proc/self/notifiers", "/proc/self/mem", "/proc/self/pagemap",
	"/proc/self/smaps", "/proc/self/fd", "/proc/self/fd/3", "/proc/sys/vm",
};
static char long_name[5000];

uint64_t draw64(struct draw *d)
{
	uint64_t z = d->state += 0x9e3779b97f4a7c15UL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9UL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebUL;
	return z ^ z >> 31;
}

unsigned int draw_below(struct draw *d, unsigned int n)
{
	return (unsigned int)((draw64(d) >> 32) * n >> 32);
}

static void *map_at(unsigned long page, unsigned long pages, int prot, int flags)
{
	return mmap((void *)(ARENA + page * PAGE), pages * PAGE, prot,
		    MAP_ANONYMOUS | MAP_FIXED | flags, -1, 0);
}

void args_init(void)
{
	map_at(0, 48, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	map_at(56, 16, PROT_NONE, MAP_PRIVATE);
	map_at(72, 16, PROT_READ, MAP_PRIVATE);
	map_at(88, 8, PROT_READ | PROT_WRITE, MAP_SHARED);
	memset(long_name, 'x', sizeof(long_name) - 1);
	for (unsigned long i = 0; i < SLOTS; i++)
		places[i] = mmap((void *)(PLACES + i * 16 * PAGE), sizeof(struct place),
				 PROT_READ | PROT_WRITE, MAP_ANONYMOUS | MAP_FIXED | MAP_PRIVATE,
				 -1, 0);
}

static uint64_t draw_word(struct draw *d)
{
	switch (draw_below(d, 8)) {
	case 0: return 0;
	case 1: return 1;
	case 2: return ~0UL;
	case 3: return 1UL << draw_below(d, 64);
	case 4: return (1UL << draw_below(d, 64)) - 1;
	case 5: return draw64(d);
	case 6: return (uint64_t)-(int64_t)draw_below(d, 100);
	default: return draw_below(d, 256);
	}
}

static uint64_t draw_addr(struct draw *d)
{
	static const uint64_t bad[] = {
		0, 1, PAGE, 0x7ffffffff000UL, 0x7fffffffffffUL, 0x800000000000UL,
		0xffff800000000000UL, 0xffffffff80000000UL, 0xffffffff80100000UL,
		0xffffffffff600000UL, ~0UL, ~0UL << 12, 0x123400000000UL,
	};
	unsigned int r = draw_below(d, 16);

	if (r < 12)
		return ARENA + PAGE * draw_below(d, ARENA_PAGES);
	if (r < 14)
		return ARENA + draw_below(d, ARENA_PAGES * PAGE);
	return ANY(d, bad);
}

/* Memory for the kernel to read or write; mostly good. */
static uint64_t draw_pointer(struct draw *d, struct place *p)
{
	unsigned int r = draw_below(d, 16);

	if (r < 9)
		return (uint64_t)&p->words[draw_below(d, 64) * 16];
	if (r < 11)
		return ARENA + PAGE * (1 + draw_below(d, ARENA_PAGES)) - 1 - draw_below(d, 64);
	return draw_addr(d);
}

static uint64_t draw_len(struct draw *d)
{
	static const uint64_t lens[] = {
		0, 1, 7, 8, 63, 100, 511, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE, 8 * PAGE, 8 * PAGE,
		16 * PAGE, 64 * PAGE, 1UL << 20, 0x7fffffff, 0x80000000, 0xffffffff, 1UL << 32,
		1UL << 46, 1UL << 47, 1UL << 62, 1UL << 63, ~0UL, ~0UL << 12,
	};

	return draw_below(d, 4) ? lens[draw_below(d, 15)] : ANY(d, lens);
}

static uint64_t draw_off(struct draw *d)
{
	static const uint64_t offs[] = {
		0, 0, 1, 100, PAGE, 3 * PAGE, 4 * PAGE + 7, 40 * PAGE, 1UL << 20, 1UL << 31,
		1UL << 32, 1UL << 43, INT64_MAX, INT64_MAX & ~0xfffUL, 1UL << 63, ~0UL,
	};

	return draw_below(d, 3) ? offs[draw_below(d, 8)] : ANY(d, offs);
}

static uint64_t draw_fd(struct draw *d)
{
	static const int bad[] = { -1, INT_MIN, INT_MAX, INT_MIN, 1023, 1024, 100000, 77 };

	return draw_below(d, 12) ? 3 + draw_below(d, 24) : (uint64_t)ANY(d, bad);
}

/* Never a process that is none of ours: those here, their groups, and nobody. */
static uint64_t draw_pid(struct draw *d)
{
	static const int none[] = { 0, INT_MIN, INT_MAX, -30000, 1 << 22 };

	switch (draw_below(d, 4)) {
	case 0: return getpid();
	case 1: return (uint64_t)-(int64_t)getpid();
	case 2: return gettid();
	default: return (uint64_t)ANY(d, none);
	}
}

/* Signals that end the process come rarely enough for others to be seen. */
static uint64_t draw_sig(struct draw *d)
{
	static const int odd[] = {
		0, -1, 65, 64, INT_MAX, SIGCONT, SIGTSTP, SIGPIPE, SIGSEGV, SIGTTOU,
	};

	if (!draw_below(d, 60))
		return draw_below(d, 2) ? SIGKILL : SIGSTOP;
	return draw_below(d, 3) ? SIGUSR1 + 2 * draw_below(d, 2) : (uint64_t)ANY(d, odd);
}

static uint64_t draw_iov(struct draw *d, struct place *p)
{
	for (int i = 0; i < 16; i++) {
		p->iov[i].iov_base = (void *)draw_pointer(d, p);
		p->iov[i].iov_len = draw_below(d, 8) ? draw_below(d, 3000) : draw_len(d);
	}
	return draw_below(d, 12) ? (uint64_t)p->iov : draw_pointer(d, p);
}

static uint64_t draw_poll(struct draw *d, struct place *p)
{
	for (int i = 0; i < 16; i++)
		p->poll[i] = (struct pollfd){ .fd = (int)draw_fd(d), .events = (short)draw64(d) };
	return draw_below(d, 12) ? (uint64_t)p->poll : draw_pointer(d, p);
}

/* Short times, and some that are none. */
static uint64_t draw_time(struct draw *d, struct place *p, uint64_t unit)
{
	if (!draw_below(d, 8))
		return draw_pointer(d, p);
	p->time[0] = draw_below(d, 16) ? 0 : draw_word(d);
	p->time[1] = draw_below(d, 16) ? draw_below(d, 2000000) / unit : draw_word(d);
	return (uint64_t)p->time;
}

static void fuzz_handler(int sig)
{
}

static uint64_t draw_act(struct draw *d, struct place *p)
{
	const uint64_t handlers[] = { 0, 1, (uint64_t)fuzz_handler, draw_addr(d) };

	p->act[0] = ANY(d, handlers);
	p->act[1] = draw_word(d);
	p->act[2] = draw_addr(d);
	p->act[3] = draw64(d);
	return draw_below(d, 8) ? (uint64_t)p->act : draw_pointer(d, p);
}

static uint64_t draw_flags(struct draw *d, enum kind kind)
{
	static const int ctl[] = {
		0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 14, 36, 37, 1030, 1031, 1032, 1033, 1034,
	};
	static const int ioctls[] = {
		0x5401, 0x5402, 0x540e, 0x540f, 0x5410, 0x5413, 0x541b, 0x5421,
	};
	uint64_t map = MAP_PRIVATE;

	switch (kind) {
	case PROT:
		return draw_below(d, 16) ? draw_below(d, 4) : draw_word(d);
	case MAPFLAGS:
		map = draw_below(d, 3) ? 1 + draw_below(d, 3) : draw_word(d);
		map |= draw_below(d, 2) ? MAP_ANONYMOUS : 0;
		map |= draw_below(d, 2) ? MAP_FIXED : 0;
		return map | (draw_below(d, 4) ? 0 : 1UL << draw_below(d, 24));
	case ADVICE:
		return draw_below(d, 8) ? draw_below(d, 26) : 98 + draw_below(d, 8);
	case OPEN:
		return (draw_below(d, 3)) | (draw_below(d, 2) ? O_CREAT : 0) |
		       (draw_below(d, 2) ? O_NONBLOCK : 0) |
		       (draw_below(d, 4) ? 0 : 1UL << draw_below(d, 24));
	case FUTEXOP:
		return draw_below(d, 14) | (draw_below(d, 2) ? 128 : 0) |
		       (draw_below(d, 8) ? 0 : 256);
	case CLONE:
		return (draw_below(d, 2) ? SIGCHLD : draw_below(d, 80)) |
		       (draw_below(d, 2) ? 0x7d0f00 : draw64(d) & draw64(d) & 0x1ffff00);
	case CTL:
		return draw_below(d, 8) ? (uint64_t)ANY(d, ctl) : draw_word(d);
	case IOCTL:
		return draw_below(d, 4) ? (uint64_t)ANY(d, ioctls) : draw_word(d);
	default:
		return draw_below(d, 2) ? 0 : 1UL << draw_below(d, 32);
	}
}

static uint64_t draw_string(struct draw *d, struct place *p, bool ours)
{
	unsigned int r = draw_below(d, 20);

	if (r == 0)
		return (uint64_t)long_name + draw_below(d, 2) * 4000;
	if (r == 1)
		return ARENA + PAGE * (1 + draw_below(d, ARENA_PAGES)) - 1 - draw_below(d, 16);
	if (r == 2)
		return draw_addr(d);
	return (uint64_t)(ours || r < 11 ? ANY(d, names) : ANY(d, strings));
}

uint64_t args_draw(struct draw *d, enum kind kind, int slot)
{
	struct place *p = places[slot];

	p->words[draw_below(d, 2048)] = draw_word(d);
	switch (kind) {
	case END:
	case ZERO: return 0;
	case FD: return draw_fd(d);
	case DIRFD: return draw_below(d, 3) ? (uint64_t)AT_FDCWD : draw_fd(d);
	case NEWFD: return 12 + draw_below(d, 20);
	case PTR:
	case BUF: return draw_pointer(d, p);
	case STR: return draw_string(d, p, false);
	case NAME: return draw_string(d, p, true);
	case LEN: return draw_len(d);
	case ADDR: return draw_addr(d);
	case WORD: return draw_word(d);
	case PID: return draw_pid(d);
	case SIG: return draw_sig(d);
	case OFF: return draw_off(d);
	case TIME: return draw_time(d, p, 1);
	case TIMEVAL: return draw_time(d, p, 1000);
	case IOV: return draw_iov(d, p);
	case COUNT: return draw_below(d, 16) ? draw_below(d, 17) : draw_word(d);
	case POLL: return draw_poll(d, p);
	case FDSET:
		return draw_below(d, 6) ? (uint64_t)p->sets[draw_below(d, 3)] : draw_pointer(d, p);
	case MASK:
		p->mask = draw_below(d, 2) ? 0 : draw64(d) & ~(1UL << (SIGALRM - 1));
		return draw_below(d, 8) ? (uint64_t)&p->mask : 0;
	case ACT: return draw_act(d, p);
	case FUTEX: return (uint64_t)&places[0]->words[draw_below(d, 8)] + (draw_below(d, 16) == 0);
	case CLOCK: return draw_below(d, 8) ? draw_below(d, 12) : draw_word(d);
	case LIMIT: return draw_below(d, 8) ? 8 : draw_len(d);
	case SMALL: return draw_below(d, 8) ? draw_below(d, 12) : draw_word(d);
	case ID: return draw_below(d, 8) ? draw_below(d, 40) : draw_word(d);
	default: return draw_flags(d, kind);
	}
}
