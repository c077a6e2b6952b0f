# SPDX-License-Identifier: GPL-3.0-or-later
"""STS: GetCallerIdentity, AssumeRole, AssumeRoleWithOIDC (which nobody signs).

The credentials that they give are known to every signature check until they expire.
"""
import calendar
import json
import re
import time

from . import keys, ram
from .exchange import Refusal
from .keys import ACCOUNT
from .params import required, whole

SERVICE, VERSION = "STS", "2015-04-01"
UNSIGNED = {"AssumeRoleWithOIDC"}
PROVIDER = f"acs:ram::{ACCOUNT}:oidc-provider/imgvet-demo"


def get_caller_identity(world, params, request):
    account, name = request.key.account, request.key.name
    common = {"AccountId": account, "Arn": f"acs:ram::{account}:{name}"}
    if name == "root":
        return {**common, "IdentityType": "Account", "PrincipalId": account, "UserId": account}
    if name.startswith("user/"):
        return {**common, "IdentityType": "RAMUser", "PrincipalId": "200000000000000001", "UserId": "200000000000000001"}
    _, role, session = name.split("/")
    role_id = world.has["roles"].get(role, ram.role(role))["RoleId"]
    return {**common, "IdentityType": "AssumedRoleUser", "PrincipalId": f"{role_id}:{session}", "RoleId": role_id}


def role_of(world, params):
    match = re.fullmatch(rf"acs:ram::{ACCOUNT}:role/([A-Za-z0-9.-]+)", required(params, "RoleArn"))
    if not match:
        raise Refusal(400, "InvalidParameter.RoleArn", "The parameter RoleArn is wrongly formed.")
    return ram.find(world, match[1])


def session_of(params):
    if not re.fullmatch(r"[A-Za-z0-9.@_-]{2,64}", required(params, "RoleSessionName")):
        raise Refusal(400, "InvalidParameter.RoleSessionName", "The parameter RoleSessionName is wrongly formed.")
    return params["RoleSessionName"]


def credentials(world, params, role):
    try:
        seconds = whole(params, "DurationSeconds", 3600, 900, role["MaxSessionDuration"])
    except Refusal:
        raise Refusal(400, "InvalidParameter.DurationSeconds", "The parameter DurationSeconds is out of range.") from None
    session = session_of(params)
    key = keys.issue(world, f"assumed-role/{role['RoleName']}/{session}", seconds)
    return {"Credentials": {"AccessKeyId": key.id, "AccessKeySecret": key.secret, "SecurityToken": key.token,
                            "Expiration": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(key.expires))},
            "AssumedRoleUser": {"Arn": f"acs:ram::{ACCOUNT}:{key.name}", "AssumedRoleId": f"{role['RoleId']}:{session}"}}


def check_external_id(role, params):
    for statement in json.loads(role["AssumeRolePolicyDocument"])["Statement"]:
        wanted = statement.get("Condition", {}).get("StringEquals", {}).get("sts:ExternalId")
        if wanted not in (None, params.get("ExternalId")):
            raise Refusal(403, "NoPermission", "The ExternalId is not that of the role's trust.")


def assume_role(world, params, request):
    role = role_of(world, params)
    if not ram.trusts(role, "RAM", f"acs:ram::{request.key.account}:root"):
        raise Refusal(403, "NoPermission", "The caller is not trusted by the role.")
    check_external_id(role, params)
    return credentials(world, params, role)


def check_stamp(world, params):
    try:
        stamp = calendar.timegm(time.strptime(required(params, "Timestamp"), "%Y-%m-%dT%H:%M:%SZ"))
    except ValueError:
        raise Refusal(400, "InvalidTimeStamp.Format", "The Timestamp is not well formatted.") from None
    if abs(stamp - world.now()) > 15 * 60:
        raise Refusal(400, "InvalidTimeStamp.Expired", "The Timestamp is expired.")


def assume_role_with_oidc(world, params, request):
    check_stamp(world, params)
    provider, token, role = required(params, "OIDCProviderArn"), required(params, "OIDCToken"), role_of(world, params)
    if provider != PROVIDER:
        raise Refusal(404, "EntityNotExist.OIDCProvider", "The OIDC provider does not exist.")
    if token != world.has["settings"]["oidc_token"]:
        raise Refusal(400, "AuthenticationFail.OIDCToken.Invalid", "The OIDC token is invalid.")
    if not ram.trusts(role, "Federated", provider):
        raise Refusal(403, "AuthenticationFail.NoPermission", "The provider is not trusted by the role.")
    return credentials(world, params, role)


ACTIONS = {"GetCallerIdentity": get_caller_identity, "AssumeRole": assume_role, "AssumeRoleWithOIDC": assume_role_with_oidc}
