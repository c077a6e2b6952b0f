"""Reading the parameters of a call (a dict of decoded names and values)."""
from .exchange import Refusal


def numbered(params, name):
    """Name.1, Name.2 ... in order of their numbers, without gaps."""
    found = []
    while f"{name}.{len(found) + 1}" in params:
        found.append(params[f"{name}.{len(found) + 1}"])
    return found


def required(params, name):
    if not params.get(name):
        raise Refusal(400, "MissingParameter", f"The input parameter {name} that is mandatory is not supplied.")
    return params[name]


def paging(params):
    """PageNumber, PageSize."""
    number, size = int(params.get("PageNumber", "1")), int(params.get("PageSize", "10"))
    if number < 1 or not 1 <= size <= 100:
        raise Refusal(400, "InvalidParameter", "PageNumber or PageSize is out of range.")
    return number, size
