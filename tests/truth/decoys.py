# SPDX-License-Identifier: GPL-3.0-or-later
"""Signatures that may stand on top of another file system: made by their own tool, whole or
cut, or only the bytes by which blkid knows them (libblkid's tables, and each format's own
header, name the offsets)."""
import struct

from disk import KIB, MIB, Cannot

# Only magic bytes: name -> pieces of (offset, bytes).  Negative: from the end of the range.
MAGIC = {
    "ext": [(0x438, b"\x53\xef")],
    "xfs": [(0, b"XFSB")],
    "btrfs": [(0x10040, b"_BHRfS_M")],
    "vfat16": [(0, b"\xeb\x3c\x90mkfs.fat"), (0x36, b"FAT16   "), (510, b"\x55\xaa")],
    "vfat32": [(0, b"\xeb\x58\x90mkfs.fat"), (0x52, b"FAT32   "), (510, b"\x55\xaa")],
    "ntfs": [(0, b"\xeb\x52\x90NTFS    "), (510, b"\x55\xaa")],
    "exfat": [(0, b"\xeb\x76\x90EXFAT   "), (510, b"\x55\xaa")],
    "squashfs": [(0, b"hsqs")],
    "iso": [(0x8000, b"\x01CD001\x01")],
    "udf": [(0x8000, b"\x00BEA01\x01"), (0x8800, b"\x00NSR02\x01"), (0x9000, b"\x00TEA01\x01")],
    "minix": [(0x410, b"\x7f\x13")],
    "minix3": [(0x418, b"\x5a\x4d")],
    "swap": [(4086, b"SWAPSPACE2")],
    "swap64k": [(65526, b"SWAPSPACE2")],
    "swsuspend": [(4086, b"S1SUSPEND\0")],
    "luks": [(0, b"LUKS\xba\xbe\0\x01")],
    "luks2": [(0, b"LUKS\xba\xbe\0\x02")],
    "luks2-second": [(0x4000, b"SKUL\xba\xbe\0\x02")],
    "lvm": [(512, b"LABELONE\1\0\0\0\0\0\0\0"), (536, b"LVM2 001")],
    "md1.1": [(0, b"\xfc\x4e\x2b\xa9\1\0\0\0")],
    "md1.2": [(4096, b"\xfc\x4e\x2b\xa9\1\0\0\0")],
    "md1.0": [(-8192, b"\xfc\x4e\x2b\xa9\1\0\0\0")],
    "md0.90": [(-65536, b"\xfc\x4e\x2b\xa9\0\0\0\0\x5a\0\0\0")],
    "gpt": [(512, b"EFI PART\0\0\1\0\x5c\0\0\0")],
    "gpt-backup": [(-512, b"EFI PART\0\0\1\0\x5c\0\0\0")],
    "f2fs": [(0x400, b"\x10\x20\xf5\xf2")],
    "erofs": [(0x400, b"\xe2\xe1\xf5\xe0")],
    "cramfs": [(0, b"\x45\x3d\xcd\x28"), (16, b"Compressed ROMFS")],
    "romfs": [(0, b"-rom1fs-")],
    "reiserfs": [(0x10034, b"ReIsEr2Fs")],
    "jfs": [(0x8000, b"JFS1")],
    "hfsplus": [(0x400, b"H+\0\4")],
    "apfs": [(32, b"NXSB")],
    "zfs": [(0x20000, struct.pack("<Q", 0x00bab10c) * 4)],
    "bcache": [(0x1018, b"\xc6\x85\x73\xf6\x4e\x1a\x45\xca\x82\x65\xf5\x7f\x48\xba\x6d\x81")],
    "bitlocker": [(3, b"-FVE-FS-"), (510, b"\x55\xaa")],
    "verity": [(0, b"verity\0\0")],
    "nilfs2": [(0x406, b"\x34\x34")],
    "ufs": [(0x255c, b"\x54\x19\x01\x00")],
    "gfs2": [(0x10000, b"\x01\x16\x19\x70")],
    "gzip": [(0, b"\x1f\x8b\x08\0")],
    "tar": [(257, b"ustar\x0000")],
    "zstd": [(0, b"\x28\xb5\x2f\xfd")],
    "xz": [(0, b"\xfd7zXZ\0")],
    "zip": [(0, b"PK\x03\x04")],
    "elf": [(0, b"\x7fELF\2\1\1")],
    "pdf": [(0, b"%PDF-1.4\n")],
}


def mbr_entry(kind, start, length, active=0):
    return bytes([active, 0xfe, 0xff, 0xff, kind, 0xfe, 0xff, 0xff]) + struct.pack("<II", start, length)


def mbr(*entries):
    """A boot record's last 66 bytes, for offset 446."""
    return b"".join(mbr_entry(*e) for e in entries).ljust(64, b"\0") + b"\x55\xaa"


def whole(d, kind, size):
    """A file with a small empty file system (or the like) of this kind."""
    makers = {
        "ext": (["mke2fs", "-q", "-F", "-t", "ext4"], 1 * MIB),
        # All of it within the first 64 KiB, root folder and all.
        "ext-tiny": (["mke2fs", "-q", "-F", "-t", "ext4", "-b", "1024", "-N", "16", "-O", "^has_journal,^resize_inode"], 60 * KIB),
        "vfat-tiny": (["mkfs.vfat", "-F", "12", "-r", "16", "-f", "1"], 60 * KIB),
        "minix-tiny": (["mkfs.minix", "-1", "-i", "16"], 60 * KIB),
        "ext2": (["mke2fs", "-q", "-F", "-t", "ext2", "-b", "1024"], 256 * KIB),
        "xfs": (["mkfs.xfs", "-q", "-f"], 32 * MIB),
        "btrfs": (["mkfs.btrfs", "-q", "-f", "-M"], 24 * MIB),
        "vfat": (["mkfs.vfat"], 256 * KIB),
        "vfat32": (["mkfs.vfat", "-F", "32", "-s", "1"], 40 * MIB),
        "ntfs": (["mkntfs", "-q", "-F", "-f"], 2 * MIB),
        "exfat": (["mkfs.exfat"], 4 * MIB),
        "minix": (["mkfs.minix", "-1"], 128 * KIB),
        "minix3": (["mkfs.minix", "-3"], 128 * KIB),
        "swap": (["mkswap"], 64 * KIB),
        "luks": (["cryptsetup", "luksFormat", "-q", "--type", "luks1", "--pbkdf-force-iterations", "1000"], 4 * MIB),
        "luks2": (["cryptsetup", "luksFormat", "-q", "--type", "luks2", "--pbkdf", "pbkdf2", "--pbkdf-force-iterations", "1000"],
                  20 * MIB),
        "f2fs": (["mkfs.f2fs", "-q"], 64 * MIB),
        "gpt": (["sfdisk", "-q"], 1 * MIB),
        "mbr": (["sfdisk", "-q"], 1 * MIB),
    }
    command, least = makers[kind]
    name = d.empty(d.name(f"decoy-{kind}-"), max(size, least))
    script = {"gpt": "label: gpt\nfirst-lba: 34\nstart=40, size=8\n", "mbr": "label: dos\nstart=16, size=8\n",
              "luks": "invented phrase", "luks2": "invented phrase"}.get(kind)
    d.run(*command, name, stdin=script)
    return name


WHOLE = ("ext-tiny", "ext-tiny", "vfat-tiny", "minix-tiny", "ext", "ext2", "xfs", "btrfs", "vfat", "vfat32", "ntfs", "exfat", "minix", "minix3", "swap", "luks", "luks2", "f2fs", "gpt",
         "mbr")


def put_magic(d, name, kind, offset, size):
    for at, data in MAGIC[kind]:
        where = offset + (at if at >= 0 else size + at)
        d.put(name, where, data, f"magic of {kind}")


def put_piece(d, name, kind, length, offset):
    """The first `length` bytes of a fresh one, over what is there; its holes change nothing,
    its zeros neither: a decoy that leaves most of the victim as it is."""
    made = whole(d, kind, 0)
    data = d.get(made, 0, length)
    for at in range(0, len(data), 512):
        block = data[at:at + 512]
        if block.strip(b"\0"):
            d.put(name, offset + at, block, f"sector {at // 512} of {made}")


def put_any(d, name, offset, size):
    """Some decoy over the range; says which."""
    style = d.rng.choice(("magic", "magic", "first sectors", "first 4 KiB", "first 64 KiB", "first 64 KiB"))
    if style == "magic":
        kind = d.rng.choice(sorted(MAGIC))
        put_magic(d, name, kind, offset, size)
    else:
        kind = d.rng.choice(WHOLE)
        put_piece(d, name, kind, {"first sectors": 1024, "first 4 KiB": 4 * KIB, "first 64 KiB": 64 * KIB}[style], offset)
    d.note(f"# decoy: {style} of {kind}")
