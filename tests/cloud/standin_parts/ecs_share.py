# SPDX-License-Identifier: GPL-3.0-or-later
"""ECS: who has an image, and the change of that.

Accounts that begin with 999 do not exist, those that begin with 998 belong to another site.
"""
from . import ecs_encrypted
from .ecs_images import own_image
from .exchange import Refusal
from .images import encrypted
from .keys import ACCOUNT
from .params import dry_run, flag, numbered, page_of

SERVICE, VERSION = "ECS", "2014-05-26"
BATCH = 10          # accounts of one call; more are dropped without a word, as ECS does


def describe_permission(world, params, request):
    one = own_image(world, params)
    page, which = page_of(one["accounts"], params)
    return {"RegionId": one["RegionId"], "ImageId": one["ImageId"], **which,
            "Accounts": {"Account": [{"AliyunId": a, "SharedTime": "2026-01-02T03:04Z"} for a in page]},
            "ShareGroups": {"ShareGroup": [{"Group": g} for g in one["groups"]]}}


def check_receivers(accounts):
    for account in accounts:
        if account == ACCOUNT:
            raise Refusal(404, "InvalidAccount.Forbbiden", "The specified Account is yourself.")
        if account.startswith("998"):
            raise Refusal(403, "InvalidImageId.BidMismatch", "The image and the account belong to different sites.")
        if account.startswith("999") or not account.isdigit():
            raise Refusal(404, "InvalidAccount.NotFound", f"The specified Account {account} does not exist.")


def check_public(world, one, public, others):
    """IsPublic was given: whether it may be that."""
    if others:
        raise Refusal(403, "InvalidParameter.IsPublic", "IsPublic cannot be changed together with accounts.")
    if public == one["IsPublic"]:
        raise Refusal(403, "Image.Public" if public else "Image.NotPublic", "The image is that already.")
    if public and encrypted(one):
        raise Refusal(403, "InvalidParameter.IsPublic", "An encrypted image cannot be public.")
    if public and not world.has["settings"]["public_agreement"]:
        raise Refusal(403, "PublicImageAgreement.NotSigned", "The agreement for community images is not signed.")


def check_adding(world, one, adding):
    check_receivers(adding)
    if one["IsPublic"]:
        raise Refusal(403, "Image.Public", "The image is a community image.")
    if encrypted(one):
        ecs_encrypted.check(world, one, adding)


def check_quota(world, before, after):
    if len(after) > max(world.has["settings"]["share_quota"], len(before)):
        raise Refusal(403, "QuotaExceed.ShareImageUser", "The number of shared users exceeds the quota.")


def modify_permission(world, params, request):
    one = own_image(world, params)
    adding, removing = numbered(params, "AddAccount")[:BATCH], numbered(params, "RemoveAccount")[:BATCH]
    public = flag(params, "IsPublic")
    if "LaunchPermission" in params:
        raise Refusal(400, "UnnecessaryParameter.LaunchPermission", "LaunchPermission is unnecessary.")
    if one["Status"] == "Deprecated":
        raise Refusal(403, "OperationDenied.InvalidImageStatus", "The image is deprecated.")
    if public is not None:
        check_public(world, one, public, adding or removing)
    if adding:
        check_adding(world, one, adding)
    after = [a for a in one["accounts"] if a not in removing]
    after += [a for a in dict.fromkeys(adding) if a not in after]
    check_quota(world, one["accounts"], after)
    dry_run(params)
    one["accounts"] = after
    if public is not None:
        one["IsPublic"], one["groups"] = public, ["all"] if public else []
    world.changed()
    return {}


ACTIONS = {"DescribeImageSharePermission": describe_permission, "ModifyImageSharePermission": modify_permission}
