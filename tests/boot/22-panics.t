#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A panic names its cause: each mistake that crash= can make is caught, decoded in
# one sentence, traced to the function that made it, and ends the run as a panic.
cd "$(dirname "$0")/../.." || exit 2
. tests/boot/lib.sh

# crashes NAME SENTENCE [VARIABLE=VALUE...]
crashes() {
	local name=$1 sentence=$2
	shift 2
	ends 125 "crash=$name is a panic" CPUS=2 "$@" APPEND="ktest=none crash=$name"
	says "$sentence" "... and it says: $sentence"
	says "crash_$name" "... and where"
}

crashes null 'which is a NULL pointer'
crashes user 'which is user memory, outside of the copy functions'
crashes hole 'which is the direct map, where there is no RAM'
crashes rodata 'which is read-only'
crashes alias 'which is read-only'
crashes exec 'which is data, which is not executable'
crashes jump 'the kernel executed 0000000000000000'
crashes gp 'general protection fault in kernel mode'
crashes ud 'invalid instruction in kernel mode'
crashes divide 'divide error in kernel mode'
crashes smash 'stack smashed'
crashes assert 'assertion failed'
ends 125 'crash=stack is a panic' CPUS=2 APPEND='ktest=none crash=stack'
says 'kernel stack overflow of task' '... and it says so, from a stack of its own'
says ' was here:' '... and it shows where the other CPU was'
ends 125 'the same without SMEP, SMAP and UMIP' CPUS=1 CPU=qemu64 APPEND='ktest=none crash=stack'
says 'missing: no smep' '... and the boot names what is missing'
done_testing
