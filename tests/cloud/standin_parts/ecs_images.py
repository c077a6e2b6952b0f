# SPDX-License-Identifier: GPL-3.0-or-later
"""ECS: DescribeImages, with the filters that matter.  A look moves images that are in the making on."""
from . import tasks
from .exchange import Refusal
from .images import HIDDEN
from .params import dry_run, flag, page_of, required, tags

SERVICE, VERSION = "ECS", "2014-05-26"
STATES = ("Creating", "Waiting", "Available", "UnAvailable", "CreateFailed", "Deprecated")
OWNERS = ("system", "self", "others", "marketplace")
SAME = {"ImageId": "ImageId", "ImageFamily": "ImageFamily", "OSType": "OSType", "Architecture": "Architecture",
        "ResourceGroupId": "ResourceGroupId", "ImageOwnerAlias": "ImageOwnerAlias"}


def states_of(params):
    states = params.get("Status", "Available").split(",")
    if states == ["ALL"]:
        return STATES
    if not set(states) <= set(STATES):
        raise Refusal(400, "InvalidParamter", "The specified Status is not valid.")
    return states


def check(params):
    owner = params.get("ImageOwnerAlias")
    if owner is not None and owner not in OWNERS:
        raise Refusal(400, "InvalidImageOwnerAlias.ValueNotSupported", "The ImageOwnerAlias is not supported.")
    if flag(params, "IsPublic") is not None and owner != "others":
        raise Refusal(400, "InvalidParamter", "IsPublic is for ImageOwnerAlias=others.")


def has_tags(one, wanted):
    has = {t["TagKey"]: t["TagValue"] for t in one.get("Tags", {}).get("Tag", [])}
    return all(k in has and v in ("", has[k]) for k, v in wanted.items())


def snapshots_of(one):
    return [m["SnapshotId"] for m in one["DiskDeviceMappings"]["DiskDeviceMapping"]]


def fits(one, params, states, wanted_tags):
    return (one["RegionId"] == params["RegionId"] and one["Status"] in states and
            all(one.get(member) == params[name] for name, member in SAME.items() if name in params) and
            params.get("ImageName", "").strip("*") in one["ImageName"] and
            ("SnapshotId" not in params or params["SnapshotId"] in snapshots_of(one)) and
            flag(params, "IsPublic") in (None, one["IsPublic"]) and has_tags(one, wanted_tags))


def move_on(world, one):
    """One look nearer to Available."""
    one["polls"] -= 1
    if one["polls"] <= 0:
        del one["polls"]
    total = world.has["settings"]["polls"] + 1
    one["Status"] = "Creating" if "polls" in one else "Available"
    one["Progress"] = f"{100 * (total - one['polls']) // total}%" if "polls" in one else "100%"
    world.save()


def shown(one):
    plain = {k: v for k, v in one.items() if k not in HIDDEN}
    plain["IsSelfShared"] = "True" if one["accounts"] else "False"
    return plain


def describe_images(world, params, request):
    region = required(params, "RegionId")
    states, wanted_tags = states_of(params), tags(params)
    check(params)
    dry_run(params)
    for one in world.images.values():
        if "polls" in one and one["RegionId"] == region and params.get("ImageId", one["ImageId"]) == one["ImageId"]:
            move_on(world, one)
        if "task" in one and params.get("ImageId") == one["ImageId"]:
            tasks.look(world, world.has["tasks"][one["task"]])
    page, which = page_of([i for i in world.images.values() if fits(i, params, states, wanted_tags)], params)
    return {"RegionId": region, **which, "Images": {"Image": [shown(one) for one in page]}}


def own_image(world, params):
    region, image_id = required(params, "RegionId"), required(params, "ImageId")
    one = world.images.get(image_id)
    if one is None or one["RegionId"] != region or one["ImageOwnerAlias"] != "self":
        raise Refusal(404, "InvalidImageId.NotFound", "The specified ImageId does not exist.")
    return one


ACTIONS = {"DescribeImages": describe_images}
