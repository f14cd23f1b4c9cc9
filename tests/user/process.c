/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/user/process.c - fork, exec, wait, pipes, and the errors they give */
#include "tests/user/test.h"

/* Not known to the compiler, so that it does not object to bad pointers. */
static void *volatile eight = (void *)8, *volatile minus_eight = (void *)-8;

static volatile int *volatile nowhere;
static int shared = 1;

static void test_fork(void)
{
	int fd[2], value = 5;
	char buf[64] = "";

	shared = 1;
	SHOW(pipe(fd));
	IN_CHILD("child writes to the pipe", {
		shared = 99;
		value = 77;
		dprintf(fd[1], "child sees %d %d", shared, value);
	});
	close(fd[1]);
	printf("read %d: %s\n", (int)read(fd[0], buf, sizeof(buf)), buf);
	printf("then %d\n", (int)read(fd[0], buf, sizeof(buf)));
	close(fd[0]);
	printf("parent sees %d %d\n", shared, value);
	IN_CHILD("exit 300", _exit(300));
	IN_CHILD("abort", abort());
	IN_CHILD("kill", kill(getpid(), SIGKILL); pause());
	IN_CHILD("null", *nowhere = 1);
	IN_CHILD("divide", { volatile int z = 0; z = 1 / z; });
	IN_CHILD("invalid instruction", __asm__ volatile("ud2"));
	IN_CHILD("privileged instruction", __asm__ volatile("hlt"));
	IN_CHILD("jump to nowhere", ((void (*)(void))0x123456789000)());
	IN_CHILD("non-canonical", *(volatile char *)0x8000000000000000 = 1);
}

static void test_wait(void)
{
	pid_t a, b;
	int st;

	SHOW(waitpid(-1, &st, 0));
	SHOW(waitpid(-1, &st, WNOHANG));
	SHOW(waitpid(1, &st, WNOHANG));
	SHOW(wait4(-1, &st, 0x1000, NULL));
	a = must_fork();
	if (!a)
		for (;;)
			pause();
	SHOW(waitpid(a, &st, WNOHANG));
	SHOW(waitpid(-1, &st, WNOHANG | WUNTRACED));
	kill(a, SIGSTOP);
	HOLDS(waitpid(a, &st, WUNTRACED) == a);
	printf("stopped %d by %d\n", WIFSTOPPED(st), WSTOPSIG(st));
	SHOW(waitpid(a, &st, WNOHANG | WUNTRACED));
	kill(a, SIGCONT);
	HOLDS(waitpid(a, &st, WCONTINUED) == a);
	printf("continued %d\n", WIFCONTINUED(st));
	kill(a, SIGSTOP);
	HOLDS(waitpid(a, &st, WUNTRACED) == a);
	kill(a, SIGTERM);	/* waits until it is continued */
	pause_ms(30);
	SHOW(waitpid(a, &st, WNOHANG));
	kill(a, SIGCONT);
	printf("terminated: %s\n", wait_text(a));
	a = fork();
	if (!a)
		_exit(1);
	b = fork();
	if (!b)
		_exit(2);
	HOLDS(waitpid(b, &st, 0) == b && WEXITSTATUS(st) == 2);
	HOLDS(waitpid(0, &st, 0) == a && WEXITSTATUS(st) == 1);
	SHOW(kill(a, 0));
	signal(SIGCHLD, SIG_IGN);
	a = fork();
	if (!a)
		_exit(3);
	SHOW(waitpid(a, &st, 0));
	signal(SIGCHLD, SIG_DFL);
}

static void test_orphan(void)
{
	int fd[2];
	char c = '?';

	SHOW(pipe(fd));
	IN_CHILD("parent of the orphan", {
		pid_t me = getpid();

		if (fork() == 0) {
			while (getppid() == me)
				pause_ms(1);
			c = getppid() != me ? 'y' : 'n';
			if (write(fd[1], &c, 1) != 1)
				_exit(1);
			_exit(0);
		}
	});
	close(fd[1]);
	SHOW(read(fd[0], &c, 1));
	printf("orphan has another parent: %c\n", c);
	close(fd[0]);
}

static void test_vfork(void)
{
	volatile int order = 0;
	pid_t pid = vfork();

	if (pid == 0) {
		order = 1;
		_exit(4);
	}
	printf("vfork: order %d, %s\n", order, wait_text(pid));
}

static void test_exec(char *self)
{
	static char *big[3000];
	static char text[4000];
	char path[] = "/tmp/exec-test-XXXXXX";
	char *args[] = { self, "one", "", "three", NULL }, *none[] = { NULL };
	int fd = mkstemp(path);

	setenv("EXEC_VAR", "value", 1);
	IN_CHILD("exec", { execv(self, args); });
	IN_CHILD("exec with close-on-exec", {
		char number[16];
		int keep = dup(1), lose = fcntl(1, F_DUPFD_CLOEXEC, 20);

		snprintf(number, sizeof(number), "%d", lose);
		char *check[] = { self, "fds", number, NULL };
		(void)keep;
		execv(self, check);
	});
	SHOW(execv("/no/such/file", args));
	SHOW(execv("/", args));
	SHOW(execv("/dev/null", args));
	SHOW(execv("", args));
	SHOW(execv(eight, args));
	SHOW(execve(self, eight, none));
	SHOW(execve(self, args, minus_eight));
	SHOW(execv(path, args));
	fchmod(fd, 0755);
	SHOW(write(fd, "no program", 10));
	close(fd);
	SHOW(execv(path, args));
	fd = open(path, O_WRONLY | O_TRUNC);
	dprintf(fd, "#!%s  script  argument \nignored\n", self);
	close(fd);
	IN_CHILD("script", { args[0] = path; execv(path, args); });
	unlink(path);
	memset(text, 'x', sizeof(text) - 1);
	for (int i = 0; i < 2999; i++)
		big[i] = text;
	SHOW(execv(self, big));
	for (int i = 0; i < 20; i++)
		big[i + 1] = text;
	big[0] = self;
	big[20] = NULL;
	IN_CHILD("long arguments", execv(self, big));
}

static void *exec_in_thread(void *arg)
{
	char *args[] = { arg, "thread", NULL };

	execv(arg, args);
	return NULL;
}

static void *spin(void *arg)
{
	for (;;)
		sched_yield();
	return NULL;
}

static void test_exec_thread(char *self)
{
	IN_CHILD("exec ends the other threads", {
		pthread_t t;

		for (int i = 0; i < 3; i++)
			pthread_create(&t, NULL, spin, NULL);
		pthread_create(&t, NULL, exec_in_thread, self);
		pthread_join(t, NULL);
	});
}

/* Run again by one of the above. */
static int executed(int argc, char **argv)
{
	if (!strcmp(argv[1], "fds")) {
		printf("kept %d, lost %d\n", fcntl(1, F_GETFD) >= 0,
		       fcntl(atoi(argv[2]), F_GETFD) < 0);
		return 0;
	}
	if (!strcmp(argv[1], "thread")) {
		HOLDS(getpid() == (pid_t)syscall(SYS_gettid));
		return 12;
	}
	if (strlen(argv[1]) > 1000) {
		size_t sum = 0;

		for (int i = 1; i < argc; i++)
			sum += strlen(argv[i]);
		printf("%d arguments of %zu bytes\n", argc, sum);
		return 0;
	}
	printf("argc %d:", argc);
	for (int i = 1; i < argc; i++)
		if (strncmp(argv[i], "/tmp/", 5))
			printf(" [%s]", argv[i]);
		else
			printf(" [path]");
	printf(" EXEC_VAR=%s\n", getenv("EXEC_VAR") ? getenv("EXEC_VAR") : "-");
	fflush(stdout);
	return 11;
}

static void test_pipe_limits(void)
{
	char buf[4096] = "";
	int fd[2], n = 0;

	SHOW(pipe2(fd, O_NONBLOCK | O_CLOEXEC));
	while (write(fd[1], buf, sizeof(buf)) == sizeof(buf))
		n++;
	printf("pipe holds %d pages, then %s\n", n, errno_name(errno));
	close(fd[0]);
	signal(SIGPIPE, SIG_IGN);
	SHOW(write(fd[1], buf, 1));
	signal(SIGPIPE, SIG_DFL);
	IN_CHILD("write to a closed pipe", { if (write(fd[1], buf, 1)) _exit(1); });
	close(fd[1]);
}

static void test_many(void)
{
	pid_t pid[40];
	int ok = 0;

	for (int round = 0; round < 5; round++) {
		for (int i = 0; i < 40; i++) {
			pid[i] = fork();
			if (pid[i] == 0)
				_exit(i);
		}
		for (int i = 0; i < 40; i++) {
			int st;

			if (waitpid(pid[i], &st, 0) == pid[i] && WEXITSTATUS(st) == i)
				ok++;
		}
	}
	printf("children waited for: %d\n", ok);
}

#define KILLED_WHILE_FORKING 40

/* A process with enough memory that its fork takes a while. */
static void fork_for_ever(void)
{
	char *memory = mmap(NULL, 4 << 20, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	memset(memory, 1, 4 << 20);
	for (;;)
		if (fork() == 0)
			_exit(0);
}

static void test_killed_while_forking(void)
{
	int killed = 0, tid;

	for (int i = 0; i < KILLED_WHILE_FORKING; i++) {
		pid_t pid = must_fork();

		if (pid == 0)
			fork_for_ever();
		pause_ms(10 + i % 7);
		kill(pid, SIGKILL);
		killed += !strcmp(wait_text(pid), "signal 9");
	}
	printf("killed while forking: %d\n", killed);
	IN_CHILD("a sister is waited for as its maker is", {
		int status;

		if (!fork()) {
			syscall(SYS_clone, CLONE_PARENT | SIGUSR1, 0, NULL, NULL, 0);
			_exit(7);	/* both of them */
		}
		for (int i = 0; i < 3; i++)
			printf("%d\n", waitpid(-1, &status, 0) > 0 ? WEXITSTATUS(status) : -1);
	});
	IN_CHILD("clone, a bad place for the tid", {
		long flags = CLONE_PARENT_SETTID | SIGCHLD;
		long child = syscall(SYS_clone, flags, 0, (void *)8, NULL, 0);

		if (child == 0)
			_exit(5);
		printf("%s\n", wait_text(child));
		tid = 0;
		child = syscall(SYS_clone, flags, 0, &tid, NULL, 0);
		if (child == 0)
			_exit(tid != getpid());
		HOLDS(tid == child);
		printf("%s\n", wait_text(child));
	});
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 1)
		return executed(argc, argv);
	test_fork();
	test_wait();
	test_orphan();
	test_vfork();
	test_exec(argv[0]);
	test_exec_thread(argv[0]);
	test_pipe_limits();
	test_many();
	test_killed_while_forking();
	return 0;
}
