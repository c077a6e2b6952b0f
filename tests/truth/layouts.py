# SPDX-License-Identifier: GPL-3.0-or-later
"""Constructions about whose bytes a range of the disk is: decoys, tables over tables, file
systems where no table says so.  Each is a function of a Disk; the table is in constructions.py."""
import filesystems
from decoys import MAGIC, mbr, put_any, put_magic, put_piece
from disk import KIB, MIB

LINUX, BIOS_BOOT = "0FC63DAF-8483-4772-8E79-3D69D8477DE4", "21686148-6449-6E6F-744E-656564454649"
# Types that mean that no files belong there, or another reader.
ODD_TYPES = (BIOS_BOOT, "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F", "E6D6D379-F507-44C2-A23C-238F2A3DF928",
             "A19D880F-05FC-4D3B-A006-743F0F84911E", "CA7D7CCB-63ED-4C53-861C-1742536059CC",
             "8DA63339-0007-60C0-C436-083AC8230908", "024DEE41-33E7-11D3-9D69-0008C781F39F",
             "C12A7328-F81F-11D2-BA4B-00A0C93EC93B", "E3C9E316-0B5C-4DB8-817D-F92DF00215AE",
             "9E1A2D38-C612-4316-AA26-8B49521E5A8B", "00000000-0000-0000-0000-000000000001")
ODD_MBR_TYPES = ("82", "8e", "fd", "ef", "5", "ee", "a5", "da", "42", "1", "bf", "12", "c", "7")
PLACES = ("disk", "gpt", "mbr")


def tree_with_tokens(d, kinds=("key", "history", "url")):
    tree = d.tree()
    for kind in kinds:
        d.plant(tree, getattr(d.purse, kind)())
    return tree


def any_victim(d, size=8 * MIB):
    """A file system with one token of each kind, of any kind that these tools make."""
    kind = d.rng.choice(filesystems.usable())
    return filesystems.make(d, kind, tree_with_tokens(d), size)


def gpt(d, size, *parts, name="disk.raw"):
    """parts: (start, size in bytes, type)."""
    d.empty(name, size)
    lines = [f"start={start // 512}, size={length // 512}, type={kind}" for start, length, kind in parts]
    d.run("sfdisk", "-q", "--force", name, stdin="\n".join(["label: gpt", "first-lba: 34", *lines]) + "\n")


def dos(d, size, *parts, name="disk.raw"):
    d.empty(name, size)
    lines = [f"start={start // 512}, size={length // 512}, type={kind}" for start, length, kind in parts]
    d.run("sfdisk", "-q", "--force", name, stdin="\n".join(["label: dos", *lines]) + "\n")


def place(d, part, where=None, kind=None):
    """The file system `part` on the disk, alone or in a partition; gives its offset."""
    where = where or d.rng.choice(PLACES)
    size, start = d.size(part), 0 if where == "disk" else MIB
    whole = -(-size // MIB) * MIB
    if where == "disk":
        d.empty(d.raw, size)
    elif where == "gpt":
        gpt(d, whole + 2 * MIB, (start, whole, kind or LINUX))
    else:
        dos(d, whole + 2 * MIB, (start, whole, kind or "83"))
    d.copy(part, d.raw, start)
    return start, size


# --- one owner ---

def honest(d):
    """As cloud images are: GPT, BIOS boot, ext4.  Complete, and everything found."""
    part = filesystems.ext(d, tree_with_tokens(d), 16 * MIB, d.rng.choice(filesystems.EXT_FLAVOURS[:2]))
    gpt(d, 19 * MIB, (34 * 512, MIB - 34 * 512, BIOS_BOOT), (MIB, 16 * MIB, LINUX))
    d.copy(part, d.raw, MIB)
    d.complete = True


def honest_with_loader(d):
    """A boot loader's code in the boot record and behind it, a file that was deleted, room behind the partition."""
    tree = tree_with_tokens(d)
    d.file(tree, "srv/gone", b"nothing here\n" * 400, "words")
    part = filesystems.ext(d, tree, 16 * MIB, d.rng.choice(filesystems.EXT_FLAVOURS[:6]))
    d.run("debugfs", "-w", "-R", "rm /srv/gone", part)
    if d.rng.random() < 0.5:
        gpt(d, 21 * MIB, (34 * 512, MIB - 34 * 512, BIOS_BOOT), (MIB, 16 * MIB, LINUX))
        d.put(d.raw, 34 * 512, d.noise(60 * KIB), "a loader")
    else:
        dos(d, 21 * MIB, (MIB, 16 * MIB, "83"))
        d.put(d.raw, 512, d.noise(60 * KIB), "a loader")
    d.put(d.raw, 0, b"\xeb\x63\x90" + d.noise(437), "boot code")
    d.copy(part, d.raw, MIB)
    d.complete = True


def any_file_system(d):
    place(d, any_victim(d))


def odd_type(d):
    """A partition whose type says that it holds no files, or other ones."""
    part = any_victim(d)
    if d.rng.random() < 0.5:
        place(d, part, "gpt", d.rng.choice(ODD_TYPES))
    else:
        place(d, part, "mbr", d.rng.choice(ODD_MBR_TYPES))


# --- decoys ---

def decoy(d):
    start, size = place(d, any_victim(d))
    put_any(d, d.raw, start, size)


def tiny_ext_over_btrfs(d):
    """All of a small ext4 in the 64 KiB that a btrfs leaves free."""
    start, _ = place(d, filesystems.make(d, "btrfs-zstd", tree_with_tokens(d), 8 * MIB))
    put_piece(d, d.raw, "ext-tiny", 64 * KIB, start)


def swap_in_fat(d):
    """The magic of swap in the reserved sectors of a FAT32."""
    start, size = place(d, filesystems.vfat(d, tree_with_tokens(d), 40 * MIB))
    put_magic(d, d.raw, d.rng.choice(("swap", "swsuspend")), start, size)


def minix_in_bios_boot(d):
    """A file system in a partition whose type says that there is none."""
    place(d, filesystems.minix(d, tree_with_tokens(d), 8 * MIB), "gpt", BIOS_BOOT)


def ext_behind_empty_table(d):
    part = filesystems.ext(d, tree_with_tokens(d), 8 * MIB)
    d.empty(d.raw, MIB + d.size(part))
    d.put(d.raw, 446, mbr(), "an empty MBR")
    d.copy(part, d.raw, MIB)
    d.layer(MIB, d.size(part), "behind an empty table")


def decoys(d):
    start, size = place(d, any_victim(d))
    for _ in range(d.rng.randrange(2, 4)):
        put_any(d, d.raw, start, size)


def decoy_on_ext(d):
    start, size = place(d, filesystems.ext(d, tree_with_tokens(d), 8 * MIB))
    put_any(d, d.raw, start, size)


def decoy_on_compressed(d):
    """What is compressed cannot be found as stored bytes: only knowing the owner helps."""
    kind = d.rng.choice([k for k in ("btrfs-zstd", "squashfs", "erofs") if k in filesystems.usable()])
    start, size = place(d, filesystems.make(d, kind, tree_with_tokens(d), 8 * MIB))
    put_any(d, d.raw, start, size)


def decoy_before(d):
    """The decoy owns the table's partition; the true file system begins somewhere inside."""
    part = any_victim(d)
    inside = d.rng.choice((512, 4096, 64 * KIB, MIB, 3 * MIB + 512))
    size = -(-(d.size(part) + inside) // MIB) * MIB
    gpt(d, size + 2 * MIB, (MIB, size, d.rng.choice((LINUX, BIOS_BOOT))))
    put_any(d, d.raw, MIB, size)
    d.copy(part, d.raw, MIB + inside)
    d.layer(MIB + inside, d.size(part), "inside a partition")


# --- tables ---

def hybrid(d):
    """GPT and MBR name different ranges: old and new machines see different file systems."""
    one, two = any_victim(d), any_victim(d)
    start_two = MIB + -(-d.size(one) // MIB) * MIB
    gpt(d, start_two + d.size(two) + 2 * MIB, (MIB, d.size(one), LINUX))
    d.copy(one, d.raw, MIB)
    d.copy(two, d.raw, start_two)
    first = d.rng.choice(([(0xee, 1, MIB // 512 - 1)], []))
    d.put(d.raw, 446, mbr(*first, (d.rng.choice((0x83, 0x0c, 0x07)), start_two // 512, d.size(two) // 512)), "an MBR of its own")


def overlapping(d):
    """Two partitions that share bytes; each view is somebody's file system."""
    one, two = any_victim(d), any_victim(d)
    shift = d.rng.choice((0, 512, 64 * KIB, MIB, d.size(one) // 1024 * 512))
    size = MIB + shift + max(d.size(one), d.size(two))
    d.empty(d.raw, size + 2 * MIB)
    d.copy(one, d.raw, MIB)
    d.copy(two, d.raw, MIB + shift)
    d.put(d.raw, 446, mbr((0x83, 2048, d.size(one) // 512), (0x83, 2048 + shift // 512, d.size(two) // 512)), "an MBR, overlapping")


def backup_differs(d):
    """The GPT at the end names other partitions than that at the beginning."""
    one, two = any_victim(d), any_victim(d)
    start_two = MIB + -(-d.size(one) // MIB) * MIB
    size = -(-(start_two + d.size(two)) // MIB) * MIB + 2 * MIB
    gpt(d, size, (start_two, d.size(two), LINUX), name="other.raw")
    gpt(d, size, (MIB, d.size(one), LINUX))
    d.copy(one, d.raw, MIB)
    d.copy(two, d.raw, start_two)
    d.put(d.raw, size - 33 * 512, d.get("other.raw", size - 33 * 512), "the backup table of other.raw")
    damage = d.rng.choice(("none", "magic", "checksum", "entries"))
    if damage != "none":
        at = {"magic": 512, "checksum": 512 + 16, "entries": 1024 + 40}[damage]
        d.put(d.raw, at, b"\x5a\x5a", f"damage to the first table: {damage}")


def table_in_partition(d):
    """A whole partitioned disk inside a partition."""
    part = any_victim(d)
    maker = d.rng.choice((dos, gpt))
    size = -(-d.size(part) // MIB) * MIB + 2 * MIB
    maker(d, size, (MIB, d.size(part), {dos: "83", gpt: LINUX}[maker]), name="inner.raw")
    d.copy(part, "inner.raw", MIB)
    outer = d.rng.choice((dos, gpt))
    outer(d, size + 2 * MIB, (MIB, size, {dos: d.rng.choice(("83", "a5", "5")), gpt: LINUX}[outer]))
    d.copy("inner.raw", d.raw, MIB)
    d.layer(2 * MIB, d.size(part), "a partition inside a partition")


def logical(d):
    """A chain of logical partitions, one of them perhaps far from where the table says."""
    one, two = any_victim(d), any_victim(d)
    start_two = 2 * MIB + -(-d.size(one) // MIB) * MIB + MIB
    size = start_two + -(-d.size(two) // MIB) * MIB + MIB
    dos(d, size, (MIB, size - MIB, "5"))
    script = f"start={4096}, size={d.size(one) // 512}, type=83\nstart={start_two // 512}, size={d.size(two) // 512}, type=83\n"
    d.run("sfdisk", "-q", "--force", "--append", d.raw, stdin=script)
    d.copy(one, d.raw, 2 * MIB)
    d.copy(two, d.raw, start_two)


def table_over_file_system(d):
    """The whole disk is a file system and has a partition table as well."""
    part = filesystems.make(d, d.rng.choice([k for k in ("ext", "btrfs-zstd", "vfat32", "iso", "xfs") if k in filesystems.usable()]),
                            tree_with_tokens(d), 12 * MIB)
    d.empty(d.raw, d.size(part) + d.rng.choice((0, 2 * MIB)))
    d.copy(part, d.raw)
    if d.rng.random() < 0.5:
        entry = (d.rng.choice((0, 0x83, 0xee, 0x17)), d.rng.choice((1, 64, 2048)), 2048)
        d.put(d.raw, 446, mbr(entry), "an MBR on top")
    else:
        d.run("sfdisk", "-q", "--force", "--wipe", "never", d.raw, stdin="label: gpt\nfirst-lba: 34\nstart=2048, size=2048\n")


def other_sector_size(d):
    """A table for sectors of 4096 bytes, as some disks have them, perhaps beside one for 512."""
    part = any_victim(d)
    size = -(-d.size(part) // MIB) * MIB
    d.empty(d.raw, size + 4 * MIB)
    device = d.run("losetup", "-b", "4096", "-f", "--show", d.raw).strip()
    try:
        d.run("sfdisk", "-q", "--no-tell-kernel", device, stdin=f"label: gpt\nstart=512, size={size // 4096}\n")
    finally:
        d.run("losetup", "-d", device)
    if d.rng.random() < 0.3:
        d.run("sfdisk", "-q", "--force", "--wipe", "never", d.raw, stdin="label: dos\nstart=64, size=64\n")
    d.copy(part, d.raw, 2 * MIB)
    d.layer(2 * MIB, d.size(part), "a partition where sectors have 4096 bytes")


# --- where no table says so ---

def in_gap(d):
    """A file system between, before or behind the partitions of a table."""
    part = any_victim(d)
    lead = d.rng.choice((34 * 512, 64 * KIB, MIB, MIB + 512, 2 * MIB + 1536))
    behind = -(-(lead + d.size(part)) // MIB) * MIB
    maker = d.rng.choice((dos, gpt))
    maker(d, behind + 6 * MIB, (behind, 4 * MIB, {dos: "83", gpt: LINUX}[maker]))
    d.copy(filesystems.ext(d, d.tree(), 4 * MIB), d.raw, behind)
    d.copy(part, d.raw, lead)
    d.layer(lead, d.size(part), "in a gap")


def behind_empty_table(d):
    part = any_victim(d)
    offset = d.rng.choice((63 * 512, MIB, MIB + 512, 5 * 512))
    d.empty(d.raw, offset + d.size(part) + MIB)
    d.put(d.raw, 446, mbr(), "an empty MBR")
    d.copy(part, d.raw, offset)
    d.layer(offset, d.size(part), "behind an empty table")


def at_odd_offset(d):
    """No table at all, and the file system does not begin where the disk does."""
    part = any_victim(d)
    offset = d.rng.choice((512, 1536, 4096, 63 * 512, 64 * KIB, MIB + 512))
    d.empty(d.raw, offset + d.size(part))
    if d.rng.random() < 0.5:
        d.put(d.raw, 0, d.noise(512), "noise")
    d.copy(part, d.raw, offset)
    d.layer(offset, d.size(part), "at an odd offset")


def behind_file_system(d):
    """A small file system, and another in the same range behind its end."""
    small = filesystems.ext(d, d.tree(), 4 * MIB, filesystems.EXT_FLAVOURS[0])
    part = any_victim(d)
    offset = d.rng.choice((4 * MIB, 4 * MIB + 512, 5 * MIB))
    whole = d.empty(d.name("range"), -(-(offset + d.size(part)) // MIB) * MIB)
    d.copy(small, whole)
    d.copy(part, whole, offset)
    start, _ = place(d, whole)
    d.layer(start + offset, d.size(part), "behind a file system's end")


def in_free_space(d):
    """A file system in the free blocks of another."""
    host = filesystems.ext(d, d.tree(), 64 * MIB, ("ext4", "-b", "4096"))
    part = filesystems.make(d, d.rng.choice([k for k in ("ext", "squashfs", "erofs", "iso") if k in filesystems.usable()]),
                            tree_with_tokens(d), 2 * MIB)
    free = d.run("dumpe2fs", host)
    first = int(free.rsplit("Free blocks: ", 1)[1].split("-")[0].split(",")[0].strip() or 0) + d.rng.randrange(64)
    d.copy(part, host, first * 4096)
    start, _ = place(d, host)
    d.layer(start + first * 4096, d.size(part), "in free blocks")


def larger_than_partition(d):
    """The table cuts the file system's end off, or the disk goes on behind it."""
    part = any_victim(d)
    size = d.size(part)
    cut = d.rng.choice((512, 4096, MIB, size // 4 // 512 * 512))
    d.empty(d.raw, MIB + size + MIB)
    d.put(d.raw, 446, mbr((0x83, 2048, (size - cut) // 512)), "an MBR with a short partition")
    d.copy(part, d.raw, MIB)
    d.layer(MIB, size, "longer than its partition")


def backup_superblock(d):
    """The first superblock is gone; mount -o sb= and e2fsck use a copy."""
    part = filesystems.ext(d, tree_with_tokens(d), 24 * MIB, ("ext4", "-b", "1024"))
    length = d.rng.choice((1024, 2048))
    d.put(part, 1024, d.rng.choice((bytes(length), b"\xff" * length)), "nothing over the superblock")
    start, size = place(d, part)
    if d.rng.random() < 0.3:
        put_magic(d, d.raw, d.rng.choice(sorted(MAGIC)), start, size)


def two_of_a_kind(d):
    """A small ext on top of a large one: the first superblock is the decoy's, blocks behind are not."""
    large = filesystems.ext(d, tree_with_tokens(d), 24 * MIB, ("ext4", "-b", "1024"))
    small = filesystems.ext(d, d.tree(), 2 * MIB, ("ext4", "-b", "1024"))
    d.put(large, 0, d.get(small, 0, d.rng.choice((2 * KIB, 4 * KIB, 2 * MIB))), f"the first bytes of {small}")
    place(d, large)
