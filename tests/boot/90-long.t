#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# `make test-long` only: all tests on every machine of the matrix, repeatedly, in
# deterministic time, and on odd numbers of CPUs; the storm of notifiers for two minutes, the
# torture for five.
cd "$(dirname "$0")/../.." || exit 2
[ "${LONG-}" = y ] || { echo '1..0 # SKIP only in make test-long'; exit 0; }
. tests/boot/lib.sh
for cpus in 1 2 3 4 7 16; do
	for mem in 48M 256M; do
		for run in 1 2 3; do
			boots "all tests, $cpus CPUs, $mem, run $run" TIMEOUT=300 \
				CPUS=$cpus MEM=$mem APPEND=ktest=all
		done
	done
done
# Every allocation of every test fails once; a boot for a letter, so that none is too long.
# After eight seconds a test goes on to ways of allocating that it has not seen yet.
letters=$(sed -n 's/^KTEST[A-Z_]*(\([a-z]\).*/\1/p' tests/kernel/*.c | sort -u)
for letter in $letters; do
	boots "each allocation fails in turn, suites $letter*" TIMEOUT=3600 CPUS=2 MEM=64M \
		APPEND="ktest=$letter* ktest.sweep=all ktest.sweep.budget=8"
done
# The same for programs; those that wait for a thread that could not be made are killed.
for test in hello traps threads malloc signals process spawn futex memory mlock madvise guard \
		clocks badptr swap shmem mapping pagemap memfd sysvshm smaps mem; do
	boots "each allocation for a program fails in turn, $test" TIMEOUT=900 CPUS=2 MEM=128M TESTS=y \
		RUN="allocfail /tests/$test"
done
for shift in 0 3; do
	for cpus in 1 2; do
		boots "all tests, $cpus CPUs, 2^$shift ns per instruction" TIMEOUT=600 \
			CPUS=$cpus ICOUNT=$shift APPEND=ktest=all
	done
done
for cpus in 1 2 4; do
	boots "two minutes of notifier_storm, $cpus CPUs" TIMEOUT=400 CPUS=$cpus \
		APPEND='ktest=notifier_storm.* ktest.limit=300 ktest.storm=120'
done
for seed in 11 12 13 14 15 16 17 18 19 20; do
	boots "a million random system calls, seed $seed" TIMEOUT=3600 CPUS=4 TESTS=y \
		RUN="sysfuzz --seed $seed --calls 1000000"
done
for cpus in 4 16; do
	boots "five minutes of torture, $cpus CPUs" TIMEOUT=900 CPUS=$cpus \
		APPEND="ktest=torture.* ktest.limit=800 ktest.torture=300 ktest.torture.seed=$RANDOM"
done
boots 'explorer, three preemptions' TIMEOUT=600 CPUS=1 \
	APPEND='ktest=explore_mm,explore_notifier explore.bound=3'
done_testing
