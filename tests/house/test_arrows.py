#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The house keeps its shape: #include arrows only point down and rooms form no
circle, each outside library is known to one room, public headers compile alone, as
C and C++, and every source file names its licence."""
import glob
import os
import re
import subprocess
import sys

os.chdir(os.environ.get("TOP", "."))

# room -> rooms whose headers it may include (its own always)
MAY = {
    "scanner/base": [],
    "scanner/disk": ["scanner/base"],
    "scanner/volume": ["scanner/disk", "scanner/base"],
    "scanner/fs": ["scanner/volume", "scanner/disk", "scanner/base"],
    "scanner/engine": ["scanner/base"],
    "scanner/unpack": ["scanner/base"],  # a leaf: bytes in, what they are out
    "scanner/finding": ["scanner/base"],
    "scanner/report": ["scanner/finding", "scanner/base"],
    "scanner/search": ["scanner/finding", "scanner/engine", "scanner/unpack", "scanner/fs", "scanner/volume", "scanner/disk",
                       "scanner/base"],
    "scanner": ["scanner/search", "scanner/report", "scanner/finding", "scanner/engine", "scanner/fs",
                "scanner/volume", "scanner/disk", "scanner/base"],
    "scanner/process": ["scanner", "scanner/report", "scanner/finding", "scanner/engine", "scanner/disk", "scanner/base"],
    # The gate knows no network and no cloud, and the ledger neither.
    "share/base": ["scanner/base"],
    "share/gate": ["share/base", "scanner/report", "scanner/finding", "scanner/base"],
    "share/ledger": ["share/gate", "share/base", "scanner/report", "scanner/base"],
    "share/http": ["share/base", "scanner/base"],
    "share/cloud": ["share/ledger", "scanner/base"],
    "share/alibaba/call": ["share/cloud", "share/ledger", "share/http", "share/base", "scanner/base"],
    "share/alibaba/credentials": ["share/alibaba/call", "share/cloud", "share/http", "share/base", "scanner/base"],
    "share/alibaba/ecs": ["share/alibaba/call", "share/alibaba/credentials", "share/cloud", "share/http", "share/base",
                          "scanner/base"],
    "share/alibaba/preflight": ["share/alibaba/call", "share/cloud", "share/base", "scanner/base"],
    "share/alibaba/organization": ["share/alibaba/call", "share/cloud", "share/base", "scanner/base"],
    "share/alibaba/oss": ["share/alibaba/call", "share/http", "share/base", "scanner/base"],
    "share/alibaba": ["share/alibaba/call", "share/alibaba/credentials", "share/alibaba/ecs", "share/alibaba/preflight",
                      "share/alibaba/organization", "share/alibaba/oss", "share/cloud", "scanner/base"],
    "share": ["share/alibaba", "share/cloud", "scanner/base"],  # clouds.c: which clouds there are
    "share/access": ["share", "share/cloud", "share/ledger", "share/gate", "share/base", "scanner/base"],
    "share/transfer": ["share", "share/cloud", "share/ledger", "share/gate", "share/base", "scanner/report",
                       "scanner/base"],
    "cli": None,  # sees all
}
# library header -> the files that may know it
ONE_DOOR = {
    r"curl/": ["share/http/http.c", "share/http/endpoint.c"],
    r"pcre2\.h": ["scanner/engine/regex.c"],
    r"hs(/.*)?\.h": ["scanner/engine/literal.c"],
    r"guestfs\.h": ["scanner/fs/guest.h"],
    r"archive(_entry)?\.h": ["scanner/fs/tarstream.c", "scanner/disk/unpack.c"],
    r"yaml\.h": ["scanner/base/yaml.c"],
    r"sqlite3\.h": ["share/ledger/ledger_db.h"],
    r"blkid/": ["scanner/volume/second_opinion.c"],
    r"seccomp\.h": ["scanner/process/sandbox.c"],
    r"lzma\.h": ["share/base/crc64.c"],
    r"ext2fs/": None,  # any scanner/fs/ext*
}
# words of one cloud, in code (comments and the command line's help may name it) -> its room
WORDS = {r"[Aa]libaba|ALIBABA|[Aa]liyun|\bECS\b|\bKMS\b|\bOSS\b|\bRAM\b|\bSTS\b|x-acs|x-oss|Describe[A-Z]\w+|Modify[A-Z]\w+|"
         r"(Export|Import|Copy)Image|AccessKey": "share/alibaba"}
MAY_KNOW = ["share/clouds.c"]
PUBLIC = ["scanner/scanner.h", "share/gate/gate.h", "share/ledger/ledger.h", "share/cloud/cloud.h",
          "share/access/share.h", "share/access/unshare.h", "share/access/shares.h", "share/transfer/acquire.h"]
SPDX = "SPDX-License-Identifier: GPL-3.0-or-later"
# source files whose first line (the second behind a "#!") holds it
LICENSED = [f"{top}/**/*.{kind}" for top in ("cli", "scanner", "share", "tests", "samples")
            for kind in ("c", "h", "py", "sh", "pl", "mjs", "bash")]
UNLICENSED = "samples/image/"  # what stands for somebody's disk


def rows():
    for path in sorted(glob.glob("scanner/**/*.[ch]", recursive=True) + glob.glob("share/**/*.[ch]", recursive=True) +
                       glob.glob("cli/*.[ch]")):
        with open(path) as text:
            for number, line in enumerate(text, 1):
                found = re.match(r'\s*#\s*include\s+([<"])([^>"]+)[>"]', line)
                if found:
                    yield path, number, found.group(1), found.group(2)


def arrow_problem(path, name):
    room, target = os.path.dirname(path), os.path.dirname(name)
    if target == "" or not os.path.exists(name):
        return "spell the include from the top folder"
    may = MAY.get(room, [])
    if room == target or may is None or target in may:
        return None
    return f"{room} may not include {target}"


def circle():
    """Rooms that include each other, over however many steps: one such way, or None."""
    arrows = {}
    for path, _, mark, name in rows():
        room, target = os.path.dirname(path), os.path.dirname(name)
        if mark == '"' and room != target:
            arrows.setdefault(room, set()).add(target)

    def walk(way):
        for target in sorted(arrows.get(way[-1], ())):
            if target in way:
                return way[way.index(target):] + [target]
            found = walk(way + [target])
            if found:
                return found
        return None

    return next(filter(None, (walk([room]) for room in sorted(arrows))), None)


def unlicensed():
    for path in sorted(path for pattern in LICENSED for path in glob.glob(pattern, recursive=True)):
        with open(path) as text:
            head = [text.readline(), text.readline()]
        if SPDX not in head[head[0].startswith("#!")] and not path.startswith(UNLICENSED):
            yield path


def door_problem(path, name):
    for pattern, doors in ONE_DOOR.items():
        if re.fullmatch(pattern, name) or (pattern.endswith("/") and name.startswith(pattern)):
            if doors is None:
                return None if re.match(r"scanner/fs/ext", path) else f"<{name}> belongs to scanner/fs/ext*"
            return None if path in doors else f"<{name}> belongs to {doors[0]}"
    return None


def code_of(path):
    """Its lines without comments, which may explain with an example."""
    with open(path) as text:
        return re.sub(r"/\*.*?\*/", lambda m: "\n" * m.group(0).count("\n"), text.read(), flags=re.S).split("\n")


def word_problems():
    everywhere = glob.glob("share/**/*.[ch]", recursive=True) + glob.glob("scanner/**/*.[ch]", recursive=True)
    for path in sorted(path for path in everywhere if not path.startswith("share/alibaba/")):
        for number, line in enumerate(code_of(path) if path not in MAY_KNOW else [], 1):
            for pattern, room in WORDS.items():
                if re.search(pattern, line):
                    yield f"{path}:{number}: a word of {room}: {line.strip()}"


def compiles(header, language):
    flags = subprocess.run(["pkg-config", "--cflags", "glib-2.0", "libcjson"], capture_output=True, text=True).stdout.split()
    compiler, standard = ("g++", "c++17") if language == "c++" else ("gcc", "gnu11")
    run = subprocess.run([compiler, "-x", language, f"-std={standard}", "-I.", "-fsyntax-only", *flags, header],
                         capture_output=True, text=True)
    if run.returncode:
        print(run.stderr[:2000], file=sys.stderr)
    return run.returncode == 0


def main():
    problems = []
    for path, number, mark, name in rows():
        problem = arrow_problem(path, name) if mark == '"' else door_problem(path, name)
        if problem:
            problems.append(f"{path}:{number}: {problem}")
    for problem in problems:
        print("#", problem, file=sys.stderr)
    words = list(word_problems())
    for problem in words:
        print("#", problem, file=sys.stderr)
    way = circle()
    if way:
        print("# circle:", " -> ".join(way), file=sys.stderr)
    bare = list(unlicensed())
    for path in bare:
        print(f"# {path}: no {SPDX}", file=sys.stderr)
    results = [(not problems, "arrows point down, one door per library"),
               (not words, "no cloud's words outside its room"),
               (not way, "rooms form no circle"),
               (not bare, "every source file names its licence")]
    for header in PUBLIC:
        for language in ("c", "c++"):
            results.append((compiles(header, language), f"{header} compiles alone as {language}"))
    for number, (good, name) in enumerate(results, 1):
        print("ok" if good else "not ok", number, "-", name)
    print(f"1..{len(results)}")
    return 0 if all(good for good, _ in results) else 1


sys.exit(main())
