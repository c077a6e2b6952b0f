# SPDX-License-Identifier: GPL-3.0-or-later
"""KMS: DescribeKey, ListAliasesByKeyId.  Section "kms": {key id: its KeyMetadata, and "aliases"}."""
from .exchange import Refusal
from .images import CUSTOMER_KEY, DISABLED_KEY, SERVICE_KEY
from .keys import ACCOUNT
from .params import page_of, required

SERVICE, VERSION = "KMS", "2016-01-20"
SERVICE_ALIAS = "alias/acs/ecs"


def key(key_id, state="Enabled", creator=ACCOUNT, aliases=()):
    return {"KeyId": key_id, "Arn": f"acs:kms:cn-hangzhou:{ACCOUNT}:key/{key_id}", "KeyState": state,
            "Creator": creator, "KeyUsage": "ENCRYPT/DECRYPT", "KeySpec": "Aliyun_AES_256", "Origin": "Aliyun_KMS",
            "CreationDate": "2026-01-01T00:00:00Z", "Description": "", "aliases": list(aliases)}


def begin():
    made = [key(CUSTOMER_KEY, aliases=["alias/imgvet-demo"]), key(SERVICE_KEY, creator="Ecs", aliases=[SERVICE_ALIAS]),
            key(DISABLED_KEY, state="Disabled")]
    return {"kms": {one["KeyId"]: one for one in made}}


def is_service_key(one):
    return SERVICE_ALIAS in one["aliases"]


def find(world, params):
    """By id, ARN or alias."""
    name = required(params, "KeyId")
    for one in world.has["kms"].values():
        if name in (one["KeyId"], one["Arn"], *one["aliases"]):
            return one
    raise Refusal(404, "Forbidden.KeyNotFound", "The specified Key is not found.")


def describe_key(world, params, request):
    return {"KeyMetadata": {k: v for k, v in find(world, params).items() if k != "aliases"}}


def list_aliases(world, params, request):
    one = find(world, params)
    page, which = page_of(one["aliases"], params)
    return {**which, "Aliases": {"Alias": [
        {"AliasName": a, "AliasArn": f"acs:kms:cn-hangzhou:{ACCOUNT}:{a}", "KeyId": one["KeyId"]} for a in page]}}


ACTIONS = {"DescribeKey": describe_key, "ListAliasesByKeyId": list_aliases}
