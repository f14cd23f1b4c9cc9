#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Random system calls with hostile arguments (user/sysfuzz.c): no panic, no report, and
# nothing is left when it is over. `make test-long` makes ten million.
cd "$(dirname "$0")/../.." || exit 2
. tests/boot/lib.sh
boots '300,000 random system calls, 4 CPUs' CPUS=4 TIMEOUT=600 TESTS=y \
	RUN="sysfuzz --seed ${SEED:-1} --calls 300000"
sed -n 's/^sysfuzz: seed/# seed/p' "$log"
done_testing
