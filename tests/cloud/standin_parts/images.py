# SPDX-License-Identifier: GPL-3.0-or-later
"""The images that the account begins with.

An image is the dict that DescribeImages shows, with RegionId, and members that it does not show:

    accounts    who it is shared with
    groups      ["all"] when it is open to everybody
    polls       while it is in the making: how many looks are left
    task        the import that makes it
    disks       {"xvda": its content}, see --disk and disk_bytes.py
"""
HIDDEN = ("accounts", "groups", "RegionId", "polls", "task", "disks")
CUSTOMER_KEY, SERVICE_KEY, DISABLED_KEY = "key-hzzcustomer01", "key-hzzservice001", "key-hzzdisabled01"


def mapping(snapshot, device="/dev/xvda", encrypted=False, size="20"):
    return {"Type": "system" if device.endswith("a") else "data", "Device": device, "SnapshotId": snapshot, "Size": size,
            "Encrypted": encrypted, "Format": "raw"}


def image(image_id, region="cn-hangzhou", snapshots=("s-bp1imgvetdemo",), encrypted=False, **changes):
    """An image made of snapshots: the system disk's, then those of data disks."""
    made = {
        "ImageId": image_id, "ImageName": "imgvet-demo", "Description": "", "RegionId": region,
        "Status": "Available", "Progress": "100%", "ImageOwnerAlias": "self", "IsSelfShared": "False",
        "IsPublic": False, "IsCopied": False, "IsSubscribed": False, "ProductCode": "", "Size": 20,
        "Architecture": "x86_64", "OSType": "linux", "CreationTime": "2026-01-02T03:04:05Z",
        "DiskDeviceMappings": {"DiskDeviceMapping": [
            mapping(s, f"/dev/xvd{chr(ord('a') + n)}", encrypted) for n, s in enumerate(snapshots)]},
        "Tags": {"Tag": []}, "accounts": [], "groups": [],
    }
    made.update(changes)
    return made


DEFAULT_IMAGES = [
    image("m-bp1imgvetdemo001"),
    image("m-bp1received001", ImageOwnerAlias="others"),
    image("m-bp1creating001", Status="Creating", Progress="41%"),
    image("m-bp1deprecated1", Status="Deprecated"),
    image("m-bp1community01", IsPublic=True),
    image("m-bp1groupall001", groups=["all"]),
    image("m-bp1market00001", ProductCode="cmjj000000"),
    image("m-gw8frankfurt01", region="eu-central-1"),
    image("m-bp1manyshares1", accounts=[str(1300000000000000 + n) for n in range(230)]),
    image("m-bp1encrypted01", snapshots=["s-bp1customerkey"], encrypted=True),
    image("m-bp1servicekey1", snapshots=["s-bp1servicekey"], encrypted=True),
    image("m-bp1disabledkey", snapshots=["s-bp1disabledkey"], encrypted=True),
    image("m-bp1encfull0001", snapshots=["s-bp1customerkey", "s-bp1customerdata"], encrypted=True),
    image("m-bp1datadisk001", snapshots=["s-bp1imgvetdemo", "s-bp1datadisk"]),
    image("aliyun_3_x64_20G_alibase_20260101.vhd", snapshots=[], ImageOwnerAlias="system"),
]


def add_many(world, count):
    """Own images in all regions in turn; every tenth is shared with two accounts."""
    regions = [r["RegionId"] for r in world.has["regions"]]
    for n in range(count):
        shared = ["1234567890123456", "2234567890123456"] if n % 10 == 0 else []
        one = image(f"m-many{n:06d}", region=regions[n % len(regions)], ImageName=f"many-{n}", accounts=shared)
        world.images[one["ImageId"]] = one


def give_disks(world, pairs):
    """IMAGE_ID=FILE or IMAGE_ID/xvdb=FILE: what the image's disks hold."""
    for pair in pairs:
        name, _, path = pair.partition("=")
        image_id, _, device = name.partition("/")
        world.images[image_id].setdefault("disks", {})[device or "xvda"] = path


def encrypted(one):
    return any(m["Encrypted"] for m in one["DiskDeviceMappings"]["DiskDeviceMapping"])
