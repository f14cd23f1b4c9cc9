#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Without mmu notifiers (every hook compiles to nothing) all other tests pass, and
# without checks those that need neither gates nor expected reports. Without both, which is what
# `make bench` measures: in make test-long.
cd "$(dirname "$0")/../.." || exit 2
. tests/boot/lib.sh
boots 'all tests, 2 CPUs, MMU_NOTIFIER=n' MMU_NOTIFIER=n CPUS=2 MEM=128M APPEND=ktest=all
suites=anon,completion,interval_tree,kthread,list,madvise,memblock,pte,radix_map,rbtree
suites=$suites,runqueue,sched,smp,smp_call,spinlock,string,thread,timer,trap,uaccess,wait
boots 'some suites, 2 CPUs, CHECKS=n' CHECKS=n CPUS=2 MEM=128M "APPEND=ktest=$suites"
[ "${LONG-}" != y ] ||
	boots 'the same without both' CHECKS=n MMU_NOTIFIER=n CPUS=2 MEM=128M "APPEND=ktest=$suites"
done_testing
