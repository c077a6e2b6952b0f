#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in's object storage and metadata service on their own: the signatures against the published
vectors, the traps of the real service, and what a script makes of them.  (That the official SDK works
with it: test_standin_sdk.sh.)"""
import http.client
import json
import os
import re
import sys
import tempfile
import time
import types
import urllib.parse

HERE = os.path.join(os.environ["TOP"], "tests", "cloud")
sys.dont_write_bytecode = True
from standin_client import KEY, Cloud  # noqa: E402 (after the line above)
from standin_parts import crc64, oss, oss_sign  # noqa: E402

TEMPORARY = "imgvet-demo-sts-id", "imgvet-demo-sts-secret-that-opens-nothing", "imgvet-demo/token+that=opens==nothing"
REGION, BUCKET = "cn-hangzhou", "imgvet-demo-bucket"
UNSIGNED = ("x-oss-content-sha256", "UNSIGNED-PAYLOAD")
tests = 0


def check(name, got, want):
    global tests
    tests += 1
    print(f"{'ok' if got == want else 'not ok'} {tests} - {name}", flush=True)
    if got != want:
        print(f"# got:  {got!r:.500}\n# want: {want!r:.500}", file=sys.stderr)


# --- the vectors -----------------------------------------------------------------------------------


def request_of(method, query, headers):
    """What the signature checks look at."""
    message = http.client.HTTPMessage()
    for name, value in headers.items():
        message[name] = str(value)
    return types.SimpleNamespace(method=method, query=query, headers=message)


def encoded(pairs):
    return "&".join(f"{oss_sign.quote(n)}={oss_sign.quote(v or '')}" for n, v in pairs.items())


def v4_vector(vector):
    given = vector["inputs"]
    place = oss.Place(given["bucket"], given.get("object", ""), given["region"])
    query = encoded(given.get("queries", {}))
    if vector["form"] == "query":
        query = urllib.parse.urlsplit(vector["url"]).query
    headers = {n.lower(): v for n, v in (given.get("unsigned_headers", {}) | given.get("headers", {})).items()}
    headers |= vector.get("headers_signed_values") or {}
    additional = sorted(n.lower() for n in given.get("additional_headers", []))
    canonical = oss_sign.canonical_request(request_of(given["method"], query, headers), place, additional)
    scope = f"{given['date'][:8]}/{given['region']}/oss/aliyun_v4_request"
    signature, to_sign = oss_sign.signature_v4(given["access_key_secret"], given["date"], scope, canonical)
    check(f"{vector['name']}: canonical request", canonical, vector["canonical_request"])
    check(f"{vector['name']}: string to sign", to_sign, vector["string_to_sign"])
    check(f"{vector['name']}: signature", signature, vector["signature"])


def v1_vector(vector):
    given = vector["inputs"]
    date = str(given.get("expires") or given["x-oss-date"])
    headers = {"x-oss-date": date} if vector["form"] == "header" else {}
    bucket, _, key = given["resource"][1:].partition("/")
    query = encoded({"OSSAccessKeyId": given["access_key_id"], "Expires": date} if vector["form"] == "query" else {})
    to_sign = oss_sign.string_v1(request_of(given["method"], query, headers), oss.Place(bucket, key, REGION), date,
                                 oss_sign.pairs_of(query))
    check(f"{vector['name']}: string to sign", to_sign, vector["string_to_sign"])
    check(f"{vector['name']}: signature", oss_sign.signature_v1(given["access_key_secret"], to_sign), vector["signature"])


def vectors():
    for name in ("oss4-vectors.json", "oss-more-vectors.json"):
        with open(os.path.join(HERE, name), encoding="utf-8") as f:
            found = json.load(f)
        for vector in found["vectors"]:
            v4_vector(vector)
        for vector in found.get("v1_vectors", []):
            v1_vector(vector)
    check("CRC-64/XZ of the usual digits", crc64.crc64(b"123456789"), 0x995DC9BBDF1939FA)
    one, two = os.urandom(1001), os.urandom(70000)
    check("the CRC goes on", crc64.crc64(two, crc64.crc64(one)), crc64.crc64(one + two))
    check("two CRCs are joined", crc64.joined(crc64.crc64(one), crc64.crc64(two), len(two)), crc64.crc64(one + two))


# --- a client that is no more than this test needs -----------------------------------------------------


class Standin(Cloud):
    def plain(self, method, target, body=b"", **headers):
        """(status, headers, body); the status is "cut" or "dropped" when the connection breaks."""
        try:
            return self.send(method, target, body, {n.replace("_", "-"): v for n, v in headers.items()})
        except http.client.IncompleteRead as cut:
            return "cut", {}, cut.partial
        except (OSError, http.client.HTTPException):
            return "dropped", {}, b""

    def oss(self, method, key, body=b"", query="", region=REGION, host=f"{BUCKET}.oss-cn-hangzhou.aliyuncs.com", who=KEY,
            **headers):
        """The same, signed with V4."""
        date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
        sent = {**{n.replace("_", "-"): v for n, v in headers.items()}, "Host": host, "x-oss-date": date, UNSIGNED[0]: UNSIGNED[1]}
        sent |= {"x-oss-security-token": who[2]} if who[2] else {}
        place = oss.Place(host.partition(".")[0], key, region)
        canonical = oss_sign.canonical_request(request_of(method, query, sent), place, [])
        scope = f"{date[:8]}/{region}/oss/aliyun_v4_request"
        signature = oss_sign.signature_v4(who[1], date, scope, canonical)[0]
        sent["Authorization"] = f"OSS4-HMAC-SHA256 Credential={who[0]}/{scope},Signature={signature}"
        target = "/" + urllib.parse.quote(key) + ("?" + query if query else "")
        return self.plain(method, target, body, **sent)

    def play(self, *rules):
        self.control("/_script", rules)


def code(answer):
    found = re.search(b"<Code>(.*?)</Code>", answer[2])
    return answer[0], found[1].decode() if found else None


# --- the store --------------------------------------------------------------------------------------------


def ranges(cloud):
    content = bytes(range(100)) * 10
    cloud.oss("PUT", "a", content)
    for text, status, part in [("bytes=0-9", 206, content[:10]), ("bytes=990-", 206, content[990:]),
                               ("bytes=-10", 206, content[990:]), ("bytes=999-999", 206, content[999:]),
                               ("bytes=500-1000", 200, content), ("bytes=1000-", 200, content), ("bytes=-1001", 200, content),
                               ("bytes=9-5", 200, content), ("bytes=-", 200, content), ("byte=0-9", 200, content),
                               ("bytes=0-9,20-29", 200, content)]:
        got = cloud.oss("GET", "a", Range=text)
        check(f"Range: {text}", (got[0], got[2]), (status, part))
    got = cloud.oss("GET", "a", Range="bytes=990-2000", x_oss_range_behavior="standard")
    check("Range beyond the end, behaviour standard", (got[0], got[1]["Content-Range"]), (206, "bytes 990-999/1000"))
    got = cloud.oss("GET", "a", Range="bytes=1000-2000", x_oss_range_behavior="standard")
    check("Range behind the end, behaviour standard", code(got), (416, "InvalidRange"))
    check("the checksum is of the whole object", got and cloud.oss("GET", "a", Range="bytes=0-9")[1]["x-oss-hash-crc64ecma"],
          str(crc64.crc64(content)))


def refusals(cloud):
    cloud.oss("PUT", "a", b"a")
    cloud.oss("PUT", "cold", b"x", x_oss_storage_class="Archive")
    for name, got, want in [
            ("an archived object", cloud.oss("GET", "cold"), (403, "InvalidObjectState")),
            ("signed for another region", cloud.oss("GET", "a", region="cn-shanghai"), (400, "InvalidArgument")),
            ("the endpoint of another region", cloud.oss("GET", "a", host=f"{BUCKET}.oss-cn-shanghai.aliyuncs.com"),
             (403, "AccessDenied")),
            ("a link that nobody signed", cloud.plain("GET", "/a", Host=f"{BUCKET}.oss-cn-hangzhou.aliyuncs.com"),
             (403, "AccessDenied")),
            ("an MD5 that is not the body's", cloud.oss("PUT", "b", b"x", Content_MD5="1B2M2Y8AsgTpgAmY7PhCfg=="),
             (400, "InvalidDigest")),
            ("a call that is not built", cloud.oss("GET", "a", query="acl"), (501, "NotImplemented")),
            ("not to be overwritten", cloud.oss("PUT", "a", b"x", x_oss_forbid_overwrite="true"), (409, "FileAlreadyExists")),
            ("a list of too many", cloud.oss("GET", "", query="list-type=2&max-keys=1001"), (400, "InvalidArgument"))]:
        check(f"{name}: refused", code(got), want)
    got = cloud.oss("HEAD", "nothing")
    check("HEAD of nothing: 404 without a body, with an id", (got[0], got[2], "x-oss-request-id" in got[1]), (404, b"", True))
    check("nothing was stored by what was refused", cloud.oss("GET", "b")[0], 404)


def list_of(pairs):
    parts = "".join(f"<Part><PartNumber>{n}</PartNumber><ETag>{etag}</ETag></Part>" for n, etag in pairs)
    return f"<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>".encode()


def begin_upload(cloud, key, *parts):
    """The upload's id and the (number, ETag) of its parts."""
    upload = re.search(b"<UploadId>(.*?)</UploadId>", cloud.oss("POST", key, query="uploads")[2])[1].decode()
    etags = [cloud.oss("PUT", key, p, f"partNumber={n}&uploadId={upload}")[1]["ETag"] for n, p in enumerate(parts, 1)]
    return upload, list(enumerate(etags, 1))


def parts(cloud):
    one, two = os.urandom(102400), os.urandom(100)
    upload, done = begin_upload(cloud, "p", one, two)
    finish = f"uploadId={upload}"
    for name, body, want in [("backwards", list_of(done[::-1]), (400, "InvalidPartOrder")),
                             ("a part that is not there", list_of(done + [(3, '"0"')]), (400, "InvalidPart")),
                             ("another ETag", list_of([done[0], (2, done[0][1])]), (400, "InvalidPart")),
                             ("no part", list_of([]), (400, "InvalidPart")),
                             ("no XML", b"<CompleteMultipartUpload>", (400, "MalformedXML"))]:
        check(f"complete: {name}", code(cloud.oss("POST", "p", body, finish)), want)
    check("part number 0", code(cloud.oss("PUT", "p", b"x", f"partNumber=0&uploadId={upload}")), (400, "InvalidArgument"))
    check("part number 10001", code(cloud.oss("PUT", "p", b"x", f"partNumber=10001&uploadId={upload}")), (400, "InvalidArgument"))
    cloud.play({"action": "oss:CompleteMultipartUpload", "do": "fail-late", "code": "InternalError"})
    check("an error in an answer of 200", code(cloud.oss("POST", "p", list_of(done), finish)), (200, "InternalError"))
    check("and nothing was done", cloud.oss("GET", "p")[0], 404)
    got = cloud.oss("POST", "p", list_of(done), finish)
    check("complete: the checksum of the whole", (got[0], got[1]["x-oss-hash-crc64ecma"]), (200, str(crc64.crc64(one + two))))
    check("complete again: gone", code(cloud.oss("POST", "p", list_of(done), finish)), (404, "NoSuchUpload"))
    check("the parts one after the other", cloud.oss("GET", "p")[2] == one + two, True)
    upload, done = begin_upload(cloud, "small", two, two)
    check("a part too small", code(cloud.oss("POST", "small", list_of(done), f"uploadId={upload}")), (400, "EntityTooSmall"))


def faults(cloud):
    content = b"0123456789" * 10
    etag = cloud.oss("PUT", "f", content)[1]["ETag"]
    crc = str(crc64.crc64(content))

    def played(rule, method="GET", **headers):
        cloud.play({"action": "*", **rule})
        return cloud.oss(method, "f", **headers)

    got = played({"do": "corrupt", "at": 3})[2]
    check("corrupt: one byte differs", [n for n in range(100) if got[n] != content[n]], [3])
    check("corrupt: once", cloud.oss("GET", "f")[2], content)
    check("wrong-crc", played({"do": "wrong-crc"}, "HEAD")[1]["x-oss-hash-crc64ecma"] != crc, True)
    check("no-crc", "x-oss-hash-crc64ecma" in played({"do": "no-crc"}, "HEAD")[1], False)
    got = played({"do": "ignore-range"}, Range="bytes=0-9")
    check("ignore-range", (got[0], got[2]), (200, content))
    got = played({"do": "cut"})
    check("cut: no more than half of it", (got[0] in ("cut", "dropped"), len(got[2]) <= 50), (True, True))
    check("drop-before", played({"do": "drop-before"}, "DELETE")[0], "dropped")
    check("drop-before: nothing was done", cloud.oss("GET", "f")[0], 200)
    check("fail", code(played({"do": "fail", "status": 503, "code": "ServiceUnavailable"})), (503, "ServiceUnavailable"))
    check("throttle", code(played({"do": "throttle"})), (503, "SlowDown"))
    for what, want in (("expired-token", (403, "SecurityTokenExpired")), ("echo-token", (403, "Forbidden.RAM"))):
        got = played({"do": what}, who=TEMPORARY)
        check(f"{what}: with the token in it", (code(got), TEMPORARY[2].encode() in got[2]), (want, True))
    got = played({"do": "replace"}, If_Match=etag)
    check("replace: what was asked for is not there any more", code(got), (412, "PreconditionFailed"))
    got = cloud.oss("GET", "f")
    check("replace: as long, another ETag", (len(got[2]), got[1]["ETag"] != etag), (100, True))
    check("archive", code(played({"do": "archive"})), (403, "InvalidObjectState"))
    check("drop-after", played({"do": "drop-after"}, "DELETE")[0], "dropped")
    check("drop-after: it was done", cloud.oss("GET", "f")[0], 404)


# --- metadata ----------------------------------------------------------------------------------------


ROLES = "/latest/meta-data/ram/security-credentials/"


def metadata(cloud):
    check("no role: 404", cloud.plain("GET", ROLES)[0], 404)
    check("the region", cloud.plain("GET", "/latest/meta-data/region-id")[2], b"cn-hangzhou")
    given = json.loads(cloud.plain("GET", "/_credentials")[2])
    check("a credentials URI", sorted(given)[:3] + [given["Code"]], ["AccessKeyId", "AccessKeySecret", "Code", "Success"])
    check("and they sign calls", cloud.sts("GetCallerIdentity", key=triple(given))[0], 200)
    cloud.control("/_set", {"metadata": {"role": "demo-role"}})
    check("a role: without a token, too", cloud.plain("GET", ROLES)[2], b"demo-role")


def metadata_with_tokens(cloud):
    cloud.control("/_set", {"metadata": {"role": "demo-role", "demand": True}})
    check("no token: 403", cloud.plain("GET", ROLES)[0], 403)
    check("a token of another: 401", cloud.plain("GET", ROLES, X_aliyun_ecs_metadata_token="x")[0], 401)
    check("a token for too long: 400",
          cloud.plain("PUT", "/latest/api/token", X_aliyun_ecs_metadata_token_ttl_seconds="21601")[0], 400)
    token = cloud.plain("PUT", "/latest/api/token", X_aliyun_ecs_metadata_token_ttl_seconds="60")[2].decode()
    check("with a token: the role's name", cloud.plain("GET", ROLES, X_aliyun_ecs_metadata_token=token)[2], b"demo-role")
    given = json.loads(cloud.plain("GET", ROLES + "demo-role", X_aliyun_ecs_metadata_token=token)[2])
    check("its credentials hold", given["Expiration"] > time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), True)
    check("and sign objects", code(cloud.plain("GET", signed_link(given))), (404, "NoSuchKey"))
    check("and calls, as the role", "assumed-role/demo-role/" in cloud.sts("GetCallerIdentity", key=triple(given))[1]["Arn"], True)
    cloud.play({"action": "metadata:Role", "do": "lease", "seconds": -1})
    over = json.loads(cloud.plain("GET", ROLES + "demo-role", X_aliyun_ecs_metadata_token=token)[2])
    got = cloud.plain("GET", signed_link(over))
    check("those that are over do not", code(got), (403, "SecurityTokenExpired"))
    check("and the cloud repeats the token, as it does", over["SecurityToken"].encode() in got[2], True)


def triple(given):
    return given["AccessKeyId"], given["AccessKeySecret"], given["SecurityToken"]


def signed_link(given):
    """A V1 link to nothing, on the path."""
    query = {"Expires": str(int(time.time()) + 60), "OSSAccessKeyId": given["AccessKeyId"], "security-token": given["SecurityToken"]}
    to_sign = oss_sign.string_v1(request_of("GET", "", {}), oss.Place(BUCKET, "n", REGION), query["Expires"], query.items())
    query["Signature"] = oss_sign.signature_v1(given["AccessKeySecret"], to_sign)
    return f"/{BUCKET}/n?{encoded(query)}"


def state():
    """A stand-in that goes on where another ended."""
    whole = os.urandom(2_000_000)
    with tempfile.TemporaryDirectory() as folder:
        options = "--state", os.path.join(folder, "state")
        with Standin(*options) as cloud:
            cloud.oss("PUT", "small", b"small")
            upload, done = begin_upload(cloud, "big", whole[:1_500_000], whole[1_500_000:])
        with Standin(*options) as cloud:
            got = cloud.oss("POST", "big", list_of(done), f"uploadId={upload}")
            check("an upload goes on after a new start", (got[0], got[1]["x-oss-hash-crc64ecma"]), (200, str(crc64.crc64(whole))))
        with Standin(*options) as cloud:
            check("objects survive", cloud.oss("GET", "big")[2] == whole and cloud.oss("GET", "small")[2], b"small")


def main():
    vectors()
    state()
    with Standin() as cloud:
        for part in (ranges, refusals, parts, faults, metadata, metadata_with_tokens):
            cloud.control("/_reset", [])
            part(cloud)
    print(f"1..{tests}")


if __name__ == "__main__":
    main()
