# SPDX-License-Identifier: GPL-3.0-or-later
"""ECS: ExportImage and ImportImage, to and from the stand-in's object storage, as tasks (tasks.py).

An export ends with one object for each disk: a gzip tar that holds one raw file.  No region exports
other formats than raw here.  An import ends with an Available image whose disks hold what the objects
held; both need the default roles, which ram.py has.
"""
import os
import tarfile
import tempfile

from . import disk_bytes, oss_store, ram, tasks
from .ecs_images import own_image
from .ecs_make import add, check_room, name_of
from .exchange import Refusal
from .images import encrypted, mapping
from .keys import ACCOUNT
from .params import dry_run, invalid, records, required, whole
from .tokens import once

SERVICE, VERSION = "ECS", "2014-05-26"
MOST_DATA_DISKS = {"ExportImage": 4, "ImportImage": 16}
FORMATS = ("", "RAW", "QCOW2")


# --- what both need --------------------------------------------------------------------------------


def check_role(world, params, default):
    role = world.has["roles"].get(params.get("RoleName") or default)
    if role is None or not ram.trusts(role, "Service", "ecs.aliyuncs.com"):
        raise Refusal(403, "NoSetRoletoECSServiceAcount", f"ECS may not assume the role {default}.")


def check_bucket(world, name, region):
    where = world.has["oss"].get(name)
    if where is None:
        raise Refusal(404, "InvalidOSSBucket.NotFound", "The specified OSS bucket does not exist.")
    if where["region"] != region:
        raise Refusal(400, "InvalidOSSBucket.NotMatched", "The bucket and the image are in different regions.")
    if where["owner"] != ACCOUNT:
        raise Refusal(403, "InvalidOSS.NotAuthorized", "ECS may not use the specified bucket.")


# --- out -----------------------------------------------------------------------------------------------


def check_export(world, one):
    if one["ProductCode"] or encrypted(one):
        raise Refusal(403, "ImageNotSupported", "A Marketplace or encrypted image cannot be exported.")
    if one["IsPublic"]:
        raise Refusal(403, "InvalidImageCategory.NotSupported", "A community image cannot be exported.")
    if one["Status"] != "Available":
        raise Refusal(403, "IncorrectImageStatus", "The status of the image does not support this operation.")
    if len(one["DiskDeviceMappings"]["DiskDeviceMapping"]) > 1 + MOST_DATA_DISKS["ExportImage"]:
        raise Refusal(403, "InvalidImage.DiskAmountOrSize", "The image has too many data disks.")
    if tasks.going(world, "ExportImage", one["ImageId"]):
        raise Refusal(403, "ImageIsExporting", "The image is being exported.")


def prefix_of(params):
    prefix = params.get("OSSPrefix", "")
    if prefix and not (prefix.isascii() and prefix.isalnum() and len(prefix) <= 30):
        raise Refusal(400, "InvalidOSSPrefix.Malformed", "The specified OSSPrefix is wrongly formed.")
    return prefix + "_" if prefix else ""


def export_image(world, params, request):
    one, bucket, prefix = own_image(world, params), required(params, "OSSBucket"), prefix_of(params)
    if params.get("ImageFormat", "raw").lower() != "raw":
        raise Refusal(400, "InvalidImageFormat.RegionNotSupported", "The format is not supported in this region.")
    check_export(world, one)
    check_bucket(world, bucket, one["RegionId"])
    check_role(world, params, "AliyunECSImageExportDefaultRole")
    dry_run(params)
    task = tasks.start(world, "ExportImage", one["ImageId"], one["RegionId"], bucket=bucket, prefix=prefix)
    world.changed()
    return {"RegionId": one["RegionId"], "TaskId": task["TaskId"]}


def export_disk(world, bucket, name, content):
    """One disk as a tar in an object."""
    with tempfile.TemporaryDirectory() as folder:
        raw = disk_bytes.raw_file(world, content, os.path.join(folder, "raw"))
        packed = os.path.join(folder, "packed")
        with tarfile.open(packed, "w:gz", compresslevel=1, format=tarfile.GNU_FORMAT) as tar:
            tar.add(raw, arcname=name)
        oss_store.put(world, bucket, name + ".tar.gz", packed)


def export_end(world, task):
    one, more = world.images.get(task["ResourceId"]), task["more"]
    if one is None:
        raise Refusal(404, "InvalidImageId.NotFound", "The image is gone.")
    done = []
    for disk in one["DiskDeviceMappings"]["DiskDeviceMapping"]:
        device = disk["Device"].removeprefix("/dev/")
        kind = "system" if disk["Type"] == "system" else f"data_{device}"
        name = f"{more['prefix']}{one['ImageId']}_{kind}.raw"
        export_disk(world, more["bucket"], name, one.get("disks", {}).get(device))
        done.append(tasks.progress("Success", [("OSSBucket", more["bucket"]), ("OSSObject", name + ".tar.gz"), ("ImageFormat", "raw")]))
    return done


# --- in ---------------------------------------------------------------------------------------------------


def source_of(world, record, region):
    """The object that a DiskDeviceMapping names, and the size asked for in GiB."""
    bucket, key = required(record, "OSSBucket"), required(record, "OSSObject")
    check_bucket(world, bucket, region)
    found = oss_store.get(world, bucket, key)
    if found is None:
        raise Refusal(404, "InvalidOSSObject.NotFound", "The specified OSS object does not exist.")
    if record.get("Format", "").upper() not in FORMATS:
        raise Refusal(400, "InvalidImageFormat.Malformed", "The specified Format is not supported.")
    try:
        size = whole(record, "DiskImageSize" if "DiskImageSize" in record else "DiskImSize", 5, 1, 2048)
    except Refusal:
        raise Refusal(400, "InvalidImageSize", "The specified size is out of range.") from None
    return found, size


@once
def import_image(world, params, request):
    region, disks = required(params, "RegionId"), records(params, "DiskDeviceMapping")
    if not 1 <= len(disks) <= 1 + MOST_DATA_DISKS["ImportImage"]:
        raise invalid("DiskDeviceMapping", "names too few or too many disks")
    sources = [source_of(world, d, region) for d in disks]
    name = name_of(world, params, "ImageName", region)
    check_role(world, params, "AliyunECSImageImportDefaultRole")
    check_room(world, region)
    dry_run(params)
    made = add(world, region, params, ImageName=name or "imgvet-imported", Description=params.get("Description", ""),
               OSType=params.get("OSType", "linux"), Architecture=params.get("Architecture", "x86_64"),
               Platform=params.get("Platform", "Others Linux"), Size=sources[0][1])
    task = tasks.start(world, "ImportImage", made["ImageId"], region, blobs=[
        {"blob": one["blob"], "bytes": one["size"], "gib": size, "format": d.get("Format", "").upper()}
        for d, (one, size) in zip(disks, sources)])
    del made["polls"]
    made["task"], made["DiskDeviceMappings"] = task["TaskId"], {"DiskDeviceMapping": []}
    world.changed()
    return {"RegionId": region, "ImageId": made["ImageId"], "TaskId": task["TaskId"]}


def check_content(world, one):
    found = disk_bytes.format_of(world, one)
    if one["format"] not in ("", found):
        raise Refusal(400, "InvalidImageFormat.Malformed", f"The object is {found}.")
    if disk_bytes.virtual_size(world, one, one["bytes"]) > one["gib"] << 30:
        raise Refusal(400, "InvalidImageSize", "The disk is larger than the size asked for.")


def import_end(world, task):
    image, done = world.images[task["ResourceId"]], []
    for one in task["more"]["blobs"]:
        check_content(world, one)
    image["disks"] = {}
    for number, one in enumerate(task["more"]["blobs"]):
        device, snapshot = f"xvd{chr(ord('a') + number)}", f"s-{image['ImageId'][2:]}{number}"
        world.has["snapshots"][snapshot] = {
            **world.has["snapshots"]["s-bp1imgvetdemo"], "SnapshotId": snapshot, "RegionId": image["RegionId"],
            "SourceDiskSize": str(one["gib"]), "SourceDiskType": "data" if number else "system", "Tags": {"Tag": []}}
        image["disks"][device] = {"blob": one["blob"]}
        image["DiskDeviceMappings"]["DiskDeviceMapping"].append(mapping(snapshot, "/dev/" + device, size=str(one["gib"])))
        done.append(tasks.progress("Success", [("ImageId", image["ImageId"])]))
    image.update(Status="Available", Progress="100%")
    del image["task"]
    return done


tasks.ENDS.update(ExportImage=export_end, ImportImage=import_end)
ACTIONS = {"ExportImage": export_image, "ImportImage": import_image}
