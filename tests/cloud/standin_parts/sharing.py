# SPDX-License-Identifier: GPL-3.0-or-later
"""ResourceSharing: resource shares of images (and snapshots).  Section "shares": {rs-id: the share as shown}.

This address is every region's, so a share holds resources of any region.  Targets are accounts of the
directory, folders of it, and the directory itself; others are refused.
"""
import re

from . import associations
from .exchange import Refusal
from .keys import ACCOUNT
from .params import numbered, records, required

SERVICE, VERSION = "ResourceSharing", "2020-01-10"
MOST = 5            # resources, and targets, of one request
PERMISSIONS = ("AliyunRSDefaultPermissionImage", "AliyunRSDefaultPermissionSnapshot")


def begin():
    return {"shares": {}, **associations.begin()}


# --- what a request names -----------------------------------------------------------------------


def bad(name, why=""):
    return Refusal(400, f"InvalidParameter.{name}", f"The parameter {name} is invalid. {why}")


def from_arn(arn):
    match = re.fullmatch(rf"acs:ecs:[a-z0-9-]+:{ACCOUNT}:(image|snapshot)/([A-Za-z0-9-]+)", arn)
    if not match:
        raise bad("ResourceArns")
    return {"ResourceId": match[2], "ResourceType": match[1].capitalize()}


def resources_of(world, params):
    found, arns = records(params, "Resources"), numbered(params, "ResourceArns")
    if found and arns:
        raise bad("ResourceConflict")
    found += [from_arn(a) for a in arns]
    if len(found) > MOST:
        raise bad("Resources.Length", f"At most {MOST}.")
    if len({r.get("ResourceId") for r in found}) < len(found):
        raise bad("Resources.Duplicate")
    for one in found:
        check_resource(world, one)
    return found


def check_resource(world, one):
    tables = {"Image": world.images, "Snapshot": world.has["snapshots"]}
    if one.get("ResourceType") not in tables:
        raise bad("ResourceType")
    there = tables[one["ResourceType"]].get(one.get("ResourceId"))
    if there is None or there.get("ImageOwnerAlias", "self") != "self":
        raise bad("ResourceId", "It is not a resource of this account.")


def targets_of(params):
    found = numbered(params, "Targets")
    if len(found) > MOST:
        raise bad("Targets.Length", f"At most {MOST}.")
    if len(set(found)) < len(found):
        raise bad("Targets.Duplicate")
    return found


def check_target(world, target):
    here = world.has["directory"]
    if target == ACCOUNT:
        raise Refusal(409, "ShareWithYourself", "You cannot share resources with yourself.")
    if not re.fullmatch(r"\d+|(fd|rd|r)-\w+", target):
        raise bad("Targets")
    if target not in (here["id"], *here["folders"], *here["accounts"]):
        raise Refusal(400, "InvalidTarget", f"The target {target} is not in the resource directory.")


def check_targets(world, share, targets):
    settings = world.has["settings"]
    if targets and not settings["directory_member"]:
        raise Refusal(409, "AccountNotInResourceDirectory", "The account is not in a resource directory.")
    if targets and not settings["directory_sharing"]:
        raise Refusal(409, "NotEnableSharingWithResourceDirectory", "Resource sharing is not enabled for the directory.")
    for one in targets:
        check_target(world, one)
    has = {a["EntityId"] for a in associations.of(world, share["ResourceShareId"], "Target") if a["AssociationStatus"] in associations.LIVE}
    if len(has | set(targets)) > settings["association_quota"]:
        raise Refusal(409, "QuotaExceeded.SharedTarget.Count", "The number of targets exceeds the quota.")


def share_of(world, params, states=("Active", "Pending")):
    share = world.has["shares"].get(required(params, "ResourceShareId"))
    if share is None:
        raise Refusal(404, "EntityNotExists.ResourceShare", "The resource share does not exist.")
    if share["ResourceShareStatus"] not in states:
        raise Refusal(409, "ResourceShareStatusMismatchAction", "The status of the resource share does not allow this.")
    return share


def check_permissions(params):
    if not set(numbered(params, "PermissionNames")) <= set(PERMISSIONS):
        raise Refusal(404, "EntityNotExists.Permission", "The permission does not exist.")


# --- changes ----------------------------------------------------------------------------------------


def tie_all(world, share, resources, targets):
    return ([associations.tie(world, share, "Resource", r["ResourceId"], r["ResourceType"]) for r in resources] +
            [associations.tie(world, share, "Target", t, "Account") for t in targets])


def name_of(params):
    name = params.get("ResourceShareName")
    if not name:
        raise Refusal(400, "MissingParameter.ResourceShareName", "ResourceShareName is mandatory.")
    if len(name) > 50:
        raise bad("ResourceShareName.Length")
    if not re.fullmatch(r"[\w.-]+", name):
        raise bad("ResourceShareName")
    return name


def create_share(world, params, request):
    name, resources, targets = name_of(params), resources_of(world, params), targets_of(params)
    check_permissions(params)
    if any(s["ResourceShareName"] == name and s["ResourceShareStatus"] == "Active" for s in world.has["shares"].values()):
        raise Refusal(409, "EntityAlreadyExists.ResourceShare", "The resource share exists already.")
    share = {"ResourceShareId": f"rs-imgvet{len(world.has['shares']) + 1:06d}", "ResourceShareName": name,
             "ResourceShareOwner": ACCOUNT, "ResourceShareStatus": "Active",
             "AllowExternalTargets": params.get("AllowExternalTargets") == "true",
             "CreateTime": associations.NOW, "UpdateTime": associations.NOW}
    check_targets(world, share, targets)
    world.has["shares"][share["ResourceShareId"]] = share
    tie_all(world, share, resources, targets)
    world.changed()
    return {"ResourceShare": share}


def associate(world, params, request):
    share, resources, targets = share_of(world, params), resources_of(world, params), targets_of(params)
    if not resources and not targets:
        raise Refusal(400, "ResourceAndTargetBothEmpty", "Resources and targets are both empty.")
    check_permissions(params)
    check_targets(world, share, targets)
    tied = tie_all(world, share, resources, targets)
    world.changed()
    return {"ResourceShareAssociations": [associations.show(a) for a in tied]}


def disassociate(world, params, request):
    share, resources, targets = share_of(world, params), resources_of(world, params), targets_of(params)
    if not resources and not targets:
        raise Refusal(400, "ResourceAndTargetBothEmpty", "Resources and targets are both empty.")
    untied = [associations.untie(world, share, e) for e in [r["ResourceId"] for r in resources] + targets]
    world.changed()
    return {"ResourceShareAssociations": [associations.show(a) for a in untied]}


def delete_share(world, params, request):
    share = share_of(world, params)
    for one in associations.of(world, share["ResourceShareId"]):
        if one["AssociationStatus"] in associations.LIVE:
            one.update(AssociationStatus="Disassociating", polls=1)
    share["ResourceShareStatus"] = "Deleting"
    world.changed()
    return {}


ACTIONS = {"CreateResourceShare": create_share, "AssociateResourceShare": associate,
           "DisassociateResourceShare": disassociate, "DeleteResourceShare": delete_share}
