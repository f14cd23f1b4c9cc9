/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/user/shmperm.c - System V shared memory: who may what, and what stays in memory */
#include "tests/user/test.h"

#include <grp.h>
#include <sys/ipc.h>
#include <sys/shm.h>

#define KEY 0x4c6f636c
#define SIZE (2 * PAGE)
#define USER 1000
#define OTHER 1001

static void become(uid_t uid, gid_t gid)
{
	if (setgroups(0, NULL) || setresgid(gid, gid, gid) || setresuid(uid, uid, uid))
		printf("become: -%s\n", errno_name(errno));
}

static const char *attach(int id, int flags)
{
	void *p = shmat(id, NULL, flags);

	if (p == (void *)-1)
		return errno_name(errno);
	shmdt(p);
	return "ok";
}

static void try_all(int id)
{
	struct shmid_ds ds;
	int can_stat;

	printf("read %s", attach(id, SHM_RDONLY));
	printf(" write %s", attach(id, 0));
	printf(" exec %s\n", attach(id, SHM_RDONLY | SHM_EXEC));
	SHOW_OK(shmget(KEY, 0, 0));
	SHOW_OK(shmget(KEY, SIZE, 0400));
	SHOW_OK(shmget(KEY, SIZE, 0004));
	SHOW_OK(shmget(KEY, SIZE, IPC_CREAT | 0660));
	SHOW_OK(shmget(KEY, SIZE + PAGE, 0600));
	can_stat = shmctl(id, IPC_STAT, &ds);
	printf("IPC_STAT: %s\n", can_stat ? errno_name(errno) : "ok");
	if (!can_stat)
		printf("owner %d %d maker %d %d mode %o\n", ds.shm_perm.uid, ds.shm_perm.gid,
		       ds.shm_perm.cuid, ds.shm_perm.cgid, ds.shm_perm.mode);
	memset(&ds, 0, sizeof(ds));
	ds.shm_perm.uid = ds.shm_perm.gid = USER;
	ds.shm_perm.mode = 0666;
	SHOW(shmctl(id, SHM_LOCK, NULL));
	SHOW(shmctl(id, SHM_UNLOCK, NULL));
	SHOW(shmctl(id, IPC_SET, &ds));
	SHOW(shmctl(id, IPC_RMID, NULL));
}

static void test_modes(void)
{
	static const int modes[] = { 0600, 0400, 0640, 0604, 0755, 0066, 0 };

	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		for (int who = 0; who < 5; who++) {
			int id;

			IN_CHILD("maker", become(USER, USER);
				 SHOW_OK(shmget(KEY, SIZE, IPC_CREAT | IPC_EXCL | modes[i])));
			id = shmget(KEY, 0, 0);
			printf("-- mode %o, %s\n", modes[i],
			       (const char *[]){ "owner", "group", "other", "root",
						 "root without power" }[who]);
			switch (who) {
			case 0: IN_CHILD("end", become(USER, OTHER); try_all(id)); break;
			case 1: IN_CHILD("end", become(OTHER, USER); try_all(id)); break;
			case 2: IN_CHILD("end", become(OTHER, OTHER); try_all(id)); break;
			case 3: IN_CHILD("end", try_all(id)); break;
			case 4: IN_CHILD("end", become(0, 0); seteuid(OTHER); try_all(id)); break;
			}
			shmctl(id, IPC_RMID, NULL);
		}
	}
}

/* Who got it by IPC_SET owns it beside who made it. */
static void test_new_owner(void)
{
	int id = shmget(KEY, SIZE, IPC_CREAT | 0600);
	struct shmid_ds ds = { .shm_perm.uid = OTHER, .shm_perm.gid = OTHER,
			       .shm_perm.mode = 07640 };

	SHOW(shmctl(id, IPC_SET, &ds));
	IN_CHILD("new owner", become(OTHER, USER); try_all(id));
	SHOW_OK(shmget(KEY, 0, 0));
	id = shmget(KEY, SIZE, IPC_CREAT | 0600);
	ds.shm_perm.uid = (uid_t)-1;
	SHOW(shmctl(id, IPC_SET, &ds));
	ds.shm_perm.uid = 0;
	ds.shm_perm.gid = (gid_t)-1;
	SHOW(shmctl(id, IPC_SET, &ds));
	SHOW(shmctl(id, IPC_RMID, NULL));
}

static void limit(rlim_t bytes)
{
	struct rlimit r = { bytes, bytes };

	SHOW(setrlimit(RLIMIT_MEMLOCK, &r));
}

static int mode_of(int id)
{
	struct shmid_ds ds;

	return shmctl(id, IPC_STAT, &ds) ? -1 : (int)ds.shm_perm.mode;
}

static void test_lock_limit(void)
{
	int a = shmget(IPC_PRIVATE, 3 * PAGE, 0600), b = shmget(IPC_PRIVATE, 1, 0600);

	printf("%d\n", shmctl(a, SHM_LOCK, NULL));
	printf("mode %o\n", mode_of(a));
	printf("%d %d\n", shmctl(a, SHM_LOCK, NULL), shmctl(a, SHM_UNLOCK, NULL));
	printf("mode %o, %d\n", mode_of(a), shmctl(a, SHM_UNLOCK, NULL));
	SHOW(shmctl(-1, SHM_LOCK, NULL));
	SHOW(shmctl(a, IPC_RMID, NULL));
	SHOW(shmctl(b, IPC_RMID, NULL));
	limit(4 * PAGE);
	become(OTHER, OTHER);
	a = shmget(IPC_PRIVATE, 3 * PAGE, 0600);
	b = shmget(IPC_PRIVATE, 1, 0600);
	printf("three pages: %d\n", shmctl(a, SHM_LOCK, NULL));
	printf("again: %d\n", shmctl(a, SHM_LOCK, NULL));
	printf("one more: %d\n", shmctl(b, SHM_LOCK, NULL));
	SHOW(shmctl(b, SHM_UNLOCK, NULL));
	limit(3 * PAGE);
	printf("too many: %s\n", shmctl(b, SHM_LOCK, NULL) ? errno_name(errno) : "ok");
	SHOW(shmctl(a, SHM_UNLOCK, NULL));
	SHOW(shmctl(b, SHM_LOCK, NULL));
	SHOW(shmctl(b, IPC_RMID, NULL));
	SHOW(shmctl(a, SHM_LOCK, NULL));
	limit(0);
	SHOW(shmctl(a, SHM_LOCK, NULL));
	SHOW(shmctl(a, SHM_UNLOCK, NULL));
	SHOW(shmctl(a, SHM_LOCK, NULL));
	SHOW(shmctl(a, IPC_RMID, NULL));
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	test_modes();
	test_new_owner();
	IN_CHILD("limits", test_lock_limit());
	return 0;
}
