/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/user/pagescan.c - PAGEMAP_SCAN: which pages are in which categories */
#include "tests/user/uffd.h"

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)

/* C libraries have no names for these. */
struct region { uint64_t start, end, categories; };
struct scan_arg {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t inverted, mask, anyof, ret;
};
#define PAGEMAP_SCAN _IOWR('f', 16, struct scan_arg)
enum { WPALLOWED = 1, WRITTEN = 2, FILE_ = 4, PRESENT = 8, SWAPPED = 16, PFNZERO = 32,
       HUGE_ = 64, SOFT_DIRTY = 128 };
#define ALL (WPALLOWED | WRITTEN | FILE_ | PRESENT | SWAPPED | PFNZERO | HUGE_)
enum { WP_MATCHING = 1, CHECK_WPASYNC = 2 };

static int pagemap;
static char *base;
static struct region regions[600];

static long scan(struct scan_arg *a)
{
	a->size = a->size ? a->size : sizeof(*a);
	memset(regions, 0, sizeof(regions));
	return ioctl(pagemap, PAGEMAP_SCAN, a);
}

static const char *names(uint64_t c)
{
	static char text[64];

	snprintf(text, sizeof(text), "%s%s%s%s%s%s%s%s", c & WPALLOWED ? " wp" : "",
		 c & WRITTEN ? " written" : "", c & FILE_ ? " file" : "",
		 c & PRESENT ? " present" : "", c & SWAPPED ? " swapped" : "",
		 c & PFNZERO ? " zero" : "", c & HUGE_ ? " huge" : "", c >> 7 ? " more" : "");
	return text[0] ? text : " none";
}

static long page(uint64_t at)
{
	return ((long)at - (long)base) / (long)PAGE;
}

/* Scan @nr pages from base on, with what else @a says. */
static void show(const char *what, unsigned long nr, struct scan_arg a)
{
	long n;

	a.start = (uintptr_t)base;
	a.end = a.start + nr * PAGE;
	a.vec = (uintptr_t)regions;
	a.vec_len = a.vec_len ? a.vec_len : 600;
	n = scan(&a);
	if (n < 0) {
		printf("%s: -%s\n", what, errno_name(errno));
		return;
	}
	printf("%s: %ld, up to %ld\n", what, n, page(a.walk_end));
	for (long i = 0; i < n; i++)
		printf("   %ld-%ld%s\n", page(regions[i].start), page(regions[i].end),
		       names(regions[i].categories));
}

static struct scan_arg of(uint64_t mask, uint64_t anyof, uint64_t inverted)
{
	return (struct scan_arg){ .mask = mask, .anyof = anyof, .inverted = inverted, .ret = ALL };
}

static struct scan_arg limited(uint64_t max_pages, uint64_t vec_len)
{
	return (struct scan_arg){ .mask = PRESENT, .ret = ALL, .max_pages = max_pages,
				  .vec_len = vec_len };
}

/* 0-1 written, 2 never touched, 3 read, 4 PROT_NONE, 5-6 of a file, 7 copied, 8 unmapped. */
static void set_up(void)
{
	int fd = open("pagescan.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char bytes[4 * PAGE] = { 1 };
	volatile char c;

	unlink("pagescan.tmp");
	HOLDS(write(fd, bytes, sizeof(bytes)) == sizeof(bytes));
	base = mmap(NULL, 16 * PAGE, RW, ANON, -1, 0);
	madvise(base, 16 * PAGE, MADV_NOHUGEPAGE);
	base[0] = base[PAGE] = base[4 * PAGE] = base[9 * PAGE] = base[11 * PAGE] = 1;
	c = base[3 * PAGE];
	mprotect(base + 4 * PAGE, PAGE, PROT_NONE);
	mmap(base + 5 * PAGE, 2 * PAGE, RW, MAP_SHARED | MAP_FIXED, fd, 0);
	mmap(base + 7 * PAGE, PAGE, RW, MAP_PRIVATE | MAP_FIXED, fd, 0);
	c = base[5 * PAGE];
	c = base[6 * PAGE];
	base[7 * PAGE] = 1;
	munmap(base + 8 * PAGE, PAGE);
	close(fd);
	(void)c;
}

static void test_categories(void)
{
	show("everything", 16, of(0, 0, 0));
	show("present", 16, of(PRESENT, 0, 0));
	show("not present", 16, of(PRESENT, 0, PRESENT));
	show("present, not zero", 16, of(PRESENT | PFNZERO, 0, PFNZERO));
	show("of a file", 16, of(FILE_, 0, 0));
	show("zero or of a file", 16, of(0, PFNZERO | FILE_, 0));
	show("written and no file", 16, of(WRITTEN | FILE_, 0, FILE_));
	show("protected", 16, of(WRITTEN | PRESENT, 0, WRITTEN));
	show("swapped or huge", 16, of(0, SWAPPED | HUGE_, 0));
	show("may be protected", 16, of(WPALLOWED, 0, 0));
	show("may not be protected", 16, of(WPALLOWED | PRESENT, 0, WPALLOWED));
	show("nothing said", 16, (struct scan_arg){ .mask = PRESENT });
	show("a part of it", 16, (struct scan_arg){ .mask = PRESENT, .ret = FILE_ | PFNZERO });
}

static void test_limits(void)
{
	for (uint64_t n = 1; n < 10; n++)
		show("pages", 16, limited(n, 0));
	for (uint64_t n = 1; n < 6; n++)
		show("regions", 16, limited(0, n));
	show("both", 16, limited(3, 2));
	show("one page", 1, of(0, 0, 0));
	show("no page", 0, of(0, 0, 0));
}

static void show_raw(const char *what, struct scan_arg a)
{
	long n = scan(&a);

	printf("%s: %s%ld\n", what, n < 0 ? errno_name(errno) : "", n);
}

static void test_refused(void)
{
	uint64_t start = (uintptr_t)base, end = start + 4 * PAGE, vec = (uintptr_t)regions;
	struct scan_arg good = { .start = start, .end = end, .vec = vec, .vec_len = 600,
				 .mask = PRESENT, .ret = ALL }, a;

	show_raw("good", good);
#define BAD(change) do { a = good; a.change; show_raw(#change, a); } while (0)
	BAD(size = 88);
	BAD(size = 104);
	BAD(flags = 4);
	BAD(mask = 1UL << 40);
	BAD(anyof = 1UL << 40);
	BAD(inverted = 1UL << 40);
	BAD(ret = 1UL << 40);
	BAD(start = start + 1);
	BAD(end = end - 5);
	BAD(end = start - PAGE);
	BAD(end = 1UL << 63);
	BAD(vec = 0);
	BAD(vec = 8);
	BAD(vec = 1UL << 63);
	BAD(vec_len = 1UL << 60);
	BAD(flags = WP_MATCHING);
	BAD(flags = CHECK_WPASYNC);
	BAD(flags = WP_MATCHING | CHECK_WPASYNC);
	a = good;
	a.vec = a.vec_len = 0;
	show_raw("no regions", a);
	a.flags = WP_MATCHING;
	show_raw("no regions, protect", a);
	HOLDS(ioctl(pagemap, PAGEMAP_SCAN, (void *)8) == -1 && errno == EFAULT);
	SHOW(ioctl(pagemap, _IO('f', 16), &good));
}

static void test_much(void)
{
	unsigned long nr = 1500, seen = 0;
	struct scan_arg a = of(PRESENT, 0, 0);
	char *p = mmap(NULL, nr * PAGE, RW, ANON, -1, 0);
	long n;

	madvise(p, nr * PAGE, MADV_NOHUGEPAGE);
	for (unsigned long i = 0; i < nr; i += 2)
		p[i * PAGE] = 1;
	a.start = (uintptr_t)p;
	a.end = a.start + nr * PAGE;
	a.vec = (uintptr_t)regions;
	a.vec_len = 600;
	while ((n = scan(&a)) > 0) {
		printf("regions %ld\n", n);
		for (long i = 0; i < n; i++)
			seen += regions[i].end - regions[i].start == PAGE &&
				(regions[i].start - (uintptr_t)p) / PAGE % 2 == 0;
		a.start = a.walk_end;
	}
	printf("seen %lu\n", seen);
	munmap(p, nr * PAGE);
}

/* ---- protection by the same walk ---- */

static struct scan_arg protecting(uint64_t mask)
{
	struct scan_arg a = of(mask, 0, 0);

	a.flags = WP_MATCHING | CHECK_WPASYNC;
	return a;
}

/* What was written, and from now on is protected again; twice: the second time it is not. */
static void collect(const char *what, unsigned long nr)
{
	show(what, nr, protecting(WRITTEN));
	show("   and then", nr, protecting(WRITTEN));
}

/* Writes to every third of @nr pages, reads of others. */
static void disturb(unsigned long nr)
{
	volatile char c;

	for (unsigned long i = 0; i < nr; i += 3)
		base[i * PAGE] = 1;
	for (unsigned long i = 1; i < nr; i += 3)
		c = base[i * PAGE];
	(void)c;
}

static void said(const char *what, int err)
{
	printf("%s: %s\n", what, err ? errno_name(err) : "0");
}

/* Where writes are asked about, pages are protected by UFFDIO_WRITEPROTECT alone. */
static void test_protect_asked(void)
{
	int uffd = uffd_new(O_NONBLOCK, FEATURE_WP_UNPOPULATED);
	struct scan_arg skips = { .flags = WP_MATCHING, .mask = WRITTEN, .ret = ALL };

	base = mmap(NULL, 4 * PAGE, RW, ANON, -1, 0);
	base[0] = 1;
	said("registered", reg(uffd, base, 4, WP));
	collect("refused", 4);
	show("skipped", 4, skips);
	base[0] = 1;
	said("protected by hand", wp(uffd, base, 2, 1));
	show("seen", 4, of(0, 0, 0));
	close(uffd);
	munmap(base, 4 * PAGE);
}

static void protect_kind(const char *what, int flags, int fd)
{
	unsigned long nr = 12;
	int uffd = uffd_new(O_NONBLOCK, FEATURE_WP_ASYNC);
	struct scan_arg limited_too = protecting(WRITTEN), raw = protecting(0);

	printf("-- %s\n", what);
	base = mmap(NULL, nr * PAGE, RW, flags, fd, 0);
	madvise(base, nr * PAGE, MADV_NOHUGEPAGE);
	said("registered", reg(uffd, base, nr, WP));
	show("holes", nr, protecting(0));
	show("holes", nr, of(0, 0, 0));
	disturb(nr);
	limited_too.max_pages = 3;
	show("three", nr, limited_too);
	collect("the rest", nr);
	show("all", nr, of(0, 0, 0));
	disturb(nr);
	said("protected by hand", wp(uffd, base, 2, 1));
	collect("by hand", nr);
	base[0] = base[5 * PAGE] = 2;
	HOLDS(read(uffd, &(struct uffd_msg){ 0 }, sizeof(struct uffd_msg)) == -1);
	madvise(base + 6 * PAGE, 2 * PAGE, MADV_DONTNEED);
	collect("dropped", nr);
	disturb(nr);
	raw.start = (uintptr_t)base;
	raw.end = raw.start + nr * PAGE;
	show_raw("without regions", raw);
	collect("nothing", nr);
	if (fd < 0)
		said("copy", copy(uffd, base + PAGE, base, PAGE, 0));
	said("unregistered", unreg(uffd, base, nr));
	collect("refused", nr);
	close(uffd);
	munmap(base, nr * PAGE);
}

static void test_protect(void)
{
	int fd = open("pagescan.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);

	unlink("pagescan.tmp");
	HOLDS(!ftruncate(fd, 12 * PAGE));
	protect_kind("private", ANON, -1);
	protect_kind("shared", MAP_SHARED | MAP_ANONYMOUS, -1);
	protect_kind("a file", MAP_SHARED, fd);
	protect_kind("a file's copy", MAP_PRIVATE, fd);
	close(fd);
	test_protect_asked();
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	pagemap = open("/proc/self/pagemap", O_RDONLY);
	set_up();
	test_categories();
	test_limits();
	test_refused();
	test_much();
	test_protect();
	return 0;
}
