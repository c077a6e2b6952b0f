#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A shared image carries digest and verdict as tags; a tag that fails is a warning, no more.
. "$TOP/tests/lib.sh"
. "$TOP/tests/reports.sh"
. "$TOP/tests/cloud/share.sh"
cd "$work" || exit
today=$(date -u +%Y-%m-%d)
tag() { # KEY: its value on the image
  control /_look "" | "$PYTHON" -c 'import json, sys
print(*[t["TagValue"] for i in json.load(sys.stdin)["images"] if i["ImageId"] == sys.argv[1]
        for t in i["Tags"]["Tag"] if t["TagKey"] == sys.argv[2]])' $image "$1"
}
tagged() { grep -c TagResources calls.log; }

fresh
share --account $friend
is "shared: exit 0" "$status" 0
is "the digest is on the image" "$(tag imgvet-digest)" "$(field r.json image.digest)"
report=$("$IMGVET" gate r.json --json --ledger gate.db | "$PYTHON" -c 'import json, sys; print(json.load(sys.stdin)["report_digest"])')
is "and the verdict" "$(tag imgvet-verdict)" "yes,$today,${report:0:23}"
is "in one call" "$(tagged)" 1
is "after everything else" "$(tail -1 calls.log | grep -c TagResources)" 1
is "on record" "$(detail -2 call | cut -d' ' -f1) $(detail -1 outcome)" "TagResources done"
share --account $other --dry-run
is "a dry run tags nothing" "$(tagged)" 0

fresh "[{'action':'TagResources','times':-1,'do':'fail','status':403,'code':'Forbidden.RAM'}]"
share --account $friend --all-or-nothing
is "may not tag: exit 0, shared" "$status $(receivers)" "0 $friend"
like "may not tag: a warning" "$err" '^warning: the image could not be tagged with its verdict: TagResources failed with Forbidden.RAM'
like "may not tag: verified all the same" "$out" '^shared: .* verified$'
is "may not tag: on record" "$(detail -1 outcome)" failed
fresh "[{'action':'TagResources','do':'drop-after'}]"
share --account $friend
is "the answer gets lost: asked again, exit 0" "$status $(tagged) $(tag imgvet-digest | wc -w)" "0 2 1"
unlike "the answer gets lost: no warning" "$err" 'could not be tagged'
fresh "[{'action':'ModifyImageSharePermission','do':'lie'}]"
share --account $friend
is "a share that failed is not tagged" "$status $(tagged)" "3 0"

fresh
share --account $friend
run "$IMGVET" unshare $where --yes --account $friend
is "taken back from one: the tag stays" "$(tag imgvet-verdict)" "yes,$today,${report:0:23}"
share --account $friend
run "$IMGVET" unshare $where --yes --all
is "taken back from all: withdrawn" "$status $(tag imgvet-verdict)" "0 withdrawn,$today"
done_testing
