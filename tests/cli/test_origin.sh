#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# An origin record goes into the report, and only one about the scanned bytes; the gate tells proven
# from asserted.
. "$TOP/tests/lib.sh"
. "$TOP/tests/reports.sh"
PATH=$PATH:/usr/sbin:/sbin

mkdir -p "$work/clean/etc"
echo "Have a nice day." >"$work/clean/etc/motd"
disk "$work/clean" "$work/d.img"
"$IMGVET" scan "$work/d.img" -o "$work/plain.json" >/dev/null
digest=$(field "$work/plain.json" image.digest)
key=$XDG_CONFIG_HOME/imgvet/signing.key
id=m-bp1imgvetdemo001
record() { "$PYTHON" "$TOP/tests/make_origin.py" "$key" "$@"; }
record "$work/good.origin" "digest=$digest"
strict=$work/strict.yml
echo "allow_asserted: false" >"$strict"
scan() { run "$IMGVET" scan "$work/d.img" -o "$work/r.json" "$@"; }
gate() { run "$IMGVET" gate "$work/r.json" --image-id $id --region cn-hangzhou "$@"; }

scan --origin "$work/good.origin"
is "a record about the scanned bytes is taken" "$status" 0
like "the summary names the image" "$out" "Origin +$id in cn-hangzhou, by export"
is "it is in the report as it stands" "$(field "$work/r.json" origin)" \
  "$("$PYTHON" -c 'import json, sys; print(json.load(open(sys.argv[1])))' "$work/good.origin")"
gate --policy "$strict"
is "proven: the strictest policy says yes" "$status" 0
like "and why" "$out" "the image id $id is proven: its bytes were exported from cn-hangzhou"
like "and whose word it is" "$out" "note +the scanned disk is image $id, .*the signer ed25519:.* is your own key"

run "$IMGVET" report "$work/r.json"
like "a saved report shows it" "$out" "Origin +$id in cn-hangzhou"
run "$IMGVET" gate "$work/r.json" --image-id m-bp1another001 --region cn-hangzhou
is "another image id is refused" "$status" 1
like "with both ids" "$out" "no +the scanned disk is of image $id, not of m-bp1another001"
run "$IMGVET" gate "$work/r.json" --image-id $id --region cn-beijing
is "another region is refused" "$status" 1

cp "$work/good.origin" "$work/d.img.origin.json"
scan
is "a record beside the disk is found" "$(field "$work/r.json" origin.image_id)" "$id"
scan --no-origin
run "$IMGVET" report "$work/r.json"
unlike "--no-origin leaves it alone" "$out" "Origin"
gate --policy "$strict"
is "without one the id is asserted, and a strict policy refuses" "$status" 1
like "in these words" "$out" "the image id $id is asserted, not proven, and the policy forbids that"
rm "$work/d.img.origin.json"

record "$work/other.origin" "digest=fsverity-sha256:$(printf '1%.0s' $(seq 64))"
rm "$work/r.json"
scan --origin "$work/other.origin"
is "a record about other bytes ends the scan with 3" "$status" 3
like "and says so" "$err" "its bytes are not those of its origin record"
ok "and there is no report" [ ! -e "$work/r.json" ]

sed 's/cn-hangzhou/cn-shanghai/' "$work/good.origin" >"$work/forged.origin"
scan --origin "$work/forged.origin"
is "a forged record ends with 3" "$status" 3
like "because of its signature" "$err" "the signature does not match the origin record"
head -c 300 "$work/good.origin" >"$work/cut.origin"
scan --origin "$work/cut.origin"
is "half a record ends with 3" "$status" 3
scan --origin "$work/none.origin"
is "no such record ends with 3" "$status" 3
scan --origin "$work/good.origin" --no-origin
is "both options together are wrong usage" "$status" 2
run "$IMGVET" scan "$work/d.img" "$work/d.img" --origin "$work/good.origin"
is "one record for two images is wrong usage" "$status" 2

openssl genpkey -algorithm ed25519 -out "$work/stranger.pem" 2>/dev/null
chmod 600 "$work/stranger.pem"
"$PYTHON" "$TOP/tests/make_origin.py" "$work/stranger.pem" "$work/strange.origin" "digest=$digest"
scan --origin "$work/strange.origin"
is "a stranger's record is taken into the report" "$status" 0
gate
is "but the gate refuses it" "$status" 1
like "as it is worth nothing" "$out" "no +the origin record does not count: the signer .* is not trusted"
printf 'trusted_keys: ["%s", "%s"]\nallow_asserted: false\n' "$("$IMGVET" key)" \
  "$("$IMGVET" key --key "$work/stranger.pem")" >"$work/both.yml"
gate --policy "$work/both.yml"
is "unless the policy trusts that key" "$status" 0

record "$work/two.origin" "digest=$digest" disks=2
scan --origin "$work/two.origin"
gate --policy "$strict"
is "one disk of two proves nothing" "$status" 1
like "and why" "$out" "asserted, not proven, as the image has further disks"
done_testing
