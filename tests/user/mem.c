/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/user/mem.c - /proc/<pid>/mem: reading and writing where the program itself may not */
#include "tests/user/test.h"

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define SHARED (MAP_SHARED | MAP_ANONYMOUS)
#define CAP_VERSION_3 0x20080522

static int mem;

static char *map(unsigned long pages, int prot, int flags, int fd)
{
	return mmap(NULL, pages * PAGE, prot, flags, fd, 0);
}

static void show_read(const char *what, int fd, const void *p)
{
	char c = 0;
	long n = pread(fd, &c, 1, (off_t)(uintptr_t)p);

	printf("read %s: ", what);
	if (n < 0)
		printf("-%s\n", errno_name(errno));
	else
		printf("%ld, %d\n", n, c);
}

static void show_write(const char *what, int fd, void *p, char c)
{
	long n = pwrite(fd, &c, 1, (off_t)(uintptr_t)p);

	printf("write %s: ", what);
	if (n < 0)
		printf("-%s\n", errno_name(errno));
	else
		printf("%ld\n", n);
}

static void test_anonymous(void)
{
	char *p = map(8, RW, ANON, -1);

	show_read("what was never touched", mem, p);
	show_write("there", mem, p + 10, 5);
	printf("%d\n", p[10]);
	p[PAGE] = 7;
	mprotect(p + PAGE, PAGE, PROT_READ);
	show_read("read-only memory", mem, p + PAGE);
	show_write("read-only memory", mem, p + PAGE, 8);
	printf("%d\n", p[PAGE]);
	mprotect(p + 2 * PAGE, PAGE, PROT_READ);
	show_write("read-only memory never touched", mem, p + 2 * PAGE, 9);
	printf("%d %d\n", p[2 * PAGE], p[2 * PAGE + 1]);
	p[3 * PAGE] = 1;
	mprotect(p + 3 * PAGE, 3 * PAGE, PROT_NONE);
	show_read("memory without access", mem, p + 3 * PAGE);
	show_write("memory without access", mem, p + 3 * PAGE, 2);
	show_read("it again", mem, p + 3 * PAGE);
	show_read("such memory never touched", mem, p + 4 * PAGE);
	show_write("such memory never touched", mem, p + 5 * PAGE, 3);
	mprotect(p + 3 * PAGE, 3 * PAGE, PROT_READ);
	printf("%d %d %d\n", p[3 * PAGE], p[4 * PAGE], p[5 * PAGE]);
	IN_CHILD("the program still may not write", p[PAGE] = 1);
	munmap(p, 8 * PAGE);
	show_read("nothing", mem, p);
	show_write("nothing", mem, p, 1);
}

/* A forced write goes into a copy, whoever shares the page. */
static void test_copies(void)
{
	char *p = map(3, RW, ANON, -1), *f, *s;
	char bytes[2 * PAGE] = { 1, 2, 3 };
	int fd = open("mem.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600), up[2], down[2], ro;
	pid_t pid;
	char c;

	p[0] = p[PAGE] = p[2 * PAGE] = 1;
	mprotect(p, 3 * PAGE, PROT_READ);
	pipe(up);
	pipe(down);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		int own = open("/proc/self/mem", O_RDWR);

		show_write("in the child", own, p, 2);
		printf("child: %d %d %d\n", p[0], p[PAGE], p[2 * PAGE]);
		write(up[1], "x", 1);
		read(down[0], &c, 1);
		printf("child: %d %d %d\n", p[0], p[PAGE], p[2 * PAGE]);
		_exit(0);
	}
	read(up[0], &c, 1);
	show_write("in the parent", mem, p + PAGE, 3);
	printf("parent: %d %d %d\n", p[0], p[PAGE], p[2 * PAGE]);
	write(down[1], "x", 1);
	printf("child: %s\n", wait_text(pid));

	HOLDS(write(fd, bytes, sizeof(bytes)) == sizeof(bytes));
	ro = open("mem.tmp", O_RDONLY);
	f = map(2, PROT_READ, MAP_PRIVATE, fd);
	c = f[0];
	show_write("private memory of a file", mem, f, 9);
	show_write("and what was not read before", mem, f + PAGE, 9);
	HOLDS(pread(fd, &c, 1, 0) == 1);
	printf("memory %d %d, file %d\n", f[0], f[PAGE], c);
	munmap(f, 2 * PAGE);
	s = map(2, PROT_READ, MAP_SHARED, fd);
	show_read("shared memory of a file", mem, s);
	show_write("read-only shared memory of a file", mem, s, 9);
	munmap(s, 2 * PAGE);
	s = map(2, PROT_READ, MAP_SHARED, ro);
	show_write("shared memory of a read-only file", mem, s, 9);
	munmap(s, 2 * PAGE);
	s = map(2, RW, MAP_SHARED, fd);
	show_write("shared memory of a file", mem, s + 1, 8);
	HOLDS(pread(fd, &c, 1, 1) == 1);
	printf("file %d\n", c);
	munmap(s, 2 * PAGE);
	s = map(1, PROT_NONE, SHARED, -1);
	show_read("shared memory without access", mem, s);
	show_write("shared memory without access", mem, s, 9);
	unlink("mem.tmp");
	close(fd);
	munmap(p, 3 * PAGE);
}

static void test_pieces(void)
{
	char *p = map(8, RW, ANON, -1), *big = malloc(8 * PAGE);
	unsigned int wrong = 0;

	for (unsigned long i = 0; i < 8 * PAGE; i++)
		p[i] = (char)(i * 7 + i / PAGE);
	SHOW(pread(mem, big, 8 * PAGE, (off_t)(uintptr_t)p));
	HOLDS(!memcmp(p, big, 8 * PAGE));
	SHOW(pread(mem, big, 3 * PAGE, (off_t)(uintptr_t)p + 100));
	HOLDS(!memcmp(p + 100, big, 3 * PAGE));
	memset(big, 3, 8 * PAGE);
	SHOW(pwrite(mem, big, 3 * PAGE, (off_t)(uintptr_t)p + 50));
	for (unsigned long i = 0; i < 8 * PAGE; i++)
		wrong += p[i] != (i >= 50 && i < 50 + 3 * PAGE ? 3 : (char)(i * 7 + i / PAGE));
	printf("wrong: %u\n", wrong);
	munmap(p + 4 * PAGE, 4 * PAGE);
	SHOW(pread(mem, big, 8 * PAGE, (off_t)(uintptr_t)p));
	SHOW(pread(mem, big, 8 * PAGE, (off_t)(uintptr_t)p + 1));
	SHOW(pwrite(mem, big, 8 * PAGE, (off_t)(uintptr_t)p + 3 * PAGE + 1));
	SHOW(pread(mem, big, 0, (off_t)(uintptr_t)p + 4 * PAGE));
	SHOW(pread(mem, (void *)8, 1, (off_t)(uintptr_t)p));
	SHOW(pwrite(mem, (void *)8, 1, (off_t)(uintptr_t)p));
	SHOW(pread(mem, big, 1, 0));
	SHOW(pread(mem, big, 1, 0x7ffffffff000));
	SHOW(pread(mem, big, 1, 0x7fffffffffffffff));
	HOLDS(lseek(mem, (off_t)(uintptr_t)p, SEEK_SET) == (off_t)(uintptr_t)p);
	p[0] = 1;
	p[1] = 2;
	HOLDS(read(mem, big, 1) == 1 && big[0] == 1);
	HOLDS(read(mem, big, 1) == 1 && big[0] == 2);
	HOLDS(lseek(mem, 1, SEEK_CUR) == (off_t)(uintptr_t)p + 3);
	SHOW(lseek(mem, 0, SEEK_END));
	munmap(p, 4 * PAGE);
	free(big);
}

static void test_others(void)
{
	struct { uint32_t version; int pid; } h = { CAP_VERSION_3, 0 };
	struct { uint32_t effective, permitted, inheritable; } d[2] = { { 0 } };
	char *p = map(1, RW, ANON, -1), path[64];
	int stop[2], fd;
	pid_t pid, parent = getpid();
	char c;

	p[0] = 1;
	pipe(stop);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		close(stop[1]);
		read(stop[0], &c, 1);
		_exit(p[0]);
	}
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fd = open(path, O_RDWR);
	show_write("another's memory", fd, p, 77);
	show_read("another's memory", fd, p);
	printf("ours: %d\n", p[0]);
	close(stop[1]);
	printf("child: %s\n", wait_text(pid));
	show_read("memory that is gone", fd, p);
	close(fd);
	IN_CHILD("without rights", {
		SHOW(syscall(SYS_capset, &h, d));
		snprintf(path, sizeof(path), "/proc/%d/mem", parent);
		SHOW_OK(open(path, O_RDONLY));
		fd = open("/proc/self/mem", O_RDWR);
		show_write("our own", fd, p, 3);
		printf("%d\n", p[0]);
	});
	munmap(p, PAGE);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	mem = open("/proc/self/mem", O_RDWR);
	test_anonymous();
	test_copies();
	test_pieces();
	test_others();
	return 0;
}
