#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Programs that want more memory than the machine has: with swap they go on, and
# every byte is right; without, the largest one is killed and the others live.
cd "$(dirname "$0")/../.." || exit 2
. tests/boot/lib.sh
export MEM=40M
extra=$(mktemp -d "${TMPDIR:-/tmp}/lockstep-extra.XXXXXX")
trap 'rm -rf "$extra" "$log" "$log.err"' EXIT

# fill MIB ROUNDS [FILE]: writes and verifies so much memory, shared with a child by fork;
# of a file (a name, or "-": none), so that what the child writes is seen
cat >"$extra/fill.c" <<'C'
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#define WORDS (4096 / sizeof(unsigned long))
static unsigned long *mem, pages, shared;
static void fill(unsigned long from, unsigned long to, unsigned long key)
{
	for (unsigned long p = from; p < to; p++)
		mem[p * WORDS + p % WORDS] = key + p;
}
static int wrong(unsigned long from, unsigned long to, unsigned long key)
{
	for (unsigned long p = from; p < to; p++)
		if (mem[p * WORDS + p % WORDS] != key + p)
			return printf("page %lu is wrong\n", p);
	return 0;
}
int main(int argc, char **argv)
{
	int rounds = atoi(argv[2]), bad = 0, status;
	pages = atol(argv[1]) * 256;
	if (argc > 3) {
		int fd = argv[3][0] == '-' ? -1 : open(argv[3], O_CREAT | O_RDWR, 0600);
		if (fd >= 0 && ftruncate(fd, pages * 4096))
			return 3;
		shared = 7;
		mem = mmap(NULL, pages * 4096, PROT_READ | PROT_WRITE,
			   MAP_SHARED | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);
	} else {
		mem = mmap(NULL, pages * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	}
	if (mem == MAP_FAILED)
		return 3;
	for (int r = 1; r <= rounds; r++) {
		fill(0, pages, r * 1000003UL);
		bad |= wrong(0, pages, r * 1000003UL);
		if (!fork()) {
			fill(0, pages / 8, 7);
			_exit(wrong(0, pages / 8, 7) || wrong(pages / 8, pages, r * 1000003UL));
		}
		bad |= wait(&status) < 0 || status;
		bad |= wrong(0, pages / 8, shared ? shared : r * 1000003UL);
		bad |= wrong(pages / 8, pages, r * 1000003UL);
	}
	return bad ? 1 : 0;
}
C
musl-gcc -static -O1 "$extra/fill.c" -o "$extra/fill" || exit 2

for cpus in 1 4; do
	ends 0 "half as much again as fits, $cpus CPUs" CPUS=$cpus EXTRA="$extra" RUN='/extra/fill 19 2'
done
for cpus in 1 4; do
	ends 0 "the same of shared memory, $cpus CPUs" CPUS=$cpus EXTRA="$extra" RUN='/extra/fill 19 2 -'
done
ends 0 'the same of a file' CPUS=2 EXTRA="$extra" RUN='/extra/fill 19 2 /big; rm /big'
ends 0 'two such programs at once' CPUS=2 EXTRA="$extra" RUN='/extra/fill 10 2 & /extra/fill 10 2'
# Who wants more than memory and swap is killed; beside it a shell, and a program that checks
# what it has written.
for swap in on off; do
	ends 0 "the largest is killed, the shell and others live on, swap=$swap" CPUS=2 \
		APPEND=swap=$swap RUN='
		echo 1 >/proc/sys/vm/overcommit_memory
		memhog -p 40 3M >/tmp/other &
		memhog 200M
		echo the hog ended with $?
		wait
		cat /tmp/other'
	says 'the hog ended with 137' 'it is killed'
	says 'out of memory: killing process' 'the log says why'
	says 'memhog: 3145728 bytes, 40 passes, 0 pages wrong' 'what another program wrote is there'
done

# A small machine, from the CD image: its first command comes soon, and programs run.
boots 'a shell in 32 MiB' MEM=32M CPUS=2 ISO=y APPEND=ktest=none RUN='
	cat /proc/uptime && cd /tmp && seq 20000 >numbers && sort -rn numbers | head -n 1 &&
	dd if=/dev/urandom of=a bs=64k count=16 2>/dev/null && cp a b && cmp a b && tar cf c a b &&
	rm a b c && memhog -p 2 14M && memview -1 -r 2 1 >/dev/null && ps && free'
says 'memhog: 14680064 bytes, 2 passes, 0 pages wrong' 'and a program that wants more than is free'
seconds=$(sed -n 's/^\([0-9]*\.[0-9]*\) [0-9.]*$/\1/p' "$log")
awk "BEGIN { exit !(${seconds:-9} < 2) }"
ok $? "the first command runs within 2 s: ${seconds:-?} s"
done_testing
