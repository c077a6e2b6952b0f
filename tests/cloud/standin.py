#!/usr/bin/python3
"""A stand-in of the ECS API on loopback, for tests and the demo.

    python3 tests/cloud/standin.py --port-file FILE [--state FILE] [--script FILE] [--log FILE] [--tls CERT KEY]

It listens on a free port of 127.0.0.1, writes the port's number to FILE when it is ready, and
stops on SIGTERM.  It knows DescribeImages, DescribeImageSharePermission and
ModifyImageSharePermission of version 2014-05-26, and checks every request's ACS3-HMAC-SHA256
signature with code of its own: signed headers, body hash, time stamp, nonce, security token.

Credentials (invented, good for nothing else):

    ALIBABA_CLOUD_ACCESS_KEY_ID=imgvet-demo-key-id
    ALIBABA_CLOUD_ACCESS_KEY_SECRET=imgvet-demo-secret-that-opens-nothing

    and temporary ones: imgvet-demo-sts-id / imgvet-demo-sts-secret-that-opens-nothing with
    ALIBABA_CLOUD_SECURITY_TOKEN=imgvet-demo/token+that=opens==nothing

The account that these belong to is 1000000000000001.  Without --state it has the images of
DEFAULT_IMAGES below; with it, images and shares are read from the JSON file when that exists, and
written there after each change.

A script makes it misbehave.  It is a JSON list of rules; the first rule with runs left that fits a
request is used up by one:

    [{"action": "ModifyImageSharePermission", "times": 1, "do": "throttle", "wait_ms": 50}]

`action` may be "*"; `times` is 1 by default, -1 is for ever; `skip` lets that many requests pass
first.  The script can be replaced while it runs: POST the list to /_script.  POST to /_reset does the
same after putting back the images it began with.  What `do` can be:

    fail            answer `status` (400) with `code` and `message`
    throttle        Throttling.User with x-acs-retry-after: `wait_ms`
    drop-before     close the connection without doing anything
    drop-after      do it, then close the connection without an answer
    delay           wait `ms`, then go on as usual
    delay-after     do it, then wait `ms` before the answer
    hold-after      do it, then answer only when a new script comes
    lie             say success and do nothing
    forget          leave the last `count` accounts of the request out, and say success
    stranger        add the account `account` as well
    skew            from now on this clock is `seconds` ahead
    echo-token      fail, with the security token in the message
    raw             answer `status` (200) with the text `body` (not JSON perhaps), repeated `repeat` times
    patch           answer as usual with top-level members replaced by those of `members`
    patch-image     the same for the first image of the answer
    cut             promise the whole answer and send half of it
    redirect        302 to `location`
    headers         answer as usual with `count` header lines of a thousand bytes more

The log has one JSON object a line: action, parameters, whether the signature was right, the rule
used, the error code answered.
"""
import argparse
import calendar
import copy
import email.utils
import hashlib
import hmac
import http.server
import json
import os
import re
import signal
import socket
import ssl
import struct
import sys
import threading
import time
import urllib.parse

ACCOUNT = "1000000000000001"
KEYS = {
    "imgvet-demo-key-id": ("imgvet-demo-secret-that-opens-nothing", None),
    "imgvet-demo-sts-id": ("imgvet-demo-sts-secret-that-opens-nothing",
                           "imgvet-demo/token+that=opens==nothing"),
}
VERSION = "2014-05-26"
BATCH = 10          # accounts of one call; more are dropped without a word, as ECS does
QUOTA = 50          # accounts of one image
SKEW = 15 * 60      # seconds that a time stamp may be off
MAX_BODY = 1 << 20


def image(image_id, region="cn-hangzhou", **changes):
    made = {
        "ImageId": image_id, "ImageName": "imgvet-demo", "Description": "", "RegionId": region,
        "Status": "Available", "Progress": "100%", "ImageOwnerAlias": "self", "IsSelfShared": "False",
        "IsPublic": False, "IsCopied": False, "IsSubscribed": False, "ProductCode": "", "Size": 20,
        "Architecture": "x86_64", "OSType": "linux", "CreationTime": "2026-01-02T03:04:05Z",
        "DiskDeviceMappings": {"DiskDeviceMapping": [
            {"Type": "system", "Device": "/dev/xvda", "SnapshotId": "s-bp1imgvetdemo", "Size": "20",
             "Encrypted": False, "Format": "raw"}]},
        "accounts": [], "groups": [],
    }
    made.update(changes)
    return made


def encrypted(image_id):
    made = image(image_id)
    made["DiskDeviceMappings"]["DiskDeviceMapping"][0]["Encrypted"] = True
    return made


DEFAULT_IMAGES = [
    image("m-bp1imgvetdemo001"),
    image("m-bp1received001", ImageOwnerAlias="others"),
    image("m-bp1creating001", Status="Creating", Progress="41%"),
    image("m-bp1deprecated1", Status="Deprecated"),
    image("m-bp1community01", IsPublic=True),
    image("m-bp1groupall001", groups=["all"]),
    image("m-bp1market00001", ProductCode="cmjj000000"),
    image("m-gw8frankfurt01", region="eu-central-1"),
    image("m-bp1manyshares1", accounts=[str(1300000000000000 + n) for n in range(230)]),
    encrypted("m-bp1encrypted01"),
]


class Refusal(Exception):
    """An error answer: HTTP status, code, message."""

    def __init__(self, status, code, message):
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


class World:
    """The account's images, the script, the nonces seen, the log."""

    def __init__(self, options):
        self.lock = threading.RLock()
        self.scripted = threading.Condition(self.lock)
        self.state_file, self.log_file = options.state, options.log
        self.images = {i["ImageId"]: i for i in DEFAULT_IMAGES}
        if self.state_file and os.path.exists(self.state_file):
            with open(self.state_file, encoding="utf-8") as f:
                self.images = {i["ImageId"]: i for i in json.load(f)["images"]}
        self.first = copy.deepcopy(self.images)
        self.rules, self.scripts = [], 0
        if options.script:
            with open(options.script, encoding="utf-8") as f:
                self.rules = json.load(f)
        self.nonces = set()
        self.ahead = 0
        self.requests = 0

    def now(self):
        return time.time() + self.ahead

    def reset(self):
        self.images = copy.deepcopy(self.first)
        self.ahead = self.requests = 0
        self.save()

    def save(self):
        if not self.state_file:
            return
        part = self.state_file + ".part"
        with open(part, "w", encoding="utf-8") as f:
            json.dump({"images": list(self.images.values())}, f, indent=1)
            f.write("\n")
        os.replace(part, self.state_file)

    def log(self, entry):
        if self.log_file:
            with self.lock, open(self.log_file, "a", encoding="utf-8") as f:
                f.write(json.dumps(entry, sort_keys=True) + "\n")

    def rule_for(self, action):
        for rule in self.rules:
            if rule.get("action", "*") not in ("*", action) or rule.setdefault("times", 1) == 0:
                continue
            if rule.get("skip", 0) > 0:
                rule["skip"] -= 1
                continue
            rule["times"] -= 1
            return rule
        return {}


# --- the signature, from the description of the protocol -------------------------------------


def quote(text):
    return urllib.parse.quote(text, safe="-_.~")


def canonical_query(query):
    pairs = []
    for piece in filter(None, query.split("&")):
        name, _, value = piece.partition("=")
        pairs.append((urllib.parse.unquote(name, errors="strict"),
                      urllib.parse.unquote(value, errors="strict")))
    pairs.sort(key=lambda p: p[0].encode())
    return "&".join(f"{quote(n)}={quote(v)}" for n, v in pairs), pairs


def string_to_sign(method, path, query, headers, names, body_hash):
    lines = "".join(f"{n}:{','.join(sorted(v.strip() for v in headers.get_all(n, [])))}\n" for n in names)
    request = "\n".join([method, path, query, lines, ";".join(names), body_hash])
    return "ACS3-HMAC-SHA256\n" + hashlib.sha256(request.encode()).hexdigest()


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


def check_token(headers, key_id, token):
    sent = headers.get("x-acs-security-token")
    if token is None and sent is None:
        return
    if token is not None and sent is None:
        raise Refusal(400, "MissingSecurityToken", "SecurityToken is mandatory for this action.")
    if sent != token:
        raise Refusal(400, "InvalidSecurityToken.MismatchWithAccessKey", "Specified SecurityToken mismatch with the AccessKey.")
    if headers.get("x-acs-accesskey-id") != key_id:
        raise Refusal(400, "IncompleteSignature", "The accesskey-id header is not that of the credential.")


def check_signature(world, handler, path, query, body):
    headers = handler.headers
    match = re.fullmatch(r"ACS3-HMAC-SHA256 Credential=([^,]+),SignedHeaders=([^,]+),Signature=([0-9a-f]{64})",
                         headers.get("authorization", ""))
    if not match:
        raise Refusal(400, "IncompleteSignature", "The request signature does not conform to Aliyun standards.")
    key_id, names, given = match[1], match[2].split(";"), match[3]
    if key_id not in KEYS:
        raise Refusal(404, "InvalidAccessKeyId.NotFound", "Specified access key is not found.")
    secret, token = KEYS[key_id]
    if names != sorted(names) or set(names) != must_be_signed(headers):
        raise Refusal(400, "IncompleteSignature", "Signed headers: " + ";".join(names))
    if headers.get("host") != handler.server.host:
        raise Refusal(400, "IncompleteSignature", "The host is not this one.")
    body_hash = hashlib.sha256(body).hexdigest()
    if headers.get("x-acs-content-sha256") != body_hash:
        raise Refusal(400, "IncompleteSignature", "The body hash is wrong.")
    check_time(world, headers)
    to_sign = string_to_sign(handler.command, path, canonical_query(query)[0], headers, names, body_hash)
    wanted = hmac.new(secret.encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(wanted, given):
        raise Refusal(400, "SignatureDoesNotMatch",
                      "Specified signature does not match our calculation. server StringToSign is " + to_sign)
    check_token(headers, key_id, token)
    check_nonce(world, headers)


# --- the three calls ----------------------------------------------------------------------------


def numbered(params, name):
    """Name.1, Name.2 ... in order of their numbers, without gaps."""
    found = []
    while f"{name}.{len(found) + 1}" in params:
        found.append(params[f"{name}.{len(found) + 1}"])
    return found


def required(params, name):
    if not params.get(name):
        raise Refusal(400, "MissingParameter", f"The input parameter {name} that is mandatory is not supplied.")
    return params[name]


def paging(params):
    number, size = int(params.get("PageNumber", "1")), int(params.get("PageSize", "10"))
    if number < 1 or not 1 <= size <= 100:
        raise Refusal(400, "InvalidParameter", "PageNumber or PageSize is out of range.")
    return number, size


def describe_images(world, params):
    region = required(params, "RegionId")
    states = params.get("Status", "Available").split(",")
    number, size = paging(params)
    found = [i for i in world.images.values() if i["RegionId"] == region and i["Status"] in states and
             params.get("ImageId", i["ImageId"]) == i["ImageId"]]
    shown = []
    for one in found[(number - 1) * size:number * size]:
        plain = {k: v for k, v in one.items() if k not in ("accounts", "groups", "RegionId")}
        plain["IsSelfShared"] = "True" if one["accounts"] else "False"
        shown.append(plain)
    return {"RegionId": region, "TotalCount": len(found), "PageNumber": number, "PageSize": size,
            "Images": {"Image": shown}}


def own_image(world, params):
    region, image_id = required(params, "RegionId"), required(params, "ImageId")
    one = world.images.get(image_id)
    if one is None or one["RegionId"] != region or one["ImageOwnerAlias"] != "self":
        raise Refusal(404, "InvalidImageId.NotFound", "The specified ImageId does not exist.")
    return one


def describe_permission(world, params):
    one = own_image(world, params)
    number, size = paging(params)
    page = one["accounts"][(number - 1) * size:number * size]
    return {"RegionId": one["RegionId"], "ImageId": one["ImageId"], "TotalCount": len(one["accounts"]),
            "PageNumber": number, "PageSize": size,
            "Accounts": {"Account": [{"AliyunId": a, "SharedTime": "2026-01-02T03:04Z"} for a in page]},
            "ShareGroups": {"ShareGroup": [{"Group": g} for g in one["groups"]]}}


def check_receivers(one, accounts):
    for account in accounts:
        if account == ACCOUNT:
            raise Refusal(404, "InvalidAccount.Forbbiden", "The specified Account is yourself.")
        if account.startswith("999"):
            raise Refusal(404, "InvalidAccount.NotFound", f"The specified Account {account} does not exist.")
    if len(set(one["accounts"]) | set(accounts)) > max(QUOTA, len(one["accounts"])):
        raise Refusal(403, "QuotaExceed.ShareImageUser", "The number of shared users exceeds the quota.")


def modify_permission(world, params):
    one = own_image(world, params)
    if one["Status"] == "Deprecated":
        raise Refusal(403, "OperationDenied.InvalidImageStatus", "The image is deprecated.")
    adding, removing = numbered(params, "AddAccount")[:BATCH], numbered(params, "RemoveAccount")[:BATCH]
    check_receivers(one, adding)
    one["accounts"] = [a for a in one["accounts"] if a not in removing]
    one["accounts"] += [a for a in dict.fromkeys(adding) if a not in one["accounts"]]
    world.save()
    return {}


ACTIONS = {
    "DescribeImages": describe_images,
    "DescribeImageSharePermission": describe_permission,
    "ModifyImageSharePermission": modify_permission,
}


# --- one request --------------------------------------------------------------------------------------


class Dropped(Exception):
    """The connection is to be closed without an answer."""


def act(world, action, params, rule):
    """Do what was asked for, bent by the rule."""
    what = rule.get("do")
    if what == "fail":
        raise Refusal(rule.get("status", 400), rule["code"], rule.get("message", "As the script says."))
    if what == "throttle":
        raise Refusal(400, "Throttling.User", "Request was denied due to user flow control.")
    if what == "drop-before":
        raise Dropped
    if what == "lie":
        return {}
    if what == "forget":
        keys = [f"AddAccount.{n}" for n in range(1, 1 + len(numbered(params, "AddAccount")))]
        params = {k: v for k, v in params.items() if k not in keys[len(keys) - rule.get("count", 1):]}
    if action not in ACTIONS:
        raise Refusal(404, "InvalidAction.NotFound", "Specified api is not found.")
    with world.lock:
        answer = ACTIONS[action](world, params)
        if what == "stranger":
            world.images[params["ImageId"]]["accounts"].append(rule["account"])
            world.save()
    if what == "drop-after":
        raise Dropped
    if what == "patch":
        answer.update(rule["members"])
    if what == "patch-image":
        answer["Images"]["Image"][0].update(rule["members"])
    return answer


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "imgvet-standin"
    sys_version = ""

    def log_message(self, *args):
        pass

    def date_time_string(self, timestamp=None):
        return email.utils.formatdate(self.server.world.now(), usegmt=True)

    def drop(self):
        """A reset, as a broken line gives it."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()

    def send(self, status, data, headers=(), cut=False):
        self.send_response(status)
        self.send_header("Content-Type", "application/json;charset=utf-8")
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data[:len(data) // 2] if cut else data)
        if cut:
            self.wfile.flush()
            self.drop()

    def control(self, body):
        world = self.server.world
        with world.lock:
            if self.path == "/_reset":
                world.reset()
            if self.path in ("/_script", "/_reset"):
                world.rules = json.loads(body)
                world.scripts += 1
                world.scripted.notify_all()
            answer = {"images": list(world.images.values()), "requests": world.requests}
        self.send(200, json.dumps(answer).encode())

    def handle_call(self):
        world = self.server.world
        length = int(self.headers.get("content-length") or 0)
        body = self.rfile.read(min(length, MAX_BODY))
        path, _, query = self.path.partition("?")
        if path.startswith("/_"):
            return self.control(body)
        action = self.headers.get("x-acs-action", "")
        params = dict(canonical_query(query)[1])
        with world.lock:
            world.requests += 1
            request_id = f"IMGVET-STANDIN-{world.requests:06d}"
            rule, scripts = world.rule_for(action), world.scripts
            if rule.get("do") == "skew":
                world.ahead = rule["seconds"]
        entry = {"action": action, "params": params, "rule": rule.get("do"), "signed": False, "code": None,
                 "headers": sorted(n.lower() for n in self.headers.keys())}
        extra = [("x-acs-request-id", request_id)]
        try:
            check_signature(world, self, path, query, body)
            entry["signed"] = True
            if self.headers.get("x-acs-version") != VERSION:
                raise Refusal(400, "InvalidVersion", "Specified parameter Version is not valid.")
            if rule.get("do") == "delay":
                time.sleep(rule["ms"] / 1000)
            if rule.get("do") == "echo-token":
                raise Refusal(403, "Forbidden.RAM", "token " + (self.headers.get("x-acs-security-token") or ""))
            answer = act(world, action, params, rule)
            answer.setdefault("RequestId", request_id)
            status = 200
        except Refusal as refusal:
            entry["code"], status = refusal.code, refusal.status
            answer = {"RequestId": request_id, "HostId": self.headers.get("host"), "Code": refusal.code,
                      "Message": refusal.message, "Recommend": ""}
            if rule.get("do") == "throttle":
                extra.append(("x-acs-retry-after", str(rule.get("wait_ms", 50))))
        except Dropped:
            world.log(entry)
            return self.drop()
        world.log(entry)
        if rule.get("do") == "delay-after":
            time.sleep(rule["ms"] / 1000)
        if rule.get("do") == "hold-after":
            with world.scripted:
                world.scripted.wait_for(lambda: world.scripts != scripts)
        data = json.dumps(answer).encode()
        if rule.get("do") == "raw":
            status, data = rule.get("status", 200), rule["body"].encode() * rule.get("repeat", 1)
        if rule.get("do") == "headers":
            extra += [("x-filler", "f" * 1000)] * rule["count"]
        if rule.get("do") == "redirect":
            status = 302
            extra.append(("Location", rule["location"]))
        self.send(status, data, extra, cut=rule.get("do") == "cut")

    def do_POST(self):
        try:
            self.handle_call()
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    do_GET = do_POST


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        error = sys.exc_info()[1]
        if not isinstance(error, (OSError, ValueError)):
            super().handle_error(request, client_address)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--port-file", required=True)
    parser.add_argument("--state")
    parser.add_argument("--script")
    parser.add_argument("--log")
    parser.add_argument("--tls", nargs=2, metavar=("CERT", "KEY"))
    options = parser.parse_args()

    server = Server(("127.0.0.1", 0), Handler)
    server.world = World(options)
    server.host = f"127.0.0.1:{server.server_port}"
    if options.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*options.tls)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    part = options.port_file + ".part"
    with open(part, "w", encoding="ascii") as f:
        f.write(f"{server.server_port}\n")
    os.replace(part, options.port_file)
    server.serve_forever(poll_interval=0.2)


if __name__ == "__main__":
    main()
