#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""An anchor that is no part of every match loses matches in silence: no window opens, and the verdict is "clean".

For most rules the engine proves its anchors from the pattern.  Where the anchors are written by hand and
nothing can be proven, this test tries: it makes random texts of each pattern (short ones, and ones whose blanks
and names are as long as they may be), keeps those that PCRE2 matches, and demands

1. that each holds one of the rule's anchors, in any case;
2. that the engine, with the rule's anchors and window, finds it, alone and in the middle of a text.

The seed is fixed.  test_rule_anchors.py SEED [COUNT] tries others, ID in the environment one rule alone."""
import ctypes
import glob
import json
import os
import random
import re
import subprocess
import sys
import tempfile

os.chdir(os.environ.get("TOP", "."))
IMGVET = os.environ.get("IMGVET", os.path.join(os.environ.get("BUILD", "build"), "imgvet"))
SEED = int(sys.argv[1]) if len(sys.argv) > 1 else 8
COUNT = int(sys.argv[2]) if len(sys.argv) > 2 else 40
ENDLESS = 40        # how often an endless repeat is taken at most
LONGEST = 3000      # bytes of a sample
TEXT = [c for c in range(32, 127)] + [9, 10]     # what a YAML example can hold
CLASSES = {"d": set(b"0123456789"), "s": set(b" \t\n"), "h": set(b" \t"), "v": set(b"\n"), "N": set(TEXT) - {10},
           "w": set(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")}
POSIX = {"alnum": CLASSES["w"] - {95}, "digit": CLASSES["d"], "space": CLASSES["s"], "word": CLASSES["w"],
         "alpha": CLASSES["w"] - {95} - CLASSES["d"], "xdigit": set(b"0123456789abcdefABCDEF"), "blank": CLASSES["h"],
         "upper": set(range(65, 91)), "lower": set(range(97, 123)), "print": set(TEXT) - {9, 10},
         "graph": set(TEXT) - {9, 10, 32}, "punct": set(range(33, 127)) - (CLASSES["w"] - {95})}
CONTROLS = {"n": 10, "t": 9, "r": 13, "f": 12, "e": 27, "a": 7, "0": 0}

BINARY = {"imgvet.private-keys.minisign"}     # its bytes cannot stand in an example


class Unknown(Exception):
    """syntax that no rule of ours has needed so far"""


class Parser:
    """PCRE2 as far as rules use it, to a tree of tuples: ("set", bytes), ("seq", [..]), ("alt", [..]),
    ("repeat", node, least, most), ("group", number, name, node), ("look", kind, node), ("back", number or name), ("if", ..)."""

    def __init__(self, text):
        self.text, self.at, self.groups = text, 0, 0

    def peek(self, what):
        return self.text.startswith(what, self.at)

    def take(self, expression):
        found = re.compile(expression, re.S).match(self.text, self.at)
        if found:
            self.at = found.end()
        return found

    def alternatives(self, flags):
        flags, branches = set(flags), []
        while True:
            branches.append(self.sequence(flags))
            if not self.take(r"\|"):
                return branches[0] if len(branches) == 1 else ("alt", branches)

    def sequence(self, flags):
        nodes = []
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            if "x" in flags and self.take(r"\s+|#[^\n]*\n?"):
                continue
            if self.take(r"\(\?#[^)]*\)") or self.take(r"\\Q\\E"):
                continue
            switch = self.take(r"\(\?([a-zA-Z]*)(?:-([a-zA-Z]+))?\)")
            if switch:
                flags |= set(switch[1])
                flags -= set(switch[2] or "")
                continue
            nodes.append(self.repeated(self.atom(flags), flags))
        return ("seq", nodes)

    def repeated(self, node, flags):
        while True:
            if "x" in flags:
                self.take(r"(?:\s+|#[^\n]*\n?)+")
            found = self.take(r"([*+?])[+?]?|\{(\d+)\}[+?]?|\{(\d*),(\d*)\}[+?]?")
            if not found or (found[3] == "" and found[4] == ""):
                return node
            if found[1]:
                least, most = {"*": (0, None), "+": (1, None), "?": (0, 1)}[found[1]]
            elif found[2]:
                least = most = int(found[2])
            else:
                least, most = int(found[3] or 0), int(found[4]) if found[4] else None
            node = ("repeat", node, least, most)

    def atom(self, flags):
        if self.take(r"\("):
            return self.group(flags)
        if self.take(r"\["):
            return self.klass(flags)
        if self.take(r"\\"):
            return self.escape(flags)
        char = self.text[self.at]
        self.at += 1
        if char == ".":
            return ("set", set(TEXT) if "s" in flags else set(TEXT) - {10})
        if char in "^$":
            return ("look", char, None)
        return ("set", self.cased({ord(char)}, flags))

    @staticmethod
    def cased(chars, flags):
        if "i" in flags:
            chars = {ord(c) for n in chars if n < 128 for c in (chr(n).lower(), chr(n).upper())}
        return chars

    def group(self, flags):
        look = self.take(r"\?(<?[=!])")
        name = number = None
        inner = set(flags)
        if not look:
            named = self.take(r"\?P?[<'](\w+)[>']")
            switch = None if named else self.take(r"\?(?:([a-zA-Z]*)(?:-([a-zA-Z]+))?:|>|\|)")
            if switch:
                inner = (inner | set(switch[1] or "")) - set(switch[2] or "")
            elif self.peek("?") or self.peek("*"):
                raise Unknown(self.text[self.at:self.at + 8])
            else:
                self.groups += 1
                number, name = self.groups, named and named[1]
        node = self.alternatives(inner)
        if not self.take(r"\)"):
            raise Unknown("no )")
        return ("look", look[1], node) if look else ("group", number, name, node)

    def escape(self, flags):
        found = self.take(r"x\{?([0-9a-fA-F]{1,2})\}?")
        if found:
            return ("set", self.cased({int(found[1], 16)}, flags))
        found = self.take(r"g\{(\w+)\}|k[<{'](\w+)[>}']|([1-9])")
        if found:
            back = found[1] or found[2] or found[3]
            return ("back", int(back) if back.isdigit() else back)
        found = self.take(r"Q(.*?)\\E")
        if found:
            return ("seq", [("set", self.cased({ord(c)}, flags)) for c in found[1]])
        char = self.text[self.at]
        self.at += 1
        if char in "bBAzZG":
            return ("look", char, None)
        if char == "R":
            return ("set", {10})
        return ("set", self.cased(self.escaped(char), flags))

    @staticmethod
    def escaped(char):
        if char in CLASSES:
            return CLASSES[char]
        if char.lower() in CLASSES:
            return set(TEXT) - CLASSES[char.lower()]
        if char in CONTROLS:
            return {CONTROLS[char]}
        if char.isalnum():
            raise Unknown("\\" + char)
        return {ord(char)}

    def klass(self, flags):
        inverse, chars, first = bool(self.take(r"\^")), set(), True
        while first or not self.peek("]"):
            first = False
            posix = self.take(r"\[:(\^?)(\w+):\]")
            if posix:
                chars |= set(TEXT) - POSIX[posix[2]] if posix[1] else POSIX[posix[2]]
                continue
            low = self.member()
            if len(low) == 1 and self.take(r"-(?!\])"):
                high = self.member()
                chars |= set(range(min(low), max(high) + 1))
            else:
                chars |= low
        self.at += 1
        chars = self.cased(chars, flags)
        return ("set", set(TEXT) - chars if inverse else chars)

    def member(self):
        found = self.take(r"\\x\{?([0-9a-fA-F]{1,2})\}?")
        if found:
            return {int(found[1], 16)}
        if self.take(r"\\"):
            self.at += 1
            char = self.text[self.at - 1]
            return {8} if char == "b" else self.escaped(char)
        self.at += 1
        return {ord(self.text[self.at - 1])}


class Maker:
    """A random text of a tree.  `stretch` says how: 0 short, 1 as long as may be, else by chance."""

    def __init__(self, dice, stretch, fits):
        self.dice, self.stretch, self.groups, self.text = dice, stretch, {}, ""
        self.fits = fits        # of this tree's classes, what can be written in a text

    def count(self, least, most):
        most = least + ENDLESS if most is None else most
        if self.stretch == 0:
            return least
        if self.stretch == 1:
            return most
        return self.dice.choice((least, most, self.dice.randint(least, most)))

    def add(self, node):
        if len(self.text) > LONGEST:
            raise OverflowError
        getattr(self, "add_" + node[0])(*node[1:])

    def add_set(self, chars):
        if id(chars) not in self.fits:
            self.fits[id(chars)] = sorted(c for c in chars if c in TEXT)
        if not self.fits[id(chars)]:
            raise Unknown("bytes that are no text")
        self.text += chr(self.dice.choice(self.fits[id(chars)]))

    def add_seq(self, nodes):
        for node in nodes:
            self.add(node)

    def add_alt(self, branches):
        self.add(self.dice.choice(branches))

    def add_repeat(self, node, least, most):
        for _ in range(self.count(least, most)):
            self.add(node)

    def add_group(self, number, name, node):
        begin = len(self.text)
        self.add(node)
        self.groups[number] = self.groups[name] = self.text[begin:]

    def add_look(self, kind, node):
        # What must stand in front is written once, at the very beginning; what must follow, by chance.
        if kind == "<=" and not self.text or kind == "=" and self.dice.random() < 0.5:
            self.add(node)

    def add_back(self, which):
        self.text += self.groups.get(which, "")


class Pcre:
    """The library itself says what matches."""

    def __init__(self):
        lib = self.lib = ctypes.CDLL("libpcre2-8.so.0")
        word = ctypes.c_void_p
        for name, result, arguments in (
                ("compile_context_create", word, [word]), ("set_newline", ctypes.c_int, [word, ctypes.c_uint32]),
                ("compile", word, [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint32, word, word, word]),
                ("match_data_create", word, [ctypes.c_uint32, word]), ("jit_compile", ctypes.c_int, [word, ctypes.c_uint32]),
                ("match", ctypes.c_int, [word, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_uint32, word, word]),
                ("get_ovector_pointer", ctypes.POINTER(ctypes.c_size_t), [word])):
            function = getattr(lib, f"pcre2_{name}_8")
            function.restype, function.argtypes = result, arguments
            setattr(self, name, function)
        self.context = self.compile_context_create(None)
        self.set_newline(self.context, 5)       # PCRE2_NEWLINE_ANYCRLF
        self.data = self.match_data_create(64, None)

    def pattern(self, text):
        code, offset = ctypes.c_int(), ctypes.c_size_t()
        raw = text.encode()
        result = self.compile(raw, len(raw), 0x40, ctypes.byref(code), ctypes.byref(offset), self.context)   # PCRE2_DUPNAMES
        if not result:
            sys.exit(f"PCRE2 refuses {text}")
        self.jit_compile(result, 1)             # PCRE2_JIT_COMPLETE
        return result

    def find(self, code, text):
        """the matched part of text, or None"""
        raw = text.encode()
        if self.match(code, raw, len(raw), 0, 0, self.data, None) <= 0:
            return None
        ends = self.get_ovector_pointer(self.data)
        return text[ends[0]:ends[1]]


def samples_of(pcre, rule, wanted):
    dice = random.Random(f"{SEED} {rule['id']}")
    code = pcre.pattern(rule["pattern"])
    parser = Parser(rule["pattern"])
    tree = parser.alternatives(set())
    if parser.at < len(parser.text):
        raise Unknown("something behind the end")
    found, fits = [], {}
    for attempt in range(wanted * 8 + 100):
        maker = Maker(dice, attempt % 4, fits)
        try:
            maker.add(tree)
        except OverflowError:
            continue
        for text in (maker.text, " " + maker.text + " ", "\n" + maker.text + "\n"):
            match = pcre.find(code, text)
            if match:
                found.append((text, match))
                break
        if len(found) == wanted:
            break
    return found


def anchors_of(rule):
    """a function: does a match, in its text, hold one of the rule's anchors?  \\b in front of one: at the start of a word"""
    words = [re.escape(a.lower()) if not a.startswith("\\b") else "(?<![0-9a-z])" + re.escape(a[2:].lower()) for a in rule.get("anchors", [])]
    expression = re.compile("|".join(words))

    def holds(text, match):
        begin = text.find(match)
        return bool(expression.search(text.lower(), begin, begin + len(match)))
    return holds


def engine_misses(cases):
    """cases: (rule, [texts]); what the engine does not find, as lines"""
    rules = []
    for rule, texts in cases:
        mine = {key: rule[key] for key in ("id", "pattern", "anchors", "before", "after") if key in rule}
        filler = "\n" + "some other line of text, " * 40 + "\n"
        rules.append({**mine, "name": "x", "examples": texts + [filler + text + filler for text in texts[:6]]})
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "rules.yml")
        with open(path, "w", encoding="ascii") as out:
            json.dump({"rules": rules}, out)
        done = subprocess.run([IMGVET, "rules", "test", "--rules", path], capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else (done.stdout + done.stderr).strip()


def given_by_hand():
    """ids of rules whose file writes anchors for them; the engine proves all others"""
    ids = set()
    for path in glob.glob("rules/*.yml"):
        with open(path, encoding="utf-8") as file:
            head, *parts = re.split(r"(?m)^(?=  - id: )", file.read())
        always = re.search(r"(?m)^  anchors:", head)
        ids |= {part.split()[2] for part in parts if always or re.search(r"(?m)^    anchors:", part)}
    return ids


def main():
    by_hand = given_by_hand()
    pcre = Pcre()
    rules = json.loads(subprocess.run([IMGVET, "rules", "list", "--json"], capture_output=True, check=True).stdout)
    wrong, unknown, barren, cases, total = [], [], [], [], 0
    for rule in rules:
        if "pattern" not in rule or "path" in rule or rule["id"] != os.environ.get("ID", rule["id"]):
            continue
        try:
            found = samples_of(pcre, rule, COUNT if rule["id"] in by_hand else 1)
        except Unknown as why:
            if rule["id"] not in BINARY:
                unknown.append(f"{rule['id']}: {why}")
            continue
        if not found:
            barren.append(rule["id"])
            continue
        total += len(found)
        holds = anchors_of(rule)
        lost = [m for text, m in found if not holds(text, m)]
        if lost:
            wrong.append(f"{rule['id']}: {len(lost)} of {len(found)} matches hold none of its anchors, such as {min(lost, key=len)!r}")
        else:
            cases.append((rule, [text for text, _ in found]))
    misses = None
    for begin in range(0, len(cases), 200):
        miss = engine_misses(cases[begin:begin + 200])
        misses = "\n".join(filter(None, (misses, miss))) or None
    print(f"# {len(rules)} rules, {total} samples\n1..2")
    report("every match of a rule holds one of its anchors", wrong + unknown + [f"{name}: no sample" for name in barren])
    report("the engine finds every match", misses.splitlines() if misses else [])
    sys.exit(1 if wrong or misses or unknown or barren else 0)


def report(what, complaints):
    """one line of TAP, and the complaints"""
    print(("not ok" if complaints else "ok") + " - " + what)
    for line in complaints:
        print("# " + line)


main()
