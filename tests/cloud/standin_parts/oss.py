# SPDX-License-Identifier: GPL-3.0-or-later
"""The door of OSS, the object storage: buckets and objects over XML and plain bytes.

The bucket comes from the Host ("bucket.oss-cn-hangzhou.aliyuncs.com", "bucket.anything") or, when
that is this machine or has no bucket's name, from the path ("/bucket/key").  Calls, as the script and
the log name them:

    oss:GetObject oss:HeadObject oss:PutObject oss:DeleteObject oss:ListObjects oss:ListObjectsV2
    oss:InitiateMultipartUpload oss:UploadPart oss:ListParts oss:ListMultipartUploads
    oss:CompleteMultipartUpload oss:AbortMultipartUpload oss:GetBucketLocation

What a rule can `do` beside the faults of faults.py: oss_objects.py.
"""
import collections
import hashlib
import re
import urllib.parse

from . import oss_objects, oss_sign, oss_store, oss_xml
from .acs3 import pairs_of
from .exchange import Answer, Dropped, Refusal
from .keys import ACCOUNT
from .oss_sign import OssRefusal

KEY_MOST = 1023     # bytes
REQUEST_ID = "x-oss-request-id"
begin = oss_store.begin
Place = collections.namedtuple("Place", "bucket key region")

# method, what must be in the query (of those that tell calls apart), whether there is a key: the call
TELLING = ("uploads", "uploadId", "partNumber", "list-type", "location")
OTHERS = set("""acl append bucketInfo callback cors delete encryption inventory lifecycle live logging objectMeta policy
    qos referer replication restore stat symlink tagging versionId versioning versions website worm x-oss-process""".split())
CALLS = {
    ("GET", (), True): "GetObject",
    ("HEAD", (), True): "HeadObject",
    ("PUT", (), True): "PutObject",
    ("DELETE", (), True): "DeleteObject",
    ("POST", ("uploads",), True): "InitiateMultipartUpload",
    ("PUT", ("uploadId", "partNumber"), True): "UploadPart",
    ("GET", ("uploadId",), True): "ListParts",
    ("POST", ("uploadId",), True): "CompleteMultipartUpload",
    ("DELETE", ("uploadId",), True): "AbortMultipartUpload",
    ("GET", (), False): "ListObjects",
    ("GET", ("list-type",), False): "ListObjectsV2",
    ("GET", ("uploads",), False): "ListMultipartUploads",
    ("GET", ("location",), False): "GetBucketLocation",
}


# --- which bucket, which call ----------------------------------------------------------------------


def host_bucket(host):
    """The bucket that a Host names, or None."""
    host = re.sub(r":\d+$", "", host or "")
    label, _, rest = host.partition(".")
    loopback = re.fullmatch(r"\d+\.\d+\.\d+\.\d+|localhost|\[.*\]", host)
    return None if loopback or not rest or label == "oss" or label.startswith("oss-") else label


def host_region(host):
    match = re.search(r"\boss-([a-z0-9-]+?)(-internal)?\.aliyuncs\.com", host or "")
    return match[1] if match else None


def place_of(request):
    """Bucket and key of the request, each "" when there is none."""
    path = urllib.parse.unquote(request.path)[1:]
    bucket = host_bucket(request.headers.get("host"))
    if bucket is None:
        bucket, _, path = path.partition("/")
    return Place(bucket, path, None)


def query_of(request):
    return dict(pairs_of(request.query))


def name(request):
    query = query_of(request)
    telling = tuple(word for word in TELLING if word in query)
    call = CALLS.get((request.method, telling, bool(place_of(request).key)))
    return "oss:" + (call if call and not OTHERS & query.keys() else "Unknown")


def wants(request):
    if request.headers.get("x-acs-action"):
        return False
    return bool(oss_sign.form_of(request) or host_bucket(request.headers.get("host")))


def params_of(request):
    """For the log: the query without signature and token."""
    place = place_of(request)
    shown = {n: v for n, v in query_of(request).items() if not re.search("(?i)signature|token$", n)}
    ranges = {"Range": request.headers["range"]} if "range" in request.headers else {}
    return {**shown, **ranges, "bucket": place.bucket, "key": place.key}


# --- who asks, and whether they may -----------------------------------------------------------------


def known_bucket(world, request):
    """The place with its region, or the refusal."""
    place = place_of(request)
    with world.lock:
        where = world.has["oss"].get(place.bucket)
    if where is None:
        raise OssRefusal(404, "NoSuchBucket", "The specified bucket does not exist.", BucketName=place.bucket)
    if host_region(request.headers.get("host")) not in (None, where["region"]):
        raise OssRefusal(403, "AccessDenied", "The bucket you are attempting to access must be addressed using the specified "
                         "endpoint. Please send all future requests to this endpoint.",
                         Endpoint=f"oss-{where['region']}.aliyuncs.com")
    return place._replace(region=where["region"]), where


def check(world, request):
    if len(request.body) < int(request.headers.get("content-length") or 0):
        raise Dropped  # the client went away amid its body
    form = oss_sign.form_of(request)
    place, where = known_bucket(world, request)
    if form is None:
        raise Refusal(403, "AccessDenied", "Anonymous access is forbidden for this operation.")
    request.key, request.signed = form(world, request, place), True
    if where["owner"] != ACCOUNT:
        raise Refusal(403, "AccessDenied", "You have no right to access this object because of bucket acl.")
    if len(place.key.encode()) > KEY_MOST or place.key.startswith(("/", "\\")):
        raise Refusal(400, "InvalidObjectName", "The specified object is not valid.")


# --- the door --------------------------------------------------------------------------------------


def handle(world, request):
    function = oss_objects.CALLS.get(request.action.partition(":")[2])
    if function is None:
        raise Refusal(501, "NotImplemented", "A header or query you provided implies functionality that is not implemented.")
    return function(world, request, place_of(request), query_of(request))


def lie(request):
    """Success without the deed: what was sent is said to have arrived."""
    etag = hashlib.md5(request.body).hexdigest().upper()
    if request.method == "DELETE":
        return Answer(204)
    return Answer(200, b"", [("ETag", f'"{etag}"')], "application/xml")


# the words of the other calls' faults, in those of OSS
IN_OSS = {"Throttling.User": (503, "SlowDown"), "InvalidSecurityToken.Expired": (403, "SecurityTokenExpired")}


def refuse(request, refusal):
    status, code = IN_OSS.get(refusal.code, (refusal.status, refusal.code))
    content = [("Code", code), ("Message", refusal.message), ("RequestId", request.id),
               ("HostId", request.headers.get("host") or "")]
    more = dict(getattr(refusal, "more", {}))
    if code == "SecurityTokenExpired":  # the cloud repeats the token in its answer
        more.setdefault("SecurityToken", request.headers.get("x-oss-security-token"))
    content += [pair for pair in more.items() if pair[1] is not None]
    return oss_xml.answer("Error", content, status)
