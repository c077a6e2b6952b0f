# SPDX-License-Identifier: GPL-3.0-or-later
"""The buckets: section "oss" of the world, {name: {region, owner, objects, uploads}}.

    objects     {key: object}: blob (see blobs.py), size, etag (upper case, no quotes), crc (decimal), modified
                (epoch seconds), type, class ("Standard", "Archive" ...), meta ({x-oss-meta-...: value})
    uploads     {upload id: {key, started, type, class, meta, parts: {"number": {blob, size, etag, md5, crc}}}}

Other parts of the cloud (ExportImage, ImportImage) use put(), get() and read(); under world.lock.
"""
import hashlib
import uuid

from . import blobs
from .exchange import Refusal
from .keys import ACCOUNT

PART_LEAST, PART_NUMBERS = 100 * 1024, range(1, 10001)


def bucket(region="cn-hangzhou", owner=ACCOUNT):
    return {"region": region, "owner": owner, "objects": {}, "uploads": {}}


def begin():
    return {"oss": {
        "imgvet-demo-bucket": bucket(),
        "imgvet-demo-frankfurt": bucket("eu-central-1"),
        "imgvet-not-ours": bucket(owner="9000000000000009"),
    }}


def put(world, bucket_name, key, data, **more):
    """Store bytes, or the file of a path, as an object, which is returned; KeyError: no such bucket."""
    blob = world.blobs.add(data)
    return put_blob(world, world.has["oss"][bucket_name], key, blob, blob.md5.upper(), **more)


def get(world, bucket_name, key):
    """The object, or None when there is no such bucket or object."""
    return world.has["oss"].get(bucket_name, bucket())["objects"].get(key)


def read(world, one, start=0, length=None):
    """Bytes of an object."""
    return world.blobs.read(one["blob"], start, length)


def put_blob(world, where, key, blob, etag, **more):
    one = {"blob": blob.name, "size": blob.size, "etag": etag, "crc": str(blob.crc), "modified": int(world.now()),
           "type": "application/octet-stream", "class": "Standard", "meta": {}}
    one.update(more)
    where["objects"][key] = one
    world.changed()
    return one


def find(world, name, key):
    """The bucket and its object, or the refusal of the cloud."""
    where = world.has["oss"][name]
    if key not in where["objects"]:
        raise Refusal(404, "NoSuchKey", "The specified key does not exist.")
    return where["objects"][key]


def delete(world, name, key):
    if world.has["oss"][name]["objects"].pop(key, None):
        world.changed()


# --- uploads in parts -----------------------------------------------------------------------------


def initiate(world, name, key, **more):
    upload_id = uuid.uuid4().hex.upper()
    world.has["oss"][name]["uploads"][upload_id] = {"key": key, "started": int(world.now()), "parts": {}, **more}
    world.changed()
    return upload_id


def upload_of(world, name, key, upload_id):
    upload = world.has["oss"][name]["uploads"].get(upload_id)
    if upload is None or upload["key"] != key:
        raise Refusal(404, "NoSuchUpload", "The specified upload does not exist. The upload ID might be invalid, "
                      "or the multipart upload might have been aborted or completed.")
    return upload


def add_part(world, name, key, upload_id, number, data):
    upload = upload_of(world, name, key, upload_id)
    blob = world.blobs.add(data)
    upload["parts"][str(number)] = {**blob._asdict(), "etag": blob.md5.upper(), "modified": int(world.now())}
    world.changed()
    return upload["parts"][str(number)]


def parts_of(upload):
    """(number, part) in the order of their numbers."""
    return sorted((int(number), part) for number, part in upload["parts"].items())


def complete(world, name, key, upload_id, asked):
    """Make the object of the parts `asked`, pairs of number and ETag."""
    upload = upload_of(world, name, key, upload_id)
    numbers = [number for number, _ in asked]
    if numbers != sorted(set(numbers)):
        raise Refusal(400, "InvalidPartOrder", "The list of parts was not in ascending order.")
    parts = [upload["parts"].get(str(number)) for number in numbers]
    if not parts or any(p is None or p["etag"] != etag for p, (_, etag) in zip(parts, asked)):
        raise Refusal(400, "InvalidPart", "One or more of the specified parts could not be found or the ETag does not match.")
    if any(p["size"] < PART_LEAST for p in parts[:-1]):
        raise Refusal(400, "EntityTooSmall", "Your proposed upload smaller than the minimum allowed size.")
    blob = world.blobs.join([blobs.Blob(p["name"], p["size"], p["md5"], p["crc"]) for p in parts])
    etag = hashlib.md5(b"".join(bytes.fromhex(p["md5"]) for p in parts)).hexdigest().upper() + f"-{len(parts)}"
    world.has["oss"][name]["uploads"].pop(upload_id)
    more = {member: upload[member] for member in ("type", "class", "meta")}
    return put_blob(world, world.has["oss"][name], key, blob, etag, **more)


def abort(world, name, key, upload_id):
    upload_of(world, name, key, upload_id)
    world.has["oss"][name]["uploads"].pop(upload_id)
    world.changed()
