# SPDX-License-Identifier: GPL-3.0-or-later
"""ECS: CreateDisk, DescribeDisks, AttachDisk, DetachDisk, DeleteDisk, DescribeInstances.

Section "disks": {disk id: as shown, with RegionId, polls and next}; section "instances": {instance id: as
shown, with RegionId}.  A disk is Creating, Attaching, Detaching until `polls` looks at it with
DescribeDisks have passed; then it is Available or In_use.

With --devices FOLDER, a disk that is In_use and has content (--disk, or imported) is a symbolic link
FOLDER/virtio-SERIAL to a raw file, as /dev/disk/by-id has it in an instance.
"""
import os

from . import disk_bytes
from .ecs_images import has_tags
from .ecs_make import new_id
from .ecs_tags import put
from .exchange import Refusal
from .params import dry_run, flag, id_list, page_of, required, tags, token_page, whole
from .tasks import stamp
from .tokens import once

SERVICE, VERSION = "ECS", "2014-05-26"
CATEGORIES = ("cloud_essd", "cloud_auto", "cloud_efficiency", "cloud_ssd", "cloud_essd_entry")
MOST_DISKS = 16     # of one instance
HIDDEN = ("polls", "next")


def begin():
    return {"disks": {}, "instances": {
        "i-bp1imgvetdemo001": {"InstanceId": "i-bp1imgvetdemo001", "InstanceName": "imgvet-demo", "Status": "Running",
                               "RegionId": "cn-hangzhou", "ZoneId": "cn-hangzhou-h", "OSType": "linux"}}}


# --- what a request names ---------------------------------------------------------------------------


def disk_of(world, params):
    disk = world.has["disks"].get(required(params, "DiskId"))
    if disk is None:
        raise Refusal(404, "InvalidDiskId.NotFound", "The specified disk does not exist.")
    return disk


def instance_of(world, params):
    instance = world.has["instances"].get(required(params, "InstanceId"))
    if instance is None:
        raise Refusal(404, "InvalidInstanceId.NotFound", "The specified InstanceId does not exist.")
    if instance["Status"] not in ("Running", "Stopped"):
        raise Refusal(403, "IncorrectInstanceStatus", "The current status of the instance does not support this operation.")
    return instance


def snapshot_of(world, params):
    snapshot = world.has["snapshots"].get(params.get("SnapshotId"))
    if snapshot is None or snapshot["RegionId"] != params["RegionId"]:
        raise Refusal(404, "InvalidSnapshotId.NotFound", "The specified SnapshotId does not exist.")
    if snapshot["Status"] != "accomplished":
        raise Refusal(403, "InvalidSnapshot.NotReady", "The specified snapshot is not ready.")
    return snapshot


def zone_of(world, params):
    if "InstanceId" in params:
        return instance_of(world, params)["ZoneId"]
    zone = required(params, "ZoneId")
    if not zone.startswith(params["RegionId"] + "-"):
        raise Refusal(404, "InvalidZoneId.NotFound", "The specified ZoneId does not exist.")
    return zone


# --- changes --------------------------------------------------------------------------------------------


def become(world, disk, status, following):
    disk.update(Status=status, next=following, polls=world.has["settings"]["polls"])
    world.changed()


@once
def create_disk(world, params, request):
    region = required(params, "RegionId")
    zone, snapshot = zone_of(world, params), snapshot_of(world, params)
    if params.get("DiskCategory", "cloud") not in CATEGORIES:
        raise Refusal(403, "InvalidDiskCategory.NotSupported", "The specified disk category is not supported here.")
    least = int(snapshot["SourceDiskSize"])
    size = whole(params, "Size", least, 1, 32768)
    if size < least:
        raise Refusal(403, "InvalidDiskSize.TooSmall", "The specified size is smaller than the snapshot.")
    dry_run(params)
    disk_id = new_id(world, "d", world.has["disks"])
    disk = {"DiskId": disk_id, "DiskName": params.get("DiskName", ""), "RegionId": region, "ZoneId": zone, "Size": size,
            "Category": params["DiskCategory"], "Type": "data", "Portable": True, "SourceSnapshotId": snapshot["SnapshotId"],
            "SerialNumber": disk_id.removeprefix("d-"), "InstanceId": "", "Device": "", "DeleteWithInstance": False,
            "Encrypted": snapshot["Encrypted"], "KMSKeyId": snapshot["KMSKeyId"], "CreationTime": stamp(world)}
    put(disk, tags(params))
    world.has["disks"][disk_id] = disk
    become(world, disk, "Creating", "Available")
    return {"DiskId": disk_id}


def attach_disk(world, params, request):
    instance, disk = instance_of(world, params), disk_of(world, params)
    if disk["Status"] != "Available":
        raise Refusal(403, "IncorrectDiskStatus", "The current disk status does not support this operation.")
    if disk["ZoneId"] != instance["ZoneId"]:
        raise Refusal(403, "InvalidOperation.Conflict", "The disk and the instance are in different zones.")
    if len([d for d in world.has["disks"].values() if d["InstanceId"] == instance["InstanceId"]]) >= MOST_DISKS:
        raise Refusal(403, "InstanceDiskLimitExceeded", "The instance has all the disks that it may have.")
    disk.update(InstanceId=instance["InstanceId"], Device="/dev/xvdb", DeleteWithInstance=bool(flag(params, "DeleteWithInstance")))
    become(world, disk, "Attaching", "In_use")
    return {}


def detach_disk(world, params, request):
    instance, disk = instance_of(world, params), disk_of(world, params)
    if disk["InstanceId"] != instance["InstanceId"]:
        raise Refusal(403, "DependencyViolation", "The specified disk has not been attached to the instance.")
    if disk["Status"] != "In_use":
        raise Refusal(403, "IncorrectDiskStatus", "The current disk status does not support this operation.")
    unlink(world, disk)
    become(world, disk, "Detaching", "Available")
    return {}


def delete_disk(world, params, request):
    disk = world.has["disks"].get(required(params, "DiskId"))
    if disk is None:
        return {}
    if disk["Status"] != "Available":
        raise Refusal(403, "IncorrectDiskStatus", "The current disk status does not support this operation.")
    del world.has["disks"][disk["DiskId"]]
    world.changed()
    return {}


# --- the device ------------------------------------------------------------------------------------------------


def content_of(world, snapshot_id):
    """The file of the image that has this snapshot, or None."""
    for one in world.images.values():
        for mapping in one["DiskDeviceMappings"]["DiskDeviceMapping"]:
            file = one.get("disks", {}).get(mapping["Device"].removeprefix("/dev/"))
            if mapping["SnapshotId"] == snapshot_id and file:
                return file
    return None


def device(world, disk):
    return os.path.join(world.options.devices, f"virtio-{disk['SerialNumber']}")


def link(world, disk):
    file = content_of(world, disk["SourceSnapshotId"])
    if world.options.devices and file:
        unlink(world, disk)     # one of a world that was reset
        os.symlink(disk_bytes.raw_file(world, file, device(world, disk) + ".raw"), device(world, disk))


def unlink(world, disk):
    for ending in ("", ".raw", ".raw.stored"):
        if world.options.devices and os.path.lexists(device(world, disk) + ending):
            os.remove(device(world, disk) + ending)


# --- reads ------------------------------------------------------------------------------------------------------


def move_on(world, disk):
    if disk["Status"] == disk["next"]:
        return
    disk["polls"] -= 1
    if disk["polls"] <= 0:
        if disk["Status"] == "Detaching":
            disk.update(InstanceId="", Device="")
        disk["Status"] = disk["next"]
        if disk["Status"] == "In_use":
            link(world, disk)
    world.save()


def a_page(world, found, params):
    if "MaxResults" in params or "NextToken" in params:
        page, token = token_page(world, found, params, 10)
        return page, {"NextToken": token, "TotalCount": 0}
    return page_of(found, params)


def describe_disks(world, params, request):
    region, ids, wanted = required(params, "RegionId"), id_list(params, "DiskIds"), tags(params)
    found = [d for d in world.has["disks"].values() if d["RegionId"] == region and (ids is None or d["DiskId"] in ids) and
             params.get("InstanceId", d["InstanceId"]) == d["InstanceId"] and has_tags(d, wanted)]
    page, which = a_page(world, found, params)
    for disk in page:
        move_on(world, disk)
    shown = [{k: v for k, v in d.items() if k not in HIDDEN} for d in page if params.get("Status", d["Status"]) in (d["Status"], "All")]
    return {"RegionId": region, **which, "Disks": {"Disk": shown}}


def describe_instances(world, params, request):
    region, ids = required(params, "RegionId"), id_list(params, "InstanceIds")
    found = [i for i in world.has["instances"].values() if i["RegionId"] == region and (ids is None or i["InstanceId"] in ids)]
    page, which = a_page(world, found, params)
    return {**which, "Instances": {"Instance": page}}


ACTIONS = {
    "CreateDisk": create_disk, "DescribeDisks": describe_disks, "AttachDisk": attach_disk, "DetachDisk": detach_disk,
    "DeleteDisk": delete_disk, "DescribeInstances": describe_instances,
}
