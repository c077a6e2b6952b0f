#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# imgvet acquire --via disk: a temporary disk is made, attached, copied and removed again, whatever happens.
. "$TOP/tests/lib.sh"
mkdir "$work/devices"
standin_options="--devices $work/devices"
. "$TOP/tests/cloud/move.sh"
export IMGVET_DISK_BY_ID=$work/devices
record=$out_disk.origin.json
line() { echo "acquire --via disk --image-id $image --region cn-hangzhou -o $out_disk --endpoint $url"; }
via_disk() { run "$IMGVET" $(line) "$@"; keep; }
disks() { control /_look "" | "$PYTHON" -c 'import json, sys; print(*json.load(sys.stdin)["disks"])'; }

via_disk
is "acquire succeeds" "$status" 0
ok "the disk is the image's" cmp -s "$disk" "$out_disk"
ok "with holes" [ "$(stat -c %b "$out_disk")" -lt 12000 ]
is "made, attached, detached, deleted" "$(actions)" "metadata:Token metadata:Get metadata:Get metadata:Get CreateDisk AttachDisk DetachDisk DeleteDisk"
is "no disk is left" "$(disks)" ""
is "nothing is left but disk and record" "$(left)" "disk.raw disk.raw.origin.json"
is "the record's chain" "$(field "$record" 'r["image_id"], r["snapshots"], r["way"], r["disk"][:2], r["bucket"], r["task"], r["size"]')" \
  "('$image', ['s-bp1imgvetdemo'], 'disk', 'd-', None, None, 12582912)"
like "the temporary disk was tagged from the first" "$(grep '"CreateDisk"' "$work/calls.log")" '"Tag.1.Key": "imgvet-temporary", "Tag.1.Value": "i-bp1imgvetdemo001", "ZoneId": "cn-hangzhou-h"'
run "$IMGVET" scan "$out_disk" -o "$work/r.json"
echo "allow_asserted: false" >"$work/strict.yml"
run "$IMGVET" gate "$work/r.json" --policy "$work/strict.yml" --image-id $image --region cn-hangzhou
is "the gate says yes" "$status" 0
like "and why" "$out" "the image id $image is proven: its bytes were read through a disk made from its snapshot in cn-hangzhou"

# ended NAME SIGNAL ACTION: a signal while that call is waited for, or after it
ended() {
  fresh "[{'action': 'DescribeDisks', 'do': 'delay', 'ms': 150, 'times': -1}]" "{'polls': 3}"
  env --default-signal=INT,TERM "$IMGVET" $(line) >"$work/.out" 2>"$work/.err" &
  local pid=$!
  until_call "$3"
  kill -"$2" $pid
  wait $pid 2>/dev/null
  status=$? out=$(<"$work/.out") err=$(<"$work/.err")
  keep
  script
  control /_set "{'settings': {'polls': 1}}" >/dev/null
}
for row in "INT CreateDisk" "TERM CreateDisk" "INT AttachDisk"; do
  ended x $row
  is "$row: exit 3" "$status" 3
  is "$row: no disk is left" "$(disks)" ""
  is "$row: nothing is left" "$(left)" "*"
  like "$row: and said so" "$err" "interrupted"
done
for call in CreateDisk AttachDisk; do
  ended x KILL $call
  ok "killed after $call: a disk is left" [ -n "$(disks)" ]
  via_disk
  is "killed after $call: the next run succeeds" "$status" 0
  like "killed after $call: and says what it removes" "$err" "removing disk d-.*, which an earlier run left"
  is "killed after $call: no disk is left" "$(disks)" ""
done

for call in CreateDisk AttachDisk DetachDisk DeleteDisk; do
  fresh "[{'action': '$call', 'do': 'drop-after'}]"
  via_disk
  is "a lost answer of $call: success" "$status" 0
  is "a lost answer of $call: no disk is left" "$(disks)" ""
  ok "a lost answer of $call: the disk is right" cmp -s "$disk" "$out_disk"
  fresh "[{'action': '$call', 'do': 'drop-before'}]"
  via_disk
  is "a lost request $call: success, and no disk is left" "$status $(disks)" "0 "
done

fresh "[{'action': 'AttachDisk', 'do': 'fail', 'status': 403, 'code': 'InstanceDiskLimitExceeded', 'times': -1}]"
via_disk
is "it cannot be attached: 3" "$status" 3
is "no disk is left" "$(disks)" ""
fresh "[{'action': 'DeleteDisk', 'do': 'fail', 'status': 403, 'code': 'Forbidden.RAM', 'times': -1}]"
via_disk
is "it cannot be deleted: 3" "$status" 3
like "and the user is told" "$err" "imgvet-temporary=i-bp1imgvetdemo001.*may be left"
is "nothing is called acquired" "$(left)" "*"
script
via_disk
is "the next run removes it" "$status $(disks)" "0 "

fresh
IMGVET_DISK_BY_ID=$work/tree
image=m-bp1nosuch0001; via_disk; is "no such image" "$status" 1
image=m-bp1received001; via_disk; is "not an own image" "$status" 1
image=m-bp1imgvetdemo001
is "no call but looks" "$(actions | tr ' ' '\n' | grep -v metadata)" ""
run "$IMGVET" acquire --via disk --image-id m-gw8frankfurt01 --region eu-central-1 -o "$out_disk" --endpoint "$url"
is "an instance elsewhere" "$status" 2
like "and where" "$err" "this instance is in region cn-hangzhou"
run "$IMGVET" acquire --via disk --image-id $image --region cn-hangzhou -o "$out_disk" --endpoint "$url" --endpoint metadata=http://127.0.0.1:9
is "no instance at all" "$status" 3
via_disk --bucket vault
is "a bucket is of no use" "$status" 2
like "the options are named as they are spelled" "$err" '^imgvet: error: --via disk takes no --bucket, --prefix or --delete-object$'
unlike "no secret in anything that was printed or recorded" "$(cat "$work"/seen/* "$IMGVET_LEDGER" | tr -d '\0')" "that-opens-nothing"
done_testing
