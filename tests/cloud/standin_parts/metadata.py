# SPDX-License-Identifier: GPL-3.0-or-later
"""The door of the metadata service of an ECS instance, and of a credentials URI.

    PUT /latest/api/token       with X-aliyun-ecs-metadata-token-ttl-seconds (1 ... 21600): a token
    GET /latest/meta-data/ram/security-credentials/         the role's name
    GET /latest/meta-data/ram/security-credentials/ROLE     temporary credentials of the role
    GET /latest/meta-data/NAME  region-id, zone-id, instance-id, owner-account-id
    GET /_credentials           the same credentials as JSON, whether or not there is a role

The script and the log name them metadata:Token, metadata:RoleName, metadata:Role, metadata:Get and
credentials:Get.

Section "metadata", open to /_set: `role` of the instance (--metadata-role NAME; none: 404), `demand`
a token (403 without one), `seconds` that the credentials hold.  Every answer with credentials gives new
ones out, which the signature checks know until they expire.  The rule `lease` makes the next ones hold
for `seconds` only (less than 0: they are over already), and `patch` puts in whatever is wanted.
"""
import time
import uuid

from . import keys
from .exchange import Answer, Refusal

ROOT, ROLES = "/latest/meta-data/", "/latest/meta-data/ram/security-credentials/"
TOKEN_MOST = 21600  # seconds
FACTS = {"region-id": "cn-hangzhou", "zone-id": "cn-hangzhou-h", "instance-id": "i-bp1imgvetdemo001",
         "owner-account-id": keys.ACCOUNT}


def begin():
    """Beside what is said above: the tokens given out, {token: end in epoch seconds}."""
    return {"metadata": {"role": None, "demand": False, "seconds": 3600, "tokens": {}}}


def wants(request):
    return request.path.startswith("/latest/") and "authorization" not in request.headers or request.path == "/_credentials"


def name(request):
    if request.path == "/_credentials":
        return "credentials:Get"
    if request.path == "/latest/api/token":
        return "metadata:Token"
    if request.path == ROLES:
        return "metadata:RoleName"
    return "metadata:Role" if request.path.startswith(ROLES) else "metadata:Get"


def params_of(request):
    return {"path": request.path}


def check(world, request):
    """Who may read: anybody on the instance, with a token where one is demanded."""
    sent = request.headers.get("x-aliyun-ecs-metadata-token")
    if request.action in ("metadata:Token", "credentials:Get") or (sent is None and not world.has["metadata"]["demand"]):
        return
    with world.lock:
        end = world.has["metadata"]["tokens"].get(sent, 0)
    if end <= world.now():
        raise Refusal(403 if sent is None else 401, "Forbidden", "a metadata token is needed")


def token(world, request):
    seconds = request.headers.get("x-aliyun-ecs-metadata-token-ttl-seconds") or ""
    if request.method != "PUT" or not seconds.isdecimal() or not 1 <= int(seconds) <= TOKEN_MOST:
        raise Refusal(400, "BadRequest", "PUT with X-aliyun-ecs-metadata-token-ttl-seconds from 1 to 21600")
    made = uuid.uuid4().hex
    world.has["metadata"]["tokens"][made] = world.now() + int(seconds)
    world.save()
    return text(made)


def credentials(world, request, role):
    """New temporary credentials."""
    rule, seconds = request.rule, world.has["metadata"]["seconds"]
    key = keys.issue(world, f"assumed-role/{role}/{FACTS['instance-id']}", rule["seconds"] if rule.get("do") == "lease" else seconds)
    return Answer.of({"AccessKeyId": key.id, "AccessKeySecret": key.secret, "SecurityToken": key.token,
                      "Expiration": stamp(key.expires), "LastUpdated": stamp(world.now()), "Code": "Success"})


def stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def text(value):
    return Answer(data=value.encode(), kind="text/plain")


def handle(world, request):
    role = world.has["metadata"]["role"] or world.options.metadata_role
    if request.action == "metadata:Token":
        return token(world, request)
    if request.method not in ("GET", "HEAD"):
        raise Refusal(405, "MethodNotAllowed", "only to be read")
    if request.action == "credentials:Get":
        return credentials(world, request, role or "credentials-uri")
    if role and request.path == ROLES:
        return text(role)
    if role and request.path == ROLES + role:
        return credentials(world, request, role)
    if request.path.removeprefix(ROOT) in FACTS:
        return text(FACTS[request.path.removeprefix(ROOT)])
    raise Refusal(404, "NotFound", "404 - Not Found")


def lie(request):
    return text("")


def refuse(request, refusal):
    """The service answers errors as a page of HTML."""
    page = f"<html><head><title>{refusal.status}</title></head><body><h1>{refusal.message}</h1></body></html>\n"
    return Answer(refusal.status, page.encode(), kind="text/html")
