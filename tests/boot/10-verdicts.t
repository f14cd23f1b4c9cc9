#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# tools/boot judges correctly: each case is a fake machine (fake.S) with a
# canned serial line and a way to end; verdict and exit status are compared.
cd "$(dirname "$0")/../.." || exit 2
tmp=$(mktemp -d "${TMPDIR:-/tmp}/lockstep-tool.XXXXXX")
trap 'rm -rf "$tmp"' EXIT
n=0

# fake CODE: reads the text, makes an image that ends with CODE
fake() {
	cat >"$tmp/text"
	rm -f "$tmp/lockstep.elf"
	gcc -c -DEND="$1" -DTEXT="\"$tmp/text\"" tests/boot/fake.S -o "$tmp/fake.o" &&
	ld -n -Ttext 0x100000 -e fake_entry --no-warn-rwx-segments "$tmp/fake.o" -o "$tmp/lockstep.elf"
}

# is STATUS VERDICT WHAT: boots the image, with the environment given before it
is() {
	n=$((n + 1))
	local out status last
	out=$(IMAGE=$tmp CPUS=1 MEM=64M tools/boot 2>"$tmp/err")
	status=$?
	last=${out##*$'\n'}
	if [ "$status" = "$1" ] && [ "$last" = "${2:+LOCKSTEP-EXIT $2}" ]; then
		echo "ok $n - $3"
	else
		echo "not ok $n - $3"
		echo "# expected '$2' and status $1; got '$last' and $status"
		printf '%s\n' "$out" "$(cat "$tmp/err")" | sed 's/^/# /'
	fi
}

ktap() { # ktap 'OUTER RESULT' INNER-PLAN INNER-LINE...
	local outer=$1 plan=$2
	shift 2
	echo 'KTAP version 1'
	echo '1..1'
	echo '  KTAP version 1'
	echo '  # Subtest: rmap'
	echo "  1..$plan"
	printf '  %s\n' "$@"
	echo "$outer"
}

ktap 'ok 1 rmap' 2 'ok 1 a' 'ok 2 b # SKIP no swap' | sed 's/$/\r/' | fake 0x10
is 0 pass 'all tests pass, lines end in CR LF'
printf 'hello\r\n' | fake 0x10
APPEND=ktest=none is 0 pass 'no tests wanted, none ran'
is 1 fail 'tests wanted, none ran'
ktap 'not ok 1 rmap' 2 'ok 1 a' 'not ok 2 b' | fake 0x11
is 1 fail 'a failed test'
ktap 'ok 1 rmap' 2 'ok 1 a' 'not ok 2 b' | fake 0x10
is 1 fail 'a failed test under a suite line that says ok'
ktap 'ok 1 rmap' 3 'ok 1 a' 'ok 2 b' | fake 0x10
is 1 fail 'a suite that ran less than its plan'
ktap 'ok 1 rmap' 2 'ok 1 a' 'ok 1 a' | fake 0x10
is 1 fail 'a test that counts twice'
ktap 'ok 1 rmap' 1 'ok 1 a' | sed 's/^1\.\.1/1..2/' | fake 0x10
is 1 fail 'a plan of two suites, only one ran'
printf 'KTAP version 1\n1..2\nok 1 a\n  # x.c:1: no\nnot ok 2 b\n' | fake 0x10
APPEND='ktest=all ktest.show=suites' is 1 fail 'a failed suite, tests not shown'
printf 'KTAP version 1\n1..2\nok 1 a\nok 2 b\n' | fake 0x10
APPEND='ktest=all ktest.show=suites' is 0 pass 'all suites pass, tests not shown'
is 1 fail 'the same, but tests should have been shown'
ktap 'ok 1 rmap' 1 'ok 1 a' | fake 0x12
is 125 panic 'a panic after the tests'
{ ktap 'ok 1 rmap' 1 'ok 1 a'; echo '# CHECK bracket: x'; } | fake 0x10
is 125 panic 'a report by a checker, tests pass'
{ ktap 'ok 1 rmap' 1 'ok 1 a'; echo '# EXPECTED bracket: x'; } | fake 0x10
is 0 pass 'a report that a test expected'
echo hello | fake 0xff
is 125 panic 'a triple fault'
echo hello | fake 0x55
is 125 panic 'an unknown exit status'
echo hello | fake 0
TIMEOUT=2 is 124 hang 'no end'
echo hello | fake 0x13
is 124 hang 'the watchdog ends it'
printf 'LOCKSTEP-RUN 7\nbye' | fake 0x10
RUN='exit 7' is 7 'run 7' 'the status of RUN'
printf 'no newLOCKSTEP-RUN 0\n' | fake 0x10
RUN=true is 0 'run 0' 'RUN succeeds'
{ ktap 'not ok 1 rmap' 1 'not ok 1 a'; echo LOCKSTEP-RUN 0; } | fake 0x11
RUN=true is 1 'run 0' 'RUN succeeds after a failed test'
printf 'CHECK tlb: x\nLOCKSTEP-RUN 0\n' | fake 0x10
RUN=true is 125 panic 'RUN succeeds, a checker reported'
printf 'hello\n' | fake 0x10
RUN=true is 1 fail 'init never reports RUN'
DEVICES=floppy is 2 '' 'an unknown device'
echo "1..$n"
