# SPDX-License-Identifier: GPL-3.0-or-later
# tests/cloud/move.sh - a small ext4 disk, and a running stand-in of the cloud whose image $image holds
# it: source it after lib.sh.
#
#   fresh [SCRIPT] [SETTINGS]  the stand-in as it began, its log and the ledger empty; no disk at $out_disk
#   acquire ARG...      imgvet acquire $image to $out_disk by $bucket
#   publish ARG...      imgvet publish $disk as shop-1 by $bucket
#   actions             the calls so far that make, delete or move something, a word each
#   objects             keys of $bucket
#   field FILE EXPR     Python expression over the JSON `r`, printed
#   until_call ACTION   wait until the log has that call
#   left                what unfinished commands left in $work/out
#
# Whatever a command prints, and every ledger, is kept in seen/ for a look for secrets at the end.
PATH=$PATH:/usr/sbin:/sbin
image=m-bp1imgvetdemo001 bucket=imgvet-demo-bucket
. "$TOP/tests/cloud/standin.sh"
mkdir "$work/out" "$work/tree"
disk=$work/shop.raw
out_disk=$work/out/disk.raw

echo "Have a nice day." >"$work/tree/motd"
head -c 3M /dev/urandom >"$work/tree/noise"
truncate -s 12M "$disk"
mke2fs -q -t ext4 -d "$work/tree" "$disk"
# shellcheck disable=SC2086 # options, a word each
start_standin --disk "$image=$disk" ${standin_options-}

fresh() {
  [ ! -e "$IMGVET_LEDGER" ] || mv "$IMGVET_LEDGER" "$work/seen/$((kept += 1)).ledger"
  : >"$work/calls.log"
  rm -rf "$work/out" "$disk".*
  mkdir "$work/out"
  control /_reset "${1-[]}" >/dev/null
  [ -z "${2-}" ] || control /_set "{'settings': $2}" >/dev/null
}
script() { control /_script "${1-[]}" >/dev/null; }
keep() { kept=$((kept + 1)); printf '%s\n%s\n' "$out" "$err" >"$work/seen/$kept.text"; }
acquire_line() { echo "acquire --image-id $image --region cn-hangzhou --bucket $bucket -o $out_disk --endpoint $url"; }
publish_line() { echo "publish $disk --image-name shop-1 --region cn-hangzhou --bucket $bucket --endpoint $url"; }
acquire() { run "$IMGVET" $(acquire_line) "$@"; keep; }
publish() { run "$IMGVET" $(publish_line) "$@"; keep; }
actions() {
  "$PYTHON" - "$work/calls.log" <<'PY'
import json, sys
names = [json.loads(line)["action"].removeprefix("oss:") for line in open(sys.argv[1])]
print(*[n for n in names if not n.startswith(("Describe", "Get", "Head", "List"))])
PY
}
objects() { control /_look "" | "$PYTHON" -c 'import json, sys; print(*json.load(sys.stdin)["oss"][sys.argv[1]]["objects"])' $bucket; }
field() { "$PYTHON" -c 'import json, sys
r = json.load(open(sys.argv[1]))
print(eval(sys.argv[2]))' "$1" "$2"; }
until_call() { for _ in $(seq 300); do grep -q "\"action\": \"$1\"" "$work/calls.log" && return; sleep 0.05; done; }
left() { (cd "$work/out" && echo *); }
