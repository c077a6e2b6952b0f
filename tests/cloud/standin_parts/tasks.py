# SPDX-License-Identifier: GPL-3.0-or-later
"""ECS: DescribeTasks, DescribeTaskAttribute, CancelTask.  Section "tasks": {task id: the task}, with

    TaskId, TaskAction, TaskStatus (Waiting, Processing, Finished, Failed), ResourceId, RegionId,
    CreationTime, FinishedTime, SupportCancel, and not shown: polls (looks until it is done),
    progress (a list of OperationProgress), more (what its end needs)

Each look at a task moves it on.  The setting fail_tasks {action: [code, message]} makes all of an action
fail at their end.  What happens at its end is a function of ENDS (by action), which may raise Refusal.
"""
import time

from .exchange import Refusal
from .params import numbered, page_of, required

SERVICE, VERSION = "ECS", "2014-05-26"
SHOWN = ("TaskId", "TaskAction", "TaskStatus", "ResourceId", "SupportCancel", "CreationTime", "FinishedTime")
GOING = ("Waiting", "Processing")
ENDS = {}


def begin():
    return {"tasks": {}}


def stamp(world):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(world.now()))


def start(world, action, resource, region, **more):
    made = {"TaskId": f"t-bp1imgvet{len(world.has['tasks']) + 1:06d}", "TaskAction": action, "TaskStatus": "Waiting",
            "ResourceId": resource, "RegionId": region, "CreationTime": stamp(world), "FinishedTime": "",
            "SupportCancel": "true", "polls": world.has["settings"]["polls"], "all_polls": world.has["settings"]["polls"],
            "progress": [], "more": more}
    world.has["tasks"][made["TaskId"]] = made
    return made


def going(world, action, resource):
    return any(t["TaskAction"] == action and t["ResourceId"] == resource and t["TaskStatus"] in GOING
               for t in world.has["tasks"].values())


def progress(status, items=(), code="", message=""):
    """One entry of OperationProgressSet; items are pairs."""
    return {"OperationStatus": status, "ErrorCode": code, "ErrorMsg": message,
            "RelatedItemSet": {"RelatedItem": [{"Name": n, "Value": v} for n, v in items]}}


def end(world, task):
    """The last look: its deed, or its failure."""
    planned = world.has["settings"]["fail_tasks"].get(task["TaskAction"])
    task.update(FinishedTime=stamp(world), SupportCancel="false")
    try:
        if planned:
            raise Refusal(403, *planned)
        task["progress"] = ENDS[task["TaskAction"]](world, task)
        task["TaskStatus"] = "Finished"
    except Refusal as refusal:
        fail(world, task, refusal.code, refusal.message)


def fail(world, task, code, message):
    task.update(TaskStatus="Failed", progress=[progress("Failed", (), code, message)])
    if task["TaskAction"] == "ImportImage" and task["ResourceId"] in world.images:
        world.images[task["ResourceId"]]["Status"] = "CreateFailed"


def look(world, task):
    if task["TaskStatus"] not in GOING:
        return
    task["polls"] -= 1
    task["TaskStatus"] = "Processing"
    if task["polls"] < 0:
        end(world, task)
    world.save()


def percent(task):
    if task["TaskStatus"] not in GOING:
        return "100%"
    return f"{100 * (task['all_polls'] - task['polls']) // (task['all_polls'] + 1)}%"


def find(world, params):
    region, task = required(params, "RegionId"), world.has["tasks"].get(required(params, "TaskId"))
    if task is None or task["RegionId"] != region:
        raise Refusal(404, "InvalidTaskId.NotFound", "The specified task id is not found.")
    return task


def describe_tasks(world, params, request):
    region, ids = required(params, "RegionId"), params.get("TaskIds")
    found = [t for t in world.has["tasks"].values() if t["RegionId"] == region and (ids is None or t["TaskId"] in ids.split(",")) and
             params.get("TaskAction", t["TaskAction"]) == t["TaskAction"] and
             t["ResourceId"] in (numbered(params, "ResourceIds") or [t["ResourceId"]])]
    for task in found:
        look(world, task)
    page, which = page_of([t for t in found if params.get("TaskStatus", t["TaskStatus"]) == t["TaskStatus"]], params)
    return {"RegionId": region, **which, "TaskSet": {"Task": [{k: t[k] for k in SHOWN} for t in page]}}


def describe_task(world, params, request):
    task = find(world, params)
    look(world, task)
    done = {"Finished": "SuccessCount", "Failed": "FailedCount"}.get(task["TaskStatus"])
    return {"RegionId": task["RegionId"], **{k: task[k] for k in SHOWN}, "TaskProcess": percent(task), "TotalCount": 1,
            "SuccessCount": 0, "FailedCount": 0, **({done: 1} if done else {}),
            "OperationProgressSet": {"OperationProgress": task["progress"]}}


def cancel_task(world, params, request):
    task = find(world, params)
    if task["TaskAction"] not in ("ExportImage", "ImportImage"):
        raise Refusal(403, "InvalidTaskId.TaskActionNotSupport", "The specified task does not support being cancelled.")
    if task["TaskStatus"] not in GOING:
        raise Refusal(403, "InvalidTaskId.IncorrectTaskStatus", "The status of the task does not support being cancelled.")
    fail(world, task, "TaskCancelled", "The task was cancelled.")
    task.update(FinishedTime=stamp(world), SupportCancel="false")
    world.changed()
    return {}


ACTIONS = {"DescribeTasks": describe_tasks, "DescribeTaskAttribute": describe_task, "CancelTask": cancel_task}
