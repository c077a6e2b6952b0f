#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The demo tells the whole story, and each planted leftover is found.
. "$TOP/tests/lib.sh"

# In a copy of the parts it uses, so that the checkout's build folder stays as it is.
mkdir -p "$work/checkout/build" "$work/checkout/tests"
ln -s "$TOP/samples" "$work/checkout/samples"
ln -s "$TOP/rules" "$work/checkout/rules"
ln -s "$TOP/tests/cloud" "$work/checkout/tests/cloud"
cp "$IMGVET" "$work/checkout/build/imgvet"
cd "$work/checkout" || exit
run env BUILD=build bash samples/demo.sh
is "the demo ends well" "$status" 0
[ "$status" = 0 ] || sed 's/^/# /' "$work/.err"
demo=$work/checkout/build/demo

like "every planted leftover was found" "$out" '^([0-9]+) of \1 planted leftovers were found$'
like "a finding is shown in free space" "$out" 'p2 free space \(byte [0-9]+ of the disk\)'
like "the gate says no to the first disk" "$out" '^verdict: no, for [0-9]+ reasons$'
like "nothing was shared then" "$out" '^The cloud got no call\.$'
like "the gate says yes to the clean one" "$out" '^verdict: yes, fsverity-sha256:[0-9a-f]{64} may be shared$'
like "the gate names what was cleared" "$out" '^ +yes .* is cleared by ada@example\.org until 2099-12-31'
like "a stranger is refused" "$out" 'no +the policy does not list the account 6543210987654321'
like "the share is verified" "$out" '^shared: m-bp1new[0-9]+ in cn-hangzhou, verified$'
like "the cloud has it" "$out" '^m-bp1new[0-9]+ is shared with 1234567890123456$'
like "the image id is proven" "$out" '^  yes   the image id m-bp1new[0-9]+ is proven: '
like "the ledger has the call" "$out" 'call=ModifyImageSharePermission'
unlike "no colour without a terminal" "$out" $'\e'
unlike "no clearance is idle" "$out" 'has no effect'
unlike "no error on the way" "$err" 'error:|hint:|Traceback'

# The same list again, by code that is not the demo's.
check() {
  "$PYTHON" - "$@" <<'PY'
import json, sys
findings = json.load(open(sys.argv[2]))["findings"]
rows = [l.rstrip("\n").split("\t") for l in open(sys.argv[1]) if l[0] != "#"]
assert len(rows) >= 15 and all(len(r) == 3 for r in rows), rows
for path, rule, severity in rows:
    hit = [f for f in findings if f["rule"] == rule and f["severity"] == severity and
           (f["path"] == path if path != "-" else f["path"] is None and f["place"] == "free")]
    print("found" if hit else "MISSED", path, rule, severity)
PY
}
run check samples/image/leftovers.tsv "$demo/shop.json"
is "the list can be read" "$status" 0
unlike "no leftover was missed" "$out" '^MISSED'

# No file of the leftovers is without a line, and every line has its file.
listed=$(grep -v '^#' samples/image/leftovers.tsv | cut -f1 | grep -v '^-' | sort -u)
planted=$( (cd samples/image/leftovers && find . -type f | sed 's/^\.//'
  echo /etc/ssh/ssh_host_ed25519_key; echo /root/.ssh/id_ed25519) | sort)
is "each planted file stands in the list" "$listed" "$planted"

# The raw secrets stand nowhere in what the demo keeps.
secrets=$(grep -rhoE '(Inv3nted|LTAI|AKIA|ghp_)[A-Za-z0-9/+.-]{10,}' samples/image/leftovers samples/image/deleted)
ok "there are secrets to look for" [ "$(wc -l <<<"$secrets")" -ge 12 ]
leaks=$(grep -rlaF --exclude='*.qcow2' -e "$secrets" "$demo")
is "no report, ledger or log has a secret" "$leaks" ""

# Same in, same out.
samples/build-disk.sh again.qcow2
ok "the same call makes the same disk" cmp -s again.qcow2 "$demo/shop.qcow2"
run samples/build-disk.sh
is "build-disk.sh without a name is wrong usage" "$status" 2
run samples/planted.py samples/image/leftovers.tsv "$demo/clean.json"
is "the clean disk has none of them" "$status $(tail -1 <<<"$out" | cut -d' ' -f1)" "1 0"
done_testing
