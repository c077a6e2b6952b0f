# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything the cloud remembers.

world.images is {image id: image}, see images.py.  Each part may keep more in sections of its own,
world.has["section"]: its begin() says what the section holds at first.  Sections are plain JSON, and
bytes are allowed in them; they survive in the state file, are put back by /_reset, and are shown by
/_look (bytes as their number and SHA-256).
/_set puts members into sections; a section that is not a dict is replaced.

    world.lock          hold it for anything; calls of services run under it
    world.changed()     after a change: saves, and the log says "changed"
    world.save()        saves only (a poll that moves a task on is no change that the caller made)
    world.now()         this cloud's clock, epoch seconds; the rule `skew` moves it
    world.options       the command line
    world.blobs         what is too big for a section: blobs.py
"""
import base64
import copy
import hashlib
import json
import os
import threading
import time

from . import ecs_regions, images
from .blobs import Blobs
from .script import Script


def to_text(value):
    if isinstance(value, bytes):
        return {"base64-bytes": base64.b64encode(value).decode()}
    raise TypeError(f"{type(value)} in the state")


def from_text(value):
    return base64.b64decode(value["base64-bytes"]) if value.keys() == {"base64-bytes"} else value


def to_look(value):
    if isinstance(value, bytes):
        return {"bytes": len(value), "sha256": hashlib.sha256(value).hexdigest()}
    raise TypeError(f"{type(value)} in the state")


class World:
    def __init__(self, options, parts):
        self.lock = threading.RLock()
        self.scripted = threading.Condition(self.lock)
        self.options = options
        self.images = {i["ImageId"]: i for i in images.DEFAULT_IMAGES}
        self.has = {}
        self.blobs = Blobs(options.state)
        for part in parts:
            self.has.update(part.begin() if hasattr(part, "begin") else {})
        if options.state and os.path.exists(options.state):
            self.load()
        else:
            self.many()
        self.first = copy.deepcopy((self.images, self.has))
        self.script, self.scripts = Script([]), 0
        if options.script:
            with open(options.script, encoding="utf-8") as f:
                self.script = Script(json.load(f))
        self.nonces = set()
        self.ahead = self.requests = self.changes = 0

    def many(self):
        ecs_regions.add_many(self, self.options.many_regions)
        images.add_many(self, self.options.many_images)
        images.give_disks(self, self.options.disk)

    def now(self):
        return time.time() + self.ahead

    def reset(self):
        self.images, self.has = copy.deepcopy(self.first)
        self.ahead = self.requests = 0
        self.save()

    def play(self, rules):
        """A new script; whoever is held by the old one goes on."""
        self.script = Script(rules)
        self.scripts += 1
        self.scripted.notify_all()

    def put(self, sections):
        """Dicts are put into the section's, anything else replaces it; an image not there yet is made."""
        for image_id, members in sections.pop("images", {}).items():
            self.images.setdefault(image_id, images.image(image_id)).update(members)
        for section, value in sections.items():
            if isinstance(value, dict) and isinstance(self.has.get(section), dict):
                self.has[section].update(value)
            else:
                self.has[section] = value
        self.save()

    def load(self):
        with open(self.options.state, encoding="utf-8") as f:
            state = json.load(f, object_hook=from_text)
        self.images = {i["ImageId"]: i for i in state["images"]}
        has = state.get("has", {})
        self.has.update(has, settings=self.has["settings"] | has.get("settings", {}))

    def changed(self):
        self.changes += 1
        self.save()

    def save(self):
        if not self.options.state:
            return
        part = self.options.state + ".part"
        with open(part, "w", encoding="utf-8") as f:
            json.dump({"images": list(self.images.values()), "has": self.has}, f, indent=1, default=to_text)
            f.write("\n")
        os.replace(part, self.options.state)

    def look(self):
        state = {"images": list(self.images.values()), "requests": self.requests, **self.has}
        return json.dumps(state, default=to_look).encode()

    def log(self, entry):
        if self.options.log:
            with self.lock, open(self.options.log, "a", encoding="utf-8") as f:
                f.write(json.dumps(entry, sort_keys=True) + "\n")
