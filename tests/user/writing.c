/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/user/writing.c - what writing takes away, and what it keeps others from */
#include "tests/user/test.h"

#include <grp.h>
#include <sys/ioctl.h>
#include <sys/mount.h>

#define DIR "/tmp/lockstep-writing"

static void become(uid_t uid)
{
	if (setgroups(0, NULL) || setgid(uid) || setuid(uid))
		printf("become: -%s\n", errno_name(errno));
}

static void show_mode(const char *what, int fd)
{
	struct stat st;

	fstat(fd, &st);
	printf("%s: %o\n", what, st.st_mode & 07777);
}

static void test_modes(mode_t mode, bool root)
{
	int fd = open(DIR "/program", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char c = 'x';
	char *p;

#define AGAIN(what, call) do { fchmod(fd, mode); call; show_mode(what, fd); } while (0)
	fchown(fd, root ? 0 : 1000, root ? 0 : 1000);
	if (!root)
		become(1000);
	show_mode(root ? "root" : "user", (fchmod(fd, mode), fd));
	AGAIN("write", HOLDS(write(fd, &c, 1) == 1));
	AGAIN("pwrite", HOLDS(pwrite(fd, &c, 1, 0) == 1));
	AGAIN("nothing written", HOLDS(write(fd, &c, 0) == 0));
	AGAIN("a bad address", HOLDS(write(fd, (void *)8, 1) == -1));
	AGAIN("truncated", HOLDS(ftruncate(fd, 100) == 0));
	AGAIN("read", HOLDS(pread(fd, &c, 1, 0) == 1));
	p = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	AGAIN("through a mapping", p[0] = 1);
	munmap(p, PAGE);
	close(fd);
	unlink(DIR "/program");
}

static void test_remount(void)
{
	int fd, r;

	SHOW(mkdir(DIR "/m", 0755));
	SHOW(mount("none", DIR "/m", "tmpfs", 0, NULL));
	fd = open(DIR "/m/file", O_RDWR | O_CREAT, 0600);
	r = open(DIR "/m/file", O_RDONLY);
	SHOW(mount("none", DIR "/m", NULL, MS_REMOUNT | MS_RDONLY, NULL));
	SHOW(write(fd, "x", 1));
	close(fd);
	SHOW(mount("none", DIR "/m", NULL, MS_REMOUNT | MS_RDONLY, NULL));
	SHOW(open(DIR "/m/file", O_RDWR));
	SHOW(mount("none", DIR "/m", NULL, MS_REMOUNT, NULL));
	fd = open(DIR "/m/file", O_WRONLY);
	HOLDS(fd >= 0);
	close(fd);
	close(r);
	SHOW(umount(DIR "/m"));
	SHOW(rmdir(DIR "/m"));
}

static void test_readahead(void)
{
	int fd = open("/dev/loop0", O_RDONLY);

	if (fd < 0)
		fd = open("/dev/ram0", O_RDONLY);
	become(1000);
	SHOW(ioctl(fd, BLKRASET, 256));
}

int main(void)
{
	static const mode_t modes[] = { 06755, 04644, 02755, 02745, 0755 };

	setvbuf(stdout, NULL, _IOLBF, 0);
	mkdir(DIR, 0777);
	chmod(DIR, 0777);
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		IN_CHILD("root", test_modes(modes[i], true));
		IN_CHILD("user", test_modes(modes[i], false));
	}
	test_remount();
	IN_CHILD("reading ahead", test_readahead());
	rmdir(DIR);
	return 0;
}
