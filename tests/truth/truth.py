#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""make check-truth: is "complete" true, also when the image lies?

    IMGVET=build/imgvet tests/truth/truth.py [--seed N] [--count N] [--only N or KIND] [--jobs N] [--keep DIR]

Makes disks at random from a seed, plants invented secrets, asks the kernel and public tools
which of them a receiver reaches, and holds imgvet's report to that: see judge.py.  Needs root
and loop devices.  --only prints the recipe of one construction and what was reached."""
import argparse
import collections
import json
import multiprocessing
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import constructions
import judge
import reach
from disk import ENVIRONMENT, Cannot, Disk

IMGVET = os.path.abspath(os.environ.get("IMGVET", "build/imgvet"))
SCAN_SECONDS = 300


class Result:
    """Plain values: it crosses processes."""

    def __init__(self, number, kind):
        self.number, self.kind = number, kind
        self.wrong, self.recipe, self.reached, self.cannot = [], [], [], None
        self.tokens, self.accounted, self.complete = 0, 0, False


def why_not():
    """The reason to skip, or None."""
    if os.geteuid() != 0:
        return "needs root, to mount"
    if not os.path.exists("/dev/loop-control"):
        return "needs loop devices"
    for command, reason in ((["losetup", "-f"], "needs a free loop device"),
                            (["unshare", "--mount", "--propagation", "private", "true"], "needs a mount namespace")):
        if subprocess.run(command, capture_output=True, env=ENVIRONMENT).returncode:
            return reason
    return None


def scan(image, cwd, *options):
    """(report, error): the report that imgvet prints, or why there is none that holds."""
    command = [IMGVET, "scan", "--json", "--quiet", "--reader", "native", "--no-origin", "-j", "1", *options, image]
    try:
        done = subprocess.run(command, cwd=cwd, capture_output=True, timeout=SCAN_SECONDS,
                              env={**ENVIRONMENT, "XDG_CONFIG_HOME": f"{cwd}/.xdg", "XDG_DATA_HOME": f"{cwd}/.xdg"})
    except subprocess.TimeoutExpired:
        return None, f"no answer in {SCAN_SECONDS} s"
    said = done.stderr.decode(errors="replace")
    if "Sanitizer" in said or "runtime error" in said or done.returncode not in (0, 1, 3):
        return None, f"exit {done.returncode}: {said[-1500:]}"
    if not done.stdout:
        # Refused as a whole, with a reason: nobody takes that for clean.
        return {}, said
    return json.loads(done.stdout), said


def construct(seed, number, only, folder):
    """Builds it; a Disk, and the kind's name."""
    rng = random.Random(f"{seed}:{number}")
    kind = constructions.pick(number, only)
    disk = Disk(folder, rng)
    disk.note(f"# construction {number} of seed {seed}: {kind.__name__}")
    kind(disk)
    return disk


def judged(disk, result):
    """The scan of a disk, held against what can be reached."""
    reached = reach.everything(disk)
    report, said = scan(disk.image, disk.folder)
    result.reached = [str(r) for r in reached]
    if report is None:
        result.wrong = [f"the scan failed: {said}"]
    elif report:
        result.wrong = judge.failures(report, disk, reached)
        result.complete = report["coverage"]["complete"]
        result.tokens = len({r.token.name for r in reached})
    elif disk.complete:
        result.wrong = [f"honest, but refused: {said}"]


def one(job):
    seed, number, only, keep = job
    result = Result(number, constructions.pick(number, only).__name__)
    folder = tempfile.mkdtemp(prefix=f"truth-{number}-")
    try:
        disk = construct(seed, number, only, folder)
        result.recipe = disk.recipe
        judged(disk, result)
        if keep:
            shutil.copytree(folder, os.path.join(keep, str(number)), ignore=shutil.ignore_patterns("mnt*"), dirs_exist_ok=True)
    except Cannot as reason:
        result.cannot = str(reason)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return result


def in_pool(function, work, jobs, told=None):
    """(all results, in order of number; seconds)."""
    began, results = time.time(), []
    with multiprocessing.Pool(jobs) as pool:
        for result in pool.imap_unordered(function, work):
            results.append(result)
            (told or tell)(result)
    return sorted(results, key=lambda r: r.number), time.time() - began


def tell(result):
    if result.cannot:
        print(f"{result.number:5} {result.kind}: cannot be made here: {result.cannot}", flush=True)
    for line in result.wrong:
        print(f"{result.number:5} {result.kind}: {line}", flush=True)


def show(result):
    print("\n".join(result.recipe))
    for line in result.reached:
        print("reached:", line)


def sum_up(results, seconds):
    made = [r for r in results if not r.cannot]
    bad = collections.Counter(r.kind for r in made if r.wrong)
    print(f"{len(made)} constructions, {sum(r.tokens for r in made)} tokens within reach, {sum(r.complete for r in made)} scans complete, "
          f"{sum(bad.values())} constructions with a false word, {len(results) - len(made)} not made, {seconds:.0f} s")
    print("  made  within reach  complete  false")
    for kind in sorted({r.kind for r in made}):
        of = [r for r in made if r.kind == kind]
        print(f"{len(of):6} {sum(r.tokens for r in of):13} {sum(r.complete for r in of):9} {bad[kind]:6}  {kind}")
    return 1 if bad else 0


def arguments(count=500):
    words = argparse.ArgumentParser()
    words.add_argument("--seed", default="1")
    words.add_argument("--count", type=int, default=count)
    words.add_argument("--only", default="", help="a number, or a kind of construction")
    words.add_argument("--jobs", type=int, default=os.cpu_count())
    words.add_argument("--keep", help="copy what was made into this folder")
    return words.parse_args()


def alone_or_skip(what):
    """Ends with a word where nothing can be mounted; else goes on with mounts that are ours
    alone and end with us."""
    reason = why_not()
    if reason:
        print(f"imgvet: {what} skipped: {reason}")
        sys.exit(0)
    if not os.environ.get("TRUTH_ALONE"):
        os.environ["TRUTH_ALONE"] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, *sys.argv])


def main():
    options = arguments()
    alone_or_skip("check-truth")
    single = options.only.isdigit()
    kind = options.only if options.only and not single else None
    numbers = [int(options.only)] if single else range(options.count)
    results, seconds = in_pool(one, [(options.seed, number, kind, options.keep) for number in numbers], options.jobs)
    if len(results) == 1:
        show(results[0])
    return sum_up(results, seconds)


if __name__ == "__main__":
    sys.exit(main())
