# SPDX-License-Identifier: GPL-3.0-or-later
# tests/disk.sh - small disks for shell tests: source it after lib.sh.
#
#   make_gpt RAW            a 32 MiB GPT disk: BIOS boot before the first MiB, Linux from there on
#   make_disk TREE RAW      the same with an ext4 of 24 MiB that holds TREE
#   put_ext TREE RAW [MKE2FS_ARG...]   make the ext4 of such a disk
#   on_ext RAW COMMAND      one debugfs command in it (writing)
#   field REPORT EXPR       Python expression over the report `r`, printed
PATH=$PATH:/usr/sbin:/sbin
ROOT=1048576 # where the ext4 begins, in bytes
make_gpt() {
  truncate -s 0 "$1" && truncate -s 32M "$1"
  sfdisk -q "$1" <<-TABLE
	label: gpt
	first-lba: 34
	start=34, size=2014, type=21686148-6449-6E6F-744E-656564454649
	start=2048, size=49152, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4
	TABLE
}
put_ext() {
  local tree=$1 raw=$2
  shift 2
  mke2fs -q -F -t ext4 -b 4096 -E "offset=$ROOT,root_owner=0:0" -d "$tree" "$@" "$raw" 24M 2>"$work/.mke2fs" ||
    cat "$work/.mke2fs" >&2
}
make_disk() { make_gpt "$2" && put_ext "$1" "$2"; }
on_ext() { debugfs -w -R "$2" "$1?offset=$ROOT" >"$work/.debugfs" 2>&1; }
field() { "$PYTHON" -c 'import json, sys
r = json.load(open(sys.argv[1]))
print(eval(sys.argv[2]))' "$1" "$2"; }
