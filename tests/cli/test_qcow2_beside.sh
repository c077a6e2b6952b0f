#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A qcow2 file that holds more than its disk: not complete until a copy leaves that out.
. "$TOP/tests/lib.sh"
. "$TOP/tests/disk.sh"

mkdir "$work/tree"
# Invented, and only the ID's form is real.
printf 'id AKIAINV3NTEDSNAP2345\n' >"$work/tree/credentials"
make_disk "$work/tree" "$work/disk.raw"
qemu-img convert -O qcow2 "$work/disk.raw" "$work/disk.qcow2"
qemu-img snapshot -c 'before the cleaning' "$work/disk.qcow2"

# The key goes from the disk, with all that was deleted, and stays in the snapshot.
qemu-io -f qcow2 -c 'write -P 0 1M 24M' "$work/disk.qcow2" >/dev/null
qemu-img convert -O qcow2 "$work/disk.qcow2" "$work/copy.qcow2"
run "$IMGVET" scan "$work/disk.qcow2" --reader native -o "$work/report.json"
is "a snapshot: not everywhere" "$status" 3
like "and it says which" "$out" 'keeps the snapshot "before the$|keeps the snapshot "before the cleaning"'
is "a miss of the whole image, with its bytes" \
  "$(field "$work/report.json" '[(m["volume"], m["path"], m["bytes"] > 65536) for m in r["coverage"]["misses"]]')" \
  "[('', None, True)]"
is "its volumes were looked at" "$(field "$work/report.json" 'all(v["complete"] for v in r["coverage"]["volumes"])')" True
is "the report fits its schema" "$("$PYTHON" -m jsonschema -i "$work/report.json" \
  "$TOP/docs/report.schema.json" 2>&1 | grep -v Deprecat | grep -v '^  ')" ""
run "$IMGVET" scan "$work/copy.qcow2" --reader native -o "$work/copy.json"
is "a copy without it: clean" "$status" 0
is "of the same disk" "$(field "$work/copy.json" 'r["image"]["digest"]')" "$(field "$work/report.json" 'r["image"]["digest"]')"

# A name cannot steer the terminal.
qemu-img snapshot -c $'\e[31mred' "$work/copy.qcow2"
run "$IMGVET" scan "$work/copy.qcow2" --reader native -o "$work/copy.json"
is "another name" "$status" 3
unlike "is printable" "$out" $'\e\\[31m'
done_testing
