#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# imgvet shares: which images others can use, and which verdict stands behind each receiver.
. "$TOP/tests/lib.sh"
. "$TOP/tests/reports.sh"
. "$TOP/tests/cloud/share.sh"
cd "$work" || exit
today=$(date -u +%Y-%m-%d)

shares() { # ARG...
  : >calls.log
  run "$IMGVET" shares --endpoint "$url" "$@"
  keep
}
this() { shares --image-id $image --region cn-hangzhou "$@"; }
past() { # ACCOUNTS: somebody shares the image past imgvet, in the console
  control /_set "{'images':{'$image':{'accounts':[$1]}}}" >.state
}
row() { # EXPRESSION: over the only image i of the JSON output
  this --json
  "$PYTHON" -c 'import json, sys
i, = json.load(sys.stdin)["images"]
print(eval(sys.argv[1]))' "$1" <<<"$out"
}
given() { row '" ".join(("+" if r["given_by"] else "-") + r.get("id", r["kind"]) for r in i["receivers"])'; }

# --- a share with a pass ---
fresh
share --account $friend --account $other
this
is "shared with a pass: exit 0" "$status" 0
like "the image, its region and name" "$out" "^$image  cn-hangzhou  imgvet-demo\$"
print=$(field r.json image.digest)
like "each receiver with date and digest" "$out" "^    account       $friend        yes, $today  $(cut -c17-32 <<<"$print")\$"
like "the sum" "$out" '^1 of 1 images in 1 region are shared, 0 of them without a recorded yes$'
ok "no line is longer than 80" [ "$(awk '{ if (length > n) n = length } END { print n }' <<<"$out")" -le 80 ]
is "the reads are not recorded, the audit is: one pair" "$(ledger '[x["detail"].get("call") for x in l if x["detail"].get("verb") == "shares"]')" "['shares']"
is "by its verb, with a summary" "$(detail -2 verb) $(detail -1 outcome) $(detail -1 summary)" \
  "shares done 1 images in 1 regions, 1 shared, 0 without a recorded yes, 0 problems"
is "as JSON: the digest" "$(row 'i["receivers"][0]["given_by"]["digest"]')" "$print"

# --- shared past imgvet ---
past "'$friend','$other','6660000000000001'"
this
is "one more, past imgvet: exit 1" "$status" 1
like "one more, past imgvet: it is named" "$out" '^    account       6660000000000001        no record$'
is "the others keep theirs" "$(given)" "+$friend +$other -6660000000000001"
run "$IMGVET" unshare $where --yes --account $friend
past "'$friend','$other'"
is "taken back, then shared past imgvet" "$(given)" "-$friend +$other"
share --account $friend
is "and shared with a pass again" "$(given)" "-$friend +$other"
like "which it had been already" "$out" "$friend"
run "$IMGVET" unshare $where --yes --account $friend
share --account $friend
is "taken back and shared with a pass" "$(given)" "+$friend +$other"
IMGVET_LEDGER=$work/other.db this
is "on another ledger: exit 1" "$status" 1

fresh
share --account $friend --dry-run
past "'$friend'"
is "a dry run gives nothing" "$(given)" "-$friend"
plant dirty
report dirty dirty.json
run "$IMGVET" share dirty.json $where --account $friend --yes
is "nor does a verdict that is no" "$(given)" "-$friend"
fresh
share --image-id m-bp1encrypted01 --account $friend
past "'$friend'"
is "nor does a share of another image" "$(given)" "-$friend"
fresh "[{$modify,'do':'fail','status':403,'code':'Forbidden.RAM'}]"
share --account $friend
past "'$friend'"
is "nor does a call that failed" "$(given)" "-$friend"
fresh "[{$modify,'skip':1,'do':'fail','status':403,'code':'Forbidden.RAM'}]"
many=$(seq 1100000000000001 1100000000000013)
share $(printf -- '--account %s ' $many)
past "$(printf "'%s'," $many | sed 's/,$//')"
is "nor does a batch that failed after one that did not" "$(given | tr ' ' '\n' | cut -c1 | sort | uniq -c | xargs)" "10 + 3 -"
fresh "[{$modify,'do':'hold-after'}]"
"$IMGVET" share r.json $where --account $friend --yes >.killed 2>&1 &
victim=$!
for _ in $(seq 200); do [ "$(receivers)" = "$friend" ] && break; sleep 0.05; done
kill -9 $victim
wait $victim 2>/dev/null
control /_script "[]" >.state
is "killed while the cloud acted: it was given with a pass" "$(given)" "+$friend"

# --- by an organization ---
fresh
share --organization fd-imgvetprod
shares --image-id $image --region cn-hangzhou
is "a unit that was given it with a pass: exit 0" "$status" 0
like "a unit: with its verdict" "$out" '^    organization  fd-imgvetprod           yes, [0-9]{4}-'
share --account $friend
control /_set "{'associations':[$(control /_look "" | "$PYTHON" -c 'import json, sys
ties = json.load(sys.stdin)["associations"]
one = next(t for t in ties if t["AssociationType"] == "Target")
print(json.dumps(ties + [dict(one, EntityId="fd-imgvetdev")])[1:-1])')]}" >.state
shares --region cn-hangzhou --json
is "beside accounts, and one that no record knows" "$("$PYTHON" -c 'import json, sys
print([(r["kind"], r["id"], bool(r["given_by"])) for i in json.load(sys.stdin)["images"] if i["image_id"] == sys.argv[1] for r in i["receivers"]])' $image <<<"$out")" \
  "[('account', '$friend', True), ('organization', 'fd-imgvetdev', False), ('organization', 'fd-imgvetprod', True)]"
run "$IMGVET" unshare $where --yes --organization fd-imgvetprod
shares --image-id $image --region cn-hangzhou
unlike "taken back: it is not listed" "$out" fd-imgvetprod
fresh "[{'action':'ListResourceShareAssociations','do':'fail','status':403,'code':'NoPermission'}]"
shares --region cn-hangzhou
is "organizations cannot be looked at: exit 3" "$status" 3
like "organizations cannot be looked at: said" "$err" 'not looked at: cn-hangzhou organizations: ListResourceShareAssociations failed with NoPermission'

# --- a whole region ---
fresh
shares --region cn-hangzhou
is "a region: exit 1" "$status" 1
is "a region: what is shared, each once" "$(grep -o '^m-[a-z0-9]*' <<<"$out" | xargs)" \
  "m-bp1community01 m-bp1groupall001 m-bp1manyshares1"
is "a region: who has the public ones" "$(grep -c '^    everybody     in the region           no record$' <<<"$out")" 2
like "a region: many are told in short" "$out" '^                  and 220 more            no record$'
own=$(control /_look "" | "$PYTHON" -c 'import json, sys
print(sum(i["RegionId"] == "cn-hangzhou" and i["ImageOwnerAlias"] == "self" for i in json.load(sys.stdin)["images"]))')
like "a region: every own image was looked at" "$out" "^3 of $own images in 1 region "
asked=$(grep -c '"action": "DescribeImageSharePermission"' calls.log)
is "a region: every own image was asked about, one of them page by page" "$asked" $((own + 2))
shares --region ap-southeast-1
is "a region without images: exit 0" "$status $out" "0 0 of 0 images in 1 region are shared, 0 of them without a recorded yes"

# --- what cannot be looked at ---
unseen() { # NAME SCRIPT REGEX
  fresh "$2"
  shares --all-regions
  is "$1: exit 3" "$status" 3
  like "$1: said" "$err" "$3"
  like "$1: the rest is shown" "$out" '^m-bp1(community01|groupall001)  cn-hangzhou'
}
unseen "one region refuses" "[{'action':'DescribeImages','params':{'RegionId':'eu-central-1'},'do':'fail','status':403,'code':'Forbidden.RAM'}]" \
  'warning: not looked at: eu-central-1: DescribeImages failed with Forbidden.RAM'
unseen "nonsense about one image" "[{$list,'do':'raw','body':'hello'}]" 'not looked at: [a-z0-9-]+ m-[a-z0-9]+: DescribeImageSharePermission: '
fresh "[{'action':'DescribeRegions','do':'fail','status':403,'code':'Forbidden.RAM'}]"
shares --all-regions
is "no list of regions: exit 3, nothing claimed" "$status $out" "3 "
is "no list of regions: on record as failed" "$(detail -1 outcome)" failed
fresh "[{$list,'times':15,'do':'throttle','wait_ms':20}]"
shares --region cn-hangzhou
is "everything throttled: exit 1, all looked at" "$status $(grep -c "^3 of $own images" <<<"$out")" "1 1"
fresh
shares --region cn-hangzhou --deadline 1s --json
is "as JSON: the sum" "$(field - looked_at.images) $(field - without_record) $(field - problems)" "$own 3 []"

refused() { # NAME CODE REGEX ARG...
  local name=$1 code=$2 regex=$3
  shift 3
  fresh
  shares "$@"
  is "$name: exit $code" "$status" "$code"
  like "$name: said" "$err" "$regex"
}
refused "an unknown image" 1 'no image m-bp1nosuch' --image-id m-bp1nosuch --region cn-hangzhou
refused "not the own image" 1 "does not belong to this account" --image-id m-bp1received001 --region cn-hangzhou
refused "no place" 2 'name --region, or --all-regions'
refused "two places" 2 'name --region, or --all-regions' --region cn-hangzhou --all-regions
refused "an image anywhere" 2 'without --image-id' --image-id $image --all-regions
refused "no region" 2 "not a valid region name" --region ../evil
refused "no image id" 2 'not an image id' --image-id x --region cn-hangzhou

# --- a ledger that does not hold together ---
fresh
share --account $friend
cp "$IMGVET_LEDGER" whole.db
"$PYTHON" - whole.db <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("DROP TRIGGER ledger_no_change")
db.execute("UPDATE ledger SET who = 'somebody else' WHERE kind = 'verdict'")
db.commit()
PY
IMGVET_LEDGER=$work/whole.db this
is "a changed verdict: exit 3" "$status" 3
like "a changed verdict: it counts for nothing" "$out" "^    account       $friend        no record\$"
like "a changed verdict: said" "$err" 'warning: the recorded verdicts may be wrong: '

# --- 500 images in 20 regions, with 1,000 receivers each ---
kill $standin
"$PYTHON" - "$TOP" <<'PY'
import json, sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1] + "/tests/cloud")
from standin_parts import ecs_regions, images
regions = [ecs_regions.region(r) for r in ecs_regions.REAL] + [ecs_regions.region(f"xx-invented-{n}") for n in range(13)]
accounts = [str(1300000000000000 + n) for n in range(1000)]
many = [images.image(f"m-many{n:06d}", region=regions[n % 20]["RegionId"], accounts=accounts) for n in range(500)]
with open("many.json", "w") as f:
    json.dump({"images": many + [images.image("m-bp1imgvetdemo001")], "has": {"regions": regions}}, f)
PY
rm -f port
"$PYTHON" "$TOP/tests/cloud/standin.py" --port-file port --state many.json --log calls.log &
standin=$!
for _ in $(seq 300); do [ -s port ] && break; sleep 0.1; done
port=$(<port) url=http://127.0.0.1:$(<port)
fresh
for how in "" --json; do
  run "$PYTHON" "$TOP/tests/cloud/measured.py" measured "$IMGVET" shares --endpoint "$url" --all-regions $how
  is "500 images $how: exit 1" "$status" 1
  read -r _ kib seconds <measured
  echo "# 500 images with 1,000 receivers each: $kib KiB, $seconds s" >&2
  # A sanitizer keeps what is freed.
  [ -n "${SAN-}" ] || ok "500 images $how: less than 100 MB" [ "$kib" -lt 100000 ]
  [ -n "$how" ] || like "500 images: all of them" "$out" '^500 of 501 images in 20 regions are shared, 500 of them without'
done
is "500 images as JSON: half a million receivers" "$(field - images | grep -o "'id'" | wc -l)" 500000
: >calls.log
control /_script "[{$list,'times':-1,'do':'delay','ms':50}]" >.state
SECONDS=0
shares --region xx-invented-1
is "in parallel: 25 images" "$(grep -c '^m-many' <<<"$out")" 25
[ -n "${SAN-}" ] || ok "in parallel: less than half of 25 times 10 times 0.05 s" [ $SECONDS -le 6 ]

# --- 1,000 receivers in batches ---
fresh
control /_set "{'settings':{'share_quota':1000}}" >.state
run "$PYTHON" "$TOP/tests/cloud/measured.py" measured "$IMGVET" share r.json --image-id $image --region cn-hangzhou --endpoint "$url" --yes \
  $(seq -f '--account %.0f' 1400000000000000 1400000000000999)
is "1,000 receivers: exit 0" "$status" 0
is "1,000 receivers: a hundred batches" "$(grep -c ModifyImageSharePermission calls.log)" 100
read -r _ kib seconds <measured
[ -n "${SAN-}" ] || ok "1,000 receivers: less than 100 MB ($kib KiB, $seconds s)" [ "$kib" -lt 100000 ]
this
is "1,000 receivers: a verdict behind each" "$status $(grep -c 'and 990 more *yes, ' <<<"$out")" "0 1"
done_testing
