/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/user/memfd.c - memfd_create, seals, holes and reserved space: every answer */
#include "tests/user/test.h"

#define RW (PROT_READ | PROT_WRITE)
#define KEEP 1
#define PUNCH 2
#define ZERO 0x10
#define SEAL_EXEC 0x20

/* musl and test.h have no name for these. */
#define NOEXEC_SEAL 8U
#define EXEC 0x10U

static const char *err(long r)
{
	static char text[32];

	if (r >= 0)
		snprintf(text, sizeof(text), "%ld", r);
	else if (errno == EOPNOTSUPP)
		return "-EOPNOTSUPP";
	else if (errno == EFBIG)
		return "-EFBIG";
	else
		snprintf(text, sizeof(text), "-%s", errno_name(errno));
	return text;
}

#define SAY(call) do { errno = 0; printf("%s: %s\n", #call, err((long)(call))); } while (0)

static int made(unsigned int flags, unsigned long pages)
{
	int fd = memfd_create("a name", flags);

	if (ftruncate(fd, (off_t)(pages * PAGE)))
		printf("no file\n");
	return fd;
}

static void *map(int fd, int prot, int type)
{
	return mmap(NULL, 4 * PAGE, prot, type, fd, 0);
}

static void flags_and_names(void)
{
	char name[300];
	struct stat st;
	unsigned int i;

	for (i = 0; i < 32; i++) {
		int fd;

		if (i & 4)
			continue;
		fd = memfd_create("x", i);
		printf("flags %x: %s", i, fd < 0 ? errno_name(errno) : "ok");
		if (fd >= 0) {
			fstat(fd, &st);
			printf(" mode %o seals %x cloexec %d links %lu", st.st_mode,
			       fcntl(fd, F_GET_SEALS), fcntl(fd, F_GETFD),
			       (unsigned long)st.st_nlink);
			close(fd);
		}
		printf("\n");
	}
	memset(name, 'n', sizeof(name));
	name[250] = 0;
	SAY(memfd_create(name, 0));
	name[249] = 0;
	HOLDS(memfd_create(name, 0) >= 0);
	HOLDS(memfd_create("", 0) >= 0);
	SAY(memfd_create((char *)8, 0));
	SAY(memfd_create("x", 0x20));
	SAY(memfd_create("x", 0x80000000U));
	SAY(memfd_create("x", 4 | 0x20));
	SAY(memfd_create("x", 4 | 8 | 0x10));
	SAY(memfd_create((char *)8, 4));
}

static void name_in_maps(void)
{
	int fd = made(0, 4);
	char line[512];
	FILE *maps;

	map(fd, RW, MAP_SHARED);
	maps = fopen("/proc/self/maps", "r");
	while (maps && fgets(line, sizeof(line), maps))
		if (strstr(line, "/memfd:"))
			printf("%s", strchr(line, '/'));
	if (maps)
		fclose(maps);
	close(fd);
}

static void seals(void)
{
	static const int all[] = {
		F_SEAL_SEAL, F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE, 0x10, SEAL_EXEC
	};
	char buf[2 * PAGE];
	int pipes[2];

	memset(buf, 'b', sizeof(buf));
	for (unsigned int i = 0; i < sizeof(all) / sizeof(*all); i++) {
		int fd = made(MFD_ALLOW_SEALING, 4);
		void *p;

		printf("-- seal %x\n", all[i]);
		SAY(fcntl(fd, F_ADD_SEALS, all[i]));
		SAY(fcntl(fd, F_GET_SEALS));
		SAY(pwrite(fd, buf, 1, 0));
		SAY(pwrite(fd, buf, 2 * PAGE, 3 * PAGE));
		SAY(pwrite(fd, buf, 1, 8 * PAGE));
		SAY(fallocate(fd, PUNCH | KEEP, 0, PAGE));
		SAY(fallocate(fd, 0, 0, PAGE));
		SAY(fallocate(fd, KEEP, 20 * PAGE, PAGE));
		SAY(fallocate(fd, 0, 20 * PAGE, PAGE));
		SAY(ftruncate(fd, 2 * PAGE));
		SAY(ftruncate(fd, 40 * PAGE));
		SAY(fchmod(fd, 0600));
		SAY(fchmod(fd, 0640));
		HOLDS(map(fd, RW, MAP_SHARED) != MAP_FAILED);
		p = map(fd, PROT_READ, MAP_SHARED);
		HOLDS(p != MAP_FAILED);
		if (p != MAP_FAILED)
			SAY(mprotect(p, PAGE, RW));
		HOLDS(map(fd, RW, MAP_PRIVATE) != MAP_FAILED);
		SAY(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
		SAY(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
		SAY(fcntl(fd, F_GET_SEALS));
		close(fd);
	}
	pipe(pipes);
	SAY(fcntl(pipes[0], F_GET_SEALS));
	SAY(fcntl(pipes[0], F_ADD_SEALS, 1));
	SAY(fcntl(pipes[1], F_ADD_SEALS, 1));
	SAY(fcntl(99, F_GET_SEALS));
	SAY(fcntl(made(MFD_ALLOW_SEALING, 1), F_ADD_SEALS, 0x100));
	SAY(fcntl(made(0, 1), F_ADD_SEALS, F_SEAL_GROW));
	SAY(fcntl(made(NOEXEC_SEAL, 1), F_ADD_SEALS, F_SEAL_GROW));
}

static void write_seal_and_mappings(void)
{
	int fd = made(MFD_ALLOW_SEALING, 4);
	char *shared = map(fd, RW, MAP_SHARED), *private = map(fd, RW, MAP_PRIVATE);

	shared[0] = 'x';
	private[PAGE] = 'y';
	SAY(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	SAY(mprotect(shared, 4 * PAGE, PROT_READ));
	SAY(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	SAY(munmap(shared, PAGE));
	SAY(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	SAY(munmap(shared + PAGE, 3 * PAGE));
	SAY(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	private[0]++;
	printf("private: %c %c\n", private[0], private[PAGE]);
}

static void show(const char *what, const unsigned char *p, int fd)
{
	struct stat st;

	fstat(fd, &st);
	printf("%s: size %lu blocks %lu bytes", what, (unsigned long)st.st_size,
	       (unsigned long)st.st_blocks);
	for (unsigned long i = 0; i < 4; i++)
		printf(" %d/%d/%d", p[i * PAGE], p[i * PAGE + 100], p[i * PAGE + PAGE - 1]);
	printf("\n");
}

static void holes(void)
{
	int fd = made(0, 4), rofd;
	unsigned char *p = map(fd, RW, MAP_SHARED), *private = map(fd, RW, MAP_PRIVATE);
	char path[64];

	for (unsigned long i = 0; i < 4; i++)
		memset(p + i * PAGE, (int)i + 1, PAGE);
	private[2 * PAGE] = 99;
	show("full", p, fd);
	SAY(fallocate(fd, PUNCH | KEEP, 100, 3 * PAGE));
	show("punched", p, fd);
	show("private", private, fd);
	SAY(fallocate(fd, PUNCH | KEEP, 3 * PAGE + 100, 10));
	SAY(fallocate(fd, PUNCH | KEEP, 3 * PAGE + 200, 1000 * PAGE));
	show("cut", p, fd);
	SAY(fallocate(fd, KEEP, 4 * PAGE, 2 * PAGE));
	show("reserved", p, fd);
	SAY(ftruncate(fd, 4 * PAGE));
	show("given back", p, fd);
	SAY(fallocate(fd, 0, PAGE, 5 * PAGE + 1));
	show("longer", p, fd);
	SAY(fallocate(fd, PUNCH, 0, 1));
	SAY(fallocate(fd, ZERO, 0, 1));
	SAY(fallocate(fd, ZERO | KEEP, 0, 1));
	SAY(fallocate(fd, PUNCH | ZERO | KEEP, 0, 1));
	SAY(fallocate(fd, 8, 0, PAGE));
	SAY(fallocate(fd, 0x20, 0, PAGE));
	SAY(fallocate(fd, 0x40, 0, PAGE));
	SAY(fallocate(fd, 0x4000, 0, PAGE));
	SAY(fallocate(fd, 0, -1, 1));
	SAY(fallocate(fd, 0, 0, 0));
	SAY(fallocate(fd, 0, 1, INT64_MAX));
	SAY(fallocate(99, 0, 0, 1));
	snprintf(path, sizeof(path), "f");
	rofd = open(path, O_CREAT | O_RDONLY, 0600);
	SAY(fallocate(rofd, 0, 0, 1));
	SAY(fallocate(rofd, 0x4000, 0, 1));
	SAY(fallocate(open(".", O_RDONLY), 0, 0, 1));
	SAY(fallocate(open("/dev/null", O_RDWR), 0, 0, 1));
	unlink(path);
}

static void advice(void)
{
	unsigned char *p = mmap(NULL, 8 * PAGE, RW, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned char *own = mmap(NULL, PAGE, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int fd = made(0, 4);
	unsigned char *private = map(fd, RW, MAP_PRIVATE), *shared = map(fd, RW, MAP_SHARED);
	int i;

	for (i = 0; i < 8; i++)
		p[i * PAGE] = (unsigned char)(i + 1);
	SAY(madvise(p + PAGE, 2 * PAGE, MADV_REMOVE));
	SAY(munmap(p + 4 * PAGE, PAGE));
	SAY(madvise(p + 3 * PAGE, 3 * PAGE, MADV_REMOVE));
	printf("anonymous: %d %d %d %d %d %d\n", p[0], p[PAGE], p[2 * PAGE], p[3 * PAGE],
	       p[5 * PAGE], p[6 * PAGE]);
	shared[0] = 1;
	private[0] = 2;
	SAY(madvise(private, PAGE, MADV_REMOVE));
	SAY(madvise(own, PAGE, MADV_REMOVE));
	SAY(mlock(shared, PAGE));
	SAY(madvise(shared, PAGE, MADV_REMOVE));
	SAY(munlock(shared, PAGE));
	SAY(madvise(shared, PAGE, MADV_REMOVE));
	SAY(madvise(shared + 1, PAGE, MADV_REMOVE));
	SAY(madvise(shared, 0, MADV_REMOVE));
	SAY(mprotect(shared, PAGE, PROT_READ));
	SAY(madvise(shared, PAGE, MADV_REMOVE));
	printf("file: %d %d\n", shared[0], private[0]);
}

int main(void)
{
	flags_and_names();
	name_in_maps();
	seals();
	write_seal_and_mappings();
	holes();
	advice();
	return 0;
}
