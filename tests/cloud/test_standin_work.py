#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The stand-in of the cloud keeps the rules that it is to teach: what takes time there. Images made,
copied, deleted, exported and imported; disks."""
import base64
import email.utils
import hmac
import io
import os
import tarfile
import tempfile

from standin_client import FRIEND, HERE, IMAGE, KEY, Cloud, add, check, code, ids, run

DISK = bytes(range(256)) * 4096


def state_of(cloud, image):
    found = cloud.ecs("DescribeImages", RegionId="cn-beijing", ImageId=image, Status="ALL")[1]["Images"]["Image"]
    return found[0]["Status"] if found else None


def make(cloud):
    there = {**HERE, "ImageId": "m-bp1servicekey1", "DestinationRegionId": "cn-beijing"}
    copy = {**there, "DestinationImageName": "imgvet-copy", "Encrypted": "true", "KMSKeyId": "key-hzzcustomer01", "ClientToken": "one"}
    check("a key without encryption", code(cloud.ecs("CopyImage", **there, KMSKeyId="key-hzzcustomer01")), "InvalidParameter.EncryptedIllegal")
    first, again = cloud.ecs("CopyImage", **copy)[1], cloud.ecs("CopyImage", **copy)[1]
    check("one token, one copy", again["ImageId"], first["ImageId"])
    check("each answer has its own request id", first["RequestId"] == again["RequestId"], False)
    check("the token for something else", code(cloud.ecs("CopyImage", **{**copy, "DestinationImageName": "other"})), "IdempotentParameterMismatch")
    check("a name that is taken", code(cloud.ecs("CopyImage", **{**copy, "ClientToken": "two"})), "InvalidImageName.Duplicated")
    check("it becomes available", [state_of(cloud, first["ImageId"]) for _ in range(2)], ["Creating", "Available"])
    new = {"RegionId": "cn-beijing", "ImageId": first["ImageId"]}
    check("with the own key it can be shared", code(cloud.ecs("ModifyImageSharePermission", **new, **add(FRIEND))), 200)
    check("shared, it cannot be deleted", code(cloud.ecs("DeleteImage", **new)), "ImageUseShared")
    cloud.ecs("ModifyImageSharePermission", **new, **add(FRIEND, action="Remove"))
    check("unshared, it can", (code(cloud.ecs("DeleteImage", **new)), state_of(cloud, first["ImageId"])), (200, None))
    check("an unknown image is deleted already", code(cloud.ecs("DeleteImage", **new)), 200)
    check("a received image stays in its region", code(cloud.ecs("CopyImage", **{**there, "ImageId": "m-bp1received001"})), "OperationDenied.SameRegionOnly")
    made = cloud.ecs("CreateImage", **HERE, SnapshotId="s-bp1imgvetdemo", ImageName="imgvet-made")[1]
    check("an image of a snapshot", ids(cloud.ecs("DescribeImages", **HERE, ImageName="imgvet-made", Status="ALL")), [made["ImageId"]])


def disk_states(cloud, disk, looks=2):
    found = [cloud.ecs("DescribeDisks", **HERE, DiskIds=f'["{disk}"]')[1]["Disks"]["Disk"][0] for _ in range(looks)]
    return [d["Status"] for d in found]


def devices():
    return os.listdir(folder.name)


def disks(cloud):
    where = {**HERE, "ZoneId": "cn-hangzhou-h", "SnapshotId": "s-bp1imgvetdemo"}
    check("the default category is to be had nowhere", code(cloud.ecs("CreateDisk", **where)), "InvalidDiskCategory.NotSupported")
    check("too small", code(cloud.ecs("CreateDisk", **where, DiskCategory="cloud_essd", Size=10)), "InvalidDiskSize.TooSmall")
    disk = cloud.ecs("CreateDisk", **where, DiskCategory="cloud_essd", ClientToken="d")[1]["DiskId"]
    one = {"InstanceId": "i-bp1imgvetdemo001", "DiskId": disk}
    check("not attached before it is there", code(cloud.ecs("AttachDisk", **one)), "IncorrectDiskStatus")
    check("made", disk_states(cloud, disk), ["Creating", "Available"])
    cloud.ecs("AttachDisk", **one)
    check("not deleted while attached", code(cloud.ecs("DeleteDisk", DiskId=disk)), "IncorrectDiskStatus")
    check("attached", disk_states(cloud, disk), ["Attaching", "In_use"])
    check("its device", devices(), ["virtio-" + disk.removeprefix("d-")])
    cloud.ecs("DetachDisk", **one)
    check("detached", (disk_states(cloud, disk), devices()), (["Detaching", "Available"], []))
    cloud.ecs("DeleteDisk", DiskId=disk)
    check("deleted", cloud.ecs("DescribeDisks", **HERE)[1]["Disks"]["Disk"], [])
    check("no such instance", code(cloud.ecs("AttachDisk", InstanceId="i-none", DiskId=disk)), "InvalidInstanceId.NotFound")
    check("where the instance is", cloud.ecs("DescribeInstances", **HERE, InstanceIds='["i-bp1imgvetdemo001"]')[1]["Instances"]["Instance"][0]["ZoneId"], "cn-hangzhou-h")


def poll(cloud, task, looks=5):
    """What DescribeTaskAttribute shows until the task is done."""
    seen = []
    while len(seen) < looks and (not seen or seen[-1]["TaskStatus"] not in ("Finished", "Failed")):
        seen.append(cloud.ecs("DescribeTaskAttribute", RegionId="cn-hangzhou", TaskId=task)[1])
    return seen


def related(answer):
    return [{i["Name"]: i["Value"] for i in p["RelatedItemSet"]["RelatedItem"]} for p in answer["OperationProgressSet"]["OperationProgress"]]


def export(cloud):
    out = {**IMAGE, "OSSBucket": "imgvet-demo-bucket", "OSSPrefix": "demo"}
    rows = (({"OSSBucket": "nobodys"}, "InvalidOSSBucket.NotFound"), ({"OSSBucket": "imgvet-demo-frankfurt"}, "InvalidOSSBucket.NotMatched"),
            ({"OSSBucket": "imgvet-not-ours"}, "InvalidOSS.NotAuthorized"), ({"ImageFormat": "qcow2"}, "InvalidImageFormat.RegionNotSupported"),
            ({"OSSPrefix": "a/b"}, "InvalidOSSPrefix.Malformed"), ({"ImageId": "m-bp1encrypted01"}, "ImageNotSupported"),
            ({"RoleName": "imgvet-demo-role"}, "NoSetRoletoECSServiceAcount"))
    for changes, wanted in rows:
        check(f"no export: {wanted}", code(cloud.ecs("ExportImage", **{**out, **changes})), wanted)
    task = cloud.ecs("ExportImage", **out)[1]["TaskId"]
    check("once at a time", code(cloud.ecs("ExportImage", **out)), "ImageIsExporting")
    seen = poll(cloud, task)
    check("it takes its time", [(s["TaskStatus"], s["TaskProcess"]) for s in seen], [("Processing", "33%"), ("Processing", "66%"), ("Finished", "100%")])
    name = "demo_m-bp1imgvetdemo001_system.raw.tar.gz"
    check("it says where", related(seen[-1]), [{"OSSBucket": "imgvet-demo-bucket", "OSSObject": name, "ImageFormat": "raw"}])
    packed = fetch(cloud, name)
    with tarfile.open(fileobj=io.BytesIO(packed)) as tar:
        check("a tar with one raw file", tar.getnames(), [name.removesuffix(".tar.gz")])
        check("and the disk in it", tar.extractfile(tar.getnames()[0]).read() == DISK, True)
    cloud.control("/_set", {"settings": {"fail_tasks": {"ExportImage": ["ExportImageFailed", "as planned"]}}})
    failed = poll(cloud, cloud.ecs("ExportImage", **out)[1]["TaskId"])[-1]
    check("a failure", (failed["TaskStatus"], failed["OperationProgressSet"]["OperationProgress"][0]["ErrorCode"]), ("Failed", "ExportImageFailed"))
    task = cloud.ecs("ExportImage", **out)[1]["TaskId"]
    cloud.ecs("CancelTask", **HERE, TaskId=task)
    check("cancelled", cloud.ecs("DescribeTasks", **HERE, TaskIds=task)[1]["TaskSet"]["Task"][0]["TaskStatus"], "Failed")
    check("not twice", code(cloud.ecs("CancelTask", **HERE, TaskId=task)), "InvalidTaskId.IncorrectTaskStatus")


def at_oss(cloud, method, key, body=b""):
    """The object storage, with the old form of signature."""
    date, resource = email.utils.formatdate(usegmt=True), f"/imgvet-demo-bucket/{key}"
    text = "\n".join([method, "", "", date, resource])
    signature = base64.b64encode(hmac.new(KEY[1].encode(), text.encode(), "sha1").digest()).decode()
    return cloud.send(method, resource, body, {"date": date, "authorization": f"OSS {KEY[0]}:{signature}"})


def fetch(cloud, key):
    return at_oss(cloud, "GET", key)[2]


def bring_in(cloud):
    check("an object is stored", at_oss(cloud, "PUT", "mine.raw", DISK)[0], 200)
    one = {**HERE, "ImageName": "imgvet-imported", "ClientToken": "i", "DiskDeviceMapping.1.OSSBucket": "imgvet-demo-bucket",
           "DiskDeviceMapping.1.OSSObject": "mine.raw", "DiskDeviceMapping.1.Format": "RAW", "DiskDeviceMapping.1.DiskImageSize": "5"}
    check("no such object", code(cloud.ecs("ImportImage", **{**one, "DiskDeviceMapping.1.OSSObject": "other"})), "InvalidOSSObject.NotFound")
    check("a size that is none", code(cloud.ecs("ImportImage", **{**one, "DiskDeviceMapping.1.DiskImageSize": "0"})), "InvalidImageSize")
    made, again = cloud.ecs("ImportImage", **one)[1], cloud.ecs("ImportImage", **one)[1]
    check("one token, one import", (again["ImageId"], again["TaskId"]), (made["ImageId"], made["TaskId"]))
    check("it takes its time as well", [s["TaskStatus"] for s in poll(cloud, made["TaskId"])], ["Processing", "Processing", "Finished"])
    check("the image is there", ids(cloud.ecs("DescribeImages", **HERE, ImageName="imgvet-imported")), [made["ImageId"]])
    task = cloud.ecs("ExportImage", **HERE, ImageId=made["ImageId"], OSSBucket="imgvet-demo-bucket")[1]["TaskId"]
    name = related(poll(cloud, task)[-1])[0]["OSSObject"]
    with tarfile.open(fileobj=io.BytesIO(fetch(cloud, name))) as tar:
        check("out comes what went in", tar.extractfile(tar.getnames()[0]).read() == DISK, True)
    wrong = cloud.ecs("ImportImage", **{**one, "ImageName": "wrong", "ClientToken": "w", "DiskDeviceMapping.1.Format": "QCOW2"})[1]
    check("another format than it says", poll(cloud, wrong["TaskId"])[-1]["TaskStatus"], "Failed")
    found = cloud.ecs("DescribeImages", **HERE, ImageName="wrong", Status="ALL")[1]["Images"]["Image"]
    check("and the image shows it", [i["Status"] for i in found], ["CreateFailed"])


def restart():
    """What the cloud remembers survives in the state file."""
    with tempfile.TemporaryDirectory() as home:
        state = os.path.join(home, "state")
        with Cloud("--state", state) as cloud:
            cloud.ecs("ModifyImageSharePermission", **IMAGE, **add(FRIEND))
            cloud.sharing("CreateResourceShare", ResourceShareName="kept", **{"Targets.1": "fd-imgvetprod"})
            given = cloud.sts("AssumeRole", RoleArn="acs:ram::1000000000000001:role/imgvet-demo-role", RoleSessionName="ci")[1]["Credentials"]
            at_oss(cloud, "PUT", "kept", DISK)
        with Cloud("--state", state) as cloud:
            key = (given["AccessKeyId"], given["AccessKeySecret"], given["SecurityToken"])
            check("restarted: who has the image", cloud.ecs("DescribeImageSharePermission", **IMAGE, key=key)[1]["TotalCount"], 1)
            check("restarted: the share", [s["ResourceShareName"] for s in cloud.sharing("ListResourceShares", ResourceOwner="Self")[1]["ResourceShares"]], ["kept"])
            check("restarted: the object", fetch(cloud, "kept") == DISK, True)


restart()
folder = tempfile.TemporaryDirectory()
with tempfile.NamedTemporaryFile() as raw:
    raw.write(DISK)
    raw.flush()
    run((make, disks, export, bring_in), "--devices", folder.name, "--disk", f"m-bp1imgvetdemo001={raw.name}")
