#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
#
# busybox-files.sh - busybox's tools for files, directories and archives
d=$(mktemp -d) && cd "$d" || exit 2
umask 022
say() { echo "-- $*"; }

say mkdir; mkdir -p a/b/c && mkdir -m 700 private && mkdir a 2>&1; ls -d a/b private
say touch ls; touch -d '2001-02-03 04:05:06' a/old; touch a/.hidden a/b/new; ls -A a; ls -l a/old | cut -c 1-10
TZ=UTC ls -l --full-time a/old 2>/dev/null | grep -o '2001-02-03 04:05:06'; ls -F a; ls -1R a
say cp mv; echo text >f; cp f g; cp -p a/old kept; stat -c '%Y %s %a %F' kept; mv g a/b/g; cat a/b/g; cp -r a copy; find copy | sort
cp nothing x 2>&1; mv nothing x 2>&1; cp a x 2>&1
say ln readlink; ln f hard; ln -s f soft; readlink soft; stat -c '%h %F' f soft; readlink -f soft | sed "s#$d##"; realpath a/../f | sed "s#$d##"
ln -s loop loop; cat loop 2>&1; ln -sf a/b soft; ls soft
say chmod; chmod 640 f; stat -c %a f; chmod u+x,g-r,o=w f; stat -c %A f; chmod -R a-w copy; stat -c %A copy/b; chmod 4755 f; stat -c %A f; chmod -R u+w copy
say chown; chown 12:34 f; stat -c '%u:%g %a' f; chgrp 5 f; stat -c %g f; chown 0:0 f
say stat; stat -c '%n %F %a %h' a/b/g private; stat nothing 2>&1; stat -f -c '%T' . >/dev/null && echo a file system
say rm; rm a 2>&1; rmdir a 2>&1; rm -f nothing && echo quiet; rm -r copy && ls -d copy 2>&1; unlink hard; ls hard 2>&1
say find; find a -type f | sort; find a -name 'o*' -o -name 'g'| sort; find . -type l | sort; find a -type f -newer a/old | sort
find a -type f -exec basename {} \; | sort; find a -empty | sort; find a -size -2 -type f | wc -l; find a -maxdepth 1 -mindepth 1 | sort; find a -name old -exec rm {} \; ; ls a
say xargs; find a -type f -print0 | xargs -0 ls -1 | sort; echo 1 2 3 4 | xargs -n 2; echo a b | xargs -I {} echo '<{}>'
say basename dirname; basename /x/y.c .c; dirname /x/y.c; which sh >/dev/null && echo there; test -d a -a -f f && echo yes; [ -e nothing ] || echo no; [ f -nt a/old ] && echo newer
say truncate dd; truncate -s 10000 sparse; stat -c %s sparse; dd if=/dev/zero of=zeros bs=1k count=3 2>&1 | head -n 2; dd if=f of=zeros bs=1 seek=5 conv=notrunc 2>/dev/null; od -c zeros | head -n 2
dd if=zeros bs=1 skip=5 count=4 2>/dev/null; dd if=/dev/urandom bs=512 count=2 2>/dev/null | wc -c; head -c 5 /dev/zero | od -An -tx1; echo lost >/dev/null; echo full >/dev/full
say du; mkdir du; head -c 8192 /dev/zero >du/x; du -k du/x; du -s du >/dev/null && echo du
say tar; tar cf t.tar a f soft && tar tf t.tar | sort; mkdir out && tar xf t.tar -C out && find out | sort; cat out/a/b/g; tar czf t.tgz a && tar tzf t.tgz | wc -l
say cpio; find a | sort | cpio -o -H newc 2>/dev/null >t.cpio; mkdir out2 && (cd out2 && cpio -i 2>/dev/null <../t.cpio; find . | sort)
say gzip; seq 1000 >n; gzip n; ls n*; gunzip n.gz; md5sum n; gzip -c n | zcat | cmp - n && echo same; bzip2 -c n | bzcat | cmp - n && echo same; bzip2 n && bunzip2 n.bz2 && wc -l n
say mkfifo; mkfifo pipe && stat -c %F pipe; (echo through >pipe &); cat pipe; mknod null c 1 3 && stat -c '%F %t,%T' null; echo x >null; wc -c <null
say patch tree; mkdir p1 p2; echo 1 >p1/x; echo 2 >p2/x; diff -r p1 p2; diff -rq p1 p2; diff -ruN p1 p2 | sed '/^[-+][-+]/d'
say test; [ -s f ] && [ ! -s a/b/new ] && [ -L soft ] && [ -p pipe ] && [ -c null ] && echo kinds; [ -r f -a -w f -a -x f ] && echo rights
say cd; cd a/b && pwd | sed "s#$d##"; cd .. && pwd | sed "s#$d##"; cd - | sed "s#$d##"; cd "$d"
say shred sync; shred -u f && ls f 2>&1; sync && echo synced
say glob; touch g1 g2 'g 3'; echo g*; for i in g[12]; do echo "$i"; done; ls 'g 3'
say rename; mkdir r1 r2; mv r1 r2; ls r2; mv r2/r1 r1; mkdir r2/r1 r2/r1/full; mv r1 r2 2>&1; echo $?; mv r2 r2/sub 2>&1
say mktemp; t=$(mktemp -p . tXXXXXX); [ -f "$t" ] && stat -c '%a %s' "$t"; mktemp -d -p . dXXXXXX | wc -c
say install by cp -a; cp -a a keep; diff -r a keep && echo equal
cd / && rm -rf "$d"; ls -d "$d" 2>/dev/null || echo gone
