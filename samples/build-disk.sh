#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# build-disk.sh - build the demo's sample disk.  No root needed, nothing is mounted.
#
#   samples/build-disk.sh OUT.qcow2 [--clean]
#
# The disk has a GPT, a BIOS boot partition and an ext4 root, as cloud images have.  The root holds
# image/base, a small invented Linux, and above it image/leftovers, what a careless build forgets;
# --clean leaves those out.  What stands in image/deleted is written too and removed again, so that
# only free space still holds it.  image/leftovers.tsv lists what a scan has to find.
#
# Every secret is invented.  The private keys are made here out of a sentence of 32 letters, so that
# the repository holds none.  The same call makes the same disk, byte for byte.
set -eu
PATH=$PATH:/usr/sbin:/sbin
here=$(cd "$(dirname "$0")" && pwd)
usage() { echo "usage: build-disk.sh OUT.qcow2 [--clean]" >&2; exit 2; }
[ $# = 1 ] || [ $# = 2 ] || usage
out=$1 clean=
if [ $# = 2 ]; then
	[ "$2" = --clean ] || usage
	clean=yes
fi

# Sizes in sectors of 512 bytes: BIOS boot fills the space before the first MiB.
readonly SECTORS=131072 BOOT_FIRST=34 BOOT_SECTORS=2014 ROOT_FIRST=2048 ROOT_SECTORS=126976
# One moment for every time stamp: 2026-11-01 08:00 UTC.
readonly MOMENT=1793520000

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
tree=$work/tree
mkdir "$tree"

# private_key SENTENCE: an Ed25519 key (PKCS#8) whose 32 secret bytes are the sentence.
private_key() {
	[ ${#1} = 32 ] || { echo "not 32 letters: $1" >&2; exit 1; }
	echo "-----BEGIN PRIVATE KEY-----"
	{ printf '\060\056\002\001\000\060\005\006\003\053\145\160\004\042\004\040'; printf %s "$1"; } | base64
	echo "-----END PRIVATE KEY-----"
}

copy_tree() {
	cp -R "$here/image/base/." "$tree"
	[ -z "$clean" ] || return 0
	cp -R "$here/image/leftovers/." "$here/image/deleted/." "$tree"
	private_key "Invented host key, opens nothing" >"$tree/etc/ssh/ssh_host_ed25519_key"
	private_key "Invented user key, opens nothing" >"$tree/root/.ssh/id_ed25519"
}

# Git keeps no modes but the x bit, and no empty folders.
set_modes() {
	chmod -R u=rwX,go=rX "$tree"
	(cd "$tree" && mkdir -p dev proc run srv sys tmp var/log && chmod 1777 tmp && chmod 700 root &&
		chmod 640 etc/shadow && find . -name .ssh -exec chmod -R go= {} +)
	[ -n "$clean" ] || chmod 600 "$tree/etc/ssh/ssh_host_ed25519_key"
	find "$tree" -exec touch -h -d "@$MOMENT" {} +
}

# Whoever builds it, root owns the files, and the times are the same; then the deleted files go.
debugfs_commands() {
	(cd "$tree" && find . -mindepth 1 | LC_ALL=C sort | sed 's/^\.//') | while read -r path; do
		for field in uid:0 gid:0 ctime:@$MOMENT atime:@$MOMENT crtime:@$MOMENT; do
			echo "set_inode_field $path ${field%%:*} ${field#*:}"
		done
	done
	[ -n "$clean" ] || (cd "$here/image/deleted" && find . -type f | sed 's/^\./rm /')
}

# A fixed seed and UUID for the directory hashes; files are put in the order of their names.
make_root() {
	export E2FSPROGS_FAKE_TIME=$MOMENT
	truncate -s $((ROOT_SECTORS * 512)) "$work/root.img"
	mke2fs -q -F -t ext4 -b 4096 -L root -U 1badc0de-0000-4000-8000-00000000f00d \
		-E hash_seed=1badc0de-0000-4000-8000-00000000beef,root_owner=0:0 \
		-d "$tree" "$work/root.img"
	debugfs_commands >"$work/commands"
	debugfs -w -f "$work/commands" "$work/root.img" >"$work/log" 2>&1
	# It repeats each command; any other line is a complaint.
	if grep -vE '^(debugfs.*)?$' "$work/log" >&2; then
		echo "build-disk.sh: debugfs did not do all of it" >&2
		exit 1
	fi
}

make_disk() {
	truncate -s $((SECTORS * 512)) "$work/disk.raw"
	sfdisk -q "$work/disk.raw" <<-TABLE
		label: gpt
		label-id: 1BADC0DE-0000-4000-8000-000000000001
		first-lba: $BOOT_FIRST
		start=$BOOT_FIRST, size=$BOOT_SECTORS, type=21686148-6449-6E6F-744E-656564454649, uuid=1BADC0DE-0000-4000-8000-000000000002, name="bios"
		start=$ROOT_FIRST, size=$ROOT_SECTORS, type=0FC63DAF-8483-4772-8E79-3D69D8477DE4, uuid=1BADC0DE-0000-4000-8000-000000000003, name="root"
	TABLE
	dd if="$work/root.img" of="$work/disk.raw" bs=512 seek=$ROOT_FIRST conv=notrunc,sparse status=none
}

copy_tree
set_modes
make_root
make_disk
qemu-img convert -f raw -O qcow2 "$work/disk.raw" "$out"
