/* SPDX-License-Identifier: GPL-2.0-only */
/* tests/user/spawn.c - posix_spawn, system, popen: clone(VM | VFORK) */
#include "tests/user/test.h"
#include <spawn.h>

extern char **environ;

/* What the child prints comes first: nothing is printed before it has ended. */
static void spawn_and_wait(const char *what, const char *path,
			   const posix_spawn_file_actions_t *actions,
			   const posix_spawnattr_t *attr, char **args)
{
	pid_t pid = -1;
	int err = posix_spawn(&pid, path, actions, attr, args, environ);
	const char *end = err ? errno_name(err) : wait_text(pid);

	printf("%s: %s\n", what, end);
}

int main(int argc, char **argv)
{
	char *none[] = { "true", NULL }, *args[] = { argv[0], "child", NULL };
	char *sig[] = { argv[0], "signal", NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	char line[64] = "";
	sigset_t set;
	pid_t pid;
	int fd[2];
	FILE *f;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 1 && !strcmp(argv[1], "child")) {
		puts("spawned");
		return 5;
	}
	if (argc > 1) {
		sigprocmask(SIG_SETMASK, NULL, &set);
		printf("usr1 blocked %d\n", sigismember(&set, SIGUSR1));
		return raise(SIGTERM);
	}
	spawn_and_wait("plain", argv[0], NULL, NULL, args);
	printf("no file: %s\n",
	       errno_name(posix_spawn(&pid, "/no/such", NULL, NULL, args, environ)));

	SHOW(pipe(fd));
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fd[1], 1);
	posix_spawn_file_actions_addclose(&actions, fd[0]);
	spawn_and_wait("file actions", argv[0], &actions, NULL, args);
	close(fd[1]);
	f = fdopen(fd[0], "r");
	printf("from the pipe: %s", fgets(line, sizeof(line), f) ? line : "nothing\n");
	fclose(f);

	posix_spawnattr_init(&attr);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	posix_spawnattr_setsigmask(&attr, &set);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
	spawn_and_wait("attributes", argv[0], NULL, &attr, sig);

	fflush(stdout);
	printf("system: %d\n", WEXITSTATUS(system("exit 3")));
	f = popen("echo from a shell", "r");
	printf("popen: %s", f && fgets(line, sizeof(line), f) ? line : "nothing\n");
	printf("pclose: %d\n", pclose(f));
	for (int i = 0; i < 50; i++) {
		if (posix_spawn(&pid, "/bin/true", NULL, NULL, none, environ) ||
		    waitpid(pid, NULL, 0) != pid)
			puts("spawn failed");
	}
	puts("fifty more");
	return 0;
}
