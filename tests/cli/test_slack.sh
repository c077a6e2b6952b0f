#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What stands behind a file's end in its last block, and goes on in free space behind it.
. "$TOP/tests/lib.sh"
. "$TOP/tests/disk.sh"

# place_of FS: where the block behind /short's only one begins on the disk; it must be free
place_of() {
  local block
  block=$(debugfs -R "bmap /short 0" "$1" 2>/dev/null)
  debugfs -R "testb $((block + 1))" "$1" 2>/dev/null | grep -q "not in use" && echo $(((block + 1) * $2))
}
keys='sorted("{place} {path}".format(**f) for f in r["findings"] if "access-key-id" in f["rule"])'
mkdir "$work/tree"
echo 'a short file' >"$work/tree/short"

for block in 1024 4096 65536; do
  disk=$work/$block.raw
  truncate -s $((block / 256 + 64))M "$disk"
  mke2fs -q -F -t ext4 -b $block -d "$work/tree" "$disk" 2>/dev/null
  end=$(place_of "$disk" $block)
  ok "blocks of $block: the next one is free" [ -n "$end" ]
  # Invented, and only the ID's form is real.
  printf ' AKIAINV3NTEDOVER2345 ' | dd of="$disk" bs=1 seek=$((end - 9)) conv=notrunc status=none
  run "$IMGVET" scan "$disk" --reader native -o "$work/report.json"
  is "blocks of $block: over the slack's end" "$status $(field "$work/report.json" "$keys")" "1 ['slack /short']"
  printf ' AKIAINV3NTEDLATE2345 ' | dd of="$disk" bs=1 seek=$((end - 512)) conv=notrunc status=none
  run "$IMGVET" scan "$disk" --reader native -o "$work/report.json"
  is "blocks of $block: and late in the slack" "$status $(field "$work/report.json" "$keys")" \
    "1 ['slack /short', 'slack /short']"
done

# Clusters of several blocks: a file uses one block of 16, and old data runs from the others into
# the next cluster, which is free.
disk=$work/cluster.raw
truncate -s 256M "$disk"
mke2fs -q -F -t ext4 -O bigalloc -b 4096 -C 65536 -d "$work/tree" "$disk" 2>/dev/null
first=$(debugfs -R "bmap /short 0" "$disk" 2>/dev/null)
ok "a cluster: the next one is free" grep -q "not in use" <(debugfs -R "testb $((first + 16))" "$disk" 2>/dev/null)
printf ' AKIAINV3NTEDOVER2345 ' | dd of="$disk" bs=1 seek=$(((first + 16) * 4096 - 9)) conv=notrunc status=none
printf ' AKIAINV3NTEDREST2345 ' | dd of="$disk" bs=1 seek=$(((first + 1) * 4096 - 9)) conv=notrunc status=none
run "$IMGVET" scan "$disk" --reader native -o "$work/report.json"
is "a cluster: over its end, and over the block's" "$status $(field "$work/report.json" "$keys")" \
  "1 ['free None', 'slack /short']"
done_testing
