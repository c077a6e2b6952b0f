"""Who may sign: the invented credentials (good for nothing else), and what they stand for."""
import collections

ACCOUNT = "1000000000000001"

# expires: epoch seconds, or None for never.  name: of the identity, for GetCallerIdentity.
Key = collections.namedtuple("Key", "id secret token expires account name", defaults=(None, None, ACCOUNT, "root"))

KEYS = [
    Key("imgvet-demo-key-id", "imgvet-demo-secret-that-opens-nothing"),
    Key("imgvet-demo-sts-id", "imgvet-demo-sts-secret-that-opens-nothing", "imgvet-demo/token+that=opens==nothing"),
]


def begin():
    """Section "keys": temporary credentials given out, each a Key as a dict."""
    return {"keys": {}}


def find(world, key_id):
    """The Key, or None."""
    given = world.has["keys"].get(key_id)
    return Key(**given) if given else next((k for k in KEYS if k.id == key_id), None)


def add(world, key):
    """From now on this key may sign (until it expires)."""
    world.has["keys"][key.id] = key._asdict()
    world.changed()
