# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls to the stand-in (standin.py), signed, for tests of the stand-in itself.

    with Cloud("--many-images", "50") as cloud:
        status, answer = cloud.ecs("DescribeImages", RegionId="cn-hangzhou")
"""
import hashlib
import hmac
import http.client
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.parse
import uuid

VERSIONS = {"ecs": "2014-05-26", "sts": "2015-04-01", "ram": "2015-05-01", "kms": "2016-01-20",
            "sharing": "2020-01-10", "directory": "2022-04-19"}
HERE = {"RegionId": "cn-hangzhou"}
IMAGE = {**HERE, "ImageId": "m-bp1imgvetdemo001"}
FRIEND, OTHER = "1234567890123456", "2234567890123456"
KEY = ("imgvet-demo-key-id", "imgvet-demo-secret-that-opens-nothing", None)


def quote(text):
    return urllib.parse.quote(str(text), safe="-_.~")


def query_of(params):
    return "&".join(f"{quote(k)}={quote(v)}" for k, v in sorted(params.items()))


def sign(headers, query, body, key):
    """Put the headers of ACS3-HMAC-SHA256 into `headers`."""
    headers["x-acs-content-sha256"] = hashlib.sha256(body).hexdigest()
    if key[2]:
        headers |= {"x-acs-accesskey-id": key[0], "x-acs-security-token": key[2]}
    names = sorted(headers)
    request = "\n".join(["POST", "/", query, "".join(f"{n}:{headers[n]}\n" for n in names), ";".join(names),
                         headers["x-acs-content-sha256"]])
    to_sign = "ACS3-HMAC-SHA256\n" + hashlib.sha256(request.encode()).hexdigest()
    signature = hmac.new(key[1].encode(), to_sign.encode(), hashlib.sha256).hexdigest()
    return headers | {"authorization": f"ACS3-HMAC-SHA256 Credential={key[0]},SignedHeaders={';'.join(names)},Signature={signature}"}


class Cloud:
    def __init__(self, *options):
        self.options, self.key = options, KEY

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        port_file, self.log_file = os.path.join(self.folder.name, "port"), os.path.join(self.folder.name, "log")
        here = os.path.dirname(os.path.abspath(__file__))
        self.process = subprocess.Popen([sys.executable, os.path.join(here, "standin.py"), "--port-file", port_file,
                                         "--log", self.log_file, *self.options])
        for _ in range(500):
            if os.path.exists(port_file):
                break
            time.sleep(0.02)
        with open(port_file, encoding="ascii") as f:
            self.host = f"127.0.0.1:{f.read().strip()}"
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()

    def send(self, method, target, body=b"", headers=None):
        """(status, headers, body)"""
        connection = http.client.HTTPConnection(self.host, timeout=20)
        connection.request(method, target, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def control(self, path, what):
        return json.loads(self.send("POST", path, json.dumps(what).encode())[2])

    def call(self, service, action, key=None, form=None, **params):
        """(status, answer).  Parameters with dots in their names: **{"AddAccount.1": "..."}."""
        query, body = query_of(params), query_of(form).encode() if form else b""
        headers = {"host": self.host, "x-acs-action": action, "x-acs-version": VERSIONS[service],
                   "x-acs-date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "x-acs-signature-nonce": uuid.uuid4().hex}
        if form:
            headers["content-type"] = "application/x-www-form-urlencoded"
        status, _, data = self.send("POST", "/?" + query, body, sign(headers, query, body, key or self.key))
        return status, json.loads(data)

    def __getattr__(self, service):
        if service not in VERSIONS:
            raise AttributeError(service)
        return lambda action, **params: self.call(service, action, **params)

    def log(self):
        with open(self.log_file, encoding="utf-8") as f:
            return [json.loads(line) for line in f]


# --- tests -----------------------------------------------------------------------------------------

count = failed = 0


def check(name, got, wanted):
    global count, failed
    count += 1
    failed += got != wanted
    print(f"{'ok' if got == wanted else 'not ok'} {count} - {name}")
    if got != wanted:
        print(f"# got {got!r}, wanted {wanted!r}")


def code(answer):
    return answer[1].get("Code", answer[0])


def add(first, *accounts, action="Add"):
    return {f"{action}Account.{n}": a for n, a in enumerate((first, *accounts), 1)}


def ids(answer):
    return [i["ImageId"] for i in answer[1]["Images"]["Image"]]


def run(parts, *options):
    """Each part with the world as it began; then the plan, and whether all went well."""
    with Cloud(*options) as cloud:
        for part in parts:
            cloud.control("/_reset", [])
            part(cloud)
    print(f"1..{count}")
    raise SystemExit(failed > 0)
