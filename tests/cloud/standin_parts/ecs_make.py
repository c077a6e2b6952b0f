# SPDX-License-Identifier: GPL-3.0-or-later
"""ECS: CopyImage, CreateImage, DeleteImage.  What is made is Creating until the setting `polls` looks at
it with DescribeImages have passed."""
import re

from . import associations, kms
from .ecs_images import own_image
from .ecs_tags import put
from .exchange import Refusal
from .images import image, mapping
from .params import dry_run, flag, records, required, tags
from .tokens import once

SERVICE, VERSION = "ECS", "2014-05-26"


def name_of(world, params, member, region):
    """The name for a new image, or ""."""
    name = params.get(member, "")
    if name and (not re.fullmatch(r"[^\W\d_][\w.:-]{1,127}", name) or name.startswith(("http:", "https:", "aliyun", "acs:"))):
        raise Refusal(400, "InvalidImageName.Malformed", f"The specified {member} is wrongly formed.")
    if name and any(i["ImageName"] == name and i["RegionId"] == region and i["ImageOwnerAlias"] == "self" for i in world.images.values()):
        raise Refusal(400, "InvalidImageName.Duplicated", f"The specified {member} exists already.")
    return name


def check_room(world, region):
    own = [i for i in world.images.values() if i["RegionId"] == region and i["ImageOwnerAlias"] == "self"]
    if len(own) >= world.has["settings"]["image_quota"]:
        raise Refusal(403, "QuotaExceed.Image", "The maximum number of images is exceeded.")


def new_id(world, kind, table):
    """An id that nothing in the table has: "m", "s" or "d" and a number."""
    world.has["settings"]["last_id"] += 1
    made = f"{kind}-bp1new{world.has['settings']['last_id']:09d}"
    return made if made not in table else new_id(world, kind, table)


def add(world, region, params, **members):
    """A new image in the making."""
    made = image(new_id(world, "m", world.images), region, Status="Creating", Progress="0%", Usage="none", **members)
    made["polls"] = world.has["settings"]["polls"]
    put(made, tags(params))
    world.images[made["ImageId"]] = made
    return made


def key_of(world, params):
    """The key that the copy is to be encrypted with, or None."""
    key_id = params.get("KMSKeyId")
    if key_id and not flag(params, "Encrypted"):
        raise Refusal(403, "InvalidParameter.EncryptedIllegal", "Encrypted must be true when KMSKeyId is given.")
    if not flag(params, "Encrypted"):
        return None
    key = world.has["kms"].get(key_id) if key_id else next(k for k in world.has["kms"].values() if kms.is_service_key(k))
    if key is None:
        raise Refusal(404, "InvalidParameter.KMSKeyId.NotFound", "The specified KMSKeyId does not exist.")
    if key["KeyState"] != "Enabled":
        raise Refusal(403, "InvalidParameter.KMSKeyId.CMKNotEnabled", "The CMK is not enabled.")
    return key


def copy_snapshot(world, old_id, region, key):
    """A snapshot for the copy of an image, encrypted with the key or as it was."""
    new = new_id(world, "s", world.has["snapshots"])
    old = world.has["snapshots"].get(old_id, {})
    key_id = key["KeyId"] if key else old.get("KMSKeyId", "")
    made = {**old, "SnapshotId": new, "RegionId": region, "Encrypted": bool(key_id), "KMSKeyId": key_id, "Tags": {"Tag": []}}
    world.has["snapshots"][new] = made
    return made


@once
def copy_image(world, params, request):
    source = world.images.get(required(params, "ImageId"))
    region, goal = required(params, "RegionId"), params.get("DestinationRegionId") or params["RegionId"]
    if source is None or source["RegionId"] != region:
        raise Refusal(404, "InvalidImageId.NotFound", "The specified ImageId does not exist.")
    if source["Status"] != "Available":
        raise Refusal(403, "IncorrectImageStatus", "The status of the image does not support this operation.")
    if source["ProductCode"]:
        raise Refusal(403, "OperationDenied.NotPublished", "A Marketplace image cannot be copied.")
    if goal not in [r["RegionId"] for r in world.has["regions"]]:
        raise Refusal(404, "IncorrectDestinationRegion", "The DestinationRegionId is not right.")
    if source["ImageOwnerAlias"] != "self" and goal != region:
        raise Refusal(403, "OperationDenied.SameRegionOnly", "A shared image can be copied within its region only.")
    name, key = name_of(world, params, "DestinationImageName", goal), key_of(world, params)
    check_room(world, goal)
    dry_run(params)
    made = add(world, goal, params, ImageName=name or source["ImageName"], IsCopied=True, Size=source["Size"],
               Description=params.get("DestinationDescription", ""), OSType=source["OSType"], Architecture=source["Architecture"])
    made["DiskDeviceMappings"]["DiskDeviceMapping"] = []
    for old in source["DiskDeviceMappings"]["DiskDeviceMapping"]:
        snapshot = copy_snapshot(world, old["SnapshotId"], goal, key)
        made["DiskDeviceMappings"]["DiskDeviceMapping"].append(
            {**old, "SnapshotId": snapshot["SnapshotId"], "Encrypted": key is not None or old["Encrypted"]})
    made.update({m: source[m] for m in ("disks",) if m in source})
    world.changed()
    return {"ImageId": made["ImageId"]}


def sources_of(world, params, region):
    """The snapshots that the image is to be made of, the system disk's first."""
    if "InstanceId" in params:
        if params["InstanceId"] not in world.has["instances"]:
            raise Refusal(404, "InvalidInstanceId.NotFound", "The specified InstanceId does not exist.")
        return [copy_snapshot(world, "s-bp1imgvetdemo", region, None)["SnapshotId"]]
    found = [m.get("SnapshotId") for m in records(params, "DiskDeviceMapping")] or [required(params, "SnapshotId")]
    for one in found:
        snapshot = world.has["snapshots"].get(one)
        if snapshot is None or snapshot["RegionId"] != region:
            raise Refusal(404, "InvalidSnapshotId.NotFound", "The specified SnapshotId does not exist.")
        if snapshot["Status"] != "accomplished":
            raise Refusal(403, "InvalidSnapshotId.NotReady", "The specified snapshot is not ready.")
    return found


@once
def create_image(world, params, request):
    region = required(params, "RegionId")
    name = name_of(world, params, "ImageName", region)
    check_room(world, region)
    dry_run(params)
    made = add(world, region, params, ImageName=name or "imgvet-created", Description=params.get("Description", ""))
    made["DiskDeviceMappings"]["DiskDeviceMapping"] = [
        mapping(s, f"/dev/xvd{chr(ord('a') + n)}", world.has["snapshots"][s]["Encrypted"])
        for n, s in enumerate(sources_of(world, params, region))]
    world.changed()
    return {"ImageId": made["ImageId"]}


def delete_image(world, params, request):
    if required(params, "ImageId") not in world.images:
        return {}
    one = own_image(world, params)
    if one["accounts"] or one["groups"] or associations.holds(world, one["ImageId"]):
        raise Refusal(403, "ImageUseShared", "The image is shared.")
    if one.get("Usage") == "instance" and not flag(params, "Force"):
        raise Refusal(403, "ImageUsingByInstance", "The image is used by an instance.")
    dry_run(params)
    del world.images[one["ImageId"]]
    world.changed()
    return {}


ACTIONS = {"CopyImage": copy_image, "CreateImage": create_image, "DeleteImage": delete_image}
