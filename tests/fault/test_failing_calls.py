#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""One system call of a command fails: the disk is full or broken, a file cannot be opened.

For scan, gate, clear and log, in a home where nothing is yet and in one that is in use, the
nth call of those in failing_calls.c fails, for n = 1, 2, ...  Whatever n:

  - no command dies of a signal;
  - it says that it could not finish, or its answer and its files are those of an
    undisturbed run: never "clean" or "yes" without having looked, never without the record;
  - a file under its final name is the one before or a whole new one;
  - the same command works afterwards, as if nothing had been.

FAIL_EVERY=1 tries every n; make check takes some of them.
"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys

BUILD, IMGVET, TMP = os.environ["BUILD"], os.environ["IMGVET"], os.environ["TMPDIR"]
SHIM = f"{BUILD}/tests/failing_calls.so"
EVERY = int(os.environ.get("FAIL_EVERY", "0"))
ERRNOS = {"EIO": 5, "ENOMEM": 12, "ENOSPC": 28}
LEAVES = "[default]\naws_access_key_id = AKIAINVENTED2EXAMPLE\naws_secret_access_key = %s\n"
tests = 0


def ok(name, problems):
    global tests
    tests += 1
    print("ok" if not problems else "not ok", tests, "-", name)
    for problem in problems[:10]:
        print(f"# {problem}", file=sys.stderr)
    sys.stdout.flush()


def run(home, command, nth=0, errno=5):
    env = dict(os.environ, HOME=home, XDG_CONFIG_HOME=f"{home}/config", XDG_DATA_HOME=f"{home}/data")
    if nth >= 0:
        env.update(LD_PRELOAD=SHIM, FAIL_CALL=str(nth), FAIL_ERRNO=str(errno), FAIL_COUNT=f"{TMP}/count")
    return subprocess.run([IMGVET, *command], cwd=home, env=env, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)


def text(path):
    try:
        with open(path, errors="replace") as f:
            return f.read()
    except FileNotFoundError:
        return None


def report(path):
    """What a report says, without what differs between two runs of one scan; None: there is none."""
    written = text(path)
    if written is None:
        return None
    said = json.loads(written)
    for key in ("run", "signature"):
        said.pop(key, None)
    # Fingerprints have a salt of the home; a fresh one has its own.  A line number that
    # could not be counted afterwards is null; the finding stands at its byte all the same.
    return re.sub(r'"(fingerprint|salt|salt_id|fingerprint_salt|id|line)": ("[^"]*"|null|\d+)', "", json.dumps(said, sort_keys=True))


def whole(home):
    return json.loads(text(f"{home}/r.json"))["coverage"]["complete"]


def lines(home):
    """Of the ledger; -1: it is not whole."""
    said = run(home, ["log"], -1)
    return len(re.findall(r"^ +\d+  20", said.stdout, re.M)) if said.returncode == 0 else -1


def fresh(name, like=None):
    home = f"{TMP}/{name}"
    shutil.rmtree(home, ignore_errors=True)
    if like is None:
        os.makedirs(home)
        for disk in ("tree.raw", "clean.raw"):
            os.symlink(f"{TMP}/{disk}", f"{home}/{disk}")
    else:
        shutil.copytree(like, home, symlinks=True)
    return home


def numbers(many, runs):
    step = EVERY or max(1, many // runs)
    # The last calls are those that save: all of them.
    return sorted({*range(1, many + 1, step), *range(max(1, many - 8), many + 1)})


def try_all(name, start, command, judge, runs):
    """judge(home, outcome, undisturbed outcome, undisturbed home) returns what is wrong, or None."""
    good_home = fresh("good", start)
    good = run(good_home, command)
    many = int(text(f"{TMP}/count"))
    problems, quiet = [], 0
    if good.returncode not in (0, 1):
        problems.append(f"undisturbed: exit {good.returncode}: {good.stderr}")
    for i, nth in enumerate(numbers(many, runs)):
        error = list(ERRNOS)[i % len(ERRNOS)]
        home = fresh("home", start)
        got = run(home, command, nth, ERRNOS[error])
        again = None
        wrong = None
        if got.returncode < 0 or got.returncode > 3:
            wrong = f"died: {got.returncode}"
        elif got.returncode < 2:
            quiet += 1
            wrong = "a yes that undisturbed is a no" if got.returncode < good.returncode else None
        wrong = wrong or judge(home, got, good, good_home)
        if wrong is None and got.returncode >= 2:
            again = run(home, command)
            if again.returncode != good.returncode:
                wrong = f"the next command: exit {again.returncode}: {again.stderr[-300:]}"
            elif lines(home) < 0:
                wrong = "the ledger is not whole after the next command"
        if wrong is not None:
            problems.append(f"{name}, call {nth} of {many}, {error}: {wrong}; stderr: {got.stderr[-300:]!r}")
    print(f"# {name}: {many} calls, {quiet} failed without harm", file=sys.stderr)
    ok(f"{name}: no call that fails does harm", problems)


def judge_scan(home, got, good, good_home):
    old = None if "/policy.yml" not in str(glob.glob(f"{home}/*")) else report(f"{START}/r.json")
    try:
        now = report(f"{home}/r.json")
    except ValueError:
        return "half a report"
    want = report(f"{good_home}/r.json")
    if got.returncode < 2 and now != want and (got.returncode == 0 or whole(home)):
        return "another report than undisturbed"
    if got.returncode < 2 and lines(home) != lines(good_home):
        return "the scan is not on record"
    if got.returncode >= 2 and now not in (old, want):
        if now is not None and (whole(home) or run(home, ["report", "r.json"], -1).returncode != 0):
            return "could not finish, but the report says complete"
    left = glob.glob(f"{home}/r.json?*") + glob.glob(f"{home}/.r.json*")
    return f"left behind: {left}" if left else None


def ageless(verdict):
    """A verdict says how old the report is."""
    return re.sub(r"\b\d+ (s|min|h|days?)\b", "", verdict)


def judge_gate(home, got, good, good_home):
    if got.returncode >= 2:
        return "a yes" if "verdict: yes" in got.stdout and good.returncode != 0 else None
    if ageless(got.stdout) != ageless(good.stdout) and (got.returncode == 0 or "verdict: no" not in got.stdout):
        return f"another verdict: {got.stdout[-200:]!r}"
    return "the verdict is not on record" if lines(home) != lines(good_home) else None


def clearances(home):
    """A first entry makes the file before it locks it: an empty one has none."""
    return re.sub(r"(created|who): .*", "", text(f"{home}/c.yml") or "")


def judge_clear(home, got, good, good_home):
    now, old, new = clearances(home), clearances(START), clearances(good_home)
    if now not in (old, new):
        return f"half a file: {now!r}"
    if got.returncode == 0 and now != new:
        return "cleared, but not in the file"
    return "cleared, but not on record" if got.returncode == 0 and lines(home) != lines(good_home) else None


def judge_log(home, got, good, good_home):
    return "another log" if got.returncode < 2 and got.stdout != good.stdout else None


if not os.path.exists(SHIM):
    print("1..0 # SKIP not with a sanitizer, which has to be loaded first")
    sys.exit(0)
for name, leaves in ("tree", LEAVES % "Inv3nted/Secret+That0pensNothing1234567A"), ("clean", "nothing to see here\n"):
    os.makedirs(f"{TMP}/{name}/root/.aws")
    with open(f"{TMP}/{name}/root/.aws/credentials", "w") as out:
        out.write(leaves)
    subprocess.run(f"truncate -s 2M {TMP}/{name}.raw && PATH=$PATH:/usr/sbin:/sbin "
                   f"mke2fs -q -F -t ext2 -d {TMP}/{name} {TMP}/{name}.raw", shell=True, check=True)

SCAN, SCAN_CLEAN = ["scan", "tree.raw", "-o", "r.json"], ["scan", "clean.raw", "-o", "r.json"]
EMPTY, START = fresh("empty"), fresh("start")
assert run(START, ["scan", "clean.raw", "-o", "clean.json"], -1).returncode == 0
assert run(START, SCAN, -1).returncode == 1
with open(f"{START}/policy.yml", "w") as out:
    out.write("allow_asserted: true\n")
found = json.loads(text(f"{START}/r.json"))["findings"][0]["fingerprint"]


def clear(reason):
    return ["clear", "r.json", found, "--reason", reason, "--by", "ada@example.org", "--expires", "2099-12-31",
            "--clearances", "c.yml"]


try_all("a first scan", EMPTY, SCAN_CLEAN, judge_scan, 9)
try_all("a scan of a clean disk", START, SCAN_CLEAN, judge_scan, 7)
try_all("a scan", START, SCAN, judge_scan, 7)
try_all("gate, a no", START, ["gate", "r.json"], judge_gate, 6)
try_all("gate, a yes", START, ["gate", "clean.json", "--policy", "policy.yml"], judge_gate, 6)
try_all("clear", START, clear("an invented reason"), judge_clear, 6)
assert run(START, clear("an invented reason"), -1).returncode == 0
try_all("a second clear", START, clear("another invented reason"), judge_clear, 6)
try_all("log", START, ["log"], judge_log, 9)
print(f"1..{tests}")
