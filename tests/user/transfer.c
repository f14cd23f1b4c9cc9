/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/user/transfer.c - sendfile, process_vm_readv and process_vm_writev
 */
#include "tests/user/test.h"

#include <sys/sendfile.h>
#include <sys/uio.h>

static void test_sendfile(void)
{
	int in = open("from", O_RDWR | O_CREAT | O_TRUNC, 0600);
	int out = open("to", O_RDWR | O_CREAT | O_TRUNC, 0600), fd[2];
	char buf[10000], back[10000] = "";
	off_t pos = 100;

	for (unsigned int i = 0; i < sizeof(buf); i++)
		buf[i] = (char)(i * 7);
	SHOW(write(in, buf, sizeof(buf)));
	SHOW(sendfile(out, in, NULL, 100));
	SHOW(lseek(in, 1000, SEEK_SET));
	SHOW(sendfile(out, in, NULL, 5000));
	SHOW(lseek(in, 0, SEEK_CUR));
	SHOW(sendfile(out, in, &pos, 4096));
	SHOW(pos);
	SHOW(lseek(in, 0, SEEK_CUR));
	SHOW(pread(out, back, sizeof(back), 0));
	HOLDS(!memcmp(back, buf + 1000, 5000) && !memcmp(back + 5000, buf + 100, 4096));
	SHOW(sendfile(out, in, &pos, 1000000));
	SHOW(sendfile(out, in, &pos, 1000000));
	SHOW(pipe(fd));
	pos = 0;
	SHOW(sendfile(fd[1], in, &pos, 3000));
	SHOW(read(fd[0], back, sizeof(back)));
	HOLDS(!memcmp(back, buf, 3000));
	SHOW(sendfile(-1, in, NULL, 10));
	SHOW(sendfile(out, 99, NULL, 10));
	SHOW(sendfile(fd[0], in, NULL, 10));
	SHOW(sendfile(out, in, (off_t *)8, 10));
	pos = -5;
	SHOW(sendfile(out, in, &pos, 10));
	SHOW(sendfile(out, fd[0], &pos, 10));
	SHOW(fcntl(out, F_SETFL, O_APPEND));
	SHOW(sendfile(out, in, NULL, 10));
	SHOW(unlink("from"));
	SHOW(unlink("to"));
}

static char *two_pages;

static void test_process_vm(void)
{
	int go[2], ready[2];
	char buf[3 * PAGE], c;
	struct iovec local[2] = { { buf, 10 }, { buf + 100, 3000 } };
	struct iovec remote[2];
	pid_t pid;

	two_pages = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);
	munmap(two_pages + 2 * PAGE, PAGE);
	memset(two_pages, 'p', 2 * PAGE);
	SHOW(pipe(go));
	SHOW(pipe(ready));
	fflush(stdout);
	pid = fork();
	if (!pid) {
		memset(two_pages, 'c', PAGE);
		(void)!write(ready[1], "x", 1);
		(void)!read(go[0], &c, 1);
		printf("the child has: %c %c %c\n", two_pages[0], two_pages[5], two_pages[PAGE + 7]);
		fflush(stdout);
		_exit(0);
	}
	SHOW(read(ready[0], &c, 1));
	remote[0] = (struct iovec){ two_pages + PAGE - 5, 1000 };
	remote[1] = (struct iovec){ two_pages, 10000 };
	SHOW(process_vm_readv(pid, local, 2, remote, 1, 0));
	printf("%.10s %c\n", buf, buf[100]);
	SHOW(process_vm_readv(pid, local, 2, remote, 2, 0));
	remote[0] = (struct iovec){ two_pages + 2 * PAGE - 10, 1000 };
	local[1].iov_len = sizeof(buf) - 100;
	SHOW(process_vm_readv(pid, local, 2, remote, 1, 0));
	remote[0].iov_base = two_pages + 2 * PAGE;
	SHOW(process_vm_readv(pid, local, 2, remote, 1, 0));
	memset(buf, 'w', sizeof(buf));
	local[0] = (struct iovec){ buf, 1 };
	remote[0] = (struct iovec){ two_pages + 5, 1 };
	SHOW(process_vm_writev(pid, local, 1, remote, 1, 0));
	remote[0].iov_base = two_pages + PAGE + 7;
	SHOW(process_vm_writev(pid, local, 1, remote, 1, 0));
	printf("here: %c %c\n", two_pages[5], two_pages[PAGE + 7]);
	remote[0].iov_base = (void *)test_process_vm;
	SHOW(process_vm_writev(pid, local, 1, remote, 1, 0));
	SHOW(process_vm_readv(pid, local, 1, remote, 1, 1));
	SHOW(process_vm_readv(pid, local, 2000, remote, 1, 0));
	SHOW(process_vm_readv(pid, NULL, 0, remote, 1, 0));
	SHOW(process_vm_readv(pid, (void *)8, 1, remote, 1, 0));
	SHOW(process_vm_readv(pid, local, 1, (void *)8, 1, 0));
	SHOW(process_vm_readv(999999, local, 1, remote, 1, 0));
	local[0].iov_base = (void *)8;
	remote[0].iov_base = two_pages;
	SHOW(process_vm_readv(pid, local, 1, remote, 1, 0));
	(void)!write(go[1], "x", 1);
	printf("child: %s\n", wait_text(pid));
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	test_sendfile();
	test_process_vm();
	return 0;
}
