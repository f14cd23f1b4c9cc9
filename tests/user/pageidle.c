/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/user/pageidle.c - /sys/kernel/mm/page_idle/bitmap: who used which page since */
#include "tests/user/test.h"

#define RW (PROT_READ | PROT_WRITE)
#define KPF_IDLE 25

static int bitmap, pagemap, kpageflags;

static uint64_t frame_of(const volatile char *p)
{
	uint64_t word = 0;

	HOLDS(pread(pagemap, &word, 8, (off_t)((uintptr_t)p / PAGE * 8)) == 8);
	return word & ((1UL << 55) - 1);
}

/* A child that ends at once: our translations are forgotten, and our next use is seen. */
static void forget_translations(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(0);
	waitpid(pid, NULL, 0);
}

static void mark(uint64_t frame)
{
	uint64_t word = 1UL << frame % 64;

	HOLDS(pwrite(bitmap, &word, 8, (off_t)(frame / 64 * 8)) == 8);
	forget_translations();
}

static void show(const char *what, uint64_t frame)
{
	uint64_t word = 0, flags = 0;

	pread(bitmap, &word, 8, (off_t)(frame / 64 * 8));
	pread(kpageflags, &flags, 8, (off_t)(frame * 8));
	printf("%s: %s%s\n", what, word >> frame % 64 & 1 ? "idle" : "used",
	       (word >> frame % 64 & 1) == (flags >> KPF_IDLE & 1) ? "" : ", kpageflags differs");
}

static void test_calls(void)
{
	static uint64_t words[1024];

	SHOW(pread(bitmap, words, 8, 4));
	SHOW(pread(bitmap, words, 12, 8));
	SHOW(pread(bitmap, words, 0, 8));
	SHOW(pread(bitmap, words, 16, 8));
	HOLDS(pread(bitmap, words, sizeof(words), 0) > 2048);
	HOLDS(pread(bitmap, words, sizeof(words), 0) <= 4096);
	SHOW(pread(bitmap, words, 8, 1L << 40));
	SHOW(pread(bitmap, (void *)8, 8, 0));
	memset(words, 0, sizeof(words));
	SHOW(pwrite(bitmap, words, 8, 4));
	SHOW(pwrite(bitmap, words, 4, 8));
	SHOW(pwrite(bitmap, words, 0, 8));
	SHOW(pwrite(bitmap, words, 16, 8));
	HOLDS(pwrite(bitmap, words, sizeof(words), 0) == pread(bitmap, words, sizeof(words), 0));
	SHOW(pwrite(bitmap, words, 8, 1L << 40));
	SHOW(pwrite(bitmap, (void *)8, 8, 0));
	SHOW(lseek(bitmap, 16, SEEK_SET));
	SHOW(read(bitmap, words, 24));
	SHOW(lseek(bitmap, 0, SEEK_CUR));
}

static void test_anonymous(void)
{
	volatile char *p = mmap(NULL, 2 * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t frame, zero;
	char c;

	p[0] = 1;
	c = p[PAGE];
	frame = frame_of(p);
	zero = frame_of(p + PAGE);
	show("not marked", frame);
	mark(frame);
	show("marked", frame);
	show("still", frame);
	c = p[0];
	show("read", frame);
	mark(frame);
	show("marked", frame);
	p[0] = 2;
	show("written", frame);
	mark(zero);
	show("the zero page, marked", zero);
	mark(frame);
	munmap((void *)p, 2 * PAGE);
	(void)c;
}

static void test_shared(void)
{
	volatile char *p = mmap(NULL, PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	uint64_t frame;

	p[0] = 1;
	frame = frame_of(p);
	mark(frame);
	show("shared", frame);
	IN_CHILD("child", p[0] = 2);
	show("used by a child", frame);
	munmap((void *)p, PAGE);
}

static void test_file(void)
{
	int fd = open("pageidle.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);
	volatile char *p;
	uint64_t frame;
	char c = 1;

	unlink("pageidle.tmp");
	HOLDS(write(fd, &c, 1) == 1);
	p = mmap(NULL, PAGE, RW, MAP_SHARED, fd, 0);
	c = p[0];
	frame = frame_of(p);
	mark(frame);
	show("a file's", frame);
	HOLDS(pread(fd, &c, 1, 0) == 1);
	show("read by a call", frame);
	close(fd);
	munmap((void *)p, PAGE);
}

int main(void)
{
	static const char path[] = "/sys/kernel/mm/page_idle/bitmap";
	struct stat st;

	setvbuf(stdout, NULL, _IOLBF, 0);
	HOLDS(!stat(path, &st) && st.st_mode == (S_IFREG | 0600) && st.st_uid == 0);
	bitmap = open(path, O_RDWR);
	pagemap = open("/proc/self/pagemap", O_RDONLY);
	kpageflags = open("/proc/kpageflags", O_RDONLY);
	test_calls();
	test_anonymous();
	test_shared();
	test_file();
	IN_CHILD("somebody else", setuid(1000); SHOW(open(path, O_RDONLY)));
	return 0;
}
