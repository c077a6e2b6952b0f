#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""make check-truth MUTATIONS=3000: metadata changed at random, and the word "complete" afterwards.

    IMGVET=build/imgvet tests/truth/mutate.py [--seed N] [--count N] [--only N] [--jobs N] [--keep DIR]

Each disk is ext with tokens that only sound metadata shows: histories, which are findings by
their file's name, and keys in pieces that lie apart.  What the kernel or debugfs still reads
of them after the change is found, or the scan is incomplete there: judge.py.  Mounted are
only disks made here, read-only, the journal unread, errors=continue."""
import os
import random
import re
import shutil
import sys
import tempfile

import filesystems
import judge
import layouts
import reach
import truth
from disk import KIB, MIB, Cannot, Disk

PER_BASE = 25 # changes of one disk, each on a fresh copy
# The families whose rules find these secrets; a scan with all of them spends its time on loading.
# Fewer rules find less and read the same, so this is no easier for the scan.
RULES = [word for family in ("private-keys", "databases", "histories")
         for word in ("--rules", os.path.join(os.path.dirname(os.path.abspath(__file__)), f"../../rules/{family}.yml"))]
# These disks are small: in memory, where it can be had, nothing waits for a drive.
MEMORY = "/dev/shm" if os.path.isdir("/dev/shm") and "TMPDIR" not in os.environ else None
FLAVOURS = (
    ("ext4", "-b", "1024", "-O", "^metadata_csum,^uninit_bg"),
    ("ext4", "-b", "4096", "-O", "^metadata_csum,^64bit,inline_data"),
    ("ext4", "-b", "1024", "-O", "^metadata_csum,inline_data,^uninit_bg", "-I", "256"),
    ("ext4", "-b", "1024", "-O", "^metadata_csum,bigalloc", "-C", "4096"),
    ("ext4", "-b", "1024", "-O", "^metadata_csum,meta_bg,^resize_inode", "-g", "1024"),
    ("ext4", "-b", "1024", "-O", "^metadata_csum,ea_inode", "-g", "512"),
    ("ext4", "-b", "1024"),
    ("ext3", "-b", "1024", "-g", "1024"),
    ("ext2", "-b", "1024", "-g", "1024"),
    ("ext2", "-b", "2048", "-I", "128"),
)


# --- the disk before ---

def plain_files(d, tree):
    for number in range(12):
        token = d.purse.history()
        deep = "/".join(f"d{n}" for n in range(number % 4))
        padding = b"\n" * d.rng.choice((0, 0, 60, 1500, 5000))
        d.file(tree, f"home/u{number}/{deep}/.bash_history".replace("//", "/"), padding + token.text, token.name)
    for number in range(60): # a folder of several blocks
        d.file(tree, f"var/many/entry-with-a-long-name-{number:04}", b"", "nothing")
    token = d.purse.history()
    d.file(tree, "var/many/zz/.zsh_history", token.text, token.name)


def in_pieces(d, tree):
    """Files over every other free block, each with a key across a seam: extents in a tree, indirect blocks."""
    for number in range(140):
        d.file(tree, f"fill/f{number:03}", b"0" * KIB, "zeros")
    commands = [f"rm /fill/f{number:03}" for number in range(0, 140, 2)]
    for number, seam in enumerate((2, 6, 14, 20)):
        token = d.purse.key()
        body = b"1" * (seam * KIB - d.rng.randrange(20, len(token.text) - 20)) + b"\n" + token.text
        d.file(".", f"piece{number}", body, token.name)
        commands.append(f"write piece{number} srv{number}")
    return commands


def base(d):
    """The disk, and where its metadata is: a list of (offset, length, what)."""
    tree = d.tree()
    plain_files(d, tree)
    commands = in_pieces(d, tree)
    flavour = d.rng.choice(FLAVOURS)
    part = filesystems.ext(d, tree, 3 * MIB, flavour)
    d.run("debugfs", "-w", "-f", "-", part, stdin="\n".join(commands) + "\n")
    where = d.rng.choice(("disk", "disk", "disk", "gpt", "mbr"))
    start, size = layouts.place(d, part, where)
    d.layer(start, size, "the file system")
    targets = metadata(d, part, start)
    if where != "disk":
        targets.append((446, 66, "the MBR"))
    if where == "gpt":
        targets += [(512, 96, "the GPT"), (1024, 256, "its entries")] * 2
    return targets


def metadata(d, part, start):
    """Found by their magic and by debugfs; offsets are of the disk."""
    data = d.get(part)
    block = 1024 << int.from_bytes(data[1024 + 24:1024 + 28], "little")
    found = [(1024, 0x180, "superblock")] * 3
    table = (1 if block > 1024 else 2) * block
    groups = -(-len(data) // block // max(1, int.from_bytes(data[1024 + 32:1024 + 36], "little")))
    found += [(table, 64 * groups, "group descriptors")] * 3
    for at in range(0, len(data), block):
        if data[at:at + 2] == b"\x0a\xf3":
            found.append((at, 120, "extent tree block"))
        if data[at:at + 4] == b"\0\0\2\xea":
            found.append((at, 64, "attribute block"))
        if data[at:at + 4] == b"\xc0\x3b\x39\x98":
            found.append((at, 64, "journal superblock"))
    for path in ("/", "/home", "/home/u0", "/home/u3", "/home/u7/d0", "/var", "/var/many", "/var/many/zz", "/srv0", "/srv3", "/srv2",
                 "/home/u0/.bash_history", "/home/u5/d0/.bash_history", "/home/u3/d0/d1/d2/.bash_history", "<8>", "<7>"):
        found += of_inode(d, part, path, block)
    return [(start + at, length, what) for at, length, what in found if at + length <= len(data)]


def of_inode(d, part, path, block):
    """The inode itself, and the blocks of a folder or of a map."""
    places, recipe = [], list(d.recipe)
    said = re.search(r"at block (\d+), offset 0x([0-9a-f]+)", d.run("debugfs", "-R", f"imap {path}", part))
    if said:
        at = int(said[1]) * block + int(said[2], 16)
        places += [(at, 128, f"inode of {path}"), (at, 64, f"inode of {path}")]
    if "history" not in path:
        numbers = [int(w) for w in d.run("debugfs", "-R", f"blocks {path}", part).split() if w.isdigit()]
        places += [(n * block, min(block, 256), f"block of {path}") for n in numbers[:20] if n]
    d.recipe = recipe # looking is no step
    return places


# --- the change ---

def flip(rng, old, _):
    at = rng.randrange(len(old))
    return old[:at] + bytes([old[at] ^ 1 << rng.randrange(8)]) + old[at + 1:]


def wild(rng, old, _):
    """A field of two or four bytes gets a value that somebody would try."""
    width = rng.choice((2, 4, 4))
    at = rng.randrange(0, len(old) - width + 1, 2)
    now = int.from_bytes(old[at:at + width], "little")
    value = rng.choice((0, 1, 2, 8, 11, 12, 0x7f, 0xff, 0xfff, 0x8000, 1 << 31, (1 << 32) - 1, now + 1, now - 1, now * 2, now ^ 0x80000,
                        now | 0x10000000, rng.randrange(4096), rng.randrange(1 << 32)))
    return old[:at] + (value % (1 << 8 * width)).to_bytes(width, "little") + old[at + width:]


def zeros(rng, old, _):
    return bytes(len(old))


def noise(rng, old, _):
    length = rng.randrange(1, 33)
    at = rng.randrange(max(1, len(old) - length))
    return (old[:at] + rng.randbytes(length) + old[at + length:])[:len(old)]


def another(rng, old, other):
    """What stands at another place of the metadata."""
    return (other + old[len(other):])[:len(old)]


CHANGES = (flip, flip, flip, wild, wild, wild, wild, wild, noise, zeros, another, another)


def change(d, targets, rng):
    for _ in range(rng.choice((1, 1, 1, 2, 3, 6, 12))):
        offset, length, what = rng.choice(targets)
        elsewhere = rng.choice(targets)
        how = rng.choice(CHANGES)
        new = how(rng, d.get(d.raw, offset, length), d.get(d.raw, elsewhere[0], elsewhere[1]))
        d.put(d.raw, offset, new, f"{how.__name__} in {what}: {new[:16].hex()}...")


# --- the property ---

def reached(d):
    found, raw, place = [], d.path(d.raw), d.path("mnt")
    os.makedirs(place, exist_ok=True)
    reach.on_disk(raw, d.purse, found)
    for start, size, why in reach.ranges(raw, d.layers):
        reach.in_range(raw, start, size, why, d.purse, found, place, ("ext4",))
    return found


def one_change(d, targets, seed, number, result, keep):
    rng = random.Random(f"{seed}:change:{number}")
    shutil.copyfile(d.path("sound.raw"), d.path(d.raw))
    recipe, d.recipe = d.recipe, list(d.recipe)
    change(d, targets, rng)
    found = reached(d)
    report, said = truth.scan(d.raw, d.folder, *RULES)
    wrong = [f"the scan failed: {said}"] if report is None else judge.failures(report, d, found) if report else []
    result.wrong += [f"change {number}: {line}" for line in wrong]
    result.tokens += len({r.token.name for r in found})
    result.complete += bool(report and report["coverage"]["complete"])
    result.made += 1
    if wrong or keep:
        result.recipe = d.recipe
        result.reached = [str(r) for r in found]
    if keep:
        shutil.copyfile(d.path(d.raw), os.path.join(keep, f"{number}.raw"))
    d.recipe = recipe


def one(job):
    """All changes of one base."""
    seed, numbers, keep = job
    result = truth.Result(numbers[0], "mutation")
    result.made = 0
    folder = tempfile.mkdtemp(prefix=f"truth-m{numbers[0]}-", dir=MEMORY)
    try:
        rng = random.Random(f"{seed}:base:{numbers[0] // PER_BASE}")
        d = Disk(folder, rng)
        targets = base(d)
        shutil.copyfile(d.path(d.raw), d.path("sound.raw"))
        for number in numbers:
            one_change(d, targets, seed, number, result, keep)
    except Cannot as reason:
        result.cannot = str(reason)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return result


def main():
    options = truth.arguments(3000)
    truth.alone_or_skip("mutations")
    if options.only:
        work = [(options.seed, range(int(options.only), int(options.only) + 1), options.keep)]
    else:
        work = [(options.seed, range(n, min(n + PER_BASE, options.count)), None) for n in range(0, options.count, PER_BASE)]
    results, seconds = truth.in_pool(one, work, options.jobs)
    if options.only:
        truth.show(results[0])
    made, bad = sum(r.made for r in results), sum(len({w.split(":")[0] for w in r.wrong}) for r in results)
    print(f"{made} changed disks, {sum(r.tokens for r in results)} tokens within reach, {sum(r.complete for r in results)} scans complete, "
          f"{bad} false, {seconds:.0f} s")
    return 1 if bad or not made else 0


if __name__ == "__main__":
    sys.exit(main())
