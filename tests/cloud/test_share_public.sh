#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# imgvet share --public: everybody gets an image only when it is asked for and the policy names it;
# nothing else ever sends IsPublic.
. "$TOP/tests/lib.sh"
. "$TOP/tests/reports.sh"
. "$TOP/tests/cloud/share.sh"
cd "$work" || exit
printf 'allow_asserted: true\npublic_images: ["%s"]\n' $image >policy.yml

agreed() { # SCRIPT: the agreement for community images is signed
  fresh
  control /_set "{'settings':{'public_agreement':true}}" >.state
  control /_script "${1-[]}" >.state
}
public() { share --public --policy policy.yml "$@"; }
unpublic() { # ARG...
  : >calls.log
  run "$IMGVET" unshare $where --yes --public "$@"
  keep
}
is_public() {
  control /_look "" | "$PYTHON" -c 'import json, sys
print(*[i["IsPublic"] for i in json.load(sys.stdin)["images"] if i["ImageId"] == sys.argv[1]])' $image
}
changes() { # the parameters of each change
  grep ModifyImageSharePermission calls.log | "$PYTHON" -c 'import json, sys
for line in sys.stdin:
    print(*[f"{k}={v}" for k, v in sorted(json.loads(line)["params"].items())])'
}

# --- asked for, and allowed by name ---
agreed
public
is "public: exit 0" "$status" 0
is "public: it is" "$(is_public)" True
is "public: one change, with nothing else in it" "$(changes)" "ImageId=$image IsPublic=true RegionId=cn-hangzhou"
is "public: looked, changed, looked again" "$(calls)" IMI
like "public: the verdict says so" "$out" "lets everybody receive the image $image"
like "public: said and verified" "$(xargs <<<"$out")" "added: everybody shared: $image in cn-hangzhou, verified"
is "public: on record" "$(ledger '[x["detail"].get("public") for x in l if x["kind"] == "verdict" or x["detail"].get("call", "").startswith("Modify")]')" "[True, True]"
public
is "again: exit 0, nothing is changed" "$status $(calls)" "0 I"
run "$IMGVET" shares --image-id $image --region cn-hangzhou --endpoint "$url"
is "shares: a verdict stands behind it" "$status $(grep -c '^    everybody     in the region           yes, ' <<<"$out")" "0 1"

unpublic
is "taken back: exit 0, private" "$status $(is_public)" "0 False"
is "taken back: one change, with nothing else in it" "$(changes)" "ImageId=$image IsPublic=false RegionId=cn-hangzhou"
like "taken back: what stays" "$err" 'copied or launched'
unpublic
is "again: exit 0, nothing is changed" "$status $(calls)" "0 I"
control /_set "{'images':{'$image':{'IsPublic':true}}}" >.state
run "$IMGVET" shares --image-id $image --region cn-hangzhou --endpoint "$url"
is "made public past imgvet: no verdict stands behind it" "$status $(grep -c 'in the region           no record' <<<"$out")" "1 1"

agreed
public --dry-run
is "dry run: exit 0, private" "$status $(is_public)" "0 False"
like "dry run: the call" "$out" "^would call: ModifyImageSharePermission RegionId=cn-hangzhou ImageId=$image IsPublic=true\$"

# --- refused ---
refused() { # NAME REGEX ARG...
  local name=$1 regex=$2
  shift 2
  agreed
  share --public "$@"
  is "$name: exit 1, not a request" "$status $(calls)" "1 "
  like "$name: says why" "$out" "$regex"
}
refused "no policy" "public_images does not name $image"
printf 'allow_asserted: true\npublic_images: ["m-bp1another0001"]\naccounts: ["*"]\n' >other.yml
refused "a policy that names another" "public_images does not name $image" --policy other.yml
printf 'allow_asserted: true\naccounts: ["*"]\norganizations: ["*"]\n' >any.yml
refused "a policy for anybody" "public_images does not name $image" --policy any.yml
printf 'public_images: ["*"]\n' >star.yml
share --public --policy star.yml
is "a policy with a star: exit 2, not a request" "$status $(calls)" "2 "
like "a policy with a star: says why" "$err" "star.yml:1: 'public_images': each must be the id of an image"
for both in "--public --account $friend" ""; do
  run "$IMGVET" share r.json $where --yes --policy policy.yml $both
  is "'$both': exit 2" "$status" 2
done
for both in "--public --account $friend" "--public --all"; do
  run "$IMGVET" unshare $where --yes $both
  is "unshare $both: exit 2" "$status" 2
done
for id in m-bp1encrypted01 m-bp1creating001 m-bp1received001 m-bp1datadisk001 m-bp1nosuchimage; do
  printf 'allow_asserted: true\npublic_images: ["%s"]\n' $id >this.yml
  agreed
  share --public --policy this.yml --image-id $id
  is "$id: exit 1, nothing changed" "$status $(calls)" "1 I"
  is "$id: on record as refused" "$(detail -1 outcome)" refused
done
agreed
share --account $friend --policy policy.yml
is "with accounts, whatever the policy says: private" "$status $(is_public)" "0 False"
unlike "with accounts: never sent" "$(<calls.log)" IsPublic=

# --- trouble ---
fresh
public
is "no agreement: exit 3, private" "$status $(is_public)" "3 False"
like "no agreement: the cloud's code" "$err" PublicImageAgreement.NotSigned
like "no agreement: nothing claimed" "$out" '^missing: everybody$'
agreed "[{$modify,'do':'drop-after'}]"
public
is "the answer gets lost: exit 0, public" "$status $(is_public) $(calls)" "0 True IMII"
agreed "[{$modify,'do':'drop-before'}]"
public
is "dropped before acting: sent again" "$status $(is_public) $(calls)" "0 True IMIMI"
agreed "[{$modify,'do':'lie'}]"
public
is "success that did nothing: exit 3" "$status" 3
like "success that did nothing: said" "$err" "reported success, and still image $image is not public"
agreed "[{'action':'DescribeImages','skip':1,'times':-1,'do':'raw','body':'hello'}]"
public
is "nonsense when reading back: exit 3" "$status" 3
like "nonsense when reading back: said" "$err" 'could not be verified'

# --- the confirmation ---
agreed
run "$IMGVET" share r.json $where --public --policy policy.yml
is "no --yes and no terminal: exit 2, not a request" "$status $(calls)" "2 "
: >calls.log
terminal no --public --policy policy.yml
is "no: exit 1, private" "$status $(is_public)" "1 False"
like "the question spells it out" "$out" "^Share image $image with everybody in the region cn-hangzhou: every account of the cloud\.\$"
terminal yes --public --policy policy.yml
is "yes: exit 0, public" "$status $(is_public)" "0 True"
done_testing
