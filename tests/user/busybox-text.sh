#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
#
# busybox-text.sh - busybox's text tools, alone and in pipes
d=$(mktemp -d) && cd "$d" || exit 2

printf '%s\n' pear apple fig apple quince fig apple >fruit
say() { echo "-- $*"; }

say sort uniq; sort fruit | uniq -c | sort -k1,1nr -k2
say cat tac rev; cat -n fruit | tail -n 2; tac fruit | head -n 2; rev fruit | head -n 1
say cut paste; printf 'a:b:c\nd:e:f\n' >cols; cut -d: -f1,3 cols; paste -d- cols fruit | head -n 3
say tr; tr 'a-z' 'A-Z' <fruit | tr -d AEIOU | tr -s P | head -n 3
say sed; sed -n -e 's/\(p\)\(.*\)/\2\1/p' -e '/fig/{s//date/;p;q;}' fruit
say sed -i; cp fruit two && sed -i -e '1d' -e '$a last' two && cat two | wc -l && sed -n '$p' two
say awk; awk '{ n[$1]++ } END { for (k in n) sum += n[k] * length(k); print sum, NR }' fruit
awk -F: 'BEGIN { OFS = "=" } { print $3, $1; printf "%05.2f %x\n", NR / 3, NR * 100 }' cols
say grep; grep -c p fruit; grep -n '^f' fruit; grep -v -e apple -e fig fruit; grep -E '(pe|qu).+' fruit
egrep -o 'p+' fruit | sort -u; fgrep -x fig fruit | wc -l
say head tail; seq 20 | head -n 3; seq 20 | tail -n +19; seq 100 | head -c 7; echo
say wc; printf 'one two\nthree\n' | wc; printf 'abc' | wc -c
say nl fold; nl cols; echo 'abcdefghij' | fold -w 4
say expand; printf 'a\tb\n' | expand -t 4; printf '        x\n' | unexpand | od -c | head -n 1
say od hexdump xxd; printf 'Lockstep\001\377' >bin; od -t x1 bin; hexdump -C bin; xxd bin; hd=$(xxd -p bin); echo $hd
say strings; strings -n 4 bin
say seq factor expr; seq -s, 2 3 12; factor 360 97; expr 6 \* 7; expr length kernel; expr abc : 'a\(.*\)'
say bc dc; echo '2^70; scale=5; 10/7' | bc; echo '12 34 * p' | dc
say cmp diff patch; cp fruit new; sed -i 's/quince/plum/' new; cmp fruit new; diff fruit new
diff -u fruit new | sed 1,2d; diff -u fruit new | sed -e '1s/.*/--- fruit/' -e '2s/.*/+++ fruit/' | patch; cmp fruit new && echo same
say ed; printf '2a\nkiwi\n.\nw\nq\n' | ed fruit; sed -n 3p fruit
say base64 uuencode; base64 bin; base64 bin | base64 -d | cmp - bin && echo same; uuencode -m bin x
say dos2unix; printf 'a\r\nb\r\n' >crlf; dos2unix crlf; wc -c <crlf; unix2dos crlf; wc -c <crlf
say sums; md5sum bin; sha1sum bin; sha256sum bin; sha512sum bin | cut -c 1-32; sha3sum bin | cut -c 1-32
crc32 bin; md5sum bin >sums; md5sum -c sums
say tee yes; echo twice | tee copy; cat copy; yes no | head -n 2
say split words; echo 'a b  c' | xargs -n 1 echo item; printf 'x\0y\0' | xargs -0 -n 1 echo
say printf; printf '%d %05d %x %o %s %c|%-5s|%5s|\n' 42 42 255 8 str char left right
say comm by join of greps; sort -u fruit >s1; sort -u new >s2; grep -vxFf s1 s2; grep -vxFf s2 s1
say shuf; seq 50 | shuf | sort -n | md5sum; shuf -e a b c | sort | tr -d '\n'; echo
say cal date; cal 2 2024; TZ=UTC date -d @86400 '+%F %T %a %j'; TZ=UTC date -d '2024-02-29 12:34:56' +%s
cd / && rm -r "$d"
