#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# A session at the prompt of `make run`: line editing, job control, vi, top, as
# recorded on Linux (tests/boot/session.py).
cd "$(dirname "$0")/../.." || exit 2
exec tests/boot/session.py guest
