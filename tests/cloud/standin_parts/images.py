"""The images that the account begins with.

An image is the dict that DescribeImages shows, with RegionId, and two members that it does not show:
accounts (who it is shared with) and groups ("all").
"""


def image(image_id, region="cn-hangzhou", **changes):
    made = {
        "ImageId": image_id, "ImageName": "imgvet-demo", "Description": "", "RegionId": region,
        "Status": "Available", "Progress": "100%", "ImageOwnerAlias": "self", "IsSelfShared": "False",
        "IsPublic": False, "IsCopied": False, "IsSubscribed": False, "ProductCode": "", "Size": 20,
        "Architecture": "x86_64", "OSType": "linux", "CreationTime": "2026-01-02T03:04:05Z",
        "DiskDeviceMappings": {"DiskDeviceMapping": [
            {"Type": "system", "Device": "/dev/xvda", "SnapshotId": "s-bp1imgvetdemo", "Size": "20",
             "Encrypted": False, "Format": "raw"}]},
        "accounts": [], "groups": [],
    }
    made.update(changes)
    return made


def encrypted(image_id):
    made = image(image_id)
    made["DiskDeviceMappings"]["DiskDeviceMapping"][0]["Encrypted"] = True
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
    encrypted("m-bp1encrypted01"),
]
