# SPDX-License-Identifier: GPL-3.0-or-later
"""Constructions about what lies inside one ext file system that everybody agrees on: links,
attributes, slack, deleted files, holes, packed and encoded copies.  And about its container."""
import base64
import bz2
import gzip
import io
import lzma
import os
import subprocess
import tarfile
import zipfile
import zlib

import filesystems
from decoys import put_any
from disk import KIB, MIB
from layouts import honest, place, tree_with_tokens

# Names that some rule leaves out, and names that none does.
QUIET = ("usr/share/doc/x/sample", "usr/lib/python3/test/keys.pem", "usr/share/perl5/T/key.pem", "usr/lib/x/tests/key.pem",
         "usr/share/x/testdata/a", "usr/lib/go/src/a_test.go", "usr/share/doc/openssl/README", "a/public.pub")
LOUD = ("zz/notes.txt", "aa/notes.txt", "root/deploy.pem", "home/user/.bash_history", "etc/app.env", "var/backups/k", "srv/x",
        "opt/tool/data.bin", "zz/z/z")


def ext(d, tree, size=16 * MIB):
    return filesystems.ext(d, tree, size)


def debugfs(d, part, *commands):
    d.run("debugfs", "-w", "-f", "-", part, stdin="\n".join(commands) + "\n")


def blocks(d, part, path):
    """(block size, the blocks of a file)."""
    size = int(next(line for line in d.run("dumpe2fs", "-h", part).splitlines() if line.startswith("Block size:")).split()[-1])
    return size, [int(word) for word in d.run("debugfs", "-R", f"blocks {path}", part).split()]


# --- names ---

def links(d):
    """Hard links: every name is judged, whatever another one silences."""
    tree, token = d.tree(), d.rng.choice((d.purse.key, d.purse.key, d.purse.any))()
    names = [d.rng.choice(QUIET), d.rng.choice(LOUD), *d.rng.sample(QUIET + LOUD, d.rng.choice((0, 0, 1, 3)))]
    if token.kind == "history":
        names[1] = "home/user/.bash_history"
    names = list(dict.fromkeys(names))
    d.rng.shuffle(names)
    d.file(tree, names[0], token.text, token.name)
    part = ext(d, tree)
    folders = sorted({"/".join(name.split("/")[:i]) for name in names[1:] for i in range(1, name.count("/") + 1)})
    debugfs(d, part, *[f"mkdir /{folder}" for folder in folders], *[f"ln /{names[0]} /{name}" for name in names[1:]],
            f"set_inode_field /{names[0]} links_count {len(names)}")
    place(d, part)


def quiet_names(d):
    """A real key is a key under every name."""
    tree = d.tree()
    for name in d.rng.sample(QUIET, 3):
        token = d.purse.key()
        d.file(tree, name, token.text, token.name)
    place(d, ext(d, tree))


def symlinks(d):
    """A token in a link's target, short in the inode and long in a block."""
    tree = d.tree()
    for number, length in enumerate((0, 200)):
        token = d.purse.url()
        target = "postgres://" + token.secret.decode() + "@db.example.net/" + "x" * length
        os.makedirs(d.path(tree), exist_ok=True)
        os.symlink(target, d.path(f"{tree}/link{number}"))
        d.note(f"ln -s {token.name}... {tree}/link{number}")
    place(d, ext(d, tree))


# --- attributes and small places ---

def attributes(d):
    """In the inode, in a block, in an inode of their own."""
    tree = d.tree()
    d.file(tree, "srv/file", b"nothing here\n", "words")
    part = filesystems.ext(d, tree, 16 * MIB, d.rng.choice((("ext4", "-b", "1024"), ("ext4", "-b", "4096", "-O", "ea_inode"),
                                                               ("ext4", "-b", "4096", "-I", "512"), ("ext3", "-b", "1024", "-I", "128"))))
    for number, pad in enumerate((0, d.rng.choice((300, 700)))):
        token = d.purse.url()
        value = b"x" * pad + b"\n" + token.text
        name = d.name("value")
        d.file(".", name, value, token.name)
        debugfs(d, part, f"ea_set -f {name} /srv/file user.note{number}")
    place(d, part)


def inline(d):
    """Data that lives in the inode."""
    tree, token = d.tree(), d.purse.url()
    d.file(tree, "etc/a.env", token.text, token.name)
    token = d.purse.history()
    d.file(tree, "home/u/.bash_history", token.text, token.name)
    place(d, filesystems.ext(d, tree, 16 * MIB, ("ext4", "-b", "4096", "-O", "inline_data")))


def deleted(d):
    tree = d.tree()
    paths = [d.plant(tree, d.purse.key()), d.plant(tree, d.purse.url())]
    part = ext(d, tree)
    debugfs(d, part, *[f"rm /{path}" for path in paths])
    place(d, part)


def slack(d):
    """Behind a file's end, in its last block; perhaps on into the next block."""
    tree, token = d.tree(), d.rng.choice((d.purse.key, d.purse.url))()
    size = d.rng.choice((10, 200, 1000))
    d.file(tree, "srv/data", b"a" * size + b"\n" * 200, "letters")
    part = filesystems.ext(d, tree, 24 * MIB, d.rng.choice((("ext4", "-b", "1024"), ("ext4", "-b", "4096"),
                                                              ("ext4", "-b", "4096", "-O", "bigalloc", "-C", "65536"))))
    block, where = blocks(d, part, "/srv/data")
    ends = (len(where) * block if block == 4096 or len(where) > 1 else block)
    at = d.rng.choice((size + 300, ends - len(token.text), ends - len(token.text) // 2, ends - 20))
    d.put(part, where[0] * block + max(at, size + 201), token.text, token.name)
    place(d, part)


def holes(d):
    """A file with holes, a token between them and one on each side of its blocks' edges."""
    tree = d.tree()
    for number in range(3):
        token = d.purse.any()
        path = {"history": f"home/h{number}/.zsh_history"}.get(token.kind, f"srv/sparse{number}")
        at = 0 if token.kind == "history" else d.rng.choice((0, 4090, 65536 - 30, 300000, 1024 * 1024 - 100))
        d.file(tree, path, b"", "nothing")
        with open(d.path(f"{tree}/{path}"), "r+b") as out:
            out.seek(at)
            out.write(token.text)
        os.truncate(d.path(f"{tree}/{path}"), at + len(token.text) + d.rng.choice((0, 8192, 3 << 20)))
        d.note(f"write {token.name} at {at} of {tree}/{path}, then a hole")
    place(d, ext(d, tree))


def unwritten(d):
    """Blocks that are allotted but not written: the kernel reads zeros, the disk has a token."""
    part = filesystems.ext(d, d.tree(), 16 * MIB, ("ext4", "-b", "4096"))
    debugfs(d, part, "write /dev/null f", "fallocate /f 0 7")
    block, where = blocks(d, part, "/f")
    token = d.rng.choice((d.purse.key, d.purse.url))()
    d.put(part, where[d.rng.randrange(len(where))] * block + d.rng.randrange(3000), token.text, token.name)
    place(d, part)


def beyond_end(d):
    """Whole blocks of a file behind its end."""
    tree = d.tree()
    d.file(tree, "srv/data", b"words, words\n" * 3000, "words")
    part = ext(d, tree)
    block, where = blocks(d, part, "/srv/data")
    token = d.rng.choice((d.purse.key, d.purse.url))()
    d.put(part, where[-1] * block, token.text, token.name)
    debugfs(d, part, f"set_inode_field /srv/data size {d.rng.choice((0, 100, 5000))}")
    place(d, part)


def nameless(d):
    """In use, and in no folder: what a crash leaves, and e2fsck puts into lost+found."""
    tree = d.tree()
    paths = [d.plant(tree, d.purse.key()), d.plant(tree, d.purse.url())]
    part = ext(d, tree)
    debugfs(d, part, *[f"unlink /{path}" for path in paths])
    if d.rng.random() < 0.5: # a whole folder without a name
        debugfs(d, part, "unlink /srv")
    place(d, part)


def fragments(d):
    """A file whose blocks are apart, with a token across the seams."""
    tree = d.tree()
    for number in range(160):
        d_name = f"{tree}/f{number:03}"
        with open(d.path(d_name), "wb") as out:
            out.write(b"0" * 1024)
    d.note(f"160 files of 1 KiB in {tree}")
    part = filesystems.ext(d, tree, 2 * MIB, d.rng.choice((("ext4", "-b", "1024"), ("ext2", "-b", "1024"))))
    token = d.rng.choice((d.purse.key, d.purse.url))()
    d.file(".", "long", b"1" * (3 * 1024 - d.rng.randrange(1, len(token.text))) + b"\n" + token.text + b"2" * 2000, token.name)
    debugfs(d, part, "write /dev/null fill", *[f"rm /f{number:03}" for number in range(0, 160, 2)], "write long long")
    place(d, part)


def journal(d):
    """What the journal of a mounted system still holds, and its newer file perhaps nowhere else."""
    part = filesystems.ext(d, d.tree(), 32 * MIB, ("ext4", "-b", "1024"))
    where = d.tree()
    d.run("mount", "-o", "loop,data=journal", part, where)
    try:
        token = d.purse.url()
        d.file(where, "srv/gone.env", token.text, token.name)
        d.run("sync", "-f", where)
        d.run("rm", f"{where}/srv/gone.env")
        kept = d.purse.history()
        d.file(where, "home/u/.bash_history", kept.text, kept.name)
    finally:
        d.run("umount", where)
    place(d, part)


def metadata(d):
    """Places that belong to no file and to the file system all the same."""
    part = filesystems.ext(d, tree_with_tokens(d, ("history",)), 24 * MIB, ("ext4", "-b", "1024", "-N", "4096"))
    for at in d.rng.sample((0, 400, 1024 * 24 * 1024 - 300, 8192 * 1024 + 2500, 16384 * 1024 + 3000), 2):
        token = d.purse.url()
        d.put(part, at, token.text, token.name)
    place(d, part)


def between(d):
    """Where partitions are not: the boot sectors, the tables' rest, the disk's end."""
    honest(d)
    d.complete = False # it may well be
    size = d.size(d.raw)
    for at in d.rng.sample((4, 600, 1024 + 64 * 128 + 40, 40 * 512, MIB - 30, size - 8 * 512 - 40, size - 400, size - MIB), 3):
        token = d.purse.url()
        d.put(d.raw, at, token.text, token.name)


# --- packed and encoded ---

def zipped(data):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner/file.txt", data)
    return out.getvalue()


def tarred(data, mode):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=f"w:{mode}") as archive:
        info = tarfile.TarInfo("inner/file.txt")
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def piped(*command):
    """Packing by a tool that reads stdin."""
    return lambda data: subprocess.run(command, input=data, capture_output=True, check=True).stdout


PACKERS = {
    "gzip": ("a.gz", gzip.compress),
    "bzip2": ("a.bz2", bz2.compress),
    "xz": ("a.xz", lzma.compress),
    "lzma": ("a.lzma", lambda data: lzma.compress(data, lzma.FORMAT_ALONE)),
    "zstd": ("a.zst", piped("zstd", "-q", "-c")),
    "zip": ("a.zip", zipped),
    "tar.gz": ("a.tar.gz", lambda data: tarred(data, "gz")),
    "tar.xz": ("a.tar.xz", lambda data: tarred(data, "xz")),
    "gzip twice": ("a.gz.gz", lambda data: gzip.compress(gzip.compress(data))),
    "gzip without name": ("blob", gzip.compress),
    "gzip behind a head": ("image.bin", lambda data: b"head" * 384 + gzip.compress(data)), # 3 sectors
    "base64": ("a.b64", base64.encodebytes),
    "base64 in a line": ("config.json", lambda data: b'{"data": "' + base64.b64encode(b"user data\n" + data) + b'"}\n'),
    "utf-16-le": ("a.txt", lambda data: b"\xff\xfe" + data.decode().encode("utf-16-le")),
    "utf-16-be": ("a.txt", lambda data: b"\xfe\xff" + data.decode().encode("utf-16-be")),
    "utf-16 without mark": ("a.reg", lambda data: data.decode().encode("utf-16-le")),
}


def packed(d):
    """A token that no search of stored bytes finds: named among what is packed, or the scan is incomplete."""
    tree = d.tree()
    for number, kind in enumerate(d.rng.sample(sorted(PACKERS), 3)):
        name, pack = PACKERS[kind]
        token = d.rng.choice((d.purse.key, d.purse.url))()
        text = b"# settings of an invented service\n" * d.rng.choice((1, 40)) + token.text
        d.file(tree, f"var/lib/x{number}/{name}", pack(text), f"{token.name} as {kind}")
    place(d, ext(d, tree))


STREAMS = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "lzma": lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
    "zstd": piped("zstd", "-q", "-c"),
    "zlib": zlib.compress,
    "zip": zipped,
}


def packed_inside(d):
    """A packed stream at any offset of a file, as in a program that unpacks itself."""
    tree, token = d.tree(), d.purse.key()
    kind = d.rng.choice(sorted(STREAMS))
    bodies = (b"#!/bin/sh\n# an invented installer\n" + b"true\n" * d.rng.randrange(1, 400), d.rng.randbytes(d.rng.randrange(1, 3000)),
              bytes(d.rng.randrange(1, 70000)), b"\x7fELF" + b"\x48\x89\xe5" * d.rng.randrange(1, 200000))
    before, after = d.rng.choice(bodies), d.rng.choice(bodies)
    d.file(tree, "opt/install.run", before + STREAMS[kind](token.text) + after, f"{token.name} as {kind} behind {len(before)} bytes")
    place(d, ext(d, tree))


def image_in_file(d):
    """A compressed file system as a file, as snaps and initial disks are."""
    inner = filesystems.squashfs(d, tree_with_tokens(d, ("key", "url")), 0)
    tree = d.tree()
    d.file(tree, d.rng.choice(("var/lib/snapd/snaps/x_1.snap", "boot/live.img", "srv/a")), d.get(inner), inner)
    place(d, ext(d, tree))


# --- containers ---

def qcow2(d):
    """The same disk in another container; compressed clusters."""
    d.rng.choice((honest, lambda disk: place(disk, ext(disk, tree_with_tokens(disk)))))(d)
    d.run("qemu-img", "convert", "-O", "qcow2", *d.rng.choice(([], ["-c"], ["-o", "cluster_size=4096"], ["-o", "extended_l2=on"])),
          d.raw, "disk.qcow2")
    d.image = "disk.qcow2"


def snapshot(d):
    """Tokens only in an internal snapshot: the file goes to the receiver with it."""
    place(d, ext(d, tree_with_tokens(d)))
    d.run("qemu-img", "convert", "-O", "qcow2", d.raw, "disk.qcow2")
    d.run("qemu-img", "snapshot", "-c", "before", "disk.qcow2")
    d.snapshots = ["before"]
    size = d.size(d.raw)
    clean = filesystems.ext(d, d.tree(), size)
    d.empty(d.raw, size)
    d.copy(clean, d.raw)
    d.run("qemu-io", "-c", f"write -s {d.raw} 0 {size}", "disk.qcow2")
    d.image = "disk.qcow2"


def unreferenced(d):
    """Clusters of a qcow2 that its tables no longer name."""
    place(d, ext(d, tree_with_tokens(d)))
    d.run("qemu-img", "convert", "-O", "qcow2", d.raw, "disk.qcow2")
    d.run("qemu-io", "-d", "ignore", "-c", f"{d.rng.choice(('discard', 'write -z'))} 0 {d.size(d.raw)}", "disk.qcow2")
    d.empty(d.raw, d.size(d.raw))
    d.image = "disk.qcow2"


def two_layers(d):
    """Several of these at once: an agreed file system with tokens everywhere."""
    tree = tree_with_tokens(d)
    name, pack = PACKERS["gzip"]
    token = d.purse.key()
    d.file(tree, f"srv/{name}", pack(token.text), f"{token.name} as gzip")
    gone = d.plant(tree, d.purse.key())
    part = ext(d, tree)
    debugfs(d, part, f"rm /{gone}")
    start, size = place(d, part)
    put_any(d, d.raw, start, size)
