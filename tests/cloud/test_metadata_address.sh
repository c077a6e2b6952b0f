#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The role of the instance at the metadata service's true address, which nothing was said about: in a
# network of its own, so that it is there.
if [ "${1-}" != inside ]; then
  if unshare -n sh -c 'ip link set lo up && ip addr add 100.100.100.200/32 dev lo' 2>/dev/null; then
    exec unshare -n "$BASH" "$0" inside
  fi
  echo "ok 1 - the metadata service's true address # SKIP no right to make a network namespace here"
  echo 1..1
  exit 0
fi
ip link set lo up
ip addr add 100.100.100.200/32 dev lo
. "$TOP/tests/lib.sh"
. "$TOP/tests/reports.sh"
. "$TOP/tests/cloud/share.sh"
unset "${!ALIBABA_CLOUD_@}"
export HOME=$work/home
control /_set "{'metadata':{'role':'imgvet-demo-role','demand':true}}" >"$work/.state"
whoami() { run env "$@" "$IMGVET" whoami --endpoint "sts=$url"; keep; }

whoami
is "nobody at that address: exit 2" "$status" 2
"$PYTHON" "$TOP/tests/cloud/relay.py" 100.100.100.200 "$port" "$work/ready" &
relay=$!
trap 'kill $standin $relay 2>/dev/null; rm -rf "$work"' EXIT
for _ in $(seq 100); do [ -e "$work/ready" ] && break; sleep 0.1; done
whoami
is "the service is there: exit 0" "$status" 0
like "the instance's role" "$out" '^name: .*assumed-role/imgvet-demo-role/'
like "a token was asked for" "$(<"$work/calls.log")" '"metadata:Token"'
whoami http_proxy=http://127.0.0.1:1 HTTP_PROXY=http://127.0.0.1:1 ALL_PROXY=http://127.0.0.1:1 all_proxy=http://127.0.0.1:1
is "never through a proxy" "$status" 0
whoami ALIBABA_CLOUD_ECS_METADATA_DISABLED=true
is "switched off: exit 2" "$status" 2
: >"$work/calls.log"
control /_set "{'metadata':{'role':'imgvet-demo-role','demand':false}}" >"$work/.state"
control /_script "[{'action':'metadata:Token','times':-1,'do':'fail','status':404,'code':'NotFound'}]" >"$work/.state"
whoami
is "no tokens are given out: version 1" "$status" 0
whoami ALIBABA_CLOUD_IMDSV1_DISABLED=true
is "version 1 switched off: exit 2" "$status" 2
ok "nothing shown that is secret" [ -z "$(grep -rlE 'imgvet-demo/[0-9a-f]{60}' "$work/seen")" ]
done_testing
