#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A rule that is a path alone speaks for empty files as well, whatever reads them; and
# a path alone keeps no private key out of the report.
. "$TOP/tests/lib.sh"
root=$work/root keys=etc/cryptsetup-keys.d
mkdir -p "$root/$keys" "$root/usr/share/doc/x" "$root/srv/app/tests" "$root/usr/sbin"
: >"$root/$keys/empty"
truncate -s 1M "$root/$keys/holes"
printf x >"$root/$keys/inline"
printf -- '-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIEludmVudGVkIHNhbXBsZSBrZXkgZm9yIGltZ3ZldCAh\n-----END PRIVATE KEY-----\n' |
	tee "$root/usr/share/doc/x/server.key" >"$root/srv/app/tests/server.key"
# A swap file wherever it lies, and a program that only has the word.
{ head -c 4086 /dev/zero; printf SWAPSPACE2; head -c 4096 /dev/zero; } >"$root/usr/sbin/swapfile"
printf 'usage: \0SWAPSPACE2\0' >"$root/usr/sbin/swapon"
mke2fs -q -t ext4 -O inline_data -I 256 -d "$root" "$work/disk.img" 16M

check() { # name, arguments of scan
	run "$IMGVET" scan -q --json "${@:2}"
	is "$1: exit 1" "$status" 1
	table=$("$PYTHON" -c 'import json, sys
for f in json.load(sys.stdin)["findings"]: print(f["severity"], f["rule"], f["path"])' <<<"$out")
	like "$1: an empty file" "$table" "^info imgvet.crypto-stores.volume-key /$keys/empty\$"
	like "$1: a file of holes" "$table" "^critical imgvet.crypto-stores.volume-key /$keys/holes\$"
	like "$1: a file in its inode" "$table" "^critical imgvet.crypto-stores.volume-key /$keys/inline\$"
	like "$1: a key under doc" "$table" '^critical imgvet.private-keys.pem /usr/share/doc/x/server.key$'
	like "$1: a key under tests" "$table" '^critical imgvet.private-keys.pem /srv/app/tests/server.key$'
	like "$1: a swap file" "$table" '^high imgvet.logs.swap-file /usr/sbin/swapfile$'
	unlike "$1: a program with the word" "$table" '/usr/sbin/swapon$'
}
check tree --reader tree "$root"
check ext --reader native "$work/disk.img"
check guest --reader guest "$work/disk.img"
done_testing
