#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every decision not to look has a name: no reader or searcher passes over anything in silence.

"Complete" is only as true as the least of these decisions, so three nets lie over the code that
sees image bytes (SCOPE):

1. PLACES lists every place that counts a skip (scanner/base/skip.h), by file, function and reason;
   each reason of the table is used, and none is used anywhere else.
2. A bare way out (`continue`, `break` out of a loop, `return`, `return true` in a branch that calls
   nothing) names its reason: it counts a skip, says unread, notes damage or fails; or a note stands
   there, /* skip: none, because ... */; or NONE says why it passes over nothing, and how many bare
   ways out that function has.
3. A condition on a ceiling (IV_MAX_...) or on one of WORDS (hole, seen, known, allow ...) lies in a
   function that does one of these, or that NONE names.

The test proves its nets: with any one skip removed it complains.  A new reader or a changed function
that it stops at needs a decision: who looks at what is passed over here?  Count it
(iv_skip), say it (unread), or write down why there is nothing to say.

test_skips.py --list prints what is counted where, and every note."""
import glob
import os
import re
import sys

os.chdir(os.environ.get("TOP", "."))

# What sees image bytes: the readers, the search, and of the engine all but the loading of rules.
SCOPE = ["scanner/search/*.c", "scanner/fs/*.c", "scanner/volume/*.c",
         *(f"scanner/engine/{name}.c" for name in ("matcher", "matcher_state", "names", "path_rules", "windows", "window_search",
                                                   "ranking", "gram", "literal")),
         *(f"scanner/disk/{name}.c" for name in ("source", "slice", "raw", "file", "qcow2_read", "qcow2_map", "qcow2_used",
                                                 "qcow2_snapshots", "qcow2_beside", "digest", "digest_tree",
                                                 "unpack"))]

# file -> function -> the reasons that it counts
PLACES = {
    "scanner/engine/path_rules.c": {"kept_out_by_path": ["NOT_PATH"], 
                                     "find_out": ["HELPER_RULE", "OTHER_PATH", "NOT_PATH", "OTHER_PATH"]},
    "scanner/engine/ranking.c": {"iv_report_found": ["SEAM", "OUTRANKED"]},
    "scanner/engine/window_search.c": {"keep": ["ENTROPY", "ALLOWED", "CHECK"], "search": ["EMPTY_MATCH"]},
    "scanner/fs/ext_dir.c": {"parse_list": ["UNUSED"]},
    "scanner/fs/ext_free.c": {"emit_group": ["OWNED"]},
    "scanner/fs/ext_inode.c": {"map_run": ["NOT_CONTENT", "NOT_CONTENT"]},
    "scanner/fs/ext_walk.c": {"visit_again": ["SPECIAL_FILE", "MET_AGAIN"], "visit_inode": ["SPECIAL_FILE"],
                              "is_nameless": ["INTERNAL", "UNUSED"]},
    "scanner/fs/guest_links.c": {"emit_link": ["SPECIAL_FILE"]},
    "scanner/fs/tarstream.c": {"visit": ["SPECIAL_FILE"]},
    "scanner/fs/tree.c": {"visit_name": ["SPECIAL_FILE"], "visit_open_dir": ["KERNEL_VIEW", "MET_AGAIN"],
                          "add_runs": ["HOLE", "HOLE"]},
    "scanner/search/links.c": {"iv_links_add": ["LINK_ATTRIBUTE"], "search_unit": ["LINK_SAME_BYTES"]},
    "scanner/search/walk.c": {"walk_raw": ["RAW_VOLUME"]},
    "scanner/search/unopened.c": {"count": ["NOT_OPENED"]},
    "scanner/volume/owner.c": {"drop_light": ["WEAK_CLAIM", "WEAK_CLAIM"]},
    "scanner/volume/gpt.c": {"add_entry": ["UNUSED"]},
    "scanner/volume/layers.c": {"drop_claims": ["SAME_CLAIM"]},
    "scanner/search/hits.c": {"silence_twins": ["TWIN"], "drop_known": ["KNOWN_SECRET"]},
    "scanner/search/runs.c": {"next_piece": ["HOLE"]},
    "scanner/search/worker_slack.c": {"search_slack_block": ["ZERO_SLACK"], "iv_worker_slack_part": ["ZERO_SLACK"]},
    "scanner/disk/qcow2_used.c": {"is_nothing": ["OLD_TABLE"]},
    "scanner/search/unopened.c": {"count": ["NOT_OPENED"]},
    "scanner/finding/coverage.c": {"iv_coverage_miss": ["UNREAD"]},
}

# file -> function -> (bare ways out, why none of them, and no ceiling, passes over anything)
NONE = {
    "scanner/disk/file.c": {
        "iv_file_read": (1, "interrupted: it reads again"),
        "iv_file_extent": (2, "a file that cannot tell its holes has none, and is read"),
        "iv_file_unchanged": (2, "it reads nothing; a block device has no time of change"),
    },
    "scanner/disk/digest_tree.c": {
        "iv_hash_tree_zero": (0, "it looks up a digest"),
        "fold": (1, "a group of zeros has no digests to fold"),
        "iv_hash_tree_put": (2, "the chunk is there"),
        "add_group": (0, "a group without digests is zeros"),
    },
    "scanner/disk/qcow2_beside.c": {
        "mark_refcount_block": (1, "what is not marked is nobody's, and told"),
        "mark_refcounts": (1, "the same"),
        "mark_list": (0, "all that was read of a list is marked"),
        "is_hole": (0, "a file that cannot tell its holes has none"),
        "survey_file": (1, "holes hold nothing; tell() says where the ceiling stopped it"),
        "tell_list": (0, "it tells all, and how many could not be read"),
        "iv_qcow2_beside": (1, "there is no backing file"),
    },
    "scanner/disk/qcow2_snapshots.c": {
        "read_list": (0, "tell_list() says how many were not read"),
        "iv_qcow2_snapshot_mark": (0, "it marks; the snapshot is told in any case"),
        "iv_qcow2_bitmap_mark": (0, "the same"),
    },
    "scanner/disk/qcow2_used.c": {
        "count_range": (0, "holes hold nothing"),
        "iv_qcow2_used_rest": (1, "it is somebody's"),
    },
    "scanner/disk/qcow2_map.c": {
        "iv_qcow2_check_place": (1, "the place is good"),
        "skip_absent": (1, "the run is not one of absent clusters"),
    },
    "scanner/disk/qcow2_read.c": {"unpack_zstd": (0, "false is an error for the caller")},
    "scanner/disk/source.c": {
        "iv_source_read": (1, "no bytes are asked for"),
        "iv_source_extent": (1, "a source that cannot tell its holes has none, and is read"),
    },
    "scanner/disk/unpack.c": {
        "put": (1, "zeros become a hole of the disk, which reads as zeros"),
        "take_data": (1, "libarchive asks to be called again"),
        "take_entries": (1, "a folder in the archive has no bytes"),
    },
    "scanner/engine/gram.c": {
        "fits": (0, "literals that do not fit are sought by Vectorscan"),
        "file_under": (1, "the literal is filed there already"),
        "text_16": (0, "blanks are text"),
        "keep": (0, "false ends the search, and the block is unsearched (windows.c)"),
        "try_entry": (2, "the literal does not stand there"),
        "try_place": (1, "no literal has this gram"),
    },
    "scanner/engine/literal.c": {
        "iv_literals_add": (1, "the owner is known already"),
        "check_platform": (1, "the processor will do"),
    },
    "scanner/engine/matcher.c": {
    },
    "scanner/engine/names.c": {
        "kind_of_path": (0, "iv_rule_is_on() counts it"),
        "bit_of": (0, "beyond the ceiling a name is untold, which is a miss (links.c)"),
    },
    "scanner/engine/path_rules.c": {
        "try_path": (1, "the rule is off for this path: iv_rule_is_on() counts it"),
        "iv_match_path": (1, "without a path no rule with one is on: iv_rule_is_on() counts it"),
    },
    "scanner/engine/ranking.c": {"outranked": (0, "iv_report_found() counts it")},
    "scanner/engine/window_search.c": {
        "is_allowed": (1, "keep() counts it"),
        "search": (2, "the pattern matches nowhere else; too_many() says what is left"),
    },
    "scanner/engine/windows.c": {"add_hit": (0, "false ends the search, and the block is unsearched")},
    "scanner/fs/ext_free.c": {
        "flush_run": (1, "an empty run; a full item is emitted, and the next one begins"),
        "add_run": (1, "the run grows"),
        "rest_of_cluster": (0, "what no file owns is emitted in any case, it only says as what"),
        "emit_groups": (1, "groups behind the volume's end: take_sizes() says unread"),
    },
    "scanner/fs/ext_inode.c": {
        "inside": (1, "all of it is inside"),
        "claim_node": (1, "the set took it"),
        "map_run": (2, "inside() and claim_*() named the damage"),
        "map_extents": (2, "the node is done"),
        "join_block": (2, "block 0 is a hole, and reads as zeros; or the run grows"),
        "map_indirect": (3, "pointer 0 is a hole; indirect_open() named the damage; behind the end nothing is content"),
    },
    "scanner/fs/ext_link.c": {
        "iv_ext_link_add": (1, "its further names are then unread (visit_again)"),
        "iv_ext_link_attr": (1, "no further names are expected; false is the ceiling, and the caller's to name"),
    },
    "scanner/fs/ext_open.c": {
        "name_features": (1, "the bit is not set"),
        "super_check": (0, "what it returns is an error, or the reason for using a backup"),
        "iv_ext_probe": (2, "a yes"),
        "try_backup": (2, "no backup there: open_best() says what was used"),
        "journal_in_use": (2, "a yes, which is unread"),
    },
    "scanner/fs/ext_set.c": {
        "add_to_chunk": (2, "all are in; false is the ceiling, and the caller's to name"),
        "iv_ext_set_run": (3, "the run ends, or goes on"),
    },
    "scanner/fs/ext_walk.c": {
        "visit_again": (1, "the item was emitted"),
        "is_nameless": (1, "a yes"),
        "visit_nameless": (1, "is_nameless() counts it"),
        "nameless_in_group": (1, "the bitmap, whose checksum is right, says that these inodes are free: their table is "
                                 "searched as metadata"),
    },
    "scanner/fs/ext_xattr.c": {
        "parse_body": (4, "Linux sees no attributes there either; the inode is searched as metadata"),
        "claim": (1, "a value of no bytes, or in an inode of its own"),
        "keep_shared": (0, "the block is then read again for each inode"),
        "take_inline": (1, "another attribute: emit_attr() has it"),
        "emit_attr": (1, "the walk stopped, or the attribute is the file's content"),
        "iv_ext_xattrs": (1, "there is no block of attributes"),
    },
    "scanner/fs/guest.c": {"iv_guest_mount": (1, "it is mounted")},
    "scanner/fs/hostfile.c": {
        "iv_host_open": (0, "another file is an error"),
        "iv_host_is_kernel_view": (1, "visit_open_dir() counts it"),
        "read_all": (1, "interrupted: it reads again"),
    },
    "scanner/fs/item.c": {
        "iv_item_add_extent": (2, "no bytes; or the run grows"),
        "read_runs": (1, "all is read"),
        "iv_item_read": (1, "no bytes are asked for"),
        "iv_item_next_data": (2, "it answers where bytes are; the searcher counts holes"),
        "iv_item_stored": (1, "runs behind the end are no content"),
    },
    "scanner/fs/tarstream.c": {"walk_entries": (1, "*whole says whether this is the end: stream_files() says unread")},
    "scanner/fs/tree.c": {
        "emit_xattrs": (1, "the file has none"),
        "add_runs": (1, "a hole to the end, counted before"),
        "set_links": (1, "the file has one name"),
    },
    "scanner/search/collect.c": {"trim": (1, "iv_collection_add() is a miss")},
    "scanner/search/hits.c": {
        "has_room": (1, "there is room"),
        "add": (1, "has_room() is a miss"),
        "keep_first": (1, "all fit; has_room() is a miss"),
        "find_lines": (1, "every hit has its line"),
        "silence_twins": (2, "no twins"),
        "speaks_for": (0, "silence_twins() and drop_known() count it"),
        "deliver_names": (1, "the rule is off under this name, or silent: counted there"),
        "drop_known": (1, "it is not known"),
    },
    "scanner/search/links.c": {
        "has_room": (0, "who asks says what is lost"),
        "further_name": (1, "more names are to come, or a miss was said above"),
        "keep_attribute": (1, "attributes_lost becomes a miss (report_losses)"),
    },
    "scanner/search/unopened.c": {
        "look_at_beginning": (1, "it is plain, and what is packed in it is looked for next"),
        "was_counted": (0, "it only answers whether the file was counted with its beginning"),
        "on_piece": (2, "the raw pass meets what was counted in its file; or the kind was counted in this block"),
        "iv_unopened_block": (3, "it counts and passes over nothing: another name of a file, or what lies in one that was counted"),
    },
    "scanner/search/queue.c": {
        "iv_queue_push": (0, "it waits"),
        "iv_queue_take": (1, "a task, or the end"),
    },
    "scanner/search/runs.c": {
        "next_piece": (1, "no bytes of this run"),
        "iv_runs_next": (2, "the piece is whole; what follows comes at the next call"),
    },
    "scanner/search/search.c": {
        "iv_search_start": (0, "fewer threads search the same"),
        "cut_item": (2, "no further cut: the last segment reaches to the end"),
        "flush": (1, "nothing was gathered"),
        "add_parts": (0, "what was gathered is handed over"),
    },
    "scanner/search/edges.c": {"iv_edges_search": (1, "nothing lies behind the end, or the volume below has the edge inside")},
    "scanner/search/walk.c": {"walk_free_space": (1, "too deep, which is a miss if anything was there")},
    "scanner/search/unopened.c": {
        "look_at_beginning": (1, "nothing packed"),
        "was_counted": (0, "a question"),
        "on_piece": (2, "counted in its file, or once more of the same kind"),
        "iv_unopened_block": (3, "a further name, or a file that is counted as a whole; nothing packed"),
    },
    "scanner/search/worker.c": {
        "iv_worker_fill": (1, "it is read"),
        "search_run": (0, "what is in the buffer already is not read again"),
    },
    "scanner/search/worker_slack.c": {"search_slack_block": (1, "iv_worker_fill() says what cannot be read")},
    "scanner/search/worker_stream.c": {"search_stream": (1, "all is searched")},
    "scanner/volume/gpt.c": {
        "read_copy": (3, "copy->fault says what is wrong, and becomes a note"),
        "read_backup": (1, "the backup is good"),
        "iv_gpt_seen": (1, "the disk is too small for a table"),
        "iv_gpt_copy": (1, "the disk is too small for a table"),
    },
    "scanner/volume/mbr.c": {
        "iv_mbr_look": (2, "the disk is too small; an entry that is none"),
    },
    "scanner/volume/volume_list.c": {"iv_volumes_add": (1, "a partition of no bytes")},
    "scanner/volume/volumes.c": {
        "crowd_out": (1, "walk_unread() says unread: the role is that of a volume too many"),
        "limit_overlap": (1, "a layer that is only a line of coverage reads no bytes"),
    },
    "scanner/volume/hidden.c": {
        "visit": (1, "in front of where this search began, or inside what a native reader reads"),
        "keep": (1, "weak, swap, a backup copy or a superblock that leads to nothing: the bytes are searched as they lie"),
        "ask": (3, "it leads to nothing; asked before; or the ceiling, and the caller says so by *cut"),
        "look_at": (1, "zeros hold no magic number"),
        "look_through": (0, "a hole holds no magic number"),
        "gather": (0, "a full list is the caller's to name"),
        "iv_hidden_gather": (0, "false is the ceiling: iv_place_look() remembers it"),
    },
    "scanner/volume/layers.c": {
        "is_new_claim": (0, "a question"),
        "add_layer": (0, "stop_at() notes damage"),
        "add_layers": (1, "the claim has its volume"),
        "add_hidden": (2, "nothing lies behind the owner, or stop_at() noted damage; the claim has its volume"),
        "name_content": (1, "a gap, or boot code: raw bytes"),
        "drop_claims": (1, "the claim stays"),
        "add_nested": (0, "stop_at() notes damage"),
        "drop_twins": (1, "it stays"),
        "expand_list": (1, "not this time: gaps come after partitions"),
    },
    "scanner/volume/owner.c": {
        "iv_claims_add": (1, "another kind"),
        "beside_others": (1, "a yes"),
        "find_mirror": (1, "the range is too small for a copy there"),
        "has_kind": (1, "a yes"),
        "add_mirror": (1, "no copy, or the file system itself is there"),
        "iv_range_blank": (0, "zeros; what says so is searched as raw bytes, and counted there"),
    },
    "scanner/volume/second_opinion.c": {
        "add": (1, "the claim is there"),
        "copy": (0, "zeros read as zeros in the file in memory"),
    },
    "scanner/volume/superblock.c": {
        "backup_at": (1, "the range is too small for a copy there"),
        "find_backup": (1, "one is enough"),
        "find_ext": (1, "no copies of another ext"),
        "find_btrfs": (1, "no magic number"),
        "iv_minix_fits": (0, "where a field is, of which version"),
        "find_lvm": (1, "no label in this sector"),
        "find_luks2": (1, "the range is too small for a header there"),
    },
    "scanner/volume/tables.c": {"iv_tables_all": (1, "the range is too small for a table")},
    "scanner/volume/trailer.c": {
        "find_zfs": (1, "the range is too small for a label"),
        "find_ntfs": (3, "too small; no magic number; a copy whose file table lies elsewhere, so a leftover"),
    },
    "scanner/search/place.c": {
        "iv_place_knows_secret": (0, "iv_hits_finish() counts it"),
        "iv_place_add_found": (1, "nobody will ask"),
        "iv_place_knows_packed": (0, "beyond the ceiling it is counted twice"),
        "iv_place_look": (1, "no magic number; starts_cut becomes a miss (walk_free_space())"),
    },
}

# Words that a condition which decides not to look is made of.
WORDS = (r"IV_MAX_\w+|hole|zero|all_zero|blank|allow\w*|not_path|seen|known|kept|budget|owned|repeat|silent|visible|"
         r"announce|again")
# What names a reason: a count, a miss, damage that becomes one, an error.
NAMES = (r"iv_skip|iv_matcher_skip|off|iv_coverage_miss|iv_unsearched|stop_rule|stop_all|reached_limit|iv_ext_unread|"
         r"unread|unread_errno|miss|damaged|damage|fault|iv_volumes_note|iv_fail|iv_fail_errno|fail_\w+|broken|SKIP_NONE")
# Who frees, passes over nothing.
FREES = r"\w*(?:_free|_unref|_clear|_close)"
NOTE = re.compile(r"/\*\s*skip: none, because (.*?)\s*\*/", re.S)


# --- just enough of C ---------------------------------------------------------------------


def code_of(text):
    """Without comments (a note becomes SKIP_NONE) and what stands in quotes; line by line the same."""
    def blank(match):
        piece = match.group(0)
        if piece[0] in "\"'":
            return piece[0] + "_" + piece[0]
        return ("SKIP_NONE;" if NOTE.match(piece) else " ") + "\n" * piece.count("\n")
    return re.sub(r'/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text, flags=re.S)


def functions(code):
    """(name, line of the body, body) of each function: braces that stand at a line's beginning."""
    lines = code.split("\n")
    start = None
    for number, line in enumerate(lines):
        if line == "{":
            start = number
        elif line == "}" and start is not None:
            head, at = "", start - 1
            while at >= 0 and lines[at].strip() and not re.match(r"[}#]|.*;\s*$", lines[at]):
                head, at = lines[at] + " " + head, at - 1
            name = re.search(r"(\w+)\s*\(", head)
            if name:
                yield name.group(1), start + 2, "\n".join(lines[start + 1:number])
            start = None


class Statements:
    """A function's body as a tree: (kind, line, condition or text, parts)."""

    def __init__(self, body, line):
        self.tokens, self.at = [], 0
        for token in re.findall(r"\w+|\n|[{}();:?]|[^\w\s{}();:?]+", body):
            if token == "\n":
                line += 1
            else:
                self.tokens.append((token, line))

    def next(self, ahead=0):
        return self.tokens[self.at + ahead][0] if self.at + ahead < len(self.tokens) else ""

    def until(self, stop):
        """Tokens up to and with `stop` outside of brackets, or up to a closing one."""
        depth, out = 0, []
        while self.at < len(self.tokens):
            token = self.next()
            depth += token in "({"
            depth -= token in ")}"
            if depth < 0:
                break
            out.append(token)
            self.at += 1
            if depth == 0 and token == stop:
                break
        return " ".join(out)

    def one(self):
        word, line = self.tokens[self.at]
        if word == "{":
            self.at += 1
            parts = []
            while self.next() != "}":
                parts.append(self.one())
            self.at += 1
            return "block", line, "", parts
        if word in ("if", "while", "for", "switch"):
            self.at += 1
            condition, parts = self.until(")"), [self.one()]
            if word == "if" and self.next() == "else":
                self.at += 1
                parts.append(self.one())
            return word, line, condition, parts
        if word == "do":
            self.at += 1
            part = self.one()
            return "while", line, self.until(";"), [part]
        if word in ("case", "default"):
            return "label", line, self.until(":"), []
        if self.next(1) == "(":  # a macro that is a loop, or a call
            mark = self.at
            self.at += 1
            condition = self.until(")")
            if self.next() == "{":
                return "for", line, condition, [self.one()]
            self.at = mark
        return "simple", line, self.until(";"), []

    def all(self):
        out = []
        while self.at < len(self.tokens):
            out.append(self.one())
        return out


def text_of(node):
    return " ".join([node[2]] + [text_of(part) for part in node[3]])


def names_reason(text):
    return re.search(rf"\b(?:{NAMES})\b", text) is not None


def cases(nodes):
    """The groups of a switch: labels, and what stands below them."""
    groups = []
    for node in nodes:
        if node[0] == "label" and not (groups and groups[-1][-1][0] == "label"):
            groups.append([])
        if groups:
            groups[-1].append(node)
    return groups


def ways_out(nodes, branch, in_loop):
    """(line, text of the branch) of each way out that a branch takes."""
    before = ""
    for node, after in zip(nodes, [*nodes[1:], ("", 0, "", [])]):
        kind, line, text, parts = node
        if kind == "simple" and branch and re.fullmatch(r"(continue|return|return true) ;" + ("|break ;" if in_loop else ""),
                                                         text):
            yield line, branch
        elif kind == "if":
            note = before if before == "SKIP_NONE ;" else after[2] if after[2] == "SKIP_NONE ;" and after[1] <= line + 1 else ""
            yield from ways_out(parts[:1], note + text + " then " + text_of(parts[0]), in_loop)
            yield from ways_out(parts[1:], "else then " + " ".join(map(text_of, parts[1:])), in_loop)
        elif kind == "switch":
            for group in cases(parts[0][3]):
                yield from ways_out([n for n in group if n[0] != "label"], "case then " + " ".join(map(text_of, group)), False)
        elif kind in ("block", "for", "while"):
            yield from ways_out(parts, branch, in_loop or kind != "block")
        before = text


def conditions(nodes):
    for kind, line, text, parts in nodes:
        if kind in ("if", "while", "for", "switch") or (kind == "simple" and re.search(r"\?|^return\b", text)):
            yield line, text
        yield from conditions(parts)


# --- the nets -----------------------------------------------------------------------------


def is_bare(branch):
    """Does it call nothing behind its condition, and name no reason in it either?"""
    body = branch.split(" then ", 1)[1]
    return not names_reason(branch) and not re.search(r"\b(?!sizeof\b)\w+ \(", body)


def counted(code):
    """function -> reasons, as PLACES has them."""
    found = {}
    for name, _, body in functions(code):
        reasons = re.findall(r"\bIV_SKIP_(?!COUNT\b)([A-Z_]+)\b", body)
        if reasons:
            found[name] = reasons
    return found


def places_problems(path, code):
    found, wanted = counted(code), PLACES.get(path, {})
    for name in sorted(found.keys() | wanted.keys()):
        if sorted(found.get(name, [])) != sorted(wanted.get(name, [])):
            yield f"{path}: {name}: counts {found.get(name, [])}, and PLACES has {wanted.get(name, [])}"


def silence_problems(path, code):
    allowed = dict(NONE.get(path, {}))
    for name, line, body in functions(code):
        bare, why = allowed.pop(name, (0, None))
        tree = Statements(body, line).all()
        ways = [(at, branch) for at, branch in ways_out(tree, "", False) if is_bare(branch)]
        if re.fullmatch(FREES, name):
            continue
        if len(ways) != bare:
            for at, branch in ways or [(line, "")]:
                yield (f"{path}:{at}: {name}: {len(ways)} bare ways out, NONE has {bare}: name a reason, or say why there is "
                       f"none: {branch[:90]}")
        if why is None and not names_reason(body):
            for at, condition in conditions(tree):
                if re.search(rf"\b(?:{WORDS})\b", condition):
                    yield f"{path}:{at}: {name}: decides by {condition[:70]}, and names no reason"
                    break
    for name in allowed:
        yield f"{path}: NONE names {name}, which is not there"


def files():
    return sorted(path for pattern in SCOPE for path in glob.glob(pattern))


def read(path):
    with open(path) as text:
        return text.read()


def everywhere():
    """Counted outside of SCOPE?  Only where PLACES says so."""
    for path in sorted(glob.glob("scanner/**/*.c", recursive=True)):
        if path not in files() and path != "scanner/base/skip.c":
            yield from places_problems(path, code_of(read(path)))


def table_problems():
    table = re.findall(r"\[IV_SKIP_(?!COUNT\b)(\w+)\]\s*=\s*\{", read("scanner/base/skip.c"))
    used = {reason for names in PLACES.values() for reasons in names.values() for reason in reasons}
    for reason in sorted(used - set(table)):
        yield f"IV_SKIP_{reason} is not in the table of scanner/base/skip.c"
    for reason in sorted(set(table) - used):
        yield f"IV_SKIP_{reason} is in the table, and nobody counts it"
    for path in sorted(PLACES.keys() | NONE.keys()):
        if not os.path.exists(path):
            yield f"{path} is not there"


COUNTS = re.compile(r"\b(?:iv_skip|iv_matcher_skip)\((?:m, )?IV_SKIP_[A-Z_]+(?:, [^;]*)?\);|\boff\(m, [^;]*?IV_SKIP_[A-Z_]+\)")


def mutants():
    """(path, line, text) of copies with one count removed each."""
    for path in sorted(PLACES):
        text = read(path)
        for match in COUNTS.finditer(text):
            instead = "false" if match.group(0).startswith("off") else ";"
            yield path, text.count("\n", 0, match.start()) + 1, text[:match.start()] + instead + text[match.end():]


def show():
    for path in sorted(PLACES):
        for name, reasons in PLACES[path].items():
            print(f"{path}: {name}: {', '.join(reasons)}")
    for path in files():
        for note in NOTE.findall(read(path)):
            words = re.sub(r"[\s*]+", " ", note)
            print(f"{path}: none, because {words}")
        for name, (_, why) in NONE.get(path, {}).items():
            print(f"{path}: {name}: none, because {why}")


def main():
    if sys.argv[1:] == ["--list"]:
        show()
        return 0
    code = {path: code_of(read(path)) for path in files()}
    places = [p for path in code for p in places_problems(path, code[path])] + list(everywhere())
    silent = [p for path in code for p in silence_problems(path, code[path])]
    table = list(table_problems())
    made = list(mutants())
    survive = [f"{path}:{line}" for path, line, text in made if not list(places_problems(path, code_of(text)))]
    found = sum(1 for path, _, text in made if path in code and list(silence_problems(path, code_of(text))))
    for problem in places + silent + table + survive:
        print("#", problem, file=sys.stderr)
    wanted = sum(len(re.findall(r"\bIV_SKIP_(?!COUNT)", read(path))) for path in PLACES)
    seen = sum(len(re.findall("IV_SKIP_", match)) for path in PLACES for match in COUNTS.findall(read(path)))
    results = [(not places, "every place that counts a skip is listed"),
               (not silent, "no way out of a reader or searcher is silent"),
               (not table, "every reason of the table is used"),
               (not survive and made and seen == wanted, f"each of {len(made)} skips is missed when it is removed"),
               (found * 4 > len(made), f"and {found} of them by the way out alone")]
    for number, (good, name) in enumerate(results, 1):
        print("ok" if good else "not ok", number, "-", name)
    print(f"1..{len(results)}")
    return 0 if all(good for good, _ in results) else 1


sys.exit(main())
