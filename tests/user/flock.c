/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/user/flock.c - locks of whole files: whose they are, who waits, what ends them */
#include "tests/user/test.h"

#include <sys/file.h>

#define FILE_A "/tmp/lockstep-flock"

static void ring(int sig)
{
}

static void interrupted(int fd)
{
	struct sigaction sa = { .sa_handler = ring };

	sigaction(SIGALRM, &sa, NULL);
	ring_every_ms(20);
	SHOW(flock(fd, LOCK_EX));
	ring_every_ms(0);
}

int main(void)
{
	struct flock record = { .l_type = F_WRLCK };
	int a = open(FILE_A, O_RDWR | O_CREAT, 0600), b = open(FILE_A, O_RDONLY), c = dup(a);
	int p[2], path = open(FILE_A, O_PATH);

	SHOW(flock(a, 0));
	SHOW(flock(a, LOCK_SH | LOCK_EX));
	SHOW(flock(path, LOCK_SH));
	SHOW(flock(999, LOCK_SH));
	SHOW(flock(a, LOCK_UN));
	puts("an open file has it, whatever its numbers:");
	SHOW(flock(a, LOCK_SH));
	SHOW(flock(b, LOCK_SH | LOCK_NB));
	SHOW(flock(c, LOCK_EX | LOCK_NB));
	puts("it has let go of what it had:");
	SHOW(flock(b, LOCK_EX | LOCK_NB));
	SHOW(flock(a, LOCK_SH | LOCK_NB));
	SHOW(flock(b, LOCK_EX | LOCK_NB));
	SHOW(flock(b, LOCK_SH | LOCK_NB));
	SHOW(flock(a, LOCK_SH | LOCK_NB));
	SHOW(flock(c, LOCK_UN));
	SHOW(flock(b, LOCK_EX | LOCK_NB));
	puts("a child has the same open file:");
	IN_CHILD("child", SHOW(flock(a, LOCK_EX | LOCK_NB)); SHOW(flock(b, LOCK_EX | LOCK_NB)));
	SHOW(flock(a, LOCK_EX | LOCK_NB));
	puts("record locks are another world:");
	IN_CHILD("child", SHOW(fcntl(a, F_SETLK, &record)));
	SHOW(fcntl(a, F_OFD_SETLK, &record));
	puts("waiting is interrupted:");
	interrupted(a);
	puts("the last close ends it, and the wait:");
	if (pipe(p))
		return 1;
	fflush(stdout);
	if (!fork()) {
		close(b);
		if (write(p[1], "", 1) != 1)
			_exit(1);
		SHOW(flock(a, LOCK_EX));
		fflush(stdout);
		_exit(0);
	}
	SHOW(read(p[0], &record, 1));
	fflush(stdout);
	close(b);
	wait(NULL);
	b = open(FILE_A, O_RDONLY);
	SHOW(flock(b, LOCK_SH | LOCK_NB));
	close(c);
	SHOW(flock(b, LOCK_SH | LOCK_NB));
	close(a);
	SHOW(flock(b, LOCK_SH | LOCK_NB));
	SHOW(unlink(FILE_A));
	return 0;
}
