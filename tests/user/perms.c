/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/user/perms.c - what an ordinary user may not do, and how he becomes one */
#include "tests/user/test.h"

#include <grp.h>
#include <sys/auxv.h>
#include <sys/fsuid.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/uio.h>
#include <utime.h>

#define DIR "/tmp/lockstep-perms"
#define USER 1000
#define OTHER 1001

static void put(const char *path, const char *text, mode_t mode, uid_t uid, gid_t gid)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, text, strlen(text)) < 0 || fchown(fd, uid, gid) ||
	    fchmod(fd, mode))
		printf("%s: -%s\n", path, errno_name(errno));
	close(fd);
}

static void become(uid_t uid)
{
	if (setgroups(0, NULL) || setresgid(uid, uid, uid) || setresuid(uid, uid, uid))
		printf("become: -%s\n", errno_name(errno));
}

static void show_ids(void)
{
	uid_t r, e, s;

	getresuid(&r, &e, &s);
	printf("uid %d %d %d", r, e, s);
	getresgid(&r, &e, &s);
	printf(" gid %d %d %d\n", r, e, s);
}

static unsigned long long capabilities(void)
{
	struct { uint32_t version; int pid; } header = { 0x20080522, 0 };
	struct { uint32_t effective, permitted, inheritable; } data[2];

	syscall(SYS_capget, &header, data);
	return data[0].effective & 0xff;	/* those that every root has */
}

/* ---- ids ---- */

static void test_ids(void)
{
	show_ids();
	SHOW(syscall(SYS_setresuid, 1, 2, 3));
	show_ids();
	printf("%llx\n", capabilities());
	SHOW(syscall(SYS_setresuid, 4, -1, -1));
	SHOW(syscall(SYS_setresuid, 3, 1, 2));
	show_ids();
	SHOW(syscall(SYS_setreuid, -1, 3));
	SHOW(syscall(SYS_setreuid, 1, 2));
	SHOW(syscall(SYS_setuid, 3));
	SHOW(syscall(SYS_setuid, 0));
	SHOW(syscall(SYS_setuid, -1));
	show_ids();
	SHOW(syscall(SYS_setgid, 5));
	SHOW(setgroups(0, NULL));
}

/* Root who steps down for a while, and comes back. */
static void test_stepping_down(void)
{
	SHOW(seteuid(USER));
	printf("%llx\n", capabilities());
	SHOW(open(DIR "/secret", O_RDONLY));
	SHOW(seteuid(0));
	printf("%llx\n", capabilities());
	SHOW_OK(open(DIR "/secret", O_RDONLY));
	SHOW(setreuid(USER, -1));
	show_ids();
	SHOW(setfsuid(USER));
	SHOW(setfsuid(-1));
	SHOW(open(DIR "/secret", O_RDONLY));
	SHOW_OK(open(DIR "/mine", O_RDWR));
	SHOW(access(DIR "/secret", R_OK));
	SHOW(setfsuid(0));
	SHOW_OK(open(DIR "/secret", O_RDONLY));
	SHOW(access(DIR "/secret", R_OK));		/* the real id is not root's */
	SHOW(faccessat(AT_FDCWD, DIR "/secret", R_OK, AT_EACCESS));
}

static void test_groups(void)
{
	gid_t list[] = { 7, 9, 11 }, got[4];

	SHOW(setgroups(3, list));
	SHOW(getgroups(0, NULL));
	SHOW(getgroups(2, got));
	SHOW(getgroups(4, got));
	printf("%d %d %d\n", got[0], got[1], got[2]);
	if (setresgid(USER, USER, USER) || setresuid(USER, USER, USER))
		puts("no");
	SHOW_OK(open(DIR "/group9", O_RDONLY));
	SHOW(open(DIR "/group9", O_WRONLY));
	SHOW(open(DIR "/group10", O_RDONLY));
	SHOW(setgroups(1, list));
}

/* ---- files ---- */

static void test_files(void)
{
	struct timespec times[2] = { { 1, 0 }, { 2, 0 } };

	become(USER);
	show_ids();
	printf("%llx\n", capabilities());
	SHOW(open(DIR "/secret", O_RDONLY));
	SHOW_OK(open(DIR "/readable", O_RDONLY));
	SHOW(open(DIR "/readable", O_RDWR));
	SHOW(open(DIR "/readable", O_RDONLY | O_TRUNC));
	SHOW(open(DIR "/readable", O_WRONLY | O_CREAT, 0600));
	SHOW(open(DIR "/unreadable-by-owner", O_RDONLY));
	SHOW(open(DIR "/closed/file", O_RDONLY));
	SHOW(open(DIR "/closed/nothing", O_RDONLY));
	SHOW(open(DIR "/closed/../readable", O_RDONLY));
	SHOW(open(DIR "/new", O_WRONLY | O_CREAT, 0600));
	SHOW(mkdir(DIR "/new", 0700));
	SHOW(mkdir(DIR "/readable", 0700));
	SHOW(mkdir(DIR "/open/mine", 0700));
	SHOW(symlink("x", DIR "/new"));
	SHOW(mknod(DIR "/open/null", S_IFCHR | 0666, 0x103));
	SHOW(unlink(DIR "/readable"));
	SHOW(rename(DIR "/mine", DIR "/open/mine2"));
	SHOW(rename(DIR "/open/mine", DIR "/open/yours"));
	SHOW(rmdir(DIR "/open/yours"));
	SHOW(chmod(DIR "/readable", 0666));
	SHOW(chmod(DIR "/mine", 02775));
	SHOW(chown(DIR "/mine", OTHER, -1));
	SHOW(chown(DIR "/mine", -1, OTHER));
	SHOW(chown(DIR "/mine", USER, USER));
	SHOW(chown(DIR "/readable", -1, -1));
	SHOW(truncate(DIR "/readable", 0));
	SHOW(truncate(DIR "/mine", 2));
	SHOW(utimensat(AT_FDCWD, DIR "/readable", NULL, 0));
	SHOW(utimensat(AT_FDCWD, DIR "/readable", times, 0));
	SHOW(utimensat(AT_FDCWD, DIR "/writable", NULL, 0));
	SHOW(utimensat(AT_FDCWD, DIR "/writable", times, 0));
	SHOW(utimensat(AT_FDCWD, DIR "/mine", times, 0));
	SHOW(access(DIR "/readable", R_OK));
	SHOW(access(DIR "/readable", W_OK));
	SHOW(access(DIR "/readable", X_OK));
	SHOW(access(DIR "/secret", F_OK));
	SHOW(chdir(DIR "/closed"));
	SHOW(chdir(DIR "/open"));
	SHOW(mount("none", DIR "/open", "tmpfs", 0, NULL));
	SHOW(umount(DIR));
	SHOW(syscall(SYS_swapoff, "/nothing"));
	SHOW(syscall(SYS_reboot, 0xfee1dead, 672274793, 0, 0));
}

static void show_owner(const char *path)
{
	struct stat st;

	if (stat(path, &st))
		printf("%s: -%s\n", path, errno_name(errno));
	else
		printf("%s: %o, %d, %d\n", path, st.st_mode, st.st_uid, st.st_gid);
}

static void test_new_files(void)
{
	umask(022);
	put(DIR "/open/a", "a", 0644, -1, -1);
	mkdir(DIR "/grouped/dir", 0755);
	close(open(DIR "/grouped/a", O_CREAT | O_WRONLY, 0644));
	become(USER);
	close(open(DIR "/open/b", O_CREAT | O_WRONLY, 0644));
	close(open(DIR "/open/readonly", O_CREAT | O_WRONLY, 0400));	/* for who makes it */
	SHOW(open(DIR "/open/readonly", O_WRONLY));
	show_owner(DIR "/open/a");
	show_owner(DIR "/open/b");
	show_owner(DIR "/grouped/a");
	show_owner(DIR "/grouped/dir");
}

static void test_sticky(void)
{
	become(USER);
	show_owner(DIR "/sticky");
	SHOW(unlink(DIR "/sticky/root's"));
	SHOW(unlink(DIR "/sticky/other's"));
	SHOW(rename(DIR "/sticky/other's", DIR "/sticky/x"));
	SHOW(rename(DIR "/sticky/mine", DIR "/sticky/other's"));
	SHOW(rename(DIR "/sticky/mine", DIR "/sticky/x"));
	SHOW(unlink(DIR "/sticky/x"));
	SHOW(rmdir(DIR "/sticky/dir"));
}

/* ---- programs ---- */

static void copy_self(const char *to, mode_t mode, uid_t uid)
{
	int in = open("/proc/self/exe", O_RDONLY), out = open(to, O_WRONLY | O_CREAT, 0700);
	char buf[4096];
	ssize_t n;

	while ((n = read(in, buf, sizeof(buf))) > 0)
		if (write(out, buf, n) != n)
			break;
	SHOW(fchown(out, uid, uid) || fchmod(out, mode));
	close(in);
	close(out);
}

static void run(const char *path)
{
	char *argv[] = { "perms", "started", NULL };

	fflush(stdout);
	execve(path, argv, (char *[]){ NULL });
	printf("%s: -%s\n", path, errno_name(errno));
}

/* What the copy of this program finds when it is started. */
static int started(void)
{
	show_ids();
	printf("%llx, secure %ld, dumpable %d\n", capabilities(), getauxval(23),
	       prctl(PR_GET_DUMPABLE));
	return 0;
}

static void run_as(uid_t uid, const char *path)
{
	printf("%d runs %s\n", uid, path);
	IN_CHILD("it", if (uid) become(uid); run(path));
}

static void test_programs(void)
{
	copy_self(DIR "/plain", 0755, 0);
	copy_self(DIR "/only-run", 0711, 0);
	copy_self(DIR "/not-run", 0644, 0);
	copy_self(DIR "/only-owner", 0700, OTHER);
	copy_self(DIR "/set-other", 04755, OTHER);
	copy_self(DIR "/set-root", 04755, 0);
	copy_self(DIR "/set-group", 02755, OTHER);
	copy_self(DIR "/set-group-no-x", 02745, OTHER);
	run_as(USER, DIR "/plain");
	run_as(USER, DIR "/only-run");
	run_as(USER, DIR "/not-run");
	run_as(USER, DIR "/only-owner");
	run_as(USER, DIR "/set-other");
	run_as(USER, DIR "/set-root");
	run_as(USER, DIR "/set-group");
	run_as(USER, DIR "/set-group-no-x");
	run_as(0, DIR "/set-other");
	run_as(0, DIR "/not-run");
	run_as(0, DIR);
}

static void test_busy(void)
{
	int fd = open(DIR "/plain", O_WRONLY), go[2], ready[2];
	pid_t pid;
	char c;

	run_as(0, DIR "/plain");
	close(fd);
	if (pipe(go) || pipe(ready))
		return;
	fflush(stdout);
	pid = fork();
	if (!pid) {
		dup2(go[0], 0);
		dup2(ready[1], 1);
		close(go[0]);
		close(go[1]);
		execve(DIR "/plain", (char *[]){ "perms", "wait", NULL }, (char *[]){ NULL });
		_exit(1);
	}
	SHOW(read(ready[0], &c, 1));
	SHOW(open(DIR "/plain", O_WRONLY));
	SHOW(open(DIR "/plain", O_RDWR | O_TRUNC));
	SHOW(truncate(DIR "/plain", 0));
	SHOW_OK(open(DIR "/plain", O_RDONLY));
	SHOW(chmod(DIR "/plain", 0700));
	SHOW(unlink(DIR "/plain"));
	close(go[1]);
	printf("it: %s\n", wait_text(pid));
}

/* ---- other processes ---- */

static int wait_in_child(uid_t uid, int *go)
{
	int ready[2], p[2];
	char c;
	pid_t pid;

	if (pipe(ready) || pipe(p))
		return -1;
	fflush(stdout);
	pid = fork();
	if (!pid) {
		become(uid);
		prctl(PR_SET_DUMPABLE, 1);
		close(p[1]);
		if (write(ready[1], "", 1) != 1 || read(p[0], &c, 1) < 0)
			_exit(1);
		_exit(0);
	}
	close(p[0]);
	if (read(ready[0], &c, 1) != 1)
		puts("not ready");
	close(ready[0]);
	close(ready[1]);
	*go = p[1];
	return pid;
}

static void try_file(pid_t pid, const char *name)
{
	char path[64], c;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		printf(" %s: -%s;", name, errno_name(errno));
	else
		printf(" %s: %s;", name, read(fd, &c, 1) < 0 ? errno_name(errno) : "ok");
	close(fd);
}

static void try_process(const char *whose, pid_t pid)
{
	static const char *const names[] = { "stat", "status", "statm", "maps", "smaps", "pagemap",
					     "environ", "auxv", "fd", "fd/0", "fdinfo/0", "limits",
					     "task", "oom_score_adj" };
	char path[64], buf[64];
	struct iovec local = { buf, 1 }, remote = { buf, 1 };

	printf("%s:", whose);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		try_file(pid, names[i]);
	puts("");
	snprintf(path, sizeof(path), "/proc/%d/cwd", pid);
	SHOW_OK(readlink(path, buf, sizeof(buf)));
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	SHOW_OK(open(path, O_RDWR));
	snprintf(path, sizeof(path), "/proc/%d/clear_refs", pid);
	SHOW_OK(open(path, O_WRONLY));
	SHOW(process_vm_readv(pid, &local, 1, &remote, 1, 0));
	SHOW(kill(pid, 0));
	SHOW(kill(pid, SIGCONT));
	SHOW(prlimit(pid, RLIMIT_CORE, NULL, (struct rlimit *)buf));
}

static void test_processes(void)
{
	int go[3];
	pid_t root = wait_in_child(0, &go[0]), mine = wait_in_child(USER, &go[1]);
	pid_t other = wait_in_child(OTHER, &go[2]);

	fflush(stdout);
	IN_CHILD("as user",
		 become(USER);
		 prctl(PR_SET_DUMPABLE, 1);
		 try_process("root's", root);
		 try_process("other's", other);
		 try_process("mine", mine);
		 try_process("myself", getpid());
		 SHOW(kill(-1, 0));
		 SHOW(setpgid(0, 0));
		 SHOW(kill(0, 0)));
	for (int i = 0; i < 3; i++)
		close(go[i]);
	printf("%s\n", wait_text(root));
	printf("%s\n", wait_text(mine));
	printf("%s\n", wait_text(other));
}

/* Who has just become somebody else is not looked into, not even as himself. */
static void test_not_dumpable(void)
{
	pid_t me = getpid();
	uint64_t word;
	int fd;

	become(USER);
	SHOW(prctl(PR_GET_DUMPABLE));
	show_owner("/proc/self/stat");
	show_owner("/proc/self/environ");
	show_owner("/proc/self");
	try_file(me, "environ");
	try_file(me, "maps");
	try_file(me, "fd");
	try_file(me, "limits");
	puts("");
	SHOW(prctl(PR_SET_DUMPABLE, 2));
	SHOW(prctl(PR_SET_DUMPABLE, 1));
	show_owner("/proc/self/environ");
	try_file(me, "environ");
	puts("");
	fd = open("/proc/self/pagemap", O_RDONLY);
	SHOW(pread(fd, &word, 8, (uintptr_t)&word / PAGE * 8));
	HOLDS(word >> 63 && !(word << 9));
	SHOW(setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 100 }));
	SHOW(setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 200 }));
}

/* ---- a file system that is only read ---- */

static void test_readonly(void)
{
	int fd;

	SHOW(mount("none", DIR "/ro", "tmpfs", 0, NULL));
	put(DIR "/ro/file", "x", 0644, USER, USER);
	SHOW(mount("none", DIR "/ro", NULL, MS_REMOUNT | MS_RDONLY, NULL));
	SHOW(open(DIR "/ro/file", O_RDWR));
	SHOW(open(DIR "/ro/new", O_RDWR | O_CREAT, 0600));
	SHOW(open(DIR "/ro/file", O_RDONLY | O_TRUNC));
	fd = open(DIR "/ro/file", O_RDONLY | O_CREAT, 0600);
	HOLDS(fd >= 0);
	SHOW(fchmod(fd, 0600));
	SHOW(fchown(fd, 0, 0));
	close(fd);
	SHOW(mkdir(DIR "/ro/dir", 0700));
	SHOW(mkdir(DIR "/ro/file", 0700));
	SHOW(symlink("x", DIR "/ro/link"));
	SHOW(link(DIR "/ro/file", DIR "/ro/link"));
	SHOW(rename(DIR "/ro/file", DIR "/ro/other"));
	SHOW(unlink(DIR "/ro/file"));
	SHOW(unlink(DIR "/ro/nothing"));
	SHOW(rmdir(DIR "/ro/nothing"));
	SHOW(truncate(DIR "/ro/file", 0));
	SHOW(chmod(DIR "/ro/file", 0600));
	SHOW(utimensat(AT_FDCWD, DIR "/ro/file", NULL, 0));
	SHOW(access(DIR "/ro/file", R_OK));
	SHOW(access(DIR "/ro/file", W_OK));
	SHOW(mount("none", DIR "/ro", NULL, MS_REMOUNT, NULL));
	SHOW(unlink(DIR "/ro/file"));
	SHOW(umount(DIR "/ro"));
	SHOW(rmdir(DIR "/ro"));
}

static void prepare(void)
{
	static const char *const dirs[] = { "", "/closed", "/open", "/sticky", "/sticky/dir",
					    "/grouped", "/ro" };
	char old[64];

	umask(0);
	snprintf(old, sizeof(old), DIR ".%d", getpid());
	rename(DIR, old);	/* left by another run */
	for (size_t i = 0; i < sizeof(dirs) / sizeof(*dirs); i++) {
		char path[64];

		snprintf(path, sizeof(path), DIR "%s", dirs[i]);
		if (mkdir(path, 0755))
			printf("%s: -%s\n", path, errno_name(errno));
	}
	put(DIR "/secret", "s", 0600, 0, 0);
	put(DIR "/readable", "r", 0644, 0, 0);
	put(DIR "/writable", "w", 0666, 0, 0);
	put(DIR "/mine", "mine", 0600, USER, USER);
	put(DIR "/unreadable-by-owner", "r", 0044, USER, USER);
	put(DIR "/group9", "9", 0640, 0, 9);
	put(DIR "/group10", "9", 0640, 0, 10);
	put(DIR "/closed/file", "c", 0644, 0, 0);
	put(DIR "/sticky/root's", "", 0666, 0, 0);
	put(DIR "/sticky/other's", "", 0666, OTHER, OTHER);
	put(DIR "/sticky/mine", "", 0666, USER, USER);
	chmod(DIR "/closed", 0700);
	chmod(DIR "/open", 0777);
	chmod(DIR "/sticky", 01777);
	chown(DIR "/sticky/dir", OTHER, OTHER);
	chown(DIR "/grouped", 0, 77);
	chmod(DIR "/grouped", 02777);
}

int main(int argc, char **argv)
{
	char c;

	if (argc > 1 && !strcmp(argv[1], "wait"))
		return write(1, "", 1) != 1 || read(0, &c, 1) < 0;
	if (argc > 1)
		return started();
	dup2(open("/dev/null", O_RDWR), 0);
	prepare();
	IN_CHILD("ids", test_ids());
	IN_CHILD("stepping down", test_stepping_down());
	IN_CHILD("groups", test_groups());
	IN_CHILD("files", test_files());
	IN_CHILD("new files", test_new_files());
	IN_CHILD("sticky", test_sticky());
	test_programs();
	test_busy();
	test_processes();
	IN_CHILD("not dumpable", test_not_dumpable());
	test_readonly();
	return 0;
}
