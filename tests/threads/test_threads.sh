#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What runs in several threads or processes at once: a search by four threads, an audit of
# images, many writers of one ledger.  make check-threads runs it under ThreadSanitizer, where
# every race is exit code 66 (or 3, where it is the scan's own process that has it).
. "$TOP/tests/lib.sh"
. "$TOP/tests/disk.sh"

# Without the sandbox a report of ThreadSanitizer has names and lines.
sandbox=
[[ "${SAN-}" != *thread* ]] || sandbox=--no-sandbox

# Small files, a long one, a fragmented one and free space: whole regions, segments, runs.
mkdir -p "$work/tree/etc" "$work/tree/root"
cp -r "$TOP/samples/image/leftovers" "$TOP/rules" "$work/tree/"
head -c 6M /dev/urandom >"$work/tree/root/noise"
base64 -w 76 "$work/tree/root/noise" | head -c 5M >"$work/tree/root/text"
make_disk "$work/tree" "$work/disk.raw"
qemu-img convert -c -O qcow2 "$work/disk.raw" "$work/disk.qcow2"
cd "$work" || exit 1

findings() { "$PYTHON" -c 'import json, sys
print(sorted((f["rule"], f["path"] or "", f["offset"] if "offset" in f else 0) for f in json.load(open(sys.argv[1]))["findings"]))' "$1"; }
run "$IMGVET" scan $sandbox -j 1 disk.raw -o one.json
is "one thread: findings" "$status" 1
want=$(findings one.json)
for disk in disk.raw disk.qcow2; do
  for turn in 1 2; do
    run "$IMGVET" scan $sandbox -j 4 $disk -o four.json
    is "four threads, $disk, $turn: findings" "$status" 1
    is "four threads, $disk, $turn: the same ones" "$(findings four.json)" "$want"
    unlike "four threads, $disk, $turn: no race" "$err" ThreadSanitizer
    [ "$status" = 1 ] || echo "$err" >&2
  done
done
run "$IMGVET" scan $sandbox --reader tree -j 4 tree -o tree.json
is "four threads, a folder: findings" "$status" 1
unlike "four threads, a folder: no race" "$err" ThreadSanitizer

# Eight writers of one ledger that is not there yet.
export IMGVET_LEDGER=$work/ledger.db
for _ in 1 2 3 4 5 6 7 8; do
  (for _ in 1 2 3; do "$IMGVET" gate one.json >/dev/null 2>>gate.err; done) &
done
wait
is "many writers: nobody complains" "$(grep -cE 'ThreadSanitizer|ledger' gate.err)" 0
run "$IMGVET" log
is "the ledger is whole" "$status" 0
is "and has a line of each" "$(grep -c ' verdict  ' <<<"$out")" 24
done_testing
