#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Bad input: each kind ends with a clear message and the right exit code; none with a crash, a hang
# or a false "clean".
. "$TOP/tests/lib.sh"
. "$TOP/tests/disk.sh"
chmod 0755 "$work"

scan() { # IMAGE [OPTION...]: without the appliance, in reasonable time
  run timeout 60 "$IMGVET" scan --reader native "$@" -o "$work/report.json"
}
# refused NAME CODE WORDS [HINT]: an error of that code, said so, and no report.
refused() {
  is "$1: exit $2" "$status" "$2"
  like "$1: says why" "$err" "^imgvet: error: .*$3"
  [ -z "${4-}" ] || like "$1: says what to do" "$err" "^imgvet: hint: .*$4"
  unlike "$1: one cause, no crash" "$err" 'died of signal|Sanitizer|runtime error|CRITICAL|WARNING'
  unlike "$1: not called clean" "$out" 'was searched as stored'
  ok "$1: no report" [ ! -e "$work/report.json" ]
}
# incomplete NAME REASON: a report whose coverage says what is missing.
incomplete() {
  is "$1: exit 3" "$status" 3
  is "$1: coverage is not complete" "$(field "$work/report.json" 'r["coverage"]["complete"]')" False
  like "$1: the summary gives the reason" "$(tr -s ' \n' ' ' <<<"$out")" "$2"
  like "$1: the summary does not call it clean" "$(tr -s ' \n' ' ' <<<"$out")" 'not known to be clean'
  unlike "$1: no crash" "$err" 'died of signal|Sanitizer|runtime error|CRITICAL'
  rm -f "$work/report.json"
}
patch() { # FILE OFFSET HEX
  "$PYTHON" -c 'import sys
f = open(sys.argv[1], "r+b"); f.seek(int(sys.argv[2], 0)); f.write(bytes.fromhex(sys.argv[3]))' "$@"
}
be64() { # FILE OFFSET: the big-endian number there
  "$PYTHON" -c 'import sys
f = open(sys.argv[1], "rb"); f.seek(int(sys.argv[2], 0)); print(int.from_bytes(f.read(8), "big"))' "$@"
}

mkdir -p "$work/tree/etc" "$work/tree/dir/sub"
printf 'plain words\n' >"$work/tree/etc/motd"
head -c 300000 /dev/zero | tr '\0' 'a' >"$work/tree/dir/big"
make_disk "$work/tree" "$work/disk.raw"
qemu-img convert -O qcow2 "$work/disk.raw" "$work/disk.qcow2"
scan "$work/disk.raw"
is "the disk that gets damaged is clean before" "$status" 0
rm -f "$work/report.json"

# --- the file ---
scan "$work/none.raw"
refused "a missing file" 3 'none.raw.*No such file'
: >"$work/empty.raw"
scan "$work/empty.raw"
refused "an empty file" 3 'empty.raw.*empty'
: >"$work/empty.qcow2"
scan "$work/empty.qcow2"
refused "an empty qcow2" 3 'empty.qcow2'
scan "$work/tree"
refused "a folder as an image" 2 'tree.*(folder|directory)' 'reader tree'
mkfifo "$work/fifo.raw"
scan "$work/fifo.raw"
refused "a fifo" 2 'fifo.raw'
scan "$work/disk.raw" --reader tree
refused "an image as a folder" 2 'disk.raw.*(directory|folder)'
cp "$work/disk.raw" "$work/private.raw"
chmod 0 "$work/private.raw"
if [ "$(id -u)" = 0 ]; then
  # A copy that nobody may run and read, wherever the checkout lies.
  mkdir -p "$work/nobody" "$work/open/bin" && chown 65534 "$work/nobody" && chmod 0755 "$work"
  cp "$IMGVET" "$work/open/bin/" && cp -r "$TOP/rules" "$work/open/rules"
  run setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$work/nobody" \
    XDG_CONFIG_HOME="$work/nobody" XDG_DATA_HOME="$work/nobody" \
    "$work/open/bin/imgvet" scan "$work/private.raw" -o "$work/nobody/report.json"
  refused "no permission" 3 'private.raw.*Permission denied'
else
  scan "$work/private.raw"
  refused "no permission" 3 'private.raw.*Permission denied'
fi
cp "$work/disk.raw" "$work/liar.qcow2"
scan "$work/liar.qcow2"
refused "a raw disk named .qcow2" 3 'liar.qcow2' 'format raw'
cp "$work/disk.qcow2" "$work/liar.raw"
scan "$work/liar.raw"
refused "a qcow2 named .raw" 3 'liar.raw' 'format qcow2'
scan "$work/liar.raw" --format qcow2
is "told the format, it reads" "$status" 0
rm -f "$work/report.json"
scan "$work/disk.raw" --format qcow2
refused "told a wrong format" 3 'does not begin like a qcow2'
scan "$work/disk.raw" --format vmdk
refused "an unknown format" 2 'vmdk'
run "$IMGVET" scan --reader native "$work/disk.raw" -o /dev/null/report.json
refused "an output below a file" 3 '/dev/null/report.json'
run "$IMGVET" scan --reader native "$work/disk.raw" -o /sys/report.json
refused "an output where nobody may write" 3 '/sys/report.json'

# --- qcow2 ---
head -c 300000 "$work/disk.qcow2" >"$work/cut.qcow2"
scan "$work/cut.qcow2"
refused "a truncated qcow2" 3 'cut.qcow2'
head -c 50 "$work/disk.qcow2" >"$work/stump.qcow2"
scan "$work/stump.qcow2"
refused "a qcow2 cut in its header" 3 'stump.qcow2'
l1=$(be64 "$work/disk.qcow2" 40)
l2=$(($(be64 "$work/disk.qcow2" "$l1") & 0x00fffffffffffe00))
damaged_qcow2() { # NAME OFFSET HEX
  cp "$work/disk.qcow2" "$work/bad.qcow2"
  patch "$work/bad.qcow2" "$2" "$3"
  scan "$work/bad.qcow2"
  refused "$1" 3 'bad.qcow2'
}
damaged_qcow2 "an L1 table outside the file" 40 0000000080000000
damaged_qcow2 "an L1 table off its alignment" 40 0000000000030001
damaged_qcow2 "an L1 table of 4 GiB" 36 ffffffff
damaged_qcow2 "an L2 table outside the file" "$l1" 8000000080000000
damaged_qcow2 "an L2 table off its alignment" "$l1" 8000000000000200
damaged_qcow2 "a cluster outside the file" "$l2" 8000000080000000
damaged_qcow2 "a compressed cluster outside the file" "$l2" 4000000fffffff00
damaged_qcow2 "clusters of 2^63 bytes" 20 0000003f
damaged_qcow2 "a disk of 2^64 - 512 bytes" 24 fffffffffffffe00
damaged_qcow2 "an unknown incompatible feature" 72 8000000000000000

# --- partition tables ---
cp "$work/disk.raw" "$work/nogpt.raw"
patch "$work/nogpt.raw" 512 "$(printf '00%.0s' {1..512})"
scan "$work/nogpt.raw"
is "primary GPT gone: the backup serves, and nothing is missing" "$status" 0
like "and it is said" "$(tr -s ' \n' ' ' <<<"$out")" 'primary GPT.*backup'
is "the volumes are those of the table" \
  "$(field "$work/report.json" '[(v["volume"], v["kind"]) for v in r["coverage"]["volumes"]]')" \
  "[('gap1', 'gap'), ('p1', 'no-files'), ('p2', 'ext4'), ('gap2', 'gap')]"
rm -f "$work/report.json"
head -c $((1048576 + 24 * 1048576)) "$work/nogpt.raw" >"$work/nogpts.raw"
scan "$work/nogpts.raw"
incomplete "both GPTs gone" 'partition table|GPT'
head -c 20000000 "$work/disk.raw" >"$work/cutdisk.raw"
scan "$work/cutdisk.raw"
incomplete "a disk cut inside its partition" 'p2'
ebr() { # a chain of extended partitions that comes back to itself
  truncate -s 0 "$1"; truncate -s 32M "$1"
  sfdisk -q "$1" <<-TABLE
	label: dos
	start=2048, size=2048, type=83
	start=4096, size=40960, type=5
	start=6144, size=2048, type=83
	start=10240, size=2048, type=83
	TABLE
  # the second EBR (sector 8192) names the first one as its next
  patch "$1" $((8192 * 512 + 446 + 16)) 00000000050000000000000000080000
}
ebr "$work/ebr.raw"
scan "$work/ebr.raw"
incomplete "a loop of logical partitions" 'loop|twice|again|damaged'

# --- ext ---
scan_ext() { # a copy of the disk after debugfs commands
  cp "$work/disk.raw" "$work/ext.raw"
  local command
  for command in "$@"; do on_ext "$work/ext.raw" "$command"; done
  scan "$work/ext.raw"
}
scan_ext 'link /dir /dir/sub/up'
incomplete "a directory inside itself" '/dir/sub/up|more than one|twice|second'
scan_ext 'set_inode_field /dir/big block[0] 0x0063f30a'
incomplete "a file whose extent tree is damaged" '/dir/big'
scan_ext 'set_inode_field /dir/big block[5] 0x7fffffff'
incomplete "an extent outside the file system" '/dir/big'
scan_ext 'set_inode_field /etc block[0] 0'
incomplete "a directory without its extents" '/etc'
scan_ext 'set_super_value blocks_count 99999999'
incomplete "a file system larger than its partition" 'p2'
cp "$work/disk.raw" "$work/ext.raw"
patch "$work/ext.raw" $((ROOT + 4096)) "$(printf 'ff%.0s' {1..4096})"
scan "$work/ext.raw"
incomplete "group descriptors overwritten" 'p2'

# A directory of 100 000 names.  mke2fs takes minutes over it, so its blocks are written here: a
# file of directory entries, which debugfs then calls a directory.
mkdir "$work/many"
for name in a b c; do printf 'clean\n' >"$work/many/$name"; done
printf 'id AKIAINV3NTEDMANY2345\n' >"$work/many/key"
entries() { # SELF PARENT A B C KEY: the blocks of the directory
  "$PYTHON" - "$@" >"$work/many/list" <<'PY'
import struct, sys
this, up, *files, key = map(int, sys.argv[1:])
names = [(this, b".", 2), (up, b"..", 2), (key, b"key", 1)]
names += [(files[i % 3], b"name-%06d" % i, 1) for i in range(100000)]
blocks, block = [], []
def close():
    *rest, (inode, name, kind) = block
    used = sum(12 + len(n) // 4 * 4 for _, n, _ in rest)
    out = b"".join(struct.pack("<IHBB", i, 12 + len(n) // 4 * 4, len(n), k) + n.ljust(4 + len(n) // 4 * 4, b"\0")
                   for i, n, k in rest)
    out += struct.pack("<IHBB", inode, 4096 - used, len(name), kind) + name
    blocks.append(out.ljust(4096, b"\0"))
for entry in names:
    if sum(12 + len(n) // 4 * 4 for _, n, _ in block) + 12 + len(entry[1]) // 4 * 4 > 4096:
        close()
        block = []
    block.append(entry)
close()
sys.stdout.buffer.write(b"".join(blocks))
PY
}
inode_of() { debugfs -R "stat $2" "$1?offset=$ROOT" 2>/dev/null | sed -n 's/^Inode: \([0-9]*\).*/\1/p'; }
many() { make_gpt "$work/many.raw" && put_ext "$work/many" "$work/many.raw" -O ^metadata_csum,^dir_index; }
entries 2 2 2 2 2 2
many # for the numbers of the inodes
entries $(inode_of "$work/many.raw" /list) 2 $(for f in a b c key; do inode_of "$work/many.raw" /$f; done)
many
for command in 'set_inode_field /list mode 040755' 'set_inode_field /list links_count 2' \
  'set_inode_field /a links_count 33335' 'set_inode_field /b links_count 33335' \
  'set_inode_field /c links_count 33335' 'set_inode_field /key links_count 2'; do
  on_ext "$work/many.raw" "$command"
done
begin=$SECONDS
scan "$work/many.raw"
is "100 000 names in one directory: found what is there" \
  "$status $(field "$work/report.json" 'sorted(f["path"] for f in r["findings"])')" "1 ['/key', '/list/key']"
is "every name counted, nothing missed" "$(field "$work/report.json" \
  '[(v["files"], v["complete"]) for v in r["coverage"]["volumes"] if v["volume"] == "p2"]')" "[(100005, True)]"
ok "and quickly" [ $((SECONDS - begin)) -le 20 ]
rm -f "$work/report.json"

# A name of bytes that are no UTF-8 and would steer a terminal.
mkdir "$work/odd"
printf 'id AKIAINV3NTEDNAME2345\n' >"$work/odd/$(printf 'bad\377\033[31mname')"
make_disk "$work/odd" "$work/odd.raw"
scan "$work/odd.raw"
is "a name of odd bytes: found" "$status" 1
is "and written harmlessly" "$(field "$work/report.json" 'r["findings"][0]["path"]')" '/bad\xff\x1b[31mname'
unlike "no escape code reaches the terminal" "$out$err" $'\033'
rm -f "$work/report.json"

# --- what cannot be read is no clean image ---
scan_ext 'feature needs_recovery'
incomplete "a dirty journal" 'journal'
make_gpt "$work/secret.raw"
put_ext "$work/tree" "$work/secret.raw" -O encrypt
inode=$(debugfs -R 'stat /dir' "$work/secret.raw?offset=$ROOT" 2>/dev/null | sed -n 's/^Inode: \([0-9]*\).*/\1/p')
on_ext "$work/secret.raw" "set_inode_field <$inode> flags 0x80800"
scan "$work/secret.raw"
incomplete "an encrypted directory" '/dir.*encrypt'
make_gpt "$work/luks.raw"
patch "$work/luks.raw" $ROOT 4c554b53babe0001
scan "$work/luks.raw"
incomplete "a LUKS volume" 'p2 luks .*no native reader for luks'

# --- configuration ---
config() { run timeout 60 "$IMGVET" "$@"; }
printf 'rules:\n  - id: x\n    pattern: "("\n' >"$work/rules.yml"
config scan "$work/disk.raw" --rules "$work/rules.yml"
refused "a broken rule file" 2 'rules.yml:[0-9]+'
printf 'rules: [\n' >"$work/cut.yml"
config scan "$work/disk.raw" --rules "$work/cut.yml"
refused "a cut rule file" 2 'cut.yml:[0-9]+'
config scan "$work/disk.raw" --rules "$work/none.yml"
refused "a missing rule file" 3 'none.yml'
printf 'salt: "zz"\nclearances: []\n' >"$work/clearances.yml"
config scan "$work/disk.raw" --clearances "$work/clearances.yml"
refused "a clearances file with a broken salt" 2 'clearances.yml:1'
printf 'clearances: [\n' >"$work/cut.yml"
config scan "$work/disk.raw" --clearances "$work/cut.yml"
refused "a cut clearances file" 2 'cut.yml:[0-9]+'
scan "$work/disk.raw"
mv "$work/report.json" "$work/good.json"
printf 'blocking: no\n  bad\n' >"$work/policy.yml"
config gate "$work/good.json" --policy "$work/policy.yml"
refused "a broken policy" 2 'policy.yml:[0-9]+'
config gate "$work/good.json" --policy "$work/none.yml"
refused "a missing policy" 3 'none.yml'
config gate "$work/good.json" --clearances "$work/cut.yml"
refused "a cut clearances file at the gate" 2 'cut.yml:[0-9]+'
printf '{"schema": 1}\n' >"$work/bad.json"
config gate "$work/none.json"
refused "a missing report" 3 'none.json'
config gate "$work/bad.json"
unlike "a report of nothing passes no gate" "$status" '^0$'
done_testing
