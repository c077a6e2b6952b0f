#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# imgvet whoami: credentials are found where the official tools find them, in their order, renewed in
# time, and never shown.
. "$TOP/tests/lib.sh"
. "$TOP/tests/reports.sh"
. "$TOP/tests/cloud/share.sh"
cd "$work" || exit
id=$ALIBABA_CLOUD_ACCESS_KEY_ID secret=$ALIBABA_CLOUD_ACCESS_KEY_SECRET
user_id=imgvet-demo-user-id user_secret=imgvet-demo-user-secret-that-opens-nothing
sts_id=imgvet-demo-sts-id sts_secret=imgvet-demo-sts-secret-that-opens-nothing
sts_token=imgvet-demo/token+that=opens==nothing
role=acs:ram::1000000000000001:role/imgvet-demo-role
export HOME=$work/home
mkdir -p "$HOME/.aliyun" "$HOME/.alibabacloud"

clear_all() {
  unset "${!ALIBABA_CLOUD_@}" ALICLOUD_ACCESS_KEY ALICLOUD_SECRET_KEY SECURITY_TOKEN
  rm -f "$HOME/.aliyun/config.json" "$HOME/.alibabacloud/credentials"
  fresh "${1-[]}"
}
set_world() { control /_set "${1//\'/\"}" >"$work/.state"; }
whoami() { run "$IMGVET" whoami --endpoint "$url" "$@"; keep; }
found() { # NAME NAME-OF-IDENTITY CREDENTIALS [OPTION...]
  local name=$1 who=$2 origin=$3
  shift 3
  whoami "$@"
  is "$name: exit 0" "$status" 0
  like "$name: who" "$out" "^name: +acs:ram::1000000000000001:$who"
  like "$name: from where" "$out" "^credentials: +$origin"
}
none() { # NAME EXIT REGEX [OPTION...]
  local name=$1 code=$2 regex=$3
  shift 3
  whoami "$@"
  is "$name: exit $code" "$status" "$code"
  like "$name: says why" "$err" "$regex"
  is "$name: nothing claimed" "$out" ""
}
config() { printf '%s' "${1//\'/\"}" >"$HOME/.aliyun/config.json"; }
profile() { config "{'current':'p','profiles':[{'name':'other','mode':'AK','access_key_id':'$user_id','access_key_secret':'$user_secret'},{'name':'p',$1}]}"; }

# --- nothing, and the environment ---
clear_all
none "nothing anywhere" 2 'no credentials for Alibaba Cloud'
like "nothing anywhere: what to do" "$err" 'ALIBABA_CLOUD_ACCESS_KEY_ID'
like "nothing anywhere: the last place asked" "$err" "the instance's role: the instance has no role"
export ALIBABA_CLOUD_ACCESS_KEY_ID=$id ALIBABA_CLOUD_ACCESS_KEY_SECRET=$secret
found "environment" root ALIBABA_CLOUD_ACCESS_KEY_ID
like "environment: account" "$out" '^account: +1000000000000001$'
like "environment: no end" "$out" '^expires: +never'
profile "'mode':'AK','access_key_id':'$user_id','access_key_secret':'$user_secret'"
found "environment before profile" root ALIBABA_CLOUD_ACCESS_KEY_ID
found "a named profile before the environment" user/ 'profile other of' --profile other
unset ALIBABA_CLOUD_ACCESS_KEY_SECRET
none "half a key is not passed by" 2 'ALIBABA_CLOUD_ACCESS_KEY_ID is set, but ALIBABA_CLOUD_ACCESS_KEY_SECRET is not'
clear_all
export ALIBABA_CLOUD_ACCESS_KEY_ID=$sts_id ALIBABA_CLOUD_ACCESS_KEY_SECRET=$sts_secret ALIBABA_CLOUD_SECURITY_TOKEN=$sts_token
found "a temporary key of the environment" "" ALIBABA_CLOUD_ACCESS_KEY_ID
clear_all
export ALIBABA_CLOUD_ACCESS_KEY_ID=$id ALIBABA_CLOUD_ACCESS_KEY_SECRET="$secret "
none "a blank in a secret" 2 'holds a blank'

# --- profiles of the aliyun tool ---
clear_all
profile "'mode':'AK','access_key_id':'$id','access_key_secret':'$secret','region_id':'eu-central-1'"
found "mode AK" root 'profile p of ~/.aliyun/config.json'
found "mode AK of another profile" user/ 'profile other of' --profile other
export ALIBABA_CLOUD_PROFILE=other
found "ALIBABA_CLOUD_PROFILE" user/ 'profile other of'
unset ALIBABA_CLOUD_PROFILE
export ALIBABA_CLOUD_CLI_PROFILE_DISABLED=true
none "ALIBABA_CLOUD_CLI_PROFILE_DISABLED" 2 'no credentials'
unset ALIBABA_CLOUD_CLI_PROFILE_DISABLED
none "a profile that is not there" 2 'there is no profile nosuch' --profile nosuch
profile "'mode':'stststoken'"
none "an unknown mode" 2 "the aliyun tool's profile: profile p of .*imgvet cannot use the mode 'stststoken'"
profile "'mode':'stsTOKEN','access_key_id':'$sts_id','access_key_secret':'$sts_secret','sts_token':'$sts_token'"
found "mode StsToken, in any case of letters" "" 'profile p of'
profile "'mode':'StsToken','access_key_id':'$sts_id','access_key_secret':'$sts_secret'"
none "mode StsToken without its token" 2 'sts_token is missing' --profile p
profile "'mode':'RamRoleArn','access_key_id':'$id','access_key_secret':'$secret','ram_role_arn':'$role','ram_session_name':'night'"
found "mode RamRoleArn" assumed-role/imgvet-demo-role/night 'profile p of'
like "mode RamRoleArn: when it ends" "$out" '^expires: +20[0-9-]+T[0-9:]+Z$'
profile "'mode':'RamRoleArn','access_key_id':'$id','access_key_secret':'$secret'"
none "mode RamRoleArn without a role" 2 'ram_role_arn is missing' --profile p
profile "'mode':'ChainableRamRoleArn','source_profile':'other','ram_role_arn':'$role','ram_session_name':'night'"
whoami --profile p
is "mode ChainableRamRoleArn: exit 0" "$status" 0
profile "'mode':'ChainableRamRoleArn','source_profile':'p','ram_role_arn':'$role','ram_session_name':'night'"
none "profiles that name each other" 2 'in a circle' --profile p
for mode in CloudSSO OAuth; do
  profile "'mode':'$mode','access_key_id':'$sts_id','access_key_secret':'$sts_secret','sts_token':'$sts_token','sts_expiration':$(($(date +%s) + 600))"
  found "mode $mode while it holds" "" 'profile p of'
  profile "'mode':'$mode','access_key_id':'$sts_id','access_key_secret':'$sts_secret','sts_token':'$sts_token','sts_expiration':$(($(date +%s) - 5))"
  none "mode $mode afterwards" 2 'has expired' --profile p
done
profile "'mode':'External','process_command':'touch $work/ran'"
none "mode External is not run" 2 "imgvet cannot use the mode 'External'" --profile p
ok "mode External: no program ran" [ ! -e "$work/ran" ]
profile "'mode':'CredentialsURI','credentials_uri':'$url/_credentials'"
found "mode CredentialsURI" assumed-role/ 'profile p of'
profile "'mode':'CredentialsURI','credentials_uri':'http://192.0.2.1/secret-path'"
none "mode CredentialsURI over plain http" 2 'credentials cannot be fetched from this address' --profile p
unlike "the address is not repeated" "$err" 'secret-path|192.0.2.1'
for bad in '' '{' '[]' '"x"' '{"profiles":7,"current":"p"}' "{'current':'p','profiles':[{'name':'p'}]}" $'{"current":"p","profiles":[{"name":"p","mode":"A\xffK"}]}'; do
  config "$bad"
  none "a broken config.json (${bad:0:12})" 2 'aliyun|profile' --profile p
done
head -c 2000000 /dev/zero | tr '\0' ' ' >"$HOME/.aliyun/config.json"
none "a config.json of 2 MB" 2 'not a credentials file' --profile p
rm "$HOME/.aliyun/config.json"
mkfifo "$HOME/.aliyun/config.json"
none "a config.json that is a pipe" 2 'not a credentials file' --profile p

# --- OIDC ---
clear_all
printf 'imgvet-demo-oidc-token\n' >token
export ALIBABA_CLOUD_OIDC_TOKEN_FILE=$work/token ALIBABA_CLOUD_OIDC_PROVIDER_ARN=acs:ram::1000000000000001:oidc-provider/imgvet-demo
none "OIDC without a role" 2 'an OIDC token: an OIDC role needs'
export ALIBABA_CLOUD_ROLE_ARN=${role%role}oidc-role
found "OIDC" assumed-role/imgvet-demo-oidc-role/imgvet ALIBABA_CLOUD_OIDC_TOKEN_FILE
export ALIBABA_CLOUD_OIDC_TOKEN_FILE=$work/nosuch
none "OIDC without its file" 2 "the token's file is not there"
printf 'wrong' >wrong
export ALIBABA_CLOUD_OIDC_TOKEN_FILE=$work/wrong
none "OIDC with a wrong token" 3 'an OIDC token: AssumeRoleWithOIDC failed with'

export ALIBABA_CLOUD_OIDC_TOKEN_FILE=$work/token
control /_script "[{'action':'AssumeRoleWithOIDC','do':'fail','code':'Odd','message':'is it imgvet-demo-oidc-token?'}]" >"$work/.state"
none "a service that repeats the token" 3 'AssumeRoleWithOIDC failed with Odd'
unlike "a service that repeats the token: we do not" "$err" 'imgvet-demo-oidc-token'

# --- the SDKs' file ---
clear_all
ini() { printf '%s\n' "$@" >"$HOME/.alibabacloud/credentials"; }
ini '; a remark' '# another' '[default]' 'type = access_key' "access_key_id = $id" "access_key_secret=$secret" '[user]' "access_key_id=$user_id" "access_key_secret = $user_secret"
found "the credentials file" root 'section default of'
export ALIBABA_CLOUD_PROFILE=user
found "another section of it" user/ 'section user of'
unset ALIBABA_CLOUD_PROFILE
mv "$HOME/.alibabacloud/credentials" elsewhere
export ALIBABA_CLOUD_CREDENTIALS_FILE=$work/elsewhere
found "ALIBABA_CLOUD_CREDENTIALS_FILE" root 'section default of'
unset ALIBABA_CLOUD_CREDENTIALS_FILE
ini '[default]' 'type = ram_role_arn' "access_key_id = $id" "access_key_secret = $secret" "role_arn = $role" 'role_session_name = day'
found "a role of the file" assumed-role/imgvet-demo-role/day 'section default of'
ini '[default]' 'type = rsa_key_pair'
none "a type of the file that is not known" 2 'cannot use the type rsa_key_pair'
profile "'mode':'AK','access_key_id':'$user_id','access_key_secret':'$user_secret'"
ini '[default]' "access_key_id = $id" "access_key_secret = $secret"
found "the profile before the file" user/ 'profile p of'

# --- the instance's role, and an address ---
clear_all
export ALIBABA_CLOUD_CREDENTIALS_URI=$url/_credentials
found "a credentials URI" assumed-role/ ALIBABA_CLOUD_CREDENTIALS_URI
set_world "{'metadata':{'role':'imgvet-demo'}}"
found "the instance's role before the URI" assumed-role/imgvet-demo/ "the instance's role \(imgvet-demo\)"
export ALIBABA_CLOUD_ECS_METADATA_DISABLED=true
found "ALIBABA_CLOUD_ECS_METADATA_DISABLED" assumed-role/ ALIBABA_CLOUD_CREDENTIALS_URI
clear_all
set_world "{'metadata':{'role':'imgvet-demo','demand':true}}"
found "a token is demanded" assumed-role/imgvet-demo/ "the instance's role"
set_world "{'metadata':{'role':'imgvet-demo','demand':false}}"
control /_script "[{'action':'metadata:Token','do':'fail','status':404,'code':'NotFound','times':-1}]" >"$work/.state"
found "no token to be had: version 1" assumed-role/imgvet-demo/ "the instance's role"
export ALIBABA_CLOUD_IMDSV1_DISABLED=true
none "no token to be had, and version 1 forbidden" 2 "the instance's role: the metadata service does not give a token"
clear_all
export ALIBABA_CLOUD_ECS_METADATA=nosuch
set_world "{'metadata':{'role':'imgvet-demo'}}"
none "a role that the instance has not" 2 "the instance's role: "

clear_all "[{'action':'metadata:Role','do':'lease','seconds':-5}]"
set_world "{'metadata':{'role':'imgvet-demo'}}"
none "credentials that are over already" 2 "the instance's role: metadata service: the credentials that it gives have expired"

# --- they expire ---
clear_all "[{'action':'metadata:Role','do':'lease','seconds':30}]"
set_world "{'metadata':{'role':'imgvet-demo'}}"
run "$IMGVET" share r.json $where --account $friend --yes
keep
is "credentials for 30 seconds: shared" "$status" 0
is "credentials for 30 seconds: fetched again only when asked for" "$(grep -c '"rule": "lease"' calls.log)" 1
is "credentials for 30 seconds: one set for the whole command" "$(grep -c '"action": "metadata:Role"' calls.log)" 1
plain=$(grep -c '"action": "metadata:Role"' calls.log)
clear_all
set_world "{'metadata':{'role':'imgvet-demo'}}"
control /_script "[{'action':'ModifyImageSharePermission','do':'expired-token'}]" >"$work/.state"
run "$IMGVET" share r.json $where --account $friend --yes
keep
is "the cloud calls them expired: new ones, then shared" "$status $(receivers)" "0 $friend"
is "the cloud calls them expired: fetched once more" "$(grep -c '"action": "metadata:Role"' calls.log)" $((plain + 1))
clear_all
set_world "{'metadata':{'role':'imgvet-demo'}}"
control /_script "[{'action':'ModifyImageSharePermission','do':'expired-token','times':-1}]" >"$work/.state"
run "$IMGVET" share r.json $where --account $friend --yes
keep
is "expired for ever: exit 3, not shared" "$status $(receivers)" "3 "

# --- output ---
clear_all
export ALIBABA_CLOUD_ACCESS_KEY_ID=$id ALIBABA_CLOUD_ACCESS_KEY_SECRET=$secret
whoami --json
is "--json" "$(field - account) $(field - kind) $(field - credentials) $(field - expires)" "1000000000000001 Account ALIBABA_CLOUD_ACCESS_KEY_ID None"
whoami extra
is "an operand: exit 2" "$status" 2
whoami --region "no region!"
is "no region: exit 2" "$status" 2
whoami --debug-http
like "--debug-http shows the call" "$err" 'http: > POST'
leaks=$(grep -rlE "$secret|$user_secret|$sts_secret|that=opens|imgvet-demo-oidc-token" seen "$HOME/../ledger.db" 2>/dev/null)
is "no secret in anything printed or recorded" "$leaks" ""
done_testing
