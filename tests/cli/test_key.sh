#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# imgvet key: the public half of the signing key, as a policy takes it.
. "$TOP/tests/lib.sh"
. "$TOP/tests/reports.sh"
cd "$work" || exit
mkdir clean
echo hello >clean/motd

run "$IMGVET" key
is "the first use makes a key" "$status" 0
like "in one line" "$out" '^ed25519:[A-Za-z0-9+/]{43}=$'
is "only in one" "$(wc -l <<<"$out")" 1
own=$out file=$XDG_CONFIG_HOME/imgvet/signing.key
like "where is said on stderr" "$err" "^imgvet: $file: made a new signing key|^$file: made a new signing key"
is "for nobody else to read" "$(stat -c %a "$file") $(stat -c %a "${file%/*}")" "600 700"
like "it is PKCS#8" "$(head -1 "$file")" '^-----BEGIN PRIVATE KEY-----$'
run "$IMGVET" key
is "the second use shows the same" "$status $out $err" "0 $own "
is "openssl sees the same public half" \
  "ed25519:$(openssl pkey -in "$file" -pubout -outform DER | tail -c 32 | base64)" "$own"
unlike "the private half is not shown" "$out$err" "$(sed -n 2p "$file" | tail -c 20)"

run "$IMGVET" key --key a.key
first=$out
run env IMGVET_KEY=a.key "$IMGVET" key
is "the environment names a key" "$out" "$first"
run env IMGVET_KEY=a.key "$IMGVET" key --key b.key
ok "the option comes first" [ "$status" = 0 -a "$out" != "$first" -a "$out" != "$own" -a -e b.key ]
openssl genpkey -algorithm ed25519 -out made.key
chmod 600 made.key
run "$IMGVET" key --key made.key
is "a key made by openssl will do" "$status $out" \
  "0 ed25519:$(openssl pkey -in made.key -pubout -outform DER | tail -c 32 | base64)"

# what it prints is what a policy takes
report clean report.json --key a.key
is "it signs" "$?" 0
run "$IMGVET" gate report.json
is "elsewhere that is a stranger" "$status" 1
printf 'trusted_keys:\n  - %s\n' "$first" >policy.yml
run "$IMGVET" gate report.json --policy policy.yml
is "until the policy lists it" "$status" 0
run env IMGVET_KEY=a.key "$IMGVET" gate report.json
is "or it is one's own" "$status" 0

# --- keys that are none ---
refused() { # NAME FILE STATUS REGEX
  run "$IMGVET" key --key "$2"
  is "$1: exit $3" "$status" "$3"
  is "$1: no key printed" "$out" ""
  like "$1: says why" "$err" "^imgvet: error: $2: .*$4"
  run "$IMGVET" scan clean.raw --key "$2" -o signed.json
  is "$1: a scan does not begin" "$status$(ls signed.json 2>/dev/null)" "$3"
}
disk clean clean.raw
for mode in 640 604 620 602 644; do
  cp a.key open.key
  chmod $mode open.key
  refused "mode $mode" open.key 2 "others may read or change the signing key \\(mode 0$mode\\)"
  like "mode $mode: and what to do" "$err" '^imgvet: hint: .*chmod 600 open\.key'
done
openssl genpkey -algorithm rsa -pkeyopt rsa_keygen_bits:1024 -out rsa.key 2>/dev/null
chmod 600 rsa.key
refused "an RSA key" rsa.key 2 'Ed25519|ed25519'
openssl pkey -in a.key -pubout -out pub.key
chmod 600 pub.key
refused "a public key" pub.key 2 ''
openssl pkcs8 -topk8 -in a.key -passout pass:invented -out locked.key
chmod 600 locked.key
refused "a key with a passphrase" locked.key 2 ''
: >empty.key
chmod 600 empty.key
refused "an empty file" empty.key 2 ''
head -c 100000 /dev/zero >zero.key
chmod 600 zero.key
refused "a large file" zero.key 2 ''
mkdir -m 700 folder.key
refused "a folder" folder.key 2 'not a regular file'
mkfifo -m 600 pipe.key
refused "a pipe" pipe.key 2 'not a regular file'
run "$IMGVET" key --key clean.raw/x.key
is "a folder that cannot be: exit 3" "$status $out" "3 "
# --- the gate needs it too, where the policy names nobody else: no key to compare with is no verdict ---
wrong() { # NAME STATUS REGEX HINT COMMAND...
  local name=$1 code=$2 why=$3 hint=$4
  shift 4
  run "$@" gate report.json --ledger l.db
  is "a gate with $name: exit $code, no verdict" "$status $out" "$code "
  like "$name: why" "$err" "^imgvet: error: the policy lists no trusted_keys, so your own key counts: .*$why"
  like "$name: what to do" "$err" "^imgvet: hint: .*$hint"
}
wrong "a named key that is not there" 2 'nowhere\.key: there is no such key file' 'imgvet key --key nowhere\.key' \
  env IMGVET_KEY=nowhere.key "$IMGVET"
wrong "a key that is none" 2 'empty\.key: this is not an Ed25519 private key' 'trusted_keys' env IMGVET_KEY=empty.key "$IMGVET"
chmod 644 "$file"
wrong "a key that is open to all" 2 'others may read or change' 'chmod 600' "$IMGVET"
chmod 000 "$file"
drop=()
[ "$(id -u)" != 0 ] || drop=(setpriv "--bounding-set=-dac_override,-dac_read_search")
wrong "a key that cannot be read" 3 'signing\.key: cannot open the signing key: Permission denied' 'trusted_keys' \
  "${drop[@]}" "$IMGVET"
chmod 600 "$file"
mv "$file" away.key
mkdir -m 700 "$file"
wrong "a folder in its place" 2 'not a regular file' 'trusted_keys' "$IMGVET"
ok "none of this is a verdict on record" [ ! -e l.db ]
run "$IMGVET" gate report.json --policy policy.yml
is "where the policy lists keys, one's own is not read" "$status" 0
rmdir "$file"
run "$IMGVET" gate report.json
is "without a key of one's own the signer is a stranger" "$status" 1
mv away.key "$file"
run "$IMGVET" key operand
is "an operand is wrong usage" "$status" 2
done_testing
