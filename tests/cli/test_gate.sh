#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# imgvet gate on real reports: every way to a yes, every way to a no, and what
# the ledger says about both.
. "$TOP/tests/lib.sh"
. "$TOP/tests/reports.sh"
cd "$work" || exit

mkdir clean
echo hello >clean/motd
plant dirty
report clean clean.json
is "the clean image is clean" "$?" 0
report dirty dirty.json
is "the other one is not" "$?" 1
digest=$(field clean.json image.digest)

gate() { run "$IMGVET" gate "$@"; }
policy() { printf '%s\n' "$@" >policy.yml; }
# blocked NAME REGEX: the last verdict was no, for one reason, which is this
blocked() {
  is "$1: exit 1" "$status" 1
  like "$1: says why" "$out" "^  no    .*$2"
  like "$1: and nothing else" "$out" '^verdict: no, for 1 reason$'
}

# --- yes ---
policy 'allow_asserted: true'
gate clean.json --policy policy.yml --account 1234567890123456 --image-id m-bp1invented0001 --organization o-1
is "a clean report passes" "$status" 0
is "nothing on stderr" "$err" ""
for reason in 'the report is unchanged since it was signed' 'the signer ed25519:[A-Za-z0-9+/]{43}= is your own key' \
  'the report is [0-9]+ s old, the policy allows 24 h' \
  "the report is about one image: $digest" 'the scan used [0-9]+ rules, the policy wants at least 60' \
  'every byte of the disk was searched as stored; nothing was recognised as packed or encoded \(1 volumes and gaps\)' \
  'nothing was recognised as packed or encoded' 'no finding is medium or worse' \
  'the policy lets any account receive: 1234567890123456' \
  'the policy lets any organization receive: o-1' \
  'the image id m-bp1invented0001 is asserted, not proven, which the policy allows'; do
  like "yes, because ${reason%% (*}" "$out" "^  yes   $reason$"
done
is "eleven reasons and no more" "$(grep -c '^  yes ' <<<"$out")" 11
like "the policy is named" "$out" '^policy: policy\.yml \(sha256:[0-9a-f]{64}\)$'
like "the digest is named" "$out" "^verdict: yes, $digest may be shared$"

# --- no: findings ---
gate dirty.json
is "findings block: exit 1" "$status" 1
like "the key is named with its place" "$out" '^  no    critical: .* in disk:/root/\.ssh/id_ed25519:1 \[[0-9a-f]{32}\]$'
like "so are the credentials" "$out" '^  no    critical: .* in disk:/root/\.aws/credentials:3 \[[0-9a-f]{32}\]$'
like "two reasons" "$out" '^verdict: no, for 2 reasons$'
like "what is fine is said as well" "$out" '^  yes   the report is unchanged since it was signed$'
unlike "the secret is not" "$out$err" 'Inv3nted'
unlike "nothing may be shared" "$out" 'may be shared'

# --- no: what was not read ---
disk clean cut.raw
truncate -s 1900K cut.raw
run "$IMGVET" scan cut.raw -o cut.json
is "a cut image is not finished" "$status" 3
gate cut.json
blocked "coverage" 'disk \(ext2\): 148\.0 KiB not looked at: the file system is larger than its volume'
policy 'require_coverage: false'
gate cut.json --policy policy.yml
is "a policy may do without coverage" "$status" 0
like "then it stands as a note" "$out" '^  note  disk \(ext2\): 148\.0 KiB not looked at, which the policy does not ask for'
policy 'accepted_gaps: ["disk"]'
gate cut.json --policy policy.yml
is "or accept this one" "$status" 0
like "with its reason" "$out" '^  yes   disk \(ext2\): 148\.0 KiB not looked at, which the policy accepts: the file system is larger'
policy 'accepted_gaps: ["p1"]'
gate cut.json --policy policy.yml
blocked "another accepted gap" 'disk \(ext2\): 148\.0 KiB not looked at'

# --- no: a directory ---
run "$IMGVET" scan --reader tree clean -o tree.json
is "a directory can be scanned" "$status" 0
gate tree.json
blocked "a directory" 'the report is about a directory, not about an image'

# --- no: age, edits ---
edit() { # FROM TO PYTHON
  "$PYTHON" - "$1" "$2" "$3" <<'PY'
import json, sys
r = json.load(open(sys.argv[1]))
exec(sys.argv[3])
json.dump(r, open(sys.argv[2], "w"))
PY
}
edit clean.json same.json 'pass'
gate same.json
is "other white space is the same report" "$status" 0
edit dirty.json edited.json 'r["findings"] = []; r["summary"]["critical"] = 0'
gate edited.json
blocked "findings taken out" 'the signature'
unlike "and no signer is believed" "$out" 'is your own key'
edit clean.json edited.json 'r["run"]["finished"] = "2099-01-01T00:00:00Z"'
gate edited.json
like "a date set by hand breaks the signature" "$out" '^  no    .*signature'
like "and is in the future" "$out" '^  no    the report is dated in the future: 2099-01-01'
edit clean.json edited.json 'r["image"]["digest"] = "fsverity-sha256:" + "0" * 64'
gate edited.json
blocked "the digest of another image" 'signature'
edit clean.json edited.json 'del r["run"]["signature"]'
gate edited.json
blocked "no signature" 'signature|signed'
edit clean.json edited.json 'r["run"]["signature"]["value"] = "AAAA"'
gate edited.json
blocked "a signature of nothing" 'signature'
edit clean.json edited.json 'r["coverage"]["complete"] = "yes"'
gate edited.json
is "a report with a wrong type is blocked" "$status" 1
sleep 2.1
policy 'max_age: 1s'
gate clean.json --policy policy.yml
blocked "age" 'the report is [0-9]+ (s|min) old \(20[0-9-]+ [0-9:]+ UTC\), the policy allows 1 s'

# --- no: strangers ---
report clean strange.json --key other.key
is "a key that was named is not made by a scan" "$?" 2
run "$IMGVET" key --key other.key
other=$out
report clean strange.json --key other.key
is "once made, it signs" "$?" 0
gate strange.json
blocked "a stranger's signature" "the signer ${other//+/\\+} is not trusted: your own key is ed25519:"
policy 'trusted_keys:' "  - \"$other\""
gate strange.json --policy policy.yml
is "a trusted key is accepted" "$status" 0
like "and named" "$out" "^  yes   the policy trusts the signer ${other//+/\\+}$"
gate clean.json --policy policy.yml
blocked "then the own key is a stranger's" 'the policy does not trust the signer'
run env XDG_CONFIG_HOME="$work/nobody" "$IMGVET" gate clean.json
blocked "without a key of one's own" 'you have no key of your own here .* is not trusted'
ok "and none is made by looking" [ ! -e "$work/nobody/imgvet/signing.key" ]

# --- no: rules ---
policy 'min_rules: 5000'
gate clean.json --policy policy.yml
blocked "too few rules" 'the scan used [0-9]+ rules, the policy wants at least 5000'
policy "rules: [\"$(field clean.json rules.digest)\"]"
gate clean.json --policy policy.yml
is "the listed rule set passes" "$status" 0
policy "rules: [\"sha256:$(printf '%064d' 0)\"]"
gate clean.json --policy policy.yml
blocked "another rule set" "the policy does not list the rule set $(field clean.json rules.digest)"

# --- no: receivers and the image's id ---
policy 'accounts: ["1234567890123456"]' 'organizations: []'
gate clean.json --policy policy.yml --account 1234567890123456
is "a listed account" "$status" 0
gate clean.json --policy policy.yml --account 1234567890123456 --account 6543210987654321
blocked "one of two accounts" 'the policy does not list the account 6543210987654321'
gate clean.json --policy policy.yml --organization o-1
blocked "an organization" 'the policy does not list the organization o-1'
gate clean.json --account 'ada'
blocked "no account at all" 'ada is not an account id'
gate clean.json --image-id m-bp1invented0001
blocked "an asserted image id" 'the image id m-bp1invented0001 is asserted, not proven, and the policy forbids that'
like "by the built-in policy" "$out" '^policy: built-in default \(sha256:[0-9a-f]{64}\)$'
gate clean.json
is "without an id nothing is asserted" "$status" 0
policy 'allow_asserted: true'
IMGVET_POLICY=policy.yml gate clean.json --image-id m-bp1invented0001
is "IMGVET_POLICY names a policy" "$status" 0
policy 'allow_asserted: false'
IMGVET_POLICY=nowhere.yml gate clean.json --policy policy.yml --image-id m-bp1invented0001
is "--policy goes before it" "$status" 1
IMGVET_POLICY=nowhere.yml gate clean.json
ok "one that is not there is an error" [ "$status" -ge 2 ]
gate clean.json --image-id 'm-1; rm'
blocked "no image id" "'m-1; rm' is not an image id"

# --- severity ---
policy 'blocking: critical'
gate dirty.json --policy policy.yml
is "critical findings block at critical" "$status" 1

# --- JSON says the same ---
gate dirty.json --account 1234567890123456
ageless() { sed 's/the report is [0-9]* s old/the report is N s old/'; }
text=$(sed -n 's/^  \(no\|yes\|note\) *//p' <<<"$out" | ageless)
gate dirty.json --account 1234567890123456 --json
is "JSON: the same exit code" "$status" 1
is "JSON: the verdict" "$(field - verdict)" no
is "JSON: the same reasons" \
  "$("$PYTHON" -c 'import json,sys; [print(r["text"]) for r in json.load(sys.stdin)["reasons"]]' <<<"$out" | ageless)" "$text"
is "JSON: the first blocks" "$(field - reasons.0.effect) $(field - reasons.0.code)" "blocks finding"
is "JSON: and names its finding" "$(field - reasons.1.fingerprint)" "$(fingerprint dirty.json id_ed25519)"
gate clean.json --json
is "JSON: yes" "$status $(field - verdict) $(field - digest)" "0 yes $digest"

# --- a wrong policy ---
wrong() { # LINE REGEX TEXT...
  local line=$1 why=$2
  shift 2
  policy "$@"
  gate clean.json --policy policy.yml
  is "policy '$*': exit 2" "$status" 2
  like "policy '$*': file, line and why" "$err" "^imgvet: error: policy\\.yml:$line: .*$why"
  is "policy '$*': no verdict" "$out" ""
}
wrong 2 "max_agee" 'blocking: high' 'max_agee: 1h'
wrong 1 "'max_age' must be a time like" 'max_age: 0s'
wrong 1 "critical, high, medium, low or info" 'blocking: severe'
wrong 3 "an account id" 'accounts:' '  - "1234567890123456"' '  - ada'
wrong 1 "no report could pass" 'trusted_keys: []'
wrong 1 "a public key" 'trusted_keys: ["ed25519:AAAA"]'
wrong 1 "no rule set would be accepted" 'rules: []'
wrong 1 "not only wildcards" 'accepted_gaps: ["*"]'
wrong 2 "" 'blocking: high' 'blocking: low'
wrong 1 "the policy is empty" ''
wrong 3 "not valid YAML" 'accounts: [' 'blocking'
gate clean.json --policy nowhere.yml
ok "a missing policy is an error" [ "$status" -ge 2 -a -z "$out" ]

# --- a wrong report, a wrong call ---
gate nowhere.json
is "a missing report: exit 3" "$status" 3
like "it is named" "$err" '^imgvet: error: nowhere\.json: '
echo '{' >broken.json
gate broken.json
ok "a broken report: no verdict" [ "$status" -ge 2 -a -z "$out" ]
echo '{"schema": 1}' >other.json
gate other.json
is "another JSON file is blocked" "$status" 1
gate
is "no report named: exit 2" "$status" 2

# --- the ledger ---
policy "allow_asserted: true"
gate clean.json --ledger l.db --policy policy.yml --account 1234567890123456 --image-id m-bp1invented0001
gate dirty.json --ledger l.db
run "$IMGVET" log --ledger l.db --json
is "each verdict is a line" "$("$PYTHON" -c 'import json,sys; print([(l["kind"], l["detail"]["verdict"], l["digest"]) for l in json.load(sys.stdin)])' <<<"$out")" \
  "[('verdict', 'yes', '$digest'), ('verdict', 'no', '$(field dirty.json image.digest)')]"
is "with who would receive" "$(field - 0.detail.accounts.0) $(field - 0.detail.image_id)" "1234567890123456 m-bp1invented0001"
is "and why" "$(field - 1.detail.reasons.0.code)" finding
unrecorded() { # NAME FILE [COMMAND...]
  local name=$1 file=$2
  shift 2
  run "$@" "$IMGVET" gate clean.json --ledger "$file"
  is "$name: exit 3" "$status" 3
  is "$name: no verdict" "$out" ""
  like "$name: says what is wrong" "$err" "^imgvet: error: .*${file%/*}"
}
unrecorded "a ledger below a file" clean.json/l.db
echo text >text.db
unrecorded "a ledger that is none" text.db
cp l.db fixed.db
chmod 0444 fixed.db
drop=()
[ "$(id -u)" != 0 ] || drop=(setpriv "--bounding-set=-dac_override,-dac_read_search")
unrecorded "a ledger that cannot be written" fixed.db "${drop[@]}"
done_testing
