# SPDX-License-Identifier: GPL-3.0-or-later
"""What the disks of images hold.  An image's disks[device] is the path of a file, or {"blob": name} after
an import, either raw or qcow2; an image of which nothing was said has a megabyte of zeros."""
import subprocess

QCOW2, UNSAID = b"QFI\xfb", 1 << 20


def first_bytes(world, content, count):
    if isinstance(content, dict):
        return world.blobs.read(content["blob"], 0, count)
    with open(content, "rb") as file:
        return file.read(count)


def format_of(world, content):
    return "QCOW2" if first_bytes(world, content, 4) == QCOW2 else "RAW"


def virtual_size(world, content, size):
    """Bytes of the disk in a file of `size` bytes."""
    head = first_bytes(world, content, 32)
    return int.from_bytes(head[24:32], "big") if head[:4] == QCOW2 else size


def unpack(world, content, path):
    """The content as a file at `path`."""
    with open(path, "wb") as file:
        if content is None:
            file.truncate(UNSAID)
        else:
            file.writelines(world.blobs.pieces(content["blob"]))
    return path


def raw_file(world, content, path):
    """The path of the content as a raw file: its own, or `path`, which is written."""
    file = content if isinstance(content, str) else unpack(world, content, path + ".stored")
    if content is None or format_of(world, content) == "RAW":
        return file
    subprocess.run(["qemu-img", "convert", "-O", "raw", file, path], check=True)
    return path
