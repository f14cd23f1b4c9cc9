#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# 100,000 random memory operations end as they did on Linux (tests/diff); where they do
# not, the first that differs is shown. `make test-long` adds seeds that nobody has seen
# before: this machine's Linux records them first.
cd "$(dirname "$0")/../.." || exit 2
. tests/boot/lib.sh

# first_difference: of the last boot, both sides' lines as diagnostics
first_difference() {
	local seed op
	read -r seed op < <(sed -n 's/^mmdiff: seed \([0-9]*\) differs before operation \([0-9]*\):.*/\1 \2/p' "$log")
	[ -z "$seed" ] || tools/mmdiff show "$seed" "$op" 2>&1 | sed 's/^/#   /'
}

boots '100,000 operations as on Linux, 2 CPUs' CPUS=2 TIMEOUT=200 TESTS=y \
	RUN='/tests/mmdiff -c /tests/mmdiff.expected 1 2 3 4'
first_difference
says '# seed 4: 25000 operations as expected' 'the last seed went to its end'

if [ "${LONG-}" = y ]; then
	for cpus in 1 2 4; do
		seeds=$(for i in 1 2 3 4 5 6; do echo $((RANDOM * 32768 + RANDOM + 5)); done | tr '\n' ' ')
		# shellcheck disable=SC2086
		CPUS=$cpus TIMEOUT=600 tools/mmdiff check $seeds >"$log" 2>"$log.err"
		status=$?
		if [ $status = 77 ]; then
			n=$((n + 1))
			echo "ok $n - new seeds # SKIP $(grep '^mmdiff: ' "$log" | head -1)"
		else
			ok $status "150,000 operations of new seeds, $cpus CPUs: $seeds"
			first_difference
		fi
	done
fi
done_testing
