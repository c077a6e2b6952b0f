#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""make bench: how fast imgvet is, as ratios against public tools in one run.

usage: bench.py IMGVET FOLDER [--tree /usr] [--rounds 3] [--no-guest]

Builds (once, in FOLDER) a 6 GiB ext4 disk with 4 GB of the machine's own files, as raw and
as plain and compressed qcow2, and a small disk of 250 MB for the libguestfs comparison. Then
runs each command in turn, several rounds, page cache warm, and prints medians and ratios:
machines are noisy, so trust the ratios of one run, never single seconds.
"""
import argparse
import json
import os
import shutil
import stat
import statistics
import subprocess
import sys
import tempfile
import time

DISK_BYTES = 6 << 30
TREE_BYTES = 4_000_000_000
SMALL_BYTES = 250_000_000


def files_of(top, limit):
    total = 0
    for folder, folders, names in os.walk(top):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(folder, name)
            try:
                info = os.lstat(path)
            except OSError:
                continue
            if stat.S_ISREG(info.st_mode) and total + info.st_size <= limit and os.access(path, os.R_OK):
                total += info.st_size
                yield path


def lay_out(source, target, limit):
    for path in files_of(source, limit):
        place = target + path
        os.makedirs(os.path.dirname(place), exist_ok=True)
        try:
            os.link(path, place)
        except OSError:
            shutil.copyfile(path, place)


def quiet(*command):
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def make_disk(source, folder, name, disk_bytes, tree_bytes):
    tree, raw = f"{folder}/{name}-tree", f"{folder}/{name}.raw"
    if not os.path.exists(raw):
        shutil.rmtree(tree, ignore_errors=True)
        lay_out(source, tree, tree_bytes)
        with open(raw + ".tmp", "wb") as out:
            out.truncate(disk_bytes)
        quiet("mke2fs", "-q", "-t", "ext4", "-F", "-d", tree, raw + ".tmp")
        os.rename(raw + ".tmp", raw)
    return tree, raw


def convert(raw, name, *options):
    if not os.path.exists(name):
        quiet("qemu-img", "convert", "-O", "qcow2", *options, raw, name + ".tmp")
        os.rename(name + ".tmp", name)
    return name


def warm(path):
    with open(path, "rb") as file:
        while file.read(1 << 22):
            pass


def timed(command, shell_env=None, good=(0,)):
    """Wall seconds, CPU seconds and peak KB of one run."""
    begin = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=shell_env)
    _, err = child.communicate()
    wall = time.monotonic() - begin
    if child.returncode not in good:
        sys.exit(f"{command[0]} ended with {child.returncode}: {err.decode(errors='replace')[:500]}")
    return wall


def peak_kb(command):
    """Peak memory of the whole family of processes, the largest single one."""
    run = subprocess.run(["/usr/bin/time", "-f", "%M", *command], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    return int(run.stderr.strip().splitlines()[-1])


def literals(imgvet):
    """Every anchor of the rule set: what the prefilter looks for."""
    out = subprocess.run([imgvet, "rules", "list", "--json"], check=True, capture_output=True, text=True).stdout
    found = set()
    for rule in json.loads(out):
        found.update(rule.get("anchors") or [])
    return sorted(found)


def machine():
    with open("/proc/cpuinfo") as text:
        model = next((line.split(":", 1)[1].strip() for line in text if line.startswith("model name")), "?")
    flags = subprocess.run("grep -m1 -owE 'avx512bw|sha_ni|avx2' /proc/cpuinfo | sort -u | tr '\\n' ' '", shell=True,
                           capture_output=True, text=True).stdout.strip()
    return f"{model}, {os.cpu_count()} processors ({flags}), Linux {os.uname().release}"


def main():
    options = argparse.ArgumentParser()
    options.add_argument("imgvet")
    options.add_argument("folder")
    options.add_argument("--tree", default="/usr")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--no-guest", action="store_true")
    options = options.parse_args()
    imgvet, folder = os.path.abspath(options.imgvet), os.path.abspath(options.folder)
    os.makedirs(folder, exist_ok=True)
    home = tempfile.mkdtemp()
    os.environ.update(XDG_CONFIG_HOME=home, XDG_DATA_HOME=home)

    tree, raw = make_disk(options.tree, folder, "big", DISK_BYTES, TREE_BYTES)
    plain = convert(raw, f"{folder}/big.qcow2")
    packed = convert(raw, f"{folder}/big-zlib.qcow2", "-c")
    patterns = f"{folder}/literals.txt"
    words = literals(imgvet)
    with open(patterns, "w") as out:
        out.write("\n".join(words) + "\n")
    scan = [imgvet, "scan", "--quiet"]
    runs = {
        "openssl dgst -sha256, raw disk": (["openssl", "dgst", "-sha256", raw], (0,)),
        "imgvet scan, raw": ([*scan, raw], (0, 1)),
        "imgvet scan, plain qcow2": ([*scan, plain], (0, 1)),
        "imgvet scan, zlib qcow2": ([*scan, packed], (0, 1)),
        f"rg -F -i, {len(words)} literals, the files": (
            ["rg", "-j", "2", "-a", "-uuu", "-i", "-F", "-f", patterns, "--count-matches", "--no-messages", tree], (0, 1)),
    }
    for path in (raw, plain, packed):
        warm(path)
    walls = {name: [] for name in runs}
    for _ in range(options.rounds):
        for name, (command, good) in runs.items():
            walls[name].append(timed(command, good=good))
    middle = {name: statistics.median(times) for name, times in walls.items()}

    data = os.stat(raw).st_blocks * 512
    names = list(runs)
    hashed = middle[names[0]]
    print(f"machine: {machine()}")
    print(f"disk: {DISK_BYTES / 1e9:.2f} GB, of which {data / 1e9:.2f} GB are data; {sum(len(f) for _, _, f in os.walk(tree))} files")
    print(f"median of {options.rounds} rounds\n")
    print(f"{'command':<44} {'seconds':>8} {'of hashing':>11}")
    for name in names:
        print(f"{name:<44} {middle[name]:>8.2f} {middle[name] / hashed:>11.2f}")
    print()
    raw_scan, rg = middle[names[1]], middle[names[4]]
    print(f"scan raw / hash raw              {raw_scan / hashed:.2f}   (goal: at most 0.60)")
    print(f"scan qcow2 / hash raw            {middle[names[2]] / hashed:.2f}   (goal: at most 0.60)")
    print(f"the same per byte of data        {raw_scan / data / (hashed / DISK_BYTES):.2f}   (goal: at most 0.85)")
    print(f"rg / scan raw                    {rg / raw_scan:.1f}   (goal: at least 3)")
    print(f"peak memory of the scan          {peak_kb(runs[names[1]][0]) / 1024:.0f} MB (goal: under 300 MB)")
    if not options.no_guest:
        guest(options, folder, scan)
    shutil.rmtree(home)


def guest(options, folder, scan):
    _, small = make_disk(options.tree, folder, "small", 512 << 20, SMALL_BYTES)
    warm(small)
    command = ["guestfish", "--ro", "--format=raw", "-a", small, "run", ":", "mount-ro", "/dev/sda", "/", ":", "tar-out", "/", "/dev/null"]
    env = dict(os.environ, LIBGUESTFS_BACKEND="direct", LIBGUESTFS_BACKEND_SETTINGS="force_tcg")
    slow = timed(command, env)
    fast = statistics.median(timed([*scan, small], good=(0, 1)) for _ in range(options.rounds))
    print(f"guestfish tar-out / scan         {slow / fast:.0f}   (goal: at least 50; {SMALL_BYTES / 1e6:.0f} MB of files, no KVM:"
          f" {slow:.1f} s against {fast:.2f} s)")


main()
