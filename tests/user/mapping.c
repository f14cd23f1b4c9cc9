/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/user/mapping.c - mmap, mremap, msync and the limits: which request gets which answer */
#include "tests/user/test.h"

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define TOP 0x7ffffffff000UL
#define VALIDATE 3
#define DONTUNMAP 4
#define NOREPLACE 0x100000

/* Calls as they are: C libraries look at arguments of their own. */
static char *map(void *at, unsigned long len, int prot, unsigned long flags, int fd,
		 unsigned long off)
{
	return (char *)syscall(SYS_mmap, at, len, (long)prot, flags, (long)fd, off);
}

static char *move(void *old, unsigned long old_len, unsigned long new_len, unsigned long flags,
		  void *to)
{
	return (char *)syscall(SYS_mremap, old, old_len, new_len, flags, to);
}

static int protect(void *p, unsigned long len, int prot)
{
	return (int)syscall(SYS_mprotect, p, len, (long)prot);
}

/* Does the heap grow by four pages? It shrinks again. */
static bool heap_grows(void)
{
	long old = syscall(SYS_brk, 0);
	bool grows = syscall(SYS_brk, old + 4 * (long)PAGE) != old;

	syscall(SYS_brk, old);
	return grows;
}

static char *anon(unsigned long pages, int prot)
{
	return map(NULL, pages * PAGE, prot, ANON, -1, 0);
}

static const char *name_of(int err)
{
	static char text[16];

	if (err == EOPNOTSUPP)
		return "EOPNOTSUPP";
	if (err == EOVERFLOW)
		return "EOVERFLOW";
	if (err == ETXTBSY)
		return "ETXTBSY";
	if (!strcmp(errno_name(err), "E?")) {
		snprintf(text, sizeof(text), "E%d", err);
		return text;
	}
	return errno_name(err);
}

/* The name of an error, or where the result lies relative to @wanted. */
static const char *where(const char *p, const char *wanted)
{
	if (p == MAP_FAILED)
		return name_of(errno);
	return p == wanted ? "there" : "elsewhere";
}

#define SAY(p, wanted) (errno = 0, printf("%s: %s\n", #p, where((p), (wanted))))

/* ---- type, flags, file, protection ---- */

static int files[8];
static const char *const file_names[] = {
	"none", "closed", "read", "write", "both", "append", "directory", "pipe"
};

static void open_files(void)
{
	int pipes[2];

	files[4] = open("f", O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (ftruncate(files[4], 3 * PAGE) || pipe(pipes))
		printf("no file\n");
	files[0] = -1;
	files[1] = 99;
	files[2] = open("f", O_RDONLY);
	files[3] = open("f", O_WRONLY);
	files[5] = open("f", O_RDWR | O_APPEND);
	files[6] = open(".", O_RDONLY);
	files[7] = pipes[0];
	unlink("f");
}

static void test_types(void)
{
	static const unsigned long flags[] = {
		0, MAP_ANONYMOUS, MAP_GROWSDOWN, MAP_GROWSDOWN | MAP_ANONYMOUS, MAP_NORESERVE,
		MAP_POPULATE, MAP_LOCKED, MAP_NONBLOCK, MAP_STACK, MAP_DENYWRITE, MAP_EXECUTABLE,
		0x80, 0x4000000, 0x200000, 0x80000000
	};

	for (unsigned long type = 0; type < 16; type++) {
		if (type == 8)
			continue;		/* MAP_DROPPABLE, from 6.11 on */
		for (unsigned int i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
			printf("type %lx flags %lx:", type, flags[i]);
			for (int f = 0; f < 8; f++) {
				char *p;

				errno = 0;
				p = map(NULL, PAGE, PROT_READ, type | flags[i], files[f], 0);
				printf(" %s", p == MAP_FAILED ? name_of(errno) : "ok");
				if (p != MAP_FAILED)
					munmap(p, PAGE);
			}
			printf("\n");
		}
	}
}

static void test_protections(void)
{
	for (int f = 2; f < 6; f++) {
		for (int prot = 0; prot < 8; prot++) {
			for (int type = 1; type < 4; type++) {
				char *p = map(NULL, PAGE, prot, (unsigned long)type, files[f], 0);

				printf("%s prot %d type %d: %s", file_names[f], prot, type,
				       p == MAP_FAILED ? name_of(errno) : "ok, then");
				for (int next = 0; p != MAP_FAILED && next < 8; next++)
					printf(" %s", protect(p, PAGE, next) ?
					       name_of(errno) : "ok");
				printf("\n");
				if (p != MAP_FAILED)
					munmap(p, PAGE);
			}
		}
	}
	SAY(map(NULL, PAGE, 8, ANON, -1, 0), MAP_FAILED);
	SAY(map(NULL, PAGE, 0x1000000, ANON, -1, 0), MAP_FAILED);
	SAY(map(NULL, PAGE, -1, ANON, -1, 0), MAP_FAILED);
}

/* ---- lengths, offsets, places ---- */

static void test_lengths(void)
{
	int fd = files[4];

	SAY(map(NULL, 0, RW, ANON, -1, 0), NULL);
	SAY(map(NULL, 0, RW, MAP_SHARED, fd, 0), NULL);
	SAY(map(NULL, 0, RW, 0, 99, 1), NULL);
	SAY(map(NULL, PAGE, RW, ANON, -1, 1), NULL);
	SAY(map(NULL, PAGE, RW, ANON, -1, -PAGE), NULL);
	SAY(map(NULL, PAGE, RW, ANON, -1, 7 * PAGE), NULL);
	SAY(map(NULL, PAGE, RW, MAP_SHARED, fd, 100), NULL);
	SAY(map(NULL, PAGE, RW, MAP_SHARED, fd, 100 * PAGE), NULL);
	SAY(map(NULL, PAGE, RW, MAP_SHARED, fd, -PAGE), NULL);
	SAY(map(NULL, 2 * PAGE, RW, MAP_SHARED, fd, -PAGE), NULL);
	SAY(map(NULL, PAGE, RW, MAP_SHARED, fd, 1UL << 63), NULL);
	SAY(map(NULL, PAGE, RW, MAP_SHARED, fd, (1UL << 63) - PAGE), NULL);
	SAY(map(NULL, 2 * PAGE, RW, MAP_SHARED, fd, (1UL << 63) - PAGE), NULL);
	SAY(map(NULL, PAGE, RW, MAP_SHARED, fd, (1UL << 63) - 2 * PAGE), NULL);
	SAY(map(NULL, ~0UL, RW, ANON, -1, 0), NULL);
	SAY(map(NULL, -PAGE, RW, ANON, -1, 0), NULL);
	SAY(map(NULL, -PAGE + 1, RW, ANON, -1, 0), NULL);
	SAY(map(NULL, 1UL << 63, RW, ANON, -1, 0), NULL);
	SAY(map(NULL, TOP, PROT_NONE, ANON | MAP_NORESERVE, -1, 0), NULL);
	SAY(map(NULL, TOP + PAGE, PROT_NONE, ANON | MAP_NORESERVE, -1, 0), NULL);
	SAY(map(NULL, 1UL << 46, PROT_NONE, ANON | MAP_NORESERVE, -1, 0), NULL);
	SAY(munmap(NULL, 0) ? MAP_FAILED : NULL, NULL);
	SAY(munmap((void *)1, PAGE) ? MAP_FAILED : NULL, NULL);
	SAY(munmap(NULL, PAGE) ? MAP_FAILED : NULL, NULL);
	SAY(munmap((void *)(TOP - PAGE), 2 * PAGE) ? MAP_FAILED : NULL, NULL);
	SAY(munmap((void *)TOP, 1) ? MAP_FAILED : NULL, NULL);
	SAY(munmap((void *)PAGE, ~0UL) ? MAP_FAILED : NULL, NULL);
}

static void test_places(void)
{
	char *room = anon(16, PROT_NONE), *p = room + 4 * PAGE;

	munmap(room, 16 * PAGE);
	SAY(map(p, PAGE, RW, ANON, -1, 0), p);			/* a hint, free */
	SAY(map(p, PAGE, RW, ANON, -1, 0), p);			/* in use */
	SAY(map(p + PAGE + 5, PAGE, RW, ANON, -1, 0), p + PAGE);
	SAY(map(p - PAGE, 2 * PAGE, RW, ANON, -1, 0), p - PAGE);
	SAY(map((void *)TOP, PAGE, RW, ANON, -1, 0), (char *)TOP);
	SAY(map((void *)-PAGE, PAGE, RW, ANON, -1, 0), (char *)-PAGE);
	SAY(map((void *)PAGE, PAGE, RW, ANON, -1, 0), (char *)PAGE);
	SAY(map(p, PAGE, RW, ANON | MAP_FIXED, -1, 0), p);
	SAY(map(p + 1, PAGE, RW, ANON | MAP_FIXED, -1, 0), p);
	SAY(map((void *)TOP, PAGE, RW, ANON | MAP_FIXED, -1, 0), NULL);
	SAY(map((void *)(TOP - PAGE), 2 * PAGE, RW, ANON | MAP_FIXED, -1, 0), NULL);
	SAY(map((void *)-PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0), NULL);
	SAY(map((void *)-PAGE, 2 * PAGE, RW, ANON | MAP_FIXED, -1, 0), NULL);
	SAY(map(p, PAGE, RW, ANON | NOREPLACE, -1, 0), p);
	SAY(map(p + 1, PAGE, RW, ANON | NOREPLACE, -1, 0), p);
	munmap(p + 6 * PAGE, PAGE);
	SAY(map(p + 6 * PAGE, PAGE, RW, ANON | NOREPLACE, -1, 0), p + 6 * PAGE);
	SAY(map(p + 5 * PAGE, 2 * PAGE, RW, ANON | NOREPLACE, -1, 0), p + 5 * PAGE);
	SAY(map(p, PAGE, RW, ANON | NOREPLACE | MAP_FIXED, -1, 0), p);
	SAY(map((void *)TOP, PAGE, RW, ANON | NOREPLACE, -1, 0), NULL);
	SAY(map(p, PAGE, RW, MAP_SHARED | MAP_FIXED, 99, 0), p);
	SAY(map(p, PAGE, RW, MAP_SHARED | MAP_FIXED, files[2], 0), p);
	p[0] = 3;						/* it is there still */
	SAY(map(p, PAGE, RW, MAP_SHARED | NOREPLACE, files[4], 0), p);
	SAY(map(p, PAGE, RW, VALIDATE | NOREPLACE, files[4], 0), p);
	SAY(map(p, PAGE, RW, VALIDATE | MAP_FIXED, files[4], 0), p);
}

/* ---- what the flags do ---- */

static void test_populate(void)
{
	static const unsigned long flags[] = {
		0, MAP_POPULATE, MAP_LOCKED, MAP_POPULATE | MAP_NONBLOCK, MAP_LOCKED | MAP_NONBLOCK
	};
	static const int prots[] = { PROT_NONE, PROT_READ, RW };

	for (unsigned int i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		for (int n = 0; n < 3; n++) {
			printf("flags %lx prot %d\n", flags[i], prots[n]);
			show_core("private", map(NULL, 4 * PAGE, prots[n], ANON | flags[i],
						 -1, 0), 4);
			show_core("shared", map(NULL, 4 * PAGE, prots[n], MAP_SHARED |
						MAP_ANONYMOUS | flags[i], -1, 0), 4);
		}
	}
	show_core("behind the end",
		  map(NULL, 5 * PAGE, RW, MAP_SHARED | MAP_POPULATE, files[4], 0), 5);
}

/* A stack of our own: grows when touched below, as far as limit and gap allow. */
static void test_grows_down(void)
{
	struct rlimit rl = { .rlim_cur = 64 * PAGE, .rlim_max = RLIM_INFINITY };
	char *room = anon(2048, PROT_NONE), *p;

	munmap(room, 2048 * PAGE);
	p = map(room + 1024 * PAGE, PAGE, RW, ANON | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
	HOLDS(p == room + 1024 * PAGE);
	printf("the next page: %s\n", probe(p - 1, true));
	printf("read, 40 below: %s\n", probe(p - 40 * PAGE, false));
	setrlimit(RLIMIT_STACK, &rl);
	printf("within the limit: %s\n", probe(p - 63 * PAGE, true));
	printf("behind the limit: %s\n", probe(p - 64 * PAGE, true));
	rl.rlim_cur = RLIM_INFINITY;
	setrlimit(RLIMIT_STACK, &rl);
	printf("now: %s\n", probe(p - 64 * PAGE, true));
	SAY(map(p - 300 * PAGE, PAGE, RW, ANON | MAP_FIXED, -1, 0), p - 300 * PAGE);
	printf("to the gap: %s\n", probe(p - 43 * PAGE, true));
	printf("into the gap: %s\n", probe(p - 44 * PAGE, true));
	printf("above: %s\n", probe(p + PAGE, true));
	SAY(map(p - 100 * PAGE, PAGE, RW, ANON, -1, 0), p - 100 * PAGE);
	SAY(map(p - 299 * PAGE, 2 * PAGE, RW, ANON | NOREPLACE, -1, 0), p - 299 * PAGE);
	SAY(protect(p - PAGE, 2 * PAGE, PROT_READ) ? MAP_FAILED : p, p);
	SAY(protect(p, PAGE, PROT_READ | 0x01000000) ? MAP_FAILED : p, p);
	SAY(protect(p, PAGE, PROT_READ | 0x02000000) ? MAP_FAILED : p, p);
	SAY(protect(p, PAGE, PROT_READ | 0x03000000) ? MAP_FAILED : p, p);
	SAY(protect(p, PAGE, PROT_NONE) ? MAP_FAILED : p, p);
	printf("below what none may touch: %s\n", probe(p - PAGE, true));
	p = map(room, PAGE, PROT_READ, ANON | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
	printf("write below a stack to read: %s\n", probe(p - PAGE, true));
	printf("read there: %s\n", probe(p - PAGE, false));
	SAY(map(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS | MAP_GROWSDOWN, -1, 0), p);
	SAY(map(NULL, PAGE, RW, MAP_PRIVATE | MAP_GROWSDOWN, files[4], 0), p);
}

/* ---- what no machine has ---- */

/* Memory that no machine has, as long as the usual policy holds. */
static void test_overcommit(void)
{
	const unsigned long huge = 1UL << 45;
	char *p;

	SAY(map(NULL, huge, RW, ANON, -1, 0), NULL);
	SAY(map(NULL, huge, PROT_READ, ANON, -1, 0), NULL);
	SAY(map(NULL, huge, RW, ANON | MAP_NORESERVE, -1, 0), NULL);
	SAY(map(NULL, huge, PROT_NONE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), NULL);
	SAY(map(NULL, huge, RW, MAP_PRIVATE, files[2], 0), NULL);
	p = map(NULL, huge, PROT_READ, ANON, -1, 0);
	HOLDS(p != MAP_FAILED);
	SAY(protect(p, huge, RW) ? MAP_FAILED : p, p);
	SAY(protect(p, PAGE, RW) ? MAP_FAILED : p, p);
	SAY(protect(p, huge, PROT_NONE) ? MAP_FAILED : p, p);
	SAY(protect(p + PAGE, huge - PAGE, RW) ? MAP_FAILED : p, p);
	munmap(p, huge);
	p = anon(1, RW);
	SAY(move(p, PAGE, huge, MREMAP_MAYMOVE, NULL), p);
	p = map(NULL, PAGE, RW, ANON | MAP_NORESERVE, -1, 0);
	SAY(move(p, PAGE, huge, MREMAP_MAYMOVE, NULL), NULL);
}

/* ---- mremap ---- */

/* 8 pages at a place with 8 free ones on either side. */
static char *island(void)
{
	char *room = anon(24, PROT_NONE);

	munmap(room, 24 * PAGE);
	return map(room + 8 * PAGE, 8 * PAGE, RW, ANON | MAP_FIXED, -1, 0);
}

static void test_mremap_errors(void)
{
	char *p = island(), *q = island();
	unsigned long flags;

	for (flags = 0; flags < 16; flags++)
		printf("flags %lx: %s\n", flags,
		       where(move(p, 8 * PAGE, 8 * PAGE, flags, q + 1), p));
	for (flags = 0; flags < 8; flags++) {
		if (!(flags & MREMAP_FIXED) && flags & MREMAP_MAYMOVE && flags & DONTUNMAP)
			continue;
		printf("flags %lx to itself: %s\n", flags, where(move(p, PAGE, PAGE, flags, p), p));
	}
	SAY(move(p + 1, PAGE, PAGE, 0, NULL), p);
	SAY(move(p, PAGE, 0, 0, NULL), p);
	SAY(move(p, 0, 0, 0, NULL), p);
	SAY(move(p, 0, PAGE, 0, NULL), p);
	SAY(move(p, 0, PAGE, MREMAP_MAYMOVE, NULL), p);
	SAY(move(p, PAGE, ~0UL, MREMAP_MAYMOVE, NULL), p);
	SAY(move(p, PAGE, TOP, MREMAP_MAYMOVE, NULL), p);
	SAY(move(p, ~0UL, PAGE, MREMAP_MAYMOVE, NULL), p);
	SAY(move(p, 9 * PAGE, 10 * PAGE, MREMAP_MAYMOVE, NULL), p);
	SAY(move(p, 9 * PAGE, 9 * PAGE, MREMAP_MAYMOVE, NULL), p);
	SAY(move(p + 8 * PAGE, PAGE, PAGE, MREMAP_MAYMOVE, NULL), p);
	SAY(move(p - PAGE, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE, NULL), p);
	SAY(move(NULL, PAGE, PAGE, MREMAP_MAYMOVE, NULL), p);
	SAY(move((void *)TOP, PAGE, PAGE, MREMAP_MAYMOVE, NULL), p);
	SAY(move((void *)-PAGE, PAGE, PAGE, MREMAP_MAYMOVE, NULL), p);
	SAY(move(p, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + PAGE), p);
	SAY(move(p, PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p - PAGE), p);
	SAY(move(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)TOP), p);
	SAY(move(p, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)-PAGE), p);
	SAY(move(p, PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)(TOP - PAGE)), p);
	SAY(move(p, PAGE, PAGE, MREMAP_MAYMOVE | DONTUNMAP, (void *)1), p);
	SAY(move(p, PAGE, 2 * PAGE, MREMAP_MAYMOVE | DONTUNMAP, NULL), p);
	SAY(move(p, 2 * PAGE, PAGE, MREMAP_MAYMOVE | DONTUNMAP, NULL), p);
}

static void test_mremap_moves(void)
{
	char *p = island(), *q = island(), *file;

	memset(p, 1, 8 * PAGE);
	SAY(move(p, 8 * PAGE, 8 * PAGE, 0, NULL), p);
	SAY(move(p, 8 * PAGE, 12 * PAGE, 0, NULL), p);
	SAY(move(p, 12 * PAGE, 10 * PAGE, 0, NULL), p);
	SAY(move(p, 2 * PAGE, 4 * PAGE, 0, NULL), p);			/* the rest is behind it */
	SAY(move(p + 9 * PAGE, PAGE, 3 * PAGE, 0, NULL), p + 9 * PAGE);
	SAY(move(p, 12 * PAGE, 100, 0, NULL), p);
	SAY(move(p, 1, PAGE + 1, 0, NULL), p);
	SAY(move(p, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q + PAGE), q + PAGE);
	printf("%d %d, there was %s\n", q[PAGE], q[2 * PAGE], probe(p, false));
	SAY(move(q + PAGE, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p), p);
	SAY(move(p, 3 * PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, q), q);
	printf("%d, there was %s\n", q[0], probe(p + 2 * PAGE, false));
	SAY(move(q, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED | DONTUNMAP, p), p);
	printf("%d %d\n", p[0], q[0]);
	file = map(NULL, 2 * PAGE, RW, MAP_SHARED, files[4], 0);
	file[0] = 9;
	q = move(file, 0, PAGE, MREMAP_MAYMOVE, NULL);
	HOLDS(q != MAP_FAILED && q != file && q[0] == 9);
	file = map(NULL, 2 * PAGE, RW, MAP_PRIVATE, files[4], 0);
	SAY(move(file, 0, PAGE, MREMAP_MAYMOVE, NULL), NULL);
	SAY(move(file, PAGE, PAGE, MREMAP_MAYMOVE | DONTUNMAP | MREMAP_FIXED, p), p);
}

/* ---- msync ---- */

static void test_msync(void)
{
	char *p = map(NULL, 3 * PAGE, RW, MAP_SHARED, files[4], 0), *a = anon(3, RW);

	for (int flags = 0; flags < 16; flags++)
		printf("flags %d: %s\n", flags, msync(p, PAGE, flags) ? name_of(errno) : "ok");
	SHOW(msync(p + 1, PAGE, MS_SYNC));
	SHOW(msync(p, 0, MS_SYNC));
	SHOW(msync(p, 1, MS_SYNC));
	SHOW(msync(p, ~0UL, MS_SYNC));
	SHOW(msync(p, -PAGE, MS_SYNC));
	SHOW(msync((void *)-PAGE, PAGE, MS_SYNC));
	SHOW(msync((void *)TOP, PAGE, MS_ASYNC));
	SHOW(msync(NULL, 0, MS_ASYNC));
	SHOW(msync(a, 3 * PAGE, MS_SYNC));
	munmap(a + PAGE, PAGE);
	SHOW(msync(a, 3 * PAGE, MS_SYNC));
	SHOW(msync(a, 3 * PAGE, MS_ASYNC));
	SHOW(mlock(p, PAGE));
	SHOW(msync(p, 3 * PAGE, MS_INVALIDATE));
	SHOW(msync(p, 3 * PAGE, MS_INVALIDATE | MS_SYNC));
	SHOW(msync(p + PAGE, PAGE, MS_INVALIDATE | MS_SYNC));
	SHOW(munlock(p, PAGE));
	SHOW(protect(p, PAGE, PROT_NONE));
	SHOW(msync(p, 3 * PAGE, MS_SYNC));
}

/* ---- limits ---- */

static unsigned long status_kb(const char *name)
{
	static char text[4096];		/* nothing may be allocated for this */
	int fd = open("/proc/self/status", O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text) - 1);
	const char *line;

	close(fd);
	text[n > 0 ? n : 0] = 0;
	line = strstr(text, name);
	return line ? strtoul(line + strlen(name) + 1, NULL, 10) : 0;
}

/* @pages more than there are now, of what /proc calls @name. */
static void set_limit(int resource, const char *name, unsigned long pages)
{
	struct rlimit rl = { .rlim_max = RLIM_INFINITY };

	rl.rlim_cur = (status_kb(name) << 10) + pages * PAGE;
	setrlimit(resource, &rl);
}

static void test_address_limit(void)
{
	char *p = island(), *room = anon(600, PROT_NONE), *stack;

	munmap(room, 600 * PAGE);
	stack = map(room + 500 * PAGE, PAGE, RW, ANON | MAP_GROWSDOWN | MAP_FIXED, -1, 0);
	set_limit(RLIMIT_AS, "VmSize", 4);
	SAY(anon(5, PROT_NONE), NULL);
	SAY(map(NULL, 5 * PAGE, RW, ANON | MAP_NORESERVE, -1, 0), NULL);
	SAY(map(NULL, 5 * PAGE, PROT_READ, MAP_SHARED, files[4], 0), NULL);
	SAY(map(p, 12 * PAGE, RW, ANON | MAP_FIXED, -1, 0), p);		/* four of them new */
	SAY(map(p, 13 * PAGE, RW, ANON | MAP_FIXED, -1, 0), p);
	SAY(anon(1, RW), NULL);
	SAY(move(p, 12 * PAGE, 13 * PAGE, MREMAP_MAYMOVE, NULL), p);
	SAY(move(p, PAGE, PAGE, MREMAP_MAYMOVE | DONTUNMAP, NULL), p);
	HOLDS(heap_grows());
	printf("the stack: %s\n", probe(stack - PAGE, true));
	SAY(move(p, 12 * PAGE, 10 * PAGE, 0, NULL), p);
	printf("the stack: %s\n", probe(stack - PAGE, true));
	IN_CHILD("fork", SAY(anon(3, RW), NULL));
	SAY(munmap(p + PAGE, PAGE) ? MAP_FAILED : p, p);
	SAY(map(p + PAGE, PAGE, RW, ANON | NOREPLACE, -1, 0), p + PAGE);
}

static void test_data_limit(void)
{
	struct rlimit rl = { .rlim_cur = 0, .rlim_max = RLIM_INFINITY };
	char *p = island(), *r = anon(8, PROT_READ);

	set_limit(RLIMIT_DATA, "VmData", 4);
	SAY(anon(5, RW), NULL);
	SAY(map(NULL, 5 * PAGE, RW, ANON | MAP_NORESERVE, -1, 0), NULL);
	SAY(map(NULL, 3 * PAGE, RW, MAP_PRIVATE, files[4], 0), NULL);
	SAY(anon(2, RW), NULL);
	SAY(anon(5, PROT_READ), NULL);
	SAY(map(NULL, 5 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0), NULL);
	SAY(protect(r, 2 * PAGE, RW) ? MAP_FAILED : r, r);
	SAY(protect(r, PAGE, RW) ? MAP_FAILED : r, r);
	SAY(protect(r, PAGE, PROT_READ) ? MAP_FAILED : r, r);
	SAY(move(p, 8 * PAGE, 10 * PAGE, MREMAP_MAYMOVE, NULL), p);
	SAY(move(p, 8 * PAGE, 9 * PAGE, 0, NULL), p);
	HOLDS(heap_grows());
	SAY(map(NULL, 2 * PAGE, RW, ANON | MAP_GROWSDOWN, -1, 0), NULL);
	setrlimit(RLIMIT_DATA, &rl);
	SAY(anon(5, RW), NULL);
	HOLDS(heap_grows());
	rl.rlim_max = PAGE;
	setrlimit(RLIMIT_DATA, &rl);
	SAY(anon(1, RW), NULL);
}

/* Without an end: the program's own stack. */
static void test_stack_limit(void)
{
	struct rlimit rl = { .rlim_cur = 32 * PAGE, .rlim_max = RLIM_INFINITY };
	char here, *low = (char *)((unsigned long)&here & ~(PAGE - 1));

	printf("far below: %s\n", probe(low - 100 * PAGE, true));
	setrlimit(RLIMIT_STACK, &rl);
	printf("with less: %s\n", probe(low - 100 * PAGE, true));
	printf("near: %s\n", probe(low - 8 * PAGE, true));
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	open_files();
	test_types();
	test_protections();
	test_lengths();
	test_places();
	test_populate();
	IN_CHILD("a stack", test_grows_down());
	test_overcommit();
	test_mremap_errors();
	test_mremap_moves();
	test_msync();
	IN_CHILD("RLIMIT_AS", test_address_limit());
	IN_CHILD("RLIMIT_DATA", test_data_limit());
	IN_CHILD("RLIMIT_STACK", test_stack_limit());
	return 0;
}
