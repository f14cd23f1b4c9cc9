/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/boot/listen.c - a program that is listened to: tests/boot/46-notifiers.t
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "include/uapi/lockstep/listen.h"

#define BASE 0x10000000UL
#define PAGE 4096UL

/* Print the file. Return: how long it is, or -1. */
static long show(const char *when)
{
	char text[1024];
	int fd = open("/proc/self/notifiers", O_RDONLY);
	long n = fd < 0 ? -1 : read(fd, text, sizeof(text));

	close(fd);
	printf("%s:\n%.*s", when, n > 0 ? (int)n : 0, text);
	return n;
}

int main(void)
{
	struct listen_intervals range = { BASE, PAGE, 1 };
	uint64_t one = 1;
	int brackets, intervals;

	setbuf(stdout, NULL);
	if (show("nobody") != 0)
		return 1;
	brackets = open("/dev/listen", O_RDWR);
	intervals = open("/dev/listen", O_RDWR);
	if (ioctl(brackets, LISTEN_BRACKETS, &one) || ioctl(intervals, LISTEN_INTERVALS, &range))
		return 2;
	for (int i = 0; i < 3; i++) {
		char *p = mmap((void *)BASE, PAGE, PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);

		if (p == MAP_FAILED)
			return 3;
		*(volatile char *)p = 1;
		munmap(p, PAGE);
	}
	if (show("listened to") <= 0)
		return 4;
	close(brackets);
	close(intervals);
	return show("nobody again") != 0;
}
