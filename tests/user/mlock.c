/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/user/mlock.c - mlock, munlock, mlockall, their limit and their accounting; mincore */
#include "tests/user/test.h"

/* musl has no name for these. */
#define CAP_VERSION_3 0x20080522
#define CAP_IPC_LOCK 14

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define KERNEL_VA ((char *)0xffff800000000000)

/* A line of /proc/self/status in kB; -1: there is none. */
static long status_kb(const char *key)
{
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	long kb = -1;

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)))
			sscanf(line + strlen(key) + 1, "%ld", &kb);
	if (f)
		fclose(f);
	return kb;
}

/* Ranges of /proc/self/maps that make up [p, p + pages), as numbers of pages. */
static void show_ranges(const char *what, char *p, unsigned long pages)
{
	uintptr_t start = (uintptr_t)p, end = start + pages * PAGE, a, b;
	FILE *f = fopen("/proc/self/maps", "r");
	char line[512];

	printf("%s:", what);
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx", &a, &b) != 2 || b <= start || a >= end)
			continue;
		printf(" %lu+%lu", ((a > start ? a : start) - start) / PAGE,
		       ((b < end ? b : end) - (a > start ? a : start)) / PAGE);
	}
	if (f)
		fclose(f);
	puts("");
}

static void show_locked(const char *what)
{
	printf("%s: VmLck %ld kB\n", what, status_kb("VmLck:"));
}

/* The same of show_core() by one call, with its error. */
static void show_all_core(const char *what, char *p, unsigned long pages)
{
	unsigned char vec[64];

	printf("%s: ", what);
	if (mincore(p, pages * PAGE, vec)) {
		printf("-%s\n", errno_name(errno));
		return;
	}
	for (unsigned long i = 0; i < pages; i++)
		putchar('0' + (vec[i] & 1));
	puts("");
}

static char *map(unsigned long pages)
{
	return mmap(NULL, pages * PAGE, RW, ANON, -1, 0);
}

/* Root may lock everything: not so from here on. */
static void drop_ipc_lock(void)
{
	struct { uint32_t version; int pid; } header = { CAP_VERSION_3, 0 };
	struct { uint32_t effective, permitted, inheritable; } data[2];

	syscall(SYS_capget, &header, data);
	data[0].effective &= ~(1U << CAP_IPC_LOCK);
	data[0].permitted &= ~(1U << CAP_IPC_LOCK);
	SHOW(syscall(SYS_capset, &header, data));
	data[0].effective |= 1U << CAP_IPC_LOCK;
	SHOW(syscall(SYS_capset, &header, data));
}

static void set_limit(unsigned long pages)
{
	struct rlimit rl;

	getrlimit(RLIMIT_MEMLOCK, &rl);
	rl.rlim_cur = pages * PAGE;
	printf("limit %lu pages: %s\n", pages, setrlimit(RLIMIT_MEMLOCK, &rl) ? "no" : "set");
}

static void test_ranges(void)
{
	char *p = map(8), *hole;

	show_locked("at first");
	SHOW(mlock(p + 2 * PAGE, 2 * PAGE));
	show_locked("two pages");
	show_ranges("cut", p, 8);
	show_all_core("present", p, 8);
	SHOW(mlock(p + 3 * PAGE + 5, PAGE));		/* touches pages 3 and 4 */
	show_locked("three pages");
	show_ranges("joined", p, 8);
	SHOW(mlock2(p + 4 * PAGE, 2 * PAGE, MLOCK_ONFAULT));
	show_locked("four pages");
	show_ranges("another kind", p, 8);
	show_all_core("not faulted in", p, 8);
	p[5 * PAGE] = 1;
	SHOW(munlock(p + 2 * PAGE, PAGE));
	show_locked("three pages");
	show_ranges("cut", p, 8);
	SHOW(munlock(p, 8 * PAGE));
	show_locked("none");
	show_ranges("joined", p, 8);
	show_all_core("still present", p, 8);

	hole = map(4);
	munmap(hole + 2 * PAGE, PAGE);
	SHOW(mlock(hole, 4 * PAGE));
	show_locked("before the hole");
	show_all_core("as if nothing", hole, 2);
	SHOW(munlock(hole, 4 * PAGE));
	show_locked("unlocked as far");
	SHOW(munlock(hole + 2 * PAGE, PAGE));
	SHOW(munmap(hole, 4 * PAGE));
	SHOW(mlock(p, 0));
	SHOW(mlock2(p, PAGE, 2));
	SHOW(mlock(p, ~0UL));
	SHOW(mlock(p, ~0UL - 2 * PAGE));
	SHOW(mlock(KERNEL_VA, PAGE));
	SHOW(munlock(KERNEL_VA, PAGE));
	SHOW(munlock(p, ~0UL - 2 * PAGE));
	munmap(p, 8 * PAGE);
}

static void test_kinds(void)
{
	char *none = mmap(NULL, 2 * PAGE, PROT_NONE, ANON, -1, 0);
	char *ro = mmap(NULL, 2 * PAGE, PROT_READ, ANON, -1, 0);
	char *shared = mmap(NULL, 4 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	SHOW(mlock(none, 2 * PAGE));
	show_locked("no access");
	SHOW(munmap(none, 2 * PAGE));
	SHOW(mlock(ro, 2 * PAGE));
	show_all_core("zeros", ro, 2);
	SHOW(mprotect(ro, PAGE, RW));
	show_all_core("copied", ro, 2);
	ro[0] = 1;
	show_locked("read only, then one writable");
	SHOW(munmap(ro + PAGE, PAGE));
	show_locked("half of it");
	SHOW(munmap(ro, PAGE));
	SHOW(mlock(shared + PAGE, 2 * PAGE));
	show_all_core("shared", shared, 4);
	SHOW(munmap(shared, 4 * PAGE));
	show_locked("nothing");
	/* Locked memory may not be dropped. */
	ro = map(2);
	SHOW(mlock(ro, PAGE));
	SHOW(madvise(ro, PAGE, MADV_DONTNEED));
	SHOW(madvise(ro, PAGE, MADV_FREE));
	SHOW(madvise(ro, PAGE, MADV_COLD));
	SHOW(madvise(ro, 2 * PAGE, MADV_PAGEOUT));
	ro[0] = 3;
	SHOW(madvise(ro, PAGE, 24 /* MADV_DONTNEED_LOCKED */));
	printf("dropped all the same: %d\n", ro[0]);
	SHOW(madvise(ro, PAGE, MADV_WILLNEED));
	munmap(ro, 2 * PAGE);
}

static void test_fork_and_remap(void)
{
	char *p = map(8), *q;

	SHOW(mlock(p, 4 * PAGE));
	IN_CHILD("locks are not inherited", {
		show_locked("child");
		show_ranges("child's", p, 8);
		p[0] = 1;
	});
	show_locked("parent");
	q = mremap(p, 4 * PAGE, 6 * PAGE, MREMAP_MAYMOVE);
	HOLDS(q != MAP_FAILED && q != p);
	show_locked("moved and longer");
	show_all_core("all there", q, 6);
	q = mremap(q, 6 * PAGE, 3 * PAGE, 0);
	show_locked("shorter");
	SHOW(munmap(q, 3 * PAGE));
	show_locked("nothing");
	p = map(3);
	SHOW(mlock(p, 3 * PAGE));
	HOLDS(mmap(p + PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0) == p + PAGE);
	show_locked("one replaced");
	munmap(p, 3 * PAGE);
}

static void test_all(void)
{
	uintptr_t heap = (uintptr_t)syscall(SYS_brk, 0);
	char *p, *q;

	SHOW(mlockall(0));
	SHOW(mlockall(MCL_ONFAULT));
	SHOW(mlockall(8));
	SHOW(mlockall(MCL_FUTURE));
	show_locked("nothing yet");
	p = map(2);
	show_locked("two");
	show_all_core("there at once", p, 2);
	SHOW(mlockall(MCL_FUTURE | MCL_ONFAULT));
	q = map(2);
	show_locked("four");
	show_all_core("when touched", q, 2);
	heap = (heap + PAGE - 1) & ~(PAGE - 1);
	syscall(SYS_brk, heap);
	HOLDS((uintptr_t)syscall(SYS_brk, heap + 2 * PAGE) == heap + 2 * PAGE);
	printf("with the heap: %ld more\n", status_kb("VmLck:") - 16);
	SHOW(munlockall());
	show_locked("none");
	SHOW(mlockall(MCL_CURRENT));
	HOLDS(status_kb("VmLck:") > 64);
	show_all_core("now", q, 2);
	munmap(map(2), 2 * PAGE);
	SHOW(munlockall());
	show_locked("none");
	syscall(SYS_brk, heap);
	munmap(p, 2 * PAGE);
	munmap(q, 2 * PAGE);
	p = mmap(NULL, 2 * PAGE, RW, ANON | MAP_LOCKED, -1, 0);
	show_locked("MAP_LOCKED");
	show_all_core("there at once", p, 2);
	munmap(p, 2 * PAGE);
}

static void test_limit(void)
{
	uintptr_t heap = (uintptr_t)syscall(SYS_brk, 0);
	char *p = map(16), *q;

	set_limit(4);
	SHOW(mlock(p, 8 * PAGE));		/* root may */
	SHOW(munlock(p, 8 * PAGE));
	drop_ipc_lock();
	SHOW(mlock(p, 5 * PAGE));
	SHOW(mlock(p, 4 * PAGE));
	SHOW(mlock(p + PAGE, 3 * PAGE));	/* counted already */
	SHOW(mlock(p + PAGE, 4 * PAGE));
	SHOW(mlock2(p + 4 * PAGE, PAGE, MLOCK_ONFAULT));
	SHOW(munlock(p, PAGE));
	SHOW(mlock(p + 4 * PAGE, PAGE));
	show_locked("as much as may be");
	SHOW_OK(mmap(NULL, PAGE, RW, ANON | MAP_LOCKED, -1, 0));
	SHOW_OK(mremap(p + PAGE, 4 * PAGE, 5 * PAGE, MREMAP_MAYMOVE));
	SHOW(munlock(p + 4 * PAGE, PAGE));
	q = mmap(NULL, PAGE, RW, ANON | MAP_LOCKED, -1, 0);
	HOLDS(q != MAP_FAILED);
	SHOW(munmap(q, PAGE));
	SHOW(mlockall(MCL_CURRENT));
	SHOW(mlockall(MCL_FUTURE));
	SHOW_OK(mmap(NULL, 2 * PAGE, RW, ANON, -1, 0));
	q = map(1);
	HOLDS(q != MAP_FAILED);
	HOLDS((uintptr_t)syscall(SYS_brk, heap + 16 * PAGE) == heap);
	SHOW(munlockall());
	set_limit(0);
	SHOW(mlock(p, PAGE));
	SHOW(mlock(p, 0));
	SHOW(munlock(p, PAGE));
	SHOW(mlockall(MCL_CURRENT));
	SHOW(mlockall(MCL_FUTURE));
	SHOW_OK(mmap(NULL, PAGE, RW, ANON | MAP_LOCKED, -1, 0));
	SHOW(munlockall());
	munmap(p, 16 * PAGE);
	munmap(q, PAGE);
}

static void test_mincore(void)
{
	unsigned char vec[8];
	char *p = map(6), *s, *f;
	int fd = open("mincore.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);

	show_all_core("untouched", p, 6);
	p[0] = 1;
	(void)*(volatile char *)(p + 2 * PAGE);		/* the page of zeros counts */
	show_all_core("one written, one read", p, 6);
	mprotect(p, PAGE, PROT_NONE);
	show_all_core("without access", p, 6);
	munmap(p + 3 * PAGE, PAGE);
	memset(vec, 7, sizeof(vec));
	SHOW(mincore(p, 6 * PAGE, vec));
	printf("before the hole: %d %d %d, then %d\n", vec[0], vec[1], vec[2], vec[3]);
	SHOW(mincore(p + 3 * PAGE, PAGE, vec));
	SHOW(mincore(p + 1, PAGE, vec));
	SHOW(mincore(p, 0, vec));
	vec[2] = 7;
	SHOW(mincore(p, PAGE + 1, vec));
	printf("a page begun counts: %d %d, then %d\n", vec[0], vec[1], vec[2]);
	SHOW(mincore(p, PAGE, (void *)16));
	SHOW(mincore(p, PAGE, (void *)KERNEL_VA));
	SHOW(mincore(KERNEL_VA, PAGE, vec));
	SHOW(mincore(p, ~0UL, vec));
	munmap(p, 6 * PAGE);

	/* Others may have brought the page. */
	s = mmap(NULL, 3 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	IN_CHILD("child touches the second page", s[PAGE] = 1);
	show_all_core("shared", s, 3);
	munmap(s, 3 * PAGE);
	HOLDS(fd >= 0 && !ftruncate(fd, 3 * PAGE) && pwrite(fd, "x", 1, PAGE) == 1);
	f = mmap(NULL, 4 * PAGE, RW, MAP_PRIVATE, fd, 0);
	show_all_core("a file's second page", f + PAGE, 1);
	f[PAGE] = 1;
	show_all_core("a copy of it", f + PAGE, 1);
	munmap(f, 4 * PAGE);
	close(fd);
	unlink("mincore.tmp");
}

int main(void)
{
	test_ranges();
	test_kinds();
	test_fork_and_remap();
	test_all();
	test_mincore();
	test_limit();
	return 0;
}
