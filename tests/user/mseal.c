/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/user/mseal.c - what a seal and PR_SET_MDWE keep a program from doing */
#include "tests/user/test.h"

#include <sys/prctl.h>

#define RW (PROT_READ | PROT_WRITE)
#define RX (PROT_READ | PROT_EXEC)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define SET_MDWE 65
#define GET_MDWE 66

static int seal(void *p, unsigned long len, unsigned long flags)
{
	return (int)syscall(462, p, len, flags);
}

static char *map(unsigned long pages, int prot)
{
	return mmap(NULL, pages * PAGE, prot, ANON, -1, 0);
}

static int fails(const void *p)
{
	return p == MAP_FAILED ? -1 : 0;
}

/* Lines of maps that lie in [p, p + len), and how many are sealed. */
static void show_ranges(char *p, unsigned long len)
{
	FILE *f = fopen("/proc/self/smaps", "r");
	unsigned long start, end;
	int ranges = 0, sealed = 0;
	bool ours = false;
	char line[256];

	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2) {
			ours = start >= (unsigned long)p && end <= (unsigned long)p + len;
			ranges += ours;
		} else if (ours && !strncmp(line, "VmFlags:", 8)) {
			sealed += strstr(line, " sl") != NULL;
		}
	}
	fclose(f);
	printf("ranges %d, sealed %d\n", ranges, sealed);
}

static void test_call(char *p)
{
	SHOW(seal(p, PAGE, 1));
	SHOW(seal(p + 1, PAGE, 0));
	SHOW(seal(p, -1UL, 0));
	SHOW(seal(p, 0, 0));
	SHOW(seal(p + 15 * PAGE, 2 * PAGE, 0));
	SHOW(seal(p + 4 * PAGE, 4 * PAGE - 1, 0));
	SHOW(seal(p + 5 * PAGE, PAGE, 0));
}

static void test_ranges(char *p)
{
	*p = p[5 * PAGE] = 'w';
	SHOW(munmap(p + 5 * PAGE, PAGE));
	SHOW(munmap(p, 16 * PAGE));
	SHOW(munmap(p + 7 * PAGE, 2 * PAGE));
	SHOW_OK(fails(mmap(p + 3 * PAGE, 2 * PAGE, RW, ANON | MAP_FIXED, -1, 0)));
	SHOW(mprotect(p + 4 * PAGE, PAGE, PROT_READ));
	SHOW(mprotect(p + 4 * PAGE, PAGE, RW));
	SHOW(mprotect(p + 3 * PAGE, 2 * PAGE, PROT_READ));
	SHOW(mprotect(p + 3 * PAGE, PAGE, RW));
	SHOW_OK(fails(mremap(p + 4 * PAGE, PAGE, 2 * PAGE, MREMAP_MAYMOVE)));
	SHOW_OK(fails(mremap(p + 4 * PAGE, 2 * PAGE, PAGE, 0)));
	SHOW_OK(fails(mremap(p + 4 * PAGE, PAGE, PAGE, 0)));
	SHOW_OK(fails(mremap(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + 6 * PAGE)));
	show_ranges(p, 16 * PAGE);	/* before the next: Linux leaves a cut where that begins */
	SHOW_OK(fails(mremap(p, 8 * PAGE, 2 * PAGE, 0)));
	HOLDS(p[0] == 'w' && p[5 * PAGE] == 'w');
	IN_CHILD("a child", SHOW(munmap(p + 5 * PAGE, PAGE)));
	IN_CHILD("elsewhere", SHOW(munmap(p + 9 * PAGE, PAGE)));
}

static void test_advice(void)
{
	char *rw = map(2, RW), *ro = map(2, RW), *cow;
	int fd = memfd_create("seal", 0);
	char *file, *clean;

	SHOW(ftruncate(fd, 4 * PAGE));
	file = mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
	clean = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	cow = mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE, fd, 0);
	ro[0] = rw[0] = cow[0] = 'w';
	mprotect(ro, 2 * PAGE, PROT_READ);
	mprotect(cow, 2 * PAGE, PROT_READ);
	seal(rw, 2 * PAGE, 0);
	seal(ro, 2 * PAGE, 0);
	seal(cow, 2 * PAGE, 0);
	seal(file, 2 * PAGE, 0);
	seal(clean, 2 * PAGE, 0);
	SHOW(madvise(rw, PAGE, MADV_DONTNEED));
	HOLDS(!rw[0]);
	SHOW(madvise(ro, PAGE, MADV_DONTNEED));
	SHOW(madvise(ro, PAGE, 24));
	SHOW(madvise(ro, PAGE, MADV_FREE));
	SHOW(madvise(ro, PAGE, MADV_DONTFORK));
	SHOW(madvise(ro, PAGE, MADV_WIPEONFORK));
	SHOW(madvise(ro, PAGE, 102));
	SHOW(madvise(ro, PAGE, MADV_WILLNEED));
	SHOW(madvise(ro, PAGE, MADV_RANDOM));
	SHOW(madvise(cow, PAGE, MADV_DONTNEED));
	SHOW(madvise(file, PAGE, MADV_DONTNEED));
	HOLDS(ro[0] == 'w' && cow[0] == 'w');
}

static void test_mdwe(void)
{
	char *old = map(1, RX), *w = map(1, RW);

	SHOW(prctl(GET_MDWE, 0, 0, 0, 0));
	SHOW(prctl(GET_MDWE, 1, 0, 0, 0));
	SHOW(prctl(SET_MDWE, 4, 0, 0, 0));
	SHOW(prctl(SET_MDWE, 2, 0, 0, 0));
	SHOW(prctl(SET_MDWE, 1, 0, 0, 1));
	SHOW(prctl(SET_MDWE, 1, 0, 0, 0));
	SHOW(prctl(GET_MDWE, 0, 0, 0, 0));
	SHOW(prctl(SET_MDWE, 0, 0, 0, 0));
	SHOW(prctl(SET_MDWE, 3, 0, 0, 0));
	SHOW_OK(fails(map(1, RW | PROT_EXEC)));
	SHOW_OK(fails(map(1, RX)));
	SHOW(mprotect(w, PAGE, RX));
	SHOW(mprotect(w, PAGE, PROT_READ));
	SHOW(mprotect(w, PAGE, RX));
	SHOW(mprotect(old, PAGE, RX));
	SHOW(mprotect(old, PAGE, RW | PROT_EXEC));
	SHOW(mprotect(old, PAGE, PROT_READ));
	SHOW(mprotect(old, PAGE, RX));
	IN_CHILD("a child", SHOW(prctl(GET_MDWE, 0, 0, 0, 0)));
}

static void test_mdwe_alone(void)
{
	SHOW(prctl(SET_MDWE, 3, 0, 0, 0));
	SHOW_OK(fails(map(1, RW | PROT_EXEC)));
	IN_CHILD("a child", SHOW(prctl(GET_MDWE, 0, 0, 0, 0)));
}

int main(void)
{
	char *p = map(18, PROT_NONE) + PAGE;	/* between two pages that nothing joins */

	mprotect(p, 16 * PAGE, RW);
	munmap(p + 16 * PAGE, PAGE);
	test_call(p);
	mmap(p + 16 * PAGE, PAGE, PROT_NONE, ANON | MAP_FIXED, -1, 0);
	test_ranges(p);
	test_advice();
	IN_CHILD("MDWE", test_mdwe());
	IN_CHILD("MDWE not inherited", test_mdwe_alone());
	return 0;
}
