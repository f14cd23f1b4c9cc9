/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/user/kmsg.c - /dev/kmsg and syslog(2): the kernel's log */
#include "tests/user/test.h"

#include <grp.h>
#include <poll.h>
#include <sys/klog.h>

#define MARK "lockstep kmsg test"

static char text[8192];

/* Priority and text of the next record of ours; others may log, too. */
static void show_next(int fd)
{
	unsigned long seq, usec;
	unsigned int prio;
	char flag, *at;
	ssize_t n;

	do {
		n = read(fd, text, sizeof(text) - 1);
		if (n < 0 && errno != EPIPE) {
			printf("read: -%s\n", errno_name(errno));
			return;
		}
		text[n < 0 ? 0 : n] = '\0';
	} while (n < 0 || !strstr(text, MARK));
	at = strchr(text, ';');
	if (sscanf(text, "%u,%lu,%lu,%c", &prio, &seq, &usec, &flag) == 4 && at)
		printf("prio %u flag %c text %s", prio, flag, at + 1);
	for (at = strchr(text, '\n'); at && at[1]; at = strchr(at + 1, '\n'))
		printf("more: %s", strncmp(at + 1, " ", 1) ? at + 1 : "a dictionary\n");
}

static void put(const char *s)
{
	int fd = open("/dev/kmsg", O_WRONLY);

	if (write(fd, s, strlen(s)) != (ssize_t)strlen(s))
		printf("write: -%s\n", errno_name(errno));
	close(fd);
}

static void test_records(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	unsigned long a = 0, b = 0, ta = 0, tb = 0;
	struct pollfd p = { fd, POLLIN, 0 };

	SHOW(lseek(fd, 0, SEEK_END));
	put("<7>" MARK ": one\n");
	put("<15>" MARK ": two\n");
	put("<31>" MARK ": tab\tbackslash\\ bytes \x01\xff.\n");
	put("<4095>" MARK ": large\n");
	put("<x>" MARK ": no number\n");
	put("<7" MARK ": no end\n");
	put("<7>" MARK " ends in spaces  \n");
	p.revents = 0;
	SHOW(poll(&p, 1, 5000));
	printf("revents %x\n", p.revents);
	for (int i = 0; i < 7; i++)
		show_next(fd);
	show_next(fd);
	SHOW(lseek(fd, 0, SEEK_SET));
	HOLDS(read(fd, text, sizeof(text)) > 0);
	SHOW(lseek(fd, 0, SEEK_END));
	put("<7>" MARK ": short of room\n");
	SHOW(read(fd, text, 10));
	SHOW(read(fd, text, sizeof(text)));
	put("<7>" MARK ": three\n");
	put("<7>" MARK ": four\n");
	HOLDS(read(fd, text, sizeof(text)) > 0 && sscanf(text, "%*u,%lu,%lu", &a, &ta) == 2);
	HOLDS(read(fd, text, sizeof(text)) > 0 && sscanf(text, "%*u,%lu,%lu", &b, &tb) == 2);
	HOLDS(b == a + 1);
	HOLDS(tb >= ta);
	close(fd);
}

static void test_refused(void)
{
	int fd = open("/dev/kmsg", O_RDWR), w = open("/dev/kmsg", O_WRONLY);
	struct pollfd p = { w, POLLIN | POLLOUT, 0 };

	SHOW(lseek(fd, 1, SEEK_SET));
	SHOW(lseek(fd, 1, SEEK_END));
	SHOW(lseek(fd, 0, SEEK_CUR));
	SHOW(lseek(fd, 0, SEEK_HOLE));
	SHOW(lseek(fd, 0, SEEK_DATA));
	SHOW(lseek(w, 0, SEEK_END));
	SHOW(read(w, text, sizeof(text)));
	SHOW(write(w, text, 1025));
	SHOW(write(w, (void *)8, 5));
	lseek(fd, 0, SEEK_SET);
	SHOW(read(fd, (void *)8, 1000));
	poll(&p, 1, 0);
	printf("revents %x\n", p.revents);
	close(w);
	close(fd);
}

static void ring(int sig)
{
}

static void test_waiting(void)
{
	struct sigaction sa = { .sa_handler = ring };
	int fd = open("/dev/kmsg", O_RDONLY);
	struct pollfd p = { fd, POLLIN, 0 };
	pid_t pid;

	SHOW(lseek(fd, 0, SEEK_END));
	SHOW(poll(&p, 1, 0));
	sigaction(SIGALRM, &sa, NULL);
	ring_every_ms(10);
	SHOW(read(fd, text, sizeof(text)));
	ring_every_ms(0);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		pause_ms(30);
		put("<7>" MARK ": from a child\n");
		pause_ms(30);
		put("<7>" MARK ": again\n");
		_exit(0);
	}
	show_next(fd);
	SHOW(poll(&p, 1, 5000));
	show_next(fd);
	printf("child: %s\n", wait_text(pid));
	close(fd);
}

static void test_syslog(void)
{
	int n, size;

	put("<7>" MARK ": for dmesg\n");
	size = klogctl(10, NULL, 0);
	HOLDS(size >= 65536);
	n = klogctl(3, text, sizeof(text) - 1);
	HOLDS(n > 0 && n < (int)sizeof(text));
	text[n > 0 ? n : 0] = '\0';
	HOLDS(text[0] == '<' && text[n - 1] == '\n');
	HOLDS(strstr(text, "] " MARK ": for dmesg\n") != NULL);
	n = klogctl(3, text, 200);
	HOLDS(n > 0 && n <= 200);
	text[n > 0 ? n : 0] = '\0';
	HOLDS(text[0] == '<' && strstr(text, "<15>[") != NULL);
	HOLDS(strstr(text, "] " MARK ": for dmesg\n") != NULL);
	SHOW(klogctl(0, NULL, 0));
	SHOW(klogctl(1, NULL, 0));
	SHOW(klogctl(2, NULL, 10));
	SHOW(klogctl(2, text, -1));
	SHOW(klogctl(2, text, 0));
	SHOW(klogctl(3, NULL, 10));
	SHOW(klogctl(3, text, -1));
	SHOW(klogctl(3, text, 0));
	SHOW(klogctl(3, (void *)8, 100));
	SHOW(klogctl(3, (void *)-8L, 100));
	SHOW(klogctl(4, NULL, 10));
	SHOW(klogctl(4, text, -1));
	SHOW(klogctl(8, NULL, 0));
	SHOW(klogctl(8, NULL, 9));
	SHOW(klogctl(11, text, 10));
	SHOW(klogctl(-1, text, 10));
	HOLDS(klogctl(9, NULL, 0) >= 0);
}

static void test_rights(void)
{
	if (setgroups(0, NULL) || setgid(1000) || setuid(1000))
		perror("setuid");
	SHOW(open("/dev/kmsg", O_RDONLY));
	SHOW(open("/dev/kmsg", O_WRONLY));
	for (int action = -1; action < 12; action++)
		printf("%d: %s\n", action, klogctl(action, NULL, 0) ? errno_name(errno) : "ok");
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	test_records();
	test_refused();
	test_waiting();
	test_syslog();
	IN_CHILD("somebody else", test_rights());
	return 0;
}
