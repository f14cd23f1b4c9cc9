#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What can be checked without booting: layers, format, locks, documents.
cd "$(dirname "$0")/../.." || exit 2
[ "${LONG-}" = y ] || export CPPCHECK=kernel	# half the time
exec tools/check
