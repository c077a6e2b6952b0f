#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The stand-in of the cloud as the official Node SDK packages see it: that they work with it says that
# it speaks the real protocol, and so that imgvet, which works with it too, does.
. "$TOP/tests/lib.sh"
export SDK=$TOP/build/sdk
command -v node >/dev/null || { echo "1..0 # SKIP there is no node here"; exit; }
[ -e "$SDK/node_modules/.package-lock.json" ] || {
  echo "1..0 # SKIP the SDK packages are not here: npm or its registry was out of reach, see build/sdk/npm.log"
  exit
}
export ALIBABA_CLOUD_ACCESS_KEY_ID=imgvet-demo-key-id
export ALIBABA_CLOUD_ACCESS_KEY_SECRET=imgvet-demo-secret-that-opens-nothing
unset ${!HTTP_PROXY*} ${!http_proxy*} ${!HTTPS_PROXY*} ${!https_proxy*}

mkdir "$work/devices"
"$PYTHON" "$TOP/tests/cloud/standin.py" --port-file "$work/port" --log "$work/calls.log" --devices "$work/devices" &
standin=$!
trap 'kill $standin 2>/dev/null; rm -rf "$work"' EXIT
for _ in $(seq 300); do [ -s "$work/port" ] && break; sleep 0.1; done
STANDIN=127.0.0.1:$(<"$work/port")
export STANDIN

drive() { # DRIVER ARG...: what it tells is in $out
  run timeout 120 node "$TOP/tests/cloud/sdk/$1" "${@:2}"
  is "$*: it ends well" "$status" 0
  [ "$status" = 0 ] || echo "# $err" | head -c 2000 >&2
}
told() { sed -n "s/^$1=//p" <<<"$out"; }
check() { # a table: what it is called, what it is; $form before the names
  while read -r name want; do is "$form $name" "$(told "$name")" "$want"; done
}

form=ecs
drive ecs.mjs
check <<'TABLE'
status                200
image                 m-bp1imgvetdemo001 Available false 20 system
total                 true
added                 1234567890123456 2234567890123456
removed               2234567890123456
tagged                imgvet-digest:sha256-0f imgvet-verdict:clean
untagged              imgvet-digest:sha256-0f
regions               true
temporary             2234567890123456
wrong-secret          SignatureDoesNotMatch
wrong-token           InvalidSecurityToken.MismatchWithAccessKey
unknown-key           InvalidAccessKeyId.NotFound
no-image              InvalidImageId.NotFound
TABLE

form=identity us=acs:ram::1000000000000001
drive identity.mjs
check <<TABLE
root                  $us:root
session               $us:assumed-role/imgvet-demo-role/imgvet-demo
wrong-secret          SignatureDoesNotMatch
assumed               $us:assumed-role/imgvet-demo-role/sdk
assumed-for           15
no-role               EntityNotExist.Role
uri                   $us:assumed-role/credentials-uri/i-bp1imgvetdemo001
metadata-no-role      nothing
metadata              ecs_ram_role $us:assumed-role/sdk-role/i-bp1imgvetdemo001
metadata-token        ecs_ram_role $us:assumed-role/sdk-role/i-bp1imgvetdemo001
TABLE

for form in v1 v4; do
  drive oss.mjs $form "$work"
  check <<TABLE
put                   200
put-etag              true
get                   200
get-content           same
get-type              text/plain
range                 206 a nice bytes 5-10/37
range-beyond          200 37
head                  200 37 imgvet
head-crc              true
if-match              200
if-match-other        PreconditionFailed
path-style            same
stream                same
interrupted           cancel 2
uploads               1 disk.img true
parts                 1:102400 2:102400
complete              200 -5"
complete-content      same
complete-crc          true
uploads-left          0
aborted               NoSuchUpload
list                  disk.img:460800 images/$form a+b/ä.txt:37
list-next             whole.img false
list-old              disk.img whole.img images/
link                  true
link-bent             403
link-temporary        200
temporary             200
wrong-token           InvalidSecurityToken
no-token              InvalidAccessKeyId
wrong-secret          SignatureDoesNotMatch
unknown-key           InvalidAccessKeyId
no-bucket             NoSuchBucket
not-ours              AccessDenied
skewed                RequestTimeTooSkewed
deleted               NoSuchKey
deleted-head          NoSuchKey
left                  0
TABLE
done

form=services
drive services.mjs
check <<TABLE
role                  $us:role/imgvet-demo-role
no-role               EntityNotExist.Role
key                   Enabled
folders               fd-imgvetprod fd-imgvetdev
targets               fd-imgvetprod:Associated fd-imgvetdev:Associated
resources             m-bp1imgvetdemo001:Associated
unknown               InvalidAction.NotFound
TABLE

form=work
drive work.mjs
check <<'TABLE'
export                Processing Finished
export-object         sdk_m-bp1imgvetdemo001_system.raw.tar.gz
export-gzip           1f8b
import                Processing Finished
import-image          Available
copy                  Available
snapshot              s-bp1imgvetdemo accomplished
disk                  Available
disk-attached         In_use
disk-kept             IncorrectDiskStatus
disk-detached         Available
disk-deleted          0
TABLE

# Two parts went before the interruption and three after it: none twice.
is "parts were resumed, not sent again" "$(grep -c oss:UploadPart "$work/calls.log")" 10
is "the metadata was read without a demand for a token, and with it" \
  "$(grep -c metadata:Role\" "$work/calls.log")" 2
is "OSS calls of both signings are on record" \
  "$(grep '"oss:PutObject"' "$work/calls.log" | grep -c '"signed": true')" 7
unlike "no token and no signature in the log" "$(<"$work/calls.log")" 'opens==nothing|opens%3D|[Ss]ignature": '
done_testing
