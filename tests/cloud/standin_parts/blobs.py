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

    def add(self, data, crc=None):
        """Keep bytes, or the file of a path; `crc` when it is known already.  Returns the Blob."""
        if isinstance(data, (bytes, bytearray)):
            return self.keep([bytes(data)], crc)
        return self.keep(pieces_of(data), crc)

    def join(self, blobs):
        """One after the other."""
        crc = 0
        for blob in blobs:
            crc = crc64.joined(crc, blob.crc, blob.size)
        return self.keep((piece for blob in blobs for piece in self.pieces(blob.name)), crc)

    def keep(self, pieces, crc):
        file = tempfile.SpooledTemporaryFile(SMALL)
        size, sha256, md5, counted = 0, hashlib.sha256(), hashlib.md5(), 0
        for piece in pieces:
            size += len(piece)
            sha256.update(piece)
            md5.update(piece)
            counted = crc64.crc64(piece, counted) if crc is None else crc
            file.write(piece)
        blob = Blob(sha256.hexdigest(), size, md5.hexdigest(), counted)
        if self.known.setdefault(blob.name, blob) is blob:
            self.store(blob, file)
        return blob

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
