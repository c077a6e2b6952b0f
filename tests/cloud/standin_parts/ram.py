# SPDX-License-Identifier: GPL-3.0-or-later
"""RAM: GetRole.  Section "roles": {role name: the Role that GetRole shows}."""
import json

from .exchange import Refusal
from .keys import ACCOUNT
from .params import required

SERVICE, VERSION = "RAM", "2015-05-01"


def role(name, **principal):
    trust = {"Version": "1", "Statement": [{"Action": "sts:AssumeRole", "Effect": "Allow", "Principal": principal}]}
    return {"RoleId": "3" + str(sum(name.encode())).zfill(17), "RoleName": name, "Arn": f"acs:ram::{ACCOUNT}:role/{name}",
            "Description": "", "AssumeRolePolicyDocument": json.dumps(trust), "MaxSessionDuration": 3600,
            "CreateDate": "2026-01-01T00:00:00Z", "UpdateDate": "2026-01-01T00:00:00Z"}


def begin():
    made = [role("AliyunECSShareEncryptImageDefaultRole", Service=["1234567890123456@ecs.aliyuncs.com"]),
            role("AliyunECSImageExportDefaultRole", Service=["ecs.aliyuncs.com"]),
            role("AliyunECSImageImportDefaultRole", Service=["ecs.aliyuncs.com"]),
            role("imgvet-demo-role", RAM=[f"acs:ram::{ACCOUNT}:root"]),
            role("imgvet-demo-oidc-role", Federated=[f"acs:ram::{ACCOUNT}:oidc-provider/imgvet-demo"])]
    return {"roles": {one["RoleName"]: one for one in made}}


def find(world, name):
    if name not in world.has["roles"]:
        raise Refusal(404, "EntityNotExist.Role", f"The role does not exist: {name}.")
    return world.has["roles"][name]


def trusts(one, kind, who):
    """Whether the role's trust names somebody of a kind: RAM, Service, Federated."""
    return any(who in statement["Principal"].get(kind, [])
               for statement in json.loads(one["AssumeRolePolicyDocument"])["Statement"])


def get_role(world, params, request):
    return {"Role": find(world, required(params, "RoleName"))}


ACTIONS = {"GetRole": get_role}
