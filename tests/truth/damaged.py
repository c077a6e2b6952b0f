#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""make check-truth DAMAGED=1: the damaged images of e2fsprogs' own tests.

    IMGVET=build/imgvet tests/truth/damaged.py [--only NAME] [--jobs N] [--keep DIR] [--folder build/truth/e2fsprogs]

Fetches the Debian source package (never part of this project) and takes every image in it.
What the kernel mounts of them read-only and reads gets an invented word into its first
block, which a rule finds only in files that have a name (any-file.yml).  Each word that
the kernel or debugfs then reads is found, or the scan is incomplete there."""
import argparse
import fcntl
import glob
import os
import random
import shutil
import stat
import struct
import subprocess
import sys
import tempfile

import judge
import reach
import truth
from disk import ENVIRONMENT, Cannot, Disk

HERE = os.path.dirname(os.path.abspath(__file__))
FIBMAP, FIGETBSZ = 1, 2 # linux/fs.h
WORD = 24 # bytes of the shortest word
# What the tests of e2fsprogs call their images.
IMAGES = ("image.gz", "image.bz2", "test.img.bz2", "*.img.bz2", "*.img.gz")


def fetch(folder):
    """The unpacked source: made once."""
    if glob.glob(f"{folder}/e2fsprogs-*/tests"):
        return
    os.makedirs(f"{folder}/lists/partial", exist_ok=True)
    os.makedirs(f"{folder}/sources.d", exist_ok=True)
    # The sources of this system's own package lists; the system's files stay as they are.
    for name in glob.glob("/etc/apt/sources.list.d/*.sources"):
        with open(name) as old, open(f"{folder}/sources.d/{os.path.basename(name)}", "w") as new:
            new.writelines("Types: deb-src\n" if line.startswith("Types:") else line for line in old)
    with open(f"{folder}/sources.list", "w") as new:
        for name in glob.glob("/etc/apt/sources.list") + glob.glob("/etc/apt/sources.list.d/*.list"):
            with open(name) as old:
                new.writelines("deb-src" + line[3:] for line in old if line.startswith("deb "))
    where = ["-o", f"Dir::Etc::sourcelist={folder}/sources.list", "-o", f"Dir::Etc::sourceparts={folder}/sources.d",
             "-o", f"Dir::State::Lists={folder}/lists", "-o", "APT::Sandbox::User=root"]
    for command in (["update", "-qq"], ["source", "-qq", "--download-only", "e2fsprogs"]):
        done = subprocess.run(["apt-get", *where, *command], cwd=folder, capture_output=True, text=True, env=ENVIRONMENT)
        if done.returncode:
            print(f"imgvet: the source of e2fsprogs cannot be had here, skipped: {done.stderr.strip()[-300:]}")
            sys.exit(0)
    for archive in glob.glob(f"{folder}/*.orig.tar.*"):
        if not archive.endswith(".asc"):
            subprocess.run(["tar", "xf", archive, "-C", folder], check=True)


def images(folder):
    """(name, path) of each."""
    found = {path for kind in IMAGES for path in glob.glob(f"{folder}/e2fsprogs-*/tests/*/{kind}")}
    return sorted((os.path.relpath(path, glob.glob(f"{folder}/e2fsprogs-*/tests")[0]), path) for path in found)


def unpack(path, out):
    """Holes stay holes: some are large and empty."""
    tool = {"gz": "zcat", "bz2": "bzcat"}[path.rsplit(".", 1)[1]]
    with subprocess.Popen([tool, path], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as source:
        subprocess.run(["dd", f"of={out}", "bs=64K", "conv=sparse", "iflag=fullblock", "status=none"], stdin=source.stdout, check=True)


def first_blocks(root):
    """(path, offset on the disk) of the first block of each file that has room for a word."""
    for full, path in reach.names_below(root):
        try:
            info = os.lstat(full)
            if not stat.S_ISREG(info.st_mode) or info.st_size < WORD + 40:
                continue
            with open(full, "rb") as file:
                size, = struct.unpack("i", fcntl.ioctl(file, FIGETBSZ, struct.pack("i", 0)))
                block, = struct.unpack("i", fcntl.ioctl(file, FIBMAP, struct.pack("i", 0)))
            if block > 0:
                yield path.decode(errors="replace"), block * size
        except OSError:
            continue


def plant(d):
    """A word for each file that the kernel reads."""
    where, place, planted = d.path(d.raw), d.path("mnt"), {}
    for _ in reach.mounts(where, 0, d.size(d.raw), place, ("ext4",)):
        planted.update({offset: path for path, offset in first_blocks(place)})
    for offset, path in sorted(planted.items())[:90]:
        token = d.purse.word()
        if offset + len(token.text) <= d.size(d.raw):
            d.put(d.raw, offset, token.text, f"{token.name}, in {path}")


def one(job):
    number, name, path, keep = job
    result = truth.Result(number, name)
    folder = tempfile.mkdtemp(prefix=f"truth-d{number}-")
    try:
        d = Disk(folder, random.Random(name))
        os.makedirs(d.path("mnt"))
        unpack(path, d.path(d.raw))
        plant(d)
        found = []
        reach.in_range(d.path(d.raw), 0, d.size(d.raw), "the disk", d.purse, found, d.path("mnt"), ("ext4",))
        report, said = truth.scan(d.raw, folder, "--format", "raw", "--extra-rules", f"{HERE}/any-file.yml")
        result.recipe, result.reached = d.recipe, [str(r) for r in found]
        result.tokens, result.complete = len({r.token.name for r in found}), bool(report and report["coverage"]["complete"])
        if report is None:
            result.wrong = [f"the scan failed: {said}"]
        elif report:
            result.wrong = judge.failures(report, d, found)
        if keep:
            shutil.copyfile(d.path(d.raw), os.path.join(keep, name.replace("/", "-") + ".raw"))
    except (Cannot, OSError) as reason:
        result.cannot = str(reason)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return result


def main():
    words = argparse.ArgumentParser()
    words.add_argument("--only", default="", help="images with this in their name")
    words.add_argument("--jobs", type=int, default=os.cpu_count())
    words.add_argument("--keep", help="copy the images into this folder")
    words.add_argument("--folder", default="build/truth/e2fsprogs")
    options = words.parse_args()
    truth.alone_or_skip("damaged images")
    fetch(os.path.abspath(options.folder))
    work = [(number, name, path, options.keep) for number, (name, path) in enumerate(images(os.path.abspath(options.folder)))
            if options.only in name]
    results, seconds = truth.in_pool(one, work, options.jobs)
    if len(results) == 1:
        truth.show(results[0])
    bad = sum(bool(r.wrong) for r in results)
    print(f"{len(results)} damaged images, {sum(bool(r.tokens) for r in results)} with files that somebody reads, "
          f"{sum(r.tokens for r in results)} words within reach, {sum(r.complete for r in results)} scans complete, {bad} false, {seconds:.0f} s")
    return 1 if bad or not results else 0


if __name__ == "__main__":
    sys.exit(main())
