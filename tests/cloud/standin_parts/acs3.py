# SPDX-License-Identifier: GPL-3.0-or-later
"""The signature ACS3-HMAC-SHA256, from the description of the protocol: signed headers, body hash,
time stamp, nonce, security token."""
import calendar
import hashlib
import hmac
import re
import time
import urllib.parse

from . import keys
from .exchange import Refusal

SKEW = 15 * 60      # seconds that a time stamp may be off


def quote(text):
    return urllib.parse.quote(text, safe="-_.~")


def pairs_of(query):
    """The decoded (name, value) pairs of a query or a form."""
    pairs = []
    for piece in filter(None, query.split("&")):
        name, _, value = piece.partition("=")
        pairs.append((urllib.parse.unquote(name, errors="strict"), urllib.parse.unquote(value, errors="strict")))
    return pairs


def canonical_query(query):
    pairs = sorted(pairs_of(query), key=lambda p: p[0].encode())
    return "&".join(f"{quote(n)}={quote(v)}" for n, v in pairs)


def string_to_sign(request, names, body_hash):
    lines = "".join(f"{n}:{','.join(sorted(v.strip() for v in request.headers.get_all(n, [])))}\n" for n in names)
    canonical = "\n".join([request.method, request.path, canonical_query(request.query), lines, ";".join(names), body_hash])
    return "ACS3-HMAC-SHA256\n" + hashlib.sha256(canonical.encode()).hexdigest()


def must_be_signed(headers):
    names = {n.lower() for n in headers.keys()}
    return {n for n in names if n.startswith("x-acs-") or n in ("host", "content-type")}


def check_time(world, headers):
    text = headers.get("x-acs-date", "")
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text):
        raise Refusal(400, "InvalidTimeStamp.Format", "Specified time stamp or date value is not well formatted.")
    stamp = calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))
    if abs(stamp - world.now()) > SKEW:
        raise Refusal(400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")


def check_nonce(world, headers):
    nonce = headers.get("x-acs-signature-nonce", "")
    with world.lock:
        if not nonce or nonce in world.nonces:
            raise Refusal(400, "SignatureNonceUsed", "Specified signature nonce was used already.")
        world.nonces.add(nonce)


def check_token(world, headers, key):
    sent = headers.get("x-acs-security-token")
    if key.token is None and sent is None:
        return
    if key.token is not None and sent is None:
        raise Refusal(400, "MissingSecurityToken", "SecurityToken is mandatory for this action.")
    if sent != key.token:
        raise Refusal(400, "InvalidSecurityToken.MismatchWithAccessKey", "Specified SecurityToken mismatch with the AccessKey.")
    if headers.get("x-acs-accesskey-id") != key.id:
        raise Refusal(400, "IncompleteSignature", "The accesskey-id header is not that of the credential.")
    if key.expires is not None and world.now() >= key.expires:
        raise Refusal(400, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired.")


def check(world, request):
    """Who signed this request: sets request.key, or raises the refusal of the cloud."""
    headers = request.headers
    match = re.fullmatch(r"ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{64})",
                         headers.get("authorization", ""))
    if not match:
        raise Refusal(400, "IncompleteSignature", "The request signature does not conform to Aliyun standards.")
    names, given = match[2].split(";"), match[3]
    with world.lock:
        key = keys.find(world, match[1])
    if key is None:
        raise Refusal(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
    if names != sorted(names) or set(names) != must_be_signed(headers):
        raise Refusal(400, "IncompleteSignature", "Signed headers: " + ";".join(names))
    if headers.get("host") != request.host:
        raise Refusal(400, "IncompleteSignature", "The host is not this one.")
    body_hash = hashlib.sha256(request.body).hexdigest()
    if headers.get("x-acs-content-sha256") != body_hash:
        raise Refusal(400, "IncompleteSignature", "The body hash is wrong.")
    check_time(world, headers)
    to_sign = string_to_sign(request, names, body_hash)
    wanted = hmac.new(key.secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(wanted, given):
        raise Refusal(400, "SignatureDoesNotMatch",
                      "Specified signature does not match our calculation. server StringToSign is " + to_sign)
    check_token(world, headers, key)
    check_nonce(world, headers)
    request.key, request.signed = key, True
