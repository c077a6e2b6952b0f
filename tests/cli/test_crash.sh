#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A scan whose process dies says so: exit 3, no report, never "clean".
. "$TOP/tests/lib.sh"
truncate -s 64M "$work/disk.raw"
mkdir "$work/tree"
# enough work for the scan to be still busy when it is killed
head -c 40M /dev/urandom >"$work/tree/noise"
mke2fs -q -t ext4 -d "$work/tree" "$work/disk.raw"
"$IMGVET" scan -j 1 "$work/disk.raw" -o "$work/report.json" >"$work/out" 2>"$work/err" &
pid=$!
child=
for _ in $(seq 2000); do
  child=$(cat /proc/$pid/task/$pid/children 2>/dev/null)
  [ -n "$child" ] && break
done
kill -KILL $child
wait $pid
is "exit 3" "$?" 3
like "the message names the signal" "$(cat "$work/err")" "the scan died of signal 9"
ok "no report was written" [ ! -e "$work/report.json" ]
unlike "nothing is called clean" "$(cat "$work/out")" "was searched as stored"
done_testing
