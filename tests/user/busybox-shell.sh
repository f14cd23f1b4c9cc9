#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
#
# busybox-shell.sh - ash as a language, and busybox's tools for processes
d=$(mktemp -d) && cd "$d" || exit 2
say() { echo "-- $*"; }

say expansion; x=abcabc; echo ${#x} ${x#a} ${x##*b} ${x%c} ${x%%b*} ${y:-none} ${x:+set} ${x/b/X} ${x:2:3}; echo $((7 * (3 + 4) % 10)) $((0x1f ^ 1)) $((1 << 40))
say functions; f() { local v=$1; [ "$v" -le 1 ] && { echo 1; return; }; echo $((v * $(f $((v - 1))))); }; f 10
say case loops; for i in one two three; do case $i in o*) echo first;; t[wx]o) echo second;; *) echo other;; esac; done
i=0; while [ $i -lt 10 ]; do i=$((i + 1)); [ $i = 3 ] && continue; [ $i = 6 ] && break; printf '%s ' $i; done; echo; until [ $i = 0 ]; do i=$((i - 1)); done; echo $i
say here documents; cat <<X; cat <<'Y'
now $((1 + 1))
X
raw $((1 + 1))
Y
say substitution; echo "$(echo nested $(echo twice))" `echo old`; set -- a 'b c' d; echo $# "$2"; shift; echo "$*"; IFS=:; set -- $(echo x:y:z); IFS=' '; echo $3
say redirect; { echo out; echo err >&2; } 2>&1 | sort; echo one >r; echo two >>r; cat <r; exec 5>six; echo held >&5; exec 5>&-; cat six; (set -C; echo no >six) 2>/dev/null || echo kept
say status; false; echo $?; (exit 3); echo $?; true && echo and; false || echo or; ! true; echo $?; sh -c 'kill -9 $$'; echo $?; /nothing 2>/dev/null; echo $?; ./r 2>/dev/null; echo $?
say errexit; sh -ec 'false; echo never'; echo $?; sh -uc 'echo $unset' 2>/dev/null; echo $?
say pipes; seq 3 | while read n; do echo "read $n"; done; yes | head -n 1000 | wc -l; (sleep 0.1; echo late) | cat; true | false; echo $?; sh -c 'set -o pipefail; false | true'; echo $?
say trap; sh -c 'trap "echo bye" EXIT; echo hi'; sh -c 'trap "echo usr1" USR1; kill -USR1 $$; echo after'; sh -c 'trap "" TERM; kill -TERM $$; echo ignored'
say background; sleep 0.2 & p=$!; kill -0 $p && echo alive; wait $p; echo $?; sleep 100 & p=$!; kill $p; wait $p 2>/dev/null; echo $?; (exit 7) & wait $!; echo $?
say read; printf 'a b c\nd\n' | { read x y; echo "$x|$y"; read z; echo $z; read w || echo end; }; echo 'x\ty' | { read -r l; echo "$l"; }
say eval getopts; v=name; eval "$v=value"; echo $name; o() { OPTIND=1; while getopts ab:c opt "$@"; do echo "$opt $OPTARG"; done; }; o -a -b arg -c; getopt -o ab: -- -a -b x y
say alias type; type cd | head -n 1; command -v true >/dev/null && echo found; readonly R=1; (R=2) 2>/dev/null || echo readonly
say env; env -i A=1 B=2 env | sort; A=local sh -c 'echo $A'; export E=exported; sh -c 'echo $E'; unset E; sh -c 'echo ${E-none}'
say timeout; timeout 0.2 sleep 10; echo $?; timeout 5 echo in time; timeout -s KILL 0.1 sleep 10; echo $?
say time; { time true; } 2>&1 | grep -c -E 'real|user|sys'
say id; id -u; id -g; whoami; [ "$(id -un)" = root ] && echo root; uname -m; nproc >/dev/null && echo cpus; hostname >/dev/null && echo named
say xargs parallel; seq 4 | xargs -P 4 -n 1 sh -c 'echo p$0' | sort
say pidof ps; sleep 76.54 & until ps -o pid,args | grep -q '[s]leep 76.54'; do usleep 1000; done; echo seen; pidof sleep | tr ' ' '\n' | grep -cx $!; { kill %1 || kill $!; wait; } 2>/dev/null
say killall; sleep 4321 & q=$!; kill -l TERM; kill -l 9; kill -s HUP $q; wait $q 2>/dev/null; echo $?
say setsid; setsid sh -c 'echo own session'; start-stop-daemon -S -x /bin/busybox -- echo started; nohup true 2>/dev/null; usleep 1000 && echo slept
say stop; sh -c 'kill -STOP $$; echo resumed' & p=$!; until grep -o 'T (stopped)' /proc/$p/status; do usleep 1000; done; kill -CONT $p; wait $p; echo $?
say proc; grep -c processor /proc/cpuinfo >/dev/null && echo cpuinfo; [ "$(cat /proc/$$/comm)" = "${0##*/}" ] && echo comm; tr '\0' ' ' </proc/$$/cmdline | cut -d " " -f 1,2; ls -l /proc/self/exe | grep -o busybox$
say meminfo; grep -c -E '^(MemTotal|MemFree|SwapTotal|SwapFree|Cached|Mlocked|Active|Inactive):' /proc/meminfo; free | head -n 1; awk '/MemTotal/ { print ($2 > 1000) }' /proc/meminfo; uptime | grep -o 'load average'
say mount; mkdir m; mount -t tmpfs -o size=1m tmpfs m && echo in >m/x && grep -c "$d/m" /proc/mounts; umount m && ls m | wc -l; df . >/dev/null && echo df
say sysctl; [ "$(sysctl -n kernel.ostype)" = "$(uname -s)" ] && echo ostype; sysctl vm.max_map_count >/dev/null && echo limits
say mkswap; dd if=/dev/zero of=sw bs=1k count=64 2>/dev/null; mkswap sw 2>&1 | sed 's/UUID.*//' | head -n 1
say big; s=x; n=0; while [ $n -lt 14 ]; do s=$s$s; n=$((n + 1)); done; echo ${#s}; echo "$s" | md5sum; sh -c 'echo ${#1}' - "$s"
say fork storm; n=0; while [ $n -lt 100 ]; do (exit $((n % 3))) || true; n=$((n + 1)); done; echo $n; for i in 1 2 3 4 5 6 7 8; do (seq 200 | awk '{ s += $1 } END { print s }') & done | sort | uniq -c; wait
cd / && rm -r "$d"
