#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# tools/mutants calls caught only what is caught: each case spoils the test
# planted.passes in another way, and the runner's line about it is compared.
cd "$(dirname "$0")/../.." || exit 2
. tests/boot/lib.sh
dir=$(mktemp -d "${TMPDIR:-/tmp}/lockstep-mutants.XXXXXX")
trap 'rm -rf "$dir" "$log" "$log.err"' EXIT
source=tests/kernel/test_ktest.c
good='KT_EQ(2, 2);'

# mutant ID REPORT NEW [BOOT]: writes a patch that puts NEW in the place of $good
mutant() {
	mkdir -p "$dir/$(dirname $source)"
	NEW=$3 perl -pe "s/\Q$good\E/\$ENV{NEW}/" $source >"$dir/$source"
	{
		printf '%s\n' "Id: $1" 'Kind: mutant' 'Test: planted.passes' "Report: $2" \
			"Boot: CPUS=1 MEM=64M ${4-}" 'Source: a test of the runner' ''
		diff -u --label a/$source --label b/$source $source "$dir/$source"
	} >"$dir/$1.patch"
}
mutant a-caught ktest 'KT_EQ(2, 3);'
mutant b-reported tlb 'check_report(CHECK_TLB, "planted");'
mutant c-missed ktest 'KT_EQ(3, 3);'
mutant d-wrong-report tlb 'KT_EQ(2, 3);'
mutant e-hang ktest 'for (;;) { KT_CHECK(false); __asm__ volatile("pause"); }' TIMEOUT=5
mutant f-no-build ktest 'KT_EQ(2'
mutant g-no-place ktest 'KT_EQ(2, 3);'
sed -i 's/^ \(.*\)KT_EQ/ \1KT_NOT/; s/^-.*/-	KT_EQ(7, 7);/' "$dir/g-no-place.patch"
mutant h-header ktest 'KT_EQ(2, 3);'
sed -i 's,^\(---\|+++\) \(.\)/.*,\1 \2/kernel/test/ktest.h,' "$dir/h-header.patch"
mutant i-name ktest 'KT_EQ(2, 3);'
sed -i 's/^Id: .*/Id: other/' "$dir/i-name.patch"
mutant j-after-all ktest 'KT_EQ(2, 3);'

MUTANTS=$dir tools/mutants >"$log" 2>"$log.err"
[ $? = 1 ]
ok $? 'the runner fails if one mutant does'
says 'ok 1 - a-caught: caught by ktest' 'an expectation that fails'
says 'ok 2 - b-reported: caught by tlb' 'a checker that reports'
says 'not ok 3 - c-missed: missed: LOCKSTEP-EXIT pass' 'a mutant that nobody notices'
says 'not ok 4 - d-wrong-report: not reported by tlb' 'a failure with another report'
says 'not ok 5 - e-hang: missed: LOCKSTEP-EXIT hang' 'a hang is no catch'
says 'not ok 6 - f-no-build: does not build' 'a build error is no catch'
says 'not ok 7 - g-no-place: does not apply' 'a patch for other source'
says 'not ok 8 - h-header: must patch one or two .c files' 'a header is refused'
says 'not ok 9 - i-name: calls itself other' 'the Id is the name of the file'
says 'ok 10 - j-after-all: caught by ktest' 'the trees are restored in between'
MUTANTS=$dir tools/mutants a-caught b-reported >"$log" 2>"$log.err"
ok $? 'two that are caught are a success'
MUTANTS=$dir tools/mutants nosuch >"$log" 2>"$log.err"
[ $? = 1 ]
ok $? 'an unknown name is refused'
done_testing
