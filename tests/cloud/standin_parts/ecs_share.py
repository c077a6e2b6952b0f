"""ECS: an image, who has it, and the change of that."""
from .exchange import Refusal
from .keys import ACCOUNT
from .params import numbered, paging, required

SERVICE, VERSION = "ECS", "2014-05-26"
BATCH = 10          # accounts of one call; more are dropped without a word, as ECS does
QUOTA = 50          # accounts of one image


def describe_images(world, params, request):
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


def describe_permission(world, params, request):
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


def modify_permission(world, params, request):
    one = own_image(world, params)
    if one["Status"] == "Deprecated":
        raise Refusal(403, "OperationDenied.InvalidImageStatus", "The image is deprecated.")
    adding, removing = numbered(params, "AddAccount")[:BATCH], numbered(params, "RemoveAccount")[:BATCH]
    check_receivers(one, adding)
    one["accounts"] = [a for a in one["accounts"] if a not in removing]
    one["accounts"] += [a for a in dict.fromkeys(adding) if a not in one["accounts"]]
    world.changed()
    return {}


ACTIONS = {
    "DescribeImages": describe_images,
    "DescribeImageSharePermission": describe_permission,
    "ModifyImageSharePermission": modify_permission,
}
