/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user/sysfuzz.c - random system calls with random and hostile arguments
 *
 * Concept    The seed makes lives, one after the other; a life is a process with up
 *            to three threads that make some hundred calls each in a directory, with
 *            descriptors and memory of its own. Calls may kill it, stop it, take its
 *            memory away: then it was a short life. Calls that always do that
 *            are made by a child. The supervisor runs four lives at a time, kills what
 *            makes no progress, and after each round all that is left of it, so that
 *            a round begins as the first did.
 *
 *                supervisor --- life 0 --- threads
 *                    |           '--- children made by calls
 *                    '--- life 1 ...
 *
 *            Nothing is checked here. The kernel must not panic and not
 *            report; around all rounds its leak check and world check run (/dev/check).
 * Usage      sysfuzz [--seed N] [--calls N] [--only CALL] [--life N]
 *            --life: that life alone, each call printed before it is made: a replay,
 *            as exact as the order in which its threads run
 * Output     what was done; calls that never succeeded. Exit status 0 when all calls
 *            were made.
 * Next       user/sysfuzz_calls.c
 */
#define _GNU_SOURCE
#include "user/sysfuzz.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LIVES 4			/* at a time */
#define THREADS 3
#define CALLS_PER_THREAD 700
#define STUCK_MS 400		/* without a call: the life is killed */
#define MAX_PIDS 256

/* What the supervisor sees of lives. */
static struct shared {
	uint64_t calls[LIVES];
	uint32_t made[MAX_CALLS], succeeded[MAX_CALLS];
} *shared;

static uint64_t seed = 1, only_life = ~0UL;
static const char *only;
static int total_weight;
static int begin_pids[MAX_PIDS], nr_begin;

static long raw(long nr, const uint64_t *a)
{
	register uint64_t r10 __asm__("r10") = a[3];
	register uint64_t r8 __asm__("r8") = a[4];
	register uint64_t r9 __asm__("r9") = a[5];
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(nr), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}

/* ---- a life ---- */

struct worker {
	struct draw draw;
	int life, slot;
	sigjmp_buf back;		/* from a fault of our own */
};

static __thread struct worker *me;
static pid_t life_pid;

static void on_signal(int sig)
{
	if (sig != SIGSEGV && sig != SIGBUS)
		return;
	if (!me || getpid() != life_pid)
		_exit(4);	/* would fault for ever; a call's child would be a worker more */
	siglongjmp(me->back, 1);
}

/* An alarm often enough that no call sleeps for long; every signal has a handler. */
static void put_right(void)
{
	struct itimerval often = { .it_interval.tv_usec = 10000, .it_value.tv_usec = 10000 };
	struct sigaction act = { .sa_handler = on_signal, .sa_flags = SA_NODEFER };
	sigset_t none;

	for (int sig = 1; sig < 32; sig++)
		sigaction(sig, &act, NULL);
	sigemptyset(&none);
	pthread_sigmask(SIG_SETMASK, &none, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
}

static const struct call *draw_call(struct draw *d)
{
	int r = (int)draw_below(d, (unsigned int)total_weight);
	const struct call *c = calls;

	while (only && strcmp(c->name, only))
		c++;
	while (!only && (r -= c->weight) >= 0)
		c++;
	return c;
}

static void make_call(struct worker *w, const struct call *c)
{
	uint64_t args[6] = { 0 };
	long ret;

	for (int i = 0; i < 6 && c->args[i] != END; i++)
		args[i] = args_draw(&w->draw, c->args[i], w->slot);
	if (only_life != ~0UL)
		dprintf(2, "%d.%d %s(%lx, %lx, %lx, %lx, %lx, %lx)\n", getpid(), w->slot, c->name,
			args[0], args[1], args[2], args[3], args[4], args[5]);
	__atomic_add_fetch(&shared->calls[w->life], 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(&shared->made[c - calls], 1, __ATOMIC_RELAXED);
	ret = raw(c->nr, args);
	if (ret >= 0 || ret < -4095)
		__atomic_add_fetch(&shared->succeeded[c - calls], 1, __ATOMIC_RELAXED);
	if (c->how == SPOILS)
		put_right();
}

/* A child makes the call, whatever becomes of it; if it goes on, it makes a few more. */
static void make_call_apart(struct worker *w, const struct call *c)
{
	const uint64_t none[6] = { 0 };
	long pid;

	if (draw_below(&w->draw, 4))
		return;
	pid = raw(SYS_fork, none);
	if (pid)
		return;
	make_call(w, c);
	for (int i = 0; i < 3; i++) {
		c = draw_call(&w->draw);
		if (c->how != APART)
			make_call(w, c);
	}
	raw(SYS_exit_group, none);
}

static void *work(void *arg)
{
	struct worker *w = arg;

	me = w;
	put_right();
	for (volatile int i = 0; i < CALLS_PER_THREAD; i++) {
		const struct call *c;

		if (sigsetjmp(w->back, 0))
			continue;
		c = draw_call(&w->draw);
		if (c->how == APART)
			make_call_apart(w, c);
		else
			make_call(w, c);
		if (i % 64 == 63)
			while (waitpid(-1, NULL, WNOHANG) > 0)
				;
	}
	return NULL;
}

/* Files, a pipe, directories and devices at descriptors 3 and up. */
static void open_things(void)
{
	int fds[2];

	mkdir("dir", 0755);
	mkfifo("fifo", 0644);
	for (int i = 0; i < 3; i++) {
		int fd = open(i ? "a" : "b", O_RDWR | O_CREAT, 0644);

		if (write(fd, calls, 5000) != 5000)
			_exit(3);
	}
	(void)!open("fifo", O_RDWR | O_NONBLOCK);
	(void)!open(".", O_RDONLY | O_DIRECTORY);
	(void)!open("/dev/null", O_RDWR);
	(void)!open("/dev/zero", O_RDWR);
	(void)!open("/proc/self/maps", O_RDONLY);
	if (pipe(fds) || pipe2(fds, O_NONBLOCK) || symlink("a", "link"))
		_exit(3);
}

static void enter_directory(uint64_t life)
{
	char name[32];

	snprintf(name, sizeof(name), "/tmp/sysfuzz/%lu", life);
	if (mkdir(name, 0755) || chdir(name))
		_exit(3);
}

static void live(uint64_t life)
{
	static struct worker workers[THREADS];
	const struct rlimit as = { 48 << 20, 48 << 20 };
	struct draw draw = { seed * 0x9e3779b97f4a7c15UL + life };
	int nr_threads = 1 + (int)draw_below(&draw, THREADS);
	pthread_t thread;

	life_pid = getpid();
	setsid();
	close(0);
	enter_directory(life);
	setrlimit(RLIMIT_AS, &as);
	for (int fd = 3; fd < 16; fd++)
		close(fd);
	open_things();
	args_init();
	for (int i = 0; i < nr_threads; i++) {
		workers[i].draw.state = draw64(&draw);
		workers[i].life = (int)(life % LIVES);
		workers[i].slot = i;
	}
	for (int i = 1; i < nr_threads; i++)
		pthread_create(&thread, NULL, work, &workers[i]);
	work(&workers[0]);
	_exit(0);
}

/* ---- the supervisor ---- */

/* Every process there is. */
static int all_pids(int *pids)
{
	DIR *dir = opendir("/proc");
	struct dirent *e;
	int n = 0;

	while (dir && (e = readdir(dir)))
		if (atoi(e->d_name) > 0 && n < MAX_PIDS)
			pids[n++] = atoi(e->d_name);
	if (dir)
		closedir(dir);
	return n;
}

static bool was_there(int pid)
{
	for (int i = 0; i < nr_begin; i++)
		if (begin_pids[i] == pid)
			return true;
	return pid == getpid();
}

/* End what lives have left behind, until it is gone. Return: false if it will not go. */
static bool kill_rest(void)
{
	int pids[MAX_PIDS], left = 1;

	for (int try = 0; left && try < 2000; try++) {
		int n = all_pids(pids);

		left = 0;
		for (int i = 0; i < n; i++) {
			if (was_there(pids[i]))
				continue;
			kill(pids[i], SIGKILL);
			left++;
		}
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (left)
			usleep(5000);
	}
	if (left)
		printf("sysfuzz: %d processes do not end\n", left);
	return !left;
}

static void remove_tree(const char *path)
{
	char inner[4096];
	DIR *dir = opendir(path);
	struct dirent *e;

	while (dir && (e = readdir(dir))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		snprintf(inner, sizeof(inner), "%s/%s", path, e->d_name);
		if (e->d_type == DT_DIR)
			remove_tree(inner);
		else if (unlink(inner))
			perror(inner);
	}
	if (dir)
		closedir(dir);
	if (rmdir(path))
		perror(path);
}

/*
 * ".." behind a link to "." leads a step up, out of a life's directory: what was made
 * there goes with the rest, by the names that calls use.
 */
static void look_outside(bool note)
{
	static const char *const dirs[] = { "/tmp", "" };
	static const char *const made[] = { "a", "b", "c", "d", "dir", "link", "fifo", "none" };
	static bool was_there_first[2][8];
	char path[32];
	struct stat st;

	for (int i = 0; i < 2; i++) {
		for (int k = 0; k < 8; k++) {
			snprintf(path, sizeof(path), "%s/%s", dirs[i], made[k]);
			if (lstat(path, &st))
				continue;
			if (note)
				was_there_first[i][k] = true;
			else if (was_there_first[i][k])
				continue;
			else if (S_ISDIR(st.st_mode))
				remove_tree(path);
			else if (unlink(path))
				perror(path);
		}
	}
}

struct tally {
	uint64_t lives, by_signal, stuck;
};

/* What became of a life. Return: whether it is over. */
static bool look_at(pid_t pid, struct tally *t)
{
	int status;

	if (waitpid(pid, &status, WNOHANG | WUNTRACED) != pid)
		return false;
	if (WIFSTOPPED(status)) {
		kill(-pid, SIGCONT);
		kill(pid, SIGCONT);
		return false;
	}
	t->by_signal += WIFSIGNALED(status);
	return true;
}

/* Wait for the lives of a round, and kill those that stand still. */
static void watch(pid_t *pids, struct tally *t)
{
	uint64_t seen[LIVES] = { 0 };
	int still[LIVES] = { 0 }, running = LIVES;

	while (running) {
		usleep(10000);
		for (int i = 0; i < LIVES; i++) {
			uint64_t now = __atomic_load_n(&shared->calls[i], __ATOMIC_RELAXED);

			if (!pids[i])
				continue;
			if (look_at(pids[i], t)) {
				pids[i] = 0;
				running--;
				continue;
			}
			still[i] = now == seen[i] ? still[i] + 10 : 0;
			seen[i] = now;
			if (still[i] >= STUCK_MS) {
				kill(pids[i], SIGKILL);
				t->stuck += still[i] == STUCK_MS;
			}
		}
	}
}

static uint64_t calls_made(void)
{
	uint64_t sum = 0;

	for (int i = 0; i < LIVES; i++)
		sum += shared->calls[i];
	return sum;
}

/* Segments of shared memory belong to nobody: they outlive who made them. */
static void remove_segments(void)
{
	FILE *list = fopen("/proc/sysvipc/shm", "r");
	char line[512];
	int id;

	while (list && fgets(line, sizeof(line), list))
		if (sscanf(line, "%*d %d", &id) == 1 && shmctl(id, IPC_RMID, NULL))
			perror("shmctl");
	if (list)
		fclose(list);
}

static bool round_of_lives(uint64_t first, struct tally *t)
{
	pid_t pids[LIVES];
	bool good;

	if (mkdir("/tmp/sysfuzz", 0755))
		perror("/tmp/sysfuzz");
	for (int i = 0; i < LIVES; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			live(first + (uint64_t)i);
		if (pids[i] < 0) {
			perror("fork");
			return false;
		}
		t->lives++;
	}
	watch(pids, t);
	good = kill_rest();
	remove_tree("/tmp/sysfuzz");
	look_outside(false);
	remove_segments();
	return good;
}

static void print_tally(const struct tally *t)
{
	int n = 0;

	printf("sysfuzz: seed %lu: %lu calls in %lu lives, %lu ended by a signal, %lu stood still\n",
	       seed, calls_made(), t->lives, t->by_signal, t->stuck);
	printf("sysfuzz: never successful:");
	for (int i = 0; i < nr_calls; i++)
		if (shared->made[i] && !shared->succeeded[i]) {
			printf(" %s", calls[i].name);
			n++;
		}
	printf("%s\n", n ? "" : " none");
	fflush(stdout);
}

/* The kernel's checks around everything; no such device: somebody else's kernel. */
static void tell_checks(const char *word)
{
	int fd = open("/dev/check", O_WRONLY);

	if (fd < 0 || write(fd, word, strlen(word)) < 0)
		fprintf(stderr, "sysfuzz: /dev/check: %s\n", strerror(errno));
	close(fd);
}

/* Everybody's pages come back, so that what is in swap afterwards is nobody's. */
static void end_swap(void)
{
	if (swapoff("/dev/ram0"))
		perror("sysfuzz: swapoff");
}

static uint64_t wanted = 10000;

static void options(int argc, char **argv)
{
	for (int i = 1; i + 1 < argc; i += 2) {
		if (!strcmp(argv[i], "--seed"))
			seed = strtoul(argv[i + 1], NULL, 0);
		else if (!strcmp(argv[i], "--calls"))
			wanted = strtoul(argv[i + 1], NULL, 0);
		else if (!strcmp(argv[i], "--life"))
			only_life = strtoul(argv[i + 1], NULL, 0);
		else if (!strcmp(argv[i], "--only"))
			only = argv[i + 1];
	}
	for (int i = 0; i < nr_calls; i++)
		total_weight += calls[i].weight;
}

int main(int argc, char **argv)
{
	struct tally tally = { 0 };
	bool good = true;

	options(argc, argv);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		      -1, 0);
	if (shared == MAP_FAILED)
		return 2;
	nr_begin = all_pids(begin_pids);
	mkdir("/tmp", 0755);
	look_outside(true);
	if (only_life != ~0UL) {
		mkdir("/tmp/sysfuzz", 0755);
		live(only_life);
	}
	/* One round first: what is made once and kept is no leak; what is locked is not swapped. */
	good = round_of_lives(0, &tally);
	mlockall(MCL_CURRENT);
	print_tally(&tally);
	tell_checks("begin");
	for (uint64_t life = LIVES; good && calls_made() < wanted; life += LIVES)
		good = round_of_lives(life, &tally);
	end_swap();
	tell_checks("end");
	print_tally(&tally);
	return !good;
}
