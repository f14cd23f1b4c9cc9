#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Every set of build switches compiles without a warning and links.
cd "$(dirname "$0")/../.." || exit 2
. tests/boot/lib.sh
for set in '' MMU_NOTIFIER=n CHECKS=n; do
	mkdir -p build
	# shellcheck disable=SC2086
	flock build/lock make -s -j2 $set kernel initramfs tests >"$log" 2>"$log.err" && [ ! -s "$log.err" ]
	ok $? "build ${set:-default}"
done
# names that the environment of many has: the Makefile's own are not added to them
USER=somebody OBJS=some.o PROGRAMS=some make -s -n kernel initramfs tests >"$log" 2>"$log.err"
ok $? 'a user with a name can build'

# What a student gets: the CD image, without the programs that only test.
flock build/lock make -s iso tests >"$log" 2>"$log.err"
bytes=$(stat -c %s build/default/lockstep.iso)
[ "$bytes" -lt $((16 << 20)) ]
ok $? "the CD image has less than 16 MiB: $bytes bytes"
echo "# of these the kernel $(stat -c %s build/default/lockstep.elf | numfmt --to=iec) with the debugger's tables," \
	"its programs $(stat -c %s build/default/initramfs.cpio)"
! grep -aq tests/hello build/default/initramfs.cpio && grep -aq tests/hello build/default/tests.cpio
ok $? 'programs that only test are in an archive of their own'
done_testing
