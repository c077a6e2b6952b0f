#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Old data keeps to no partition table: what begins in one volume and ends in the next is found.
. "$TOP/tests/lib.sh"
. "$TOP/tests/disk.sh"
key='-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIEludmVudGVkIHNhbXBsZSBrZXkgZm9yIGltZ3ZldCAh\n-----END PRIVATE KEY-----\n'
printf -- "$key" >"$work/key"
length=$(stat -c %s "$work/key")
put() { dd if="$work/key" of="$1" bs=1 seek="$2" conv=notrunc status=none; }
# "volume offset-on-the-disk" of each finding in bytes of no file.
places() { field "$1" '" ".join("%s %s" % (f["volume"], f["disk_offset"]) for f in r["findings"] if f["length"] > 0)'; }

# Two partitions without a space between them, the first behind a gap.
disk=$work/disk.raw
truncate -s 8M "$disk"
printf 'label: gpt\nfirst-lba: 2048\nstart=2048,size=4096\nstart=6144,size=4096\n' | sfdisk -q "$disk"
mke2fs -q -F -t ext4 -O ^has_journal -E offset=$((6144 * 512)) "$disk" 2M 2>/dev/null
cp "$disk" "$work/empty.raw"
gap=$((2048 * 512)) seam=$((6144 * 512))
for edge in $gap $seam; do
  for cut in 1 40 $((length - 1)); do
    cp "$work/empty.raw" "$disk"
    at=$((edge - cut)) volume=gap1
    [ "$edge" = "$seam" ] && volume=p1
    put "$disk" "$at"
    run "$IMGVET" scan -q --reader native -o "$work/r.json" "$disk"
    is "an edge at $edge, $cut bytes before it: found once, where it begins" \
      "$(places "$work/r.json" | cut -d' ' -f1)" "$volume"
    is "and nowhere else" "$(field "$work/r.json" 'sum(f["length"] > 0 for f in r["findings"])')" 1
  done
  # What ends or begins at the edge is its volume's own.
  cp "$work/empty.raw" "$disk"
  put "$disk" "$((edge - length))"
  run "$IMGVET" scan -q --reader native -o "$work/r.json" "$disk"
  is "up to the edge at $edge: found once" "$(field "$work/r.json" 'sum(f["length"] > 0 for f in r["findings"])')" 1
done
run "$IMGVET" scan -q --reader native -o "$work/r.json" "$work/empty.raw"
is "nothing there: nothing found" "$(field "$work/r.json" 'len(r["findings"])')" 0
done_testing
