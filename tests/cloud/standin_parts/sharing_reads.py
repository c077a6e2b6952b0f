# SPDX-License-Identifier: GPL-3.0-or-later
"""ResourceSharing: the lists.  What they show and how it comes about: sharing.py, associations.py."""
from . import associations
from .exchange import Refusal
from .keys import ACCOUNT
from .params import numbered, required, token_page
from .sharing import bad, from_arn

SERVICE, VERSION = "ResourceSharing", "2020-01-10"
OWNERS = ("Self", "OtherAccounts")


def owner_is_self(params):
    if required(params, "ResourceOwner") not in OWNERS:
        raise bad("ResourceOwner")
    return params["ResourceOwner"] == "Self"


def picks(params, **wanted):
    """A test of rows: each parameter that is there (a value, or a list Name.N) must have the member's value."""
    tests = [({params[n]} if n in params else set(numbered(params, n)), member) for n, member in wanted.items()]
    return lambda row: all(not values or row[member] in values for values, member in tests)


def listed(world, name, rows, params):
    page, token = token_page(world, rows, params, 20)
    return {name: page, "NextToken": token}


def list_shares(world, params, request):
    mine = owner_is_self(params)
    fits = picks(params, ResourceShareIds="ResourceShareId", ResourceShareName="ResourceShareName",
                 ResourceShareStatus="ResourceShareStatus")
    rows = [dict(s) for s in world.has["shares"].values() if mine and fits(s)]
    for share in world.has["shares"].values():      # a look, and those that are being deleted are gone at the next
        if share["ResourceShareStatus"] == "Deleting":
            associations.move_on(world, associations.of(world, share["ResourceShareId"]))
            share["ResourceShareStatus"] = "Deleted"
    return listed(world, "ResourceShares", rows, params)


def list_associations(world, params, request):
    kind = params.get("AssociationType")
    if not kind:
        raise Refusal(400, "MissingParameter.AssociationType", "AssociationType is mandatory.")
    if kind not in ("Resource", "Target"):
        raise bad("AssociationType")
    if kind == "Target" and ("ResourceId" in params or "ResourceArn" in params) or kind == "Resource" and "Target" in params:
        raise Refusal(400, "ConflictedAssociationType", "The AssociationType does not fit the other parameters.")
    if "ResourceArn" in params:
        params = params | {"ResourceId": from_arn(params["ResourceArn"])["ResourceId"]}
    named = picks(params, ResourceShareIds="ResourceShareId", ResourceId="EntityId", Target="EntityId")
    rows = [a for a in world.has["associations"] if a["AssociationType"] == kind and named(a)]
    if "NextToken" not in params:       # one look is all pages of it
        associations.move_on(world, rows)
    fits = picks(params, AssociationStatus="AssociationStatus")
    return listed(world, "ResourceShareAssociations", [associations.show(a) for a in rows if fits(a)], params)


def associated(world, kind):
    return [a for a in world.has["associations"] if a["AssociationType"] == kind and a["AssociationStatus"] == "Associated"]


def shares_with(world, entity):
    """The ids of the shares that this resource or target is associated with."""
    return {a["ResourceShareId"] for a in world.has["associations"] if a["EntityId"] == entity and a["AssociationStatus"] == "Associated"}


def show_resource(world, one):
    tables = {"Image": world.images, "Snapshot": world.has["snapshots"]}
    there = tables[one["EntityType"]].get(one["EntityId"])
    region = there["RegionId"] if there else "cn-hangzhou"
    return {"ResourceId": one["EntityId"], "ResourceType": one["EntityType"], "ResourceShareId": one["ResourceShareId"],
            "ResourceArn": f"acs:ecs:{region}:{ACCOUNT}:{one['EntityType'].lower()}/{one['EntityId']}",
            "ResourceStatus": "Available" if there else "Unavailable", "ResourceStatusMessage": "",
            "CreateTime": one["CreateTime"], "UpdateTime": one["UpdateTime"]}


def list_shared_resources(world, params, request):
    mine = owner_is_self(params)
    with_target = shares_with(world, params["Target"]) if "Target" in params else None
    fits = picks(params, ResourceShareIds="ResourceShareId", ResourceIds="ResourceId", ResourceArns="ResourceArn",
                 ResourceType="ResourceType")
    rows = [show_resource(world, a) for a in associated(world, "Resource")
            if with_target is None or a["ResourceShareId"] in with_target]
    return listed(world, "SharedResources", [r for r in rows if mine and fits(r)], params)


def list_shared_targets(world, params, request):
    mine = owner_is_self(params)
    resource = params.get("ResourceId") or ("ResourceArn" in params and from_arn(params["ResourceArn"])["ResourceId"])
    having = shares_with(world, resource) if resource else {a["ResourceShareId"] for a in associated(world, "Resource")
                                                            if params.get("ResourceType") in (None, a["EntityType"])}
    fits = picks(params, ResourceShareIds="ResourceShareId", Targets="TargetId")
    rows = [{"TargetId": a["EntityId"], "ResourceShareId": a["ResourceShareId"], "External": a["External"],
             "CreateTime": a["CreateTime"], "UpdateTime": a["UpdateTime"]} for a in associated(world, "Target")
            if a["ResourceShareId"] in having]
    return listed(world, "SharedTargets", [r for r in rows if mine and fits(r)], params)


def check_enabled(world, params, request):
    settings = world.has["settings"]
    return {"EnableSharingWithRd": settings["directory_member"] and settings["directory_sharing"]}


ACTIONS = {
    "ListResourceShares": list_shares, "ListResourceShareAssociations": list_associations,
    "ListSharedResources": list_shared_resources, "ListSharedTargets": list_shared_targets,
    "CheckSharingWithResourceDirectoryStatus": check_enabled,
}
