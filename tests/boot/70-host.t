#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Structures and parsers on the host, with ASan and UBSan.
cd "$(dirname "$0")/../.." || exit 2
exec tools/unit
