#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# imgvet share --organization: a resource directory or its folders get the image, waited for, and
# nobody else does.
. "$TOP/tests/lib.sh"
. "$TOP/tests/reports.sh"
. "$TOP/tests/cloud/share.sh"
cd "$work" || exit
prod=fd-imgvetprod shop=fd-imgvetshop dev=fd-imgvetdev all=rd-imgvetdemo
units() { # of $image, by the cloud's own memory
  control /_look "" | "$PYTHON" -c 'import json, sys
ties = json.load(sys.stdin)["associations"]
has = {t["ResourceShareId"] for t in ties if t["EntityId"] == sys.argv[1] and t["AssociationStatus"] == "Associated"}
print(*sorted(t["EntityId"] for t in ties if t["AssociationType"] == "Target" and t["AssociationStatus"] == "Associated" and t["ResourceShareId"] in has))' $image
}
names() { control /_look "" | "$PYTHON" -c 'import json, sys
print(*[s["ResourceShareName"] for s in json.load(sys.stdin)["shares"].values() if s["ResourceShareStatus"] == "Active"])'; }
made() { grep -o '"action": "[A-Z][a-z]*ResourceShare"' calls.log | cut -d'"' -f4 | sed 's/ResourceShare//' | xargs; }
told() { tr -s '\n ' ' ' <<<"$err"; }
set_to() { control /_set "{'settings':{$1}}" >.state; }

# --- it is shared, waited for, and read back ---
fresh
share --organization $prod
is "a folder: exit 0" "$status" 0
is "a folder: it has the image" "$(units)" $prod
is "a folder: one change" "$(made)" Create
is "a folder: the name is the image's" "$(names)" imgvet-$image
like "the outcome says so" "$out" "^added:   $prod\$"
like "verified" "$out" "^shared: $image in cn-hangzhou, verified\$"
like "how many accounts it reaches, its folders' too" "$err" "$prod reaches 4 accounts now"
like "external targets are not allowed" "$(<calls.log)" '"AllowExternalTargets": "false"'
unlike "no account is given anything" "$(<calls.log)" ModifyImage
is "on record with the unit" "$(ledger '[x["detail"].get("organizations") for x in l if "CreateResourceShare" in str(x["detail"].get("call"))]')" "[['$prod']]"

share --organization $prod
is "shared already: exit 0, nothing is changed" "$status $(made)" "0 "
like "shared already: said" "$out" "^already: $prod\$"
share --organization $prod --organization $dev --organization $prod
is "one more: it alone is sent, into the same share" "$status $(units) $(made) $(names)" "0 $dev $prod Associate imgvet-$image"
unlike "one more: the image is not sent again" "$(grep '"AssociateResourceShare"' calls.log)" 'Resources\.'

fresh
share --organization $all
is "the whole directory: exit 0" "$status $(units)" "0 $all"
like "the whole directory: its reach" "$err" "$all reaches 7 accounts now"

fresh
control /_set "{'directory':{'folders':{$(for n in $(seq 7); do printf "'fd-many%s':{'name':'n','parent':'r-imgvetdemo'}," $n; done)'$prod':{'name':'production','parent':'r-imgvetdemo'}}}}" >.state
share $(printf -- '--organization fd-many%s ' 1 2 3 4 5 6 7)
is "7 folders: in two calls" "$status $(units | wc -w) $(made)" "0 7 Create Associate"

fresh
share --organization $prod --dry-run
is "dry run: exit 0, nothing changed" "$status $(made)" "0 "
like "dry run: the call" "$out" "^would call: CreateResourceShare ResourceShareName=imgvet-$image .*Targets.1=$prod\$"
is "dry run: nobody has it" "$(units)" ""
share --organization $prod --json
is "--json" "$status $(field - added) $(field - verified)" "0 ['$prod'] True"
like "--json: the reach is a line" "$out" '"check": *"reach"'

# --- slow, empty and failing answers ---
fresh
set_to "'polls':6,'empty_pages':true"
share --organization $prod
is "slow, and empty pages: exit 0" "$status $(units)" "0 $prod"
fresh
set_to "'polls':100000"
share --organization $prod --deadline 3s
is "never done: exit 3" "$status" 3
like "never done: said" "$err" "not done yet with $prod"
set_to "'polls':1"
control /_look "" >/dev/null
for reason in Unavailable LimitExceeded ZonalResourceInaccessible InternalError UnsupportedOperation Odd; do
  fresh
  set_to "'fail_targets':{'$prod':'$reason'}"
  share --organization $prod --organization $dev
  is "$reason: exit 3, the other has it" "$status $(units)" "3 $dev"
  like "$reason: explained" "$err" "error: $prod did not get image $image: .*$reason"
  like "$reason: and what to do" "$err" "hint: "
  like "$reason: the outcome" "$out" "^missing: $prod\$"
done
fresh
set_to "'fail_targets':{'$prod':'LimitExceeded','$dev':'Unavailable'}"
share --organization $prod --organization $dev
is "both fail: exit 3" "$status $(units)" "3 "
like "both fail: the first explained" "$err" "error: $prod did not get image $image: .*LimitExceeded"
like "both fail: the second too" "$err" "hint: $dev did not get it either: .*Unavailable"
set_to "'fail_targets':{}"
share --organization $prod --organization $dev
is "and run again: both have it" "$status $(units)" "0 $dev $prod"
fresh
set_to "'fail_targets':{'$image':'LimitExceeded'}"
share --organization $prod
is "the image itself fails: exit 3" "$status $(units)" "3 "
set_to "'fail_targets':{}"
share --organization $prod
is "and run again: it is put in again" "$status $(units) $(made)" "0 $prod Associate"

over() { # NAME SCRIPT CHANGES
  fresh "$2"
  share --organization $prod --organization $dev
  is "$1: exit 0, both have it" "$status $(units)" "0 $dev $prod"
  is "$1: the changes" "$(made)" "$3"
  is "$1: one share" "$(names)" imgvet-$image
}
create="'action':'CreateResourceShare'" associate="'action':'AssociateResourceShare'"
over "Create is throttled" "[{$create,'do':'throttle'}]" "Create Create"
over "Create is dropped before acting" "[{$create,'do':'drop-before'}]" "Create Create"
over "Create is dropped after acting" "[{$create,'do':'drop-after'}]" "Create"
over "Create is dropped, and the lists do not have it yet" "[{$create,'do':'drop-after'},
  {'action':'ListResourceShares','do':'patch','skip':1,'members':{'ResourceShares':[]}},
  {'action':'ListResourceShareAssociations','do':'patch','skip':1,'members':{'ResourceShareAssociations':[]}}]" "Create Create"
fresh
share --organization $dev
control /_script "[{$associate,'do':'drop-after'}]" >.state
share --organization $prod
is "Associate is dropped after acting: not sent again" "$status $(units) $(made)" "0 $dev $prod Associate"
fresh
share --organization $dev
control /_script "[{$associate,'do':'drop-before'}]" >.state
share --organization $prod
is "Associate is dropped before acting: sent again" "$status $(units) $(made)" "0 $dev $prod Associate Associate"
fresh "[{$create,'do':'lie'}]"
share --organization $prod
is "success that did nothing: exit 3" "$status $(units)" "3 "
like "success that did nothing: said" "$err" "reported success, and still $prod has no access"

fresh "[{$create,'do':'hold-after'}]"
"$IMGVET" share r.json $where --yes --organization $prod >.killed 2>&1 &
victim=$!
for _ in $(seq 300); do [ -n "$(names)" ] && break; sleep 0.05; done
kill -9 $victim
wait $victim 2>/dev/null
run "$IMGVET" log
like "killed after the cloud acted: the call is open" "$out" '!! OPEN CALL'
control /_script "[]" >.state
share --organization $prod
is "killed: run again, exit 0, nothing made twice" "$status $(units) $(made)" "0 $prod "

# --- refused ---
refused() { # NAME REGEX
  is "$1: exit 1, nothing changed" "$status $(made)$(grep -c Modify calls.log)" "1 0"
  like "$1: says why" "$err" "$2"
}
fresh
control /_set "{'images':{'$image':{'accounts':['1400000000000004']}}}" >.state
share --organization $prod
refused "an account of a folder below has it by its id" "account 1400000000000004 would have the image by its id and by $prod"
share --organization $dev
is "an account of another folder: exit 0" "$status" 0
share --account 1400000000000006
refused "the folder of an account has it" "account 1400000000000006 would have the image by its id and by $dev"
share --account $friend
is "an account outside: exit 0" "$status" 0

fresh "[{'action':'ListAccountsForParent','times':-1,'do':'fail','status':403,'code':'NoPermission'}]"
share --organization $prod
is "the directory may not be read: exit 0" "$status $(units)" "0 $prod"
like "the directory may not be read: a line" "$(told)" "how many accounts $prod reaches is not known: the credentials lack the right resourcedirectory:"
share --account 1400000000000002
is "an overlap that is not certain is not refused: exit 0" "$status" 0
like "an overlap that is not certain: a line" "$(told)" "both by its id and by its organization is not known"
fresh "[{'action':'ListResourceShareAssociations','times':-1,'do':'fail','status':403,'code':'NoPermission'}]"
share --account $friend
is "resource shares may not be read: accounts can be shared with" "$status" 0
share --organization $prod
is "but units cannot: exit 3, nothing changed" "$status $(made)" "3 "

printf 'organizations: ["%s"]\nallow_asserted: true\n' $dev >policy.yml
fresh
share --organization $prod --policy policy.yml
is "a unit that the policy does not name: exit 1, not a request" "$status $(<calls.log)" "1 "
share --organization $dev --policy policy.yml
is "one that it names: exit 0" "$status" 0

for row in "directory_member AccountNotInResourceDirectory" "directory_sharing NotEnableSharingWithResourceDirectory"; do
  read -r setting code <<<"$row"
  fresh
  set_to "'$setting':false"
  share --organization $prod
  is "$setting is off: exit 3" "$status $(units)" "3 "
  like "$setting is off: the code" "$err" "$code"
  like "$setting is off: what to do" "$err" 'hint: .*resource'
done
fresh
share --organization fd-nosuchfolder
is "a folder that is none: exit 3" "$status $(names)" "3 "
like "a folder that is none: said" "$err" InvalidTarget

for wrong in "--organization $prod --account $friend" "--organization r-root" "--organization ../x" "--organization $prod --public"; do
  fresh
  share $wrong
  is "'$wrong': exit 2, nothing sent" "$status $(<calls.log)" "2 "
done

# --- what is in the share already ---
other_image=$(control /_look "" | "$PYTHON" -c 'import json, sys
print(next(i["ImageId"] for i in json.load(sys.stdin)["images"] if i["ImageOwnerAlias"] == "self" and i["ImageId"] != sys.argv[1]))' $image)
tie() { # SHARE KIND ENTITY TYPE
  printf "{'ResourceShareId':'%s','ResourceShareName':'n','AssociationType':'%s','EntityId':'%s','EntityType':'%s','AssociationStatus':'Associated','AssociationStatusMessage':'','AssociationFailedDetails':[],'External':false,'CreateTime':'2026-01-02T03:04:05Z','UpdateTime':'2026-01-02T03:04:05Z','polls':0,'failed':null}" "$@"
}
held() { # TIES: imgvet's share for the image, with these
  fresh
  control /_set "{'shares':{'rs-imgvet000001':{'ResourceShareId':'rs-imgvet000001','ResourceShareName':'imgvet-$image','ResourceShareOwner':'1','ResourceShareStatus':'Active','AllowExternalTargets':false}},'associations':[$1]}" >.state
}
held "$(tie rs-imgvet000001 Resource $other_image Image)"
share --organization $prod
refused "another image in the share" "holds $other_image too"
held "$(tie rs-imgvet000001 Target $dev Account)"
share --organization $prod
refused "a target in the share that was not asked for" "names $dev, which was not asked for"
share --organization $prod --organization $dev
is "asked for too: exit 0" "$status $(units)" "0 $dev $prod"
held "$(tie rs-other Resource $image Image),$(tie rs-other Target $dev Account)"
share --organization $dev
is "a unit that has it by another share: nothing to do" "$status $(made)" "0 "

done_testing
