# SPDX-License-Identifier: GPL-2.0-only
#
# lib.sh - what the boot scenarios share: each line of TAP is one boot
#
#   . tests/boot/lib.sh           from the top of the tree, after cd
#   boots WHAT [NAME=VALUE...]    tools/boot must pass
#   ends STATUS WHAT [NAME=VALUE...]   it must end with STATUS; $log has its output
#   done_testing
n=0 bad=0
log=$(mktemp "${TMPDIR:-/tmp}/lockstep-boot.XXXXXX")
trap 'rm -f "$log" "$log.err"' EXIT

# ok CONDITION-STATUS WHAT: one line of TAP, with the log behind it on failure
ok() {
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		bad=1
		echo "not ok $n - $2"
		{
			grep -nE "^ *not ok|CHECK|PANIC|^ *# tests/" "$log" | head -20
			cat "$log" "$log.err" | tail -60
		} | sed "s/^/#   /"
	fi
}

ends() {
	local want=$1 what=$2 status start=$SECONDS
	shift 2
	env "$@" tools/boot >"$log" 2>"$log.err" </dev/null
	status=$?
	[ "$status" = "$want" ]
	ok $? "$what$([ "$status" = "$want" ] || echo ": status $status, not $want")"
	sed -n "s/^boot: \(.* passed, .*\)/# \1, $((SECONDS - start)) s/p" "$log.err"
}

boots() { ends 0 "$@"; }

# says TEXT WHAT: the last boot's serial line has TEXT
says() {
	grep -qF -- "$1" "$log"
	ok $? "$2"
}

done_testing() {
	echo "1..$n"
	exit $bad
}
