#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# "Searched elsewhere" is true: a key is planted wherever a reader passes over bytes because
# another place has them, and each is found.  The keys are invented.
. "$TOP/tests/lib.sh"
. "$TOP/tests/disk.sh"

# plant KEY BYTE: at this byte of the disk
plant() { printf ' %s ' "$1" | dd of="$work/disk.raw" bs=1 seek="$2" conv=notrunc status=none; }
# block FILE N: where block N of a file (of 4096 bytes) lies on the disk
block() {
  local n
  n=$(debugfs -R "bmap $1 $2" "$work/disk.raw?offset=$ROOT" 2>/dev/null | tail -1)
  echo $((ROOT + ${n%% *} * 4096))
}

mkdir -p "$work/tree/opt"
printf 'key AKIAINV3NTEDFILE2345\n' >"$work/tree/opt/owned"
head -c 40000 /dev/zero | tr '\0' 'x' >"$work/tree/opt/long"
: >"$work/tree/opt/unwritten"
mkdir "$work/tree/opt/names"
printf 'x' >"$work/tree/opt/names/AKIAINV3NTEDNAME2345"
ln -s 'AKIAINV3NTEDLINK2345' "$work/tree/opt/symlink"
make_disk "$work/tree" "$work/disk.raw"

on_ext "$work/disk.raw" 'rm /opt/names/AKIAINV3NTEDNAME2345' # not-content: its name stays in the folder
on_ext "$work/disk.raw" 'rm /opt/symlink'                    # unused: its target stays in the inode
on_ext "$work/disk.raw" 'fallocate /opt/unwritten 0 3'       # not-content: allocated, never written
plant AKIAINV3NTEDPREA2345 "$(($(block /opt/unwritten 1) + 100))"
plant AKIAINV3NTEDTAIL2345 "$(($(block /opt/long 5) + 100))"
on_ext "$work/disk.raw" 'set_inode_field /opt/long size 8192' # not-content: blocks behind the end
plant AKIAINV3NTEDJRNL2345 "$(($(block '<8>' 200) + 100))"     # internal: the journal
plant AKIAINV3NTEDBOOT2345 $((40 * 512))                       # raw-volume: where no files belong

run "$IMGVET" scan --fail-on info --explain-skips "$work/disk.raw" -o "$work/disk.json"
is "findings" "$status" 1
found() {
  "$PYTHON" - "$work/disk.json" "$work/disk.raw" "$1" <<'PY'
import json, sys
report, disk, key = json.load(open(sys.argv[1])), open(sys.argv[2], "rb").read(), sys.argv[3].encode()
print(sorted({f["place"] for f in report["findings"] if f["disk_offset"] is not None
              and disk[f["disk_offset"]:f["disk_offset"] + f["length"]] == key}))
PY
}
is "owned: no free space, and in the file" "$(found AKIAINV3NTEDFILE2345)" "['file']"
is "unused: a deleted name" "$(found AKIAINV3NTEDNAME2345)" "['metadata']"
is "unused: a deleted inode" "$(found AKIAINV3NTEDLINK2345)" "['metadata']"
is "not-content: unwritten blocks" "$(found AKIAINV3NTEDPREA2345)" "['free']"
is "not-content: blocks behind the end" "$(found AKIAINV3NTEDTAIL2345)" "['metadata']"
is "internal: the journal" "$(found AKIAINV3NTEDJRNL2345)" "['metadata']"
is "raw-volume: boot code" "$(found AKIAINV3NTEDBOOT2345)" "['raw']"
for reason in owned unused not-content internal raw-volume; do
  like "each was counted: $reason" "$out" "^ +[0-9]+  $reason "
done
done_testing
