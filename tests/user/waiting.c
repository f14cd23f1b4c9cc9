/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/user/waiting.c - waitid, select, pselect, ppoll, poll and stops, clone3,
 * close_range, RLIMIT_NOFILE, and forks while their group is told to end
 */
#include "tests/user/test.h"

#include <poll.h>
#include <sys/select.h>

static const char *code_name(int code)
{
	return code == CLD_EXITED ? "exited" : code == CLD_KILLED ? "killed" :
	       code == CLD_STOPPED ? "stopped" : code == CLD_CONTINUED ? "continued" : "?";
}

static void show_waitid(const char *what, idtype_t type, pid_t id, int options)
{
	siginfo_t si = { .si_signo = 77, .si_code = 77 };
	int ret = waitid(type, id, &si, options);

	if (ret)
		printf("%s: -%s\n", what, errno_name(errno));
	else if (!si.si_signo)
		printf("%s: nothing, pid %d code %d\n", what, si.si_pid, si.si_code);
	else
		printf("%s: signo %d %s %d, uid %d\n", what, si.si_signo, code_name(si.si_code),
		       si.si_status, si.si_uid);
}

static void test_waitid(void)
{
	pid_t pid;

	show_waitid("no child", P_ALL, 0, WEXITED);
	show_waitid("no options", P_ALL, 0, 0);
	show_waitid("only WNOHANG", P_ALL, 0, WNOHANG);
	show_waitid("unknown option", P_ALL, 0, WEXITED | 0x100);
	show_waitid("unknown type", 17, 0, WEXITED);
	show_waitid("pid 0", P_PID, 0, WEXITED);
	show_waitid("pid -1", P_PID, -1, WEXITED);
	fflush(stdout);
	pid = fork();
	if (!pid)
		for (;;)
			pause();
	show_waitid("alive", P_PID, pid, WEXITED | WNOHANG);
	show_waitid("another group", P_PGID, 12345, WEXITED | WNOHANG);
	show_waitid("our group", P_PGID, 0, WEXITED | WNOHANG);
	kill(pid, SIGSTOP);
	show_waitid("stopped, looked at", P_PID, pid, WSTOPPED | WNOWAIT);
	show_waitid("stopped", P_ALL, 0, WSTOPPED);
	show_waitid("once only", P_ALL, 0, WSTOPPED | WNOHANG);
	kill(pid, SIGCONT);
	show_waitid("continued", P_PGID, 0, WCONTINUED);
	kill(pid, SIGKILL);
	show_waitid("killed, looked at", P_PID, pid, WEXITED | WNOWAIT);
	show_waitid("killed, stops only", P_PID, pid, WSTOPPED | WNOHANG);
	show_waitid("killed", P_PID, pid, WEXITED);
	show_waitid("gone", P_PID, pid, WEXITED);
	pid = fork();
	if (!pid)
		_exit(300);
	show_waitid("exit 300", P_PID, pid, WEXITED);
	pid = fork();
	if (!pid)
		_exit(1);
	SHOW(waitid(P_PID, pid, NULL, WEXITED));
	pid = fork();
	if (!pid)
		_exit(1);
	SHOW(syscall(SYS_waitid, P_PID, pid, (void *)8, WEXITED, NULL));
	SHOW(syscall(SYS_waitid, P_PID, pid, NULL, WEXITED, NULL));
}

static void test_select(void)
{
	struct timeval tv = { 0 };
	fd_set in, out;
	int fd[2];

	SHOW(pipe(fd));
	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_SET(fd[0], &in);
	FD_SET(fd[1], &out);
	SHOW(select(fd[1] + 1, &in, &out, NULL, &tv));
	HOLDS(!FD_ISSET(fd[0], &in) && FD_ISSET(fd[1], &out));
	FD_SET(fd[0], &in);
	SHOW(write(fd[1], "x", 1));
	SHOW(select(fd[1] + 1, &in, &out, NULL, NULL));
	FD_ZERO(&in);
	FD_SET(fd[0], &in);
	SHOW(select(fd[0] + 1, &in, NULL, NULL, NULL));
	HOLDS(FD_ISSET(fd[0], &in));
	SHOW(select(fd[0], &in, NULL, NULL, &tv));
	tv.tv_usec = 20000;
	SHOW(select(0, NULL, NULL, NULL, &tv));
	tv.tv_usec = -1;
	SHOW(select(0, NULL, NULL, NULL, &tv));
	SHOW(select(-1, NULL, NULL, NULL, NULL));
	SHOW(syscall(SYS_select, fd[1] + 1, (void *)8, NULL, NULL, NULL));
	tv.tv_usec = 0;
	FD_ZERO(&in);
	FD_SET(fd[0], &in);
	close(fd[0]);
	SHOW(select(fd[0] + 1, &in, NULL, NULL, &tv));
	close(fd[1]);
}

static volatile int rang;

static void on_signal(int sig)
{
	rang++;
}

/* The mask of a wait lets a blocked signal in, and is gone afterwards. */
static void test_masks(void)
{
	struct sigaction act = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	struct timespec ts = { 0, 1000000 }, long_time = { 50, 0 };
	sigset_t block, none, now;
	int fd[2];

	SHOW(pipe(fd));
	struct pollfd p = { .fd = fd[0], .events = POLLIN };
	sigaction(SIGUSR1, &act, NULL);
	sigemptyset(&none);
	sigemptyset(&block);
	sigaddset(&block, SIGUSR1);
	sigprocmask(SIG_BLOCK, &block, NULL);
	raise(SIGUSR1);
	printf("blocked, rang %d\n", rang);
	SHOW(ppoll(&p, 1, &ts, NULL));
	SHOW(ppoll(&p, 1, &ts, &block));
	printf("without the mask, rang %d\n", rang);
	SHOW(ppoll(&p, 1, &long_time, &none));
	printf("ppoll, rang %d\n", rang);
	raise(SIGUSR1);
	SHOW(pselect(0, NULL, NULL, NULL, &long_time, &none));
	printf("pselect, rang %d\n", rang);
	sigprocmask(SIG_BLOCK, NULL, &now);
	HOLDS(sigismember(&now, SIGUSR1));
	raise(SIGUSR1);
	SHOW(write(fd[1], "x", 1));
	SHOW(ppoll(&p, 1, NULL, &none));
	printf("ready first, rang %d\n", rang);
	sigprocmask(SIG_SETMASK, &none, NULL);
	printf("unblocked, rang %d\n", rang);
	SHOW(syscall(SYS_ppoll, &p, 1, NULL, &none, 4));
	SHOW(syscall(SYS_ppoll, &p, 1, NULL, (void *)8, 8));
	ts.tv_nsec = 1000000000;
	SHOW(ppoll(&p, 1, &ts, NULL));
	close(fd[0]);
	close(fd[1]);
}

/* A child in poll is stopped and goes on: to it, nothing has happened. */
static void test_poll_survives_a_stop(void)
{
	int fd[2], status, report[2];
	pid_t pid;
	char c;

	SHOW(pipe(fd));
	SHOW(pipe(report));
	fflush(stdout);
	pid = fork();
	if (!pid) {
		struct pollfd p = { .fd = fd[0], .events = POLLIN };
		struct timeval tv = { 20, 0 };
		fd_set in;

		(void)!write(report[1], "a", 1);
		printf("poll over a stop: %d\n", poll(&p, 1, 20000));
		(void)!read(fd[0], &c, 1);
		FD_ZERO(&in);
		FD_SET(fd[0], &in);
		(void)!write(report[1], "b", 1);
		printf("select over a stop: %d\n", select(fd[0] + 1, &in, NULL, NULL, &tv));
		fflush(stdout);
		_exit(0);
	}
	for (int i = 0; i < 2; i++) {
		SHOW(read(report[0], &c, 1));
		pause_ms(20);		/* it is in its wait, most likely */
		kill(pid, SIGSTOP);
		waitpid(pid, &status, WUNTRACED);
		HOLDS(WIFSTOPPED(status));
		kill(pid, SIGCONT);
		pause_ms(20);
		fflush(stdout);
		(void)!write(fd[1], "x", 1);
	}
	printf("child: %s\n", wait_text(pid));
}

struct args3 {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
	uint64_t set_tid, set_tid_size, cgroup, more[2];
};

static long clone3(struct args3 *a, size_t size)
{
	long pid;

	fflush(stdout);
	pid = syscall(SYS_clone3, a, size);
	if (pid == 0)
		_exit(signal(SIGUSR1, SIG_DFL) == SIG_DFL ? 5 : 6);
	if (pid > 0) {
		printf("child: %s\n", wait_text((pid_t)pid));
		return 1;
	}
	return pid;
}

static void test_clone3(void)
{
	struct args3 a = { .exit_signal = SIGCHLD };

	SHOW(clone3(&a, 64));
	SHOW(clone3(&a, 88));
	SHOW(clone3(&a, sizeof(a)));
	SHOW(clone3(&a, 63));
	SHOW(clone3(&a, 5000));
	a.more[1] = 1;
	SHOW(clone3(&a, sizeof(a)));
	a.more[1] = 0;
	a.flags = 0x100000000;		/* CLONE_CLEAR_SIGHAND */
	SHOW(clone3(&a, 88));
	a.flags = SIGCHLD;
	SHOW(clone3(&a, 88));
	a.flags = 0;
	a.exit_signal = 65;
	SHOW(clone3(&a, 88));
	a.exit_signal = SIGCHLD;
	a.stack_size = 4096;
	SHOW(clone3(&a, 88));
	a.stack_size = 0;
	a.stack = 4096;
	SHOW(clone3(&a, 88));
	SHOW(clone3((void *)8, 88));
}

static void test_descriptors(void)
{
	struct rlimit was, rl;
	int fd[2];

	getrlimit(RLIMIT_NOFILE, &was);
	SHOW(fcntl(0, F_DUPFD, 20) == 20);
	SHOW(fcntl(0, F_DUPFD, 25) == 25);
	SHOW(fcntl(0, F_DUPFD, 30) == 30);
	SHOW(syscall(SYS_close_range, 26, 20, 0));
	SHOW(syscall(SYS_close_range, 20, 29, 8));
	SHOW(syscall(SYS_close_range, 20, 29, 4));
	SHOW(fcntl(25, F_GETFD));
	SHOW(fcntl(30, F_GETFD));
	SHOW(syscall(SYS_close_range, 20, 29, 0));
	SHOW(fcntl(25, F_GETFD));
	SHOW(fcntl(30, F_GETFD));
	SHOW(syscall(SYS_close_range, 3, ~0U, 2));
	SHOW(fcntl(30, F_GETFD));
	rl = was;
	rl.rlim_cur = 5;
	SHOW(setrlimit(RLIMIT_NOFILE, &rl));
	SHOW(dup(0));
	SHOW(dup(0));
	SHOW(dup(0));
	SHOW(dup2(0, 5));
	SHOW(fcntl(0, F_DUPFD, 5));
	SHOW(open("/dev/null", O_RDONLY));
	SHOW(pipe(fd));
	close(4);
	SHOW(pipe(fd));
	SHOW(dup(0));
	struct pollfd p[6] = { { .fd = -1 }, { .fd = -1 }, { .fd = -1 }, { .fd = -1 }, { .fd = -1 },
			       { .fd = -1 } };
	SHOW(poll(p, 5, 0));
	SHOW(poll(p, 6, 0));
	setrlimit(RLIMIT_NOFILE, &was);
	SHOW(dup(0));
	SHOW(syscall(SYS_close_range, 3, 9, 0));
}

static void end_at_once(int sig)
{
	_exit(0);
}

/* Nobody of a group that forks all the time survives a signal to the group. */
static void test_fork_misses_no_group_signal(void)
{
	int survivors = 0, alive[2];
	char c;

	fflush(stdout);
	for (int round = 0; round < 40 && !survivors; round++) {
		pid_t pid;

		if (pipe(alive))
			return;
		pid = fork();
		if (!pid) {
			setpgid(0, 0);
			signal(SIGTERM, end_at_once);
			(void)!write(alive[1], "x", 1);
			for (int i = 0; i < 100; i++)
				if (!syscall(SYS_fork))		/* the library's blocks signals */
					break;
			for (;;)
				pause();
		}
		(void)!read(alive[0], &c, 1);
		close(alive[1]);
		for (volatile int i = 0; i < round * 2000; i++)
			;
		kill(-pid, SIGTERM);
		waitpid(pid, NULL, 0);
		/* who lives has the pipe open still */
		struct pollfd p = { .fd = alive[0], .events = POLLIN };
		while (poll(&p, 1, 10000) > 0 && read(alive[0], &c, 1) > 0)
			;
		if (!(p.revents & POLLHUP)) {
			survivors++;
			kill(-pid, SIGKILL);
		}
		close(alive[0]);
	}
	printf("groups with survivors: %d\n", survivors);
}

/* What the group was sent before the fork began, and the parent has blocked, is not the child's. */
static void test_blocked_before_fork(void)
{
	sigset_t set, old, pending;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, &old);
	setpgid(0, 0);
	kill(0, SIGUSR2);
	IN_CHILD("child of who blocks", sigpending(&pending);
		 HOLDS(sigismember(&pending, SIGUSR2)));
	sigpending(&pending);
	HOLDS(sigismember(&pending, SIGUSR2));
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	test_waitid();
	test_select();
	test_masks();
	test_poll_survives_a_stop();
	test_clone3();
	test_descriptors();
	test_fork_misses_no_group_signal();
	IN_CHILD("blocked before a fork", test_blocked_before_fork());
	return 0;
}
