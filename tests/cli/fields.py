#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""fields.py REPORT RAW PLANTED: do the report's fields say what lies on the raw disk?

PLANTED is a folder that holds the files of the disk's only file system.  Prints
each thing that is wrong; nothing when all is right."""
import json
import os
import re
import sys

HEX = re.compile(r"[0-9a-f]+\Z")
SECRET = re.compile(rb"AKIA[A-Z0-9]{16}")
# The fields that other programs rely on, and their types.
TYPES = {
    "fingerprint": str, "rule": str, "severity": str, "volume": str, "path": (str, type(None)),
    "line": (int, type(None)), "offset": int, "length": int, "disk_offset": (int, type(None)),
    "redacted": str, "reason": str, "remediation": str, "controls": list,
}
VOLUME = {"volume": str, "kind": str, "reader": str, "bytes": int, "unread": int, "reason": str}
wrong = []


def expect(good, *what):
    if not good:
        wrong.append(" ".join(map(str, what)))


def typed(thing, types, name):
    for field, kind in types.items():
        value = thing.get(field, ...)
        expect(isinstance(value, kind) and not isinstance(value, bool), name, field, "is", value)


def check_finding(f, raw, planted):
    name = f"{f['path']}:{f['line']}"
    typed(f, TYPES, name)
    expect(len(f["fingerprint"]) == 32 and HEX.match(f["fingerprint"]), name, "fingerprint")
    if not f["rule"].startswith("imgvet.aws.access-key-id"):
        return 0
    secret = b""
    if f["place"] == "file":
        with open(planted + f["path"], "rb") as file:
            file.seek(f["offset"])
            secret = file.read(f["length"])
            file.seek(0)
            before = file.read(f["offset"])
        expect(SECRET.fullmatch(secret), name, "offset and length show", secret)
        expect(f["line"] == (None if b"\0" in before else before.count(b"\n") + 1), name, "line")
    expect(f["disk_offset"] is not None, name, "has no disk_offset")
    raw.seek(f["disk_offset"])
    on_disk = raw.read(f["length"])
    expect(SECRET.fullmatch(on_disk), name, "disk_offset shows", on_disk)
    expect(not secret or secret == on_disk, name, secret, "is not", on_disk)
    expect(secret.decode() not in json.dumps(f) or not secret, name, "tells its secret")
    return 1


def main(report, raw, planted):
    with open(report) as file:
        r = json.load(file)
    expect(r["image"]["size"] == os.path.getsize(raw), "image.size", r["image"]["size"])
    expect(r["image"]["format"] in ("raw", "qcow2"), "image.format")
    expect(re.fullmatch("fsverity-sha256:[0-9a-f]{64}", r["image"]["digest"]), "image.digest")
    expect(re.fullmatch("sha256:[0-9a-f]{64}", r["rules"]["digest"]), "rules.digest")
    expect(r["coverage"]["complete"] is True, "coverage.complete")
    expect(isinstance(r["run"], dict), "run")
    at = 0
    for v in r["coverage"]["volumes"]:
        typed(v, VOLUME, v["volume"])
        expect(v["offset"] == at, v["volume"], "begins at", v["offset"], "and not at", at)
        at += v["bytes"]
    expect(at == r["image"]["size"], "the volumes end at", at)
    with open(raw, "rb") as disk:
        checked = sum(check_finding(f, disk, planted) for f in r["findings"])
    expect(checked > 0, "no finding of a planted key")
    print("\n".join(wrong))


main(*sys.argv[1:])
