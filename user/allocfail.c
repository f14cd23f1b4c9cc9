/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user/allocfail.c - runs a program again and again, another allocation failing each time
 *
 * Concept    What ktest.sweep= is for tests inside the kernel (kernel/test/sweep.c), for
 *            programs: of the allocations that the kernel makes for the program and its
 *            children, the first fails, then the second ... until none is left to fail.
 *            The program may say what it likes, fail, or be killed; but it must end or be
 *            killable, the kernel must go on, and nothing may stay in use that was not before.
 *
 *            Behind number DENSE the numbers leave gaps, which grow; but the first
 *            allocation that the kernel comes to in a way of its own fails, too. Where one
 *            leaks, the console shows the calls that led to it.
 * Usage      allocfail [-r RUNS] [-s SEED] PROGRAM...
 *            -r: so many runs of each, their numbers drawn from SEED
 * Callers    people, tests/boot.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "include/uapi/lockstep/plant.h"

#define DENSE 64
#define SECONDS 3			/* until a program that waits for ever is killed */

static int plant;

struct outcome {
	unsigned long runs, passed, refused, killed, stuck;
	bool leaked, fired;		/* the last run */
};

static void nap(long ms)
{
	nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
}

/* What is in use, when as little as @before is in use again or the kernel gives up. */
static struct plant_levels levels(struct plant_levels before)
{
	if (ioctl(plant, PLANT_LEVELS, &before)) {
		perror("allocfail: PLANT_LEVELS");
		exit(2);
	}
	return before;
}

/* Start it, with allocation @nth failing, in a group of its own and silent. */
static pid_t start(const char *path, unsigned long nth)
{
	struct plant_sweep sweep = { .nth = nth };
	pid_t pid = fork();
	int null;

	if (pid < 0) {
		perror("allocfail: fork");
		exit(2);
	}
	if (pid)
		return pid;
	setpgid(0, 0);
	null = open("/dev/null", O_RDWR);
	if (chdir("/tmp"))
		_exit(126);
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	if (ioctl(plant, PLANT_SWEEP_BEGIN, &sweep))
		_exit(126);
	execl(path, path, (char *)NULL);
	_exit(127);			/* perhaps its very allocation failed */
}

/*
 * Wait for its end. One whose thread could not be made may wait for it for ever, which is
 * its own affair; but it must die when it is killed: if not, so do we not end.
 * Return: whether it ended by itself.
 */
static bool finish(pid_t pid, int *status)
{
	bool ended = false;

	for (int ms = 0; ms < SECONDS * 1000 && !ended; ms += ms < 100 ? 1 : 10) {
		ended = waitpid(pid, status, WNOHANG) == pid;
		if (!ended)
			nap(ms < 100 ? 1 : 10);
	}
	kill(-pid, SIGKILL);		/* and children that it has left */
	if (!ended)
		waitpid(pid, status, 0);
	return ended;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *at)
{
	(void)st;
	(void)flag;
	return at->level ? remove(path) : 0;
}

/* What a program leaves that was killed before it had cleaned up: children, and files. */
static void clear_away(const char *path)
{
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	DIR *proc = opendir("/proc");
	struct dirent *d;

	while (proc && (d = readdir(proc))) {
		char file[300], line[64] = "";
		FILE *f;

		snprintf(file, sizeof(file), "/proc/%s/comm", d->d_name);
		f = isdigit((unsigned char)*d->d_name) ? fopen(file, "r") : NULL;
		if (f && fgets(line, sizeof(line), f) && !strncmp(line, name, strlen(name)) &&
		    line[strlen(name)] == '\n')
			kill(atoi(d->d_name), SIGKILL);
		if (f)
			fclose(f);
	}
	if (proc)
		closedir(proc);
	nftw("/tmp", remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static bool same_levels(struct plant_levels before)
{
	struct plant_levels now = levels(before);

	if (now.frames <= before.frames && now.objects <= before.objects &&
	    now.ranges <= before.ranges && now.slots <= before.slots &&
	    now.promised <= before.promised)
		return true;
	printf("# more than before: frames %+ld, objects %+ld, ranges %+ld, slots %+ld, promised %+ld\n",
	       (long)(now.frames - before.frames), (long)(now.objects - before.objects),
	       (long)(now.ranges - before.ranges), (long)(now.slots - before.slots),
	       (long)(now.promised - before.promised));
	return false;
}

/* One run: how it ended is counted in @o. Return: what the kernel says of it. */
static struct plant_sweep run(const char *path, unsigned long nth, struct outcome *o)
{
	struct plant_levels before = levels((struct plant_levels){ -1, -1, -1, -1, -1 });
	struct plant_sweep sweep = { 0 };
	pid_t pid = start(path, nth);
	int status = 0;

	o->stuck += !finish(pid, &status);
	clear_away(path);
	if (ioctl(plant, PLANT_SWEEP_END, &sweep)) {
		perror("allocfail: PLANT_SWEEP_END");
		exit(2);
	}
	o->fired = sweep.fired;
	o->runs++;
	o->passed += WIFEXITED(status) && !WEXITSTATUS(status);
	o->refused += WIFEXITED(status) && WEXITSTATUS(status);
	o->killed += WIFSIGNALED(status);
	o->leaked = !same_levels(before);
	return sweep;
}

/* Which allocation comes behind the one of @last. */
static unsigned long advance(const struct plant_sweep *last)
{
	unsigned long next = last->nth + 1;

	if (next > DENSE)
		next += next / 8;
	return last->next && last->next < next ? last->next : next;
}

static bool sweep(const char *path, unsigned long runs)
{
	struct outcome o = { 0 };
	struct plant_sweep all = run(path, 0, &o), last = all;

	do {
		unsigned long nth = runs ? 1 + (unsigned long)rand() % (all.uses + 1) :
					   advance(&last);

		/* Tables and caches grow now and then; a leak grows each time. */
		for (int try = 0; !try || (o.leaked && try < 4); try++)
			last = run(path, nth, &o);
	} while (!o.leaked && (runs ? o.runs <= runs : o.fired));
	printf("%s %s: %lu allocations in %lu ways, %lu runs: %lu passed, %lu failed, "
	       "%lu were killed, %lu of them stuck\n", o.leaked ? "not ok" : "ok", path,
	       (unsigned long)all.uses, (unsigned long)all.paths, o.runs, o.passed, o.refused,
	       o.killed, o.stuck);
	if (o.leaked) {
		printf("# allocation %lu leaks\n", (unsigned long)last.nth);
		ioctl(plant, PLANT_SWEEP_WHERE);
	}
	return !o.leaked;
}

static int usage(void)
{
	fprintf(stderr, "usage: allocfail [-r RUNS] [-s SEED] PROGRAM...\n");
	return 2;
}

int main(int argc, char **argv)
{
	unsigned long runs = 0;
	bool ok = true;
	int opt;

	setvbuf(stdout, NULL, _IOLBF, 0);
	while ((opt = getopt(argc, argv, "r:s:")) != -1) {
		if (opt == 'r')
			runs = strtoul(optarg, NULL, 0);
		else if (opt == 's')
			srand((unsigned int)strtoul(optarg, NULL, 0));
		else
			return usage();
	}
	if (optind == argc)
		return usage();
	plant = open("/dev/plant", O_RDWR | O_CLOEXEC);
	if (plant < 0) {
		perror("allocfail: /dev/plant");
		return 2;
	}
	for (; optind < argc; optind++)
		ok = sweep(argv[optind], runs) && ok;
	return !ok;
}
