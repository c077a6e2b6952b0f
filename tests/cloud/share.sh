# SPDX-License-Identifier: GPL-3.0-or-later
# tests/cloud/share.sh - a signed report of a clean image in r.json, and a running stand-in of the
# cloud: source it after lib.sh and reports.sh.
#
#   fresh [SCRIPT]      the stand-in as it began, its log and the ledger empty; SCRIPT as in
#                       standin.py, with ' for "
#   share ARG...        imgvet share r.json of $image with --yes
#   terminal ANSWER ARG...   the same without --yes on a terminal that answers; all it shows is $out
#   calls               the requests so far, a letter each: W whose credentials, I image, R receivers,
#                       S snapshots, K key, A its aliases, G role, M modify
#   $before             what a share asks before the confirmation, of a plain image
#                       (tags apart: test_share_tags.sh; resource shares: test_share_organization.sh)
#   added               the accounts of each Modify request, a line each
#   receivers           who has $image now
#   kinds, digests      of the ledger's lines
#   pairs N             "call-begin call-end" N times
#   detail LINE KEY     of the ledger's line (-1: the last)
#
# Whatever a command prints, and every ledger, is kept in seen/ for a look for secrets at the end.
image=m-bp1imgvetdemo001
friend=1234567890123456 other=2234567890123456
. "$TOP/tests/cloud/standin.sh"
# Nobody's own profiles, and no instance's role.
export HOME=$work/home ALIBABA_CLOUD_ECS_METADATA_DISABLED=true
mkdir -p "$HOME"
# What is shared here was never in the image: its id is asserted.
echo "allow_asserted: true" >"$work/asserted.yml"
export IMGVET_POLICY=$work/asserted.yml
before=IRW

mkdir -p "$work/clean/etc"
echo "Have a nice day." >"$work/clean/etc/motd"
report "$work/clean" "$work/r.json"

start_standin
where="--image-id $image --region cn-hangzhou --endpoint $url"

fresh() {
  [ ! -e "$IMGVET_LEDGER" ] || mv "$IMGVET_LEDGER" "$work/seen/$((kept += 1)).ledger"
  : >"$work/calls.log"
  control /_reset "${1-[]}" >"$work/.state"
}
keep() { kept=$((kept + 1)); printf '%s\n%s\n' "$out" "$err" >"$work/seen/$kept.text"; }
share() {
  : >"$work/calls.log"
  run "$IMGVET" share "$work/r.json" $where --yes "$@"
  keep
}
terminal() {
  local answer=$1
  shift
  run "$PYTHON" "$TOP/tests/cloud/at_terminal.py" "$answer" ${when_asked:+--when-asked "$when_asked"} \
    "$IMGVET" share "$work/r.json" $where "$@"
  keep
}
calls() {
  sed -E '/"action": "TagResources"/d; /"action": "ListResourceShare/d; s/.*"action": "DescribeImages".*/I/; s/.*"action": "DescribeImageSharePermission".*/R/;
    s/.*"action": "ModifyImageSharePermission".*/M/; s/.*"action": "GetCallerIdentity".*/W/;
    s/.*"action": "DescribeSnapshots".*/S/; s/.*"action": "DescribeKey".*/K/;
    s/.*"action": "ListAliasesByKeyId".*/A/; s/.*"action": "GetRole".*/G/' "$work/calls.log" | tr -d '\n'
}
added() {
  grep ModifyImageSharePermission "$work/calls.log" | "$PYTHON" -c 'import json, sys
for line in sys.stdin:
    params = json.loads(line)["params"]
    print(*[params[f"AddAccount.{n}"] for n in range(1, 99) if f"AddAccount.{n}" in params])'
}
receivers() {
  control /_look "" | "$PYTHON" -c 'import json, sys
print(*[a for i in json.load(sys.stdin)["images"] if i["ImageId"] == sys.argv[1] for a in i["accounts"]])' $image
}
ledger() { # EXPRESSION over the lines l
  "$IMGVET" log --json 2>/dev/null | "$PYTHON" -c 'import json, sys
l = json.load(sys.stdin)
print(eval(sys.argv[1]))' "$1"
}
kinds() { ledger '" ".join(x["kind"] for x in l)'; }
digests() { ledger '" ".join(sorted({x["digest"] for x in l}))'; }
detail() { ledger "l[$1]['detail'].get('$2')"; }
pairs() { printf 'call-begin call-end %.0s' $(seq "$1") | sed 's/ $//'; }
