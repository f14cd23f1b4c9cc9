/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/user/clocks.c - clocks, sleeping, limits, names, groups */
#include "tests/user/test.h"
#include <sys/random.h>
#include <sys/sysinfo.h>
#include <sys/times.h>
#include <sys/utsname.h>

static int64_t now(int clock)
{
	struct timespec ts = { 0, 0 };

	if (clock_gettime(clock, &ts))
		return -1;
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static void test_clocks(void)
{
	struct timespec ts = { .tv_nsec = 30000000 }, bad = { .tv_nsec = 1000000000 }, rem;
	int64_t t0 = now(CLOCK_MONOTONIC), last = t0, r0 = now(CLOCK_REALTIME);
	bool forward = true;
	struct timeval tv;

	for (int i = 0; i < 10000; i++) {
		int64_t t = now(CLOCK_MONOTONIC);

		forward = forward && t >= last;
		last = t;
	}
	HOLDS(forward);
	t0 = now(CLOCK_MONOTONIC);
	SHOW(nanosleep(&ts, NULL));
	HOLDS(now(CLOCK_MONOTONIC) - t0 >= 30000000);
	t0 = now(CLOCK_MONOTONIC);
	ts.tv_sec = (t0 + 40000000) / 1000000000;
	ts.tv_nsec = (t0 + 40000000) % 1000000000;
	SHOW(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL));
	HOLDS(now(CLOCK_MONOTONIC) - t0 >= 40000000);
	SHOW(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL));
	SHOW(nanosleep(&bad, &rem));
	SHOW(syscall(SYS_clock_nanosleep, 77, 0, &bad, NULL));
	SHOW(syscall(SYS_clock_gettime, 77, &ts));
	HOLDS(now(CLOCK_REALTIME) - r0 >= 70000000);
	HOLDS(r0 / 1000000000 > 1600000000);
	gettimeofday(&tv, NULL);
	HOLDS(tv.tv_sec - r0 / 1000000000 < 10);
	HOLDS(time(NULL) - tv.tv_sec <= 1);
	SHOW(clock_getres(CLOCK_MONOTONIC, &ts));
	HOLDS(now(CLOCK_PROCESS_CPUTIME_ID) > 0);
	HOLDS(now(CLOCK_THREAD_CPUTIME_ID) > 0);
	HOLDS(times(NULL) != (clock_t)-1);
}

static void test_limits(void)
{
	struct rlimit rl, set = { 100, 200 };
	struct rusage ru;

	SHOW(getrlimit(RLIMIT_NOFILE, &rl));
	SHOW(setrlimit(RLIMIT_NOFILE, &set));
	SHOW(getrlimit(RLIMIT_NOFILE, &rl));
	printf("%ld %ld\n", (long)rl.rlim_cur, (long)rl.rlim_max);
	set.rlim_cur = 300;
	SHOW(setrlimit(RLIMIT_NOFILE, &set));
	SHOW(getrlimit(99, &rl));
	SHOW(getrusage(RUSAGE_SELF, &ru));
	SHOW(getrusage(5, &ru));
}

static void test_machine(void)
{
	struct utsname un;
	struct sysinfo si;
	unsigned char a[32] = { 0 }, b[32] = { 0 };
	cpu_set_t cpus;

	SHOW(uname(&un));
	printf("machine %s\n", un.machine);
	SHOW(sysinfo(&si));
	HOLDS(si.totalram > 0 && si.freeram > 0 && si.freeram <= si.totalram && si.procs > 0);
	SHOW(getrandom(a, sizeof(a), 0));
	SHOW(getrandom(b, sizeof(b), 0));
	HOLDS(memcmp(a, b, sizeof(a)) != 0);
	CPU_ZERO(&cpus);
	HOLDS(sched_getaffinity(0, sizeof(cpus), &cpus) == 0);
	HOLDS(CPU_COUNT(&cpus) == sysconf(_SC_NPROCESSORS_ONLN));
	SHOW(sched_yield());
	SHOW(syscall(SYS_sched_getaffinity, 0, 3, &cpus));
}

static void test_groups(void)
{
	int fd[2];
	char c;

	SHOW(pipe(fd));
	IN_CHILD("session", {
		HOLDS(setsid() == getpid());
		HOLDS(getpgrp() == getpid() && getsid(0) == getpid());
		SHOW(setsid());
		SHOW(setpgid(0, 0));
		pid_t child = fork();

		if (child == 0) {
			close(fd[0]);
			HOLDS(getpgrp() == getppid());
			SHOW(setpgid(0, 0));
			HOLDS(getpgrp() == getpid());
			fflush(stdout);
			if (write(fd[1], "x", 1) != 1)
				_exit(1);
			for (;;)
				pause();
		}
		SHOW(read(fd[0], &c, 1));
		HOLDS(getpgid(child) == child);
		SHOW(setpgid(child, 999999));
		SHOW(setpgid(999999, 0));
		SHOW(setpgid(child, -1));
		SHOW(kill(-child, SIGTERM));
		printf("group killed: %s\n", wait_text(child));
		SHOW(kill(-child, SIGTERM));
		SHOW(getpgid(999999));
	});
}

/* Found by sysfuzz: such a time was multiplied before it was looked at. */
static void test_setitimer_checks_before_it_counts(void)
{
	struct itimerval it = { .it_value.tv_usec = INT64_MIN / 999 };

	SHOW(setitimer(ITIMER_REAL, &it, NULL));
	it.it_value.tv_usec = INT64_MAX / 2;
	SHOW(setitimer(ITIMER_REAL, &it, NULL));
	it.it_value.tv_usec = 1000000;
	SHOW(setitimer(ITIMER_REAL, &it, NULL));
	SHOW(getitimer(ITIMER_REAL, &it));
	HOLDS(it.it_value.tv_sec == 0 && it.it_value.tv_usec == 0);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	test_setitimer_checks_before_it_counts();
	test_clocks();
	test_limits();
	test_machine();
	test_groups();
	return 0;
}
