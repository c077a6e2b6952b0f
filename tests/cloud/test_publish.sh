#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# imgvet publish: a disk becomes an image, with a record that proves it; there and back the bytes are the
# same; any interruption is made good by the same command, and there is one image.
. "$TOP/tests/lib.sh"
. "$TOP/tests/cloud/move.sh"
record=$disk.origin.json
made() { control /_look "" | "$PYTHON" -c 'import json, sys
print(*[i["ImageId"] for i in json.load(sys.stdin)["images"] if i["ImageName"] == "shop-1"])'; }
tag_of() { control /_look "" | "$PYTHON" -c 'import json, sys
print(*[t["TagValue"] for i in json.load(sys.stdin)["images"] if i["ImageId"] == sys.argv[1] for t in i["Tags"]["Tag"] if t["TagKey"] == "imgvet-digest"])' "$1"; }

publish
is "publish succeeds" "$status" 0
image=$(made)
digest=$(field "$record" 'r["digest"]')
is "the record's chain" "$(field "$record" 'r["account"], r["region"], r["image_id"], r["disks"], r["way"], r["bucket"], r["object_size"], r["size"]')" \
  "('1000000000000001', 'cn-hangzhou', '$image', 1, 'publish', '$bucket', 12582912, 12582912)"
is "its digest is that of fsverity" "$digest" "fsverity-$(fsverity digest --compact "$disk" | sed 's/^/sha256:/; s/sha256:sha256:/sha256:/')"
is "the image is tagged with it" "$(tag_of "$image")" "$digest"
is "the object is gone" "$(objects)" ""
ok "nothing is left beside the disk" [ ! -e "$disk.publish" ]
run "$IMGVET" scan "$disk" -o "$work/r.json"
echo "allow_asserted: false" >"$work/strict.yml"
run "$IMGVET" share "$work/r.json" --policy "$work/strict.yml" --image-id "$image" --region cn-hangzhou --account 1234567890123456 --endpoint "$url" --yes
is "scanned, it can be shared under a policy that demands proof" "$status" 0
like "as proven" "$out" "the image id $image is proven: its bytes were uploaded"
acquire
is "there and back" "$status" 0
ok "the bytes are the same" cmp -s "$disk" "$out_disk"
is "and the digest" "$(field "$out_disk.origin.json" 'r["digest"]')" "$digest"
publish
is "another image's record is not overwritten" "$status" 2
like "and says how else" "$err" "--origin FILE"

fresh
qemu-img convert -O qcow2 "$disk" "$work/shop.qcow2"
raw=$disk disk=$work/shop.qcow2
publish --keep-object --object-prefix vm/ --boot-mode UEFI --architecture arm64 --platform Ubuntu --origin "$work/q.json"
is "a qcow2" "$status" 0
is "has the digest of its content" "$(field "$work/q.json" 'r["digest"]')" "$digest"
is "with --keep-object the object stays" "$(objects)" "$(field "$work/q.json" 'r["object"]')"
like "under the prefix" "$(objects)" '^vm/imgvet-[0-9a-f]{32}\.qcow2$'
like "the wishes went along" "$(grep '"ImportImage"' "$work/calls.log")" '"Architecture": "arm64", "BootMode": "UEFI".*"DiskDeviceMapping.1.DiskImageSize": "1", "DiskDeviceMapping.1.Format": "QCOW2".*"Platform": "Ubuntu"'
disk=$raw

fresh "[{'action': 'ImportImage', 'do': 'drop-after'}]"
publish
is "a lost answer of ImportImage: success" "$status" 0
is "one image" "$(made | wc -w)" 1
is "by the same token" "$(grep -o '"ClientToken": "[^"]*"' "$work/calls.log" | sort | uniq -c | awk '{print $1}')" 2

fresh "[{'action': 'ImportImage', 'do': 'hold-after'}]"
"$IMGVET" $(publish_line) >/dev/null 2>&1 &
pid=$!
for _ in $(seq 300); do [ -n "$(made)" ] && break; sleep 0.1; done
kill -KILL $pid
wait $pid 2>/dev/null
script
publish
is "killed before the answer came: the same command goes on" "$status" 0
is "one image" "$(made | wc -w)" 1
is "uploaded once" "$(actions | tr ' ' '\n' | grep -c InitiateMultipartUpload)" 1

fresh "[]" "{'polls': 1000}"
timeout -s TERM 4 "$IMGVET" $(publish_line) >/dev/null 2>&1
control /_look "" >"$work/world"
task=$(sed -n 's/^task=//p' "$disk.publish")
control /_set "{'tasks': {'$task': $("$PYTHON" -c 'import json, sys
print(json.dumps({**json.load(open(sys.argv[1]))["tasks"][sys.argv[2]], "polls": 1}))' "$work/world" "$task")}}" >/dev/null
publish
is "ended while polling: the same command goes on" "$status" 0
is "one import" "$(actions | tr ' ' '\n' | grep -c ImportImage)" 1

fresh "[]" "{'polls': 1000}"
timeout -s TERM 4 "$IMGVET" $(publish_line) >/dev/null 2>&1
head -c 1000 /dev/urandom | dd of="$disk" bs=1000 seek=9000 conv=notrunc status=none
publish
is "another disk under the same name is not taken for the first" "$status" 2
like "and says so" "$err" "is another disk than the one that was being published"

fresh
publish
heads=$(grep -c oss:HeadObject "$work/calls.log")
for skip in $((heads - 1)) $((heads - 2)); do
  fresh "[{'action': 'oss:HeadObject', 'skip': $skip, 'do': 'wrong-crc', 'times': -1}]"
  publish
  ok "look $((skip + 1)) sees another object than was uploaded: no success" [ "$status" != 0 ]
  ok "no record" [ ! -e "$record" ]
done
fresh "[]" "{'fail_tasks': {'ImportImage': ['InvalidImageFormat', 'what is this']}}"
publish
is "a failed import: 3" "$status" 3
like "with the image's id and the cloud's words" "$err" "image m-bp1new[0-9]+: importing: task .* ended as Failed: InvalidImageFormat: what is this"

fresh
publish --bucket No.Bucket
is "a bucket's name that is none" "$status" 2
publish --bucket imgvet-not-ours
is "somebody else's bucket" "$status" 3
publish --boot-mode bios
is "a boot mode that is none" "$status" 2
publish --architecture sparc
is "an architecture that is none" "$status" 2
run "$IMGVET" publish "$disk" --region cn-hangzhou
is "half a command line" "$status" 2
disk=$work/none.raw
publish
is "no such disk" "$status" 3
is "nothing was made" "$(actions)$(made)" ""
disk=$work/shop.vmdk
qemu-img convert -O vmdk "$raw" "$disk"
publish
is "a format that imgvet does not read" "$status" 3
unlike "no secret in anything that was printed or recorded" "$(cat "$work"/seen/* "$IMGVET_LEDGER" | tr -d '\0')" "that-opens-nothing"
done_testing
