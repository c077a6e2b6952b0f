# SPDX-License-Identifier: GPL-3.0-or-later
"""Every kind of construction, and how often it comes in a run."""
import contents
import layouts
import lies

KINDS = {
    # whose bytes: tables and owners
    layouts.honest: 2,
    layouts.honest_with_loader: 2,
    layouts.any_file_system: 2,
    layouts.odd_type: 2,
    layouts.decoy: 5,
    layouts.decoys: 2,
    layouts.decoy_on_ext: 5,
    layouts.decoy_on_compressed: 4,
    layouts.tiny_ext_over_btrfs: 1,
    layouts.swap_in_fat: 1,
    layouts.minix_in_bios_boot: 1,
    layouts.ext_behind_empty_table: 1,
    layouts.decoy_before: 2,
    layouts.hybrid: 2,
    layouts.overlapping: 2,
    layouts.backup_differs: 2,
    layouts.table_in_partition: 2,
    layouts.logical: 1,
    layouts.other_sector_size: 2,
    layouts.table_over_file_system: 2,
    layouts.in_gap: 2,
    layouts.behind_empty_table: 1,
    layouts.at_odd_offset: 2,
    layouts.behind_file_system: 2,
    layouts.in_free_space: 1,
    layouts.larger_than_partition: 2,
    layouts.backup_superblock: 1,
    layouts.two_of_a_kind: 1,
    # by somebody who wants the yes
    lies.descriptors_differ: 2,
    lies.odd_ext: 3,
    lies.mirror_leg: 1,
    lies.wide_entries: 1,
    lies.into_a_file: 2,
    lies.from_sector_zero: 1,
    lies.short_partition: 3,
    lies.image_as_disk: 1,
    lies.half_sector: 1,
    lies.through_a_map: 1,
    # inside
    contents.links: 4,
    contents.quiet_names: 1,
    contents.symlinks: 1,
    contents.attributes: 2,
    contents.inline: 1,
    contents.deleted: 1,
    contents.beyond_end: 2,
    contents.nameless: 1,
    contents.slack: 4,
    contents.holes: 2,
    contents.unwritten: 1,
    contents.fragments: 2,
    contents.journal: 1,
    contents.metadata: 1,
    contents.between: 2,
    contents.packed: 4,
    contents.packed_inside: 1,
    contents.image_in_file: 1,
    # around
    contents.qcow2: 1,
    contents.snapshot: 1,
    contents.unreferenced: 1,
    contents.two_layers: 2,
}


def pick(number, only=None):
    """The kind of construction `number`: by turns, so that any run of 80 has all of them.
    Turns are spread: neighbours differ."""
    kinds = [kind for kind, times in KINDS.items() if only is None or kind.__name__ == only]
    turns = [(turn / KINDS[kind], i) for i, kind in enumerate(kinds) for turn in range(KINDS[kind])]
    turns.sort()
    return kinds[turns[number % len(turns)][1]]
