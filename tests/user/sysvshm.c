/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * tests/user/sysvshm.c - System V shared memory: keys, attachments, removal
 */
#include "tests/user/test.h"

#include <sys/ipc.h>
#include <sys/shm.h>

#define KEY 0x4c6f636b
#define SIZE (3 * PAGE + 100)

static void show(int id)
{
	struct shmid_ds ds;

	if (shmctl(id, IPC_STAT, &ds)) {
		printf("IPC_STAT: -%s\n", errno_name(errno));
		return;
	}
	printf("size %zu mode %o attached %lu, key %s, maker %s\n", ds.shm_segsz,
	       ds.shm_perm.mode, ds.shm_nattch, ds.shm_perm.__key == KEY ? "ours" : "none",
	       ds.shm_cpid == getpid() ? "we" : "other");
}

static void test_keys(void)
{
	int id, other;

	SHOW(shmget(KEY, SIZE, 0600));
	id = shmget(KEY, SIZE, IPC_CREAT | IPC_EXCL | 0640);
	HOLDS(id >= 0);
	HOLDS(shmget(KEY, 0, 0) == id);
	HOLDS(shmget(KEY, SIZE, IPC_CREAT | 0600) == id);
	SHOW(shmget(KEY, SIZE + 1, 0));
	SHOW(shmget(KEY, SIZE, IPC_CREAT | IPC_EXCL | 0600));
	SHOW(shmget(KEY + 1, 0, IPC_CREAT | 0600));
	SHOW(shmget(IPC_PRIVATE, 0, 0600));
	other = shmget(IPC_PRIVATE, 1, 0600);
	HOLDS(other >= 0 && other != id);
	show(id);
	SHOW(shmctl(other, IPC_RMID, NULL));
	SHOW(shmctl(other, IPC_RMID, NULL));
	SHOW(shmctl(other, IPC_STAT, NULL));
	SHOW(shmctl(-1, IPC_RMID, NULL));
	SHOW(shmctl(id, 77, NULL));
	SHOW(shmctl(id, IPC_STAT, (void *)8));
	SHOW(shmctl(id, IPC_SET, (void *)8));
	SHOW_OK(shmat(other, NULL, 0) == (void *)-1 ? -1 : 0);
	SHOW(shmctl(id, IPC_RMID, NULL));
	SHOW(shmget(KEY, 0, 0));
}

static const char *at(const void *p)
{
	return p == (void *)-1 ? errno_name(errno) : "mapped";
}

static void test_addresses(void)
{
	int id = shmget(IPC_PRIVATE, SIZE, 0600);
	char *room = mmap(NULL, 16 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *p, *q;

	munmap(room + 4 * PAGE, 12 * PAGE);
	p = shmat(id, room + 5 * PAGE, 0);
	HOLDS(p == room + 5 * PAGE);
	printf("over it: %s\n", at(shmat(id, room + 6 * PAGE, 0)));
	printf("over another mapping: %s\n", at(shmat(id, room + 3 * PAGE, 0)));
	printf("not aligned: %s\n", at(shmat(id, room + 10 * PAGE + 5, 0)));
	q = shmat(id, room + 10 * PAGE + 5, SHM_RND);
	HOLDS(q == room + 10 * PAGE);
	printf("remap of nothing: %s\n", at(shmat(id, NULL, SHM_REMAP)));
	show(id);
	p[5] = 55;
	q[PAGE] = 66;
	printf("one memory: %d %d\n", q[5], p[PAGE]);
	HOLDS(shmat(id, room, SHM_REMAP) == room);
	printf("there, too: %d\n", room[5]);
	show(id);
	SHOW(shmdt(room + PAGE));
	SHOW(shmdt(room + 1));
	SHOW(shmdt(room));
	SHOW(shmdt(room));
	SHOW(munmap(p + PAGE, PAGE));
	show(id);
	SHOW(shmdt(p));
	show(id);
	SHOW(shmdt(q));
	show(id);
	SHOW(shmctl(id, IPC_RMID, NULL));
}

static void test_read_only(void)
{
	int id = shmget(IPC_PRIVATE, PAGE, 0600);
	volatile char *p = shmat(id, NULL, SHM_RDONLY);

	printf("a new byte: %d\n", *p);
	IN_CHILD("a write", *p = 1);
	SHOW(mprotect((void *)p, PAGE, PROT_READ | PROT_WRITE));
	SHOW(shmctl(id, IPC_RMID, NULL));
	show(id);
	SHOW(shmdt((void *)p));
	show(id);
}

/* A removed segment lives as long as somebody has it, and can be found by number. */
static void test_removal_and_fork(void)
{
	int id = shmget(KEY, SIZE, IPC_CREAT | 0600);
	volatile int *p = shmat(id, NULL, 0);
	struct shmid_ds ds;

	p[0] = 1;
	SHOW(shmctl(id, IPC_STAT, &ds));
	ds.shm_perm.mode = 0444;
	SHOW(shmctl(id, IPC_SET, &ds));
	show(id);
	IN_CHILD("child", show(id); p[0]++; SHOW(shmdt((void *)p)); show(id));
	show(id);
	SHOW(shmctl(id, IPC_RMID, NULL));
	SHOW(shmget(KEY, 0, 0));
	show(id);
	IN_CHILD("child", int *q = shmat(id, NULL, 0); q[0]++; show(id));
	printf("counted: %d\n", p[0]);
	IN_CHILD("child that execs", show(id); execl("/bin/true", "true", NULL));
	show(id);
	SHOW(shmdt((void *)p));
	show(id);
}

static void test_proc_file(void)
{
	int id = shmget(KEY, SIZE, IPC_CREAT | 0600), seen, key, found = 0;
	FILE *f = fopen("/proc/sysvipc/shm", "r");
	unsigned int perms;
	char line[512];
	size_t size;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%d %d %o %zu", &key, &seen, &perms, &size) == 4 && key == KEY)
			found += seen == id && perms == 0600 && size == SIZE;
	printf("lines of it: %d\n", found);
	fclose(f);
	SHOW(shmctl(id, IPC_RMID, NULL));
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	test_keys();
	test_addresses();
	test_read_only();
	test_removal_and_fork();
	test_proc_file();
	return 0;
}
