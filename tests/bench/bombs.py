#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""bombs.py - small disks that ask for much memory or time, and what a scan of them takes.

Each bomb has an honest twin: the same files and bytes, without the trick.  Memory is the sum
over the process and its children, sampled (Pss).  Prints the table of docs/performance.md.

    bombs.py IMGVET [NAME ...]
"""

import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time

LINE = b"line %08d says nothing of note, and value is %08x\n"
KEY = (b"-----BEGIN PRIVATE KEY-----\n"
       b"MC4CAQAwBQYDK2VwBCIEIEludmVudGVkIHNhbXBsZSBrZXkgZm9yIGltZ3ZldCAh\n"
       b"-----END PRIVATE KEY-----\n")
NAMES = 65024  # of one inode, or inodes: what 16 bits of links or references allow


# --- disks -----------------------------------------------------------------------------

PART = b"".join(LINE % (i, i * 2654435761 % 2**32) for i in range(20000))


def text(size):
    return (PART * (size // len(PART) + 1))[:size]


def write(path, data):
    with open(path, "wb") as f:
        f.write(data)


def make(image, tree, size, options=()):
    with open(image, "wb") as f:
        f.truncate(size)
    subprocess.run(["mke2fs", "-q", "-F", "-t", "ext4", "-E", "root_owner=0:0", *options, "-d",
                    tree, image], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Ext:
    """Just enough of ext4 to patch inodes: kernel documentation, filesystems/ext4."""

    def __init__(self, image):
        self.f = open(image, "r+b")
        s = self.read(1024, 1024)
        self.inodes, self.blocks = struct.unpack_from("<II", s)
        self.block = 1024 << struct.unpack_from("<I", s, 24)[0]
        self.per_group, = struct.unpack_from("<I", s, 40)
        self.inode_size, = struct.unpack_from("<H", s, 88)
        self.desc = struct.unpack_from("<H", s, 254)[0] if s[96] & 0x80 else 32
        self.table = self.block if self.block > 1024 else 2048
        self.tables = {}

    def read(self, at, size):
        self.f.seek(at)
        return self.f.read(size)

    def write(self, at, data):
        self.f.seek(at)
        self.f.write(data)

    def inode_at(self, number):
        group, index = divmod(number - 1, self.per_group)
        if group not in self.tables:
            self.tables[group], = struct.unpack("<I", self.read(self.table + group * self.desc + 8, 4))
        return self.tables[group] * self.block + index * self.inode_size

    def files(self):
        """Numbers of regular files."""
        for number in range(12, self.inodes + 1):
            mode, = struct.unpack("<H", self.read(self.inode_at(number), 2))
            if mode & 0xF000 == 0x8000:
                yield number

    def set_attributes(self, number, block):
        self.write(self.inode_at(number) + 104, struct.pack("<I", block))

    def attribute_block(self, number, entries, owners, overlap=False):
        """entries: (name, value), or with overlap all have the last bytes of the block."""
        head = struct.pack("<IIIII12x", 0xEA020000, owners, 1, 0, 0)
        end, names = self.block, b""
        for name, value in entries:
            if not overlap:
                end -= (len(value) + 3) // 4 * 4
            size, at = (len(value), end) if not overlap else (value, self.block - value)
            names += struct.pack("<BBHIII", len(name), 1, at, 0, size, 0) + name
            names += bytes(-len(names) % 4)
        data = bytearray(self.block)
        data[:len(head) + len(names)] = head + names
        if overlap:
            data[len(head) + len(names) + 4:] = text(self.block - len(head) - len(names) - 4)
        end = self.block
        for name, value in entries if not overlap else ():
            end -= (len(value) + 3) // 4 * 4
            data[end:end + len(value)] = value
        self.write(number * self.block, bytes(data))

    def body_attribute(self, number, name, inode, size):
        """An attribute in the inode whose value an inode holds."""
        at = self.inode_at(number)
        extra, = struct.unpack("<H", self.read(at + 128, 2))
        entry = struct.pack("<IBBHIII", 0xEA020000, len(name), 1, 0, inode, size, 0) + name
        self.write(at + 128 + extra, entry + bytes(8))

    def make_value_inode(self, number):
        at = self.inode_at(number)
        flags, = struct.unpack("<I", self.read(at + 32, 4))
        self.write(at + 32, struct.pack("<I", flags | 0x200000))


def many_files(tree, count):
    for i in range(count):  # mke2fs is slow with long directories
        if i % 500 == 0:
            os.mkdir(f"{tree}/d{i}")
        write(f"{tree}/d{i // 500 * 500}/f{i}", b"")


PLAIN = ("-O", "^metadata_csum,^has_journal")
BIG_BLOCKS = PLAIN + ("-b", "65536", "-N", "70000")


# --- bombs: each makes bomb.img and twin.img in the folder ---------------------------------

def one_file(d, names, content, prefix=""):
    for which in ("twin", "bomb"):
        tree = f"{d}/{which}"
        os.mkdir(tree)
        write(f"{tree}/first", content)
        base = tree
        for i in range(names if which == "bomb" else 0):
            if i % 1000 == 0:
                base = f"{tree}/{prefix}{i}"
                os.mkdir(base)
            os.link(f"{tree}/first", f"{base}/{prefix}{i}")
        make(f"{d}/{which}.img", tree, 300 << 20)


def names_60mb(d):
    one_file(d, 200, text(60 << 20) + KEY)


def names_65000(d):
    one_file(d, 64900, text(60 << 20) + KEY)


def names_long(d):
    one_file(d, 64900, text(1 << 20) + KEY, prefix="n" * 230)


def names_hits(d):
    one_file(d, 64900, KEY * 900)


def attributes(d, entries, overlap=False, owners=NAMES, each=False, said=1):
    """each: every file has a block of its own, which says that `said` files share it."""
    tree = f"{d}/tree"
    os.mkdir(tree)
    many_files(tree, owners)
    make(f"{d}/twin.img", tree, 512 << 20, BIG_BLOCKS)
    shutil.copy(f"{d}/twin.img", f"{d}/bomb.img")
    e = Ext(f"{d}/bomb.img")
    last = e.blocks - 1
    for i, number in enumerate(e.files()):
        if each:
            e.attribute_block(last - i, entries, said, overlap)
        e.set_attributes(number, last - i if each else last)
    if not each:
        e.attribute_block(last, entries, owners, overlap)
    e.f.close()


def attribute_large(d):
    attributes(d, [(b"note", text(60000))])


def attribute_secret(d):
    attributes(d, [(b"note", KEY)])


def attributes_small(d):
    attributes(d, [(b"%06d" % i, b"tiny") for i in range(2000)])


def attributes_overlap(d):
    attributes(d, [(b"%06d" % i, 2000) for i in range(2500)], True)


def attributes_overlap_40(d):
    attributes(d, [(b"%03d" % i, 50000) for i in range(700)], True, 40, True)


def attributes_own(d):
    """The twin has the same blocks, each said to be of one file."""
    attributes(d, [(b"note", b"tiny")], owners=6000, each=True, said=1)
    os.rename(f"{d}/bomb.img", f"{d}/one.img")
    shutil.rmtree(f"{d}/tree")
    attributes(d, [(b"note", b"tiny")], owners=6000, each=True, said=2)
    os.rename(f"{d}/one.img", f"{d}/twin.img")


def value_inode(d):
    """One inode with 60 KB is the value of an attribute of all the others."""
    tree = f"{d}/tree"
    os.mkdir(tree)
    many_files(tree, NAMES)
    write(f"{tree}/z-value", text(60000) + KEY)
    make(f"{d}/twin.img", tree, 512 << 20,
         ("-O", "^metadata_csum,^has_journal,ea_inode", "-N", "70000"))
    shutil.copy(f"{d}/twin.img", f"{d}/bomb.img")
    e = Ext(f"{d}/bomb.img")
    numbers = list(e.files())
    value = next(n for n in numbers
                 if struct.unpack("<I", e.read(e.inode_at(n) + 4, 4))[0] > 0)
    e.make_value_inode(value)
    for n in numbers:
        if n != value:
            e.body_attribute(n, b"note", value, 60000 + len(KEY))
    e.f.close()
    # The value has no name of its own.
    subprocess.run(["debugfs", "-w", "-R", "unlink /z-value", f"{d}/bomb.img"], check=True,
                   stderr=subprocess.DEVNULL)


def deep(d):
    """Folders in folders, each with a neighbour that waits."""
    for which, depth, width in (("twin", 1, 8000), ("bomb", 4000, 1)):
        tree = f"{d}/{which}"
        os.mkdir(tree)
        here = os.open(".", os.O_RDONLY)
        os.chdir(tree)
        for i in range(depth):
            for j in range(width):
                os.mkdir(f"a{j}")
            os.mkdir("b")
            os.chdir("b")
        os.fchdir(here)
        os.close(here)
        make(f"{d}/{which}.img", tree, 300 << 20, ("-N", "20000"))


def tokens(d):
    """A file full of what is found."""
    for which, data in (("twin", text(100 << 20)), ("bomb", KEY * ((100 << 20) // len(KEY)))):
        tree = f"{d}/{which}"
        os.mkdir(tree)
        write(f"{tree}/f", data)
        make(f"{d}/{which}.img", tree, 300 << 20)


def pieces(d):
    """A file in 20,000 pieces, under 200 names: every second block of it is a hole."""
    for which in ("twin", "bomb"):
        tree = f"{d}/{which}"
        os.mkdir(tree)
        with open(f"{tree}/f", "wb") as f:
            for i in range(20000):
                f.seek(i * (8192 if which == "bomb" else 4096))
                f.write(text(4096))
        for i in range(200 if which == "bomb" else 0):
            os.link(f"{tree}/f", f"{tree}/n{i}")
        make(f"{d}/{which}.img", tree, 400 << 20)


def symlinks(d):
    """50,000 links with long targets; the twin has them as files."""
    for which in ("twin", "bomb"):
        tree = f"{d}/{which}"
        os.mkdir(tree)
        for i in range(50000):
            folder = f"{tree}/d{i // 500}"
            if i % 500 == 0:
                os.mkdir(folder)
            if which == "bomb":
                os.symlink("t" * 4000, f"{folder}/{i}")
            else:
                write(f"{folder}/{i}", b"t" * 4000)
        make(f"{d}/{which}.img", tree, 400 << 20, ("-b", "4096", "-N", "60000"))


BOMBS = {
    "names_60mb": (names_60mb, "201 names of a file of 60 MB with a key"),
    "names_65000": (names_65000, "64,901 names of it"),
    "names_long": (names_long, "64,901 names of 460 bytes of a file with a key"),
    "names_hits": (names_hits, "64,901 names of a file with 900 keys"),
    "attribute_large": (attribute_large, "65,024 files share a block with an attribute of 60 KB"),
    "attribute_secret": (attribute_secret, "they share one with a key"),
    "attributes_small": (attributes_small, "they share one with 2,000 attributes"),
    "attributes_overlap": (attributes_overlap, "they share one with 2,500 that overlap"),
    "attributes_overlap_40": (attributes_overlap_40, "40 files, each with 700 of 50 KB that overlap"),
    "attributes_own": (attributes_own, "6,000 files, each with a block of 64 KB said to be shared"),
    "value_inode": (value_inode, "65,024 files share an attribute's inode of 60 KB with a key"),
    "deep": (deep, "4,000 folders in each other"),
    "tokens": (tokens, "100 MB of keys in one file"),
    "pieces": (pieces, "a file in 20,000 pieces under 201 names"),
    "symlinks": (symlinks, "50,000 symbolic links of 4,000 bytes"),
}


# --- measuring ------------------------------------------------------------------------------

def pss_of(pid):
    """Bytes of the process and all below it."""
    total = 0
    try:
        with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as f:
            total += sum(int(line.split()[1]) * 1024 for line in f if line.startswith("Pss:"))
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as f:
            total += sum(pss_of(int(child)) for child in f.read().split())
    except (OSError, ValueError):
        pass
    return total


def measure(imgvet, image, folder):
    """Seconds of processor time, peak bytes, findings, complete."""
    before = os.times()
    report = f"{folder}/report.json"
    process = subprocess.Popen([imgvet, "scan", "-q", "-o", report, image],
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = [0]
    done = threading.Event()

    def watch():
        while not done.is_set():
            peak[0] = max(peak[0], pss_of(process.pid))
            time.sleep(0.02)

    watcher = threading.Thread(target=watch)
    watcher.start()
    status = process.wait()
    done.set()
    watcher.join()
    after = os.times()
    seconds = (after.children_user + after.children_system -
               before.children_user - before.children_system)
    return seconds, peak[0], status, report


def describe(report):
    try:
        with open(report, encoding="utf-8") as f:
            data = json.load(f)
    except (OSError, ValueError):
        return "no report"
    reasons = {m["reason"] for m in data["coverage"]["misses"]}
    whole = "complete" if data["coverage"]["complete"] else "incomplete: " + "; ".join(sorted(reasons))
    return f"{len(data['findings'])} findings, {whole}"


def run(imgvet, name):
    make_images, words = BOMBS[name]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_CONFIG_HOME"] = os.environ["XDG_DATA_HOME"] = f"{folder}/home"
        make_images(folder)
        twin = measure(imgvet, f"{folder}/twin.img", folder)
        bomb = measure(imgvet, f"{folder}/bomb.img", folder)
        print(f"| {words} | {twin[0]:.1f} | {bomb[0]:.1f} | {twin[1] / 1e6:.0f} | "
              f"{bomb[1] / 1e6:.0f} | {bomb[2]}: {describe(bomb[3])} |", flush=True)
        subprocess.run(["rm", "-rf", f"{folder}/bomb", f"{folder}/twin"], check=True)  # too deep for Python


def main():
    names = sys.argv[2:] or list(BOMBS)
    print("| bomb | twin, s | bomb, s | twin, MB | bomb, MB | exit and report |")
    print("|---|---|---|---|---|---|")
    for name in names:
        run(os.path.abspath(sys.argv[1]), name)


if __name__ == "__main__":
    main()
