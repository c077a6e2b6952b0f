#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The built-in rules on the tree of a machine: leftovers are found by where they
# stand, and the same files as a fresh system ships them stay silent.
. "$TOP/tests/lib.sh"
root=$work/root clean=$work/clean
put() { mkdir -p "$root/$(dirname "$1")" && printf -- "$2" >"$root/$1"; }
calm() { mkdir -p "$clean/$(dirname "$1")" && printf -- "$2" >"$clean/$1"; }
key='-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIEludmVudGVkIHNhbXBsZSBrZXkgZm9yIGltZ3ZldCAh\n-----END PRIVATE KEY-----\n'
pub='ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEludmVudGVkIHNhbXBsZSBrZXkgb25seSBh sample@invented\n'

put etc/ssh/ssh_host_ed25519_key "$key"
put etc/ssl/private/ssl-cert-snakeoil.key "$key"
put root/.ssh/authorized_keys "$pub"
put root/.bash_history 'ls\nmysql -u root -pInv3nted-Pass7 shop\nexit\n'
put etc/machine-id '0123456789abcdef0123456789abcdef\n'
put var/lib/cloud/instances/i-1/user-data.txt '#cloud-config\n'
put root/.aliyun/config.json '{"access_key_id":"","access_key_secret":"Inv3ntedSampl3Tok3nF0rTests0nl"}\n'
put root/.docker/config.json '{"auths":{"r.example":{"auth":"bWFrZXI6SW52M250ZWQtUGFzczc="}}}\n'
put etc/wireguard/wg0.conf 'PrivateKey = SW52ZW50ZWQgc2FtcGxlIGtleSBmb3IgdGVzdHMgMTI=\n'
put etc/krb5.keytab '\005\002\000\000\000\101\000\002\000\020INVENTED.EXAMPLE\000\004host'
put var/log/journal/0/system.journal 'LPKSHHRH\000\000\000\000'
put root/core.7 '\177ELF\002\001\001\000\000\000\000\000\000\000\000\000\004\000\076\000'
put var/log/wtmp '\010\000\000\000\000\000\000\000~~'
hash=$(printf 'Inv3ntedSampl3HashF0rTests0nly7%.0s' 1 2 3 | head -c 86)
put etc/shadow "root:*:1:0:::::\nmaker:\$6\$Inv3nted\$$hash:1:0:::::\n"

run "$IMGVET" scan -q --json --reader tree "$root"
is "leftovers: exit 1" "$status" 1
# One "severity rule path" per line.
table=$("$PYTHON" -c 'import json, sys
for f in json.load(sys.stdin)["findings"]: print(f["severity"], f["rule"], f["path"])' <<<"$out")
found() { like "$2" "$table" "^$1 imgvet\.$2 /$3\$"; }
found critical ssh.host-key etc/ssh/ssh_host_ed25519_key
found critical ssh.authorized-key root/.ssh/authorized_keys
found high histories.shell root/.bash_history
found critical histories.password-option root/.bash_history
found critical accounts.password-hash etc/shadow
found critical accounts.keytab etc/krb5.keytab
found medium identity.machine-id etc/machine-id
found high identity.user-data var/lib/cloud/instances/i-1/user-data.txt
found critical 'containers.docker-login' root/.docker/config.json
found critical network.wireguard etc/wireguard/wg0.conf
found medium logs.journal var/log/journal/0/system.journal
found medium logs.login-records var/log/wtmp
found high logs.core-file root/core.7
found medium crypto-stores.snakeoil etc/ssl/private/ssl-cert-snakeoil.key
like "the key of an Alibaba Cloud tool" "$table" '^critical .* /root/\.aliyun/config\.json$'
unlike "a rule for the path outranks the one for any content" "$table" 'private-keys\.pem /etc/ss[hl]'
is "one finding for the history as such" "$(grep -c histories.shell <<<"$table")" 1
is "one finding for the typed password" "$(grep -c bash_history <<<"$table")" 2
unlike "no secret in the report" "$out" 'Inv3nted-Pass7'

calm root/.ssh/authorized_keys '# keys of the platform come here\n'
calm root/.bash_history ''
calm etc/shadow 'root:*:1:0:::::\ndaemon:!:1::::::\nbin:!!:1::::::\n'
calm etc/gshadow 'root:*::\nshadow:!::\n'
calm etc/passwd 'root:x:0:0:root:/root:/bin/bash\nsync:x:4:65534:sync:/bin:/bin/sync\n'
calm etc/machine-id 'uninitialized\n'
calm root/.aliyun/config.json '{"mode":"EcsRamRole","access_key_id":"","access_key_secret":""}\n'
calm root/.docker/config.json '{"auths":{},"credsStore":"pass"}\n'
calm etc/ssh/sshd_config '#PermitRootLogin yes\nUsePAM yes\nAuthorizedKeysFile .ssh/authorized_keys\n'
calm etc/hosts.equiv '# /etc/hosts.equiv: list of hosts\n'
calm etc/ppp/chap-secrets '# client server secret addresses\n'
calm etc/exim4/passwd.client '# target.mail.server.example:login:password\n'
calm etc/cloud/cloud.cfg 'users:\n  - default\nssh_deletekeys: true\nsystem_info:\n  default_user:\n    lock_passwd: True\n'
calm var/log/wtmp ''
calm var/lib/cloud/instances/i-1/user-data.txt ''
run "$IMGVET" scan -q --json --fail-on low --reader tree "$clean"
is "a fresh system: exit 0" "$status" 0
like "and no findings" "$out" '"findings": *\[ *\]'
done_testing
