#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# gdb finds its way: make debug stops in a test, make replay goes back from it.
cd "$(dirname "$0")/../.." || exit 2
. tests/boot/lib.sh
for program in gdb qemu-img; do
	command -v $program >/dev/null || { echo "1..0 # SKIP $program is not installed"; exit 0; }
done
export TEST=planted.fails_and_stops CPUS=2 MEM=64M
at_failure=(-batch -ex 'hbreak ktest_fail_compare' -ex continue -ex bt)

timeout 120 tools/debug "${at_failure[@]}" -ex ls-tasks </dev/null >"$log" 2>"$log.err"
says 'in ktest_planted_fails_and_stops' 'make debug: a backtrace with source lines'
says 'rcu_gp_thread at kernel/sync/rcu.c' 'ls-tasks lists the tasks'
timeout 120 tools/replay "${at_failure[@]}" -ex 'hbreak bootopt_parse' -ex reverse-continue \
	-ex bt </dev/null >"$log" 2>"$log.err"
says 'in ktest_planted_fails_and_stops' 'make replay: the same failure, replayed'
sed -i '1,/fails_and_stops/d' "$log"
says ' bootopt_parse (' 'backwards from there to an earlier function'
done_testing
