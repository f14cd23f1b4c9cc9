#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The kernel's own tests pass on machines of many sizes, booted directly and
# through GRUB. All tests run on the machines that people use most (on two CPUs in
# 60-no-notifier.t), the quick ones at the edges.
cd "$(dirname "$0")/../.." || exit 2
. tests/boot/lib.sh
boots 'all tests, 4 CPUs, 256 MiB' TIMEOUT=300 CPUS=4 MEM=256M APPEND=ktest=all
boots 'all tests, 1 CPU, 64 MiB' TIMEOUT=300 CPUS=1 MEM=64M APPEND=ktest=all
boots 'quick tests, 2 CPUs, 128 MiB, from the CD image' CPUS=2 MEM=128M ISO=y APPEND=ktest=quick
boots 'quick tests, 2 CPUs, 32 MiB' CPUS=2 MEM=32M APPEND=ktest=quick
boots 'quick tests, 1 CPU, 2 GiB, from the CD image' CPUS=1 MEM=2G ISO=y APPEND=ktest=quick
boots 'quick tests, 4 CPUs, 5 GiB: RAM above 4 GiB' CPUS=4 MEM=5G APPEND=ktest=quick
boots 'quick tests, 16 CPUs, 512 MiB' CPUS=16 MEM=512M APPEND=ktest=quick
boots 'quick tests, 2 CPUs without modern features' CPUS=2 CPU=qemu64 APPEND=ktest=quick
boots 'five seconds of torture, 4 CPUs' CPUS=4 APPEND='ktest=torture.* ktest.torture=5'
# Tests with some of their allocations failing (kernel/test/sweep.c): one sample of 16,
# the same one for the same commit. SWEEP= takes another.
sweep=${SWEEP:-$((1 + 0x$(git rev-parse HEAD 2>/dev/null | grep . | cut -c1-8 || echo 1) % 16))}
boots "allocations that fail, ktest.sweep=$sweep" CPUS=2 MEM=64M APPEND="ktest=all ktest.sweep=$sweep"
boots 'quick tests, deterministic' CPUS=1 ICOUNT=3 APPEND=ktest=quick
done_testing
