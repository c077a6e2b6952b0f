# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading the parameters of a call (a dict of decoded names and values), and paging through lists."""
import base64
import json

from .exchange import Refusal

MOST_TAGS = 20


def invalid(name, why="is not valid"):
    return Refusal(400, "InvalidParameter", f"The specified parameter {name} {why}.")


def numbered(params, name):
    """Name.1, Name.2 ... in order of their numbers, without gaps."""
    found = []
    while f"{name}.{len(found) + 1}" in params:
        found.append(params[f"{name}.{len(found) + 1}"])
    return found


def records(params, name):
    """Name.1.Field ...: a list of {Field: value}."""
    found = []
    while True:
        prefix = f"{name}.{len(found) + 1}."
        record = {k[len(prefix):]: v for k, v in params.items() if k.startswith(prefix)}
        if not record:
            return found
        found.append(record)


def required(params, name):
    if not params.get(name):
        raise Refusal(400, "MissingParameter", f"The input parameter {name} that is mandatory is not supplied.")
    return params[name]


def whole(params, name, default, low, high):
    text = params.get(name, str(default))
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise invalid(name, "is out of range")
    return int(text)


def flag(params, name):
    """A boolean; None when it is not there."""
    text = params.get(name)
    if text is not None and text.lower() not in ("true", "false"):
        raise invalid(name)
    return None if text is None else text.lower() == "true"


def id_list(params, name):
    """A JSON array as text, or None when it is not there."""
    if name not in params:
        return None
    try:
        found = json.loads(params[name])
    except ValueError:
        found = None
    if not isinstance(found, list) or len(found) > 100 or not all(isinstance(i, str) for i in found):
        raise Refusal(400, f"Invalid{name}.Malformed", f"The specified {name} is not a JSON array of at most 100 ids.")
    return found


def tags(params):
    """Tag.N.Key and Tag.N.Value as a dict."""
    found = records(params, "Tag")
    if len(found) > MOST_TAGS:
        raise Refusal(400, "InvalidTagCount", "The specified tags are beyond the valid range.")
    return {one.get("Key", ""): one.get("Value", "") for one in found}


def dry_run(params):
    """Everything was checked: with DryRun that is all."""
    if flag(params, "DryRun"):
        raise Refusal(400, "DryRunOperation", "Request validation has been passed with DryRun flag set.")


def paging(params):
    """PageNumber, PageSize."""
    return whole(params, "PageNumber", 1, 1, 1 << 31), whole(params, "PageSize", 10, 1, 100)


def page_of(found, params):
    """One page of a list, and the three members that say which."""
    number, size = paging(params)
    shown = found[(number - 1) * size:number * size]
    return shown, {"TotalCount": len(found), "PageNumber": number, "PageSize": size}


def token_page(world, found, params, default):
    """One page of a list with MaxResults and NextToken, and the next token or ""."""
    most, at = whole(params, "MaxResults", default, 1, 100), 0
    if params.get("NextToken"):
        try:
            at = int(base64.urlsafe_b64decode(params["NextToken"]).decode().removeprefix("from-"))
        except ValueError:
            raise Refusal(400, "InvalidParameter.NextToken", "The NextToken is invalid.") from None
    elif world.has["settings"]["empty_pages"]:
        return [], base64.urlsafe_b64encode(b"from-0").decode()
    rest = at + most < len(found)
    return found[at:at + most], base64.urlsafe_b64encode(f"from-{at + most}".encode()).decode() if rest else ""
