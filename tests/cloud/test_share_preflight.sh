#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# imgvet share looks before it asks: a list with yes, no or unknown per line, and what refuses.
. "$TOP/tests/lib.sh"
. "$TOP/tests/reports.sh"
. "$TOP/tests/cloud/share.sh"
cd "$work" || exit
role=AliyunECSShareEncryptImageDefaultRole
on() { share --image-id "$@"; } # IMAGE ARG...
as_json() { # ARG...: the lines as "check=answer", blocking ones with "!"
  share "$@" --json
  lines=$("$PYTHON" -c 'import json, sys
for line in json.load(sys.stdin)["preflight"]:
    print(line["check"] + "=" + line["answer"] + ("!" if line["blocks"] else ""))' <<<"$out")
}
answer() { grep "^$1=" <<<"$lines" | cut -d= -f2 | xargs; } # CHECK
denied() { echo "[{'action':'$1','times':-1,'do':'fail','status':403,'code':'${2:-Forbidden.RAM}'}]"; }
trust() { # DOCUMENT: what GetRole answers, with ' for "
  local document=${1//\'/\\\'}
  echo "[{'action':'GetRole','do':'patch','members':{'Role':{'RoleName':'$role','AssumeRolePolicyDocument':'$document'}}}]"
}
refused() { # NAME REGEX: what was just run is refused by the list, and that is on record
  is "$1: exit 1" "$status" 1
  like "$1: says why" "$err" "^imgvet: error: .*$2"
  unlike "$1: no change" "$(calls)" M
  is "$1: refused, on record" "$(detail -1 outcome)" refused
}

# --- the list of a plain image ---
fresh
share --account $friend
is "all well: exit 0, shared" "$status $(receivers)" "0 $friend"
is "all well: asked before the change" "$(calls)" ${before}IRMR
like "who shares" "$err" '^  yes      account 1000000000000001 shares, as acs:ram::1000000000000001:root'
like "with which credentials" "$err" 'credentials from ALIBABA_CLOUD_ACCESS_KEY_ID'
like "the sum" "$err" '^preflight: yes$'
unlike "no colour but on a terminal" "$err" $'\033'
narrow() { # NAME: no line of the list is longer than a terminal is wide
  is "$1: 80 columns" "$(sed -n '/^preflight:$/,/^preflight: /p' <<<"$err" | awk 'length > 80')" ""
}
narrow "all well"
fresh
as_json --account $friend
is "as JSON: each check once, in order" "$(cut -d= -f1 <<<"$lines" | xargs)" \
  "credentials receivers own-account policy image owner state public everybody other-way data-disks marketplace encryption quota"
is "as JSON: every answer is yes" "$(cut -d= -f2 <<<"$lines" | sort -u)" yes
like "as JSON: shown on stderr too" "$err" '^preflight: yes$'
fresh
share --account $friend --dry-run
is "a dry run looks the same way" "$status $(calls)" "0 ${before}IR"
like "a dry run shows the list" "$err" '^  yes      its state is Available$'
fresh
share --account $friend --quiet
is "--quiet --yes: shared without a word" "$status $err" "0 "
fresh
terminal no --account $friend --quiet
like "--quiet, and a question: the list is shown" "$out" 'its state is Available'
fresh
TERM=xterm terminal no --account $friend
like "the list stands before the question" "$(tr '\n' ' ' <<<"$out")" 'preflight: yes Share image'
like "on a terminal it has colours" "$out" $'\033\\[32myes    \033\\[0m'
fresh
run "$IMGVET" share r.json $where --account $friend
is "nobody to ask: nothing is looked at" "$status $(calls)" "2 "

# --- identity ---
fresh "$(denied GetCallerIdentity)"
as_json --account $friend
is "nobody says who asks: shared all the same" "$status $(receivers)" "0 $friend"
like "nobody says who asks: the right that is missing" "$err" 'the credentials lack the right sts:GetCallerIdentity$'
is "nobody says who asks: unknown" "$(answer credentials) $(answer own-account)" "unknown unknown"
like "nobody says who asks: the sum" "$err" '^preflight: nothing speaks against it; 2 answers are not known$'
fresh
share --account $friend --account 1000000000000001
refused "the own account" 'account 1000000000000001 is your own'
like "the own account: what to do" "$err" '^imgvet: hint: leave it out$'
is "the own account: nobody got it" "$(receivers)" ""

# --- the image ---
fresh
on m-bp1market00001 --account $friend
is "Marketplace: a warning, no more" "$status" 0
like "Marketplace: terms" "$err" '^  no       it comes from a Marketplace product, whose terms and fees go'
like "Marketplace: sites" "$(tr -s '\n ' ' ' <<<"$err")" 'other site \(China, international\) cannot get it'
fresh
as_json --image-id m-bp1received001 --account $friend
is "another's image: not asked who has it" "$status $(calls)" "1 IW"
is "another's image: a no that refuses" "$(answer owner)" "no!"
fresh
as_json --image-id m-bp1nosuchimage --account $friend
is "no image: the list ends there" "$(tail -1 <<<"$lines")" "image=no!"
fresh
as_json --image-id m-bp1groupall001 --account $friend
is "open to everybody" "$status $(answer everybody)" "1 no!"

# The answer at the terminal takes its time, and the image changes meanwhile.
fresh "[{'action':'DescribeImages','skip':1,'do':'patch-image','members':{'Status':'Deprecated'}}]"
terminal yes --account $friend
is "deprecated while the question stood: exit 1, no change" "$status $(calls)" "1 ${before}I"
like "deprecated while the question stood: said" "$out" 'error: image .* cannot be shared now: its state is Deprecated'
fresh "[{'action':'DescribeImages','skip':1,'do':'patch-image','members':{'DiskDeviceMappings':{'DiskDeviceMapping':[]}}}]"
share --account $friend
is "disks that are no longer listed: exit 1, no change" "$status $(calls)" "1 ${before}I"

# --- the quota ---
fresh
as_json $(printf -- '--account %s ' $(seq 1100000000000001 1100000000000045))
is "45 of 50: yes" "$status $(answer quota)" "0 yes"
unlike "45 of 50: no remark" "$err" 'ask the cloud for a higher quota'
as_json $(printf -- '--account %s ' $(seq 1100000000000001 1100000000000046))
is "46 of 50: yes" "$status $(answer quota)" "0 yes"
like "46 of 50: with a remark" "$err" 'ask the cloud for a higher quota'
as_json --image-id m-bp1manyshares1 --account $friend
is "231: whether more were granted is not known" "$(answer quota)" unknown
like "231: said" "$err" '231 accounts would have the image; the usual quota is 50'

# --- data disks ---
fresh
on m-bp1datadisk001 --account $friend
refused "a data disk that no report covers" 's-bp1datadisk \(/dev/xvdb, 20 GiB\)'
narrow "a data disk"
like "a data disk: what to do" "$err" '^           accepted_disks: \[s-bp1datadisk\]$'
accepts() { printf "accepted_disks: [%s]\nallow_asserted: true\n" "$1" >policy.yml; fresh; as_json --image-id m-bp1datadisk001 --account $friend --policy policy.yml; }
accepts s-bp1datadisk
is "accepted by name: shared" "$status $(answer data-disks)" "0 yes"
accepts '"*"'
is "accepted by *: shared" "$status $(answer data-disks)" "0 yes"
accepts s-bp1other
is "another is accepted: refused" "$status $(answer data-disks)" "1 no!"
accepts s-bp1imgvetdemo
is "the system disk is accepted: refused" "$status $(answer data-disks)" "1 no!"
fresh "[{'action':'DescribeImages','do':'patch-image','members':{'DiskDeviceMappings':{'DiskDeviceMapping':[]}}}]"
as_json --account $friend
is "no disks are listed: unknown, and that refuses" "$status $(answer data-disks)" "1 unknown!"

# --- encrypted ---
mapping="'Type':'system','Device':'/dev/xvda','SnapshotId':'s-bp1imgvetdemo','Size':'20'"
fresh "[{'action':'DescribeImages','do':'patch-image','members':{'DiskDeviceMappings':{'DiskDeviceMapping':[{$mapping}]}}}]"
as_json --account $friend
is "the cloud does not say: not known, and it decides" "$status $(answer encryption)" "0 unknown"
keys="key-region key-disks key-kind key-state key-trust"
encrypted() { for check in $keys; do answer $check; done | xargs; }
fresh
as_json --image-id m-bp1encrypted01 --account $friend
is "encrypted, and all well: shared" "$status $(encrypted)" "0 unknown yes yes yes yes"
is "encrypted: what was asked" "$(calls)" ${before}SAKGIRMR
like "encrypted: the region is a warning" "$err" 'whether encrypted images can be shared in cn-hangzhou is not known'
fresh
on m-bp1servicekey1 --account $friend
refused "the service key" 'key-hzzservice001 is ECS.s service key \(alias/acs/ecs\)'
like "the service key: the command, to be copied" "$(sed ':a;/\\$/{N;s/ \\\n *//;ba}' <<<"$err" | sed 's/  */ /g')" \
  '^ aliyun ecs CopyImage --RegionId cn-hangzhou--ImageId m-bp1servicekey1 .*--Encrypted true--KMSKeyId YOUR-KEY-ID$'
narrow "the service key"
fresh
on m-bp1disabledkey --account $friend
refused "a disabled key" 'key-hzzdisabled01 is Disabled, not Enabled'
fresh
as_json --image-id m-bp1encfull0001 --account $friend
is "encrypted with a data disk" "$status $(answer key-disks) $(answer data-disks)" "1 no! no!"

fresh
on m-bp1encrypted01 --account $friend --account $other
narrow "a receiver that the role does not name"
refused "a receiver that the role does not name" "does not let these receivers use the key: $other\$"
like "the entry to add" "$err" "\"$other@ecs\.aliyuncs\.com\"\]\}\}\$"
fresh "$(denied GetRole EntityNotExist.Role)"
on m-bp1encrypted01 --account $friend
refused "no role" "the role $role, .* does not exist"
like "no role: its making as a hint of one line" "$err" "^imgvet: hint: aliyun ram CreateRole .*$friend@ecs\.aliyuncs\.com\"\]\}\}\]\}'\$"
like "no role: how to make it" "$err" '^           aliyun ram CreateRole \\$'
narrow "no role"
statement="{'Version':'1','Statement':[{'Action':'sts:AssumeRole','Effect':'Allow','Principal':{'Service':['ecs.aliyuncs.com']}}]}"
fresh "$(trust "$statement")"
on m-bp1encrypted01 --account $friend
refused "the usual mistake" "$friend; the usual mistake: plain ecs\.aliyuncs\.com is ECS acting for your own account"
fresh "$(trust "${statement//Allow/Deny}")"
as_json --image-id m-bp1encrypted01 --account $friend
is "a trust policy that denies: unknown, and the cloud decides" "$status $(answer key-trust)" "0 unknown"
like "a trust policy that denies: said" "$(tr -s '\n ' ' ' <<<"$err")" 'is not known: it denies something'

no_right() { # ACTION RIGHT CHECK...
  fresh "$(denied "$1")"
  as_json --image-id m-bp1encrypted01 --account $friend
  is "no right to $1: shared all the same" "$status $(receivers_of m-bp1encrypted01)" "0 $friend"
  like "no right to $1: which" "$(tr -s '\n ' ' ' <<<"$err")" "the credentials lack the right $2 \(Forbidden\.RAM\)"
  shift 2
  for check; do is "not known: $check" "$(answer $check)" unknown; done
}
receivers_of() { local image=$1; receivers; }
no_right DescribeSnapshots ecs:DescribeSnapshots key-kind key-state
no_right ListAliasesByKeyId kms:ListAliasesByKeyId key-kind
no_right DescribeKey kms:DescribeKey key-state
no_right GetRole ram:GetRole key-trust
is "what was not asked for is still known" "$(answer key-kind) $(answer key-state)" "yes yes"

fails() { # NAME SCRIPT REGEX: an answer that makes no sense, exit 3, no change
  fresh "$2"
  on m-bp1encrypted01 --account $friend
  is "$1: exit 3, no change" "$status $(calls | tr -dc M)" "3 "
  like "$1: said" "$err" "^imgvet: error: $3"
}
fails "a snapshot that nobody asked for" \
  "[{'action':'DescribeSnapshots','do':'patch','members':{'Snapshots':{'Snapshot':[{'SnapshotId':'s-other','KMSKeyId':'key-x'}]}}}]" \
  'DescribeSnapshots: the answer makes no sense'
fails "a key with a parameter in it" \
  "[{'action':'DescribeSnapshots','do':'patch','members':{'Snapshots':{'Snapshot':[{'SnapshotId':'s-bp1customerkey','KMSKeyId':'key-x&a=b'}]}}}]" \
  'DescribeSnapshots: the answer makes no sense'
fails "pages without end" \
  "[{'action':'DescribeSnapshots','do':'raw','times':-1,'body':'{\\'RequestId\\':\\'r\\',\\'NextToken\\':\\'again\\',\\'Snapshots\\':{\\'Snapshot\\':[]}}'}]" \
  'DescribeSnapshots: the answer makes no sense'
fails "another key" "[{'action':'DescribeKey','do':'patch','members':{'KeyMetadata':{'KeyId':'key-y','KeyState':'Enabled'}}}]" \
  'DescribeKey: the answer makes no sense'
fails "another role" "[{'action':'GetRole','do':'patch','members':{'Role':{'RoleName':'other','AssumeRolePolicyDocument':'{}'}}}]" \
  'GetRole: the answer makes no sense'
fresh "[{'action':'DescribeSnapshots','do':'patch','members':{'Snapshots':{'Snapshot':[]}}}]"
as_json --image-id m-bp1encrypted01 --account $friend
is "no word of the snapshot: not known" "$status $(answer key-kind) $(answer key-state)" "0 unknown unknown"
done_testing
