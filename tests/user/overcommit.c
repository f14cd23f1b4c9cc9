/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/user/overcommit.c - how much may be asked for: the three policies, limit and reserves
 *
 * All is done in units that no machine has and room that no neighbour uses up: the policy
 * is the whole machine's, and others on it must not notice. It is set back in the end.
 */
#include "tests/user/test.h"

#define RW (PROT_READ | PROT_WRITE)
#define ANON (MAP_PRIVATE | MAP_ANONYMOUS)
#define UNIT (1UL << 36)
#define UNIT_KB (UNIT >> 10)
#define DONTUNMAP 4
#define CAP_VERSION_3 0x20080522
#define CAP_SYS_ADMIN 21

static const char *const names[] = {
	"overcommit_memory", "user_reserve_kbytes", "admin_reserve_kbytes", "overcommit_kbytes",
	"overcommit_ratio",
};
#define NR_NAMES (sizeof(names) / sizeof(*names))

/* Not by way of stdio: with an error that is the kernel's. */
static long set_text(const char *name, const char *text)
{
	char path[64];
	long n;
	int fd, err;

	snprintf(path, sizeof(path), "/proc/sys/vm/%s", name);
	fd = open(path, O_WRONLY);
	n = fd < 0 ? -1 : write(fd, text, strlen(text));
	err = errno;
	close(fd);
	errno = err;
	return n < 0 ? -1 : 0;
}

static long set(const char *name, unsigned long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%lu\n", value);
	return set_text(name, text);
}

static unsigned long get(const char *name)
{
	char path[64];
	unsigned long value = ~0UL;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/sys/vm/%s", name);
	f = fopen(path, "r");
	if (!f || fscanf(f, "%lu", &value) != 1)
		printf("no %s\n", name);
	if (f)
		fclose(f);
	return value;
}

/* A line of /proc/meminfo, in kB. */
static unsigned long meminfo(const char *key)
{
	FILE *f = fopen("/proc/meminfo", "r");
	unsigned long value = 0;
	char line[128];

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)) && line[strlen(key)] == ':')
			value = strtoul(line + strlen(key) + 1, NULL, 10);
	if (f)
		fclose(f);
	return value;
}

/* Promises, in units, rounded: what others do is less than half of one. */
static long promised(void)
{
	static unsigned long at_first;

	if (!at_first)
		at_first = meminfo("Committed_AS");
	return (long)((meminfo("Committed_AS") - at_first + UNIT_KB / 2) / UNIT_KB);
}

/* Policy 2 with room for @units and a half. */
static void leave_room(unsigned long units)
{
	unsigned long kb = meminfo("Committed_AS") - meminfo("SwapTotal");

	set("user_reserve_kbytes", 0);
	set("overcommit_kbytes", kb + units * UNIT_KB + UNIT_KB / 2);
	SHOW(set("overcommit_memory", 2));
}

/* ---- the files ---- */

/* Memory's share, in pages, and swap. */
static bool limit_is(unsigned long percent)
{
	return (meminfo("CommitLimit") - meminfo("SwapTotal")) / 4 ==
	       meminfo("MemTotal") / 4 * percent / 100;
}

static void test_files(void)
{
	SHOW(set_text("overcommit_memory", "3"));
	SHOW(set_text("overcommit_memory", "-1"));
	SHOW(set_text("overcommit_memory", "x"));
	SHOW(set_text("overcommit_ratio", "x"));
	SHOW(get("overcommit_memory"));
	SHOW(set("overcommit_kbytes", 1000000));
	SHOW(get("overcommit_ratio"));
	SHOW(get("overcommit_kbytes"));
	HOLDS(meminfo("CommitLimit") - meminfo("SwapTotal") == 1000000);
	SHOW(set("overcommit_ratio", 30));
	SHOW(get("overcommit_kbytes"));
	SHOW(get("overcommit_ratio"));
	HOLDS(limit_is(30));
	SHOW(set("overcommit_ratio", 150));
	HOLDS(limit_is(150));
	SHOW(set("overcommit_ratio", 50));
	HOLDS(get("admin_reserve_kbytes") <= 8192 && get("admin_reserve_kbytes") > 0);
	HOLDS(get("user_reserve_kbytes") <= 131072 && get("user_reserve_kbytes") > 0);
	SHOW(set("admin_reserve_kbytes", 12345));
	SHOW(get("admin_reserve_kbytes"));
	SHOW(set("user_reserve_kbytes", 54321));
	SHOW(get("user_reserve_kbytes"));
}

/* ---- which kinds count, and which are refused ---- */

static int file;

static const struct kind {
	const char *name;
	int prot, flags;
	bool file;
} kinds[] = {
	{ "private", RW, ANON, false },
	{ "write only", PROT_WRITE, ANON, false },
	{ "read only", PROT_READ, ANON, false },
	{ "no access", PROT_NONE, ANON, false },
	{ "private, no reserve", RW, ANON | MAP_NORESERVE, false },
	{ "stack", RW, ANON | MAP_STACK, false },
	{ "shared", RW, MAP_SHARED | MAP_ANONYMOUS, false },
	{ "shared, no access", PROT_NONE, MAP_SHARED | MAP_ANONYMOUS, false },
	{ "shared, no reserve", RW, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, false },
	{ "private file", RW, MAP_PRIVATE, true },
	{ "private file to read", PROT_READ, MAP_PRIVATE, true },
	{ "private file, no reserve", RW, MAP_PRIVATE | MAP_NORESERVE, true },
	{ "shared file", RW, MAP_SHARED, true },
};

static void show_kind(const struct kind *k, unsigned long units)
{
	char *p = mmap(NULL, units * UNIT, k->prot, k->flags, k->file ? file : -1, 0);

	printf("%s, %lu: %s", k->name, units, p == MAP_FAILED ? errno_name(errno) : "ok");
	if (p != MAP_FAILED) {
		printf(", %ld promised", promised());
		munmap(p, units * UNIT);
	}
	printf(", then %ld\n", promised());
}

static void test_kinds(void)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		show_kind(&kinds[i], 3);
		show_kind(&kinds[i], 20);
	}
}

/* ---- what else makes promises ---- */

static char *map(unsigned long units, int prot)
{
	return mmap(NULL, units * UNIT, prot, ANON, -1, 0);
}

static void test_calls(void)
{
	char *p = map(3, RW), *q = map(3, PROT_READ), *r;
	long heap = syscall(SYS_brk, 0);
	pid_t pid;

	HOLDS(p != MAP_FAILED && q != MAP_FAILED);
	SHOW(promised());
	SHOW(mprotect(q, 2 * UNIT, RW));
	SHOW(mprotect(q, UNIT, RW));
	SHOW(promised());
	SHOW(mprotect(q, UNIT, PROT_NONE));
	SHOW(promised());
	SHOW(munmap(q, 3 * UNIT));
	SHOW(promised());
	SHOW_OK(mremap(p, 3 * UNIT, 5 * UNIT, MREMAP_MAYMOVE));
	r = mremap(p, 3 * UNIT, 4 * UNIT, MREMAP_MAYMOVE);
	HOLDS(r != MAP_FAILED);
	SHOW(promised());
	q = map(4, PROT_NONE);
	HOLDS(mremap(r, 4 * UNIT, 4 * UNIT, MREMAP_MAYMOVE | MREMAP_FIXED, q) == q);
	HOLDS(mmap(q, 4 * UNIT, RW, ANON | MAP_FIXED, -1, 0) == q);
	SHOW(promised());
	SHOW_OK(mremap(q, UNIT, UNIT, MREMAP_MAYMOVE | DONTUNMAP, NULL));
	SHOW_OK(mremap(q, 4 * UNIT, 2 * UNIT, 0));
	SHOW(promised());
	r = mremap(q, 2 * UNIT, 2 * UNIT, MREMAP_MAYMOVE | DONTUNMAP, NULL);
	HOLDS(r != MAP_FAILED && r != q);
	SHOW(promised());
	munmap(q, 2 * UNIT);
	IN_CHILD("a child with as much", SHOW(promised()));
	r = mremap(r, 2 * UNIT, 3 * UNIT, MREMAP_MAYMOVE);
	SHOW(promised());
	pid = fork();
	if (!pid)
		_exit(0);
	HOLDS(pid < 0 && errno == ENOMEM);
	HOLDS(syscall(SYS_brk, heap + 2 * UNIT) == heap);
	HOLDS(syscall(SYS_brk, heap + UNIT) == heap + (long)UNIT);
	SHOW(promised());
	HOLDS(syscall(SYS_brk, heap) == heap);
	SHOW_OK(munmap(r, 3 * UNIT));
	SHOW(promised());
}

static void drop_sys_admin(void)
{
	struct { uint32_t version; int pid; } header = { CAP_VERSION_3, 0 };
	struct { uint32_t effective, permitted, inheritable; } data[2];

	syscall(SYS_capget, &header, data);
	data[0].effective &= ~(1U << CAP_SYS_ADMIN);
	SHOW(syscall(SYS_capset, &header, data));
}

static void test_reserves(void)
{
	char *p;

	SHOW(set("admin_reserve_kbytes", 2 * UNIT_KB));
	SHOW_OK(munmap(map(4, RW), 4 * UNIT));
	IN_CHILD("no administrator", {
		drop_sys_admin();
		SHOW_OK(map(3, RW));
		SHOW_OK(map(2, RW));
	});
	SHOW(set("user_reserve_kbytes", UNIT_KB));
	SHOW_OK(munmap(map(4, RW), 4 * UNIT));		/* 1/32 is too little to be seen */
	p = map(64, PROT_READ);				/* but not that of as much as this */
	SHOW_OK(map(4, RW));
	SHOW_OK(munmap(map(3, RW), 3 * UNIT));
	SHOW(set("user_reserve_kbytes", 100 * UNIT_KB));
	SHOW_OK(map(3, RW));
	SHOW_OK(munmap(map(2, RW), 2 * UNIT));
	IN_CHILD("no administrator", {
		drop_sys_admin();
		SHOW_OK(map(1, RW));
	});
	munmap(p, 64 * UNIT);
}

static void test_all(void)
{
	file = open("overcommit.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);
	unlink("overcommit.tmp");
	test_files();
	puts("-- policy 0");
	SHOW(set("overcommit_memory", 0));
	SHOW(promised());
	test_kinds();
	puts("-- policy 1");
	SHOW(set("overcommit_memory", 1));
	test_kinds();
	puts("-- policy 2");
	leave_room(4);
	test_kinds();
	test_calls();
	test_reserves();
}

int main(void)
{
	unsigned long old[NR_NAMES];

	for (size_t i = 0; i < NR_NAMES; i++)
		old[i] = get(names[i]);
	IN_CHILD("tests", test_all());
	for (size_t i = 0; i < NR_NAMES; i++) {		/* the policy first */
		if (!strcmp(names[i], old[NR_NAMES - 1] ? "overcommit_kbytes" : "overcommit_ratio"))
			continue;
		if (set(names[i], old[i]))
			printf("%s stays\n", names[i]);
	}
	return 0;
}
