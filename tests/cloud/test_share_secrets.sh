#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# imgvet share and its credentials: bad ones are explained, none of them is ever shown or stored.
. "$TOP/tests/lib.sh"
. "$TOP/tests/reports.sh"
. "$TOP/tests/cloud/share.sh"
cd "$work" || exit
key_id=$ALIBABA_CLOUD_ACCESS_KEY_ID secret=$ALIBABA_CLOUD_ACCESS_KEY_SECRET
sts=imgvet-demo-sts-secret-that-opens-nothing token=imgvet-demo/token+that=opens==nothing
with() { # KEY-ID SECRET TOKEN ARG...: share with these credentials; "" is none
  local -x ALIBABA_CLOUD_ACCESS_KEY_ID=$1 ALIBABA_CLOUD_ACCESS_KEY_SECRET=$2 ALIBABA_CLOUD_SECURITY_TOKEN=$3
  shift 3
  share --account $friend "$@"
}
bad() { # NAME ID SECRET TOKEN CODE HINT
  fresh
  with "$2" "$3" "$4"
  is "$1: exit 3" "$status" 3
  like "$1: the cloud's code" "$err" "^imgvet: error: DescribeImages failed with $5 \\(HTTP 40[0-9], request IMGVET-STANDIN-"
  like "$1: what to do" "$err" "^imgvet: hint: .*$6"
  is "$1: asked once" "$(calls)" I
  is "$1: on record with its code" "$(detail -1 code)" "$5"
}
bad "a wrong secret" "$key_id" another-invented-secret "" SignatureDoesNotMatch 'the secret does not belong to the key id'
unlike "a wrong secret: what was signed is not repeated" "$err" 'StringToSign|x-acs-'
bad "an unknown key id" nobodys-key-id "$secret" "" InvalidAccessKeyId.NotFound 'the key id is not known'
bad "a temporary key without its token" imgvet-demo-sts-id $sts "" MissingSecurityToken ALIBABA_CLOUD_SECURITY_TOKEN
bad "the token of another" imgvet-demo-sts-id $sts another/invented+token InvalidSecurityToken.MismatchWithAccessKey 'does not belong to the key'

fresh
with imgvet-demo-sts-id $sts $token
is "temporary credentials: exit 0, shared" "$status $(receivers)" "0 $friend"
fresh "[{'action':'ModifyImageSharePermission','do':'echo-token'}]"
with imgvet-demo-sts-id $sts $token
is "a cloud that repeats the token: exit 3" "$status" 3
like "a cloud that repeats the token: its code is told" "$err" 'failed with Forbidden.RAM'

for action in DescribeImages ModifyImageSharePermission; do
  fresh "[{'action':'$action','do':'patch','members':{'Extra':[{'$token':1}]}}]"
  with imgvet-demo-sts-id $sts $token
  is "$action that succeeds and repeats the token: exit 3" "$status" 3
  like "$action that succeeds and repeats the token: said" "$err" "error: $action: the answer repeats the security token"
done
fresh "[{'action':'DescribeImages','do':'patch-image','members':{'ImageName':'<$token>'}}]"
with imgvet-demo-sts-id $sts $token
is "an image with the token as its name: exit 3" "$status" 3

export ALIBABA_CLOUD_ECS_METADATA_DISABLED=true
none() { # NAME REGEX: no credentials that can be used
  is "$1: exit 2, not a request" "$status $(calls)" "2 "
  like "$1: said" "$err" "$2"
}
fresh
with "" "" ""
none "no credentials" '^imgvet: error: no credentials'
like "no credentials: what to set" "$err" '^imgvet: hint: set ALIBABA_CLOUD_ACCESS_KEY_ID and'
with "$key_id" "" ""
none "half of them" 'ALIBABA_CLOUD_ACCESS_KEY_SECRET is not'
with "" "$secret" ""
none "the other half" 'ALIBABA_CLOUD_ACCESS_KEY_ID is not'
with "$key_id" "$secret"$'\n' ""
none "a line end" 'ALIBABA_CLOUD_ACCESS_KEY_SECRET holds a blank, a line end'
with "$key_id" "$secret" $'x\r\nx-acs-evil: 1'
none "a header smuggled in" 'ALIBABA_CLOUD_SECURITY_TOKEN holds'
with_none() { local -x ALIBABA_CLOUD_ACCESS_KEY_ID= ALIBABA_CLOUD_ACCESS_KEY_SECRET=; terminal "$@"; }
with_none yes --account $friend
like "on a terminal: said" "$out" '^imgvet: error: no credentials'
unlike "on a terminal: nobody is asked to confirm what cannot be done" "$out" 'Type "yes"'

# --- wrong usage ---
echo 'accounts: everybody' >broken.yml
usage() { # NAME ARG...
  local name=$1
  shift
  fresh
  run "$IMGVET" share "$@"
  keep
  is "$name: exit 2, not a request" "$status $(calls)" "2 "
}
usage "no report" $where --account $friend
usage "two reports" r.json r.json $where --account $friend
usage "no account" r.json $where
usage "an account that is a name" r.json $where --account ada
usage "an account with a parameter in it" r.json $where --account "$friend&AddAccount.2=6"
usage "an image id with a parameter in it" r.json $where --image-id 'm-x&RemoveAccount.1=5' --account $friend
usage "a region with a host in it" r.json $where --region 'x.example/' --account $friend
usage "an unknown option" r.json $where --acount $friend
usage "a policy that is none" r.json $where --account $friend --policy broken.yml

# --- what was shown and stored all along ---
fresh
cp r.json seen/
for hidden in "$secret" $sts $token another-invented-secret another/invented+token x-acs-evil; do
  ok "not shown, not in a ledger, not in the report: ${hidden:0:20}..." [ -z "$(grep -rlF -- "$hidden" seen)" ]
done
ok "there was something to look through" [ "$(ls seen/*.ledger | wc -l)" -gt 5 ]
ok "and it would have been found" grep -rqF "$friend" seen --include='*.ledger'
done_testing
