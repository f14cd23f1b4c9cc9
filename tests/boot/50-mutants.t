#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Each planted bug is noticed by the test and the checker that should notice it.
# `make test` takes a sixth of them, another one for each commit.
cd "$(dirname "$0")/../.." || exit 2
[ "${LONG-}" = y ] || exec tools/mutants -s
exec tools/mutants
