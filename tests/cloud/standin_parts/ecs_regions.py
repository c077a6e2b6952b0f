# SPDX-License-Identifier: GPL-3.0-or-later
"""ECS: DescribeRegions.  Section "regions": what it lists; --many-regions N adds invented ones."""

SERVICE, VERSION = "ECS", "2014-05-26"
REAL = ["cn-hangzhou", "cn-shanghai", "cn-beijing", "cn-hongkong", "ap-southeast-1", "eu-central-1", "us-west-1"]


def region(region_id):
    return {"RegionId": region_id, "LocalName": region_id, "RegionEndpoint": f"ecs.{region_id}.aliyuncs.com"}


def begin():
    return {"regions": [region(r) for r in REAL]}


def add_many(world, count):
    world.has["regions"] += [region(f"xx-invented-{n}") for n in range(1, count + 1)]


def describe_regions(world, params, request):
    return {"Regions": {"Region": world.has["regions"]}}


ACTIONS = {"DescribeRegions": describe_regions}
