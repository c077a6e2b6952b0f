# SPDX-License-Identifier: GPL-3.0-or-later
"""What the receiver of a disk reaches: asked of the kernel and of public tools, never of
imgvet.  Each answer says which token, how, and where on the disk."""
import base64
import bz2
import glob
import io
import itertools
import lzma
import os
import re
import resource
import signal
import stat
import subprocess
import tempfile
import zipfile
import zlib

from disk import ENVIRONMENT, MIB

MOST_BYTES = 8 * MIB # of one file that is looked at: tokens lie in small ones
MOST_BACKUP_BYTES, MOST_BACKUPS = 128 * MIB, 8 # where copies of a superblock are looked for
MOST_WRITTEN = 16 * MIB # of one file that debugfs writes
MOST_NAMES, MOST_DEPTH = 5000, 40 # a damaged folder may hold itself
# What each type is mounted with, so that nothing is written and nothing replayed, and a
# superblock that asks for a panic does not get it.
OPTIONS = {"ext4": "noload,errors=continue", "xfs": "norecovery,nouuid", "btrfs": "rescue=nologreplay"}
TYPES = ("ext4", "btrfs", "xfs", "squashfs", "erofs", "vfat", "ntfs3", "exfat", "iso9660", "udf", "minix", "f2fs", "hfsplus")


class Reached:
    """One token as somebody sees it: way is "file", "disk", "packed ..." or "snapshot"."""

    def __init__(self, token, way, offset, size, path=None, through=""):
        self.token, self.way, self.offset, self.size, self.path, self.through = token, way, offset, size, path, through

    def __str__(self):
        where = f" {self.path}" if self.path else ""
        return f"{self.token} by {self.way}{where}, {self.through} of bytes {self.offset} to {self.offset + self.size}"


def bounded():
    """A damaged file may say that it has terabytes: debugfs would write them."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN) # the file is cut, and the next is written
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_WRITTEN, MOST_WRITTEN))


def tool(*args, limit=60, bound=None):
    try:
        return subprocess.run(args, capture_output=True, env=ENVIRONMENT, timeout=limit, preexec_fn=bound)
    except (FileNotFoundError, subprocess.TimeoutExpired):
        return subprocess.CompletedProcess(args, 127, b"", b"")


# --- which ranges somebody would look at ---

def kernel_partitions(raw):
    """What the kernel makes of the table: (offset, size) of each partition."""
    made = tool("losetup", "-r", "-P", "-f", "--show", raw)
    device = made.stdout.decode().strip()
    if not device:
        return []
    try:
        found = []
        for place in glob.glob(f"/sys/block/{os.path.basename(device)}/{os.path.basename(device)}p*"):
            start, size = (int(open(f"{place}/{what}").read()) * 512 for what in ("start", "size"))
            found.append((start, size))
        return found
    finally:
        tool("losetup", "-d", device)


def table_partitions(raw, offset, size):
    """What libblkid makes of either table in a range."""
    found = []
    with open(raw, "rb") as disk:
        disk.seek(offset)
        head = disk.read(1024)
    if b"\x55\xaa" != head[510:512] and b"EFI PART" != head[512:520]:
        return found
    window = raw
    device = None
    if offset or size != os.path.getsize(raw):
        device = tool("losetup", "-r", "-f", "--show", "-o", str(offset), "--sizelimit", str(size), raw).stdout.decode().strip()
        window = device
    try:
        for kind in ("dos", "gpt"):
            lines = tool("partx", "-g", "-b", "-t", kind, "-o", "START,SIZE", window).stdout.decode().splitlines()
            for line in lines:
                start, length = (int(word) for word in line.split())
                found.append((offset + start * 512, length))
    finally:
        if device:
            tool("losetup", "-d", device)
    return found


def ranges(raw, layers):
    """(offset, size, why), each once: the disk, its partitions by kernel and libblkid, theirs
    again, and what the construction says somebody may know of."""
    whole = os.path.getsize(raw)
    found = {(0, whole): "the disk"}
    for start, size in kernel_partitions(raw):
        found.setdefault((start, min(size, whole - start)), "a partition of the kernel")
    for start, size in table_partitions(raw, 0, whole):
        found.setdefault((start, min(size, whole - start)), "a partition of libblkid")
    for start, size in [r for r in found if r[0]]:
        for inner, length in table_partitions(raw, start, size):
            found.setdefault((inner, min(length, whole - inner)), "a partition in a partition")
    for layer in layers:
        found.setdefault((layer.offset, min(layer.size, whole - layer.offset)), layer.why)
    return [(start, size, why) for (start, size), why in found.items() if size > 0 and start < whole]


# --- decoding, as a receiver would ---

def unzipped(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return b"\0".join(archive.read(name) for name in archive.namelist())


def zstd(data):
    return subprocess.run(["zstd", "-dcq"], input=data, capture_output=True, timeout=30).stdout


def base64_runs(data):
    runs = re.findall(rb"[A-Za-z0-9+/\n]{40,}={0,2}", data)
    return b"\0".join(base64.b64decode(run.replace(b"\n", b"") + b"==") for run in runs)


def utf16(data):
    return data.decode("utf-16-le", "replace").encode() + b"\0" + data.decode("utf-16-be", "replace").encode()


def squashed(data):
    """All files of a squashfs, behind each other."""
    with tempfile.TemporaryDirectory() as folder:
        with open(f"{folder}/image", "wb") as out:
            out.write(data + bytes(4096)) # its end may be zeros
        tool("unsquashfs", "-q", "-n", "-d", f"{folder}/tree", f"{folder}/image")
        return b"\0".join(open(name, "rb").read() for name in glob.glob(f"{folder}/tree/**", recursive=True) if os.path.isfile(name))


WRONG = (OSError, ValueError, EOFError, lzma.LZMAError, zlib.error, zipfile.BadZipFile)


def streams(mark, decode):
    """A decoder of every stream that begins with the mark, wherever it does."""
    def decoded_streams(data):
        found = []
        for match in itertools.islice(re.finditer(re.escape(mark), data), 100):
            try:
                found.append(decode(data[match.start():]))
            except WRONG:
                continue
        return b"\0".join(found)
    return decoded_streams


def within(kind, mark, decode):
    return kind, lambda data: mark in data, streams(mark, decode)


# In the first column the kinds that docs/report.md has for it, joined by |.
DECODERS = (
    within("gzip", b"\x1f\x8b\x08", lambda data: zlib.decompressobj(31).decompress(data)),
    within("bzip2", b"BZh", lambda data: bz2.BZ2Decompressor().decompress(data)),
    within("xz", b"\xfd7zXZ\0", lambda data: lzma.LZMADecompressor().decompress(data)),
    within("lzma", b"\x5d\0\0", lambda data: lzma.LZMADecompressor(lzma.FORMAT_ALONE).decompress(data)),
    within("zstd", b"\x28\xb5\x2f\xfd", zstd),
    within("zlib", b"x\x9c", lambda data: zlib.decompressobj().decompress(data)),
    ("zip", lambda data: b"PK\3\4" in data, unzipped),
    ("squashfs", lambda data: data.startswith(b"hsqs"), squashed),
    ("base64", lambda data: re.search(rb"[A-Za-z0-9+/\n]{40,}", data), base64_runs),
    ("utf-16", lambda data: data.count(b"\0") > len(data) // 4, utf16),
)


def decoded(data, depth=2):
    """(kind, bytes) of everything that unpacks out of `data`."""
    for kind, looks, decode in DECODERS:
        if not looks(data):
            continue
        try:
            inner = decode(data)
        except WRONG:
            continue
        yield kind, inner
        if depth > 1 and len(inner) < MOST_BYTES:
            for _, further in decoded(inner, depth - 1):
                yield kind, further


# The names under which a rule takes a first line for a secret.
HISTORY = re.compile(rb"\.(?:bash|zsh)_history")


def typed(token, name, data):
    """A line of a history counts where it is the first text of a file of that name."""
    return HISTORY.fullmatch(name) and data.lstrip().startswith(token.secret)


# --- reading a mounted file system ---

def in_file(full, path, purse, give):
    """Content, attributes and link target of one name."""
    info = os.lstat(full)
    name = path.decode("utf-8", "backslashreplace")
    if stat.S_ISLNK(info.st_mode):
        for token in purse.within(os.readlink(full)):
            give(token, "link", name)
        return
    for attribute in os.listxattr(full, follow_symlinks=False):
        for token in purse.within(os.getxattr(full, attribute, follow_symlinks=False)):
            give(token, "attribute", name)
    if not stat.S_ISREG(info.st_mode) or info.st_size > 4 * MOST_BYTES:
        return
    with open(full, "rb") as source:
        data = source.read(MOST_BYTES)
    for token in purse.within(data):
        if token.kind != "history" or typed(token, os.path.basename(path), data):
            give(token, "file", name)
    for kind, inner in decoded(data.rstrip(b"\0")):
        for token in purse.within(inner):
            if token.kind != "history":
                give(token, f"packed {kind}", name)


def is_folder(entry):
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError: # its inode cannot be read
        return False


def names_below(root):
    """(full, path) of everything below a folder, breadth first: a damaged tree may be endless."""
    waiting, left = [(os.fsencode(root), b"", 0)], MOST_NAMES
    while waiting and left > 0:
        folder, path, depth = waiting.pop(0)
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError:
            continue
        for entry in entries[:left]:
            left -= 1
            if not entry.name or b"/" in entry.name:
                continue
            yield entry.path, path + b"/" + entry.name
            if depth < MOST_DEPTH and is_folder(entry):
                waiting.append((entry.path, path + b"/" + entry.name, depth + 1))


def in_tree(root, purse, give):
    for full, path in names_below(root):
        try:
            in_file(full, path, purse, give)
        except OSError:
            continue


def kernel_types(among=TYPES):
    with open("/proc/filesystems") as known:
        names = known.read().split()
    return [kind for kind in among if kind in names]


def mounts(raw, start, size, place, types=TYPES):
    """Mount the range in each way that works; yields how, and unmounts."""
    for kind in kernel_types(types):
        extra = OPTIONS.get(kind)
        options = f"ro,loop,offset={start},sizelimit={size}" + (f",{extra}" if extra else "")
        if not tool("mount", "-t", kind, "-o", options, raw, place).returncode:
            yield f"mount -t {kind}"
            tool("umount", place)
            if kind == "btrfs":
                tool("btrfs", "device", "scan", "--forget")
    yield from backups(raw, start, size, place)
    yield from ntfs(raw, start, size, place)


def backups(raw, start, size, place):
    """mount -o sb=: ext by a copy of its superblock, wherever one stands.  In units of 1 KiB."""
    with open(raw, "rb") as disk:
        disk.seek(start)
        data = disk.read(min(size, MOST_BACKUP_BYTES))
    copies = [at for at in range(4, len(data) // 1024) if data[at * 1024 + 56:at * 1024 + 58] == b"\x53\xef"]
    for at in copies[:MOST_BACKUPS]:
        options = f"ro,loop,noload,errors=continue,sb={at},offset={start},sizelimit={size}"
        if not tool("mount", "-t", "ext4", "-o", options, raw, place).returncode:
            yield f"mount -o sb={at}"
            tool("umount", place)


def ntfs(raw, start, size, place):
    with open(raw, "rb") as disk:
        disk.seek(start)
        if disk.read(11)[3:] != b"NTFS    ":
            return
    device = tool("losetup", "-r", "-f", "--show", "-o", str(start), "--sizelimit", str(size), raw).stdout.decode().strip()
    if not tool("ntfs-3g", "-o", "ro", device, place).returncode:
        yield "ntfs-3g"
        tool("umount", place)
    tool("losetup", "-d", device)


def by_files(raw, start, size, place, give):
    """FAT by mtools, ISO 9660 by bsdtar: where the kernel has no driver for them.  And ext by
    debugfs, which knows features that this kernel may lack and checks less."""
    with open(raw, "rb") as disk:
        disk.seek(start)
        head = disk.read(0x8006)
    if head[0x438:0x43a] == b"\x53\xef":
        tool("debugfs", "-R", f"rdump / {place}", f"{raw}?offset={start}", limit=20, bound=bounded)
        give("debugfs")
    if b"FAT" in head[0x36:0x57] and not tool("mcopy", "-s", "-n", "-i", f"{raw}@@{start}", "::/", place).returncode:
        give("mcopy")
    if head[0x8001:] == b"CD001":
        window = os.path.join(os.path.dirname(raw), "iso.part")
        tool("dd", f"if={raw}", f"of={window}", "bs=64K", f"skip={start}", f"count={size}", "iflag=skip_bytes,count_bytes",
             "conv=sparse")
        if not tool("bsdtar", "-x", "-f", window, "-C", place).returncode:
            give("bsdtar")
        os.unlink(window)


def minix(raw, start, size, purse, give):
    """Where no driver is at hand: blkid's word, and the root folder read as minix_fs.h draws it."""
    with open(raw, "rb") as disk:
        disk.seek(start)
        data = disk.read(min(size, 16 * MIB))
    block = data[1024:1044]
    if block[16:18] != b"\x7f\x13" or tool("blkid", "-p", "-O", str(start), "-S", str(size), "-n", "minix", raw).returncode:
        return
    maps = [int.from_bytes(block[i:i + 2], "little") for i in (4, 6)]
    table = (2 + sum(maps)) * 1024

    def body(number):
        node = data[table + 32 * (number - 1):table + 32 * number]
        zones = [int.from_bytes(node[14 + 2 * i:16 + 2 * i], "little") for i in range(7)]
        return b"".join(data[z * 1024:z * 1024 + 1024] for z in zones if z)[:int.from_bytes(node[4:8], "little")]

    folder = body(1)
    for at in range(0, len(folder), 16):
        number, name = int.from_bytes(folder[at:at + 2], "little"), folder[at + 2:at + 16].rstrip(b"\0")
        if number > 1:
            for token in purse.within(body(number)):
                if token.kind != "history" or typed(token, name, body(number)):
                    give(token, "file", "/" + name.decode())


# --- all of it ---

def on_disk(raw, purse, found):
    """The bytes of the disk, as grep sees them."""
    with open(raw, "rb") as disk:
        data = disk.read()
    for token in purse.tokens:
        at = data.find(token.secret) if token.kind != "history" else -1
        if at >= 0:
            found.append(Reached(token, "disk", at, token.length, through="grep"))


def in_range(raw, start, size, why, purse, found, place, types=TYPES):
    def giver(through):
        return lambda token, way, path: found.append(Reached(token, way, start, size, path, f"{through}, {why}"))

    for through in mounts(raw, start, size, place, types):
        in_tree(place, purse, giver(through))
    copied = place + ".files"
    os.makedirs(copied, exist_ok=True)

    def copied_by(through):
        in_tree(copied, purse, giver(through))
        tool("rm", "-rf", copied)
        os.makedirs(copied)

    by_files(raw, start, size, copied, copied_by)
    minix(raw, start, size, purse, giver("minix"))


def everything(disk):
    """What can be reached on this construction's image."""
    raw, found = disk.path(disk.raw), []
    place = disk.path("mnt")
    os.makedirs(place, exist_ok=True)
    on_disk(raw, disk.purse, found)
    for start, size, why in ranges(raw, disk.layers):
        in_range(raw, start, size, why, disk.purse, found, place)
    for start, size, other in disk.containers:
        found += [Reached(r.token, "inner", start, size, None, f"{other}, {r.through}") for r in on_another(disk, other)]
    if disk.image != disk.raw:
        found += in_container(disk)
    return found


def on_another(disk, name):
    """What a disk shows that somebody gets out of this one."""
    found, other = [], disk.path(name)
    on_disk(other, disk.purse, found)
    for start, size, why in ranges(other, []):
        in_range(other, start, size, why, disk.purse, found, disk.path("mnt"))
    return found


def in_container(disk):
    """What a qcow2 holds beside the disk that it shows: its snapshots, and whatever lies in the file."""
    found, image = [], disk.path(disk.image)
    for name in disk.snapshots:
        other = disk.path(f"{name}.raw")
        tool("qemu-img", "convert", "-l", f"snapshot.name={name}", "-O", "raw", image, other)
        found += [Reached(r.token, "snapshot", 0, os.path.getsize(disk.path(disk.raw)), None, f"qemu-img -l {name}, {r.through}")
                  for r in on_another(disk, f"{name}.raw")]
    inner = []
    on_disk(image, disk.purse, inner)
    found += [Reached(r.token, "container", 0, os.path.getsize(disk.path(disk.raw)), None, "grep in the qcow2") for r in inner]
    return found
