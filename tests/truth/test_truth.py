#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A few of the constructions of make check-truth, from a fixed seed: "complete" is true also
when the image lies.  docs/truth.md says what is held to what."""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import truth

# (kind, number of seed 1): each was a false "complete" once, or is the other side of it.
CHOSEN = (
    ("honest", 0), ("honest_with_loader", 0), ("honest_with_loader", 1), ("tiny_ext_over_btrfs", 0), ("swap_in_fat", 0), ("minix_in_bios_boot", 0), ("ext_behind_empty_table", 0),
    ("decoy_on_ext", 0), ("decoy_before", 0), ("table_over_file_system", 0), ("in_gap", 0), ("behind_file_system", 0), ("in_free_space", 0),
    ("backup_superblock", 0), ("links", 7), ("links", 19), ("quiet_names", 0), ("attributes", 0), ("slack", 3), ("slack", 4),
    ("holes", 0), ("unwritten", 0), ("fragments", 0), ("journal", 0), ("between", 0), ("packed", 0), ("packed", 1), ("packed_inside", 0), ("packed_inside", 3),
    ("image_in_file", 0),
    ("snapshot", 0), ("unreferenced", 1), ("two_layers", 1),
)


def main():
    reason = truth.why_not()
    if reason:
        print(f"1..0 # SKIP {reason}")
        return 0
    truth.alone_or_skip("test_truth")
    results = [truth.one(("1", number, kind, None)) for kind, number in CHOSEN]
    for number, result in enumerate(results, 1):
        good = not result.wrong
        print(f"{'ok' if good else 'not ok'} {number} - {result.kind}" + (f" # SKIP {result.cannot}" if result.cannot else ""))
        if not good:
            print("\n".join(f"# {line}" for line in [*result.wrong, *result.recipe, *result.reached])[:8000], file=sys.stderr)
    print(f"1..{len(results)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
