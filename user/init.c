/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * user/init.c - the first program: mounts, then a script or a shell
 *
 * Concept    With /run.sh (tools/boot puts it there) the machine runs that script
 *            and turns itself off; the line `LOCKSTEP-RUN status` tells the
 *            outside how the script ended. Without it, a shell (busybox's, or
 *            ours where there is none) runs on the console for ever, and again
 *            each time it ends. Orphans of any
 *            process come here and are waited for.
 * Callers    the kernel, at the end of boot.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *const environment[] = {
	"PATH=/bin:/tests:/extra", "HOME=/root", "TERM=linux", "PWD=/", NULL,
};

/* The kernel may have mounted it already: then there is nothing to say. */
static void mount_quietly(const char *type, const char *dir)
{
	mkdir(dir, 0755);
	if (mount(type, dir, type, 0, NULL) && errno != EBUSY)
		fprintf(stderr, "init: mount %s: %s\n", dir, strerror(errno));
}

static bool is_mounted(const char *dir, const char *inside)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", dir, inside);
	return access(path, F_OK) == 0;
}

static void mount_all(void)
{
	if (!is_mounted("/dev", "null"))
		mount_quietly("devtmpfs", "/dev");
	if (!is_mounted("/proc", "meminfo"))
		mount_quietly("proc", "/proc");
	mount_quietly("sysfs", "/sys");
	mount_quietly("tmpfs", "/tmp");
	if (symlink("/proc/self/fd", "/dev/fd") || symlink("fd/0", "/dev/stdin") ||
	    symlink("fd/1", "/dev/stdout") || symlink("fd/2", "/dev/stderr"))
		perror("init: /dev/fd");
	mkdir("/dev/shm", 01777);
	mount_quietly("tmpfs", "/dev/shm");
}

/* A child with a session and the console of its own that runs @argv. */
static pid_t start(char *const argv[])
{
	pid_t pid = fork();

	if (pid)
		return pid;
	setsid();
	ioctl(0, TIOCSCTTY, 1);
	execve(argv[0], argv, (char *const *)environment);
	fprintf(stderr, "init: %s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

/* Wait until @pid has ended; bury whoever else ends meanwhile. */
static int wait_for(pid_t pid)
{
	int status;

	for (;;) {
		pid_t ended = wait(&status);

		if (ended == pid)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		if (ended < 0 && errno != EINTR)
			return 127;
	}
}

static void power_off(void)
{
	sync();
	reboot(RB_POWER_OFF);
	perror("init: power off");
}

/* As busybox's init is told: poweroff, halt and reboot of busybox send signals. */
static void asked_to_end(int sig)
{
	sync();
	reboot(sig == SIGTERM ? RB_AUTOBOOT : RB_POWER_OFF);
}

static void run_script(void)
{
	char *const argv[] = { "/bin/sh", "/run.sh", NULL };
	pid_t pid = start(argv);
	int status = pid < 0 ? 127 : wait_for(pid);

	printf("LOCKSTEP-RUN %d\n", status);
	fflush(stdout);
	power_off();
}

static void run_shell(void)
{
	char *const argv[] = { access("/bin/ash", X_OK) ? "/bin/sh" : "/bin/ash", NULL };

	puts("\nLockstep is up. `busybox` lists commands, `poweroff` ends (or Ctrl-A X in QEMU).");
	for (;;) {
		pid_t pid = start(argv);

		if (pid < 0) {
			perror("init: fork");
			sleep(1);
			continue;
		}
		wait_for(pid);
		puts("init: the shell has ended, here is another");
	}
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGUSR1, asked_to_end);
	signal(SIGUSR2, asked_to_end);
	signal(SIGTERM, asked_to_end);
	mount_all();
	if (access("/run.sh", F_OK) == 0)
		run_script();
	run_shell();
	return 1;
}
