#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# imgvet acquire: an image's bytes arrive as they are, with a record that proves it; any interruption is
# made good by the same command; what does not fit is refused.
. "$TOP/tests/lib.sh"
. "$TOP/tests/cloud/move.sh"
record=$out_disk.origin.json

acquire
is "acquire succeeds" "$status" 0
ok "the disk is the image's" cmp -s "$disk" "$out_disk"
ok "with holes" [ "$(stat -c %b "$out_disk")" -lt 12000 ]
is "nothing is left but disk and record" "$(left)" "disk.raw disk.raw.origin.json"
is "one export, nothing deleted" "$(actions)" "ExportImage"
is "the record's chain" "$(field "$record" 'r["account"], r["region"], r["image_id"], r["snapshots"], r["disks"], r["way"], r["bucket"], r["object"], r["size"]')" \
  "('1000000000000001', 'cn-hangzhou', '$image', ['s-bp1imgvetdemo'], 1, 'export', '$bucket', '${image}_system.raw.tar.gz', 12582912)"
is "its digest is that of fsverity" "$(field "$record" 'r["digest"]')" "fsverity-$(fsverity digest --compact "$disk" | sed 's/^/sha256:/; s/sha256:sha256:/sha256:/')"
like "it names the call" "$(field "$record" 'r["requests"]')" "ExportImage [A-Z0-9-]+"
is "the ledger has a line about it" "$("$IMGVET" log --json | "$PYTHON" -c 'import json, sys
print(*[(x["detail"]["image_id"], x["detail"]["way"]) for x in json.load(sys.stdin) if x["kind"] == "origin"])')" "('$image', 'export')"
run "$IMGVET" scan "$out_disk" -o "$work/r.json"
is "the scan takes the record" "$status" 0
echo "allow_asserted: false" >"$work/strict.yml"
run "$IMGVET" gate "$work/r.json" --policy "$work/strict.yml" --image-id $image --region cn-hangzhou
like "the gate calls the id proven" "$out" "yes +the image id $image is proven"
is "and says yes" "$status" 0
run "$IMGVET" share "$work/r.json" --policy "$work/strict.yml" --image-id $image --region cn-hangzhou --account 1234567890123456 --endpoint "$url" --yes
is "so it can be shared" "$status" 0
acquire
is "a disk that is there is not overwritten" "$status" 2

fresh
acquire --delete-object --prefix vault1
is "with --delete-object" "$status" 0
is "the object is gone" "$(objects)" ""
like "it had the prefix" "$(field "$record" 'r["object"]')" "^vault1_"

fresh
shown=$("$PYTHON" "$TOP/tests/cloud/at_terminal.py" none "$IMGVET" $(acquire_line))
like "on a terminal a bar shows how far the task is" "$shown" "exporting \[#*-*\] +[0-9]+%"
like "and the download" "$shown" "downloading \[#+\] 100%  [0-9.]+ [KM]iB of"
acquire_quiet=$("$IMGVET" $(acquire_line | sed 's/disk.raw/other.raw/') 2>&1)
unlike "elsewhere there is none" "$acquire_quiet" "%"

fresh "[{'action': 'ExportImage', 'do': 'drop-after'}]"
acquire
is "a lost answer of ExportImage: success" "$status" 0
is "the task is found, not asked for twice" "$(actions)" "ExportImage"
like "and said so" "$err" "is the export that was asked for before"
ok "the disk is right" cmp -s "$disk" "$out_disk"
fresh "[{'action': 'ExportImage', 'do': 'drop-before'}]"
acquire
is "a lost request: asked again" "$(actions)" "ExportImage ExportImage"
is "and done" "$status" 0

fresh "[]" "{'polls': 1000}"
timeout -s KILL 2 "$IMGVET" $(acquire_line) >/dev/null 2>&1
script "[]"; control /_set "{'settings': {'polls': 1}}" >/dev/null
control /_look "" >"$work/world"
is "killed while polling" "$(actions)" "ExportImage"
task=$(grep -o '^task=.*' "$out_disk.acquire")
like "the task is kept" "$task" "t-bp1"
control /_set "{'tasks': {'${task#task=}': $("$PYTHON" -c 'import json, sys
t = json.load(open(sys.argv[1]))["tasks"][sys.argv[2]]
t["polls"] = 1
print(json.dumps(t))' "$work/world" "${task#task=}")}}" >/dev/null
acquire
is "the same command goes on" "$status" 0
is "without another export" "$(actions)" "ExportImage"
ok "the disk is right" cmp -s "$disk" "$out_disk"
is "nothing is left" "$(left)" "disk.raw disk.raw.origin.json"

fresh "[{'action': 'oss:GetObject', 'do': 'slow', 'bytes': 65536, 'ms': 60, 'times': 1}]"
env --default-signal=INT "$IMGVET" $(acquire_line) >/dev/null 2>&1 &
pid=$!
until_call oss:GetObject
for _ in $(seq 100); do [ -s "$out_disk.object.part" ] && break; sleep 0.05; done
kill -INT $pid
wait $pid
ok "interrupted while it downloads" [ $? != 0 ]
ok "no disk yet" [ ! -e "$out_disk" ]
script
acquire
is "the same command goes on" "$status" 0
is "without another export" "$(actions)" "ExportImage"
ok "the disk is right" cmp -s "$disk" "$out_disk"
is "nothing is left" "$(left)" "disk.raw disk.raw.origin.json"

fresh "[{'action': 'oss:DeleteObject', 'do': 'fail', 'status': 403, 'code': 'AccessDenied', 'times': 9}]"
acquire --delete-object
is "a refused deletion is no success" "$status" 3
ok "though the disk is there" cmp -s "$disk" "$out_disk"
script
acquire --delete-object
is "the same command deletes" "$status" 0
is "and nothing else" "$(actions)" "ExportImage DeleteObject DeleteObject"
is "nothing is left" "$(objects)$(left)" "disk.raw disk.raw.origin.json"

fresh "[{'action': 'oss:GetObject', 'do': 'corrupt', 'times': -1}]"
acquire
is "flipped bytes: no success" "$status" 3
ok "no disk" [ ! -e "$out_disk" ]
ok "no record" [ ! -e "$record" ]
fresh "[{'action': 'oss:GetObject', 'do': 'replace'}]"
acquire
is "an object that is replaced meanwhile: no success" "$status" 3
ok "no record" [ ! -e "$record" ]
fresh "[{'action': 'oss:HeadObject', 'do': 'no-crc', 'times': -1}, {'action': 'oss:GetObject', 'do': 'no-crc', 'times': -1}]"
acquire
is "no checksum, no proof" "$status" 3

fresh "[]" "{'fail_tasks': {'ExportImage': ['ExportImageFailed', 'no room']}}"
acquire
is "a failed task: 3" "$status" 3
like "with the cloud's words" "$err" "ended as Failed: ExportImageFailed: no room"
control /_set "{'settings': {'fail_tasks': {}}}" >/dev/null
acquire
is "the next run begins a new one" "$status $(actions)" "0 ExportImage ExportImage"

fresh
for row in "m-bp1received001 1" "m-bp1creating001 1" "m-bp1community01 1" "m-bp1market00001 1" "m-bp1encrypted01 1" "m-bp1nosuch0001 1" "x-1 2"; do
  image=${row% *}
  acquire
  is "refused: $image" "$status" "${row#* }"
done
is "no call but looks was made" "$(actions)" ""
is "nothing is left" "$(left)" "*"
image=m-bp1imgvetdemo001
acquire --bucket No.Bucket
is "a bucket's name that is none" "$status" 2
acquire --prefix a-b
is "a prefix that is none" "$status" 2
acquire --bucket imgvet-demo-frankfurt
is "a bucket of another region" "$status" 3
acquire --via tape
is "another way" "$status" 2
run "$IMGVET" acquire --region cn-hangzhou
is "half a command line" "$status" 2
fresh
printf '[imgvet]\nverb=acquire\nimage=m-bp1other001\nregion=cn-hangzhou\nbucket=%s\n' $bucket >"$out_disk.acquire"
acquire
is "another command's checkpoint is not touched" "$status" 2
head -c 1000 /dev/urandom >"$out_disk.acquire"
acquire
is "nor is what is not a checkpoint" "$status" 2

fresh
image=m-bp1datadisk001
acquire
is "an image with a data disk" "$status" 0
like "is warned about" "$err" "only its system disk is fetched"
is "and its record says so" "$(field "$record" 'r["disks"]')" 2

unlike "no secret in anything that was printed or recorded" "$(cat "$work"/seen/* "$IMGVET_LEDGER" | tr -d '\0')" "that-opens-nothing"
done_testing
