#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The demonstration on four CPUs and on one: a DMA engine works by user address on
# memory that is swapped meanwhile. Then its negative controls: a page pinned, a
# byte flipped, an invalidation lost must each make it fail.
cd "$(dirname "$0")/../.." || exit 2
. tests/boot/lib.sh
script=$(mktemp "${TMPDIR:-/tmp}/lockstep-demo.XXXXXX")
trap 'rm -f "$log" "$log.err" "$script"' EXIT

pages=5000 mem=128M
[ "${LONG-}" != y ] || pages=20000 mem=256M

# value KEY: what the last run said of it
value() { sed -n "s/^$1=//p" "$log" | tail -1; }

# demo_runs PAGES WHAT [NAME=VALUE...]
demo_runs() {
	local out in pages=$1
	echo "demo --pages $pages" >"$script"
	boots "$2" TIMEOUT=400 APPEND=ktest=none RUN="$script" "${@:3}"
	says verify=ok "every byte is what the model says"
	out=$(value pages_out) in=$(value pages_in)
	[ "${out:-0}" -ge "$pages" ] && [ "${in:-0}" -ge "$pages" ]
	ok $? "at least $pages pages each way: ${out:-0} out, ${in:-0} in"
	[ "$(value pins)" = 0 ] && [ "$(value stale)" = 0 ] && [ "$(value page_requests)" -gt 0 ] &&
		[ "$(value iotlb_invalidations)" -gt 0 ] && [ "$(value notifier_invalidate_range)" -gt 0 ]
	ok $? "no pins, nothing stale, the notifier at work"
}

# control MISTAKE STATUS: --plant MISTAKE is noticed
control() {
	echo "demo --pages 1000 --plant $1" >"$script"
	ends "$2" "planted mistake: $1" TIMEOUT=400 APPEND=ktest=none RUN="$script" CPUS=2 MEM=64M
	says verify=FAILED "the run with it fails"
}

demo_runs $pages "4 CPUs, ${mem}iB" CPUS=4 MEM=$mem
demo_runs 4000 '1 CPU, 64 MiB' CPUS=1 MEM=64M
control pin 1
control flip 1
control stale 125
echo demo >"$script"
ends 3 'too little memory is said, not tried' TIMEOUT=100 APPEND=ktest=none RUN="$script" CPUS=1 MEM=32M
done_testing
