/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/user/guard.c - guard regions: what installs, what they survive, what a touch gets */
#include "tests/user/test.h"

#include <setjmp.h>

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

/* musl has no names for these. */
#define ADV_COLD 20
#define ADV_PAGEOUT 21
#define ADV_POPULATE_READ 22
#define ADV_POPULATE_WRITE 23
#define ADV_DONTNEED_LOCKED 24
#define ADV_GUARD_INSTALL 102
#define ADV_GUARD_REMOVE 103

static sigjmp_buf landing;
static siginfo_t fault_info;

static void on_fault(int sig, siginfo_t *info, void *context)
{
	fault_info = *info;
	siglongjmp(landing, 1);
}

/* What a read and a write of each page give, the contents or the signal. */
static void show(const char *what, char *p, unsigned long pages)
{
	printf("%s:", what);
	for (volatile unsigned long i = 0; i < pages; i++) {
		volatile char *at = p + i * PAGE + 5;

		if (sigsetjmp(landing, 1))
			printf(" %s/%d%s", fault_info.si_signo == SIGBUS ? "bus" : "segv",
			       fault_info.si_code, fault_info.si_addr == at ? "" : "?");
		else
			printf(" %d", *at);
	}
	puts("");
}

static void show_writes(const char *what, char *p, unsigned long pages)
{
	printf("%s:", what);
	for (volatile unsigned long i = 0; i < pages; i++) {
		volatile char *at = p + i * PAGE + 5;

		if (sigsetjmp(landing, 1)) {
			printf(" %s/%d", fault_info.si_signo == SIGBUS ? "bus" : "segv",
			       fault_info.si_code);
		} else {
			*at = 'w';
			printf(" ok");
		}
	}
	puts("");
}

static char *map(unsigned long pages, int prot, int flags)
{
	return mmap(NULL, pages * PAGE, prot, flags, -1, 0);
}

/* Private memory of @pages pages with 1, 2, 3... in them. */
static char *numbered(unsigned long pages)
{
	char *p = map(pages, RW, ANON);

	for (unsigned long i = 0; i < pages; i++)
		memset(p + i * PAGE, (int)i + 1, PAGE);
	return p;
}

static int guard(char *p, unsigned long from, unsigned long pages)
{
	return madvise(p + from * PAGE, pages * PAGE, ADV_GUARD_INSTALL) ? errno : 0;
}

static int unguard(char *p, unsigned long from, unsigned long pages)
{
	return madvise(p + from * PAGE, pages * PAGE, ADV_GUARD_REMOVE) ? errno : 0;
}

static void test_install(void)
{
	char *p = numbered(6), *q;

	SHOW(guard(p, 1, 2));
	show("installed", p, 6);
	show_writes("written", p, 6);
	SHOW(guard(p, 2, 2));
	show("one more", p, 6);
	SHOW(unguard(p, 2, 3));
	show("some removed: contents are gone", p, 6);
	munmap(p, 6 * PAGE);
	p = map(4, RW, ANON);
	SHOW(guard(p, 1, 1));
	show("on memory never touched", p, 4);
	q = mmap(p, 2 * PAGE, RW, ANON | MAP_FIXED, -1, 0);
	HOLDS(p == q);
	show("mapped anew", p, 4);
	munmap(p, 4 * PAGE);
	p = numbered(4);
	SHOW_OK(madvise(p, 4 * PAGE, ADV_PAGEOUT));
	SHOW(guard(p, 1, 1));
	show("paged out before", p, 4);
	munmap(p, 4 * PAGE);
	p = map(600, RW, ANON);
	memset(p + 500 * PAGE, 9, 20 * PAGE);
	SHOW(guard(p, 1, 598));
	show("across tables", p + 505 * PAGE, 8);
	show("its ends", p, 2);
	show("its ends", p + 598 * PAGE, 2);
	SHOW(unguard(p, 0, 600));
	show("across tables", p + 505 * PAGE, 8);
	munmap(p, 600 * PAGE);
}

static void test_errors(void)
{
	char *p = map(4, RW, ANON);

	SHOW_OK(madvise(p + 1, PAGE, ADV_GUARD_INSTALL));
	SHOW_OK(madvise(p, 0, ADV_GUARD_INSTALL));
	SHOW_OK(madvise(p, ~0UL, ADV_GUARD_INSTALL));
	SHOW_OK(madvise((void *)0xffff800000000000, PAGE, ADV_GUARD_INSTALL));
	munmap(p + 2 * PAGE, PAGE);
	SHOW_OK(madvise(p, 4 * PAGE, ADV_GUARD_INSTALL));
	show("around a hole", p, 4);
	SHOW_OK(madvise(p, 4 * PAGE, ADV_GUARD_REMOVE));
	show("removed", p, 4);
	SHOW_OK(madvise(p + 2 * PAGE, PAGE, ADV_GUARD_INSTALL));
	SHOW_OK(madvise(p, 1, ADV_GUARD_INSTALL));
	show("one byte", p, 2);
	munmap(p, 4 * PAGE);
	p = numbered(4);
	SHOW_OK(mlock(p, 4 * PAGE));
	SHOW(guard(p, 1, 1));
	SHOW(unguard(p, 1, 1));
	SHOW_OK(munlock(p, PAGE));
	SHOW(guard(p, 0, 4));
	show("partly locked", p, 4);
	munmap(p, 4 * PAGE);
	p = numbered(4);
	SHOW(guard(p, 1, 1));
	SHOW_OK(madvise(p + 2 * PAGE, 2 * PAGE, MADV_DONTNEED));
	SHOW_OK(mlock(p, 4 * PAGE));
	show_core("locking stops at a guard", p, 4);
	show("locked", p, 3);
	SHOW_OK(madvise(p, 4 * PAGE, ADV_DONTNEED_LOCKED));
	show("dropped all the same", p, 3);
	SHOW(unguard(p, 1, 1));
	show("a guard of locked memory goes", p, 3);
	munmap(p, 4 * PAGE);
	p = map(2, RW, ANON);
	SHOW(guard(p, 1, 1));
	SHOW_OK(syscall(SYS_mlock2, p, 2 * PAGE, 1));
	show("locked on fault", p, 2);
	munmap(p, 2 * PAGE);
}

static void test_advice(void)
{
	static const struct { const char *name; int advice; } advices[] = {
		{ "DONTNEED", MADV_DONTNEED }, { "FREE", MADV_FREE }, { "COLD", ADV_COLD },
		{ "PAGEOUT", ADV_PAGEOUT }, { "WILLNEED", MADV_WILLNEED },
		{ "POPULATE_READ", ADV_POPULATE_READ }, { "POPULATE_WRITE", ADV_POPULATE_WRITE },
	};

	for (size_t i = 0; i < sizeof(advices) / sizeof(*advices); i++) {
		char *p = numbered(3);
		int err;

		guard(p, 1, 1);
		err = madvise(p, 3 * PAGE, advices[i].advice) ? errno : 0;
		printf("%s %s", advices[i].name, err ? errno_name(err) : "0");
		show("", p + PAGE, 1);
		show_core("  resident", p + PAGE, 1);
		munmap(p, 3 * PAGE);
	}
}

static void test_protection(void)
{
	char *p = numbered(4);

	guard(p, 1, 1);
	SHOW_OK(mprotect(p, 4 * PAGE, PROT_READ));
	show("read only", p, 3);
	show_writes("read only", p, 3);
	SHOW(guard(p, 2, 1));
	SHOW_OK(mprotect(p, 4 * PAGE, PROT_NONE));
	show("no access", p, 4);
	SHOW(guard(p, 3, 1));
	SHOW_OK(mprotect(p, 4 * PAGE, RW));
	show("read and write", p, 4);
	munmap(p, 4 * PAGE);
}

static void test_move(void)
{
	char *p = numbered(4), *room = map(8, PROT_NONE, ANON), *q;

	guard(p, 1, 1);
	q = mremap(p, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, room);
	HOLDS(q == room);
	show("moved", q, 4);
	q = mremap(room, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP | MREMAP_FIXED,
		   room + 4 * PAGE);
	HOLDS(q == room + 4 * PAGE);
	show("moved again", q, 4);
	show("what was left", room, 4);
	munmap(room, 8 * PAGE);
	p = map(2, RW, ANON);
	guard(p, 1, 1);
	p = mremap(p, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE);
	show("grown", p, 4);
	p = mremap(p, 4 * PAGE, PAGE, 0);
	p = mremap(p, PAGE, 4 * PAGE, MREMAP_MAYMOVE);
	show("cut off and grown", p, 4);
	munmap(p, 4 * PAGE);
}

static void test_fork(void)
{
	char *p = numbered(4), *q = map(3, RW, MAP_SHARED | MAP_ANONYMOUS);
	char *untouched = map(3, RW, ANON);

	guard(p, 1, 1);
	guard(q, 1, 1);
	guard(untouched, 1, 1);
	q[5] = 's';
	IN_CHILD("a child", {
		show("private", p, 4);
		show("shared", q, 3);
		show("never touched", untouched, 3);
		unguard(p, 1, 1);
		unguard(q, 1, 1);
		show_writes("removed", p, 2);
		show_writes("removed", q, 2);
	});
	show("the parent's stay", p, 2);
	show("the parent's stay", q, 2);
	SHOW_OK(madvise(p, 4 * PAGE, MADV_WIPEONFORK));
	IN_CHILD("a wiped child", show("wiped", p, 4));
	munmap(p, 4 * PAGE);
	munmap(q, 3 * PAGE);
	munmap(untouched, 3 * PAGE);
}

static void test_files(void)
{
	int fd = open("guard.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char *p, *q, c = 'f';

	HOLDS(fd >= 0 && !ftruncate(fd, 4 * PAGE));
	HOLDS(pwrite(fd, &c, 1, PAGE + 5) == 1);
	p = mmap(NULL, 4 * PAGE, RW, MAP_SHARED, fd, 0);
	q = mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE, fd, 0);
	q[2 * PAGE + 5] = 'p';
	SHOW(guard(p, 1, 1));
	SHOW(guard(q, 1, 2));
	show("shared", p, 4);
	show("private", q, 4);
	show_core("shared", p, 4);
	c = 0;
	HOLDS(pread(fd, &c, 1, PAGE + 5) == 1 && c == 'f');
	HOLDS(!ftruncate(fd, 0));
	show("shared, truncated", p, 2);
	show("private, truncated", q, 3);
	HOLDS(!ftruncate(fd, 4 * PAGE));
	show("shared, extended", p, 2);
	SHOW_OK(madvise(p, 4 * PAGE, MADV_DONTNEED));
	show("shared, dropped", p, 2);
	SHOW_OK(msync(p, 4 * PAGE, MS_SYNC));
	SHOW(unguard(p, 0, 4));
	SHOW(unguard(q, 0, 4));
	show("shared, removed", p, 4);
	show("private, removed", q, 4);
	munmap(p, 4 * PAGE);
	munmap(q, 4 * PAGE);
	close(fd);
	fd = open("guard.tmp", O_RDONLY);
	p = mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
	SHOW(guard(p, 1, 1));
	show("read-only file", p, 2);
	munmap(p, 2 * PAGE);
	close(fd);
	unlink("guard.tmp");
}

static void test_kernel(void)
{
	char *p = numbered(3);
	int ends[2];

	guard(p, 1, 1);
	HOLDS(pipe(ends) == 0);
	SHOW_OK(write(ends[1], p + PAGE, 8));
	SHOW_OK(write(ends[1], p + PAGE - 8, 8));
	SHOW_OK(read(ends[0], p + PAGE, 8));
	SHOW_OK(syscall(SYS_futex, p + PAGE, 0, 1, NULL, NULL, 0));
	munmap(p, 3 * PAGE);
}

int main(void)
{
	struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	setvbuf(stdout, NULL, _IONBF, 0);
	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
	test_install();
	test_errors();
	test_advice();
	test_protection();
	test_move();
	test_fork();
	test_files();
	test_kernel();
	return 0;
}
