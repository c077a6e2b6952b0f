#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The options of every verb that talks to a cloud: --deadline, --debug-http, --endpoint SERVICE=URL.
. "$TOP/tests/lib.sh"
. "$TOP/tests/reports.sh"
. "$TOP/tests/cloud/share.sh"
cd "$work" || exit

for bad in "" 0 -1 x 10d 1.5h 169h 99999999999999999999; do
  share --account $friend --deadline "$bad"
  is "--deadline '$bad': exit 2, nothing sent" "$status $(calls)" "2 "
done
like "--deadline: how to write it" "$err" '90s, 10m, 2h'
for good in 60 60s 2m 1h; do
  fresh
  share --account $friend --deadline $good
  is "--deadline $good: shared" "$status $(receivers)" "0 $friend"
done

# Throttled for ever: the deadline ends it, long before the attempts of a call would.
fresh "[{'action':'DescribeImageSharePermission','do':'throttle','times':-1,'wait_ms':300}]"
share --account $friend --deadline 2
is "--deadline 2 under throttling: exit 3, nothing changed" "$status $(receivers)" "3 "
unlike "--deadline 2 under throttling: no change was tried" "$(calls)" M

fresh
share --account $friend --debug-http
is "--debug-http: exit 0" "$status" 0
like "--debug-http: what was asked" "$err" '^imgvet: http: > POST http://127.0.0.1.*ImageId=m-bp1imgvetdemo001'
like "--debug-http: what was answered" "$err" '^imgvet: http: < 200'
for secret in $ALIBABA_CLOUD_ACCESS_KEY_SECRET $ALIBABA_CLOUD_ACCESS_KEY_ID 'Signature=[0-9a-f]{64}'; do
  unlike "--debug-http: no secret ($secret)" "$err" "$secret"
done

fresh
run "$IMGVET" share r.json --image-id $image --region cn-hangzhou --yes --account $friend --endpoint "ecs=$url" \
  --endpoint "sts=$url" --endpoint "ram=$url" --endpoint "kms=$url"
is "--endpoint ecs=URL: shared" "$status $(receivers)" "0 $friend"
run "$IMGVET" share r.json --image-id $image --region cn-hangzhou --yes --account $friend --endpoint "nosuch=$url"
is "--endpoint for an unknown service: exit 2" "$status" 2
like "--endpoint for an unknown service: which there are" "$err" 'one of: ecs, sts'
run "$IMGVET" share r.json --image-id $image --region cn-hangzhou --yes --account $friend --endpoint "sts=http://192.0.2.1"
is "--endpoint sts=http elsewhere: exit 2" "$status" 2
done_testing
