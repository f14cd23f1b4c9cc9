#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# /proc/<pid>/notifiers as a program sees its own: nobody, then listeners, then nobody.
cd "$(dirname "$0")/../.." || exit 2
. tests/boot/lib.sh
extra=$(mktemp -d "${TMPDIR:-/tmp}/lockstep-extra.XXXXXX")
trap 'rm -rf "$extra" "$log" "$log.err"' EXIT
musl-gcc -static -O1 -Wall -I. tests/boot/listen.c -o "$extra/listen"
boots 'a program that is listened to reads who listens' CPUS=2 RUN=/extra/listen EXTRA="$extra"
says 'listen bracket open=0 refusals=0 cycles=' 'a bracket subscriber and its pairs'
says 'invalidate_range_start=3 invalidate_range_end=3 event_unmap=3' 'calls and events'
says 'listen interval 10000000-10001000 refusals=0 retries=0 cycles=' 'a range that is followed'
done_testing
