/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/user/hello.c - what a program finds when it starts */
#include "tests/user/test.h"
#include <sys/auxv.h>

static int bss[10000];
static int data[3] = { 1, 2, 3 };
static __thread int tls = 42;

extern char **environ;

int main(int argc, char **argv)
{
	bool zero = true;

	puts("Hello from a static program");
	printf("argc %d, argv[argc] %s\n", argc, argv[argc] ? "set" : "NULL");
	for (size_t i = 0; i < sizeof(bss) / sizeof(bss[0]); i++)
		zero = zero && bss[i] == 0;
	HOLDS(zero);
	printf("data %d %d %d, tls %d\n", data[0], data[1], data[2], tls);
	printf("page size %lu, secure %lu, uid %lu euid %lu\n", getauxval(AT_PAGESZ),
	       getauxval(AT_SECURE), getauxval(AT_UID), getauxval(AT_EUID));
	HOLDS(getauxval(AT_RANDOM) != 0);
	HOLDS(getauxval(AT_PHDR) != 0);
	HOLDS(getauxval(AT_PHENT) == 56);
	HOLDS(getauxval(AT_PHNUM) > 0);
	HOLDS(getauxval(AT_ENTRY) != 0);
	HOLDS(strcmp((char *)getauxval(AT_EXECFN), argv[0]) == 0);
	HOLDS((uintptr_t)&argv[-1] % 16 == 0);	/* argc itself: ABI alignment */
	HOLDS(environ == argv + argc + 1);
	HOLDS(getpid() > 0);
	HOLDS(getpid() == (pid_t)syscall(SYS_gettid));
	HOLDS(getppid() > 0);
	SHOW(getuid());
	SHOW(getgid());
	printf("1.5 * 2.5 = %g\n", 1.5 * data[0] * 2.5);
	SHOW(syscall(SYS_prctl, 15, "renamed", 0, 0, 0));
	char name[16];
	SHOW(syscall(SYS_prctl, 16, name, 0, 0, 0));
	printf("name %s\n", name);
	SHOW(syscall(999));
	return 7;
}
