#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Every set of build switches compiles without a warning and links.
cd "$(dirname "$0")/../.." || exit 2
. tests/boot/lib.sh
for set in '' MMU_NOTIFIER=n CHECKS=n; do
	mkdir -p build
	# shellcheck disable=SC2086
	flock build/lock make -s -j2 $set kernel initramfs >"$log" 2>"$log.err" && [ ! -s "$log.err" ]
	ok $? "build ${set:-default}"
done
# names that the environment of many has: the Makefile's own are not added to them
USER=somebody OBJS=some.o PROGRAMS=some make -s -n kernel initramfs >"$log" 2>"$log.err"
ok $? 'a user with a name can build'
done_testing
