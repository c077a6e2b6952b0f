# SPDX-License-Identifier: GPL-3.0-or-later
"""What ties resources and targets to a resource share.  Section "associations": a list of

    {ResourceShareId, ResourceShareName, AssociationType (Resource, Target), EntityId, EntityType,
     AssociationStatus, AssociationStatusMessage, AssociationFailedDetails, External, CreateTime, UpdateTime,
     polls: looks until it is done, failed: the reason it will fail with}

of which the last two are not shown.  Associating becomes Associated (or Failed, for those of the setting
fail_targets) and Disassociating becomes Disassociated, each by looks at ListResourceShareAssociations.
"""
from .exchange import Refusal
from .params import invalid

NOW = "2026-01-02T03:04:05Z"
MOVES = {"Associating": "Associated", "Disassociating": "Disassociated"}
LIVE = ("Associating", "Associated", "Disassociating")
HIDDEN = ("polls", "failed")


def begin():
    return {"associations": []}


def of(world, share_id, kind=None):
    return [a for a in world.has["associations"] if a["ResourceShareId"] == share_id and kind in (None, a["AssociationType"])]


def live(world, share_id, entity):
    return next((a for a in of(world, share_id) if a["EntityId"] == entity and a["AssociationStatus"] in LIVE), None)


def holds(world, entity):
    """Whether a share holds this resource, or is about to."""
    return any(a["EntityId"] == entity and a["AssociationStatus"] in LIVE for a in world.has["associations"])


def show(one):
    return {k: v for k, v in one.items() if k not in HIDDEN}


def tie(world, share, kind, entity, entity_type):
    """Begin to associate, or what there is already."""
    there = live(world, share["ResourceShareId"], entity)
    if there is not None and there["AssociationStatus"] != "Associated":
        raise Refusal(409, "AssociateConflict", "The entity is being associated or disassociated.")
    if there is not None:
        return there
    settings = world.has["settings"]
    made = {"ResourceShareId": share["ResourceShareId"], "ResourceShareName": share["ResourceShareName"],
            "AssociationType": kind, "EntityId": entity, "EntityType": entity_type, "AssociationStatus": "Associating",
            "AssociationStatusMessage": "", "AssociationFailedDetails": [], "External": False, "CreateTime": NOW,
            "UpdateTime": NOW, "polls": settings["polls"], "failed": settings["fail_targets"].get(entity)}
    world.has["associations"].append(made)
    return made


def untie(world, share, entity):
    there = live(world, share["ResourceShareId"], entity)
    if there is None:
        raise invalid("Resources or Targets", "is not associated with the resource share")
    if there["AssociationStatus"] == "Associating":
        raise Refusal(409, "AssociateConflict", "The entity is being associated.")
    there.update(AssociationStatus="Disassociating", polls=world.has["settings"]["polls"])
    return there


def fail(one):
    reason = one["failed"]
    one.update(AssociationStatus="Failed", AssociationStatusMessage=f"Failed: {reason}", AssociationFailedDetails=[
        {"AssociationType": one["AssociationType"], "EntityId": one["EntityId"], "EntityType": one["EntityType"],
         "OperationType": "Associate", "Status": "Unavailable", "FailureReason": reason,
         "FailureDescription": f"The entity cannot be associated ({reason})."}])


def move_on(world, found):
    """One look at each of these."""
    for one in found:
        if one["AssociationStatus"] not in MOVES:
            continue
        one["polls"] -= 1
        if one["polls"] > 0:
            continue
        if one["failed"] and one["AssociationStatus"] == "Associating":
            fail(one)
        else:
            one["AssociationStatus"] = MOVES[one["AssociationStatus"]]
    world.save()
