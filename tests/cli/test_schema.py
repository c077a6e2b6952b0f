#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real reports fit docs/report.schema.json, changed ones do not, and docs/report.md
explains every field that the schema has."""
import copy
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

import jsonschema

TOP, IMGVET = os.environ["TOP"], os.environ["IMGVET"]
os.environ["PATH"] += ":/usr/sbin:/sbin"
results = []

# Invented, and parts of no service's real token.
PLANTED = {
    "etc/app.env": b"MODE=test\nAWS_ACCESS_KEY_ID=AKIAQ3EGRT7XMPLW2F5B\n"
                   b"AWS_SECRET_ACCESS_KEY=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\n",
    "etc/key.pem": b"-----BEGIN PRIVATE KEY-----\n"
                   b"MC4CAQAwBQYDK2VwBCIEIAcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcH\n"
                   b"-----END PRIVATE KEY-----\n",
    "srv/bad\xffname.env": b"AWS_SECRET_ACCESS_KEY=pQs4wJx7rXUtnF3MIQK9MDgkbPyRfiCYz8v2kLmN\n",
}


def check(name, good, why=""):
    results.append((good, name))
    if not good:
        print(f"# {name}: {why}"[:2000], file=sys.stderr)


def plant(folder):
    for path, data in PLANTED.items():
        full = os.path.join(folder.encode(), os.fsencode(path) if path.isascii()
                            else path.encode("latin-1"))
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as out:
            out.write(data)


def tool(*args):
    subprocess.run(args, check=True, stdout=subprocess.DEVNULL)


def scan(*args):
    """The report that imgvet prints; exit 2 would mean that the test itself is wrong."""
    run = subprocess.run([IMGVET, "scan", "--json", "--quiet", *args], capture_output=True)
    if run.returncode not in (0, 1, 3) or not run.stdout:
        raise SystemExit(f"scan {args}: exit {run.returncode}: {run.stderr.decode()}")
    return json.loads(run.stdout)


def make_origin(work, raw):
    record, key = os.path.join(work, "origin.json"), os.path.join(work, "config/imgvet/signing.key")
    tool(sys.executable, os.path.join(TOP, "tests/make_origin.py"), key, record,
         "digest=" + scan(raw)["image"]["digest"])
    return record


def make_reports(work):
    tree, raw = os.path.join(work, "tree"), os.path.join(work, "disk.img")
    qcow2, odd = os.path.join(work, "disk.qcow2"), os.path.join(work, "odd.img")
    plant(tree)
    tool("truncate", "-s", "8M", raw)
    tool("mke2fs", "-q", "-t", "ext4", "-d", tree, raw)
    tool("qemu-img", "convert", "-c", "-O", "qcow2", raw, qcow2)
    with open(odd, "wb") as out:  # a volume that nobody can read
        out.write(b"no file system at all\n" * 4096 + bytes(512 * 1024))
    return {
        "raw": scan(raw),
        "raw, one thread": scan("--threads", "1", raw),
        "qcow2": scan(qcow2),
        "tree": scan("--reader", "tree", tree),
        "unreadable": scan("--reader", "native", odd),
        "raw, with its origin": scan("--origin", make_origin(work, raw), raw),
    }


def places(value, path=()):
    """Every (path, value) of a JSON tree, the root first."""
    yield path, value
    items = value.items() if isinstance(value, dict) else enumerate(value) \
        if isinstance(value, list) else ()
    for key, child in items:
        yield from places(child, path + (key,))


def changed(report, path, change):
    """A copy of the report where change(parent, key) was applied at the path."""
    report = {"report": copy.deepcopy(report)}
    parent = report
    for key in ("report",) + path[:-1] if path else ():
        parent = parent[key]
    change(parent, path[-1] if path else "report")
    return report["report"]


def set_to(value):
    def change(parent, key):
        parent[key] = value
    return change


def mutants(report):
    """Reports with one fault each: a field too many, one too few, one of another type."""
    for path, value in places(report):
        where = ".".join(map(str, path)) or "report"
        if isinstance(value, dict):
            yield where + ": unknown field", changed(report, path + ("extra",), set_to(1))
            for key in value:
                if path + (key,) not in (("run", "signature"), ("run", "skips"), ("origin",),
                                         ("coverage", "packed")):  # may be absent
                    yield f"{where}.{key}: absent", changed(
                        report, path + (key,), lambda parent, k: parent.pop(k))
        yield where + ": a number with a fraction", changed(report, path, set_to(0.5))
        yield where + ": wrapped in a list", changed(report, path, set_to([[value]]))
        if isinstance(value, int) and not isinstance(value, bool):
            yield where + ": negative", changed(report, path, set_to(-1))
            yield where + ": beyond 2^53", changed(report, path, set_to(2**53))
            yield where + ": as text", changed(report, path, set_to(str(value)))
        if isinstance(value, bool):
            yield where + ": as a number", changed(report, path, set_to(int(value)))


def contradictions(report):
    """Well-typed reports that cannot be true."""
    miss = {"volume": "disk", "path": None, "bytes": 1, "count": 1, "reason": "invented"}
    yield "complete with a miss", changed(report, ("coverage", "misses"), set_to([miss]))
    yield "complete with dropped misses", changed(report, ("coverage", "misses_dropped"), set_to(1))
    yield "complete with an unread volume", changed(
        report, ("coverage", "volumes", 0, "unread"), set_to(1))
    yield "a disk without a digest", changed(report, ("image", "digest"), set_to(None))
    yield "another digest", changed(report, ("image", "digest"), set_to("sha256:" + "0" * 64))
    yield "a later schema", changed(report, ("schema",), set_to(2))
    yield "line 0", changed(report, ("findings", 0, "line"), set_to(0))
    yield "no occurrences", changed(report, ("findings", 0, "occurrences"), set_to(0))
    yield "another severity", changed(report, ("findings", 0, "severity"), set_to("awful"))
    yield "a path without a slash", changed(report, ("findings", 0, "path"), set_to("etc/x"))
    yield "a short fingerprint", changed(report, ("findings", 0, "fingerprint"), set_to("0" * 31))


def check_reports(validator, reports):
    for name, report in reports.items():
        errors = [f"{'.'.join(map(str, e.absolute_path))}: {e.message}"
                  for e in validator.iter_errors(report)]
        check(f"the report of {name} fits the schema", not errors, "; ".join(errors))
    check("findings were planted and found", all(
        len(reports[n]["findings"]) >= 3 for n in ("raw", "qcow2", "tree")),
        {n: len(r["findings"]) for n, r in reports.items()})
    check("raw and qcow2 give the same findings and digest",
          reports["raw"]["findings"] == reports["qcow2"]["findings"] and
          reports["raw"]["image"]["digest"] == reports["qcow2"]["image"]["digest"])
    check("two scans of one image differ in the run alone", all(
        reports["raw"][key] == reports["raw, one thread"][key]
        for key in reports["raw"] if key != "run"))
    check("an unreadable volume is coverage", not reports["unreadable"]["coverage"]["complete"] and
          reports["unreadable"]["coverage"]["misses"] != [])
    check("a name that is not UTF-8 is escaped",
          any("bad\\xffname" in (f["path"] or "") for f in reports["raw"]["findings"]))


def check_mutants(validator, reports):
    faults = [m for n in ("raw", "unreadable", "raw, with its origin") for m in mutants(reports[n])]
    missed = [name for name, report in faults if validator.is_valid(report)]
    check(f"{len(faults)} reports with one fault each are refused", faults and not missed, missed)
    for name, report in contradictions(reports["raw"]):
        check(f"refused: {name}", not validator.is_valid(report))


def objects(schema, name="report"):
    """Every (name, schema) of an object, through $defs, items and properties."""
    for key, part in schema.get("$defs", {}).items():
        yield from objects(part, key)
    if schema.get("type") == "object" or "properties" in schema:
        yield name, schema
    for key, part in schema.get("properties", {}).items():
        yield from objects(part, key)


def check_schema(schema):
    named = [(n, s) for n, s in objects(schema) if s.get("type") == "object"]
    check("no object of the schema admits unknown fields",
          len(named) >= 9 and all(s.get("additionalProperties") is False for _, s in named),
          [n for n, s in named if s.get("additionalProperties") is not False])
    may_be_absent = {"run": {"signature", "skips"}, "report": {"origin"}, "coverage": {"packed"}}
    check("every field is required, origin, coverage.packed and the run's signature and skips excepted", all(
        set(s["properties"]) - may_be_absent.get(n, set()) == set(s["required"]) for n, s in named))
    with open(os.path.join(TOP, "docs/report.md")) as file:
        text = file.read()
    sections = dict(re.findall(r"^## `([a-z_]+)[^\n]*\n(.*?)(?=^## |\Z)", text, re.M | re.S))
    lost = [f"{n}.{field}" for n, s in named for field in s["properties"]
            if not re.search(rf"^\| `{field}` \|", sections.get(n, ""), re.M)]
    check("docs/report.md explains every field in its section", not lost, lost)
    known = {(n, field) for n, s in named for field in s["properties"]}
    stale = [f"{n}.{field}" for n, body in sections.items()
             for field in re.findall(r"^\| `([a-z_]+)` \|", body, re.M) if (n, field) not in known]
    check("docs/report.md explains no field that is not there", not stale, stale)


def main():
    with open(os.path.join(TOP, "docs/report.schema.json")) as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    with tempfile.TemporaryDirectory() as work:
        os.environ["XDG_CONFIG_HOME"] = os.path.join(work, "config")
        os.environ["XDG_DATA_HOME"] = os.path.join(work, "data")
        reports = make_reports(work)
    for path in glob.glob(os.path.join(TOP, "tests/golden/*.json")):
        with open(path) as file:
            reports["golden " + os.path.basename(path)] = json.load(file)
    check_schema(schema)
    check_reports(validator, reports)
    check_mutants(validator, reports)
    for number, (good, name) in enumerate(results, 1):
        print("ok" if good else "not ok", number, "-", name)
    print(f"1..{len(results)}")
    return 0 if all(good for good, _ in results) else 1


sys.exit(main())
