/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/user/locks.c - record locks: whose, on what, and when they go
 */
#include "tests/user/test.h"

static int fd;

static struct flock lock(int type, off_t start, off_t len)
{
	return (struct flock){ .l_type = (short)type, .l_whence = SEEK_SET, .l_start = start,
			       .l_len = len };
}

static int set(int type, off_t start, off_t len)
{
	struct flock fl = lock(type, start, len);

	return fcntl(fd, F_SETLK, &fl);
}

static void get(int type, off_t start, off_t len)
{
	struct flock fl = lock(type, start, len);

	if (fcntl(fd, F_GETLK, &fl))
		printf("F_GETLK: -%s\n", errno_name(errno));
	else if (fl.l_type == F_UNLCK)
		printf("nobody in the way of %ld+%ld\n", (long)fl.l_start, (long)fl.l_len);
	else
		printf("in the way: type %d %ld+%ld, of %s\n", fl.l_type, (long)fl.l_start,
		       (long)fl.l_len, fl.l_pid == getppid() ? "the parent" : "another");
}

static void test_ranges(void)
{
	struct flock fl = lock(F_WRLCK, -10, 5);

	SHOW(set(F_WRLCK, 0, 100));
	SHOW(set(F_RDLCK, 40, 20));
	SHOW(set(F_UNLCK, 80, 0));
	get(F_WRLCK, 0, 0);
	IN_CHILD("child", get(F_WRLCK, 0, 0); get(F_RDLCK, 45, 10); get(F_WRLCK, 45, 10);
		 get(F_WRLCK, 79, 2); get(F_WRLCK, 80, 0); SHOW(set(F_RDLCK, 50, 1));
		 SHOW(set(F_RDLCK, 30, 20)); SHOW(set(F_WRLCK, 85, 0)));
	SHOW(set(F_WRLCK, 0, 0));
	get(F_UNLCK, 0, 0);
	SHOW(set(7, 0, 0));
	SHOW(fcntl(fd, F_SETLK, &fl));
	fl.l_whence = SEEK_END;
	SHOW(fcntl(fd, F_SETLK, &fl));
	fl = lock(F_WRLCK, 20, -10);
	SHOW(set(F_UNLCK, 0, 0));
	SHOW(fcntl(fd, F_SETLK, &fl));
	IN_CHILD("child", get(F_WRLCK, 0, 0));
	fl.l_len = -30;
	SHOW(fcntl(fd, F_SETLK, &fl));
	fl.l_whence = 9;
	SHOW(fcntl(fd, F_SETLK, &fl));
	SHOW(fcntl(fd, F_SETLK, (void *)8));
	SHOW(set(F_UNLCK, 0, 0));
}

static void test_closing(void)
{
	int other = open("locks", O_RDWR), reader = open("locks", O_RDONLY);
	struct flock fl = lock(F_WRLCK, 0, 0);

	SHOW(fcntl(reader, F_SETLK, &fl));
	close(reader);
	SHOW(set(F_WRLCK, 0, 0));
	IN_CHILD("child", get(F_WRLCK, 5, 1); SHOW(close(fd)));
	IN_CHILD("after a child's close", get(F_WRLCK, 5, 1));
	SHOW(close(other));
	IN_CHILD("after our own close", get(F_WRLCK, 5, 1); SHOW(set(F_WRLCK, 0, 0)));
	IN_CHILD("after the child's end", get(F_WRLCK, 5, 1));
}

/* Until @pid sleeps: in its wait, for it does nothing else that could sleep. */
static void await_sleep(pid_t pid)
{
	char path[64], state = 0;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	while (state != 'S') {
		FILE *f = fopen(path, "r");

		if (!f || fscanf(f, "%*d (%*[^)]) %c", &state) != 1)
			state = 'S';
		if (f)
			fclose(f);
		pause_ms(1);
	}
}

static void on_alarm(int sig)
{
}

static void test_waiting(void)
{
	struct sigaction act = { .sa_handler = on_alarm };
	struct flock fl = lock(F_WRLCK, 0, 10);
	int ready[2];
	char c;
	pid_t pid;

	SHOW(set(F_WRLCK, 0, 10));
	SHOW(pipe(ready));
	fflush(stdout);
	pid = fork();
	if (!pid) {
		SHOW(set(F_WRLCK, 20, 10));
		fflush(stdout);
		(void)!write(ready[1], "x", 1);
		SHOW(fcntl(fd, F_SETLKW, &fl));
		fflush(stdout);
		_exit(0);
	}
	SHOW(read(ready[0], &c, 1));
	await_sleep(pid);
	fl.l_start = 20;
	SHOW(fcntl(fd, F_SETLKW, &fl));
	fflush(stdout);
	fflush(stdout);
	(void)set(F_UNLCK, 0, 10);
	printf("child: %s\n", wait_text(pid));
	SHOW(set(F_WRLCK, 0, 10));
	fl.l_start = 0;
	sigaction(SIGALRM, &act, NULL);
	IN_CHILD("interrupted", ring_every_ms(20); SHOW(fcntl(fd, F_SETLKW, &fl)));
	SHOW(set(F_UNLCK, 0, 0));
}

static void test_of_open_files(void)
{
	struct flock fl = lock(F_WRLCK, 0, 10);
	int other = open("locks", O_RDWR), same = dup(fd);

	SHOW(fcntl(fd, F_OFD_SETLK, &fl));
	SHOW(fcntl(other, F_OFD_SETLK, &fl));
	SHOW(fcntl(same, F_OFD_SETLK, &fl));
	SHOW(fcntl(other, F_OFD_GETLK, &fl));
	printf("in the way: type %d, pid %d\n", fl.l_type, fl.l_pid);
	close(same);
	fl = lock(F_WRLCK, 0, 10);
	SHOW(fcntl(other, F_OFD_SETLK, &fl));
	fl.l_pid = 1;
	SHOW(fcntl(other, F_OFD_SETLK, &fl));
	close(fd);
	fl.l_pid = 0;
	SHOW(fcntl(other, F_OFD_SETLK, &fl));
	close(other);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	fd = open("locks", O_RDWR | O_CREAT | O_TRUNC, 0600);
	test_ranges();
	test_closing();
	test_waiting();
	test_of_open_files();
	unlink("locks");
	return 0;
}
