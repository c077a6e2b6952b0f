#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# imgvet share looks at where the calls would go before anything happens or goes on record.
. "$TOP/tests/lib.sh"
. "$TOP/tests/reports.sh"
. "$TOP/tests/cloud/share.sh"
cd "$work" || exit

fresh
elsewhere() { # NAME REGEX ENDPOINT
  for option in --yes --json; do # the second is nowhere confirmed
    run "$IMGVET" share r.json --image-id $image --region cn-hangzhou --account $friend --endpoint "$3" $option
    keep
    is "$1, $option: exit 2" "$status" 2
    like "$1, $option: explained" "$err" "^imgvet: error: .*$2"
    is "$1, $option: no verdict" "$out" ""
  done
}
elsewhere "plain http to another host" 'plain http to a host that is not this machine' http://192.0.2.1
elsewhere "a host that begins like loopback" 'plain http to a host' http://127.0.0.1.example.org
elsewhere "a name that begins like loopback" 'plain http to a host' http://localhost.example.org
elsewhere "a password before the host" 'https://HOST' https://ada:imgvet-demo-password@127.0.0.1:9
elsewhere "a path" 'https://HOST' "$url/path"
elsewhere "a query" 'https://HOST' "$url/?x=y"
elsewhere "another protocol" 'https://HOST' ftp://127.0.0.1
elsewhere "no URL" 'not a URL' 'http://[::1'
is "nothing was sent" "$(calls)" ""
ok "nothing is on record" [ ! -e "$IMGVET_LEDGER" ]
is "the password stands nowhere" "$(grep -rl imgvet-demo-password seen)" ""

# The other operands: before the verdict, too.
for row in "--image-id m-1;rm an image id" "--region ../evil a region" "--account ada an account id"; do
  read -r option value why <<<"$row"
  share --account $friend "$option" "$value"
  is "$option $value: exit 2, nothing sent" "$status $(calls)" "2 "
  like "$option $value: explained" "$err" "not $why"
done
share --account $friend --policy nowhere.yml
ok "no policy, no share" [ "$status" -ge 2 -a -z "$(calls)" ]
share --account $friend --ledger r.json/l.db
is "no ledger, no share" "$status $out$(calls)" "3 "
done_testing
