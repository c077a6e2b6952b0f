#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What is packed or encoded is not opened: it is counted, report, summary and verdict say so, and a
# policy may refuse it.
. "$TOP/tests/lib.sh"
. "$TOP/tests/disk.sh"

# An invented pair, which stands nowhere in plain form.
pair='[default]
aws_access_key_id = AKIAINV3NTEDPACK2345
aws_secret_access_key = Inv3nted/Secret+That0pensNothing1234567A
'
tree=$work/tree
mkdir -p "$tree/srv" "$tree/opt"
printf '%s' "$pair" | gzip -c >"$tree/srv/pair.gz"
ln "$tree/srv/pair.gz" "$tree/srv/same.gz"
printf '%s' "$pair" | iconv -t UTF-16 >"$tree/srv/pair.txt"
printf 'data:\n  pair: %s\n' "$(printf '%s' "$pair" | base64 -w0)" >"$tree/srv/pair.yml"
(cd "$tree/srv" && tar cf "$tree/opt/backup.tar" pair.gz)
printf '%s' "$pair" | xz -c >"$tree/opt/gone.xz"
# Behind a script, and in a store of records: at no sector.
{ printf '#!/bin/sh\n# an invented installer\ntail -n +3 "$0"\n' && printf '%s' "$pair" | gzip -c; } >"$tree/opt/install.run"
PAIR=$pair "$PYTHON" -c 'import os, sys, zlib
sys.stdout.buffer.write(b"record 17: " + zlib.compress(os.environb[b"PAIR"]) + b"\n")' >"$tree/opt/store.db"
make_disk "$tree" "$work/disk.raw"
on_ext "$work/disk.raw" 'rm /opt/gone.xz'

packed='"; ".join("{volume} {class} {kind} {files}+{pieces} {places}".format(**e) for e in r["coverage"]["packed"])'
run "$IMGVET" scan "$work/disk.raw" -o "$work/report.json"
is "exit 0: it is no finding, and nothing was missed" "$status" 0
ok "the report fits its schema" "$PYTHON" -W ignore -m jsonschema -i "$work/report.json" "$TOP/docs/report.schema.json"
is "complete all the same" "$(field "$work/report.json" 'r["coverage"]["complete"]')" True
like "each is counted by kind, with its places; a file with two names once; what was deleted too" \
  "$(field "$work/report.json" "$packed")" \
  "^p2 encoded base64 0\+1 \['/srv/pair.yml'\]; p2 compressed gzip 1\+2 \['/opt/backup.tar', '/opt/install.run', '/srv/pair.gz'\]; p2 encoded utf-16 1\+0 \['/srv/pair.txt'\]; p2 compressed xz 0\+1 \['free at [0-9]+'\]; p2 compressed zlib 0\+1 \['/opt/store.db'\]$"
offset=$(field "$work/report.json" 'next(e for e in r["coverage"]["packed"] if e["kind"] == "xz")["places"][0].split()[-1]')
is "the deleted one is where it says" "$(tail -c +$((offset + 1)) "$work/disk.raw" | head -c 6 | od -An -tx1 | tr -d ' ')" fd377a585a00
one_line=$(tr -s '\n ' ' ' <<<"$out")
like "the summary says what complete covered, and what not" "$one_line" \
  'Result: no findings: every byte of the disk was searched as stored; 5 compressed files and 2 encoded texts \([0-9.]+ [KM]?i?B\) were not opened\.'
unlike "and claims no more" "$out" '[Ee]verything'
like "it names the places" "$out" '^      /opt/install\.run$'

run "$IMGVET" scan -j 1 "$work/disk.raw" -o "$work/one.json"
is "one thread counts the same" "$(field "$work/one.json" 'r["coverage"]')" "$(field "$work/report.json" 'r["coverage"]')"
qemu-img convert -c -O qcow2 "$work/disk.raw" "$work/disk.qcow2"
run "$IMGVET" scan "$work/disk.qcow2" -o "$work/qcow2.json"
is "so does a compressed image" "$(field "$work/qcow2.json" "$packed")" "$(field "$work/report.json" "$packed")"

run "$IMGVET" scan --reader tree "$tree" -o "$work/tree.json"
is "a folder: exit 0" "$status" 0
is "a folder's files are counted too" "$(field "$work/tree.json" "$packed")" \
  "tree encoded base64 0+1 ['/srv/pair.yml']; tree compressed gzip 1+2 ['/opt/backup.tar', '/opt/install.run', '/srv/pair.gz']; tree encoded utf-16 1+0 ['/srv/pair.txt']; tree compressed xz 1+0 ['/opt/gone.xz']; tree compressed zlib 0+1 ['/opt/store.db']"

# --- the verdict ---
policy() { printf '%s\n' "$@" >"$work/policy.yml"; }
gate() { run "$IMGVET" gate "$1" --policy "$work/policy.yml" --ledger "$work/ledger"; }
policy 'packed: note'
gate "$work/report.json"
is "noted: yes" "$status" 0
like "the verdict repeats the sentence" "$out" \
  '^  yes   every byte of the disk was searched as stored; 5 compressed files and 2 encoded texts \(.*\) were not opened \([0-9]+ volumes and gaps\)$'
like "and notes it with places" "$out" '^  note  5 compressed files .* which the policy does not ask for: p2:/srv/pair\.yml, p2:/opt/backup\.tar'
policy 'blocking: low'
gate "$work/report.json"
is "noting is the default" "$status" 0
policy 'packed: refuse'
gate "$work/report.json"
is "refused: no" "$status" 1
like "and why" "$out" '^  no    5 compressed files and 2 encoded texts \(.*\) were not opened, which the policy refuses: p2:'
run "$IMGVET" gate "$work/report.json" --policy "$TOP/samples/policies/strict.yml" --ledger "$work/ledger"
like "the strict sample refuses" "$out" '^  no    5 compressed files .* which the policy refuses'
policy 'packed: ignore'
gate "$work/report.json"
is "ignoring is not offered: 2" "$status" 2
like "and says what is" "$err" "policy\.yml:1: 'packed' must be note or refuse"

# --- nothing packed, and nobody counted ---
mkdir "$work/plain"
printf 'nothing to see\n' >"$work/plain/file"
make_disk "$work/plain" "$work/plain.raw"
run "$IMGVET" scan "$work/plain.raw" -o "$work/plain.json"
policy 'packed: refuse'
gate "$work/plain.json"
is "nothing packed: strict says yes" "$status" 0
like "and that nothing was recognised" "$out" '^  yes   nothing was recognised as packed or encoded$'
"$PYTHON" - "$work/plain.json" >"$work/old.json" <<'PY'
import json, sys
r = json.load(open(sys.argv[1]))
del r["coverage"]["packed"]
print(json.dumps(r))
PY
gate "$work/old.json"
like "an old report that did not count is no better than something packed" "$out" \
  '^  no    whether anything is packed or encoded was not counted, which the policy refuses$'
run "$IMGVET" report "$work/old.json"
like "nor does its summary say none" "$out" '^NOT OPENED  Whether anything is packed or encoded was not counted$'
done_testing
