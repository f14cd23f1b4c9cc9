#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""check_layers.py - refuses an #include that points upward

Reads every #include of the kernel's sources and compares the folders of the two
files with LAYERS, low to high: a file may include its own layer or a lower one;
who must call upward goes through an ops struct or a registered callback. Inside
one layer the folders may include each other, but headers must not include each
other in a circle. The device side of an emulated device (drivers/X/emul) may
include nothing but its own folder, the hw.h of devices (registers, queues, the bus
between them), formats, and what the board offers: that is what keeps it from
cheating.

Usage: tools/check_layers.py [TREE]; prints what is wrong, exit status 1.
"""
import os
import re
import signal
import sys

LAYERS = (
    ("include",),
    ("kernel/lib",),
    ("arch/x86/boot", "arch/x86/cpu", "arch/x86/mm"),
    ("kernel/sync", "kernel/sched", "kernel/time", "kernel/trace", "kernel/block"),
    ("mm",),
    ("fs",),
    ("kernel/task", "kernel/syscall"),
    ("drivers",),
    ("arch/x86/trap", "arch/x86/svm"),
    ("kernel/test",),
    ("tests/kernel",),
    ("kernel",),                        # kernel/main.c: the list of x_init() calls
)
LEAVES = {"mm/lockorder.h"}             # include nothing; every layer may have them
COMPILER = {"stdarg.h", "stdbool.h", "stddef.h", "stdint.h", "limits.h"}
# The only headers an emulated device may see besides its own folder's.
DEVICE_SEES = re.compile(r"include/types\.h|include/uapi/lockstep/\w+\.h|drivers/emul/machine\.h|"
                         r"drivers/\w+/(emul/)?hw\.h|kernel/lib/(string|crc32c)\.h")
SOURCES = ("include", "kernel", "arch", "mm", "fs", "drivers", "tests/kernel")
INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')


def layer(path):
    """index of the layer whose folder is the longest prefix of path, or None"""
    found = [(len(d), i) for i, dirs in enumerate(LAYERS) for d in dirs if path.startswith(d + "/")]
    return max(found)[1] if found else None


def sources(tree):
    for top in SOURCES:
        for path, _, files in os.walk(os.path.join(tree, top)):
            for name in sorted(files):
                if name.endswith((".c", ".h", ".S")):
                    yield os.path.relpath(os.path.join(path, name), tree)


def includes(tree, path):
    """(line, quote, target), without the C library's headers of a host build"""
    inside = []     # for every open #if: is it about the host build?
    with open(os.path.join(tree, path), encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            if re.match(r"\s*#\s*if", line):
                inside.append("LOCKSTEP_HOST_TEST" in line)
            elif re.match(r"\s*#\s*endif", line) and inside:
                inside.pop()
            elif (m := INCLUDE.match(line)) and not (m[1] == "<" and any(inside)):
                yield number, m[1], m[2]


def judge(tree, path, quote, target):
    """what is wrong with this include, or None"""
    emul = re.match(r"drivers/\w+/emul/", path)
    if quote == "<":
        return None if target in COMPILER else f"<{target}> is not one of the compiler's own headers"
    if ".." in target or not os.path.exists(os.path.join(tree, target)):
        return f'"{target}" is no path from the root of the repository'
    if emul:
        if target.startswith(emul[0]) or DEVICE_SEES.fullmatch(target):
            return None
        return f'an emulated device may not include "{target}"'
    if target in LEAVES:
        return None
    if os.path.basename(target) == "internal.h" and os.path.dirname(target) != os.path.dirname(path):
        return f'"{target}" is private to {os.path.dirname(target)}/'
    if layer(target) is None:
        return f'"{target}" is in no layer'
    if layer(target) > layer(path):
        return f'"{target}" is in a higher layer'
    return None


def circle(edges, start):
    """a list of headers from start back to start, or None"""
    stack, seen = [(start, [start])], set()
    while stack:
        node, way = stack.pop()
        for after in edges.get(node, ()):
            if after == start:
                return way + [start]
            if after not in seen:
                seen.add(after)
                stack.append((after, way + [after]))
    return None


def main(tree):
    wrong, edges = [], {}
    for path in sources(tree):
        for number, quote, target in includes(tree, path):
            if path in LEAVES:
                wrong.append(f"{path}:{number}: a leaf includes nothing")
            elif (text := judge(tree, path, quote, target)):
                wrong.append(f"{path}:{number}: {text}")
            if quote == '"' and path.endswith(".h"):
                edges.setdefault(path, []).append(target)
        if path.endswith(".c") and os.path.exists(os.path.join(tree, path[:-2] + ".h")):
            first = next((t for _, _, t in includes(tree, path)), None)
            if first != path[:-2] + ".h":
                wrong.append(f"{path}: its first include must be its own header, is {first}")
    told = set()
    for header in sorted(edges):
        way = circle(edges, header)
        if way and not told & set(way):
            told |= set(way)
            wrong.append("headers include each other: " + " -> ".join(way))
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)      # `| head` may have read enough
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "."))
