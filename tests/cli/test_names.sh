#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A file with several names is judged under each, whichever the walk meets first.
. "$TOP/tests/lib.sh"
. "$TOP/tests/disk.sh"
key='-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIEludmVudGVkIHNhbXBsZSBrZXkgZm9yIGltZ3ZldCAh\n-----END PRIVATE KEY-----\n'
docs=usr/share/doc/x/sample
plant() { # TREE OTHER-NAME
  mkdir -p "$1/$(dirname $docs)" "$1/$(dirname "$2")"
  printf -- "$key" >"$1/$docs"
  ln "$1/$docs" "$1/$2"
}
# "severity path" per critical finding.
paths() { "$PYTHON" -c 'import json, sys
for f in json.load(open(sys.argv[1]))["findings"]: print(f["severity"], f["path"])' "$1" | grep critical; }

for other in aa/notes.txt zz/notes.txt; do
  tree=$work/tree-${other%%/*} disk=$work/${other%%/*}.raw report=$work/report.json
  plant "$tree" "$other"
  run "$IMGVET" scan -q --reader tree -o "$report" "$tree"
  is "folder, $other: exit 1" "$status" 1
  is "folder, $other: critical under both names" "$(paths "$report" | sort)" "$(printf '%s\n' "critical /$other" "critical /$docs" | sort)"
  make_disk "$tree" "$disk"
  run "$IMGVET" scan -q -o "$report" "$disk"
  is "disk, $other: exit 1" "$status" 1
  is "disk, $other: critical under both names" "$(paths "$report" | sort)" "$(printf '%s\n' "critical /$other" "critical /$docs" | sort)"
  is "disk, $other: complete" "$(field "$report" 'r["coverage"]["complete"]')" True
done

# A finding is listed under all names, with one place on the disk.
tree=$work/many disk=$work/many.raw report=$work/many.json
plant "$tree" a/one
ln "$tree/a/one" "$tree/a/two"
mkdir "$tree/root" && ln "$tree/a/one" "$tree/root/three"
make_disk "$tree" "$disk"
run "$IMGVET" scan -q -o "$report" "$disk"
is "three names" "$(paths "$report" | sort | tr '\n' ' ')" \
  "critical /a/one critical /a/two critical /root/three critical /$docs "
is "one place" "$(field "$report" 'len({f["disk_offset"] for f in r["findings"] if f["severity"] == "critical"})')" 1
is "lines are numbered" "$(field "$report" '{f["line"] for f in r["findings"] if f["severity"] == "critical"}')" "{1}"
done_testing
