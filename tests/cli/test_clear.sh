#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# imgvet clear, and what clearances do and do not do at the gate.
. "$TOP/tests/lib.sh"
. "$TOP/tests/reports.sh"
cd "$work" || exit
plant dirty
report dirty r.json
pem=$(fingerprint r.json id_ed25519)
aws=$(fingerprint r.json credentials)
far=2099-12-31
why='an invented key of the tests'

clear_it() { run "$IMGVET" clear "$@"; }
gate() { run "$IMGVET" gate "$@"; }

# --- one finding, then the other ---
clear_it r.json "$pem" --reason "$why" --by ada@example.org --expires $far
is "a finding is cleared" "$status" 0
like "and that is said, with its place" "$err" "clearances\\.yml: cleared until $far: .* in disk:/root/\\.ssh/id_ed25519"
ok "the file is for the owner alone, it has the salt" [ "$(stat -c %a clearances.yml)" = 600 ]
gate r.json --clearances clearances.yml
is "one cleared, one not: blocked" "$status" 1
like "the cleared one is named" "$out" "^  yes   critical: .* in disk:/root/\\.ssh/id_ed25519:1 is cleared by ada@example\\.org until $far: $why\$"
like "the other one blocks" "$out" "^  no    critical: .*\\[$aws\\]\$"
like "alone" "$out" '^verdict: no, for 1 reason$'
cp clearances.yml before.yml
clear_it r.json "$aws" --reason 'the words "quoted": 100% # ü, \ and '"'" --by 'Ada L.' --expires $far
is "an awkward reason is taken" "$status" 0
ok "what stood in the file stands there still" cmp -s -n "$(stat -c %s before.yml)" before.yml clearances.yml
gate r.json --clearances clearances.yml
is "both cleared: passes" "$status" 0
like "the reason comes out as it went in" "$out" 'cleared by Ada L\. until 2099-12-31: the words "quoted": 100% # ü, \\ and '"'\$"
gate r.json
is "without the file nothing is cleared" "$status" 1

# --- the image is built again ---
echo more >dirty/more
cp "$work/disk.raw" old.raw
report dirty again.json --clearances clearances.yml
ok "another image" [ "$(field r.json image.digest)" != "$(field again.json image.digest)" ]
gate again.json --clearances clearances.yml
is "what was cleared stays cleared" "$status" 0
mkdir dirty/home
mv dirty/root/.ssh/id_ed25519 dirty/home/id_ed25519
report dirty moved.json --clearances clearances.yml
gate moved.json --clearances clearances.yml
like "the other finding stays cleared when one moves" "$out" '^  yes   critical: .*credentials'
is "a key is cleared in one place, not everywhere" "$status" 1
like "the old clearance is named" "$out" "^  note  clearances\\.yml:5: the clearance of $pem has no effect: the report has no such finding\$"
mv dirty/home/id_ed25519 dirty/root/.ssh/
rmdir dirty/home
sed -i 's/Inv3nted/Inv4nted/' dirty/root/.aws/credentials
report dirty changed.json --clearances clearances.yml
gate changed.json --clearances clearances.yml
is "another secret in its place is not cleared" "$status" 1
like "and the old clearance is about nothing" "$out" "^  note  clearances\\.yml:[0-9]+: the clearance of $aws has no effect: the report has no such finding\$"
sed -i 's/Inv4nted/Inv3nted/' dirty/root/.aws/credentials

# --- another salt ---
export XDG_CONFIG_HOME=$work/elsewhere
report dirty elsewhere.json
ok "another place, other fingerprints" [ "$(fingerprint elsewhere.json id_ed25519)" != "$pem" ]
gate elsewhere.json --clearances clearances.yml
is "clearances of another salt: blocked" "$status" 1
like "and named" "$out" '^  note  clearances\.yml: none of its 2 clearances has an effect: they were made with another salt .*scan again with --clearances'
clear_it elsewhere.json "$(fingerprint elsewhere.json id_ed25519)" --reason "$why" --by ada --expires $far --clearances clearances.yml
is "nor can one be added: exit 2" "$status" 2
like "with what to do" "$err" '^imgvet: hint: scan again with --clearances clearances\.yml'
report dirty elsewhere.json --clearances clearances.yml
is "scanned with the file: the same fingerprints" "$(fingerprint elsewhere.json id_ed25519)" "$pem"
gate elsewhere.json --clearances clearances.yml
is "and they are cleared elsewhere too" "$status" 0
export XDG_CONFIG_HOME=$work/xdg/config

# --- clearances that do not help ---
salt=$(grep '^salt:' clearances.yml)
useless() { # NAME REGEX ENTRY
  { echo "$salt"; echo clearances:; echo "$3"; entry "$aws" "$why" ada $far; } >c.yml
  gate r.json --clearances c.yml
  is "$1: blocked" "$status" 1
  like "$1: named with its line" "$out" "^  note  c\\.yml:3: the clearance of .* has no effect: .*$2"
  like "$1: the finding blocks" "$out" "^  no    critical: .*\\[$pem\\]\$"
  like "$1: the next entry helps" "$out" '^  yes   critical: .*credentials.* is cleared by ada'
}
useless "expired" 'it expired at 2026-01-31 23:59:59 UTC' "$(entry "$pem" "$why" ada 2026-01-31)"
useless "unknown" 'the report has no such finding' "$(entry 00000000000000000000000000000000 "$why" ada $far)"
useless "a short reason" 'the reason is shorter than 10 characters' "$(entry "$pem" "it is ok" ada $far)"
useless "a reason of blanks" 'the reason is shorter than 10 characters' "$(entry "$pem" "                " ada $far)"
useless "nobody" 'does not say who' "$(entry "$pem" "$why" "" $far)"
useless "no end" 'does not say when it expires' "$(entry "$pem" "$why" ada $far | grep -v expires)"
useless "no such day" 'expires is not a date' "$(entry "$pem" "$why" ada 2099-02-30)"
useless "another form of date" 'expires is not a date' "$(entry "$pem" "$why" ada 31.12.2099)"
useless "half a fingerprint" '32 lower-case hex digits' "$(entry "${pem:0:16}" "$why" ada $far)"
useless "a wildcard" '32 lower-case hex digits' "$(entry '*' "$why" ada $far)"
useless "capitals" '32 lower-case hex digits|no such finding' "$(entry "$(tr a-f A-F <<<"$pem")" "$why" ada $far | sed 's/"\([0-9A-F]*\)"/"\1F"/')"
useless "an unknown key" "unknown key 'forever'" "$(entry "$pem" "$why" ada $far; echo '  forever: true')"
useless "expired before it was created" 'expires before it was created' "$(entry "$pem" "$why" ada 2099-12-31 2100-01-01)"
useless "of the future" 'dated in the future' "$(entry "$pem" "$why" ada 2099-12-31 2099-01-01)"
echo 'max_clearance: 30d' >policy.yml
{ echo "$salt"; echo clearances:; entry "$pem" "$why" ada $far "$(date -u +%F)"; entry "$aws" "$why" ada $far; } >c.yml
gate r.json --clearances c.yml --policy policy.yml
like "longer than the policy allows" "$out" '^  note  c\.yml:3: .*it is valid for longer than the policy allows \(30 days\)'
like "a limit needs a begin" "$out" '^  note  c\.yml:8: .*it does not say when it was created'
is "neither helps" "$status $(grep -c '^  no ' <<<"$out")" "1 2"

# --- files that are none ---
broken() { # NAME REGEX TEXT
  printf '%s\n' "$3" >c.yml
  gate r.json --clearances c.yml
  is "$1: exit 2, no verdict" "$status $out" "2 "
  like "$1: file, line and why" "$err" "^imgvet: error: c\\.yml:$2"
}
broken "no YAML" '[0-9]+: ' 'clearances: [}'
broken "an unknown key" "2: .*allow" "$salt"$'\nallow: all'
broken "a short salt" "1: .*salt" 'salt: "5a"'
broken "no list" "1: 'clearances' must be a list" 'clearances: everything'
gate r.json --clearances nowhere.yml
ok "a missing file" [ "$status" -ge 2 -a -z "$out" ]

# --- wrong calls ---
cp clearances.yml before.yml
refused() { # NAME REGEX OPTIONS...
  local name=$1 why=$2
  shift 2
  clear_it "$@"
  is "$name: exit 2" "$status" 2
  like "$name: why" "$err" "^imgvet: error: .*$why"
  ok "$name: nothing is written" cmp -s before.yml clearances.yml
}
say=(--reason "$why" --by ada)
refused "no reason" 'all needed' r.json "$pem" --by ada --expires $far
refused "a short reason" 'shorter than 10' r.json "$pem" --reason ok --by ada --expires $far
refused "two lines" 'in one line' r.json "$pem" --reason $'ten letters\nand more' --by ada --expires $far
refused "a past day" 'expired already' r.json "$pem" "${say[@]}" --expires 2026-01-31
refused "not UTF-8" 'in one line of text' r.json "$pem" --reason $'ten \xff letters' --by ada --expires $far
refused "no day" 'not a date' r.json "$pem" "${say[@]}" --expires never
refused "no fingerprint" 'not 32' r.json xyz "${say[@]}" --expires $far
refused "not in the report" 'no finding with this fingerprint' r.json "$(printf '%032d' 7)" "${say[@]}" --expires $far
refused "no operands" 'name one report' "${say[@]}" --expires $far
clear_it nowhere.json "$pem" "${say[@]}" --expires $far
is "a missing report: exit 3" "$status" 3
clear_it r.json "$pem" "${say[@]}" --expires $far --clearances nowhere/c.yml
is "a folder that is not there: exit 3" "$status" 3
clear_it r.json "$pem" "${say[@]}" --expires $far --ledger r.json/l.db --clearances new.yml
is "no ledger, no clearance: exit 3" "$status $(ls new.yml 2>/dev/null)" "3 "

# --- on record ---
clear_it r.json "$pem" "${say[@]}" --expires $far --ledger l.db --clearances new.yml
is "a new file" "$status" 0
run "$IMGVET" log --ledger l.db --json
is "one line in the ledger" "$("$PYTHON" -c 'import json,sys; print(len(json.load(sys.stdin)))' <<<"$out")" 1
is "what, who, until when" "$(field - 0.kind) $(field - 0.detail.fingerprint) $(field - 0.detail.by) $(field - 0.detail.expires)" \
  "clearance $pem ada $far"
is "why, and of which image" "$(field - 0.detail.reason) $(field - 0.digest)" "$why $(field r.json image.digest)"
unlike "not the salt" "$out" "${salt:7:20}"
done_testing
