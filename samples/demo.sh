#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# demo.sh - the main job, end to end, on the sample disk.  Run it as make demo.
#
#   BUILD=build samples/demo.sh
#
# Each command is printed before it runs, as a user would type it in the checkout.  Everything that
# it writes, keys and ledger too, goes to $BUILD/demo; the cloud is a stand-in on 127.0.0.1.
set -eu
cd "$(dirname "$0")/.."
BUILD=${BUILD:-build}
demo=$BUILD/demo
image=m-bp1imgvetdemo001
friend=1234567890123456 stranger=6543210987654321
started=$SECONDS
standin=

finish() {
	status=$?
	[ -z "$standin" ] || kill "$standin" 2>/dev/null || true
	[ "$status" = 0 ] || echo "demo: stopped at the step above (exit code $status)" >&2
}
trap finish EXIT

bold= plain=
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\e[1m' plain=$'\e[0m'; fi

# say TEXT: what the next commands are about.
say() { printf '\n%s# %s%s\n' "$bold" "$1" "$plain"; }

# run WANT COMMAND: print the command, run it, and insist on its exit code.
run() {
	local want=$1 got=0
	printf '\n%s$ %s%s\n' "$bold" "$2" "$plain"
	eval "$2" || got=$?
	[ "$got" = 0 ] || echo "[exit code $got]"
	[ "$got" = "$want" ] || { echo "demo: exit code $got, expected $want" >&2; exit 1; }
}

# fingerprint_of REPORT PATH: of the one finding in that file.
fingerprint_of() {
	/usr/bin/env python3 -c '
import json, sys
found = [f["fingerprint"] for f in json.load(open(sys.argv[1]))["findings"] if f.get("path") == sys.argv[2]]
sys.exit(f"demo: {len(found)} findings in {sys.argv[2]}, expected 1") if len(found) != 1 else print(found[0])
' "$1" "$2"
}

# image_of ORIGIN: the image that an origin record is about.
image_of() {
	/usr/bin/env python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["image_id"])' "$1"
}

start_standin() {
	python3 tests/cloud/standin.py --port-file "$demo/port" --state "$demo/cloud.json" --log "$demo/calls.log" &
	standin=$!
	for _ in $(seq 100); do
		[ ! -s "$demo/port" ] || break
		sleep 0.1
	done
	port=$(cat "$demo/port")
}

rm -rf "$demo"
mkdir -p "$demo"
home=$(cd "$demo" && pwd)
PATH=$(cd "$BUILD" && pwd):$PATH
export XDG_CONFIG_HOME=$home/config XDG_DATA_HOME=$home/data
unset IMGVET_KEY IMGVET_LEDGER ALIBABA_CLOUD_SECURITY_TOKEN
echo "Everything here goes to $demo, and your own keys and ledger are not touched:"
echo "  PATH=$BUILD:\$PATH XDG_CONFIG_HOME=$demo/config XDG_DATA_HOME=$demo/data"

say "1. A disk as a careless build leaves it: GPT, BIOS boot, an ext4 root with leftovers."
run 0 "samples/build-disk.sh $demo/shop.qcow2"
run 0 "qemu-img info $demo/shop.qcow2"

say "2. Scan it.  The salt of the clearances file makes the fingerprints comparable."
run 0 "cp samples/clearances.yml $demo/clearances.yml"
run 1 "imgvet scan $demo/shop.qcow2 --clearances $demo/clearances.yml -o $demo/shop.json"
run 0 "samples/planted.py samples/image/leftovers.tsv $demo/shop.json"

say "3. May it leave the house?  The gate says no, with every reason."
run 1 "imgvet gate $demo/shop.json --policy samples/policies/demo.yml"

say "4. Some findings are meant to be there.  The clearances file has one; accept the other."
run 0 "imgvet clear $demo/shop.json $(fingerprint_of "$demo/shop.json" /usr/share/doc/shop-api/README) \\
    --reason 'token of the manual, its signature is invented' \\
    --by ada@example.org --expires 2099-12-31 --clearances $demo/clearances.yml"
run 0 "cat $demo/clearances.yml"

say "5. The rest still blocks, so nothing is shared: the cloud is not even asked."
start_standin
export ALIBABA_CLOUD_ACCESS_KEY_ID=imgvet-demo-key-id
export ALIBABA_CLOUD_ACCESS_KEY_SECRET=imgvet-demo-secret-that-opens-nothing
echo "(A stand-in of the ECS API listens on 127.0.0.1:$port; its invented credentials are in the environment.)"
run 1 "imgvet share $demo/shop.json --image-id $image --region cn-hangzhou --account $friend \\
    --policy samples/policies/demo.yml --clearances $demo/clearances.yml \\
    --endpoint http://127.0.0.1:$port --yes"
run 0 "test ! -e $demo/calls.log && echo 'The cloud got no call.'"

say "6. Clean up: build the disk without the leftovers, make a cloud image of it, and scan it."
run 0 "samples/build-disk.sh $demo/clean.qcow2 --clean"
run 0 "imgvet publish $demo/clean.qcow2 --image-name shop-1.4 --region cn-hangzhou --bucket imgvet-demo-bucket \\
    --endpoint http://127.0.0.1:$port"
image=$(image_of "$demo/clean.qcow2.origin.json")
echo "(The signed record $demo/clean.qcow2.origin.json says that $image holds these bytes; the scan takes it along.)"
run 1 "imgvet scan $demo/clean.qcow2 --clearances $demo/clearances.yml -o $demo/clean.json"

say "7. What is left was cleared: the gate says yes."
run 0 "imgvet gate $demo/clean.json --policy samples/policies/demo.yml --clearances $demo/clearances.yml"

say "8. Share it: the record proves which image was scanned.  An account that the policy does not name is refused; the named one is not."
run 1 "imgvet share $demo/clean.json --image-id $image --region cn-hangzhou --account $stranger \\
    --policy samples/policies/demo.yml --clearances $demo/clearances.yml \\
    --endpoint http://127.0.0.1:$port --yes"
run 0 "imgvet share $demo/clean.json --image-id $image --region cn-hangzhou --account $friend \\
    --policy samples/policies/demo.yml --clearances $demo/clearances.yml \\
    --endpoint http://127.0.0.1:$port --yes"

say "9. Verify: what the cloud was asked, who has the image now, and what the ledger keeps."
run 0 "grep -o '\"action\": \"[A-Za-z]*\"' $demo/calls.log"
run 0 "python3 -c 'import json
for i in json.load(open(\"$demo/cloud.json\"))[\"images\"]:
    if i[\"ImageId\"] == \"$image\": print(i[\"ImageId\"], \"is shared with\", *i[\"accounts\"])'"
run 0 "imgvet log"

say "Shown in $((SECONDS - started)) s: a scan that found every planted leftover, a gate that said no and then yes,"
echo "# a share call made and read back, and the record of it all.  Look around in $demo."
