/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/user/userfaultfd.c - faults that a program answers: calls, errors, who waits */
#include "tests/user/uffd.h"

#include <poll.h>
#include <setjmp.h>
#include <sys/uio.h>

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

static char page[PAGE] __attribute__((aligned(4096)));

static char *map(unsigned long pages, int prot, int flags)
{
	return mmap(NULL, pages * PAGE, prot, flags, -1, 0);
}

static void show(const char *what, int err)
{
	printf("%s: %s\n", what, err ? errno_name(err) : "0");
}

static void show_far(const char *what, int err)
{
	printf("%s: %s, ", what, err ? errno_name(err) : "0");
	if (how_far < 0)
		printf("%s\n", errno_name((int)-how_far));
	else
		printf("%ld\n", (long)how_far);
}

/* ---- a thread that touches ---- */

struct toucher {
	pthread_t thread;
	volatile char *at;
	int write;
	char seen;
	long tid;
	volatile int started, done;
};

static void *touch(void *arg)
{
	struct toucher *t = arg;

	t->tid = syscall(SYS_gettid);
	t->started = 1;
	if (t->write)
		*t->at = 'w';
	t->seen = *t->at;
	t->done = 1;
	return NULL;
}

static void start(struct toucher *t, char *at, int write)
{
	*t = (struct toucher){ .at = at, .write = write };
	pthread_create(&t->thread, NULL, touch, t);
}

static void join(const char *what, struct toucher *t)
{
	pthread_join(t->thread, NULL);
	printf("%s: saw %d\n", what, t->seen);
}

/* Read one fault; where in @base it is. */
static long next_fault(int fd, char *base, struct toucher *t)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct uffd_msg m = { 0 };
	int ready = poll(&p, 1, 20000);
	long n = ready == 1 ? read(fd, &m, sizeof(m)) : -1;

	if (n != sizeof(m)) {
		printf("no fault: %d %x %ld\n", ready, p.revents, n);
		return -1;
	}
	printf("event %x flags %lx at %ld%s\n", m.event, (unsigned long)m.flags,
	       (long)(m.address - (uintptr_t)base),
	       !m.ptid ? "" : (long)m.ptid == t->tid ? " of the thread" : " of whom?");
	return (long)(m.address - (uintptr_t)base);
}

/* ---- the tests ---- */

static void test_open(void)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct pollfd p = { .events = POLLIN };
	struct uffd_msg m;
	int fd;

	SHOW_OK(syscall(SYS_userfaultfd, 2));
	fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	p.fd = fd;
	HOLDS(fd >= 0);
	HOLDS(fcntl(fd, F_GETFD) == FD_CLOEXEC && fcntl(fd, F_GETFL) & O_NONBLOCK);
	SHOW(read(fd, &m, sizeof(m)));
	SHOW(poll(&p, 1, 0));
	printf("revents %x\n", p.revents);
	show("register before the agreement", reg(fd, page, 1, MISSING));
	api.api = 0xab;
	SHOW(ioctl(fd, UFFDIO_API, &api));
	printf("%lx %lx %lx\n", (long)api.api, (long)api.features, (long)api.ioctls);
	api = (struct uffdio_api){ .api = UFFD_API, .features = 1UL << 60 };
	SHOW(ioctl(fd, UFFDIO_API, &api));
	printf("%lx %lx %lx\n", (long)api.api, (long)api.features, (long)api.ioctls);
	SHOW(ioctl(fd, UFFDIO_API, NULL));
	api = (struct uffdio_api){ .api = UFFD_API };
	SHOW(ioctl(fd, UFFDIO_API, &api));
	HOLDS((api.features & 0x980) == 0x980);
	HOLDS((api.ioctls & 3) == 3 && api.ioctls >> 63 == 1);
	api = (struct uffdio_api){ .api = UFFD_API };
	SHOW(ioctl(fd, UFFDIO_API, &api));
	printf("%lx %lx %lx\n", (long)api.api, (long)api.features, (long)api.ioctls);
	SHOW(read(fd, &m, sizeof(m)));
	SHOW(read(fd, &m, sizeof(m) - 1));
	SHOW(poll(&p, 1, 0));
	SHOW_OK(write(fd, &m, sizeof(m)));
	SHOW_OK(ioctl(fd, 0xc020aa3e, &m));
	SHOW_OK(fcntl(fd, F_SETFL, 0));
	SHOW(poll(&p, 1, 0));
	printf("revents %x\n", p.revents);
	close(fd);
}

static void test_register(void)
{
	int fd = uffd_new(O_NONBLOCK, 0), other = uffd_new(O_NONBLOCK, 0);
	char *p = map(8, RW, ANON), *q;
	struct uffdio_register r = { { (uintptr_t)p, 2 * PAGE }, MISSING, 0 };

	show("no mode", reg(fd, p, 1, 0));
	show("an unknown mode", reg(fd, p, 1, 1 << 7));
	show("nothing", reg(fd, p, 0, MISSING));
	show("not at a page", reg(fd, p + 1, 1, MISSING));
	show("the end of the world", reg(fd, p, ~0UL / PAGE, MISSING));
	show("page 0", reg(fd, NULL, 1, MISSING));
	munmap(p + 4 * PAGE, PAGE);
	show("a hole", reg(fd, p + 4 * PAGE, 1, MISSING));
	SHOW(ioctl(fd, UFFDIO_REGISTER, &r));
	HOLDS((r.ioctls & 0x1c) == 0x1c && !(r.ioctls & 0xc0));
	show("over a hole", reg(fd, p, 8, MISSING));
	show("once more", reg(fd, p, 8, MISSING));
	show("another's", reg(other, p + 5 * PAGE, 1, MISSING));
	show("not another's", unreg(other, p, 8));
	show("unregister a part", unreg(fd, p + 5 * PAGE, 1));
	show("now it may", reg(other, p + 5 * PAGE, 1, MISSING));
	show("unregister a hole", unreg(fd, p + 4 * PAGE, 1));
	show("unregister all but one", unreg(fd, p, 4));
	show("unregister what is not", unreg(fd, p, 4));
	q = map(1, PROT_READ, MAP_SHARED | MAP_ANONYMOUS);
	show("wake nobody", wake(fd, p, 1));
	show("wake nothing", wake(fd, p, 0));
	close(fd);
	close(other);
	p[5 * PAGE] = 1;
	munmap(p, 8 * PAGE);
	munmap(q, PAGE);
}

static void test_answers(void)
{
	int fd = uffd_new(O_NONBLOCK, 0);
	char *p = map(8, RW, ANON), *src = map(3, RW, ANON), *locked;
	unsigned char vec[8];

	memset(src, 's', 3 * PAGE);
	munmap(src + 2 * PAGE, PAGE);
	show_far("not registered", copy(fd, p, src, PAGE, 0));
	show("register", reg(fd, p, 6, MISSING));
	show_far("copy", copy(fd, p, src, PAGE, 0));
	show_far("again", copy(fd, p, src, PAGE, 0));
	show_far("zeroes over it", zero(fd, p, 1, 0));
	show_far("zeroes", zero(fd, p + PAGE, 1, 0));
	show_far("over zeroes", copy(fd, p + PAGE, src, PAGE, 0));
	show_far("up to what is there", zero(fd, p + 4 * PAGE, 1, 0));
	show_far("up to what is there", zero(fd, p + 2 * PAGE, 4, 0));
	show_far("an odd source", copy(fd, p + 5 * PAGE, src + 1, PAGE, 0));
	printf("%d %d %d %d\n", p[0], p[PAGE], p[2 * PAGE], p[5 * PAGE + 9]);
	p[2 * PAGE] = 'w';
	show_far("behind its end", copy(fd, p + 5 * PAGE, src, 2 * PAGE, 0));
	show_far("half a page", copy(fd, p, src, PAGE / 2, 0));
	show_far("nothing", copy(fd, p, src, 0, 0));
	show_far("an unknown mode", copy(fd, p, src, PAGE, 1 << 9));
	show_far("an unknown mode", zero(fd, p, 1, 2));
	madvise(p, 6 * PAGE, MADV_DONTNEED);
	show_far("from where nothing is", copy(fd, p, src + 2 * PAGE, PAGE, 0));
	show_far("in part", copy(fd, p, src + PAGE, 2 * PAGE, 0));
	mprotect(p, 6 * PAGE, PROT_READ);
	show_far("what is read-only", copy(fd, p + PAGE, src, PAGE, 0));
	printf("%d\n", p[PAGE]);
	mprotect(p, 6 * PAGE, PROT_NONE);
	show_far("what nobody may use", copy(fd, p + 2 * PAGE, src, PAGE, 0));
	mprotect(p, 6 * PAGE, RW);
	printf("%d\n", p[2 * PAGE]);
	p[2 * PAGE]++;
	HOLDS(!mincore(p, 6 * PAGE, vec));
	printf("resident %d%d%d%d\n", vec[0] & 1, vec[1] & 1, vec[2] & 1, vec[3] & 1);
	locked = map(2, RW, ANON);
	mlock(locked, 2 * PAGE);
	show("what is locked", reg(fd, locked, 2, MISSING));
	munmap(p, 8 * PAGE);
	show_far("unmapped", copy(fd, p, src, PAGE, 0));
	close(fd);
}

static void test_faults(void)
{
	int fd = uffd_new(O_NONBLOCK, FEATURE_THREAD_ID);
	char *p = map(8, RW, ANON);
	struct toucher t, u;
	struct uffd_msg m;

	show("register", reg(fd, p, 8, MISSING));
	memset(page, 'c', PAGE);
	start(&t, p + 77, 0);
	HOLDS(next_fault(fd, p, &t) == 0);
	SHOW(read(fd, &m, sizeof(m)));
	HOLDS(t.started && !t.done);
	show_far("copy", copy(fd, p, page, PAGE, 0));
	join("a reader", &t);
	start(&t, p + PAGE, 1);
	next_fault(fd, p, &t);
	show_far("zeroes", zero(fd, p + PAGE, 1, 0));
	join("a writer", &t);
	start(&t, p + 2 * PAGE, 1);
	next_fault(fd, p, &t);
	show_far("copy, asleep", copy(fd, p + 2 * PAGE, page, PAGE, DONTWAKE));
	pause_ms(20);
	HOLDS(!t.done);
	show("wake elsewhere", wake(fd, p + 3 * PAGE, 1));
	pause_ms(20);
	HOLDS(!t.done);
	show("wake", wake(fd, p, 8));
	join("a writer", &t);
	start(&t, p + 3 * PAGE, 0);
	next_fault(fd, p, &t);
	show("wake for nothing", wake(fd, p + 3 * PAGE, 1));
	next_fault(fd, p, &t);
	start(&u, p + 4 * PAGE, 0);
	next_fault(fd, p, &u);
	show("unregister", unreg(fd, p + 3 * PAGE, 1));
	join("asks nobody", &t);
	HOLDS(!u.done);
	close(fd);
	join("closed", &u);
	p[5 * PAGE] = 1;
	munmap(p, 8 * PAGE);
	fd = uffd_new(O_NONBLOCK, FEATURE_EXACT_ADDRESS);
	p = map(2, RW, ANON);
	show("register", reg(fd, p, 2, MISSING));
	start(&t, p + 1234, 1);
	next_fault(fd, p, &t);
	show_far("copy", copy(fd, p, page, PAGE, 0));
	join("exactly", &t);
	/* dropped: it is missing again */
	madvise(p, PAGE, MADV_DONTNEED);
	start(&t, p, 0);
	next_fault(fd, p, &t);
	show_far("zeroes", zero(fd, p, 1, 0));
	join("dropped", &t);
	munmap(p, 2 * PAGE);
	close(fd);
}

/* A blocking read, by the one who answers. */
static void test_blocking(void)
{
	int fd = uffd_new(0, 0);
	char *p = map(2, RW, ANON);
	struct uffd_msg m[3] = { 0 };
	struct toucher t;

	show("register", reg(fd, p, 2, MISSING));
	start(&t, p + PAGE, 0);
	SHOW(read(fd, m, sizeof(m)));
	HOLDS(m[0].address == (uintptr_t)p + PAGE && !m[0].ptid);
	show_far("zeroes", zero(fd, p + PAGE, 1, 0));
	join("a reader", &t);
	munmap(p, 2 * PAGE);
	close(fd);
}

/* System calls that touch such memory wait, too. */
static void *writer_main(void *arg)
{
	int *ends = arg;

	return (void *)write(ends[1], (void *)(intptr_t)*(long *)(ends + 2), 8);
}

static void test_kernel(void)
{
	int fd = uffd_new(O_NONBLOCK, 0);
	char *p = map(4, RW, ANON), got[8];
	struct { int ends[2]; long at; } call;
	struct iovec local = { got, 8 }, remote;
	struct toucher t = { 0 };
	pthread_t thread;
	void *result;

	show("register", reg(fd, p, 4, MISSING));
	HOLDS(!pipe(call.ends));
	call.at = (long)p;
	pthread_create(&thread, NULL, writer_main, &call);
	next_fault(fd, p, &t);
	memset(page, 'k', PAGE);
	show_far("copy", copy(fd, p, page, PAGE, 0));
	pthread_join(thread, &result);
	printf("write: %ld\n", (long)result);
	SHOW(read(call.ends[0], got, 8));
	printf("%.8s\n", got);
	close(fd);
	fd = uffd_new(O_NONBLOCK | 1, 0);
	show("register for user mode", reg(fd, p + PAGE, 3, MISSING));
	SHOW(write(call.ends[1], p + PAGE, 8));
	remote = (struct iovec){ p + PAGE, 8 };
	SHOW(process_vm_readv(getpid(), &local, 1, &remote, 1, 0));
	close(fd);
	SHOW(write(call.ends[1], p + PAGE, 8));
	munmap(p, 4 * PAGE);
}

static sigjmp_buf landing;
static volatile int code;

static void on_bus(int sig, siginfo_t *info, void *context)
{
	code = info->si_code;
	siglongjmp(landing, 1);
}

static void on_alarm(int sig)
{
	siglongjmp(landing, 1);
}

static void test_signals(void)
{
	struct sigaction sa = { .sa_sigaction = on_bus, .sa_flags = SA_SIGINFO };
	int fd = uffd_new(O_NONBLOCK, FEATURE_SIGBUS);
	char *p = map(2, RW, ANON);
	struct toucher t = { 0 };
	pid_t pid;

	sigaction(SIGBUS, &sa, NULL);
	show("register", reg(fd, p, 2, MISSING));
	if (!sigsetjmp(landing, 1))
		printf("saw %d\n", *(volatile char *)p);
	else
		printf("bus error %d\n", code);
	close(fd);
	/* a signal interrupts the wait; afterwards the fault comes again */
	fd = uffd_new(O_NONBLOCK, 0);
	show("register", reg(fd, p, 2, MISSING));
	signal(SIGALRM, on_alarm);
	if (!sigsetjmp(landing, 1)) {
		ring_every_ms(20);
		printf("saw %d\n", *(volatile char *)p);
	} else {
		ring_every_ms(0);
		puts("rung");
	}
	show_far("still missing", zero(fd, p, 1, 0));
	/* a child that asks: it has no registration, but may have its own */
	IN_CHILD("a child", printf("saw %d\n", p[PAGE]));
	fflush(stdout);
	pid = fork();
	if (!pid) {
		fd = uffd_new(O_NONBLOCK, 0);
		show("register in the child", reg(fd, p + PAGE, 1, MISSING));
		start(&t, p + PAGE, 0);
		next_fault(fd, p, &t);
		fflush(stdout);
		kill(getpid(), SIGKILL);
	}
	printf("killed: %s\n", wait_text(pid));
	munmap(p, 2 * PAGE);
	close(fd);
}

static void test_ranges(void)
{
	int fd = uffd_new(O_NONBLOCK, 0);
	char *p = map(4, RW, ANON), *room = map(8, PROT_NONE, ANON), *q;
	struct toucher t;

	show("register", reg(fd, p, 4, MISSING));
	memset(page, 'm', PAGE);
	copy(fd, p, page, PAGE, 0);
	q = mremap(p, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, room);
	HOLDS(q == room);
	printf("moved: %d %d\n", q[0], q[PAGE]);
	show_far("moved away", zero(fd, p, 1, 0));
	show_far("not with it", zero(fd, q + PAGE, 1, 0));
	q = mremap(p + 2 * PAGE, 2 * PAGE, 2 * PAGE,
		   MREMAP_MAYMOVE | MREMAP_DONTUNMAP | MREMAP_FIXED, room + 4 * PAGE);
	HOLDS(q == room + 4 * PAGE);
	printf("moved: %d\n", q[0]);
	start(&t, p + 2 * PAGE, 0);
	next_fault(fd, p, &t);
	show_far("what was left", copy(fd, p + 2 * PAGE, page, PAGE, 0));
	join("what was left", &t);
	q = mmap(p + 3 * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0);
	printf("mapped anew: %d\n", q[0]);
	munmap(p, 4 * PAGE);
	munmap(room, 8 * PAGE);
	close(fd);
}

/* The bits of pagemap: present, swapped, protected. */
static void show_marks(const char *what, char *p, unsigned long pages)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);
	uint64_t word;

	printf("%s:", what);
	for (unsigned long i = 0; i < pages; i++) {
		if (pread(fd, &word, 8, (off_t)(((uintptr_t)p / PAGE + i) * 8)) != 8)
			word = 0;
		printf(" %d%s", (int)(word >> 63), word >> 57 & 1 ? "w" : "");
	}
	puts("");
	close(fd);
}

static void test_protect(void)
{
	int fd = uffd_new(O_NONBLOCK, 1);
	char *p = map(6, RW, ANON), *q, *room = map(2, PROT_NONE, ANON);
	struct uffdio_register r = { { (uintptr_t)p, 6 * PAGE }, WP, 0 };
	struct toucher t;

	memset(p, 'p', 4 * PAGE);
	show("not registered", wp(fd, p, 1, 1));
	SHOW(ioctl(fd, UFFDIO_REGISTER, &r));
	HOLDS(r.ioctls & 0x40);
	show("an unknown mode", wp(fd, p, 1, 4));
	show("two modes", wp(fd, p, 1, 3));
	show("nothing", wp(fd, p, 0, 1));
	show("protect", wp(fd, p + PAGE, 4, 1));
	show_marks("protected", p, 6);
	p[0] = '0';
	printf("read: %d %d\n", p[PAGE], p[4 * PAGE]);
	start(&t, p + PAGE, 1);
	next_fault(fd, p, &t);
	show("lift, asleep", wp(fd, p + PAGE, 1, 2));
	pause_ms(20);
	HOLDS(!t.done);
	show("wake", wake(fd, p + PAGE, 1));
	join("written", &t);
	start(&t, p + 2 * PAGE, 1);
	next_fault(fd, p, &t);
	show("lift", wp(fd, p + 2 * PAGE, 1, 0));
	join("written", &t);
	show_marks("two lifted", p, 6);
	p[4 * PAGE] = '4';
	mprotect(p, 6 * PAGE, PROT_READ);
	show_marks("read only", p, 6);
	mprotect(p, 6 * PAGE, RW);
	show_marks("read and write", p, 6);
	IN_CHILD("a child", {
		show_marks("a child", p, 6);
		p[3 * PAGE] = 'c';
		printf("%d\n", p[3 * PAGE]);
	});
	SHOW_OK(madvise(p + 3 * PAGE, PAGE, 21));	/* PAGEOUT */
	show("protect", wp(fd, p, 1, 1));
	start(&t, p + 3 * PAGE, 1);
	next_fault(fd, p, &t);
	show("unregister", unreg(fd, p + 3 * PAGE, 1));
	show("wake", wake(fd, p + 3 * PAGE, 1));	/* Linux does that for missing pages only */
	join("written", &t);
	show_marks("one unregistered", p, 6);
	show("over it", wp(fd, p, 6, 1));
	show_marks("up to it", p, 6);
	q = mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, room);
	show_marks("moved", q, 1);
	*q = 'q';
	SHOW_OK(madvise(p + PAGE, PAGE, MADV_DONTNEED));
	p[PAGE] = 'd';
	show_marks("dropped", p + PAGE, 1);
	show("both", reg(fd, p + PAGE, 2, MISSING | WP));
	madvise(p + PAGE, PAGE, MADV_DONTNEED);
	memset(page, 'b', PAGE);
	show_far("copy protected", copy(fd, p + PAGE, page, PAGE, COPY_WP));
	show_marks("copied", p + PAGE, 1);
	start(&t, p + PAGE, 1);
	next_fault(fd, p, &t);
	close(fd);
	join("closed", &t);
	show_marks("closed", p + PAGE, 4);
	fd = uffd_new(O_NONBLOCK, 0);
	show("missing only", reg(fd, p + PAGE, 1, MISSING));
	madvise(p + PAGE, PAGE, MADV_DONTNEED);
	show_far("copy protected", copy(fd, p + PAGE, page, PAGE, COPY_WP));
	close(fd);
}

static void test_move_refused(int fd, char *p, char *src)
{
	char *room = map(4, RW, ANON), *other = map(2, RW, ANON);
	char *shared = map(1, RW, MAP_SHARED | MAP_ANONYMOUS);

	memset(other, 'o', 2 * PAGE);
	munmap(room + PAGE, PAGE);
	shared[0] = 's';
	show_far("not at a page", move(fd, p + 1, src, PAGE, 0));
	show_far("not from a page", move(fd, p, src + 1, PAGE, 0));
	show_far("half a page", move(fd, p, src, PAGE / 2, 0));
	show_far("nothing", move(fd, p, src, 0, 0));
	show_far("an unknown mode", move(fd, p, src, PAGE, 4));
	show_far("to the end of the world", move(fd, (void *)-PAGE, src, PAGE, 0));
	show_far("from there", move(fd, p, (void *)-PAGE, PAGE, 0));
	show_far("to what is not registered", move(fd, other, src, PAGE, 0));
	show_far("to a hole", move(fd, room + PAGE, src, PAGE, 0));
	show_far("from a hole", move(fd, p, room + PAGE, PAGE, 0));
	show_far("over the end", move(fd, p + 7 * PAGE, src, 2 * PAGE, 0));
	show_far("from over the end", move(fd, p, room, 2 * PAGE, HOLES));
	show_far("shared memory", move(fd, p, shared, PAGE, 0));
	mprotect(other, PAGE, PROT_READ);
	show_far("read-only memory", move(fd, p, other, PAGE, 0));
	mprotect(other, PAGE, RW);
	mlock(other, PAGE);
	show_far("locked memory", move(fd, p, other, PAGE, 0));
	munlock(other, PAGE);
	SHOW_OK(madvise(room, PAGE, 102));		/* GUARD_INSTALL */
	show_far("a guard", move(fd, p, room, PAGE, HOLES));
	SHOW_OK(madvise(p, PAGE, 102));
	show_far("onto a guard", move(fd, p, other, PAGE, 0));
	SHOW_OK(madvise(p, PAGE, 103));
	IN_CHILD("a child", show_far("another's", move(fd, p, src, PAGE, 0)));
	munmap(room, 4 * PAGE);
	munmap(other, 2 * PAGE);
	munmap(shared, PAGE);
}

static void test_move(void)
{
	int fd = uffd_new(O_NONBLOCK, 0), ends[2];
	char *p = map(8, RW, ANON), *src = map(8, RW, ANON), c;
	struct uffdio_register r = { { (uintptr_t)p, 8 * PAGE }, MISSING, 0 };
	struct toucher t;
	pid_t pid;

	SHOW(ioctl(fd, UFFDIO_REGISTER, &r));
	HOLDS(r.ioctls & 0x20);
	test_move_refused(fd, p, src);
	for (int i = 0; i < 5; i++)
		memset(src + i * PAGE, 'a' + i, PAGE);
	show_far("move", move(fd, p, src, PAGE, 0));
	printf("%d %d\n", p[0], src[0]);
	show_far("onto it", move(fd, p, src + PAGE, PAGE, 0));
	show_far("zeroes", move(fd, p + PAGE, src, PAGE, 0));
	show_far("what is not there", move(fd, p + 2 * PAGE, src + 5 * PAGE, PAGE, 0));
	show_far("the same, allowed", move(fd, p + 2 * PAGE, src + 5 * PAGE, PAGE, HOLES));
	show_far("up to a hole", move(fd, p + 2 * PAGE, src + 4 * PAGE, 3 * PAGE, 0));
	show_far("over holes", move(fd, p + 3 * PAGE, src + 3 * PAGE, 3 * PAGE, HOLES));
	show_far("itself", move(fd, p, p, PAGE, 0));
	show_far("down", move(fd, p + 4 * PAGE, p + 3 * PAGE, PAGE, 0));
	printf("%d %d %d\n", p[PAGE], p[2 * PAGE], p[4 * PAGE]);
	madvise(p, 8 * PAGE, MADV_DONTNEED);
	start(&t, p, 0);
	next_fault(fd, p, &t);
	show_far("asleep", move(fd, p, src + PAGE, PAGE, DONTWAKE));
	pause_ms(20);
	HOLDS(!t.done);
	show("wake", wake(fd, p, 1));
	join("a reader", &t);
	start(&t, p + PAGE, 1);
	next_fault(fd, p, &t);
	show_far("move", move(fd, p + PAGE, src + 2 * PAGE, PAGE, 0));
	join("a writer", &t);
	/* a relative has it, too */
	src[7 * PAGE] = 'r';
	HOLDS(!pipe(ends));
	pid = fork();
	if (!pid)
		_exit(read(ends[0], &c, 1) != 1);
	show_far("a relative's", move(fd, p + 7 * PAGE, src + 7 * PAGE, PAGE, 0));
	HOLDS(write(ends[1], "", 1) == 1);
	printf("child: %s\n", wait_text(pid));
	src[7 * PAGE]++;
	show_far("not any more", move(fd, p + 7 * PAGE, src + 7 * PAGE, PAGE, 0));
	printf("%d\n", p[7 * PAGE]);
	src[6 * PAGE] = 'o';
	SHOW_OK(madvise(src + 6 * PAGE, PAGE, 21));	/* PAGEOUT */
	show_far("what may be in swap", move(fd, p + 6 * PAGE, src + 6 * PAGE, PAGE, 0));
	printf("%d\n", p[6 * PAGE]);
	/* what was protected is not, there */
	src[5 * PAGE] = 'w';
	show("register", reg(fd, src + 5 * PAGE, 1, WP));
	show("protect", wp(fd, src + 5 * PAGE, 1, 1));
	show_far("move", move(fd, p + 5 * PAGE, src + 5 * PAGE, PAGE, 0));
	show_marks("moved", p + 5 * PAGE, 1);
	p[5 * PAGE]++;
	close(fd);
	munmap(p, 8 * PAGE);
	munmap(src, 8 * PAGE);
}

/* What a touch sees, or that it is a bus error: with FEATURE_SIGBUS nobody waits. */
static void look(const char *what, char *at, int write)
{
	struct sigaction sa = { .sa_sigaction = on_bus, .sa_flags = SA_SIGINFO };

	sigaction(SIGBUS, &sa, NULL);
	if (sigsetjmp(landing, 1)) {
		/* a kernel without CONFIG_MEMORY_FAILURE says BUS_ADRERR of poison, too */
		printf("%s: bus error%s\n", what, code == 2 || code == 4 ? "" : "?");
		return;
	}
	if (write)
		*(volatile char *)at = 'w';
	printf("%s: saw %d\n", what, *(volatile char *)at);
}

/* A file of 8 pages, shown twice, with a page more behind its end: *@other is not registered. */
static char *shared(int *file, char **other)
{
	*file = (int)syscall(SYS_memfd_create, "shared", 0);
	HOLDS(*file >= 0 && !ftruncate(*file, 8 * PAGE));
	*other = mmap(NULL, 9 * PAGE, RW, MAP_SHARED, *file, 0);
	return mmap(NULL, 9 * PAGE, RW, MAP_SHARED, *file, 0);
}

static void unshare_all(int fd, int file, char *p, char *other)
{
	close(fd);
	close(file);
	munmap(p, 9 * PAGE);
	munmap(other, 9 * PAGE);
}

static void test_shared_missing(void)
{
	int fd = uffd_new(O_NONBLOCK, FEATURE_SIGBUS), file, waiting = uffd_new(O_NONBLOCK, 0);
	char *other, *p = shared(&file, &other), *q;
	struct toucher t;

	memset(page, 'c', PAGE);
	show("register", reg(fd, p, 9, MISSING));
	other[0] = '0';
	look("in the file", p, 0);
	look("not there", p + PAGE, 0);
	look("not there, written", p + PAGE, 1);
	show_far("copy", copy(fd, p + PAGE, page, PAGE, 0));
	printf("%d %d\n", p[PAGE], other[PAGE]);
	show_far("again", copy(fd, p + PAGE, page, PAGE, 0));
	other[2 * PAGE] = '2';
	show_far("in the file", copy(fd, p + 2 * PAGE, page, PAGE, 0));
	show_far("zeroes", zero(fd, p + 3 * PAGE, 1, 0));
	show_far("again", zero(fd, p + 3 * PAGE, 1, 0));
	show_far("in the file", zero(fd, p + 2 * PAGE, 1, 0));
	look("zeroes", p + 3 * PAGE, 0);
	p[3 * PAGE] = '3';
	printf("%d\n", other[3 * PAGE]);
	show_far("behind the end", copy(fd, p + 8 * PAGE, page, PAGE, 0));
	show_far("behind the end", zero(fd, p + 8 * PAGE, 1, 0));
	look("behind the end", p + 8 * PAGE, 0);
	show_far("up to the end", zero(fd, p + 7 * PAGE, 2, 0));
	madvise(p + PAGE, PAGE, MADV_DONTNEED);
	look("dropped", p + PAGE, 0);
	SHOW_OK(madvise(p + PAGE, PAGE, MADV_REMOVE));
	look("removed", p + PAGE, 0);
	q = mmap(NULL, 8 * PAGE, RW, MAP_PRIVATE, file, 0);
	show("register private memory", reg(fd, q, 8, MISSING));
	look("in the file", q, 0);
	look("not there", q + 5 * PAGE, 1);
	show_far("copy", copy(fd, q + 5 * PAGE, page, PAGE, 0));
	show_far("zeroes", zero(fd, q + 4 * PAGE, 1, 0));
	q[4 * PAGE]++;
	printf("%d %d %d %d\n", q[5 * PAGE], other[5 * PAGE], q[4 * PAGE], other[4 * PAGE]);
	munmap(q, 8 * PAGE);
	show("unregister", unreg(fd, p, 9));
	show("register", reg(waiting, p, 8, MISSING));
	start(&t, p + 6 * PAGE, 1);
	next_fault(waiting, p, &t);
	show_far("copy", copy(waiting, p + 6 * PAGE, page, PAGE, 0));
	join("a writer", &t);
	printf("%d\n", other[6 * PAGE]);
	close(waiting);
	unshare_all(fd, file, p, other);
}

static void test_minor(void)
{
	int fd = uffd_new(O_NONBLOCK, FEATURE_SIGBUS), file, waiting = uffd_new(O_NONBLOCK, 0);
	char *other, *p = shared(&file, &other), *q = map(1, RW, ANON);
	struct uffdio_register r = { { (uintptr_t)p, 9 * PAGE }, MINOR, 0 };
	struct toucher t;

	memset(other, 'o', 4 * PAGE);
	show("anonymous memory", reg(fd, q, 1, MINOR));
	show("register", reg(fd, q, 1, MISSING));
	show_far("anonymous memory", cont(fd, q, 1, 0));
	SHOW(ioctl(fd, UFFDIO_REGISTER, &r));
	HOLDS(r.ioctls & 0x80);
	look("in the file", p, 0);
	look("in the file, written", p, 1);
	look("not there", p + 4 * PAGE, 0);
	show_far("continue", cont(fd, p, 1, 0));
	look("shown", p, 0);
	look("written", p, 1);
	printf("%d\n", other[0]);
	show_far("again", cont(fd, p, 1, 0));
	show_far("nothing there", cont(fd, p + 5 * PAGE, 1, 0));
	show_far("up to nothing", cont(fd, p + 2 * PAGE, 4, 0));
	show_far("behind the end", cont(fd, p + 8 * PAGE, 1, 0));
	show_far("half a page", cont(fd, p + 1, 1, 0));
	show_far("an unknown mode", cont(fd, p + PAGE, 1, 8));
	show_far("protected, unregistered", cont(fd, p + PAGE, 1, 2));
	show_far("not registered", cont(fd, other, 1, 0));
	show_far("copy over it", copy(fd, p + PAGE, page, PAGE, 0));
	show_far("copy", copy(fd, p + 6 * PAGE, page, PAGE, 0));
	show("unregister", unreg(fd, p, 9));
	look("asks nobody", p + PAGE, 0);
	munmap(p, PAGE);
	p = mmap(p, PAGE, RW, MAP_SHARED | MAP_FIXED, file, 0);
	show("register", reg(waiting, p, 1, MINOR | MISSING | WP));
	start(&t, p, 1);
	next_fault(waiting, p, &t);
	other[0] = 'm';
	show_far("continue, protected", cont(waiting, p, 1, 2));
	next_fault(waiting, p, &t);
	printf("%d\n", other[0]);
	show("lift", wp(waiting, p, 1, 0));
	join("a writer", &t);
	printf("%d\n", other[0]);
	munmap(q, PAGE);
	close(waiting);
	unshare_all(fd, file, p, other);
}

static void test_shared_protect(void)
{
	int fd = uffd_new(O_NONBLOCK, FEATURE_SIGBUS), file;
	char *other, *p = shared(&file, &other), *room = map(2, PROT_NONE, ANON), *q;

	memset(other, 'o', 4 * PAGE);
	p[0] = 'p';
	show("register", reg(fd, p, 9, WP));
	show("protect", wp(fd, p, 9, 1));
	show_marks("protected", p, 9);
	look("read", p + PAGE, 0);
	look("read, a hole", p + 7 * PAGE, 0);
	look("written", p, 1);
	look("written, not mapped", p + 2 * PAGE, 1);
	look("written, a hole", p + 6 * PAGE, 1);
	look("behind the end", p + 8 * PAGE, 1);
	show_marks("looked at", p, 9);
	other[2 * PAGE] = '2';
	printf("%d\n", p[2 * PAGE]);
	madvise(p, 2 * PAGE, MADV_DONTNEED);
	madvise(p + 2 * PAGE, PAGE, MADV_REMOVE);
	show_marks("dropped", p, 9);
	HOLDS(!ftruncate(file, 6 * PAGE));
	show_marks("cut off", p, 9);
	HOLDS(!ftruncate(file, 8 * PAGE));
	look("written", p, 1);
	look("read", p, 0);
	SHOW_OK(madvise(p, PAGE, 21));	/* PAGEOUT: the other mapping has it, too */
	mprotect(p, 2 * PAGE, PROT_NONE);
	mprotect(p, 2 * PAGE, RW);
	show_marks("read and write", p, 2);
	IN_CHILD("a child", show_marks("a child", p, 9));
	show("lift", wp(fd, p, 2, 0));
	show_marks("lifted", p, 3);
	look("written", p, 1);
	q = mremap(p + 4 * PAGE, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, room);
	show_marks("moved", q, 2);
	show("unregister", unreg(fd, p, 4));
	show_marks("unregistered", p, 4);
	show_marks("not these", p + 6 * PAGE, 3);
	show("register", reg(fd, p, 4, MISSING | WP));
	show("protect", wp(fd, p, 4, 1));
	SHOW_OK(madvise(p, 4 * PAGE, MADV_REMOVE));
	look("missing", p, 0);
	show_far("copy over the mark", copy(fd, p, page, PAGE, 0));
	show_far("copy with a mark", copy(fd, p + PAGE, page, PAGE, COPY_WP));
	show_far("zeroes over the mark", zero(fd, p + 2 * PAGE, 1, 0));
	show_marks("filled", p, 4);
	munmap(q, 2 * PAGE);
	unshare_all(fd, file, p, other);
}

static void test_poison(void)
{
	int fd = uffd_new(O_NONBLOCK, FEATURE_SIGBUS), file, ends[2];
	char *other, *p = shared(&file, &other), *q = map(4, RW, ANON), *room = map(1, RW, ANON);

	HOLDS(!pipe(ends));
	other[2 * PAGE] = '2';
	show_far("not registered", poison(fd, p, 1, 0));
	q[3 * PAGE] = 'q';
	show("register", reg(fd, p, 9, MISSING));
	show("register", reg(fd, q, 4, MISSING | WP));
	show_far("poison", poison(fd, p, 3, 0));
	look("poisoned", p + 2 * PAGE, 0);
	printf("%d\n", other[2 * PAGE]);
	show_far("again", poison(fd, p, 1, 0));
	show_far("copy over it", copy(fd, p, page, PAGE, 0));
	show_far("zeroes over it", zero(fd, p, 1, 0));
	show_far("an unknown mode", poison(fd, p + 4 * PAGE, 1, 2));
	show_far("half a page", poison(fd, p + 4 * PAGE + 1, 1, 0));
	madvise(p + 2 * PAGE, PAGE, MADV_DONTNEED);
	look("dropped", p + 2 * PAGE, 0);
	show("unregister", unreg(fd, p, 9));
	look("still poisoned", p + PAGE, 1);
	look("not any more", p, 1);
	show_far("private memory", poison(fd, q, 4, 0));
	look("poisoned", q, 0);
	look("poisoned", q + PAGE, 1);
	show_far("zeroes over it", zero(fd, q + 2 * PAGE, 1, 0));
	show_far("copy over it", copy(fd, q + 2 * PAGE, page, PAGE, 0));
	look("not any more", q + 2 * PAGE, 1);
	show("protect", wp(fd, q, 4, 1));
	look("still", q + PAGE, 1);
	SHOW(write(ends[1], q, 8));
	mprotect(q, PAGE, PROT_READ);
	mprotect(q, PAGE, RW);
	look("still", q, 0);
	IN_CHILD("a child", look("poisoned", q, 0));
	show_far("move", move(fd, q, room, PAGE, HOLES));
	q = mremap(q, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, room);
	look("moved", q, 0);
	munmap(q, PAGE);
	unshare_all(fd, file, p, other);
}

/* Private memory that is empty, with and without the feature. */
static void test_unpopulated(uint64_t features)
{
	int fd = uffd_new(O_NONBLOCK, FEATURE_SIGBUS | features);
	char *p = map(4, RW, ANON);

	p[0] = 'p';
	show("register", reg(fd, p, 4, WP));
	show("protect", wp(fd, p, 4, 1));
	show_marks("protected", p, 4);
	look("read", p + PAGE, 0);
	look("written", p + PAGE, 1);
	look("written", p + 2 * PAGE, 1);
	look("had been written", p, 1);
	show_marks("looked at", p, 4);
	madvise(p + 2 * PAGE, 2 * PAGE, MADV_DONTNEED);
	show_marks("dropped", p, 4);
	look("written", p + 2 * PAGE, 1);
	IN_CHILD("a child", show_marks("a child", p, 4));
	show("lift", wp(fd, p, 4, 0));
	look("written", p + PAGE, 1);
	show_marks("lifted", p, 4);
	show("protect", wp(fd, p, 4, 1));
	show("missing only", reg(fd, p, 4, MISSING));
	look("written", p, 1);
	look("missing", p + 3 * PAGE, 1);
	close(fd);
	munmap(p, 4 * PAGE);
}

int main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	test_open();
	test_register();
	test_answers();
	test_faults();
	test_blocking();
	test_kernel();
	test_signals();
	test_ranges();
	test_protect();
	test_move();
	test_shared_missing();
	test_minor();
	test_shared_protect();
	test_poison();
	test_unpopulated(0);
	test_unpopulated(FEATURE_WP_UNPOPULATED);
	return 0;
}
