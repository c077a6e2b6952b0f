#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A question at the terminal may wait for long.  What was a yes when it was asked has to be one
# when it is answered.
. "$TOP/tests/lib.sh"
. "$TOP/tests/reports.sh"
. "$TOP/tests/cloud/share.sh"
cd "$work" || exit

printf 'max_age: 4s\nallow_asserted: true\n' >policy.yml
report clean r.json
fresh
when_asked='sleep 5.1' terminal yes --account $friend --policy policy.yml
like "it was a yes when it was asked" "$out" '^verdict: yes'
is "it is none when it is answered: exit 1" "$status" 1
like "and says why" "$out" '^imgvet: error: nothing was shared: the verdict is no longer yes: the report is [0-9]+ s old \('
is "it looked, and nothing was changed" "$(calls)" $before
is "both verdicts are on record" "$(kinds) $(detail 0 verdict) $(detail -1 verdict)" "verdict $(pairs 4) verdict yes no"

report clean r.json
fresh
terminal yes --account $friend
is "a quick answer: exit 0" "$status" 0
is "shared" "$(receivers)" $friend
is "judged twice, with four looks between, then five calls" "$(kinds)" "verdict $(pairs 4) verdict $(pairs 5)"

fresh
share --account $friend
is "with --yes: judged once" "$status $(kinds)" "0 verdict $(pairs 9)"
done_testing
