# SPDX-License-Identifier: GPL-3.0-or-later
"""Constructions by somebody who wants the yes: one range in which two honest tools see two
file systems, and layouts that are sound but that few programs expect."""
import zlib

import filesystems
from decoys import mbr
from disk import KIB, MIB
from layouts import LINUX, any_victim, gpt, place, tree_with_tokens

# Sound flavours beyond those of everyday (mke2fs.conf(5), ext4(5)).
ODD_EXT = (
    ("ext4", "-b", "65536"),
    ("ext4", "-b", "16384"),
    ("ext4", "-b", "1024", "-O", "bigalloc", "-C", "16384"),
    ("ext4", "-b", "1024", "-O", "meta_bg,^resize_inode", "-g", "256"),
    ("ext4", "-b", "4096", "-O", "encrypt,verity,casefold,project,quota,mmp"),
    ("ext4", "-b", "4096", "-O", "metadata_csum_seed,fast_commit"),
    ("ext4", "-b", "4096", "-O", "orphan_file"),
    ("ext4", "-b", "1024", "-O", "^sparse_super,^resize_inode,^filetype,^extent,^64bit,^dir_index", "-g", "512"),
    ("ext4", "-b", "1024", "-O", "inline_data,large_dir", "-I", "1024"),
    ("ext2", "-b", "1024", "-r", "0"),
)


# --- ext, by another superblock ---

def descriptors_differ(d):
    """The first group descriptors lead to empty tables, their copies to those with the files; or the superblocks differ."""
    groups = d.rng.choice(([], ["-g", "1024"]))
    flavour = ("ext4", "-b", "1024", "-O", "^metadata_csum,^uninit_bg,^has_journal,^resize_inode", *groups)
    part = filesystems.ext(d, tree_with_tokens(d), 24 * MIB, flavour)
    step = 8192 if not groups else 1024
    table = int.from_bytes(d.get(part, 2 * KIB + 8, 4), "little")
    size = 64 * KIB if not groups else 8 * KIB
    # A second table of inodes near the end, whose root is an empty folder of the same disk.
    other, folder = 20 * 1024, 20 * 1024 + 200
    d.put(part, other * KIB, d.get(part, table * KIB, 11 * 256).ljust(size, b"\0"), "the reserved inodes of the first table, and no others")
    inode = bytearray(d.get(part, table * KIB + 256, 256))
    inode[40 + 20:40 + 24] = folder.to_bytes(4, "little")
    inode[4:8] = (1024).to_bytes(4, "little")
    entries = (2).to_bytes(4, "little") + b"\x0c\0\1\2.\0\0\0" + (2).to_bytes(4, "little") + (1012).to_bytes(2, "little") + b"\2\2..\0\0"
    d.put(part, folder * KIB, entries.ljust(1024, b"\0"), "an empty folder")
    d.put(part, other * KIB + 256, bytes(inode), "a root that is that folder")
    d.put(part, 2 * KIB + 8, other.to_bytes(4, "little"), "the first descriptor leads to the second table")
    d.note(f"# the copy of the descriptors at block {step + 2} stays")
    place(d, part)


def odd_ext(d):
    place(d, filesystems.ext(d, tree_with_tokens(d), 24 * MIB, d.rng.choice(ODD_EXT)))


def mirror_leg(d):
    """One half of a mirror whose description is at the end: ext in front."""
    part = filesystems.ext(d, tree_with_tokens(d), 16 * MIB)
    whole = d.empty(d.name("leg"), 17 * MIB)
    d.copy(part, whole)
    super_block = b"\xfc\x4e\x2b\xa9" + (1).to_bytes(4, "little") + bytes(8) + d.noise(16) + b"host:0".ljust(32, b"\0")
    d.put(whole, 17 * MIB - 8192, super_block.ljust(256, b"\0"), "a mirror's superblock, version 1.0")
    place(d, whole)


# --- tables ---

def wide_entries(d):
    """A GPT whose entries have 256 bytes."""
    part = any_victim(d)
    size = -(-d.size(part) // MIB) * MIB
    gpt(d, size + 3 * MIB, (MIB, size, LINUX))
    entries = b"".join(d.get(d.raw, 1024 + 128 * i, 128).ljust(256, b"\0") for i in range(64))
    for at, where in ((512, 1024), (size + 3 * MIB - 512, size + 3 * MIB - 33 * 512)):
        header = bytearray(d.get(d.raw, at, 92))
        header[80:88] = (64).to_bytes(4, "little") + (256).to_bytes(4, "little")
        header[88:92] = zlib.crc32(entries).to_bytes(4, "little")
        header[16:20] = bytes(4)
        header[16:20] = zlib.crc32(bytes(header)).to_bytes(4, "little")
        d.put(d.raw, at, bytes(header), "a header for entries of 256 bytes")
        d.put(d.raw, where, entries, "64 entries of 256 bytes")
    d.copy(part, d.raw, MIB)


def into_a_file(d):
    """A second table names a range inside a file of the first one's file system."""
    inner = any_victim(d, 4 * MIB)
    tree = d.tree()
    d.file(tree, "srv/data.bin", d.get(inner), inner)
    host = filesystems.ext(d, tree, d.size(inner) + 16 * MIB, ("ext4", "-b", "4096"))
    first = int(d.run("debugfs", "-R", "bmap /srv/data.bin 0", host).split()[-1])
    start, _ = place(d, host, "gpt")
    at = start + first * 4096
    d.put(d.raw, 462, mbr((0x83, at // 512, d.size(inner) // 512))[:16], "an MBR entry into the file")


def from_sector_zero(d):
    """A partition that begins where the disk does, and its table with it."""
    part = filesystems.ext(d, tree_with_tokens(d), 12 * MIB)
    d.empty(d.raw, 12 * MIB + d.rng.choice((0, MIB)))
    d.copy(part, d.raw)
    d.put(d.raw, 446, mbr((0x83, 0, 12 * MIB // 512), *d.rng.choice(([], [(0xee, 1, 99)]))), "an MBR with a partition at 0")


def short_partition(d):
    """The partition ends in front of the superblock, or begins behind the file system's start."""
    part = any_victim(d)
    sectors, shift = d.rng.choice(((1, 0), (2, 0), (4, 0), (64, 0), (129, 0), (4096, 1), (4096, 2), (4096, 128)))
    d.empty(d.raw, 2 * MIB + max(d.size(part), 4 * MIB))
    d.copy(part, d.raw, MIB)
    d.put(d.raw, 446, mbr((0x83, 2048 + shift, sectors)), "an MBR that is a little off")
    d.layer(MIB, d.size(part), "across a border")


def image_as_disk(d):
    """A qcow2, its clusters compressed, where a raw disk or a partition is expected."""
    inner = filesystems.ext(d, tree_with_tokens(d), 8 * MIB)
    d.run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", "-c", inner, "inner.qcow2")
    whole = d.empty(d.name("range"), 9 * MIB)
    d.copy("inner.qcow2", whole)
    place(d, whole, d.rng.choice(("gpt", "mbr")))
    seen = d.empty("seen.raw", 8 * MIB)
    d.run("qemu-img", "convert", "-f", "qcow2", "-O", "raw", "inner.qcow2", seen)
    d.containers.append((MIB, 9 * MIB, seen))


def half_sector(d):
    """The disk's size is no multiple of a sector: what is behind the last whole one."""
    start, size = place(d, filesystems.ext(d, tree_with_tokens(d), 12 * MIB))
    end = -(-(start + size) // MIB) * MIB + 2 * MIB
    token = d.purse.url()
    d.grow(d.raw, end + 200)
    d.put(d.raw, end + d.rng.choice((-30, 0, 100)), token.text, token.name)


def through_a_map(d):
    """A key in a volume of LVM whose pieces lie in the wrong order: only who knows the map reads it."""
    # The label, and the text that describes the volumes: what lvm2 writes (lib/format_text/layout.h).
    part = filesystems.ext(d, tree_with_tokens(d), 8 * MIB)
    whole = d.empty(d.name("pv"), 12 * MIB)
    body = b"x" * 32 + (12 * MIB).to_bytes(8, "little") + bytes(16)
    label = b"LABELONE" + (1).to_bytes(8, "little")
    rest = ((32).to_bytes(4, "little") + b"LVM2 001" + body).ljust(492, b"\0")
    crc = ~zlib.crc32(rest, ~0xf597a6cf & 0xffffffff) & 0xffffffff
    d.put(whole, 512, label + crc.to_bytes(4, "little") + rest, "a label of LVM")
    half = d.size(part) // 2
    d.put(whole, MIB, d.get(part, half), "the second half")
    d.put(whole, MIB + half, d.get(part, 0, half), "the first half")
    d.containers.append((*place(d, whole), part))
