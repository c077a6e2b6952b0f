#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# imgvet unshare: who loses the image, who keeps it, and what is claimed.
. "$TOP/tests/lib.sh"
. "$TOP/tests/reports.sh"
. "$TOP/tests/cloud/share.sh"
cd "$work" || exit
many=m-bp1manyshares1 # 230 accounts have it

unshare() {
  : >calls.log
  run "$IMGVET" unshare $where --yes "$@"
  keep
}
answer() { # ANSWER ARG...: on a terminal
  local answer=$1
  shift
  : >calls.log
  run "$PYTHON" "$TOP/tests/cloud/at_terminal.py" "$answer" "$IMGVET" unshare $where "$@"
  keep
}
removed() { # the accounts of each Modify request, a line each
  grep ModifyImageSharePermission calls.log | "$PYTHON" -c 'import json, sys
for line in sys.stdin:
    params = json.loads(line)["params"]
    print(*[params[f"RemoveAccount.{n}"] for n in range(1, 99) if f"RemoveAccount.{n}" in params])'
}
have() { # IMAGE: how many accounts have it
  control /_look "" | "$PYTHON" -c 'import json, sys
print(sum(len(i["accounts"]) for i in json.load(sys.stdin)["images"] if i["ImageId"] == sys.argv[1]))' "$1"
}
both() { # SCRIPT: friend and other have the image
  fresh
  share --account $friend --account $other
  mv "$IMGVET_LEDGER" seen/$((kept += 1)).ledger
  control /_script "${1-[]}" >.state
}

# --- taken back, and read back ---
both
unshare --account $friend
is "one of two: exit 0" "$status" 0
is "one of two: look, take back, read back" "$(calls)" IRMR
is "one of two: the other keeps it" "$(receivers)" "$other"
like "one of two: said" "$out" "^removed:  $friend\$"
like "one of two: verified" "$out" "^taken back: $image in cn-hangzhou, verified\$"
like "one of two: what stays" "$err" '^What they copied or launched from it stays with them'
is "one of two: a pair for each call" "$(kinds)" "$(pairs 4)"
is "one of two: the verb" "$(ledger '{x["detail"]["verb"] for x in l if x["kind"]=="call-begin"}')" "{'unshare'}"
is "one of two: whose access ended is on record" "$(detail 4 accounts)" "['$friend']"
unlike "one of two: publicity is not touched" "$(<calls.log)" IsPublic

unshare --account $friend
is "again: exit 0, nothing is changed" "$status $(calls)" "0 IR"
like "again: said" "$out" "^had none: $friend\$"
unlike "again: nothing stays with anybody" "$err" 'copied or launched'

fresh
unshare --image-id $many --all
is "everybody: exit 0, nobody is left" "$status $(have $many)" "0 0"
is "everybody: 23 batches of ten" "$(removed | awk '{print NF}' | sort | uniq -c | xargs) $(removed | tr ' ' '\n' | sort -u | wc -l)" "23 10 230"
unshare --image-id $many --all
is "everybody, again: nothing to call" "$status $(calls)" "0 IR"
is "nobody had it, and that is verified" "$out" "taken back: $many in cn-hangzhou, verified"

both
unshare --all --dry-run
is "dry run: exit 0, it looks, no more" "$status $(calls)" "0 IR"
like "dry run: shows the call" "$out" "^would call: ModifyImageSharePermission RegionId=cn-hangzhou ImageId=$image RemoveAccount.1=$friend RemoveAccount.2=$other\$"
unlike "dry run: claims nothing" "$out" '^(removed|taken)'
is "dry run: on record as one" "$(detail 0 dry_run)" True

unshare --account $other --account 1500000000000001 --json
is "--json: exit 0" "$status" 0
is "--json: the outcome" "$(field - removed) $(field - had_none) $(field - remaining) $(field - verified)" \
  "['$other'] ['1500000000000001'] [] True"

# --- got over ---
over() { # NAME SCRIPT CALLS
  both "$2"
  unshare --account $friend
  is "$1: exit 0, taken back" "$status $(receivers)" "0 $other"
  is "$1: the calls" "$(calls)" "$3"
}
over "throttled" "[{$modify,'do':'throttle'}]" IRMMR
over "dropped before acting" "[{$modify,'do':'drop-before'}]" IRMRMR
over "dropped after acting" "[{$modify,'do':'drop-after'}]" IRMRR
over "the list lags behind" "[{$list,'skip':1,'do':'patch','members':{'TotalCount':1,'Accounts':{'Account':[{'AliyunId':'$friend'}]}}}]" IRMRR

# --- not got over ---
both "[{$modify,'do':'lie'}]"
unshare --account $friend
is "success that did nothing: exit 3" "$status" 3
like "success that did nothing: said" "$err" "reported success, and still this account has access .*: $friend\$"
like "success that did nothing: who has it" "$out" "^still:    $friend\$"
unlike "success that did nothing: nothing claimed" "$out" '^(removed|taken)'
unshare --account $friend
is "and run again: exit 0" "$status $(receivers)" "0 $other"
fresh "[{$modify,'skip':2,'do':'fail','status':403,'code':'Forbidden.RAM'}]"
unshare --image-id $many --all
is "stopped part way: exit 3" "$status" 3
is "stopped part way: what is told is so" "$(have $many) $(grep -c ^removed: <<<"$out") $(grep -c ^still: <<<"$out")" "210 20 210"
unshare --image-id $many --all
is "and run again: nobody is left" "$status $(have $many)" "0 0"
both "[{$list,'skip':1,'times':-1,'do':'raw','body':'hello'}]"
unshare --account $friend
is "nonsense when reading back: exit 3" "$status" 3
like "nonsense when reading back: said" "$err" 'the image was taken back, and that could not be verified'
both "[{$modify,'do':'stranger','account':'6660000000000001'}]"
unshare --account $friend
is "a stranger appears: exit 3" "$status" 3
like "a stranger appears: named" "$err" 'account 6660000000000001 has access'

both "[{$modify,'do':'hold-after'}]"
"$IMGVET" unshare $where --account $friend --yes >.killed 2>&1 &
victim=$!
for _ in $(seq 200); do [ "$(receivers)" = "$other" ] && break; sleep 0.05; done
kill -9 $victim
wait $victim 2>/dev/null
run "$IMGVET" log
like "killed after the cloud acted: the call is open" "$out" '!! OPEN CALL'
control /_script "[]" >.state
unshare --account $friend
is "killed after the cloud acted: run again, exit 0" "$status $(calls)" "0 IR"

# --- refused ---
refused() { # NAME IMAGE REGION REGEX
  fresh
  : >calls.log
  run "$IMGVET" unshare --image-id "$2" --region "$3" --endpoint "$url" --yes --all
  keep
  is "$1: exit 1" "$status" 1
  like "$1: says why" "$err" "$4"
  unlike "$1: no change" "$(calls)" M
  is "$1: on record as refused" "$(detail -1 outcome)" refused
}
refused "unknown" m-bp1nosuchimage cn-hangzhou 'no image m-bp1nosuchimage in region'
refused "in another region" m-gw8frankfurt01 cn-hangzhou 'no image m-gw8frankfurt01'
refused "not the own image" m-bp1received001 cn-hangzhou "does not belong to this account"
refused "everybody of a public one" m-bp1community01 cn-hangzhou 'is public'
refused "everybody of one open to a group" m-bp1groupall001 cn-hangzhou 'is public'
fresh
unshare --image-id m-bp1community01 --account $friend
is "one account of a public image: exit 0" "$status" 0
like "one account of a public image: it helps nothing, and that is said" "$err" 'warning: .* is public'
fresh
unshare --image-id m-bp1deprecated1 --all
is "an image that cannot be shared now can be taken back" "$status" 0

for wrong in "" "--all --account $friend" "operand --all"; do
  run "$IMGVET" unshare $where --yes $wrong
  is "'$wrong': exit 2" "$status" 2
done
for row in "--image-id m-1;rm an image id" "--region ../evil a region" "--account ada an account id"; do
  read -r option value why <<<"$row"
  fresh
  unshare --account $friend "$option" "$value"
  is "$option $value: exit 2, nothing sent" "$status $(calls)" "2 "
  like "$option $value: explained" "$err" "not $why"
done

# --- the confirmation ---
both
: >calls.log
run "$IMGVET" unshare $where --account $friend
is "no --yes and no terminal: exit 2" "$status" 2
like "no --yes and no terminal: the hint" "$err" '^imgvet: hint: .*--yes'
is "no --yes and no terminal: looked, no more; on record" "$(calls) $(detail -1 outcome)" "IR refused"
answer no --account $friend
is "no: exit 1, nothing changed" "$status $(calls)" "1 IR"
answer yes --all
is "yes: exit 0" "$status $(receivers)" "0 "
like "the question names image, region and who loses it" "$out" "^Take image $image in cn-hangzhou back from: $friend, $other\$"
like "and says what stays" "$out" 'copied or launched from it stays with them'
answer yes --all
is "nobody has it: nothing is asked" "$status" 99

done_testing
