/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user/bench_task.c - system calls, processes, threads, and how they talk; see user/bench.c
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "user/bench.h"

#define FUTEX_WAIT_PRIVATE 128
#define FUTEX_WAKE_PRIVATE 129

static long null_call(void)
{
	start();
	for (int i = 0; i < 1000; i++)
		syscall(SYS_getppid);
	stop();
	return 1000;
}

static long fork_wait(void)
{
	start();
	for (int i = 0; i < 10; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		if (pid < 0 || !reap(pid))
			return FAIL;
	}
	stop();
	return 10;
}

static long fork_16_mib(void)
{
	char *p = map(16 * MIB);
	pid_t pid;

	if (!p)
		return FAIL;
	touch(p, 16 * MIB);
	start();
	pid = fork();
	if (pid == 0)
		_exit(0);
	if (pid < 0 || !reap(pid))
		return FAIL;
	stop();
	munmap(p, 16 * MIB);
	return 1;
}

static long exec_with(pid_t (*make)(void))
{
	start();
	for (int i = 0; i < 10; i++) {
		pid_t pid = make();

		if (pid == 0) {
			execl(program, program, "exit", NULL);
			_exit(1);
		}
		if (pid < 0 || !reap(pid))
			return FAIL;
	}
	stop();
	return 10;
}

static long fork_exec_wait(void) { return exec_with(fork); }
static long vfork_exec_wait(void) { return exec_with(vfork); }

static void *thread_nothing(void *arg)
{
	return arg;
}

static long thread_create(void)
{
	pthread_t t;

	start();
	for (int i = 0; i < 100; i++)
		if (pthread_create(&t, NULL, thread_nothing, NULL) || pthread_join(t, NULL))
			return FAIL;
	stop();
	return 100;
}

static long pipe_round_trip(void)
{
	int there[2], back[2];
	char c = 0;
	pid_t pid;

	if (pipe(there) || pipe(back))
		return FAIL;
	pid = fork();
	if (pid == 0) {
		for (int i = 0; i < 101; i++)
			if (read(there[0], &c, 1) != 1 || write(back[1], &c, 1) != 1)
				_exit(1);
		_exit(0);
	}
	if (pid < 0)
		return FAIL;
	if (write(there[1], &c, 1) != 1 || read(back[0], &c, 1) != 1)
		return FAIL;
	start();
	for (int i = 0; i < 100; i++)
		if (write(there[1], &c, 1) != 1 || read(back[0], &c, 1) != 1)
			return FAIL;
	stop();
	for (int i = 0; i < 2; i++) {
		close(there[i]);
		close(back[i]);
	}
	return reap(pid) ? 100 : FAIL;
}

/* Two threads hand one word to and fro: whoever finds its value goes on. */
static volatile int turn;

static void take_turn(int mine)
{
	while (turn != mine)
		syscall(SYS_futex, &turn, FUTEX_WAIT_PRIVATE, !mine, NULL, NULL, 0);
	turn = !mine;
	syscall(SYS_futex, &turn, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void *futex_partner(void *arg)
{
	for (int i = 0; i < 101; i++)
		take_turn(1);
	return arg;
}

static long futex_round_trip(void)
{
	pthread_t t;

	turn = 0;
	if (pthread_create(&t, NULL, futex_partner, NULL))
		return FAIL;
	take_turn(0);
	start();
	for (int i = 0; i < 100; i++)
		take_turn(0);
	stop();
	return pthread_join(t, NULL) ? FAIL : 100;
}

/* Two processes on one CPU give way to each other: two switches a round. */
static long yield_round(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		for (int i = 0; i < 210; i++)
			sched_yield();
		_exit(0);
	}
	if (pid < 0)
		return FAIL;
	sched_yield();
	start();
	for (int i = 0; i < 200; i++)
		sched_yield();
	stop();
	return reap(pid) ? 200 : FAIL;
}

/* 64 KiB at a time, read by ourselves: the copies, not the switches. */
static long pipe_page(void)
{
	static char block[16 * PAGE];
	int p[2];

	if (pipe(p))
		return FAIL;
	start();
	for (int i = 0; i < 16; i++)
		if (write(p[1], block, sizeof(block)) != sizeof(block) ||
		    read(p[0], block, sizeof(block)) != sizeof(block))
			return FAIL;
	stop();
	close(p[0]);
	close(p[1]);
	return 16 * 16;
}

static volatile int signals;

static void on_signal(int sig)
{
	signals += sig == SIGUSR1;
}

static long signal_self(void)
{
	pid_t self = getpid();

	signal(SIGUSR1, on_signal);
	signals = 0;
	start();
	for (int i = 0; i < 100; i++)
		kill(self, SIGUSR1);
	stop();
	return signals == 100 ? 100 : FAIL;
}

const struct operation task_operations[] = {
	{ "null_call", null_call },
	{ "fork_wait", fork_wait },
	{ "fork_16_mib", fork_16_mib },
	{ "fork_exec_wait", fork_exec_wait },
	{ "vfork_exec_wait", vfork_exec_wait },
	{ "thread_create", thread_create },
	{ "pipe_round_trip", pipe_round_trip },
	{ "futex_round_trip", futex_round_trip },
	{ "yield_round", yield_round },
	{ "pipe_page", pipe_page },
	{ "signal_self", signal_self },
	{ 0 }
};
