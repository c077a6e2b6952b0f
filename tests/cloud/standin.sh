# SPDX-License-Identifier: GPL-3.0-or-later
# tests/cloud/standin.sh - a stand-in of the cloud at $url: source it after lib.sh.
#
#   start_standin OPTION...   of standin.py; it ends with the test
#   control PATH BODY         steer it (standin.py says how), with ' for "; prints the answer's body
#   $modify, $list            how a script names the two calls of a share
#
# The credentials in the environment are the stand-in's.  What a test prints, and each ledger of it, is
# kept in seen/ ($kept of them), for a look for secrets at the end.
export ALIBABA_CLOUD_ACCESS_KEY_ID=imgvet-demo-key-id
export ALIBABA_CLOUD_ACCESS_KEY_SECRET=imgvet-demo-secret-that-opens-nothing
unset ALIBABA_CLOUD_SECURITY_TOKEN
export IMGVET_LEDGER=$work/ledger.db
mkdir "$work/seen"
kept=0
modify="'action':'ModifyImageSharePermission'"
list="'action':'DescribeImageSharePermission'"

start_standin() {
  "$PYTHON" "$TOP/tests/cloud/standin.py" --port-file "$work/port" --log "$work/calls.log" "$@" &
  standin=$!
  trap 'kill $standin 2>/dev/null; rm -rf "$work"' EXIT
  for _ in $(seq 300); do [ -s "$work/port" ] && break; sleep 0.1; done
  port=$(<"$work/port")
  url=http://127.0.0.1:$port
}
control() {
  local body=${2//\'/\"}
  exec 9<>"/dev/tcp/127.0.0.1/$port"
  printf 'POST %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s' "$1" "${#body}" "$body" >&9
  sed '1,/^\r$/d' <&9
  exec 9>&-
}
