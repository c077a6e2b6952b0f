#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# imgvet scan on small disks: the same findings whatever the format, fields that point at the
# bytes, exit codes, outputs, and a terminal that is left alone.
. "$TOP/tests/lib.sh"
. "$TOP/tests/disk.sh"

# Invented, and only the ID's form is real.
mkdir -p "$work/tree/root/.aws" "$work/tree/opt"
printf '[default]\naws_access_key_id = AKIAINV3NTEDFIRS2345\n' >"$work/tree/root/.aws/credentials"
printf 'one\ntwo\nkey: AKIAINV3NTEDLINE2345 end\n' >"$work/tree/opt/notes.txt"
ln "$work/tree/opt/notes.txt" "$work/tree/opt/again.txt"
printf 'x\0y\nid AKIAINV3NTEDBINA2345\n' >"$work/tree/opt/binary"
printf 'forgotten AKIAINV3NTEDGONE2345\n' >"$work/tree/opt/deleted.txt"
make_disk "$work/tree" "$work/disk.raw"
on_ext "$work/disk.raw" 'rm /opt/deleted.txt'
qemu-img convert -O qcow2 "$work/disk.raw" "$work/disk.qcow2"
qemu-img convert -c -O qcow2 "$work/disk.raw" "$work/small.qcow2"
sha256sum "$work"/{disk.raw,disk.qcow2,small.qcow2} >"$work/sums"
stat -c '%n %s %y %z' "$work"/{disk.raw,disk.qcow2,small.qcow2} >"$work/stats"

# --- one disk, three files ---
for image in disk.raw disk.qcow2 small.qcow2; do
  run "$IMGVET" scan "$work/$image" -o "$work/$image.json"
  is "$image: findings exit 1" "$status" 1
  is "$image: nothing on stderr when it is no terminal" "$err" ""
  is "$image: what fsverity digest prints" "$(field "$work/$image.json" 'r["image"]["digest"]')" \
    "fsverity-sha256:$(fsverity digest --compact "$work/disk.raw")"
  is "$image: the report is private" "$(stat -c %a "$work/$image.json")" 600
done
is "raw is said" "$(field "$work/disk.raw.json" 'r["image"]["format"]')" raw
is "qcow2 is said" "$(field "$work/small.qcow2.json" 'r["image"]["format"]')" qcow2
# A compressed cluster lies nowhere in plain form, but it does on the virtual disk.
same='json.dumps([{k: v for k, v in f.items() if k != "disk_offset"} for f in r["findings"]])'
is "qcow2 gives the findings of raw" "$(field "$work/disk.qcow2.json" "$same")" \
  "$(field "$work/disk.raw.json" "$same")"
is "compressed qcow2 too" "$(field "$work/small.qcow2.json" "$same")" \
  "$(field "$work/disk.raw.json" "$same")"
is "the images are what they were" "$(sha256sum -c --quiet "$work/sums" 2>&1)" ""
is "so are their times" "$(stat -c '%n %s %y %z' "$work"/{disk.raw,disk.qcow2,small.qcow2})" "$(cat "$work/stats")"

# --- the fields ---
for image in disk.raw disk.qcow2 small.qcow2; do
  is "$image: every field is true" \
    "$("$PYTHON" "$TOP/tests/cli/fields.py" "$work/$image.json" "$work/disk.raw" "$work/tree" 2>&1)" ""
  is "$image: the report fits its schema" "$("$PYTHON" -m jsonschema -i "$work/$image.json" \
    "$TOP/docs/report.schema.json" 2>&1 | grep -v Deprecat | grep -v '^  ')" ""
done
where='sorted("{place} {path}:{line}".format(**f) for f in r["findings"] if "access-key-id" in f["rule"])'
is "each key where it was planted, hard links under each name, the deleted one too" \
  "$(field "$work/disk.raw.json" "$where")" \
  "['file /opt/again.txt:3', 'file /opt/binary:None', 'file /opt/notes.txt:3', 'file /root/.aws/credentials:2', 'free None:None']"
unlike "no secret in the report" "$(cat "$work"/*.json)" 'AKIAINV3NTED'
unlike "nor in the summary" "$out" 'AKIAINV3NTED'
cp "$work/disk.raw.json" "$work/first.json"
sleep 1.1
run "$IMGVET" scan "$work/disk.raw" -o "$work/second.json"
norun='json.dumps({k: v for k, v in r.items() if k != "run"})'
is "two scans differ only in run" "$(field "$work/second.json" "$norun")" "$(field "$work/first.json" "$norun")"
ok "and in run they do" [ "$(field "$work/second.json" 'r["run"]')" != "$(field "$work/first.json" 'r["run"]')" ]
run "$IMGVET" scan -j 1 "$work/disk.raw" -o "$work/one.json"
is "one thread finds the same" "$(field "$work/one.json" "$norun")" "$(field "$work/first.json" "$norun")"

# --- exit codes and outputs ---
run "$IMGVET" scan --fail-on critical "$work/disk.raw"
is "--fail-on above the worst: 0" "$status" 0
run "$IMGVET" scan --fail-on info "$work/disk.raw"
is "--fail-on info: 1" "$status" 1
run "$IMGVET" scan --fail-on awful "$work/disk.raw"
is "an unknown severity: 2" "$status" 2
run "$IMGVET" scan --json "$work/disk.raw"
is "--json: exit 1 all the same" "$status" 1
printf '%s' "$out" >"$work/printed.json"
is "--json prints the report" "$(field "$work/printed.json" "$norun")" "$(field "$work/first.json" "$norun")"
run "$IMGVET" scan "$work/disk.raw"
unlike "no line beyond 80 columns" "$out" '^.{81}'
unlike "no colour when stdout is no terminal" "$out$err" $'\033'
run "$IMGVET" scan "$work/disk.raw" -o /proc/report.json
is "an unwritable report: 3" "$status" 3
like "and why" "$err" '^imgvet: error: .*/proc/report.json'
run "$IMGVET" scan "$work/disk.raw" -o "$work/no/such/report.json"
is "a missing folder: 3" "$status" 3
"$IMGVET" scan "$work/disk.raw" >/dev/full 2>"$work/full"
is "a full stdout: 3" "$?" 3
like "and why" "$(cat "$work/full")" 'cannot write to standard output: No space'
"$IMGVET" scan --json "$work/disk.raw" >/dev/full 2>"$work/full"
is "a full stdout with --json: 3" "$?" 3
run "$IMGVET" scan
is "no image: 2" "$status" 2

mkdir "$work/reports" "$work/empty"
printf 'nothing to see\n' >"$work/empty/file"
make_disk "$work/empty" "$work/clean.raw"
run "$IMGVET" scan "$work/clean.raw"
is "a clean disk: 0" "$status" 0
like "and it says what that means" "$(tr -s '\n ' ' ' <<<"$out")" \
  'no findings: every byte of the disk was searched as stored; nothing was recognised as packed or encoded\.'
run "$IMGVET" scan "$work/clean.raw" "$work/disk.qcow2" -o "$work/reports"
is "several images: the worst exit code" "$status" 1
is "a report each" "$(ls "$work/reports" | tr '\n' ' ')" "clean.raw.json disk.qcow2.json "
run "$IMGVET" scan "$work/clean.raw" "$work/disk.qcow2" -o "$work/reports/one.json"
is "several images into one file: 2" "$status" 2
mkdir "$work/other" "$work/twins"
cp "$work/clean.raw" "$work/other/disk.qcow2"
run "$IMGVET" scan --format raw "$work/other/disk.qcow2" "$work/disk.raw" "$work/none.raw" -o "$work/twins"
is "one of several is missing: 3" "$status" 3
is "the others have their reports" "$(ls "$work/twins" | tr '\n' ' ')" "disk.qcow2.json disk.raw.json "

# --- confinement ---
run "$IMGVET" scan --explain-sandbox "$work/clean.raw"
like "what confines the scan is said" "$err" 'clean.raw: sandbox: seccomp'
run "$IMGVET" scan --explain-sandbox --no-sandbox "$work/clean.raw"
like "and that nothing does" "$err" 'clean.raw: sandbox: no seccomp'

# --- seams: block, segment ---
mkdir "$work/seams"
"$PYTHON" - "$work/seams" <<'PY'
import os, sys
block, segment = 512 << 10, 64 << 20
for shift in (-20, -19, -10, -1, 0, 1):
    with open(f"{sys.argv[1]}/block{shift}", "wb") as f:
        f.write(b"text\n" * ((block + 4096) // 5))
        f.seek(block + shift - 1)
        f.write(b" AKIAINV3NTEDSEAM2345 ")
    with open(f"{sys.argv[1]}/segment{shift}", "wb") as f:
        f.seek(segment + shift - 1)
        f.write(b" AKIAINV3NTEDSEGM2345 ")
PY
make_disk "$work/seams" "$work/seams.raw"
run "$IMGVET" scan --json "$work/seams.raw"
printf '%s' "$out" >"$work/seams.json"
is "no key hides on a seam" \
  "$(field "$work/seams.json" 'sorted((f["path"], f["offset"]) for f in r["findings"] if f["place"] == "file") == sorted((f"/{k}{s}", b + s) for k, b in (("block", 512 << 10), ("segment", 64 << 20)) for s in (-20, -19, -10, -1, 0, 1))')" True
is "nor is one found twice" "$(field "$work/seams.json" 'len(r["findings"])')" 12

# --- a folder, a backing file ---
run "$IMGVET" scan --reader tree "$work/tree" -o "$work/tree.json"
is "--reader tree: 1" "$status" 1
is "the planted files, and no digest" "$(field "$work/tree.json" 'r["image"]["digest"], sorted({f["path"] for f in r["findings"] if "access-key-id" in f["rule"]})')" \
  "(None, ['/opt/again.txt', '/opt/binary', '/opt/deleted.txt', '/opt/notes.txt', '/root/.aws/credentials'])"
qemu-img create -q -f qcow2 -b "$work/disk.raw" -F raw "$work/over.qcow2"
run "$IMGVET" scan "$work/over.qcow2"
is "a backing file that nobody allowed: 3" "$status" 3
like "with the flag as a hint" "$err" '^imgvet: hint: .*--backing'
run "$IMGVET" scan "$work/over.qcow2" --backing "$work/clean.raw"
is "another backing file: 2" "$status" 2
like "and what the image asks for" "$err" 'names the backing file .*disk.raw, and that is not .*clean.raw'

run "$IMGVET" scan "$work/over.qcow2" --backing "$work/disk.raw" -o "$work/over.json"
is "the allowed one: 1" "$status" 1
is "and the disk is the same" "$(field "$work/over.json" 'r["image"]["digest"]')" \
  "$(field "$work/first.json" 'r["image"]["digest"]')"

# --- a terminal ---
# Text that keeps the rules busy for longer than the bar needs to know its rate.
"$PYTHON" -c 'import sys
open(sys.argv[1], "wb").write(b"password: AKIA secret_key = LTAI; token = xoxb- \n" * 1000000)' "$work/busy.raw"
terminal() { # the transcript of a command on a terminal of 80 columns
  script -qec "stty cols 80; $*" /dev/null </dev/null | tr '\r' '\n'
}
export TERM=xterm
like "a bar with bytes, rate and time left" "$(terminal "$IMGVET scan -j 1 $work/busy.raw --reader native")" \
  '\[[#-]+\].* [KMG]iB.*[KMG]iB/s.*[0-9]:[0-9][0-9]'
unlike "--quiet: no bar" "$(terminal "$IMGVET scan -q -j 1 $work/busy.raw --reader native")" '\[[#-]{3}'
like "colour on a terminal" "$(terminal "$IMGVET scan -q $work/disk.raw")" $'\033\\[[0-9;]+m'
unlike "NO_COLOR: none" "$(terminal "NO_COLOR=1 $IMGVET scan -q $work/disk.raw")" $'\033\\[[0-9;]+m'
done_testing
