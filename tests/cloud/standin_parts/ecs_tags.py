# SPDX-License-Identifier: GPL-3.0-or-later
"""ECS: TagResources, UntagResources, ListTagResources, for images, snapshots and disks.

A resource keeps its tags as DescribeImages shows them: "Tags": {"Tag": [{"TagKey", "TagValue"}]}.
"""
from .exchange import Refusal
from .params import MOST_TAGS, flag, numbered, records, required, token_page

SERVICE, VERSION = "ECS", "2014-05-26"
MOST_RESOURCES, LONGEST = 50, 128


def table_of(world, params):
    """{id: resource} of the type asked for."""
    kind = required(params, "ResourceType")
    tables = {"image": world.images, "snapshot": world.has["snapshots"], "disk": world.has.get("disks", {})}
    if kind not in tables:
        raise Refusal(404, "InvalidResourceType.NotFound", "The ResourceType provided does not exist.")
    return kind, tables[kind]


def find(world, params, ids):
    """The resources with these ids in the region."""
    region = required(params, "RegionId")
    table = table_of(world, params)[1]
    if len(ids) > MOST_RESOURCES:
        raise Refusal(400, "NumberExceed.ResourceIds", "The maximum number of ResourceIds is exceeded.")
    for one in ids:
        if one not in table or table[one]["RegionId"] != region or table[one].get("ImageOwnerAlias", "self") != "self":
            raise Refusal(404, "InvalidResourceId.NotFound", f"The specified ResourceId {one} is not found.")
    return [table[one] for one in ids]


def mandatory(params, name):
    found = numbered(params, name)
    if not found:
        raise Refusal(400, "MissingParameter", f"The input parameter {name} that is mandatory is not supplied.")
    return found


def bad_text(text):
    return len(text) > LONGEST or "http://" in text or "https://" in text


def checked(params):
    """The tags of the request as {key: value}."""
    found = records(params, "Tag")
    keys = [t.get("Key", "") for t in found]
    if not found:
        raise Refusal(400, "MissingParameter", "The input parameter Tag that is mandatory is not supplied.")
    if len(found) > MOST_TAGS:
        raise Refusal(400, "NumberExceed.Tags", "The maximum number of Tags is exceeded.")
    if len(set(keys)) != len(keys):
        raise Refusal(400, "Duplicate.TagKey", "The Tag.N.Key contains duplicate keys.")
    if any(not k or k.startswith(("aliyun", "acs:")) or bad_text(k) for k in keys):
        raise Refusal(400, "InvalidTagKey.Malformed", "The specified Tag.N.Key is not valid.")
    if any(bad_text(t.get("Value", "")) for t in found):
        raise Refusal(400, "InvalidTagValue.Malformed", "The specified Tag.N.Value is not valid.")
    return {t["Key"]: t.get("Value", "") for t in found}


def tags_of(one):
    return {t["TagKey"]: t["TagValue"] for t in one.get("Tags", {}).get("Tag", [])}


def put(one, tags):
    one["Tags"] = {"Tag": [{"TagKey": k, "TagValue": v} for k, v in tags.items()]}


def tag_resources(world, params, request):
    tags, found = checked(params), find(world, params, mandatory(params, "ResourceId"))
    if any(len(tags_of(one) | tags) > MOST_TAGS for one in found):
        raise Refusal(403, "NumberExceed.Tags", "The maximum number of Tags is exceeded.")
    for one in found:
        put(one, tags_of(one) | tags)
    world.changed()
    return {}


def untag_resources(world, params, request):
    found, keys, every = find(world, params, mandatory(params, "ResourceId")), numbered(params, "TagKey"), flag(params, "All")
    for one in found:
        put(one, {k: v for k, v in tags_of(one).items() if keys and k not in keys or not keys and not every})
    world.changed()
    return {}


def list_tag_resources(world, params, request):
    kind, table = table_of(world, params)
    ids, wanted = numbered(params, "ResourceId"), {t.get("Key"): t.get("Value") for t in records(params, "Tag")}
    if not ids and not wanted:
        raise Refusal(400, "MissingParameter", "ResourceId or Tag is mandatory.")
    region = required(params, "RegionId")
    rows = [{"ResourceId": name, "ResourceType": kind, "TagKey": k, "TagValue": v}
            for name, one in table.items() if one["RegionId"] == region and (not ids or name in ids)
            for k, v in tags_of(one).items() if not wanted or k in wanted and wanted[k] in (None, v)]
    page, token = token_page(world, rows, params | {"MaxResults": params.get("MaxResults", "50")}, 50)
    return {"NextToken": token, "TagResources": {"TagResource": page}}


ACTIONS = {"TagResources": tag_resources, "UntagResources": untag_resources, "ListTagResources": list_tag_resources}
