# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an encrypted image may be shared with accounts: one snapshot, the customer's own enabled key,
and the role whose trust names every receiver."""
import json

from . import kms
from .exchange import Refusal

ROLE = "AliyunECSShareEncryptImageDefaultRole"


def key_of(world, mapping):
    snapshot = world.has["snapshots"].get(mapping["SnapshotId"], {})
    return world.has["kms"].get(snapshot.get("KMSKeyId"))


def trusted_services(world):
    role = world.has["roles"].get(ROLE)
    if role is None:
        return []
    return [service for statement in json.loads(role["AssumeRolePolicyDocument"])["Statement"]
            for service in statement["Principal"].get("Service", [])]


def check(world, one, adding):
    mappings = one["DiskDeviceMappings"]["DiskDeviceMapping"]
    if len(mappings) > 1:
        raise Refusal(403, "OperationDeined.FullImage", "The encrypted image has several snapshots.")
    key = key_of(world, mappings[0])
    if key is None or kms.is_service_key(key):
        raise Refusal(403, "InvalidOperation.ServiceKeyEncryptedImageUnsupported",
                      "The image is encrypted with the service key.")
    if key["KeyState"] != "Enabled":
        raise Refusal(403, "InvalidParameter.KMSKeyId.CMKNotEnabled", "The CMK is not enabled.")
    if not {f"{account}@ecs.aliyuncs.com" for account in adding} <= set(trusted_services(world)):
        raise Refusal(403, "AssumeRoleError", "The role cannot be assumed for every account.")
