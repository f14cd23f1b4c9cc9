/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/user/cow.c - after a fork nobody sees what the other writes, whichever way
 *
 * Each kind of memory, in each state in which a fork can meet it, written in some way (in some
 * states in every way) by parent or child; then both say what they see.
 */
#include "tests/user/test.h"

#include <sys/uio.h>

#define RW (PROT_READ | PROT_WRITE)
#define ADV_PAGEOUT 21
#define NR 3UL				/* pages; the middle one is written */

static int file, to_child[2], to_parent[2];

static void fail(const char *what)
{
	printf("%s: %s\n", what, errno_name(errno));
	fflush(stdout);
	_exit(1);
}

/* ---- kinds ---- */

static char *private_memory(void)
{
	return mmap(NULL, NR * PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

static char *shared_memory(void)
{
	return mmap(NULL, NR * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

static char *private_file(void)
{
	return mmap(NULL, NR * PAGE, RW, MAP_PRIVATE, file, 0);
}

static char *zeros(void)
{
	int fd = open("/dev/zero", O_RDWR);
	char *p = mmap(NULL, NR * PAGE, RW, MAP_PRIVATE, fd, 0);

	close(fd);
	return p;
}

static const struct { const char *name; char *(*map)(void); } kinds[] = {
	{ "private", private_memory }, { "shared", shared_memory },
	{ "private file", private_file }, { "zeros", zeros },
};

/* ---- states ---- */

static void untouched(char *p) { (void)p; }
static void looked_at(char *p) { (void)*(volatile char *)(p + PAGE); }
static void written(char *p) { memset(p, 'w', NR * PAGE); }

static void locked(char *p)
{
	written(p);
	if (mlock(p, NR * PAGE))
		fail("mlock");
}

static void paged_out(char *p)
{
	written(p);
	(void)madvise(p, NR * PAGE, ADV_PAGEOUT);
}

static void wiped(char *p)
{
	written(p);
	(void)madvise(p + PAGE, PAGE, MADV_WIPEONFORK);		/* refused for what is shared */
}

static void lazily_free(char *p)
{
	written(p);
	(void)madvise(p, NR * PAGE, MADV_FREE);
	memset(p, 'f', NR * PAGE);
}

/* Read only and back: entries that say less than their VMA allows. */
static void protected_for_a_while(char *p)
{
	written(p);
	mprotect(p, NR * PAGE, PROT_READ);
	mprotect(p, NR * PAGE, RW);
}

static void of_a_grandparent(char *p)
{
	written(p);
	if (!fork()) {
		p[PAGE] = 'g';
		_exit(0);
	}
	wait(NULL);
}

static const struct { const char *name; void (*make)(char *p); bool all_ways; } states[] = {
	{ "untouched", untouched, false }, { "looked at", looked_at, false },
	{ "written", written, true }, { "locked", locked, false },
	{ "paged out", paged_out, true }, { "wiped", wiped, false },
	{ "lazily free", lazily_free, false }, { "protected", protected_for_a_while, false },
	{ "forked before", of_a_grandparent, true },
};

/* ---- ways to write: @pid is the writer's relative ---- */

static void store(char *p, pid_t pid) { p[PAGE] = 'S'; }

static void by_read(char *p, pid_t pid)
{
	int pipes[2];

	if (pipe(pipes) || write(pipes[1], "R", 1) != 1 || read(pipes[0], p + PAGE, 1) != 1)
		fail("read");
	close(pipes[0]);
	close(pipes[1]);
}

static void write_mem(pid_t pid, char *p, const char *text)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	fd = open(path, O_RDWR);
	if (fd < 0 || pwrite(fd, text, 1, (off_t)(uintptr_t)p) != 1) {
		printf(" (%s)", errno_name(errno));	/* nobody forces what is shared */
		fflush(stdout);
	}
	close(fd);
}

static void by_own_mem(char *p, pid_t pid) { write_mem(getpid(), p + PAGE, "M"); }
static void by_its_mem(char *p, pid_t pid) { write_mem(pid, p + PAGE, "O"); }

static void by_writev(char *p, pid_t pid)
{
	struct iovec from = { "V", 1 }, to = { p + PAGE, 1 };

	if (process_vm_writev(pid, &from, 1, &to, 1, 0) != 1)
		fail("process_vm_writev");
}

/* Forced: the kernel makes a copy that the program itself may not write. */
static void forced(char *p, pid_t pid)
{
	mprotect(p, NR * PAGE, PROT_READ);
	write_mem(getpid(), p + PAGE, "F");
}

static void anew(char *p, pid_t pid)
{
	madvise(p, NR * PAGE, MADV_DONTNEED);
	p[PAGE + 1] = 'D';
}

static void moved_away(char *p, pid_t pid)
{
	char *q = mremap(p, NR * PAGE, NR * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
			 mmap(NULL, NR * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));

	q[PAGE] = 'Q';
	if (mremap(q, NR * PAGE, NR * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, p) != p)
		fail("mremap");
}

static const struct { const char *name; void (*write)(char *p, pid_t pid); } ways[] = {
	{ "store", store }, { "read", by_read }, { "its own mem", by_own_mem },
	{ "the other's mem", by_its_mem }, { "process_vm_writev", by_writev },
	{ "forced", forced }, { "dropped", anew }, { "moved", moved_away },
};

/* ---- one case ---- */

static char show(char c)
{
	return c ? c : '0';
}

static void say(const char *p)
{
	printf(" %c%c%c%c", show(p[0]), show(p[PAGE]), show(p[PAGE + 1]), show(p[2 * PAGE]));
	fflush(stdout);
}

static void wake(int pipe_end) { if (write(pipe_end, "", 1) != 1) _exit(1); }

static void wait_for(int pipe_end)
{
	char c;

	if (read(pipe_end, &c, 1) != 1)
		_exit(1);
}

static void one(unsigned int kind, unsigned int state, unsigned int way, bool child_writes)
{
	char *p = kinds[kind].map();
	pid_t pid;

	if (p == MAP_FAILED)
		fail("mmap");
	printf(" by the %s:", child_writes ? "child" : "parent");
	states[state].make(p);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		if (child_writes) {
			ways[way].write(p, getppid());
			wake(to_parent[1]);
		}
		wait_for(to_child[0]);
		say(p);
		_exit(0);
	}
	if (child_writes)
		wait_for(to_parent[0]);
	else
		ways[way].write(p, pid);
	say(p);
	wake(to_child[1]);
	if (waitpid(pid, NULL, 0) != pid)
		fail("waitpid");
	munmap(p, NR * PAGE);
}

int main(void)
{
	static char text[NR * PAGE];

	file = open("cow.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);
	unlink("cow.tmp");
	memset(text, 't', sizeof(text));
	if (write(file, text, sizeof(text)) != sizeof(text) || pipe(to_child) || pipe(to_parent))
		fail("file");
	for (unsigned int k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
		for (unsigned int s = 0; s < sizeof(states) / sizeof(*states); s++) {
			if (kinds[k].map == zeros && s > 2)
				continue;	/* the same as private */
			printf("%s, %s; parent and child see:\n", kinds[k].name, states[s].name);
			for (unsigned int w = 0; w < sizeof(ways) / sizeof(*ways); w++) {
				if (!states[s].all_ways && w % 2 == s % 2)
					continue;
				printf("  %s,", ways[w].name);
				one(k, s, w, (k + s + w / 2) % 2);
				printf("\n");
			}
		}
	}
	return 0;
}
