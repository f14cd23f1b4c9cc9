/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/user/uffdevents.c - fork, mremap, munmap and madvise wait to be heard of */
#include "tests/user/uffd.h"

#include <poll.h>

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define EVENTS (FEATURE_FORK | FEATURE_REMAP | FEATURE_REMOVE | FEATURE_UNMAP)
#define PAGES 16UL

static char page[PAGE] __attribute__((aligned(4096)));
static int uffd, child_uffd = -1;
static char *base;			/* PAGES are registered, behind them are others */

static void said(const char *what, int err)
{
	printf("%s: %s\n", what, err ? errno_name(err) : "0");
}

/* What a change has to say is printed when it is over. */
static char told[400];

static void tell(const char *what, const char *result)
{
	size_t n = strlen(told);

	snprintf(told + n, sizeof(told) - n, "%s: %s\n", what, result);
}

#define TELL(call) tell(#call, (long)(call) != -1 ? "done" : errno_name(errno))

static void print_told(void)
{
	printf("%s", told);
	told[0] = 0;
}

/* ---- one change in a thread; what is heard meanwhile ---- */

struct change {
	void (*run)(void);
	volatile int done;
};

static void *change_main(void *arg)
{
	struct change *c = arg;

	c->run();
	c->done = 1;
	return NULL;
}

static long at(uint64_t va)
{
	return ((long)va - (long)base) / (long)PAGE;
}

static void print_message(const struct uffd_msg *m)
{
	switch (m->event) {
	case 0x12:
		printf("   fault %lx at %ld\n", (unsigned long)m->flags, at(m->address));
		break;
	case 0x13:
		child_uffd = (int)(uint32_t)m->flags;
		printf("   fork: %s, flags %x, %s\n", child_uffd > uffd ? "a file" : "no file?",
		       fcntl(child_uffd, F_GETFL) & O_NONBLOCK,
		       fcntl(child_uffd, F_GETFD) & FD_CLOEXEC ? "cloexec" : "kept");
		break;
	case 0x14:
		printf("   remap from %ld to %ld, %ld pages\n", at(m->flags), at(m->address),
		       (long)(m->ptid / PAGE));
		break;
	default:
		printf("   %s %ld-%ld\n", m->event == 0x15 ? "remove" : "unmap", at(m->flags),
		       at(m->address));
	}
}

/* Read what there is, as long as @c goes on. */
static void hear(struct change *c)
{
	struct pollfd p = { .fd = uffd, .events = POLLIN };
	struct uffd_msg m;

	while (poll(&p, 1, 2) == 1 || !c->done) {
		if (p.revents != POLLIN)
			continue;
		if (copy(uffd, base + (PAGES - 1) * PAGE, page, PAGE, 0) == EAGAIN)
			printf("   an answer: EAGAIN, %ld\n", (long)how_far);
		if (read(uffd, &m, sizeof(m)) == sizeof(m))
			print_message(&m);
	}
}

static void during(const char *what, void (*run)(void))
{
	struct change c = { .run = run };
	pthread_t thread;

	printf("%s\n", what);
	pthread_create(&thread, NULL, change_main, &c);
	hear(&c);
	pthread_join(thread, NULL);
	print_told();
}

static void set_up(int flags, uint64_t features, uint64_t mode)
{
	uffd = uffd_new(O_NONBLOCK, features);
	base = mmap(NULL, 4 * PAGES * PAGE, RW, flags, -1, 0);
	said("registered", reg(uffd, base, PAGES, mode));
	if (mode == MISSING)
		for (unsigned long i = 0; i < PAGES - 1; i++)
			copy(uffd, base + i * PAGE, page, PAGE, 0);
}

static void tear_down(void)
{
	close(uffd);	/* in the holes may be what the C library has mapped */
	if (child_uffd >= 0)
		close(child_uffd);
	child_uffd = -1;
}

/* ---- the changes ---- */

static void run_unmap(void) { TELL(munmap(base, 2 * PAGE)); }
static void run_unmap_other(void) { TELL(munmap(base + 20 * PAGE, 2 * PAGE)); }
static void run_unmap_many(void)
{
	mprotect(base + 3 * PAGE, PAGE, PROT_READ);
	TELL(munmap(base + 2 * PAGE, 3 * PAGE));
}
static void run_dontneed(void)
{
	TELL(madvise(base + 5 * PAGE, 2 * PAGE, MADV_DONTNEED));
	TELL(madvise(base + 14 * PAGE, 4 * PAGE, MADV_DONTNEED));
}
static void run_free(void) { TELL(madvise(base + 5 * PAGE, PAGE, MADV_FREE)); }
static void run_remove(void) { TELL(madvise(base + 5 * PAGE, 2 * PAGE, MADV_REMOVE)); }
static void run_locked(void)
{
	mlock(base + 8 * PAGE, PAGE);
	TELL(madvise(base + 8 * PAGE, PAGE, MADV_DONTNEED));
	munlock(base + 8 * PAGE, PAGE);
}
static void run_cold(void) { TELL(madvise(base + 8 * PAGE, PAGE, MADV_COLD)); }

static void moves(unsigned long from, unsigned long old, unsigned long new, int flags,
		  unsigned long to)
{
	char *p = mremap(base + from * PAGE, old * PAGE, new * PAGE, flags, base + to * PAGE);

	tell("mremap", p == base + to * PAGE ? "there" : p == MAP_FAILED ?
	       errno_name(errno) : "elsewhere");
}

#define MOVE (MREMAP_MAYMOVE | MREMAP_FIXED)
static void run_move(void) { moves(5, 2, 2, MOVE, 32); }
static void run_move_over(void) { moves(7, 1, 1, MOVE, 8); }
static void run_move_back(void) { moves(32, 2, 2, MOVE, 5); }
static void run_move_grow(void) { moves(5, 2, 4, MOVE, 40); }
static void run_shrink(void) { moves(9, 2, 1, 0, 9); }
static void run_keep(void) { moves(11, 2, 2, MOVE | MREMAP_DONTUNMAP, 50); }
static void run_map_over(void)
{
	TELL(mmap(base + 12 * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0));
}

/* The child reads a page that is missing, and one that is protected or not. */
static void run_fork(void)
{
	pid_t pid = fork();
	volatile char c;

	if (!pid) {
		c = base[(PAGES - 1) * PAGE];
		base[0] = 1;
		_exit(c + 5);
	}
	tell("child", wait_text(pid));
}

/* ---- the tests ---- */

static void test_unmap(void)
{
	set_up(ANON, EVENTS, MISSING);
	during("munmap", run_unmap);
	during("munmap of other memory", run_unmap_other);
	during("munmap of several", run_unmap_many);
	during("mmap over it", run_map_over);
	during("dontneed", run_dontneed);
	during("free", run_free);
	during("locked", run_locked);
	during("cold", run_cold);
	tear_down();
	set_up(MAP_SHARED | MAP_ANONYMOUS, EVENTS, MISSING);
	during("remove", run_remove);
	during("dontneed", run_dontneed);
	tear_down();
}

static void test_move(uint64_t features)
{
	printf("-- features %lx\n", (unsigned long)features);
	set_up(ANON, features, MISSING);
	during("move", run_move);
	during("back", run_move_back);
	during("over it", run_move_over);
	during("grow", run_move_grow);
	during("shrink", run_shrink);
	during("keep", run_keep);
	said("there", copy(uffd, base + 33 * PAGE, page, PAGE, 0));
	tear_down();
}

/* Answers for the child through its file, as soon as there is one. */
static void *answer_child(void *arg)
{
	struct pollfd p = { .events = POLLIN };
	struct uffd_msg m;

	while (*(volatile int *)&child_uffd < 0)
		usleep(200);
	p.fd = child_uffd;
	for (long i = 0; i < (long)arg; i++) {
		if (poll(&p, 1, 10000) != 1 || read(p.fd, &m, sizeof(m)) != sizeof(m)) {
			printf("   the child does not ask\n");
			continue;
		}
		printf("   the child: fault %lx at %ld\n", (unsigned long)m.flags, at(m.address));
		if (m.flags & 2)
			wp(p.fd, (char *)m.address, 1, 0);
		else
			copy(p.fd, (char *)m.address, page, PAGE, 0);
	}
	return NULL;
}

static void test_fork(uint64_t mode, int flags, long asks)
{
	pthread_t thread;

	printf("-- mode %lu\n", (unsigned long)mode);
	set_up(flags, EVENTS | FEATURE_WP_UNPOPULATED, mode);
	if (mode == WP) {
		base[0] = 3;
		said("protected", wp(uffd, base, 2, 1));
	}
	page[0] = 2;
	pthread_create(&thread, NULL, answer_child, (void *)asks);
	during("fork", run_fork);
	pthread_join(thread, NULL);
	page[0] = 0;
	said("a dead one", copy(child_uffd, base + (PAGES - 1) * PAGE, page, PAGE, 0));
	tear_down();
}

/* Nobody reads: closing ends the wait, and so does killing. */
static void *close_soon(void *arg)
{
	struct pollfd p = { .fd = uffd, .events = POLLIN };

	poll(&p, 1, 10000);
	close(uffd);
	return arg;
}

static void test_closing(const char *what, void (*run)(void))
{
	pthread_t thread;

	printf("-- closed: %s\n", what);
	set_up(ANON, EVENTS, MISSING);
	pthread_create(&thread, NULL, close_soon, NULL);
	run();
	pthread_join(thread, NULL);
	print_told();
	uffd = -1;
	tear_down();
}

/* Killed when it waits: its parent sees through the same file that there is something to read. */
static void test_killing(const char *what, void (*run)(void))
{
	struct pollfd p = { .events = POLLIN };
	pid_t pid;

	printf("-- killed: %s\n", what);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		set_up(ANON, EVENTS & ~FEATURE_FORK, MISSING);
		if (!fork()) {
			p.fd = uffd;
			poll(&p, 1, 10000);
			kill(getppid(), SIGKILL);
			_exit(0);
		}
		run();
		_exit(0);
	}
	printf("%s\n", wait_text(pid));
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	test_unmap();
	test_move(EVENTS);
	test_move(FEATURE_UNMAP);
	test_move(FEATURE_REMAP);
	test_move(0);
	test_fork(MISSING, ANON, 1);
	test_fork(WP, ANON, 1);
	test_fork(WP, MAP_SHARED | MAP_ANONYMOUS, 1);
	test_closing("munmap", run_unmap);
	test_closing("dontneed", run_dontneed);
	test_closing("move", run_move);
	test_killing("munmap", run_unmap);
	test_killing("dontneed", run_dontneed);
	return 0;
}
