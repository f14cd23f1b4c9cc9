/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/user/tmpfile.c - a file that never had a name: O_TMPFILE */
#include "tests/user/test.h"

#define DIR "/dev/shm"

int main(void)
{
	struct stat st;
	char buf[16] = "", path[64], *p;
	int fd, again;

	umask(027);
	SHOW(open(DIR, O_TMPFILE | O_RDONLY, 0600));
	SHOW(open(DIR "/none", O_TMPFILE | O_RDWR, 0600));
	SHOW(open("/proc/self/status", O_TMPFILE | O_RDWR, 0600));
	SHOW(open("/proc", O_TMPFILE | O_RDWR, 0600) == -1);
	fd = open(DIR, O_TMPFILE | O_RDWR, 0666);
	HOLDS(fd >= 0);
	SHOW(fstat(fd, &st));
	printf("mode %o, links %lu, size %ld\n", st.st_mode, (unsigned long)st.st_nlink,
	       (long)st.st_size);
	HOLDS((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR);
	SHOW(write(fd, "unnamed", 7));
	p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	HOLDS(p != MAP_FAILED);
	p[0] = 'U';
	SHOW(pread(fd, buf, sizeof(buf), 0));
	puts(buf);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	again = open(path, O_RDONLY);
	HOLDS(again >= 0 && read(again, buf, 3) == 3 && !memcmp(buf, "Unn", 3));
	SHOW(ftruncate(fd, 2 * PAGE));
	SHOW(fstat(again, &st));
	HOLDS(st.st_size == 2 * PAGE);
	return 0;
}
