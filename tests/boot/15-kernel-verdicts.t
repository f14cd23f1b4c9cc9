#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The real kernel fails as it should: tests that fail on purpose (suites planted*
# in tests/kernel/test_ktest.c) end in the right verdict, by whoever sees it.
cd "$(dirname "$0")/../.." || exit 2
. tests/boot/lib.sh
export CPUS=2 MEM=64M
boots 'a planted test that passes' APPEND=ktest=planted.passes
ends 1 'a failed expectation' APPEND=ktest=planted.fails_and_stops
says 'not ok 1 fails_and_stops' 'the failure is a KTAP line'
says 'run again: ' 'the failure says how to run it again'
ends 125 'a report by a checker' APPEND=ktest=planted.fails_by_a_report
says 'CHECK ktest: planted' 'the report is in the log'
ends 125 'a failed ASSERT' APPEND=ktest=planted_panic.fails_by_an_assertion_of_the_code
says 'PANIC: ' 'the panic is in the log'
says 'fails_by_an_assertion_of_the_code+' 'the backtrace has names'
boots 'each allocation of a test fails in turn' APPEND='ktest=planted_sweep.survives ktest.sweep=all'
says 'survives: 2 allocations in 2 ways, 3 runs, 0 failed' 'and once none is left to fail'
boots 'an error path that nobody takes' APPEND=ktest=planted_sweep.leaks_without_memory
ends 125 'an error path that leaks' APPEND='ktest=planted_sweep.leaks_without_memory ktest.sweep=all'
says 'leaks_without_memory, allocation 2 failed' 'the log says which allocation it was'
ends 124 'a test that never ends' APPEND=ktest=planted_hang.never_returns TIMEOUT=5
grep -q 'never_returns at' "$log.err"
ok $? 'tools/where names the function that spins'
ends 1 'no test of that name' APPEND=ktest=nosuch.test
boots 'an unknown boot option does no harm' APPEND='nosuch=1 ktest=planted.passes'
says 'boot option nosuch is not known' 'and is reported'
done_testing
