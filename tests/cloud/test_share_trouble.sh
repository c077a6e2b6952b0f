#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# imgvet share when the cloud, the network, the ledger or the machine fails it: it converges or says
# what is known, and never claims more.
. "$TOP/tests/lib.sh"
. "$TOP/tests/reports.sh"
. "$TOP/tests/cloud/share.sh"
cd "$work" || exit

# In the background, as it takes all its attempts: nobody listens on port 1.
"$IMGVET" share r.json --image-id $image --region cn-hangzhou --endpoint http://127.0.0.1:1 --yes \
  --account $friend --ledger lonely.db >.lonely 2>&1 &
lonely=$!

# --- got over ---
over() { # NAME SCRIPT CALLS
  fresh "$2"
  share --account $friend --account $other
  is "$1: exit 0" "$status" 0
  is "$1: the calls" "$(calls)" "$3"
  is "$1: exactly these have it" "$(receivers)" "$friend $other"
  like "$1: verified" "$out" "^shared: $image in cn-hangzhou, verified\$"
}
over "everything throttled once" "[{'action':'DescribeImages','do':'throttle'},{$list,'do':'throttle'},{$modify,'do':'throttle'}]" IIRRWIRMMR
over "dropped before acting" "[{$modify,'do':'drop-before'}]" ${before}IRMRMR
over "dropped after acting" "[{$modify,'do':'drop-after'}]" ${before}IRMRR
like "dropped after acting: said" "$err" 'the call had been carried out'
is "dropped after acting: on record as unknown" "$(ledger '[x["detail"]["outcome"] for x in l if x["kind"]=="call-end"]')" \
  "['done', 'done', 'done', 'done', 'done', 'done', 'unknown', 'done', 'done']"
is "dropped after acting: both were added" "$(grep -c '^added: ' <<<"$out")" 2
over "lost every time, and the last had been carried out" \
  "[{$modify,'do':'drop-before','times':3},{$modify,'do':'drop-after'}]" ${before}IRMRMRMRMRR
over "half an answer" "[{$modify,'do':'cut'}]" ${before}IRMRR
over "HTTP 500 without acting" "[{$modify,'do':'fail','status':500,'code':'InternalError'}]" ${before}IRMRMR
over "a broken proxy on the way" "[{$list,'do':'raw','status':502,'body':'<html>'}]" IRRWIRMR
over "the list lags behind" "[{$list,'skip':2,'do':'patch','members':{'TotalCount':0,'Accounts':{'Account':[]}}}]" ${before}IRMRR

fresh "[{$modify,'skip':1,'do':'drop-after'}]"
many=$(seq 1100000000000001 1100000000000023)
share $(printf -- '--account %s ' $many)
is "the second batch's answer lost: exit 0" "$status" 0
is "the second batch's answer lost: nothing is sent twice" "$(calls) $(added | wc -w)" "${before}IRMMRMR 23"
is "the second batch's answer lost: all have it" "$(receivers | wc -w)" 23

# --- not got over: exit 3, and only what is known is claimed ---
fails() { # NAME SCRIPT REGEX [ACCOUNT...]
  local name=$1 regex=$3
  fresh "$2"
  shift 3
  share $(printf -- '--account %s ' "${@:-$friend}")
  is "$name: exit 3" "$status" 3
  like "$name: says why" "$err" "$regex"
  unlike "$name: claims nothing" "$out" 'verified|shared:'
  is "$name: no call is left open" "$(ledger 'sum(x["open"] for x in l)')" 0
}
fails "never anything but 500" "[{$modify,'do':'fail','status':500,'code':'InternalError','times':-1}]" InternalError
is "never anything but 500: a bounded number of calls" "$(calls)" ${before}IRMRMRMRMRR
like "never anything but 500: who has no access" "$out" "^missing: $friend\$"
fails "an account that does not exist" "[]" 'accounts does not exist' $friend 9990000000000001
is "an account that does not exist: nobody else got it" "$(calls) $(receivers)" "${before}IRMR "
like "an account that does not exist: missing" "$out" '^missing: 9990000000000001$'
fails "the own account, where the cloud tells nobody who asks" "[{'action':'GetCallerIdentity','do':'fail','status':403,'code':'Forbidden.RAM'}]" 'leave it out' 1000000000000001
fails "too many" "[]" QuotaExceed $(seq 1100000000000001 1100000000000055)
is "too many: five batches fit, and are told" "$(receivers | wc -w) $(grep -c ^added: <<<"$out") $(grep -c ^missing: <<<"$out")" "50 50 5"
fails "success that did nothing" "[{$modify,'do':'lie'}]" "still this account has no access .*: $friend\$"
fails "one account left out silently" "[{$modify,'do':'forget'}]" "still this account has no access .*: $other\$" $friend $other
like "left out: what is there" "$out" "^added:   $friend\$"
like "left out: what is not" "$out" "^missing: $other\$"
share --account $friend --account $other
is "left out: running it again sends that one" "$status $(added)" "0 $other"
fails "a stranger appears" "[{$modify,'do':'stranger','account':'6660000000000001'}]" 'account 6660000000000001 has access .* not asked for'
fails "the group all appears" "[{$list,'skip':2,'do':'patch','members':{'ShareGroups':{'ShareGroup':[{'Group':'all'}]}}}]" 'open to everybody now'
fresh "[{$modify,'do':'fail','status':403,'code':'Forbidden.RAM'}]"
share --account $friend --json
is "as JSON: exit 3" "$status" 3
is "as JSON: missing, not verified, an error" \
  "$(field - missing) $(field - verified) $(field - error | sed -n 1p | cut -d' ' -f1-4)" \
  "['$friend'] False ModifyImageSharePermission failed with Forbidden.RAM"

for answer in "'body':''" "'body':'hello'" "'body':'{}'" "'body':'{','repeat':100000" "'body':'x','repeat':5000000"; do
  fails "nonsense to the change ($answer)" "[{$modify,'do':'raw',$answer}]" 'ModifyImageSharePermission: |is too large'
  is "nonsense to the change ($answer): not repeated, looked at" "$(calls)" ${before}IRMR
  like "nonsense to the change ($answer): what is there now" "$out" "^added:   $friend\$"
  is "nonsense to the change ($answer): unknown on record" \
    "$(ledger '[x["detail"]["outcome"] for x in l if x["kind"]=="call-end"][6]')" unknown
  fails "nonsense about the image ($answer)" "[{'action':'DescribeImages','do':'raw',$answer}]" 'DescribeImages: |is too large'
  is "nonsense about the image ($answer): no further call" "$(calls)" I
  fails "nonsense about the receivers ($answer)" "[{$list,'do':'raw',$answer}]" 'DescribeImageSharePermission: |is too large'
  is "nonsense about the receivers ($answer): no further call" "$(calls)" IR
done
fails "nonsense when reading back" "[{$list,'skip':2,'times':-1,'do':'raw','body':'hello'}]" 'the image was shared, and that could not be verified'
fails "headers without end" "[{'action':'DescribeImages','do':'headers','count':1000}]" 'is too large'
over "many headers" "[{'action':'*','do':'headers','count':40}]" ${before}IRMR
fails "a redirect" "[{'action':'DescribeImages','do':'redirect','location':'http://127.0.0.1:1/'}]" 'HTTP 302'

wait $lonely
is "nobody answers: exit 3" "$?" 3
like "nobody answers: said" "$(<.lonely)" 'no answer from 127.0.0.1:1'

# --- the machine stops in the middle ---
killed() { # NAME RULE RECEIVERS-AFTER: kill -9 while the cloud holds its answer to the change back
  fresh "[{$modify,$2}]"
  "$IMGVET" share r.json $where --account $friend --yes >"$work/.killed" 2>&1 &
  local victim=$!
  for _ in $(seq 200); do
    [ "$(ledger '[x["detail"].get("call", "")[:6] for x in l][-1:]')" = "['Modify']" ] && break
    sleep 0.05
  done
  for _ in $(seq 100); do [ "$(receivers)" = "$3" ] && break; sleep 0.05; done
  kill -9 $victim
  wait $victim 2>/dev/null
  is "$1: who has it" "$(receivers)" "$3"
  run "$IMGVET" log
  is "$1: the log is whole" "$status" 0
  like "$1: the log marks the open call" "$out" '!! OPEN CALL'
  like "$1: and warns" "$err" 'warning: 1 call began and never ended'
  is "$1: it is the change" "$(ledger '[x["detail"]["call"].split()[0] for x in l if x["open"]]')" "['ModifyImageSharePermission']"
  is "$1: for whom is on record" "$(ledger '[x["detail"]["accounts"] for x in l if x["open"]]')" "[['$friend']]"
}
killed "killed after the cloud acted" "'do':'hold-after'" $friend
control /_script "[]" >.state
share --account $friend
is "run again: exit 0, nothing to change" "$status $(calls)" "0 ${before}IR"
killed "killed before the cloud acted" "'do':'delay','ms':600000" ""
fresh
share --account $friend
is "run again: exit 0, shared" "$status $(calls) $(receivers)" "0 ${before}IRMR $friend"

# --- the ledger ---
for bad in "$work/r.json/ledger.db" "$work" "$work/r.json"; do
  fresh
  share --account $friend --ledger "$bad"
  is "a ledger that cannot be (${bad#"$work"}): exit 3, not a request" "$status $(calls)" "3 "
  like "a ledger that cannot be (${bad#"$work"}): named" "$err" "^imgvet: error: ${bad%/ledger.db}: "
done
cat >guard <<'PY'
import os, sqlite3, sys
db = sqlite3.connect(os.environ["IMGVET_LEDGER"])
db.execute(f"""CREATE TRIGGER full BEFORE INSERT ON ledger WHEN NEW.kind = '{sys.argv[1]}'
               BEGIN SELECT RAISE(ABORT, 'the disk is full'); END""")
db.commit()
PY
guard() { "$PYTHON" guard "$1"; } # KIND: from now on the ledger takes no line of that kind
fresh
when_asked="$PYTHON guard call-begin"
terminal yes --account $friend
is "no line before the call: exit 3, no further request" "$status $(calls)" "3 $before"
like "no line before the call: said" "$out" 'error: no call was made, because it could not be recorded: .*the disk is full'
fresh
when_asked="$PYTHON guard call-end"
terminal yes --account $friend
is "no line after a call: exit 3, no further one" "$status $(calls)" "3 ${before}I"
like "no line after a call: said" "$out" 'error: the call DescribeImages .* was made \(it succeeded\), and its end could not be recorded'
is "no line after a call: it stays open" "$("$IMGVET" log --json 2>/dev/null | grep -c '"open": *true')" 1
unset when_asked

fresh "[{$list,'skip':1,'do':'hold-after'}]"
"$IMGVET" share r.json $where --account $friend --yes >"$work/.late" 2>&1 &
victim=$!
for _ in $(seq 200); do [ "$(calls)" = ${before}IR ] && break; sleep 0.05; done
guard call-begin
control /_script "[]" >.state
wait $victim
is "the ledger fails just before the change: exit 3, no change" "$? $(calls) $(receivers)" "3 ${before}IR "
fresh "[{$modify,'do':'hold-after'}]"
"$IMGVET" share r.json $where --account $friend --yes >"$work/.late" 2>&1 &
victim=$!
for _ in $(seq 200); do [ "$(calls)" = ${before}IRM ] && break; sleep 0.05; done
guard call-end
control /_script "[]" >.state
wait $victim
is "the ledger fails just after the change: exit 3" "$?" 3
like "the ledger fails just after the change: said" "$(<.late)" 'the call Modify.* was made \(it succeeded\), and its end could not be recorded'

# --- nobody can read the outcome ---
fresh
"$IMGVET" share r.json $where --account $friend --yes >/dev/full 2>.full
is "the verdict cannot be shown: exit 3, not a request" "$? $(calls)" "3 "
like "the verdict cannot be shown: said" "$(<.full)" 'cannot write to standard output'
fresh
"$IMGVET" share r.json $where --account $friend --yes --json >/dev/full 2>.full
is "the outcome cannot be shown: exit 3 although shared" "$? $(receivers)" "3 $friend"
is "the outcome cannot be shown: it is on record" "$(kinds)" "verdict $(pairs 9)"
done_testing
