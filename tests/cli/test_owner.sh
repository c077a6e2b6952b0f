#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# One disk, several ways to read it: the receiver chooses how to mount, so a scan reads every way,
# or says which one it did not read.  Nothing here may be complete, and honest disks stay so.
. "$TOP/tests/lib.sh"
. "$TOP/tests/disk.sh"

mkdir -p "$work/tree/root/.ssh"
printf 'export T=AKIAINV3NTEDWAYS2345\n' >"$work/tree/root/.bash_history"
mkdir "$work/none" && echo hello >"$work/none/motd"

scan() { run "$IMGVET" scan --reader native "$work/$1" -o "$work/r.json"; }
volumes() { field "$work/r.json" '[(v["volume"], v["kind"], v["reader"], v["complete"]) for v in r["coverage"]["volumes"]]'; }
complete() { field "$work/r.json" 'r["coverage"]["complete"]'; }
# refused NAME IMAGE VOLUME KIND: an incomplete scan names this volume
refused() {
  scan "$2"
  is "$1: exit 3" "$status" 3
  is "$1: not complete" "$(complete)" False
  like "$1: the volume is named" "$(volumes)" "\\('$3', '$4', 'raw', False\\)"
  like "$1: so it is in the summary" "$out" "$3"
}
# found NAME IMAGE VOLUME: what lies in that volume's files is found by its path
found() {
  scan "$2"
  like "$1: read as files" "$(field "$work/r.json" '[(f["volume"], f["path"]) for f in r["findings"]]')" \
    "\\('$3', '/root/.bash_history'\\)"
}
# small FILE MKE2FS_ARG...: an ext4 of 4 MiB with the planted file
small() {
  local file=$1
  shift
  truncate -s 4M "$file" && mke2fs -q -F -t ext4 -O ^has_journal "$@" "$file"
}
put() { dd if="$1" of="$2" bs=512 seek="$3" conv=notrunc status=none; }

# --- a small ext4 over another file system ---
truncate -s 128M "$work/decoy.raw"
mkfs.btrfs -q "$work/decoy.raw" >/dev/null
small "$work/small" -d "$work/none" -b 1024
dd if="$work/small" of="$work/decoy.raw" bs=64K count=1 conv=notrunc status=none
refused "ext4 over btrfs" decoy.raw disk/btrfs btrfs

# --- a FAT that says it is swap ---
truncate -s 64M "$work/swap.raw"
mkfs.vfat -F 32 "$work/swap.raw" >/dev/null
printf SWAPSPACE2 | dd of="$work/swap.raw" bs=1 seek=4086 conv=notrunc status=none
refused "FAT as swap" swap.raw disk vfat

# --- a file system where none belongs ---
make_gpt "$work/boot.raw"
put_ext "$work/none" "$work/boot.raw"
truncate -s 1000K "$work/minix" && mkfs.minix -3 "$work/minix" >/dev/null
put "$work/minix" "$work/boot.raw" 34
refused "minix in BIOS boot" boot.raw p1 minix

# --- in a gap ---
truncate -s 32M "$work/gap.raw"
printf '\125\252' | dd of="$work/gap.raw" bs=1 seek=510 conv=notrunc status=none
rm "$work/small"
small "$work/small" -d "$work/tree"
put "$work/small" "$work/gap.raw" 2048
found "ext4 behind an empty table" gap.raw "gap1/ext4@1048576"
is "and its files are counted" "$(field "$work/r.json" 'r["coverage"]["volumes"][1]["files"]')" 1
is "the digest is that of the bytes" "$(field "$work/r.json" 'r["image"]["digest"]')" \
  "fsverity-sha256:$(fsverity digest --compact "$work/gap.raw")"
truncate -s 32M "$work/odd.raw"
printf '\125\252' | dd of="$work/odd.raw" bs=1 seek=510 conv=notrunc status=none
put "$work/minix" "$work/odd.raw" 40003
refused "minix at an odd sector" odd.raw "gap1/minix@20481536" minix

# --- behind the end of a file system ---
make_disk "$work/none" "$work/tail.raw"
mke2fs -q -F -t ext4 -b 4096 -E offset=$ROOT -d "$work/none" "$work/tail.raw" 12M
put "$work/small" "$work/tail.raw" $((2048 + 24576 + 64))
found "ext4 behind an ext4" tail.raw "p2/ext4@13664256"

# --- in the free space of a file system ---
make_disk "$work/none" "$work/free.raw"
put "$work/small" "$work/free.raw" $((2048 + 30000))
found "ext4 in free blocks" free.raw "p2/ext4@16408576"
make_disk "$work/none" "$work/free2.raw"
put "$work/minix" "$work/free2.raw" $((2048 + 30016))
refused "minix in free blocks" free2.raw "p2/minix@16416768" minix

truncate -s 24M "$work/outer"
mke2fs -q -F -t ext4 -O ^has_journal -b 1024 "$work/outer"
put "$work/small" "$work/outer" 20000
truncate -s 32M "$work/free3.raw"
printf '\125\252' | dd of="$work/free3.raw" bs=1 seek=510 conv=notrunc status=none
put "$work/outer" "$work/free3.raw" 2048
found "ext4 in the free blocks of an ext4 in a gap" free3.raw "gap1/ext4@1048576/ext4@11288576"

# --- two partitions on the same bytes, and a hybrid MBR ---
truncate -s 32M "$work/twice.raw"
printf 'label: dos\nstart=2048,size=40000,type=83\n' | sfdisk -q "$work/twice.raw"
mke2fs -q -F -t ext4 -E offset=$ROOT -d "$work/none" "$work/twice.raw" 12M
put "$work/small" "$work/twice.raw" 30000
printf '\0\0\0\0\203\0\0\0\060\165\0\0\0\040\0\0' | dd of="$work/twice.raw" bs=1 seek=462 conv=notrunc status=none
found "a partition inside another" twice.raw p2
is "both were read" "$(field "$work/r.json" 'sorted(v["volume"] for v in r["coverage"]["volumes"] if v["reader"] == "ext")')" \
  "['p1', 'p2']"
for _ in 1 2 3; do
  scan twice.raw
  is "bytes of two volumes are hashed once" "$(field "$work/r.json" 'r["image"]["digest"]')" \
    "fsverity-sha256:$(fsverity digest --compact "$work/twice.raw")"
done
make_disk "$work/none" "$work/hybrid.raw"
put "$work/small" "$work/hybrid.raw" 55000
printf '\0\0\0\0\203\0\0\0\330\326\0\0\0\040\0\0' | dd of="$work/hybrid.raw" bs=1 seek=462 conv=notrunc status=none
found "a partition that only the hybrid MBR names" hybrid.raw mbr/p2

# --- honest disks ---
make_disk "$work/none" "$work/honest.raw"
scan honest.raw
is "BIOS boot and ext4: clean" "$status" 0
is "nothing but its parts" "$(field "$work/r.json" '[v["volume"] for v in r["coverage"]["volumes"]]')" "['gap1', 'p1', 'p2', 'gap2']"
truncate -s 128M "$work/again.raw"
for mkfs in 'mkfs.vfat' 'mkswap -q' 'mkfs.btrfs -q -f' 'mke2fs -q -F -t ext3' 'mkfs.minix -3'; do
  $mkfs "$work/again.raw" >/dev/null 2>&1
  mke2fs -q -F -t ext4 -E nodiscard -d "$work/none" "$work/again.raw"
  scan again.raw
  is "$mkfs, then ext4: clean" "$status" 0
  is "$mkfs, then ext4: one volume" "$(volumes)" "[('disk', 'ext4', 'ext', True)]"
done

done_testing
