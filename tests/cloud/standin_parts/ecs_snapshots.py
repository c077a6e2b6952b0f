# SPDX-License-Identifier: GPL-3.0-or-later
"""ECS: DescribeSnapshots.  Section "snapshots": {snapshot id: as shown, with RegionId}."""
from .ecs_images import has_tags
from .images import CUSTOMER_KEY, DISABLED_KEY, SERVICE_KEY
from .params import id_list, page_of, required, tags, token_page

SERVICE, VERSION = "ECS", "2014-05-26"


def snapshot(snapshot_id, key=None, **changes):
    made = {"SnapshotId": snapshot_id, "SnapshotName": "imgvet-demo", "RegionId": "cn-hangzhou", "Status": "accomplished",
            "Progress": "100%", "Encrypted": key is not None, "KMSKeyId": key or "", "SourceDiskId": "d-bp1source",
            "SourceDiskSize": "20", "SourceDiskType": "system", "SourceStorageType": "disk", "Category": "standard",
            "Usage": "image", "CreationTime": "2026-01-02T03:00:00Z", "Tags": {"Tag": []}}
    made.update(changes)
    return made


def begin():
    made = [snapshot("s-bp1imgvetdemo"), snapshot("s-bp1datadisk", SourceDiskType="data"),
            snapshot("s-bp1customerkey", CUSTOMER_KEY), snapshot("s-bp1customerdata", CUSTOMER_KEY, SourceDiskType="data"),
            snapshot("s-bp1servicekey", SERVICE_KEY), snapshot("s-bp1disabledkey", DISABLED_KEY),
            snapshot("s-bp1progressing", Status="progressing", Progress="40%", Usage="none")]
    return {"snapshots": {one["SnapshotId"]: one for one in made}}


def describe_snapshots(world, params, request):
    region, ids, wanted = required(params, "RegionId"), id_list(params, "SnapshotIds"), tags(params)
    found = [s for s in world.has["snapshots"].values()
             if s["RegionId"] == region and (ids is None or s["SnapshotId"] in ids) and
             params.get("Status", "all") in ("all", s["Status"]) and has_tags(s, wanted)]
    if "MaxResults" in params or "NextToken" in params:
        page, token = token_page(world, found, params, 10)
        which = {"NextToken": token, "TotalCount": 0}
    else:
        page, which = page_of(found, params)
    return {**which, "Snapshots": {"Snapshot": [{k: v for k, v in s.items() if k != "RegionId"} for s in page]}}


ACTIONS = {"DescribeSnapshots": describe_snapshots}
