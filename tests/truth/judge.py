# SPDX-License-Identifier: GPL-3.0-or-later
"""The property: each token that somebody reaches is found, or the scan is incomplete with a
line that names the place, or (for what is packed) the coverage names the packing."""


def overlaps(offset, size, volume):
    return offset < volume["offset"] + volume["bytes"] and volume["offset"] < offset + size


def named_path(path, missed):
    """The miss is about this file, or about a folder that it lies in."""
    missed = missed.split("@")[0]
    if missed.endswith("/."): # a folder itself: what is in it was not seen
        missed = missed[:-1]
    return path == missed or path.startswith(missed.rstrip("/") + "/")


def names(miss, reached, volumes):
    """Whether this line of the coverage tells of the place of the token."""
    if reached.way in ("snapshot", "container"):
        words = {"snapshot": ("snapshot",), "container": ("snapshot", "cluster", "container", "not referenced")}[reached.way]
        return any(word in miss["reason"] for word in words)
    if miss["path"] is not None and not (reached.path and named_path(reached.path, miss["path"])):
        return False
    if miss["volume"] == "":
        return True
    return any(v["volume"] == miss["volume"] and overlaps(reached.offset, reached.size, v) for v in volumes)


def lists(row, reached, volumes):
    """This row of coverage.packed is about the file, as far as it names places.  A file that
    is packed as a whole is named by that: what its parts are packed with (a squashfs with xz)
    is its own affair."""
    if row["files"] > 0 and reached.path in row["places"]:
        return True
    if row["kind"] not in reached.way.split(" ", 1)[1].split("|"):
        return False
    if row["volume"] and not any(v["volume"] == row["volume"] and overlaps(reached.offset, reached.size, v) for v in volumes):
        return False
    return reached.path in row["places"] or row["files"] + row["pieces"] > len(row["places"])


def packing_named(report, reached):
    coverage = report["coverage"]
    return reached.way.startswith("packed ") and any(lists(row, reached, coverage["volumes"]) for row in coverage.get("packed", []))


def accounted(report, reached):
    coverage = report["coverage"]
    if reached.token.within_found(report):
        return True
    if packing_named(report, reached):
        return True
    return not coverage["complete"] and any(names(m, reached, coverage["volumes"]) for m in coverage["misses"])


def failures(report, disk, reached):
    """What is wrong with this report: a list of texts, empty when the property holds."""
    wrong, told = [], set()
    for r in reached:
        key = (r.token.name, r.way)
        if key not in told and not accounted(report, r):
            told.add(key)
            state = "complete" if report["coverage"]["complete"] else "incomplete elsewhere"
            wrong.append(f"{state}, but reached: {r}")
    if disk.complete and not report["coverage"]["complete"]:
        wrong.append(f"honest, but incomplete: {report['coverage']['misses'][:3]}")
    if disk.complete and any(not t.within_found(report) for t in disk.purse.tokens):
        wrong.append("honest, but not everything was found")
    return wrong
