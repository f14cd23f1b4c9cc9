#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# tools/check-notifier-header finds what it is there for: each mistake in a copy of
# the headers is reported, and the headers as they are, are not.
cd "$(dirname "$0")/../.." || exit 2
. tests/boot/lib.sh
tree=$(mktemp -d "${TMPDIR:-/tmp}/lockstep-headers.XXXXXX")
trap 'rm -rf "$tree" "$log" "$log.err"' EXIT
h=mm/mmu_notifier.h

# finds TEXT WHAT FILE FROM TO: with FROM replaced by TO in FILE, it says TEXT
finds() {
	rm -rf "$tree/mm" && cp -r mm "$tree/mm"
	python3 - "$tree/$3" "$4" "$5" <<'PY'
import sys
path, a, b = sys.argv[1:]
text = open(path).read()
assert text.count(a) == 1, a
open(path, "w").write(text.replace(a, b))
PY
	[ $? = 0 ] && ! tools/check-notifier-header "$tree" >"$log" && grep -qF -- "$1" "$log"
	ok $? "$2"
}

cp -r mm "$tree/mm"
tools/check-notifier-header "$tree" >"$log"
ok $? 'the headers as they are'
stub='static inline void __mmu_notifier_release(struct mm *mm) { (void)mm; }'
finds 'macro with parameters' 'a disabled form that is a macro' $h "$stub" \
	'#define __mmu_notifier_release(mm) do { (void)(mm); } while (0)'
finds 'takes a pointer to anything' 'a disabled form that checks no type' $h "$stub" "${stub/struct mm/void}"
finds 'does something' 'a disabled form that does something' $h "$stub" "${stub/(void)mm/mm->total_vm++}"
finds 'leaves code behind' 'a hook that leaves something behind' $h \
	'	range->mm = NULL;' '	WRITE_ONCE(range->mm, NULL);'
finds 'defined in no file' 'a declaration without a definition' mm/interval_notifier.h \
	'void mmu_interval_notifier_remove(' $'void mmu_interval_notifier_delete(int now);\nvoid mmu_interval_notifier_remove('
done_testing
