# SPDX-License-Identifier: GPL-3.0-or-later
"""A disk that is made step by step, and the recipe: every step as a line of shell."""
import os
import shlex
import subprocess

import tokens

KIB, MIB = 1024, 1024 * 1024
# The tools of the recipes answer in one language, and sit where root has them.
ENVIRONMENT = {**os.environ, "LC_ALL": "C.UTF-8", "PATH": os.environ.get("PATH", "") + ":/usr/sbin:/sbin",
               # mkfs.xfs makes small ones only for its own tests.
               "TEST_DIR": "1", "TEST_DEV": "1", "QA_CHECK_FS": "1"}


class Cannot(Exception):
    """The tools here cannot make this construction."""


class Layer:
    """A range of the disk in which somebody may look for a file system."""

    def __init__(self, offset, size, why):
        self.offset, self.size, self.why = offset, size, why


class Disk:
    """The folder of one construction: disk.raw, trees, parts."""

    def __init__(self, folder, rng):
        self.folder, self.rng = folder, rng
        self.purse = tokens.Purse(rng)
        self.recipe, self.layers, self.counter = [], [], 0
        self.raw = "disk.raw"
        self.image = self.raw # what is scanned
        self.complete = False # whether the scan must call it complete
        self.containers = [] # (offset, size, the disk that somebody sees through this range)
        self.snapshots = [] # names of a qcow2's snapshots

    def path(self, name):
        return os.path.join(self.folder, name)

    def note(self, line):
        self.recipe.append(line)

    def name(self, stem):
        self.counter += 1
        return f"{stem}{self.counter}"

    def run(self, *args, stdin=None, fails=False):
        """One tool, with names relative to the folder."""
        line = shlex.join(args)
        self.note(line if stdin is None else f"{line} <<< {shlex.quote(stdin)}")
        try:
            done = subprocess.run(args, cwd=self.folder, input=stdin, text=True, capture_output=True, env=ENVIRONMENT,
                                  timeout=120, errors="replace")
        except FileNotFoundError:
            raise Cannot(f"{args[0]} is not installed") from None
        if done.returncode and not fails:
            raise Cannot(f"{line}: exit {done.returncode}: {done.stderr.strip()[-300:]}")
        return done.stdout

    # --- bytes ---

    def empty(self, name, size):
        with open(self.path(name), "wb") as out:
            out.truncate(size)
        self.note(f"truncate -s {size} {name}")
        return name

    def size(self, name):
        return os.path.getsize(self.path(name))

    def grow(self, name, size):
        os.truncate(self.path(name), size)
        self.note(f"truncate -s {size} {name}")

    def put(self, name, offset, data, what):
        """Bytes over what is there."""
        with open(self.path(name), "r+b") as out:
            out.seek(offset)
            out.write(data)
        self.note(f"write {what} ({len(data)} bytes) at {offset} of {name}")

    def copy(self, source, name, offset=0, length=None):
        """A file's bytes, holes left holes, over what is there."""
        self.run("dd", f"if={source}", f"of={name}", "bs=64K", f"seek={offset}", "oflag=seek_bytes", "conv=notrunc,sparse",
                 "status=none", *([f"count={length}", "iflag=count_bytes"] if length is not None else []))

    def get(self, name, offset=0, length=-1):
        with open(self.path(name), "rb") as source:
            source.seek(offset)
            return source.read(length)

    # --- trees ---

    def tree(self):
        """An empty folder for the files of a file system."""
        name = self.name("tree")
        os.mkdir(self.path(name))
        self.note(f"mkdir {name}")
        return name

    def file(self, tree, path, data, what):
        full = self.path(f"{tree}/{path}")
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as out:
            out.write(data)
        self.note(f"{what} > {tree}/{path}")

    def plant(self, tree, token, path=None):
        """A file with a token at a place where its rule looks."""
        n = self.rng.randrange(1000)
        path = path or {"key": f"srv/app{n}/deploy.pem", "url": f"srv/app{n}/settings.conf",
                        "history": f"home/user{n}/.bash_history"}[token.kind]
        self.file(tree, path, token.text, token.name)
        return path

    def noise(self, length):
        """Bytes that compress badly and hold nothing."""
        return self.rng.randbytes(length)

    def layer(self, offset, size, why):
        self.layers.append(Layer(offset, size, why))
