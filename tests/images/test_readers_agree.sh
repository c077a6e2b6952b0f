#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The findings of both readers agree, and what only the guest can read is read: two launches of the
# appliance, of about 15 seconds each without KVM.
. "$TOP/tests/lib.sh"
. "$TOP/tests/disk.sh"

# Invented; the path-artefact rules look at what these files are, not at their keys alone.
mkdir -p "$work/tree"/{root/.ssh,root/.aws,etc/ssh,home/u,var,srv}
printf '[default]\naws_access_key_id = AKIAINV3NTEDBOTH2345\n' >"$work/tree/root/.aws/credentials"
printf 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIInventedInventedInventedInventedInvented0 u@h\n' \
  >"$work/tree/root/.ssh/authorized_keys"
printf 'ls\nexport T=AKIAINV3NTEDHIST2345\n' >"$work/tree/home/u/.bash_history"
printf 'root:$6$invented$%086d:19000:0:99999:7:::\n' 0 >"$work/tree/etc/shadow"
printf 'machine db.example.org login u password Inv3nted0Pass\n' >"$work/tree/home/u/.netrc"
printf 'one\ntwo AKIAINV3NTEDLINK2345\n' >"$work/tree/srv/first"
ln "$work/tree/srv/first" "$work/tree/srv/second"
ln -s AKIAINV3NTEDSYML2345 "$work/tree/srv/target"
printf 'AKIAINV3NTEDINLN2345' >"$work/tree/srv/inline"
truncate -s 8M "$work/tree/srv/sparse"
printf ' AKIAINV3NTEDHOLE2345 ' >>"$work/tree/srv/sparse"
make_gpt "$work/disk.raw"
put_ext "$work/tree" "$work/disk.raw" -O inline_data
on_ext "$work/disk.raw" 'ea_set /srv/first user.note AKIAINV3NTEDATTR2345'

run "$IMGVET" scan --reader native "$work/disk.raw" -o "$work/native.json"
is "native: exit 1" "$status" 1
run timeout 400 "$IMGVET" scan --reader guest "$work/disk.raw" -o "$work/guest.json"
reason=$(field "$work/guest.json" '[v["reason"] for v in r["coverage"]["volumes"] if v["kind"] == "ext4"][0]')
if grep -qE 'appliance does not start|libguestfs cannot be started' <<<"$reason"; then
  skip "the readers agree" "$reason"
  skip "a FAT partition through the guest" "$reason"
  done_testing
  exit
fi
is "guest: exit 1" "$status" 1
is "native: nothing missed" "$(field "$work/native.json" 'r["coverage"]["complete"], r["coverage"]["misses"]')" "(True, [])"
is "guest: nothing missed" "$(field "$work/guest.json" 'r["coverage"]["complete"], r["coverage"]["misses"]')" "(True, [])"
is "each says who read it" "$(for r in native guest; do field "$work/$r.json" 'r["coverage"]["volumes"][2]["reader"]'; done)" "ext
guest"
owned='"\n".join(sorted(str([f[k] for k in ("place", "path", "rule", "line", "offset", "length", "severity", "fingerprint", "occurrences", "redacted")]) for f in r["findings"] if f["place"] in ("file", "symlink", "xattr")))'
is "the findings in files, symlinks and attributes are the same" \
  "$(field "$work/guest.json" "$owned")" "$(field "$work/native.json" "$owned")"
for path in /root/.aws/credentials /root/.ssh/authorized_keys /home/u/.bash_history /etc/shadow \
  /srv/first /srv/second /srv/inline /srv/sparse /srv/target /srv/first@user.note /srv/second@user.note; do
  like "$path is among them" "$(field "$work/guest.json" "$owned")" "'$path'"
done
same='r["image"]["digest"], [(v["volume"], v["kind"], v["bytes"], v["files"]) for v in r["coverage"]["volumes"]]'
is "digest, volumes and numbers of files too" "$(field "$work/guest.json" "$same")" "$(field "$work/native.json" "$same")"
is "what the files gave is not found again as raw bytes" \
  "$(field "$work/guest.json" '[f["offset"] for f in r["findings"] if f["place"] == "raw"]')" "[]"

# --- FAT ---
truncate -s 40M "$work/fat.raw"
sfdisk -q "$work/fat.raw" <<-TABLE
	label: gpt
	start=2048, size=65536, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B
TABLE
truncate -s 32M "$work/fat"
mkfs.vfat "$work/fat" >/dev/null
printf 'one\nkey AKIAINV3NTEDFATT2345\n' >"$work/keys.txt"
mcopy -i "$work/fat" "$work/keys.txt" ::keys.txt
dd if="$work/fat" of="$work/fat.raw" bs=1M seek=1 conv=notrunc,sparse status=none
qemu-img convert -O qcow2 "$work/fat.raw" "$work/fat.qcow2"
run timeout 400 "$IMGVET" scan "$work/fat.qcow2" -o "$work/fat.json"
is "a FAT partition: found in its file" \
  "$status $(field "$work/fat.json" '[(f["place"], f["path"], f["line"], f["offset"]) for f in r["findings"]]')" \
  "1 [('file', '/keys.txt', 2, 8)]"
is "a FAT partition: nothing missed" "$(field "$work/fat.json" 'r["coverage"]["complete"], [(v["kind"], v["reader"]) for v in r["coverage"]["volumes"]]')" \
  "(True, [('gap', 'raw'), ('vfat', 'guest'), ('gap', 'raw')])"
done_testing
