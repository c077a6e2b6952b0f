#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a signed origin record, with openssl's Ed25519 and none of imgvet's code.

    make_origin.py KEY.pem OUT digest=fsverity-sha256:... [member=value ...]

Members that are not given have the values of SAMPLE; a value that is JSON is taken as such.
"""
import base64
import json
import os
import subprocess
import sys
import tempfile

SAMPLE = {
    "schema": 1, "cloud": "Alibaba Cloud", "account": "1000000000000001", "region": "cn-hangzhou",
    "image_id": "m-bp1imgvetdemo001", "snapshots": ["s-bp1imgvetdemo"], "disks": 1, "way": "export",
    "task": "t-bp1sample", "disk": None, "bucket": "vault", "object": "m-bp1imgvetdemo001_system.raw.tar.gz",
    "etag": "\"0123456789ABCDEF\"", "crc64": "11051210869376104954", "object_size": 4096,
    "requests": ["ExportImage 0001-SAMPLE"], "endpoints": [], "started": "2026-09-20T10:00:00Z",
    "finished": "2026-09-20T10:05:00Z", "size": 2097152, "digest": "fsverity-sha256:" + "0" * 64,
    "version": "0.1.0",
}


def openssl(*args):
    return subprocess.run(["openssl", *args], check=True, capture_output=True).stdout


def sign(record, key):
    """The signature covers RFC 8785 of the record without it; the texts here are ASCII."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(json.dumps(record, sort_keys=True, separators=(",", ":")).encode())
        file.flush()
        value = openssl("pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", file.name)
    public = openssl("pkey", "-in", key, "-pubout", "-outform", "DER")[-32:]
    return {"algorithm": "ed25519", "key": "ed25519:" + base64.b64encode(public).decode(),
            "value": base64.b64encode(value).decode()}


def member(text):
    name, _, value = text.partition("=")
    try:
        return name, json.loads(value)
    except ValueError:
        return name, value


def main():
    key, out = sys.argv[1:3]
    record = dict(SAMPLE, **dict(member(a) for a in sys.argv[3:]))
    record["signature"] = sign(record, key)
    with open(out, "w", encoding="utf-8") as file:
        json.dump(record, file)
    os.chmod(out, 0o600)


if __name__ == "__main__":
    main()
