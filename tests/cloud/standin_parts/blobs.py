# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes by their SHA-256: what objects and parts are made of.

Sections of the world hold names only, so that images of gigabytes can be copied, reset and shown.
Up to SMALL bytes are kept in memory, more in a file: without --state one that has no name and goes
when the stand-in ends, with it all are files of the folder STATE.blobs.
"""
import collections
import hashlib
import os
import tempfile

from . import crc64

SMALL = 1 << 20
PIECE = 1 << 20     # bytes read at a time

Blob = collections.namedtuple("Blob", "name size md5 crc")


class Blobs:
    def __init__(self, state):
        self.folder = state + ".blobs" if state else None
        self.known, self.bytes, self.files = {}, {}, {}

    def add(self, data):
        """Keep bytes, or the file of a path.  Returns the Blob."""
        return self.keep([bytes(data)] if isinstance(data, (bytes, bytearray)) else pieces_of(data))

    def join(self, blobs):
        """One after the other."""
        crc = 0
        for blob in blobs:
            crc = crc64.joined(crc, blob.crc, blob.size)
        return self.keep((piece for blob in blobs for piece in self.pieces(blob.name)), crc)

    def keep(self, pieces, crc=None):
        """`crc` when it is known already, for it is what takes the time."""
        file, size, sha256, md5 = tempfile.SpooledTemporaryFile(SMALL), 0, hashlib.sha256(), hashlib.md5()
        for piece in pieces:
            size += len(piece)
            sha256.update(piece)
            md5.update(piece)
            file.write(piece)
        name = sha256.hexdigest()
        if name not in self.known:
            self.known[name] = Blob(name, size, md5.hexdigest(), crc_of(file) if crc is None else crc)
            self.store(self.known[name], file)
        return self.known[name]

    def store(self, blob, file):
        file.seek(0)
        if self.folder:
            os.makedirs(self.folder, exist_ok=True)
            with open(os.path.join(self.folder, blob.name), "wb") as kept:
                kept.writelines(iter(lambda: file.read(PIECE), b""))
        elif blob.size <= SMALL:
            self.bytes[blob.name] = file.read()
        else:
            self.files[blob.name] = file

    def read(self, name, start=0, length=None):
        """`length` bytes (all that follow) from `start`."""
        if name in self.bytes:
            return self.bytes[name][start:None if length is None else start + length]
        if name in self.files:
            file = self.files[name]
            file.seek(start)
            return file.read(-1 if length is None else length)
        with open(os.path.join(self.folder, name), "rb") as file:
            file.seek(start)
            return file.read(-1 if length is None else length)

    def pieces(self, name):
        start = 0
        while piece := self.read(name, start, PIECE):
            yield piece
            start += len(piece)


def pieces_of(path):
    with open(path, "rb") as file:
        while piece := file.read(PIECE):
            yield piece


def crc_of(file):
    crc = 0
    file.seek(0)
    while piece := file.read(PIECE):
        crc = crc64.crc64(piece, crc)
    return crc
