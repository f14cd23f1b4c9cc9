/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/user/splice.c - splice, tee, vmsplice: what moves, what waits, what is refused */
#include "tests/user/test.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/uio.h>

#define PIPE_BYTES (16 * PAGE)

static char buf[PIPE_BYTES + PAGE] __attribute__((aligned(4096)));
static char big[PIPE_BYTES + PAGE] __attribute__((aligned(4096)));

static int in(int fd)
{
	int n = -1;

	ioctl(fd, FIONREAD, &n);
	return n;
}

static int file_with(const char *text)
{
	int fd = open("splice.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);

	unlink("splice.tmp");
	HOLDS(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static void show_bytes(const char *what, int fd)
{
	char text[64] = "";
	ssize_t n = read(fd, text, sizeof(text) - 1);

	printf("%s: %zd \"%s\"\n", what, n, text);
}

static void test_files(void)
{
	int fd = file_with("from a file to a pipe"), out = file_with("0123456789"), p[2];
	off_t off = 5, beyond = 1000;

	pipe(p);
	SHOW(splice(fd, NULL, p[1], NULL, 4, 0));
	SHOW(lseek(fd, 0, SEEK_CUR));
	SHOW(splice(fd, &off, p[1], NULL, 100, SPLICE_F_MOVE | SPLICE_F_MORE));
	SHOW(lseek(fd, 0, SEEK_CUR));
	SHOW(off);
	SHOW(splice(fd, &off, p[1], NULL, 100, 0));
	SHOW(splice(fd, &beyond, p[1], NULL, 100, 0));
	SHOW(beyond);
	SHOW(in(p[0]));
	SHOW(splice(p[0], NULL, out, NULL, 3, 0));
	SHOW(lseek(out, 0, SEEK_CUR));
	off = 8;
	SHOW(splice(p[0], NULL, out, &off, 6, 0));
	SHOW(off);
	SHOW(lseek(out, 0, SEEK_SET));
	show_bytes("file", out);
	SHOW(splice(p[0], NULL, out, NULL, 1000, 0));
	SHOW(splice(p[0], NULL, out, NULL, 1000, SPLICE_F_NONBLOCK));
	close(p[1]);
	SHOW(splice(p[0], NULL, out, NULL, 1000, 0));
	SHOW(lseek(out, 14, SEEK_SET));
	show_bytes("file", out);
	close(p[0]);
	close(fd);
	close(out);
}

static void test_much(void)
{
	int fd = file_with(""), out = file_with(""), p[2];
	off_t off = 0;

	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (char)(i * 7 + i / PAGE);
	HOLDS(write(fd, big, sizeof(big)) == sizeof(big));
	pipe(p);
	SHOW(splice(fd, &off, p[1], NULL, sizeof(big), 0));
	SHOW(splice(fd, &off, p[1], NULL, 1, SPLICE_F_NONBLOCK));
	fcntl(p[1], F_SETFL, O_NONBLOCK);
	SHOW(splice(fd, &off, p[1], NULL, 1, 0));
	SHOW(splice(p[0], NULL, out, NULL, 3 * PAGE, 0));
	SHOW(splice(fd, &off, p[1], NULL, sizeof(big), 0));
	SHOW(splice(fd, &off, p[1], NULL, sizeof(big), 0));
	SHOW(splice(p[0], NULL, out, NULL, sizeof(big), 0));
	HOLDS(pread(out, buf, sizeof(buf), 0) == sizeof(big) && !memcmp(buf, big, sizeof(big)));
	close(p[0]);
	close(p[1]);
	close(fd);
	close(out);
}

static void test_pipes(void)
{
	int a[2], b[2];

	pipe(a);
	pipe(b);
	SHOW(write(a[1], "one two three", 13));
	SHOW(tee(a[0], b[1], 3, 0));
	SHOW(in(a[0]));
	show_bytes("tee'd", b[0]);
	SHOW(tee(a[0], b[1], 100, SPLICE_F_NONBLOCK));
	SHOW(splice(a[0], NULL, b[1], NULL, 4, 0));
	SHOW(in(a[0]));
	SHOW(in(b[0]));
	show_bytes("both", b[0]);
	SHOW(splice(a[0], NULL, b[1], NULL, 100, 0));
	show_bytes("the rest", b[0]);
	SHOW(splice(a[0], NULL, b[1], NULL, 100, SPLICE_F_NONBLOCK));
	SHOW(tee(a[0], b[1], 100, SPLICE_F_NONBLOCK));
	HOLDS(write(a[1], big, PIPE_BYTES) == PIPE_BYTES);
	HOLDS(write(b[1], big, 14 * PAGE) == 14 * PAGE);
	SHOW(tee(a[0], b[1], PIPE_BYTES, 0));
	SHOW(tee(a[0], b[1], PIPE_BYTES, SPLICE_F_NONBLOCK));
	SHOW(splice(a[0], NULL, b[1], NULL, 100, SPLICE_F_NONBLOCK));
	HOLDS(read(b[0], buf, 15 * PAGE) == 15 * PAGE);
	SHOW(splice(a[0], NULL, b[1], NULL, 2 * PIPE_BYTES, 0));
	HOLDS(read(b[0], buf, PIPE_BYTES) == PIPE_BYTES);
	HOLDS(!memcmp(buf, big + PAGE, PAGE) && !memcmp(buf + PAGE, big, 15 * PAGE));
	SHOW(in(a[0]));
	close(a[1]);
	SHOW(splice(a[0], NULL, b[1], NULL, 100, 0));
	HOLDS(read(b[0], buf, PIPE_BYTES) == 100);
	SHOW(splice(a[0], NULL, b[1], NULL, 100, 0));
	SHOW(tee(a[0], b[1], 100, 0));
	close(a[0]);
	close(b[0]);
	close(b[1]);
}

static void test_memory(void)
{
	struct iovec v[3] = { { "ab", 2 }, { NULL, 0 }, { "cde", 3 } };
	struct iovec much = { big, sizeof(big) }, bad = { (void *)8, 8 };
	struct iovec half[2] = { { big, PAGE }, { (void *)8, PAGE } };
	struct iovec to[2] = { { buf, 3 }, { buf + 10, 100 } };
	int p[2];

	pipe(p);
	SHOW(vmsplice(p[1], v, 3, 0));
	SHOW(vmsplice(p[0], to, 2, 0));
	printf("%.3s%.2s\n", buf, buf + 10);
	SHOW(vmsplice(p[0], to, 2, SPLICE_F_NONBLOCK));
	SHOW(vmsplice(p[1], &much, 1, 0));
	SHOW(vmsplice(p[1], &much, 1, SPLICE_F_NONBLOCK));
	HOLDS(read(p[0], buf, sizeof(buf)) == PIPE_BYTES && !memcmp(buf, big, PIPE_BYTES));
	SHOW(vmsplice(p[1], &bad, 1, 0));
	SHOW(vmsplice(p[1], half, 2, 0));
	SHOW(vmsplice(p[0], &bad, 1, 0));
	SHOW(in(p[0]));
	SHOW(vmsplice(p[1], v, 0, 0));
	SHOW(vmsplice(p[1], v, 1025, 0));
	SHOW(vmsplice(p[1], (void *)8, 1, 0));
	SHOW(vmsplice(p[1], v, 3, 16));
	SHOW(vmsplice(0, v, 0, 0));
	SHOW(vmsplice(-1, v, 3, 0));
	SHOW(vmsplice(open("/dev/null", O_RDWR), v, 3, 0));
	close(p[1]);
	HOLDS(read(p[0], buf, sizeof(buf)) == PAGE);
	SHOW(vmsplice(p[0], to, 2, 0));
	close(p[0]);
}

static void test_refused(void)
{
	int append = open("splice.app", O_WRONLY | O_CREAT | O_APPEND, 0600);
	int fd = file_with("text");
	int a[2], b[2], dir = open("/", O_RDONLY);
	off_t off = 0, negative = -1;

	unlink("splice.app");
	pipe(a);
	pipe(b);
	write(a[1], "x", 1);
	SHOW(splice(fd, NULL, a[1], NULL, 0, ~0U));
	SHOW(splice(fd, NULL, a[1], NULL, 1, 16));
	SHOW(splice(-1, NULL, a[1], NULL, 1, 0));
	SHOW(splice(fd, NULL, -1, NULL, 1, 0));
	SHOW(splice(fd, NULL, fd, NULL, 1, 0));
	SHOW(splice(a[0], NULL, a[1], NULL, 1, 0));
	SHOW(splice(a[1], NULL, b[1], NULL, 1, 0));
	SHOW(splice(a[0], NULL, b[0], NULL, 1, 0));
	SHOW(splice(fd, NULL, a[0], NULL, 1, 0));
	SHOW(splice(a[0], &off, b[1], NULL, 1, 0));
	SHOW(splice(a[0], NULL, b[1], &off, 1, 0));
	SHOW(splice(fd, &off, b[1], &off, 1, 0));
	SHOW(splice(fd, &negative, b[1], NULL, 1, 0));
	SHOW(splice(a[0], NULL, fd, &negative, 1, 0));
	SHOW(splice(fd, (void *)8, b[1], NULL, 1, 0));
	SHOW(splice(a[0], NULL, append, NULL, 1, 0));
	SHOW(splice(a[0], NULL, dir, NULL, 1, 0));
	SHOW(splice(dir, NULL, b[1], NULL, 1, 0));
	SHOW(splice(fd, NULL, b[1], NULL, -1UL, 0));
	SHOW(tee(fd, b[1], 1, 0));
	SHOW(tee(a[0], fd, 1, 0));
	SHOW(tee(a[0], a[1], 1, 0));
	SHOW(tee(a[1], b[1], 1, 0));
	SHOW(tee(a[0], b[0], 1, 0));
	SHOW(tee(a[0], b[1], 0, 0));
	SHOW(tee(a[0], b[1], 1, 16));
	SHOW(tee(a[0], -1, 1, 0));
	SHOW(in(a[0]));
	SHOW(in(b[0]));
	close(append);
	close(dir);
	close(fd);
}

static volatile int rang;

static void ring(int sig)
{
	rang = sig;
}

static void test_waiting(void)
{
	struct sigaction sa = { .sa_handler = ring };
	struct iovec v = { big, PAGE };
	int a[2], b[2], fd = file_with("abc");
	off_t off = 0;
	pid_t pid;

	sigaction(SIGALRM, &sa, NULL);
	signal(SIGPIPE, ring);
	pipe(a);
	pipe(b);
	ring_every_ms(5);
	SHOW(splice(a[0], NULL, b[1], NULL, 1, 0));
	SHOW(splice(a[0], NULL, fd, NULL, 1, 0));
	SHOW(tee(a[0], b[1], 1, 0));
	SHOW(vmsplice(a[0], &v, 1, 0));
	fcntl(a[1], F_SETFL, O_NONBLOCK);
	while (write(a[1], big, PAGE) > 0)
		;
	fcntl(a[1], F_SETFL, 0);
	SHOW(splice(fd, &off, a[1], NULL, 1, 0));
	SHOW(vmsplice(a[1], &v, 1, 0));
	ring_every_ms(0);
	HOLDS(read(a[0], buf, sizeof(buf)) == PIPE_BYTES);
	fflush(stdout);
	pid = fork();
	if (!pid) {
		pause_ms(30);
		_exit(write(a[1], "later", 5) != 5);
	}
	SHOW(splice(a[0], NULL, b[1], NULL, 100, 0));
	show_bytes("from the child", b[0]);
	printf("child: %s\n", wait_text(pid));
	close(a[0]);
	rang = 0;
	SHOW(splice(fd, &off, a[1], NULL, 1, 0));
	printf("signal: %s\n", rang == SIGPIPE ? "SIGPIPE" : "none");
	rang = 0;
	SHOW(vmsplice(a[1], &v, 1, 0));
	printf("signal: %s\n", rang == SIGPIPE ? "SIGPIPE" : "none");
	write(b[1], "y", 1);
	rang = 0;
	SHOW(splice(b[0], NULL, a[1], NULL, 1, 0));
	printf("signal: %s\n", rang == SIGPIPE ? "SIGPIPE" : "none");
	SHOW(in(b[0]));
	close(a[1]);
}

/* Through two pipes and a file, by four at once: nothing is lost, nothing changes. */
static void test_chain(void)
{
	int a[2], b[2], src = file_with(""), dst = file_with("");
	pid_t pids[2];
	ssize_t n;

	for (int i = 0; i < 8; i++)
		HOLDS(write(src, big, PIPE_BYTES) == PIPE_BYTES);
	lseek(src, 0, SEEK_SET);
	pipe(a);
	pipe(b);
	fflush(stdout);
	pids[0] = fork();
	if (!pids[0]) {
		while ((n = splice(src, NULL, a[1], NULL, 10007, 0)) > 0)
			;
		_exit(n != 0);
	}
	close(a[1]);
	pids[1] = fork();
	if (!pids[1]) {
		while ((n = splice(a[0], NULL, b[1], NULL, 7001, 0)) > 0)
			;
		_exit(n != 0);
	}
	close(a[0]);
	close(b[1]);
	while ((n = splice(b[0], NULL, dst, NULL, 5003, 0)) > 0)
		;
	SHOW(n);
	for (int i = 0; i < 2; i++)
		printf("child: %s\n", wait_text(pids[i]));
	SHOW(lseek(dst, 0, SEEK_END));
	for (int i = 0; i < 8; i++)
		HOLDS(pread(dst, buf, PIPE_BYTES, (off_t)(i * PIPE_BYTES)) == PIPE_BYTES &&
		      !memcmp(buf, big, PIPE_BYTES));
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	test_files();
	test_much();
	test_pipes();
	test_memory();
	test_refused();
	test_waiting();
	test_chain();
	return 0;
}
