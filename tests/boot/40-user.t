#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Programs: the way in (RUN, EXTRA) and the way out (exit statuses), the user tests
# compared with Linux's output (tests/user), and Debian's busybox.
cd "$(dirname "$0")/../.." || exit 2
. tests/boot/lib.sh
export MEM=128M TESTS=y
extra=$(mktemp -d "${TMPDIR:-/tmp}/lockstep-extra.XXXXXX")
trap 'rm -rf "$extra" "$log" "$log.err"' EXIT

cat >"$extra/greet.c" <<'C'
#include <stdio.h>
int main(int argc, char **argv) { return printf("greetings, %s\n", argv[1]) > 0 ? argc : 1; }
C
musl-gcc -static -O1 "$extra/greet.c" -o "$extra/greet"
ends 2 'a program of EXTRA, and its exit status' RUN='/extra/greet reader' EXTRA="$extra" CPUS=2
says 'greetings, reader' 'what it says arrives'
ends 2 'the same from the CD image' ISO=y RUN='/extra/greet reader' EXTRA="$extra" CPUS=1
ends 139 'a program that crashes' RUN='kill -11 $$' CPUS=1
ends 126 'a program that cannot be run' RUN=/etc CPUS=1

boots 'kernel tests first, then programs, as make run does' CPUS=2 APPEND=ktest=quick RUN='echo $$'

# The same programs with another C library; they are too large for the image.
mkdir "$extra/glibc"
printf '%s\n' tests/user/*.c | xargs -P "$(nproc)" -I{} sh -c \
	'gcc -std=gnu11 -O1 -static -s -I. -w {} -o "$0/$(basename {} .c)"' "$extra/glibc" || exit 2
for cpus in 1 2 4; do
	run=runtests
	[ $cpus != 4 ] || run='runtests && runtests -g /extra/glibc'
	boots "the user tests, $cpus CPUs${run#runtests}" RUN="$run" CPUS=$cpus MEM=256M EXTRA="$extra"
	echo "# $(grep -c '^ok ' "$log") as on Linux, $(grep -c '^not ok ' "$log") not"
	grep '^# longest' "$log"
done
rm -r "$extra/glibc"

# Programs that want memory: they check what they find, and say what is wrong with an option.
ends 2 'programs that want memory; the last one wants it wrongly' TIMEOUT=300 CPUS=4 RUN='
	memhog -p 2 -r 72M && memhog -o -s 4M && memhog -l 1M && forkstorm -w 3 -d 4 -m 128K &&
	mmapbench -q -n 40 -t 2 && memstress -j 3 -t 3 -n 600 -p 32 -s '"$$"' && memview -1 -r 4 1 || exit
	for p in memview memhog forkstorm mmapbench memstress; do
		$p --help >/dev/null && ! $p --nonsense 2>/dev/null && ! $p 4X 5Y 2>/dev/null || exit 1
	done
	memhog 4X'
says 'memhog: 75497472 bytes, 2 passes, 0 pages wrong' 'more memory than there is'
says 'forkstorm: 120 processes, 0 wrong, 0 not made' 'a tree of processes'
says 'mmapbench: 0 wrong' 'threads that map'
says 'memstress: 5400 steps, 0 wrong' 'everything at once'
says '! impossible                  0' 'every frame is in a state'
says "memhog: try \`memhog --help'" 'who is wrong is told where to read'

# some of the allocations that the kernel makes for a program; all of them in make test-long
boots 'programs whose allocations fail' CPUS=2 \
	RUN="allocfail -r 3 -s ${SWEEP:-$$} /tests/hello /tests/traps /tests/memory /tests/madvise"
grep '^ok /tests' "$log" | sed 's/^ok /# /'

musl-gcc -static -O1 -Wall tests/boot/jobs.c -o "$extra/jobs"
boots 'the terminal and groups without a shell or a leader' RUN=/extra/jobs EXTRA="$extra" CPUS=2

# a test that hangs, and a child of it that holds its output open
printf '#!/bin/sh\nsleep 1000 &\nsleep 1000\n' >"$extra/silent"
chmod +x "$extra/silent"
ends 1 'a user test that hangs is killed and fails' EXTRA="$extra" CPUS=2 RUN='
	mkdir /tests/extra; echo >/tests/extra/silent
	RUNTESTS_SECONDS=2; runtests ../extra/silent'
says 'Lockstep: silent for too long' 'and it is said why'

if [ -x /bin/busybox ]; then
	boots 'busybox: a shell script' CPUS=2 RUN='
		cd /tmp && busybox sh -ec "
			for i in 1 2 3; do echo line \$i > file\$i; done
			busybox cat file* | busybox sort -r | busybox sed -n 1p
			busybox dd if=/dev/zero of=zeros bs=64k count=16 2>/dev/null
			busybox md5sum zeros; busybox rm file* zeros; busybox ls | busybox wc -l"'
	says 'line 3' 'cat, sort and sed in a pipe'
	says 'b6d81b360a5672d80c27430f39153e2c  zeros' 'dd and md5sum: a mebibyte of zeros'
fi
done_testing
