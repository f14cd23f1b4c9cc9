/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/user/pagemap.c - /proc/<pid>/pagemap: what it says of each kind of page; clear_refs */
#include "tests/user/test.h"

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define SHARED (MAP_SHARED | MAP_ANONYMOUS)

/* musl has no name for these. */
#define CAP_VERSION_3 0x20080522
#define CAP_SYS_ADMIN 21
#define CAP_SYS_PTRACE 19

static int self;	/* our own pagemap */

static uint64_t word_of(int fd, const void *p)
{
	uint64_t word = 0;

	if (pread(fd, &word, 8, (off_t)((uintptr_t)p / PAGE * 8)) != 8)
		return ~0UL;
	return word;
}

/* P present, S swapped, F file or shared, X exclusive, n a frame number. Not soft-dirty. */
static const char *flags_of(uint64_t word)
{
	static char text[8];

	if (word == ~0UL)
		return "?";
	snprintf(text, sizeof(text), "%s%s%s%s%s", word >> 63 ? "P" : "", word >> 62 & 1 ? "S" : "",
		 word >> 61 & 1 ? "F" : "", word >> 56 & 1 ? "X" : "",
		 word & ((1UL << 55) - 1) ? "n" : "");
	return text[0] ? text : "-";
}

static void show(const char *what, const void *p)
{
	printf("%s: %s\n", what, flags_of(word_of(self, p)));
}

static char *map(unsigned long pages, int flags, int fd)
{
	return mmap(NULL, pages * PAGE, RW, flags, fd, 0);
}

static void test_anonymous(void)
{
	char *p = map(6, ANON, -1), *q;
	volatile char c = p[PAGE];

	(void)c;
	p[2 * PAGE] = 1;
	show("never touched", p);
	show("read", p + PAGE);
	show("written", p + 2 * PAGE);
	show("in the middle of it", p + 2 * PAGE + 100);
	HOLDS((word_of(self, p + PAGE) & ((1UL << 55) - 1)) !=
	      (word_of(self, p + 2 * PAGE) & ((1UL << 55) - 1)));
	mprotect(p + 2 * PAGE, PAGE, PROT_NONE);
	show("PROT_NONE", p + 2 * PAGE);
	mprotect(p + 2 * PAGE, PAGE, PROT_READ);
	show("read-only", p + 2 * PAGE);
	madvise(p + 2 * PAGE, PAGE, MADV_DONTNEED);
	show("given up", p + 2 * PAGE);
	p[3 * PAGE] = 1;
	q = mremap(p + 3 * PAGE, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p + 5 * PAGE);
	show("moved here", q);
	show("from here", p + 3 * PAGE);
	mlock(p + 4 * PAGE, PAGE);
	show("locked", p + 4 * PAGE);
	munmap(p, 6 * PAGE);
	show("unmapped", p);
}

static void test_fork(void)
{
	char *p = map(3, ANON, -1), *s = map(2, SHARED, -1);

	p[0] = p[PAGE] = p[2 * PAGE] = 1;
	s[0] = 1;
	show("shared memory, written", s);
	show("shared memory, never touched", s + PAGE);
	IN_CHILD("child", {
		self = open("/proc/self/pagemap", O_RDONLY);
		show("child, a page of both", p);
		p[0] = 2;
		show("child, its copy", p);
		munmap(p + PAGE, PAGE);
		show("child, shared memory not touched by it", s);
		s[0] = 2;
		show("child, shared memory", s);
	});
	show("parent, alone again", p + 2 * PAGE);
	munmap(p, 3 * PAGE);
	munmap(s, 2 * PAGE);
}

static void test_files(void)
{
	int fd = open("pagemap.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char bytes[2 * PAGE] = { 1 }, *s, *p;
	volatile char c;

	unlink("pagemap.tmp");
	HOLDS(write(fd, bytes, sizeof(bytes)) == sizeof(bytes));
	s = map(2, MAP_SHARED, fd);
	p = map(2, MAP_PRIVATE, fd);
	show("file, never touched", s);
	c = s[0];
	show("file, read", s);
	s[0] = 2;
	show("file, written", s);
	c = p[0];
	show("file, by a second mapping", p);
	show("file, by the first one", s);
	p[0] = 3;
	show("private copy", p);
	show("file, alone again", s);
	ftruncate(fd, 0);
	show("file cut off", s);
	show("private copy cut off", p);
	(void)c;
	munmap(s, 2 * PAGE);
	munmap(p, 2 * PAGE);
	close(fd);
}

static void test_reading(void)
{
	uint64_t w[600];
	char *p = map(600, ANON, -1);
	unsigned int present = 0;

	madvise(p, 600 * PAGE, MADV_NOHUGEPAGE);
	for (int i = 0; i < 600; i += 3)
		p[i * PAGE] = 1;
	SHOW(pread(self, w, sizeof(w), (off_t)((uintptr_t)p / PAGE * 8)));
	for (int i = 0; i < 600; i++)
		present += (w[i] >> 63) == (i % 3 == 0);
	printf("as written: %u of 600\n", present);
	SHOW(pread(self, w, 7, 0));
	SHOW(pread(self, w, 8, 4));
	SHOW(pread(self, w, 0, 8));
	SHOW(pread(self, w, 12, 8));
	SHOW(pread(self, (void *)8, 8, 8));
	SHOW(pread(self, w, 16, 0x7ffffffff000 / 4096 * 8 - 8));
	SHOW(pread(self, w, 16, 0x7ffffffff000 / 4096 * 8));
	SHOW(pread(self, w, 16, 0x7fffffffffff000));
	SHOW(lseek(self, 4096, SEEK_SET));
	SHOW(lseek(self, 8, SEEK_CUR));
	SHOW(read(self, w, 16));
	SHOW(lseek(self, 0, SEEK_CUR));
	munmap(p, 600 * PAGE);
}

static void drop_caps(uint64_t keep)
{
	struct { uint32_t version; int pid; } h = { CAP_VERSION_3, 0 };
	struct { uint32_t effective, permitted, inheritable; } d[2] = { { 0 } };

	d[0].effective = d[0].permitted = (uint32_t)keep;
	SHOW(syscall(SYS_capset, &h, d));
}

static void test_rights(void)
{
	char *p = map(1, ANON, -1), path[64];
	pid_t parent = getpid();
	int fd;

	p[0] = 1;
	IN_CHILD("without CAP_SYS_ADMIN", {
		drop_caps(1U << CAP_SYS_PTRACE);
		show("opened before", p);
		self = open("/proc/self/pagemap", O_RDONLY);
		show("opened now", p);
		p[0] = 2;
		show("of our own", p);
		snprintf(path, sizeof(path), "/proc/%d/pagemap", parent);
		fd = open(path, O_RDONLY);
		printf("the parent's: %s\n", flags_of(word_of(fd, p)));
	});
	IN_CHILD("without any", {
		drop_caps(0);
		SHOW_OK(open("/proc/self/pagemap", O_RDONLY));
		snprintf(path, sizeof(path), "/proc/%d/pagemap", parent);
		SHOW_OK(open(path, O_RDONLY));
	});
	munmap(p, PAGE);
}

static void test_others(void)
{
	char *p = map(1, ANON, -1), path[64];
	int fd, stop[2];
	pid_t pid;

	p[0] = 1;
	pipe(stop);
	pid = fork();
	if (!pid) {
		char c;

		p[0] = 2;
		close(stop[1]);
		_exit(read(stop[0], &c, 1) != 0);
	}
	snprintf(path, sizeof(path), "/proc/%d/pagemap", pid);
	fd = open(path, O_RDONLY);
	for (int i = 0; i < 1000 && !(word_of(fd, p) >> 56 & 1); i++)
		pause_ms(2);
	printf("the child's page: %s\n", flags_of(word_of(fd, p)));
	close(stop[1]);
	for (int i = 0; i < 1000 && pread(fd, path + 32, 8, 8); i++)
		pause_ms(2);
	printf("when it has ended: %ld\n", (long)pread(fd, path + 32, 8, 8));
	SHOW_OK(open(path, O_RDONLY));
	printf("child: %s\n", wait_text(pid));
	snprintf(path, sizeof(path), "/proc/%d/pagemap", pid);
	SHOW_OK(open(path, O_RDONLY));
	printf("when it is gone: %ld\n", (long)pread(fd, path + 32, 8, 8));
	close(fd);
	munmap(p, PAGE);
}

static void test_clear_refs(void)
{
	static const char *const texts[] = {
		"0", "1", "2\n", " 3 ", "\t5\n", "6", "-1", "", " ", "x", "1x", "0x1", "+1",
		"++1", "1 1", "4000000000", "00000000001", "000000000000001", "1             ",
	};
	int fd = open("/proc/self/clear_refs", O_WRONLY);
	char c;

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		long n = write(fd, texts[i], strlen(texts[i]));

		printf("clear_refs %zu: %s%ld\n", i, n < 0 ? errno_name(errno) : "", n);
	}
	SHOW(write(fd, (void *)8, 1));
	SHOW(pwrite(fd, "1", 1, 100));
	close(fd);
	fd = open("/proc/self/clear_refs", O_RDWR);
	SHOW(read(fd, &c, 1));
	close(fd);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	self = open("/proc/self/pagemap", O_RDONLY);
	test_anonymous();
	test_fork();
	test_files();
	test_reading();
	test_rights();
	test_others();
	test_clear_refs();
	SHOW(write(self, "12345678", 8));
	return 0;
}
