# SPDX-License-Identifier: GPL-3.0-or-later
"""The XML of OSS: answers, lists of objects, and the one document that clients send."""
import email.utils
import time
import urllib.parse
import xml.etree.ElementTree
from xml.sax.saxutils import escape

from .exchange import Answer, Refusal
from .keys import ACCOUNT

OWNER = ("Owner", [("ID", ACCOUNT), ("DisplayName", ACCOUNT)])


def element(name, content):
    """`content`: text, or a list of (name, content)."""
    inside = "".join(element(*pair) for pair in content) if isinstance(content, list) else escape(str(content))
    return f"<{name}>{inside}</{name}>"


def answer(name, content, status=200, headers=()):
    text = '<?xml version="1.0" encoding="UTF-8"?>\n' + element(name, content)
    return Answer(status, text.encode(), headers, "application/xml")


def when(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(seconds))


def http_date(seconds):
    return email.utils.formatdate(seconds, usegmt=True)


def parts_asked(body):
    """(number, ETag) of each part of a CompleteMultipartUpload."""
    try:
        root = xml.etree.ElementTree.fromstring(body)
        parts = [(int(p.findtext("PartNumber")), p.findtext("ETag").strip().strip('"').upper()) for p in root.findall("Part")]
    except (xml.etree.ElementTree.ParseError, TypeError, ValueError, AttributeError):
        root, parts = None, []
    if root is None or root.tag != "CompleteMultipartUpload":
        raise Refusal(400, "MalformedXML", "The XML you provided was not well-formed or did not validate against our "
                      "published schema.")
    return parts


# --- lists ----------------------------------------------------------------------------------------


def number(query, name, usual, most):
    text = query.get(name, str(usual))
    if not text.isdecimal() or not 1 <= int(text) <= most:
        raise Refusal(400, "InvalidArgument", f"Argument {name} must be an integer between 1 and {most}.")
    return int(text)


def encoder(query):
    """How keys are written: as they are, or percent-encoded when the client asks for it."""
    if query.get("encoding-type", "url") != "url":
        raise Refusal(400, "InvalidArgument", "Invalid Encoding Method specified in Request.")
    return (lambda key: urllib.parse.quote(key, safe="-_.~")) if "encoding-type" in query else (lambda key: key)


def rolled_up(keys, query):
    """The keys as a list shows them: below prefix, what has the delimiter in common as one."""
    prefix, delimiter = query.get("prefix", ""), query.get("delimiter", "")
    shown = []
    for key in sorted(keys, key=str.encode):
        if not key.startswith(prefix):
            continue
        end = key.find(delimiter, len(prefix)) if delimiter else -1
        name = key if end < 0 else key[:end + len(delimiter)]
        if not shown or shown[-1] != (name, end >= 0):
            shown.append((name, end >= 0))
    return shown


def contents(key, one, encode, owner):
    return [("Key", encode(key)), ("LastModified", when(one["modified"])), ("ETag", f'"{one["etag"]}"'), ("Type", "Normal"),
            ("Size", one["size"]), ("StorageClass", one["class"])] + ([OWNER] if owner else [])


def object_list(name, objects, query):
    """Both kinds: with list-type=2 and the old one."""
    second, encode = query.get("list-type") == "2", encoder(query)
    most = number(query, "max-keys", 100, 1000)
    after = (query.get("continuation-token") or query.get("start-after", "")) if second else query.get("marker", "")
    shown = [s for s in rolled_up(objects, query) if s[0].encode() > after.encode()]
    page, more = shown[:most], len(shown) > most
    head = [("Name", name), ("Prefix", encode(query.get("prefix", ""))), ("MaxKeys", most),
            ("Delimiter", encode(query.get("delimiter", ""))), ("IsTruncated", str(more).lower())]
    head += [("EncodingType", "url")] if "encoding-type" in query else []
    if second:
        head += [("StartAfter", encode(query.get("start-after", ""))), ("KeyCount", len(page))]
        head += [("ContinuationToken", query["continuation-token"])] if "continuation-token" in query else []
        head += [("NextContinuationToken", page[-1][0])] if more else []
    else:
        head += [("Marker", encode(after))] + ([("NextMarker", encode(page[-1][0]))] if more else [])
    owner = not second or query.get("fetch-owner") == "true"
    rows = [("Contents", contents(key, objects[key], encode, owner)) for key, common in page if not common]
    rows += [("CommonPrefixes", [("Prefix", encode(key))]) for key, common in page if common]
    return answer("ListBucketResult", head + rows)


def upload_list(name, uploads, query):
    most, encode, prefix = number(query, "max-uploads", 1000, 1000), encoder(query), query.get("prefix", "")
    after = (query.get("key-marker", ""), query.get("upload-id-marker", ""))
    found = sorted((u["key"], upload_id, u) for upload_id, u in uploads.items() if u["key"].startswith(prefix))
    if after[0]:
        found = [f for f in found if (f[:2] > after if after[1] else f[0] > after[0])]
    page, more = found[:most], len(found) > most
    head = [("Bucket", name), ("KeyMarker", encode(after[0])), ("UploadIdMarker", after[1]), ("Prefix", encode(prefix)),
            ("MaxUploads", most), ("IsTruncated", str(more).lower())]
    head += [("NextKeyMarker", encode(page[-1][0])), ("NextUploadIdMarker", page[-1][1])] if more else []
    rows = [("Upload", [("Key", encode(key)), ("UploadId", upload_id), ("Initiated", when(u["started"])),
                        ("StorageClass", u["class"])]) for key, upload_id, u in page]
    return answer("ListMultipartUploadsResult", head + rows)


def part_list(name, upload_id, upload, parts, query):
    """`parts`: (number, part) in order."""
    most, encode, after = number(query, "max-parts", 1000, 1000), encoder(query), query.get("part-number-marker", "0")
    if not after.isdecimal():
        raise Refusal(400, "InvalidArgument", "Argument part-number-marker must be an integer.")
    found = [(n, p) for n, p in parts if n > int(after)]
    page, more = found[:most], len(found) > most
    head = [("Bucket", name), ("Key", encode(upload["key"])), ("UploadId", upload_id), ("StorageClass", upload["class"]),
            ("PartNumberMarker", after), ("NextPartNumberMarker", page[-1][0] if page else 0), ("MaxParts", most),
            ("IsTruncated", str(more).lower())]
    rows = [("Part", [("PartNumber", n), ("LastModified", when(p["modified"])), ("ETag", f'"{p["etag"]}"'),
                      ("HashCrc64ecma", p["crc"]), ("Size", p["size"])]) for n, p in page]
    return answer("ListPartsResult", head + rows)
