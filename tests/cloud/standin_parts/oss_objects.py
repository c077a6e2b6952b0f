# SPDX-License-Identifier: GPL-3.0-or-later
"""What the calls of OSS do with objects and uploads (the door is oss.py).

What a rule can `do` beside the faults of faults.py:

    corrupt         one byte is flipped (`at`: which, the middle one by default): of what is read in
                    GetObject, of what is kept in PutObject and UploadPart
    replace         before the answer somebody else replaces the object: by `text`, or by as many
                    other bytes
    archive         before the answer the object goes to the class Archive
    ignore-range    the whole object with 200
    wrong-crc       the checksum said is not that of the object
    no-crc          no checksum is said
    fail-late       (CompleteMultipartUpload) 200, and in the body the error `code`; nothing is done
"""
import base64
import hashlib
import re

from . import oss_store, oss_xml
from .exchange import Answer, Refusal
from .oss_sign import OssRefusal


# --- reading ------------------------------------------------------------------------------------------


def described(one, rule):
    """The headers that tell of an object."""
    crc = int(one["crc"]) ^ (1 if rule.get("do") == "wrong-crc" else 0)
    headers = [("ETag", f'"{one["etag"]}"'), ("Last-Modified", oss_xml.http_date(one["modified"])), ("Accept-Ranges", "bytes"),
               ("x-oss-object-type", "Multipart" if "-" in one["etag"] else "Normal"), ("x-oss-storage-class", one["class"]),
               *one["meta"].items()]
    return headers + ([] if rule.get("do") == "no-crc" else [("x-oss-hash-crc64ecma", str(crc))])


def asked_range(text, size, standard):
    """(start, length) of a Range, or None for all.  OSS takes a range that is not wholly inside the
    object for none at all, unless x-oss-range-behavior is standard."""
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", text or "")
    if not match or match[0] == "bytes=-":
        return None
    first, last = (int(g) if g else None for g in match.groups())
    if first is None:
        first, last = size - last, size - 1
    last = size - 1 if last is None else last
    if standard and first < size:
        first, last = max(first, 0), min(last, size - 1)
    if not 0 <= first <= last < size:
        if standard:
            raise Refusal(416, "InvalidRange", "The requested range cannot be satisfied")
        return None
    return first, last - first + 1


def same(text, etag):
    return text.strip().strip('"') in (etag, "*")


def precondition(request, one):
    """None, or the answer when an If-... header ends it; or a refusal."""
    wanted, unwanted = request.headers.get("if-match"), request.headers.get("if-none-match")
    if wanted is not None and not same(wanted, one["etag"]):
        raise OssRefusal(412, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold.",
                         Condition="If-Match")
    if unwanted is not None and same(unwanted, one["etag"]):
        return Answer(304, headers=described(one, request.rule))
    return None


def flipped(data, rule):
    if rule.get("do") != "corrupt" or not data:
        return data
    at = rule.get("at", len(data) // 2) % len(data)
    return data[:at] + bytes([data[at] ^ 0x20]) + data[at + 1:]


def meddle(world, request, place):
    """What somebody else does to the object first, when the script says so."""
    what, one = request.rule.get("do"), oss_store.get(world, place.bucket, place.key)
    if one is None:
        return
    if what == "archive":
        one["class"] = "Archive"
    if what == "replace":
        text = request.rule.get("text")
        data = text.encode() if text is not None else oss_store.read(world, one).translate(bytes(255 - n for n in range(256)))
        oss_store.put(world, place.bucket, place.key, data, type=one["type"])


def get_object(world, request, place, query):
    meddle(world, request, place)
    one = oss_store.find(world, place.bucket, place.key)
    if one["class"] in ("Archive", "ColdArchive"):
        raise OssRefusal(403, "InvalidObjectState", "The operation is not valid for the object's state", ObjectName=place.key)
    early = precondition(request, one)
    if early:
        return early
    standard = request.headers.get("x-oss-range-behavior") == "standard"
    part = asked_range(request.headers.get("range"), one["size"], standard)
    if request.rule.get("do") == "ignore-range":
        part = None
    start, length = part or (0, one["size"])
    data = flipped(oss_store.read(world, one, start, length), request.rule)
    answer = Answer(206 if part else 200, data, described(one, request.rule), one["type"])
    if part:
        answer.headers.append(("Content-Range", f"bytes {start}-{start + length - 1}/{one['size']}"))
    return answer


def head_object(world, request, place, query):
    meddle(world, request, place)
    one = oss_store.find(world, place.bucket, place.key)
    return precondition(request, one) or Answer(200, b"", described(one, request.rule), one["type"], one["size"])


# --- writing ------------------------------------------------------------------------------------------


def check_body(request):
    if "content-length" not in request.headers and "transfer-encoding" not in request.headers:
        raise Refusal(411, "MissingContentLength", "You must provide the Content-Length HTTP header.")
    digest = request.headers.get("content-md5")
    if digest is not None and digest != base64.b64encode(hashlib.md5(request.body).digest()).decode():
        raise Refusal(400, "InvalidDigest", "The Content-MD5 you specified was invalid.")


def check_overwrite(world, request, place):
    if request.headers.get("x-oss-forbid-overwrite") == "true" and oss_store.get(world, place.bucket, place.key):
        raise Refusal(409, "FileAlreadyExists", "The object you specified already exists and can not be overwritten.")


def wishes(request):
    """What the client says about the object that it makes."""
    headers = request.headers
    return {"type": headers.get("content-type") or "application/octet-stream",
            "class": headers.get("x-oss-storage-class") or "Standard",
            "meta": {n.lower(): v for n, v in headers.items() if n.lower().startswith("x-oss-meta-")}}


def put_object(world, request, place, query):
    check_body(request)
    check_overwrite(world, request, place)
    oss_store.put(world, place.bucket, place.key, flipped(request.body, request.rule), **wishes(request))
    one = oss_store.get(world, place.bucket, place.key)
    return Answer(200, b"", [h for h in described(one, request.rule) if h[0] in ("ETag", "x-oss-hash-crc64ecma")])


def delete_object(world, request, place, query):
    oss_store.delete(world, place.bucket, place.key)
    return Answer(204)


def initiate(world, request, place, query):
    check_overwrite(world, request, place)
    upload_id = oss_store.initiate(world, place.bucket, place.key, **wishes(request))
    return oss_xml.answer("InitiateMultipartUploadResult", [
        ("Bucket", place.bucket), ("Key", place.key), ("UploadId", upload_id)])


def upload_part(world, request, place, query):
    check_body(request)
    number = query["partNumber"]
    if not number.isdecimal() or int(number) not in oss_store.PART_NUMBERS:
        raise OssRefusal(400, "InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive.",
                         ArgumentName="partNumber", ArgumentValue=number)
    part = oss_store.add_part(world, place.bucket, place.key, query["uploadId"], int(number), flipped(request.body, request.rule))
    crc = part["crc"] ^ (1 if request.rule.get("do") == "wrong-crc" else 0)
    return Answer(200, b"", [("ETag", f'"{part["etag"]}"'), ("x-oss-hash-crc64ecma", str(crc))])


def complete(world, request, place, query):
    asked = oss_xml.parts_asked(request.body)
    if request.rule.get("do") == "fail-late":
        raise Refusal(200, request.rule["code"], "As the script says.")
    check_overwrite(world, request, place)
    one = oss_store.complete(world, place.bucket, place.key, query["uploadId"], asked)
    told = [h for h in described(one, request.rule) if h[0] in ("ETag", "x-oss-hash-crc64ecma")]
    return oss_xml.answer("CompleteMultipartUploadResult", [
        ("Location", f"http://{request.headers.get('host')}{request.path}"), ("Bucket", place.bucket), ("Key", place.key),
        ("ETag", f'"{one["etag"]}"')], headers=told)


def abort(world, request, place, query):
    oss_store.abort(world, place.bucket, place.key, query["uploadId"])
    return Answer(204)


def list_parts(world, request, place, query):
    upload = oss_store.upload_of(world, place.bucket, place.key, query["uploadId"])
    return oss_xml.part_list(place.bucket, query["uploadId"], upload, oss_store.parts_of(upload), query)


def list_objects(world, request, place, query):
    return oss_xml.object_list(place.bucket, world.has["oss"][place.bucket]["objects"], query)


def list_uploads(world, request, place, query):
    return oss_xml.upload_list(place.bucket, world.has["oss"][place.bucket]["uploads"], query)


def location(world, request, place, query):
    return oss_xml.answer("LocationConstraint", "oss-" + world.has["oss"][place.bucket]["region"])


CALLS = {
    "GetObject": get_object, "HeadObject": head_object, "PutObject": put_object, "DeleteObject": delete_object,
    "InitiateMultipartUpload": initiate, "UploadPart": upload_part, "ListParts": list_parts,
    "CompleteMultipartUpload": complete, "AbortMultipartUpload": abort, "ListObjects": list_objects,
    "ListObjectsV2": list_objects, "ListMultipartUploads": list_uploads, "GetBucketLocation": location,
}
