/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/boot/jobs.c - what a terminal says to groups without a shell; exit status 0: right */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* A read by a background group whose shell is gone: an error, not a loop. */
static int orphan_read(void)
{
	int fd[2], err = -1;
	char c;

	if (pipe(fd))
		return 1;
	if (fork() == 0) {
		setpgid(0, 0);
		if (fork() == 0) {
			while (getppid() != 1)
				usleep(1000);
			err = read(0, &c, 1) < 0 ? errno : 0;
			_exit(write(fd[1], &err, sizeof(err)) != sizeof(err));
		}
		_exit(0);
	}
	wait(NULL);
	return read(fd[0], &err, sizeof(err)) != sizeof(err) || err != EIO;
}

/* The foreground group may be one whose leader has ended, but must be a group. */
static int leaderless_group(void)
{
	pid_t leader, member;
	int bad;

	signal(SIGTTOU, SIG_IGN);
	leader = fork();
	if (!leader)
		pause();
	member = fork();
	if (!member)
		pause();
	bad = setpgid(leader, leader) || setpgid(member, leader);
	kill(leader, SIGKILL);
	waitpid(leader, NULL, 0);
	bad |= tcsetpgrp(0, leader) << 1;
	bad |= (tcsetpgrp(0, member) == 0 || errno != EPERM) << 2;
	bad |= tcsetpgrp(0, getpgrp()) << 3;
	kill(member, SIGKILL);
	waitpid(member, NULL, 0);
	return bad;
}

int main(void)
{
	int orphan, leaderless;

	alarm(20);
	orphan = orphan_read();
	leaderless = leaderless_group();
	printf("orphaned reader: %d, group without leader: %d\n", orphan, leaderless);
	return orphan || leaderless;
}
