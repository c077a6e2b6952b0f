#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Were all planted leftovers found?

    samples/planted.py samples/image/leftovers.tsv REPORT

Each line of the list is a path ("-": free space), a rule and a severity, with tabs between; lines
that begin with # are remarks.  Exit 0 when the report has a finding for each, 1 otherwise.
"""
import json
import sys


def planted(name):
    with open(name, encoding="utf-8") as f:
        return [tuple(line.rstrip("\n").split("\t")) for line in f if line.strip() and not line.startswith("#")]


def found(name):
    with open(name, encoding="utf-8") as f:
        return {(i["path"] or "-", i["rule"], i["severity"]) for i in json.load(f)["findings"]}


def main(leftovers, report):
    wanted = planted(leftovers)
    missing = [row for row in wanted if row not in found(report)]
    for row in missing:
        print("not found:", *row)
    print(f"{len(wanted) - len(missing)} of {len(wanted)} planted leftovers were found")
    return 1 if missing or not wanted else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1], sys.argv[2]))
