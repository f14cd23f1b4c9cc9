/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/user/app-kv.c - a program: a key-value store in a mapped file, with snapshots by fork
 *
 * The table is private memory; a snapshot is a child that writes what it has to a file
 * while the parent goes on changing. A second mapping of the file reads it back. msync,
 * rename, record locks and mremap as such a program uses them.
 */
#include "tests/user/test.h"

#include <sys/file.h>

#define FIRST 1024UL
#define KEYS 3000UL

struct entry {
	uint64_t key, value;
};

static struct entry *table;
static unsigned long size;

static unsigned long hash(uint64_t key)
{
	return key * 0x9e3779b97f4a7c15UL >> 32;
}

static struct entry *find(struct entry *t, unsigned long n, uint64_t key)
{
	unsigned long at = hash(key) & (n - 1);

	while (t[at].key && t[at].key != key)
		at = (at + 1) & (n - 1);
	return &t[at];
}

static void make(unsigned long n)
{
	size = n;
	table = mmap(NULL, n * sizeof(*table), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		     -1, 0);
}

/* Twice as many places: mremap gives the room, then every key goes to its new place. */
static void grow(void)
{
	struct entry *old = table;
	unsigned long n = size;

	make(2 * n);
	for (unsigned long i = 0; i < n; i++)
		if (old[i].key)
			*find(table, size, old[i].key) = old[i];
	old = mremap(old, n * sizeof(*old), PAGE, MREMAP_MAYMOVE);
	munmap(old, PAGE);
}

static void put(uint64_t key, uint64_t value)
{
	struct entry *e = find(table, size, key);

	*e = (struct entry){ key, value };
}

static uint64_t sum(struct entry *t, unsigned long n)
{
	uint64_t s = 0;

	for (unsigned long i = 0; i < n; i++)
		s += t[i].key * 31 + t[i].value;
	return s;
}

/* In a child: what the table is at this moment goes to the file, whole or not at all. */
static void snapshot(int number)
{
	char name[32];
	int fd;
	struct entry *out;
	struct flock lock = { .l_type = F_WRLCK };

	snprintf(name, sizeof(name), "kv.%d", number);
	fd = open(name, O_RDWR | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || fcntl(fd, F_SETLKW, &lock) || ftruncate(fd, (off_t)(size * sizeof(*table))))
		_exit(1);
	out = mmap(NULL, size * sizeof(*table), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (out == MAP_FAILED)
		_exit(2);
	for (unsigned long i = 0; i < size; i++)
		out[i] = table[i];
	if (msync(out, size * sizeof(*table), MS_SYNC) || rename(name, "kv"))
		_exit(3);
	_exit(0);
}

static uint64_t read_back(unsigned long *n)
{
	int fd = open("kv", O_RDONLY);
	struct stat st;
	struct entry *t;
	uint64_t s;

	fstat(fd, &st);
	*n = (unsigned long)st.st_size / sizeof(*t);
	t = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	s = sum(t, *n);
	munmap(t, (size_t)st.st_size);
	close(fd);
	return s;
}

int main(void)
{
	unsigned long n, used = 0;
	uint64_t before;

	make(FIRST);
	for (uint64_t k = 1; k <= KEYS; k++) {
		if (k * 2 > size)
			grow();
		put(k * 7919, k);
	}
	for (int round = 0; round < 5; round++) {
		pid_t pid;

		before = sum(table, size);
		fflush(stdout);
		pid = fork();
		if (!pid)
			snapshot(round);
		for (uint64_t k = 1; k <= KEYS; k += 3)
			put(k * 7919, find(table, size, k * 7919)->value + 1);
		printf("snapshot %d: %s, ", round, wait_text(pid));
		printf("what was then: %s, what is now: %s\n", read_back(&n) == before ? "yes" : "no",
		       sum(table, size) == before ? "the same" : "changed");
	}
	for (unsigned long i = 0; i < size; i++)
		used += table[i].key != 0;
	printf("places %lu, used %lu, of key 7919: %lu\n", n, used,
	       (unsigned long)find(table, size, 7919)->value);
	unlink("kv");
	return 0;
}
