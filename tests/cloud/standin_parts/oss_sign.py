# SPDX-License-Identifier: GPL-3.0-or-later
"""The signatures of OSS, from the description of the protocol: V4 (OSS4-HMAC-SHA256) and V1, each in
the Authorization header or in the query of a link."""
import base64
import calendar
import email.utils
import hashlib
import hmac
import re
import time

from . import keys
from .acs3 import SKEW, pairs_of, quote
from .exchange import Refusal

LONGEST = 7 * 24 * 3600     # seconds that a V4 link may hold
V4 = "OSS4-HMAC-SHA256"
# the names of the query that V1 signs
SIGNED_BY_V1 = set("""
    acl append asyncFetch bucketInfo callback callback-var cname comp continuation-token cors delete encryption endTime
    img inventory inventoryId lifecycle live location logging objectMeta partNumber policy position qos referer
    replication replicationLocation replicationProgress requestPayment response-cache-control
    response-content-disposition response-content-encoding response-content-language response-content-type
    response-expires restore security-token sequential startTime stat status style styleName symlink tagging uploadId
    uploads versionId versioning versions vod website withHashContext worm wormExtend wormId x-oss-ac-forward-allow
    x-oss-ac-source-ip x-oss-ac-subnet-mask x-oss-ac-vpc-id x-oss-process x-oss-request-payer x-oss-traffic-limit
    """.split())


class OssRefusal(Refusal):
    """An error answer with more elements than the usual."""

    def __init__(self, status, code, message, **more):
        super().__init__(status, code, message)
        self.more = more


def key_of(world, key_id):
    with world.lock:
        key = keys.find(world, key_id)
    if key is None:
        raise OssRefusal(403, "InvalidAccessKeyId", "The OSS Access Key Id you provided does not exist in our records.",
                         OSSAccessKeyId=key_id)
    return key


def check_token(world, key, sent):
    if key.token is not None and sent is None:
        raise OssRefusal(403, "InvalidAccessKeyId", "The OSS Access Key Id you provided does not exist in our records.",
                         OSSAccessKeyId=key.id)
    if sent != key.token:
        raise OssRefusal(403, "InvalidSecurityToken", "The security token you provided is invalid.", SecurityToken=sent)
    if key.expires is not None and world.now() >= key.expires:
        raise OssRefusal(403, "SecurityTokenExpired", "The security token you provided has expired.", SecurityToken=sent)


def check_skew(world, stamp):
    if abs(stamp - world.now()) > SKEW:
        raise Refusal(403, "RequestTimeTooSkewed",
                      "The difference between the request time and the current time is too large.")


def compare(wanted, given, key, **more):
    if not hmac.compare_digest(wanted, given):
        raise OssRefusal(403, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature "
                         "you provided. Check your key and signing method.", OSSAccessKeyId=key.id,
                         SignatureProvided=given, **more)


# --- V4 -------------------------------------------------------------------------------------------


def canonical_query(pairs):
    encoded = sorted((quote(name), quote(value)) for name, value in pairs if name != "x-oss-signature")
    return "&".join(f"{name}={value}" if value else name for name, value in encoded)


def canonical_request(request, place, additional):
    headers = request.headers
    names = {n.lower() for n in headers.keys()}
    names = {n for n in names if n in ("content-type", "content-md5") or n.startswith("x-oss-")} | set(additional)
    lines = "".join(f"{n}:{(headers.get(n) or '').strip()}\n" for n in sorted(names))
    uri = "/" + (f"{place.bucket}/{place.key}" if place.bucket else "")
    return "\n".join([request.method, quote(uri).replace("%2F", "/"), canonical_query(pairs_of(request.query)), lines,
                      ";".join(additional), "UNSIGNED-PAYLOAD"])


def signature_v4(secret, date, scope, canonical):
    """The signature, and the string it signs; `scope` is day/region/oss/aliyun_v4_request."""
    to_sign = "\n".join([V4, date, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("aliyun_v4" + secret).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest(), to_sign


def check_scope(scope, date, region, where):
    day, signed_region, *rest = scope.split("/")
    if rest != ["oss", "aliyun_v4_request"] or date[:8] != day:
        raise Refusal(400, "InvalidArgument", f"Invalid Credential in {where}.")
    if signed_region != region:
        raise Refusal(400, "InvalidArgument", f"Invalid signing region in {where}.")


def check_v4(world, request, place, credential, date, additional, given, where):
    key_id, _, scope = credential.partition("/")
    if not re.fullmatch(r"\d{8}T\d{6}Z", date):
        raise Refusal(403, "AccessDenied", "OSS authentication requires a valid Date.")
    key = key_of(world, key_id)
    check_scope(scope, date, place.region, where)
    if additional != sorted(additional):
        raise Refusal(400, "InvalidArgument", f"Invalid AdditionalHeaders in {where}.")
    canonical = canonical_request(request, place, additional)
    wanted, to_sign = signature_v4(key.secret, date, scope, canonical)
    compare(wanted, given, key, StringToSign=to_sign, CanonicalRequest=canonical)
    return key, calendar.timegm(time.strptime(date, "%Y%m%dT%H%M%SZ"))


def header_v4(world, request, place):
    where = "Authorization header"
    match = re.fullmatch(V4 + r" Credential=([^,\s]+), ?(?:AdditionalHeaders=([^,\s]+), ?)?Signature=([0-9a-f]{64})",
                         request.headers["authorization"])
    if not match:
        raise Refusal(400, "InvalidArgument", f"The {where} is invalid.")
    if request.headers.get("x-oss-content-sha256") != "UNSIGNED-PAYLOAD":
        raise Refusal(400, "InvalidArgument", "x-oss-content-sha256 must be UNSIGNED-PAYLOAD.")
    additional = match[2].split(";") if match[2] else []
    key, stamp = check_v4(world, request, place, match[1], request.headers.get("x-oss-date") or "", additional, match[3], where)
    check_skew(world, stamp)
    check_token(world, key, request.headers.get("x-oss-security-token"))
    return key


def link_v4(world, request, place):
    query = dict(pairs_of(request.query))
    additional = list(filter(None, query.get("x-oss-additional-headers", "").split(";")))
    key, stamp = check_v4(world, request, place, query.get("x-oss-credential", ""), query.get("x-oss-date", ""), additional,
                          query.get("x-oss-signature", ""), "query")
    seconds = query.get("x-oss-expires", "")
    if not seconds.isdecimal() or not 1 <= int(seconds) <= LONGEST:
        raise Refusal(400, "InvalidArgument", "x-oss-expires must be from 1 to 604800.")
    if stamp - SKEW > world.now() or stamp + int(seconds) < world.now():
        raise Refusal(403, "AccessDenied", "Request has expired.")
    check_token(world, key, query.get("x-oss-security-token"))
    return key


# --- V1 -------------------------------------------------------------------------------------------


def string_v1(request, place, date, pairs):
    headers = request.headers
    names = sorted({n.lower() for n in headers.keys() if n.lower().startswith("x-oss-")})
    signed = sorted((name, value) for name, value in pairs if name in SIGNED_BY_V1 or name.startswith("response-"))
    query = "&".join(f"{name}={value}" if value else name for name, value in signed)
    resource = "/" + (f"{place.bucket}/{place.key}" if place.bucket else "") + ("?" + query if query else "")
    return "\n".join([request.method, headers.get("content-md5") or "", headers.get("content-type") or "", date,
                      *(f"{n}:{headers[n].strip()}" for n in names), resource])


def signature_v1(secret, to_sign):
    return base64.b64encode(hmac.new(secret.encode(), to_sign.encode(), hashlib.sha1).digest()).decode()


def header_v1(world, request, place):
    match = re.fullmatch(r"OSS ([^:\s]+):([A-Za-z0-9+/=]+)", request.headers["authorization"])
    if not match:
        raise Refusal(400, "InvalidArgument", "Authorization header is invalid.")
    date = request.headers.get("x-oss-date") or request.headers.get("date") or ""
    try:
        stamp = email.utils.parsedate_to_datetime(date).timestamp()
    except (TypeError, ValueError):
        raise Refusal(403, "AccessDenied", "OSS authentication requires a valid Date.") from None
    key = key_of(world, match[1])
    to_sign = string_v1(request, place, date, pairs_of(request.query))
    compare(signature_v1(key.secret, to_sign), match[2], key, StringToSign=to_sign)
    check_skew(world, stamp)
    check_token(world, key, request.headers.get("x-oss-security-token"))
    return key


def link_v1(world, request, place):
    pairs = pairs_of(request.query)
    query = dict(pairs)
    key, expires = key_of(world, query["OSSAccessKeyId"]), query.get("Expires", "")
    if not expires.isdecimal() or int(expires) < world.now():
        raise Refusal(403, "AccessDenied", "Request has expired.")
    to_sign = string_v1(request, place, expires, pairs)
    compare(signature_v1(key.secret, to_sign), query.get("Signature", ""), key, StringToSign=to_sign)
    check_token(world, key, query.get("security-token"))
    return key


# --- which -----------------------------------------------------------------------------------------


def form_of(request):
    """The function that checks this request, or None when it is not signed in any way of OSS."""
    authorization, query = request.headers.get("authorization") or "", dict(pairs_of(request.query))
    if authorization.startswith(V4):
        return header_v4
    if authorization.startswith("OSS "):
        return header_v1
    if query.get("x-oss-signature-version") == V4:
        return link_v4
    return link_v1 if "OSSAccessKeyId" in query else None
