# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may sign: the invented credentials (good for nothing else), and what they stand for."""
import collections
import secrets

ACCOUNT = "1000000000000001"

# token None: a lasting key.  expires: epoch seconds, or None for never.
# name: "root", "user/NAME" or "assumed-role/ROLE/SESSION".
Key = collections.namedtuple("Key", "id secret token expires account name", defaults=(None, None, ACCOUNT, "root"))

KEYS = [
    Key("imgvet-demo-key-id", "imgvet-demo-secret-that-opens-nothing"),
    Key("imgvet-demo-sts-id", "imgvet-demo-sts-secret-that-opens-nothing", "imgvet-demo/token+that=opens==nothing",
        name="assumed-role/imgvet-demo-role/imgvet-demo"),
    Key("imgvet-demo-user-id", "imgvet-demo-user-secret-that-opens-nothing", name="user/imgvet-demo-user"),
]


def begin():
    """Section "keys": temporary credentials given out, each a Key as a dict."""
    return {"keys": {}}


def find(world, key_id):
    """The Key, or None."""
    given = world.has["keys"].get(key_id)
    return Key(**given) if given else next((k for k in KEYS if k.id == key_id), None)


def issue(world, name, seconds):
    """New temporary credentials for "assumed-role/ROLE/SESSION", good for so many seconds (the setting
    token_seconds may make it fewer)."""
    limit = world.has["settings"]["token_seconds"]
    lives = seconds if limit is None else min(seconds, limit)
    key = Key(f"STS.imgvetdemo{secrets.token_hex(8)}", f"imgvet-demo-{secrets.token_hex(15)}",
              f"imgvet-demo/{secrets.token_hex(30)}+=", world.now() + lives, ACCOUNT, name)
    world.has["keys"][key.id] = key._asdict()
    world.save()
    return key
