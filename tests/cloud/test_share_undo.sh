#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A share that stops part way: undone with --all-or-nothing, offered to be without it; never more
# than this run gave.
. "$TOP/tests/lib.sh"
. "$TOP/tests/reports.sh"
. "$TOP/tests/cloud/share.sh"
cd "$work" || exit
third="{$modify,'skip':2,'do':'fail','status':403,'code':'Forbidden.RAM'}"
many=$(seq 1100000000000001 1100000000000023)
accounts=$(printf -- '--account %s ' $many)
before() { # SCRIPT: the third and the twelfth have it already
  fresh
  control /_set "{'images':{'$image':{'accounts':['1100000000000003','1100000000000012','$other']}}}" >.state
  control /_script "$1" >.state
}
verbs() { ledger '" ".join(x["detail"]["verb"] for x in l if x["kind"] == "call-begin" and x["detail"]["call"].startswith("Modify"))'; }

# --- all or nothing ---
before "[$third]"
share $accounts --all-or-nothing
is "the third batch fails: exit 3" "$status" 3
is "who had it before has it still, nobody else" "$(receivers)" "1100000000000003 1100000000000012 $other"
like "why it failed" "$err" '^imgvet: error: ModifyImageSharePermission failed with Forbidden.RAM'
like "that it was undone" "$err" '^undone: what this run gave was taken back, verified$'
is "whom it was taken back from" "$(grep -c ^undone: <<<"$out")" 20
unlike "nothing is claimed" "$out" '^shared:'
unlike "and nothing is offered" "$err" 'imgvet unshare'
is "all of it on record" "$(verbs)" "share share share undo undo"
is "nobody in the record of the undoing who had it before" \
  "$(ledger '[x["detail"]["accounts"] for x in l if x["detail"].get("verb") == "undo" and "accounts" in x["detail"]][0].count("1100000000000003")')" 0
run "$IMGVET" shares --image-id $image --region cn-hangzhou --endpoint "$url" --json
is "what was undone counts as given no more" "$(field - without_record)" 1
share $accounts --all-or-nothing
is "run again: exit 0, all have it" "$status $(receivers | wc -w)" "0 24"

before "[$third]"
share $accounts --all-or-nothing --json
is "as JSON: exit 3" "$status" 3
is "as JSON: added and undone" "$(field - added | wc -w) $(field - undone | wc -w) $(field - verified)" "20 20 False"
unlike "as JSON: nothing is left to do" "$out" '"undo":'

before "[{$modify,'skip':1,'do':'drop-after'},{$modify,'skip':1,'do':'fail','status':403,'code':'Forbidden.RAM'},{$modify,'do':'drop-after'}]"
share $accounts --all-or-nothing
is "answers get lost while sharing and undoing: undone all the same" "$status $(receivers | wc -w)" "3 3"
before "[{$modify,'skip':1,'do':'lie'}]"
share $accounts --all-or-nothing
is "a batch that was only said to be done: undone" "$status $(receivers | wc -w)" "3 3"
before "[{$modify,'do':'stranger','account':'6660000000000001'}]"
share $accounts --all-or-nothing
is "a stranger is not ours to remove" "$status $(receivers)" "3 1100000000000003 1100000000000012 $other 6660000000000001"
before "[]"
share $accounts --all-or-nothing
is "nothing fails: nothing is undone" "$status $(receivers | wc -w) $(verbs)" "0 24 share share share"
before "[{$modify,'do':'fail','status':403,'code':'Forbidden.RAM'}]"
share $accounts --all-or-nothing
is "nothing was given: nothing is called to undo it" "$status $(verbs)" "3 share"
unlike "nothing was given: nothing is said of it" "$err" 'undone|taken back'

# --- undoing fails too ---
before "[{$modify,'skip':2,'times':-1,'do':'fail','status':403,'code':'Forbidden.RAM'}]"
share $accounts --all-or-nothing
is "undoing is refused: exit 3" "$status" 3
like "undoing is refused: said" "$err" 'warning: what was shared could not be taken back: Modify'
like "undoing is refused: how to do it later" "$err" "^  imgvet unshare --image-id $image --region cn-hangzhou --endpoint $url --account 1100000000000001 "
control /_script "[]" >.state
run bash -c "PATH=$(dirname "$IMGVET"):\$PATH; $(grep '^  imgvet unshare' <<<"$err") --yes"
is "and that command does it" "$status $(receivers)" "0 1100000000000003 1100000000000012 $other"
before "[{$list,'skip':2,'do':'raw','body':'hello'}]"
share $accounts --all-or-nothing
is "who has it could not be read back: all that may have got it lose it" "$status $(receivers)" "3 1100000000000003 1100000000000012 $other"

# --- offered ---
before "[$third]"
share $accounts
is "without the flag: exit 3, those that have it keep it" "$status $(receivers | wc -w)" "3 23"
like "without the flag: offered" "$err" 'warning: some of the receivers may have the image; to take it back from them:$'
run bash -c "PATH=$(dirname "$IMGVET"):\$PATH; $(grep '^  imgvet unshare' <<<"$err") --yes"
is "that command undoes it" "$status $(receivers)" "0 1100000000000003 1100000000000012 $other"
before "[$third]"
share $accounts --json
like "as JSON: the command" "$(field - undo)" "^imgvet unshare --image-id $image .*--account 1100000000000022$"
before "[$third]"
terminal yes $accounts
is "at a terminal: asked" "$status $(grep -c '^Type "yes" to take it back from them: ' <<<"$out")" "3 1"

# --- the machine stops ---
before "[{$modify,'skip':1,'do':'hold-after'}]"
"$IMGVET" share r.json $where --yes $accounts --all-or-nothing >.killed 2>&1 &
victim=$!
for _ in $(seq 300); do [ "$(receivers | wc -w)" = 23 ] && break; sleep 0.05; done
kill -9 $victim
wait $victim 2>/dev/null
control /_script "[]" >.state
share $accounts --all-or-nothing
is "killed: running it again shares with all" "$status $(receivers | wc -w)" "0 24"
done_testing
