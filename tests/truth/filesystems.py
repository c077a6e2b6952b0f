# SPDX-License-Identifier: GPL-3.0-or-later
"""File systems made by their own tools: a tree in, a file with the file system out."""
import os
import subprocess

from disk import ENVIRONMENT, KIB, MIB, Cannot

EXT_FLAVOURS = (
    ("ext4", "-b", "4096"),
    ("ext4", "-b", "1024"),
    ("ext4", "-b", "2048", "-I", "128"),
    ("ext4", "-b", "4096", "-O", "inline_data"),
    ("ext4", "-b", "4096", "-O", "bigalloc"),
    ("ext4", "-b", "4096", "-O", "^metadata_csum,^64bit"),
    ("ext4", "-b", "4096", "-O", "meta_bg,^resize_inode"),
    ("ext4", "-b", "1024", "-O", "ea_inode,large_dir"),
    ("ext4", "-b", "4096", "-O", "casefold"),
    ("ext4", "-b", "4096", "-O", "sparse_super2", "-g", "8192"),
    ("ext3", "-b", "1024"),
    ("ext3", "-b", "4096"),
    ("ext2", "-b", "1024"),
    ("ext2", "-b", "4096", "-I", "128"),
)


def ext(d, tree, size, flavour=None):
    kind, *options = flavour or d.rng.choice(EXT_FLAVOURS)
    name = d.empty(d.name("ext"), size)
    d.run("mke2fs", "-q", "-F", "-t", kind, *options, "-E", "root_owner=0:0,nodiscard", "-d", tree, name)
    return name


def mounted(d, name, tree, kind, options):
    """Fill a fresh file system through the kernel, as a running system would."""
    place = d.tree()
    d.run("mount", "-t", kind, "-o", f"loop,{options}", name, place)
    try:
        d.run("cp", "-a", f"{tree}/.", f"{place}/")
    finally:
        d.run("umount", place)


def btrfs(d, tree, size):
    name = d.empty(d.name("btrfs"), max(size, 112 * MIB))
    d.run("mkfs.btrfs", "-q", "-f", name)
    mounted(d, name, tree, "btrfs", d.rng.choice(("compress-force=zstd", "compress=lzo", "compress=no")))
    return name


def btrfs_compressed(d, tree, size):
    name = d.empty(d.name("btrfs"), max(size, 112 * MIB))
    d.run("mkfs.btrfs", "-q", "-f", "-m", "single", name)
    mounted(d, name, tree, "btrfs", "compress-force=zstd")
    return name


def xfs(d, tree, size):
    name = d.empty(d.name("xfs"), max(size, 32 * MIB))
    # A kernel of any age mounts it.
    d.run("mkfs.xfs", "-q", "-f", "-i", "nrext64=0", name)
    mounted(d, name, tree, "xfs", "nouuid")
    return name


def squashfs(d, tree, size):
    name = d.name("squashfs")
    d.run("mksquashfs", tree, name, "-quiet", "-no-progress", "-noappend", "-comp", d.rng.choice(("gzip", "xz", "zstd")))
    return padded(d, name, size)


def erofs(d, tree, size):
    name = d.name("erofs")
    d.run("mkfs.erofs", "--quiet", *d.rng.choice(([], ["-zlz4"])), name, tree)
    return padded(d, name, size)


def iso(d, tree, size):
    name = d.name("iso")
    d.run("xorriso", "-as", "mkisofs", "-quiet", "-R", "-J", "-o", name, tree)
    return padded(d, name, size)


def padded(d, name, size):
    if d.size(name) < size:
        d.grow(name, size)
    return name


def vfat(d, tree, size):
    name = d.empty(d.name("vfat"), max(size, 40 * MIB))
    d.run("mkfs.vfat", "-F", "32", "-s", "1", name)
    for entry in sorted(os.listdir(d.path(tree))):
        d.run("mcopy", "-s", "-i", name, f"{tree}/{entry}", "::/")
    return name


def vfat16(d, tree, size):
    name = d.empty(d.name("vfat"), max(size, 16 * MIB))
    d.run("mkfs.vfat", "-F", "16", name)
    for entry in sorted(os.listdir(d.path(tree))):
        d.run("mcopy", "-s", "-i", name, f"{tree}/{entry}", "::/")
    return name


def ntfs(d, tree, size):
    name = d.empty(d.name("ntfs"), max(size, 8 * MIB))
    d.run("mkntfs", "-q", "-F", "-f", name)
    place = d.tree()
    d.run("ntfs-3g", name, place, "-o", "compression")
    try:
        d.run("setfattr", "-n", "system.ntfs_attrib_be", "-v", "0x00000810", place, fails=True) # folder: compressed
        d.run("cp", "-r", f"{tree}/.", f"{place}/")
    finally:
        d.run("umount", place)
    return name


def minix(d, tree, size):
    """Version 1, names of 14 bytes, files in the root only: what fs/minix of Linux
    (minix_fs.h, struct minix_super_block and minix_inode) reads.  mkfs.minix makes it empty."""
    name = d.empty(d.name("minix"), min(size, 8 * MIB))
    d.run("mkfs.minix", "-1", "-n", "14", name)
    super_block = d.get(name, KIB, 20)
    inode_map, zone_map = (int.from_bytes(super_block[i:i + 2], "little") for i in (4, 6))
    first = int.from_bytes(super_block[8:10], "little")
    inodes, root = (2 + inode_map + zone_map) * KIB, first
    entries, number, zone = d.get(name, root * KIB, 32), 2, first + 1
    for folder, _, files in sorted(os.walk(d.path(tree))):
        for file in sorted(files):
            with open(os.path.join(folder, file), "rb") as source:
                data = source.read(7 * KIB)
            zones = range(zone, zone + -(-len(data) // KIB))
            inode = (0o100644).to_bytes(2, "little") + bytes(2) + len(data).to_bytes(4, "little") + bytes(5) + b"\1"
            inode += b"".join(z.to_bytes(2, "little") for z in zones)
            d.put(name, inodes + 32 * (number - 1), inode.ljust(32, b"\0"), f"minix inode of {file}")
            if data:
                d.put(name, zone * KIB, data, f"data of {file}")
            entries += number.to_bytes(2, "little") + file.encode()[:14].ljust(14, b"\0")
            number, zone = number + 1, zones.stop
    d.put(name, root * KIB, entries, "the root folder")
    d.put(name, inodes + 4, len(entries).to_bytes(4, "little"), "its size")
    # Maps as a checker wants them: everything before these bits is in use.
    d.put(name, 2 * KIB, bits(number), "map of inodes")
    d.put(name, (2 + inode_map) * KIB, bits(zone - first + 1), "map of zones")
    return padded(d, name, size)


def bits(count):
    return ((1 << count) - 1).to_bytes(-(-count // 8), "little")


# What can carry a token.
VICTIMS = {"ext": ext, "btrfs": btrfs, "btrfs-zstd": btrfs_compressed, "xfs": xfs, "squashfs": squashfs, "erofs": erofs,
           "iso": iso, "vfat32": vfat, "vfat16": vfat16, "ntfs": ntfs, "minix": minix}


def make(d, kind, tree, size):
    return VICTIMS[kind](d, tree, size)


def usable():
    """The kinds that the tools here make: a missing kernel module leaves one out."""
    known = subprocess.run(["cat", "/proc/filesystems"], capture_output=True, text=True, env=ENVIRONMENT).stdout.split()
    needs = {"btrfs": "btrfs", "btrfs-zstd": "btrfs", "xfs": "xfs", "ntfs": "fuseblk"}
    return [kind for kind in VICTIMS if needs.get(kind) is None or needs[kind] in known]
