#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# imgvet unshare --organization, and --all when units of an organization have the image: they lose
# it, waited for, and a resource share that reaches nobody any more is removed.
. "$TOP/tests/lib.sh"
. "$TOP/tests/reports.sh"
. "$TOP/tests/cloud/share.sh"
cd "$work" || exit
prod=fd-imgvetprod dev=fd-imgvetdev
shares() { # the active shares' names, then the units that $image is associated with
  control /_look "" | "$PYTHON" -c 'import json, sys
has = json.load(sys.stdin)
active = {n for n, s in has["shares"].items() if s["ResourceShareStatus"] == "Active"}
print(len(active), *sorted(t["EntityId"] for t in has["associations"]
      if t["AssociationType"] == "Target" and t["AssociationStatus"] in ("Associating", "Associated") and t["ResourceShareId"] in active))'
}
made() { grep -o '"action": "[A-Z][a-z]*ResourceShare"' calls.log | cut -d'"' -f4 | sed 's/ResourceShare//' | xargs; }
both() { # SCRIPT: two units have it
  fresh
  share --organization $prod --organization $dev
  control /_script "${1-[]}" >.state
}
unshare() {
  : >calls.log
  run "$IMGVET" unshare $where --yes "$@"
  keep
}

both
unshare --organization $prod
is "one of two: exit 0, the other keeps it" "$status $(shares) $(made)" "0 1 $dev Disassociate"
like "one of two: the outcome" "$out" "^removed:  $prod\$"
like "one of two: verified" "$out" "^taken back: $image in cn-hangzhou, verified\$"
unshare --organization $prod
is "again: exit 0, nothing is changed" "$status $(made)" "0 "
like "again: said" "$out" "^had none: $prod\$"
unshare --organization $dev
is "the last one: the share goes too" "$status $(shares) $(made)" "0 0 Disassociate Delete"
share --organization $prod
is "and it can be shared again" "$status $(shares)" "0 1 $prod"

both
control /_set "{'images':{'$image':{'accounts':['$friend']}}}" >.state
unshare --account $friend
is "an account: the units keep it" "$status $(shares)" "0 1 $dev $prod"
control /_set "{'images':{'$image':{'accounts':['$friend']}}}" >.state
unshare --all
is "--all: exit 0, nobody has it" "$status $(receivers)$(shares)" "0 0"
is "--all: both ways are told" "$(grep ^removed: <<<"$out" | awk '{print $2}' | xargs)" "$friend $dev $prod"
is "--all: the record names each with its own calls" \
  "$(ledger '[(sorted(x["detail"].get("accounts", [])), sorted(x["detail"].get("organizations", []))) for x in l if x["detail"].get("verb") == "unshare" and ("Modify" in x["detail"]["call"] or "Disassociate" in x["detail"]["call"])][-2:]')" \
  "[(['$friend'], []), ([], ['$dev', '$prod'])]"
both
unshare --all --dry-run
is "dry run: exit 0, nothing changed" "$status $(shares) $(made)" "0 1 $dev $prod "
like "dry run: the call" "$out" '^would call: DisassociateResourceShare '
unshare --organization $prod --json
is "--json" "$status $(field - removed) $(field - verified)" "0 ['$prod'] True"

leave="'action':'DisassociateResourceShare'" drop="'action':'DeleteResourceShare'"
over() { # NAME SCRIPT CHANGES
  both "$2"
  unshare --all
  is "$1: exit 0, nobody has it" "$status $(shares)" "0 0"
  is "$1: the changes" "$(made)" "$3"
}
over "dropped before acting" "[{$leave,'do':'drop-before'}]" "Disassociate Disassociate Delete"
over "dropped after acting" "[{$leave,'do':'drop-after'}]" "Disassociate Delete"
over "the removal's answer is lost" "[{$drop,'do':'drop-after'}]" "Disassociate Delete"
both "[{$drop,'do':'fail','status':403,'code':'NoPermission'}]"
unshare --all
is "the empty share may not be removed: exit 0" "$status $(shares)" "0 1"
like "the empty share may not be removed: a warning" "$err" "warning: the empty resource share rs-[a-z0-9]* could not be removed"
both "[{$leave,'do':'lie'}]"
unshare --organization $prod
is "success that did nothing: exit 3, nothing claimed" "$status $(grep -c '^still:    fd-imgvetprod$' <<<"$out") $(grep -c '^taken' <<<"$out")" "3 1 0"

both "[{$leave,'do':'hold-after'}]"
"$IMGVET" unshare $where --organization $prod --yes >.killed 2>&1 &
victim=$!
for _ in $(seq 300); do [ "$(shares)" = "1 $dev" ] && break; sleep 0.05; done
kill -9 $victim
wait $victim 2>/dev/null
control /_script "[]" >.state
unshare --organization $prod
is "killed after the cloud acted: run again, exit 0, not sent twice" "$status $(shares) $(made)" "0 1 $dev "

# --- another's share is not ours to change ---
tie() { # SHARE KIND ENTITY
  printf "{'ResourceShareId':'%s','ResourceShareName':'n','AssociationType':'%s','EntityId':'%s','EntityType':'Image','AssociationStatus':'Associated','AssociationStatusMessage':'','AssociationFailedDetails':[],'External':false,'CreateTime':'2026-01-02T03:04:05Z','UpdateTime':'2026-01-02T03:04:05Z','polls':0,'failed':null}" "$@"
}
for whom in "--all" "--organization $dev"; do
  fresh
  control /_set "{'associations':[$(tie rs-other Resource $image),$(tie rs-other Target $dev)]}" >.state
  unshare $whom
  is "$whom of another's share: exit 1, nothing changed" "$status $(made)" "1 "
  like "$whom of another's share: named" "$err" "$dev has image $image by the resource share rs-other"
done
for wrong in "--organization $prod --all" "--organization $prod --account $friend" "--organization no"; do
  unshare $wrong
  is "'$wrong': exit 2, nothing sent" "$status $(<calls.log)" "2 "
done

# --- a share that stops part way is undone ---
fresh
control /_set "{'settings':{'fail_targets':{'$prod':'LimitExceeded'}}}" >.state
share --organization $prod --organization $dev --all-or-nothing
is "all or nothing: exit 3, nobody has it" "$status $(shares)" "3 0"
like "all or nothing: said" "$err" '^undone: what this run gave was taken back, verified$'
share --organization $prod --organization $dev
like "without it: how to undo" "$err" "^  imgvet unshare --image-id $image .* --organization $dev\$"
done_testing
