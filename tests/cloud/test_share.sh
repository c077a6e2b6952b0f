#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# imgvet share, from a real scan to the stand-in of the cloud: who gets the image, and who does not.
. "$TOP/tests/lib.sh"
. "$TOP/tests/reports.sh"
. "$TOP/tests/cloud/share.sh"
cd "$work" || exit

# --- it is shared, and read back ---
fresh
share --account $friend
is "one account: exit 0" "$status" 0
is "look, share, read back" "$(calls)" ${before}IRMR
is "that account has the image" "$(receivers)" "$friend"
like "the outcome says so" "$out" "^added:   $friend\$"
like "verified" "$out" "^shared: $image in cn-hangzhou, verified\$"
unlike "every call was signed rightly" "$(<calls.log)" '"signed": false'
is "the ledger: verdict, then a pair for each call" "$(kinds)" "verdict $(pairs 9)"
is "the same digest on every line" "$(digests)" "$(field r.json image.digest)"

share --account $friend
is "shared already: exit 0" "$status" 0
is "shared already: nothing is changed" "$(calls)" ${before}IR
like "shared already: said" "$out" "^already: $friend\$"
like "shared already: verified" "$out" ' verified$'

fresh
share --account $friend --account $other --account $friend --account $friend
is "duplicates: exit 0" "$status" 0
is "duplicates: one call with each once" "$(added)" "$friend $other"

fresh
many=$(seq 1100000000000001 1100000000000023)
share $(printf -- '--account %s ' $many)
is "23 accounts: exit 0" "$status" 0
is "23 accounts: three calls" "$(calls)" ${before}IRMMMR
is "23 accounts: 10, 10 and 3" "$(added | awk '{print NF}' | xargs)" "10 10 3"
is "23 accounts: all have it" "$(receivers)" "$(xargs <<<"$many")"
share $(printf -- '--account %s ' $many 1100000000000024)
is "one more: it alone is sent" "$(added)" 1100000000000024

fresh
share --account $friend --dry-run
is "dry run: exit 0" "$status" 0
is "dry run: it looks, no more" "$(calls)" ${before}IR
like "dry run: shows the call" "$out" \
  "^would call: ModifyImageSharePermission RegionId=cn-hangzhou ImageId=$image AddAccount.1=$friend\$"
unlike "dry run: claims nothing" "$out" '^(added|shared)'
is "dry run: nobody has the image" "$(receivers)" ""

fresh
share --account $friend --account $other --json
is "--json: exit 0" "$status" 0
is "--json: the outcome" "$(field - verdict.verdict) $(field - verified) $(field - added)" \
  "yes True ['$friend', '$other']"
share --account $friend --account 1500000000000001 --dry-run --json
is "--json of a dry run" "$(field - dry_run) $(field - verified) $(field - already) $(field - calls | wc -w)" \
  "True False ['$friend'] 4"

# --- refused by the gate ---
plant dirty
report dirty dirty.json
fresh
run "$IMGVET" share dirty.json $where --account $friend --yes
is "findings: exit 1" "$status" 1
like "findings: the reasons" "$out" '^verdict: no, '
is "findings: not a single request" "$(calls)" ""
is "findings: on record, the verdict alone" "$(kinds)" verdict
is "findings: as refused" "$(detail 0 verdict)" no
run "$IMGVET" share dirty.json $where --account $friend --yes --json
is "findings as JSON: exit 1" "$status" 1
is "findings as JSON: the verdict" "$(field - verdict.verdict) $(field - verified)" "no False"

sed 's/"size": *[0-9]*/"size":4096/' r.json >edited.json
fresh
run "$IMGVET" share edited.json $where --account $friend --yes
is "an edited report: exit 1, not a request" "$status $(calls)" "1 "

printf 'accounts: ["%s"]\nallow_asserted: true\n' $other >policy.yml
fresh
share --account $other --account $friend --policy policy.yml
is "one account that the policy does not name: exit 1, not a request" "$status $(calls)" "1 "
like "and it is named" "$out" $friend

# --- refused by a look at the image ---
look() { # NAME IMAGE REGION CODE REGEX
  fresh
  run "$IMGVET" share r.json --image-id "$2" --region "$3" --endpoint "$url" --yes --account $friend
  keep
  is "$1: exit $4" "$status" "$4"
  like "$1: says why" "$err" "$5"
  unlike "$1: no change" "$(calls)" M
  is "$1: the last line is refused" "$(detail -1 outcome)" refused
}
look "not the own image" m-bp1received001 cn-hangzhou 1 "does not belong to this account \(owner: others\)"
look "not ready" m-bp1creating001 cn-hangzhou 1 'cannot be shared now: its state is Creating'
look "deprecated" m-bp1deprecated1 cn-hangzhou 1 'its state is Deprecated'
look "in another region" m-gw8frankfurt01 cn-hangzhou 1 'no image m-gw8frankfurt01 in region cn-hangzhou'
look "unknown" m-bp1nosuchimage cn-hangzhou 1 'no image m-bp1nosuchimage'
look "a community image" m-bp1community01 cn-hangzhou 1 'is public'
fresh
run "$IMGVET" share r.json --image-id m-bp1groupall001 --region cn-hangzhou --endpoint "$url" --yes --account $friend
is "shared with a group: exit 1, no change" "$status $(calls)" "1 $before"

# --- the confirmation ---
fresh
run "$IMGVET" share r.json $where --account $friend
is "no --yes and no terminal: exit 2" "$status" 2
like "no --yes: the hint" "$err" '^imgvet: hint: .*--yes'
is "no --yes: nothing sent" "$(calls)" ""
is "no --yes: on record" "$(kinds) $(detail -1 outcome)" "verdict $(pairs 1) refused"
for answer in no y "" YES yes-please ^D; do
  fresh
  terminal "$answer" --account $friend
  is "the answer '$answer': exit 1, no change" "$status $(calls)" "1 $before"
done
like "the question names image, region and receiver" "$out" "^Share image $image in cn-hangzhou with: $friend\$"
like "and what it means" "$out" 'can obtain all data in the image'
is "no is on record" "$(detail -1 outcome)" refused
fresh
terminal yes --account $friend
is "yes: exit 0" "$status" 0
is "yes: shared" "$(receivers)" $friend

done_testing
