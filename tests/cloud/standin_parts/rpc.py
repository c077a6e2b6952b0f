# SPDX-License-Identifier: GPL-3.0-or-later
"""The door of the calls: one loopback address stands for all services, and x-acs-version with
x-acs-action finds the function.  Parameters come in the query and in a form body.  Action and Version
may be parameters instead, for the calls that nobody signs (UNSIGNED of a service)."""
from . import (acs3, directory, ecs_disks, ecs_images, ecs_make, ecs_regions, ecs_share, ecs_snapshots, ecs_tags,
               ecs_transfer, kms, ram, sharing, sharing_reads, sts, tasks)
from .exchange import Answer, Refusal
from .params import numbered

SERVICES = [directory, ecs_disks, ecs_images, ecs_make, ecs_regions, ecs_share, ecs_snapshots, ecs_tags, ecs_transfer, kms, ram,
            sharing, sharing_reads, sts, tasks]


def actions_of(number):
    """{name: function} of a version, or None when no service has it."""
    found = [s.ACTIONS for s in SERVICES if s.VERSION == number]
    return {name: function for actions in found for name, function in actions.items()} if found else None


def wants(request):
    return True


def name(request):
    return request.headers.get("x-acs-action") or dict(acs3.pairs_of(request.query)).get("Action", "")


def version(request):
    return request.headers.get("x-acs-version") or request.params.get("Version")


def unsigned(request):
    return any(request.action in getattr(s, "UNSIGNED", ()) for s in SERVICES if s.VERSION == version(request))


def is_form(request):
    return request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")


def check(world, request):
    if not unsigned(request):
        acs3.check(world, request)
    if actions_of(version(request)) is None:
        raise Refusal(400, "InvalidVersion", "Specified parameter Version is not valid.")


def params_of(request):
    return dict(acs3.pairs_of(request.query) + (acs3.pairs_of(request.body.decode()) if is_form(request) else []))


def forget_last(params, count):
    """The parameters without the last accounts to add."""
    keys = [f"AddAccount.{n}" for n in range(1, 1 + len(numbered(params, "AddAccount")))]
    return {k: v for k, v in params.items() if k not in keys[len(keys) - count:]}


def handle(world, request):
    what, params = request.rule.get("do"), request.params
    if what == "forget":
        params = forget_last(params, request.rule.get("count", 1))
    actions = actions_of(version(request))
    if request.action not in actions:
        raise Refusal(404, "InvalidAction.NotFound", "Specified api is not found.")
    answer = Answer.of(actions[request.action](world, params, request))
    if what == "stranger" and params.get("ImageId") in world.images:
        world.images[params["ImageId"]]["accounts"].append(request.rule["account"])
        world.changed()
    answer.members.setdefault("RequestId", request.id)
    return answer


def lie(request):
    return Answer.of({"RequestId": request.id})


def refuse(request, refusal):
    return Answer.of({"RequestId": request.id, "HostId": request.headers.get("host"), "Code": refusal.code,
                      "Message": refusal.message, "Recommend": ""}, refusal.status)
