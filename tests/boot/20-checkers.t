#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The source checks notice what they are for: small trees with one fault each.
cd "$(dirname "$0")/../.." || exit 2
. tests/boot/lib.sh
tree=$(mktemp -d "${TMPDIR:-/tmp}/lockstep-tree.XXXXXX")
trap 'rm -rf "$tree" "$log" "$log.err"' EXIT
: >"$log.err"

# file PATH LINE...: writes a file of the small tree
file() {
	mkdir -p "$tree/$(dirname "$1")"
	printf '%s\n' "${@:2}" >"$tree/$1"
}
# refused TEXT WHAT: check_layers complains about exactly one thing, with TEXT
refused() {
	tools/check_layers.py "$tree" >"$log"
	[ $? = 1 ] && [ "$(wc -l <"$log")" = 1 ] && grep -qF -- "$1" "$log"
	ok $? "$2"
}

file mm/page.h '#include "kernel/lib/list.h"'
file kernel/lib/list.h ''
file mm/page.c '#include "mm/page.h"'
file drivers/iommu/hw.h ''
file drivers/iommu/emul/unit.c '#include "drivers/iommu/hw.h"'
tools/check_layers.py "$tree" >"$log"
ok $? 'a sound tree passes'
file kernel/lib/list.h '#include "mm/page.h"'
tools/check_layers.py "$tree" | grep -q higher
ok $? 'kernel/lib may not include mm'
file kernel/lib/list.h '#include "kernel/lib/rbtree.h"'
file kernel/lib/rbtree.h '#include "kernel/lib/list.h"'
refused 'include each other' 'two headers in a circle'
file kernel/lib/rbtree.h '#include <stdio.h>'
refused stdio.h 'a header of the C library'
file kernel/lib/rbtree.h '#ifdef LOCKSTEP_HOST_TEST' '#include <stdio.h>' '#endif'
tools/check_layers.py "$tree" >"$log"
ok $? 'the same in a host build'
file mm/page.c '#include "kernel/lib/list.h"' '#include "mm/page.h"'
refused 'first include' 'a .c that does not begin with its own header'
file mm/page.c '#include "mm/page.h"' '#include "mm/nothing.h"'
refused 'no path' 'an include of a file that is not there'
file mm/page.c '#include "mm/page.h"'
file drivers/iommu/emul/unit.c '#include "drivers/iommu/hw.h"' '#include "mm/page.h"'
refused 'emulated device' 'an emulated device that looks into mm'
file drivers/iommu/emul/unit.c ''
file drivers/iommu/driver.c '#include "mm/internal.h"'
file mm/internal.h ''
refused private "mm's private header from outside"
done_testing
