#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A fault campaign: imgvet share and unshare against a cloud that fails in every way it can.

    test_faults.py [--runs N] [--first SEED] [--workers N] [--keep]

Each run is made from its number alone, so a run that fails can be had again: --first SEED --runs 1.
It puts an image with some receivers into the stand-in, gives that a script of faults, runs one
command (and kills it at a random moment, now and then), and then runs the same command again without
faults.  What must hold:

    no-pass      a report that the gate refuses leads to no request that changes anything
    asked        nobody has access who had none before and was not asked for, and nobody lost it who
                 was not to lose it
    recorded     every request that the stand-in saw is in the ledger, which is whole; what stays
                 open there was killed
    honest       exit 0 only when the cloud's list is as asked
    converges    the second run ends with exit 0 and exactly the asked list
    secrets      no secret in anything printed or recorded

In make check it is run in a short form; make check-faults makes 2,000 runs of it.
"""
import argparse
import concurrent.futures
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import traceback
import urllib.request

TOP = os.environ.get("TOP") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
IMGVET = os.environ.get("IMGVET") or os.path.join(TOP, "build/imgvet")
IMAGE, REGION = "m-bp1imgvetdemo001", "cn-hangzhou"
KEYS = {
    "ALIBABA_CLOUD_ACCESS_KEY_ID": "imgvet-demo-sts-id",
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "imgvet-demo-sts-secret-that-opens-nothing",
    "ALIBABA_CLOUD_SECURITY_TOKEN": "imgvet-demo/token+that=opens==nothing",
}
SECRETS = [KEYS["ALIBABA_CLOUD_ACCESS_KEY_SECRET"], KEYS["ALIBABA_CLOUD_SECURITY_TOKEN"]]
ACTIONS = ["DescribeImages", "DescribeImageSharePermission", "ModifyImageSharePermission", "GetCallerIdentity",
           "TagResources", "*"]
SHARES = ["ListResourceShareAssociations", "ListResourceShares", "CreateResourceShare", "AssociateResourceShare",
          "DisassociateResourceShare", "DeleteResourceShare", "ListAccountsForParent"]
CHANGES = {"ModifyImageSharePermission", "TagResources", "CreateResourceShare", "AssociateResourceShare",
           "DisassociateResourceShare", "DeleteResourceShare"}
FOLDERS = [f"fd-fault{n}" for n in range(9)]
COMMAND_SECONDS = 150


def fault(dice):
    """One way to fail, as a rule of the stand-in's script."""
    code = lambda status, name: {"do": "fail", "status": status, "code": name}  # noqa: E731
    return dice.choice([
        {"do": "drop-before"}, {"do": "drop-after"}, {"do": "cut"}, {"do": "length", "bytes": dice.choice([-3, 5])},
        code(500, "InternalError"), code(503, "ServiceUnavailable"), code(502, "BadGateway"), code(409, "OperationConflict"),
        {"do": "throttle", "wait_ms": dice.randrange(1, 120)}, code(429, "Throttling.Api"), code(400, "SystemBusy"),
        {"do": "slow", "bytes": 60, "ms": 3}, {"do": "delay", "ms": dice.randrange(1, 80)}, {"do": "delay-after", "ms": dice.randrange(1, 80)},
        code(400, "SignatureNonceUsed"), {"do": "expired-token"}, {"do": "skew", "seconds": dice.choice([-1200, 1200, 5000])},
        {"do": "raw", "body": dice.choice(["", "{", "{}", "[]", "null", "<html>", '{"RequestId":1}'])},
        {"do": "raw", "status": 502, "body": "<html>"}, {"do": "redirect", "location": "http://127.0.0.1:1/"},
        code(403, "Forbidden.RAM"), {"do": "lie"}, {"do": "forget"},
    ])


class Plan:
    """What one run is, from its number."""

    def __init__(self, number):
        dice = random.Random(number)
        crowd = [str(2000000000000001 + n) for n in range(40)]
        self.number = number
        self.verb = "unshare" if dice.random() < 0.3 else "share"
        self.before = dice.sample(crowd, dice.randrange(0, 12))
        self.wanted = dice.sample(crowd, dice.choice([1, 1, 2, 3, 9, 10, 11, 20, 23]))
        self.report = dice.choice(["edited", "dirty", "stale"]) if self.verb == "share" and dice.random() < 0.15 else "clean"
        self.rules = [dict(fault(dice), action=dice.choice(ACTIONS), times=dice.choice([1, 1, 1, 2, 3]), skip=dice.choice([0, 0, 0, 1, 2]))
                      for _ in range(dice.choice([0, 1, 1, 1, 2, 2, 3, 4]))]
        self.kill = dice.uniform(0.005, 0.5) if dice.random() < 0.3 else None
        # Half of those that are killed are killed while a change is under way.
        if self.kill and dice.random() < 0.5:
            what = dice.choice(["delay", "delay-after"])
            self.rules.insert(0, {"action": "ModifyImageSharePermission", "do": what, "ms": 700, "skip": dice.choice([0, 0, 1])})
            self.kill = dice.uniform(0.05, 0.6)
        self.option = "--account"
        if number % 4 == 3:
            self.use_units(dice)

    def use_units(self, dice):
        """The same with folders of an organization in place of accounts."""
        self.option = "--organization"
        self.before = dice.sample(FOLDERS, dice.randrange(0, 5))
        self.wanted = dice.sample(FOLDERS, dice.choice([1, 1, 2, 5, 6, 7]))
        for rule in self.rules:
            if rule["action"] == "ModifyImageSharePermission":
                rule["action"] = dice.choice(["CreateResourceShare", "AssociateResourceShare", "DisassociateResourceShare"])
            elif rule["action"] == "DescribeImageSharePermission":
                rule["action"] = dice.choice(SHARES)

    def after(self):
        if self.verb == "share":
            return set(self.before) | set(self.wanted)
        return set(self.before) - set(self.wanted)


class Bench:
    """One worker's stand-in, ledger and reports."""

    def __init__(self, reports):
        self.home = tempfile.mkdtemp(prefix="imgvet-fault-")
        self.reports, self.log, self.ledger = reports, f"{self.home}/calls.log", f"{self.home}/ledger.db"
        self.env = dict(os.environ, **KEYS, IMGVET_LEDGER=self.ledger)
        self.standin = subprocess.Popen([sys.executable, f"{TOP}/tests/cloud/standin.py", "--port-file", f"{self.home}/port",
                                         "--log", self.log])
        for _ in range(500):
            if os.path.exists(f"{self.home}/port"):
                break
            time.sleep(0.05)
        open(self.log, "a", encoding="utf-8").close()
        with open(f"{self.home}/port", encoding="ascii") as f:
            self.url = f"http://127.0.0.1:{f.read().strip()}"

    def stop(self):
        self.standin.kill()
        self.standin.wait()
        shutil.rmtree(self.home)

    def control(self, path, value):
        body = json.dumps(value).encode()
        with urllib.request.urlopen(urllib.request.Request(self.url + path, data=body), timeout=20) as answer:
            return json.load(answer)

    def receivers(self, plan):
        has = self.control("/_look", {})
        images = has["images"]
        if plan.option == "--organization":
            live = [t for t in has["associations"] if t["AssociationStatus"] in ("Associating", "Associated")]
            holding = {t["ResourceShareId"] for t in live if t["EntityId"] == IMAGE}
            return {t["EntityId"] for t in live if t["AssociationType"] == "Target" and t["ResourceShareId"] in holding}
        return [set(i["accounts"]) for i in images if i["ImageId"] == IMAGE][0]

    def quiet(self):
        """What a killed command had sent may still be under way: it is not to act in the next run."""
        for _ in range(400):
            if len(self.requests()) >= self.control("/_look", {})["requests"]:
                return
            time.sleep(0.02)

    def fresh(self, plan):
        self.quiet()
        for name in os.listdir(self.home):
            if name.startswith("ledger.db"):
                os.remove(f"{self.home}/{name}")
        open(self.log, "w", encoding="utf-8").close()
        self.control("/_reset", [])
        if plan.option == "--organization":
            self.fill_directory(plan)
        else:
            self.control("/_set", {"images": {IMAGE: {"accounts": plan.before}}})
        self.control("/_script", plan.rules)

    def fill_directory(self, plan):
        """Folders for all, and imgvet's share with those that have the image before."""
        directory = self.control("/_look", {})["directory"]
        folders = dict(directory["folders"], **{f: {"name": f, "parent": directory["root"]} for f in FOLDERS})
        tied = [("Resource", IMAGE, "Image")] + [("Target", unit, "Account") for unit in plan.before]
        share = {"ResourceShareId": "rs-imgvet000001", "ResourceShareName": f"imgvet-{IMAGE}", "ResourceShareStatus": "Active",
                 "AllowExternalTargets": False}
        ties = [{"ResourceShareId": share["ResourceShareId"], "ResourceShareName": share["ResourceShareName"],
                 "AssociationType": kind, "EntityId": entity, "EntityType": entity_type, "AssociationStatus": "Associated",
                 "AssociationStatusMessage": "", "AssociationFailedDetails": [], "External": False,
                 "CreateTime": "2026-01-02T03:04:05Z", "UpdateTime": "2026-01-02T03:04:05Z", "polls": 0, "failed": None}
                for kind, entity, entity_type in tied]
        self.control("/_set", {"directory": dict(directory, folders=folders), "shares": {share["ResourceShareId"]: share} if plan.before else {},
                               "associations": ties if plan.before else []})

    def command(self, plan):
        report = [self.reports[plan.report]] if plan.verb == "share" else []
        accounts = [word for account in plan.wanted for word in (plan.option, account)]
        return [IMGVET, plan.verb, *report, "--image-id", IMAGE, "--region", REGION, "--endpoint", self.url, "--yes", *accounts,
                *(["--policy", self.reports["policy"]] if plan.verb == "share" else [])]

    def run(self, plan, kill=None):
        child = subprocess.Popen(self.command(plan), env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, text=True)
        try:
            out, _ = child.communicate(timeout=kill or COMMAND_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            out, _ = child.communicate()
            return (-9 if kill else "hangs"), out
        return child.returncode, out

    def lines(self):
        done = subprocess.run([IMGVET, "log", "--json"], env=self.env, capture_output=True, text=True, timeout=60)
        if not os.path.exists(self.ledger):
            return []
        assert done.returncode == 0, f"recorded: the ledger is not whole: {done.stderr}"
        return json.loads(done.stdout)

    def requests(self):
        with open(self.log, encoding="utf-8") as f:
            return [json.loads(line) for line in f]


def words(action, params):
    return action, frozenset(f"{name}={value}" for name, value in params.items())


def check_recorded(lines, requests, killed):
    begun = set()
    for line in lines:
        if line["kind"] == "call-begin":
            action, *rest = line["detail"]["call"].split(" ")
            begun.add((action, frozenset(rest)))
            assert killed or not line["open"], f"recorded: left open without a kill: {line['detail']['call']}"
    for request in requests:
        assert words(request["action"], request["params"]) in begun, f"recorded: not in the ledger: {request['action']} {request['params']}"


def check_asked(plan, now):
    before, wanted = set(plan.before), set(plan.wanted)
    gained, lost = now - before, before - now
    if plan.verb == "share":
        assert gained <= wanted and not lost, f"asked: gained {gained - wanted}, lost {lost}"
    else:
        assert lost <= wanted and not gained, f"asked: lost {lost - wanted}, gained {gained}"


def check_secrets(*texts):
    for text in texts:
        for secret in SECRETS:
            assert secret not in text, f"secrets: {secret[:12]}... was shown"


def check_refused(bench, plan, code, out):
    assert code in (1, -9), f"no-pass: exit {code} for a {plan.report} report: {out}"
    changed = [r["action"] for r in bench.requests() if r["changed"] or r["action"] in CHANGES]
    assert not changed, f"no-pass: {changed} for a {plan.report} report"
    assert bench.receivers(plan) == set(plan.before), "no-pass: the list is another"


def check_first(bench, plan, code, out):
    now = bench.receivers(plan)
    check_asked(plan, now)
    check_secrets(out)
    assert code in (0, 1, 2, 3, -9), f"honest: exit {code}: {out}"
    assert code != 0 or now == plan.after(), f"honest: exit 0, and the list is {now}"
    lines = bench.lines()
    check_recorded(lines, bench.requests(), code == -9)
    check_secrets(json.dumps(lines))


def check_again(bench, plan):
    bench.control("/_script", [])
    code, out = bench.run(plan)
    assert code == 0, f"converges: exit {code}: {out}"
    assert bench.receivers(plan) == plan.after(), "converges: not to the asked list"
    check_recorded(bench.lines(), bench.requests(), True)
    check_secrets(out, json.dumps(bench.lines()))


def one_run(bench, number):
    """None, or what does not hold.  What the run was is in the answer too."""
    plan = Plan(number)
    bench.fresh(plan)
    try:
        code, out = bench.run(plan, plan.kill)
        if plan.report != "clean":
            check_refused(bench, plan, code, out)
            return None, code, plan
        check_first(bench, plan, code, out)
        check_again(bench, plan)
    except Exception as problem:  # a run that breaks the campaign is a run that failed
        what = str(problem) if isinstance(problem, AssertionError) else traceback.format_exc()
        return f"run {number} ({plan.verb} {plan.option}, {plan.report}): {what}\nscript: {json.dumps(plan.rules)}", None, plan
    return None, code, plan


def make_reports(home):
    """A report that passes, and three that do not."""
    def scan(name, files):
        folder, disk = f"{home}/{name}", f"{home}/{name}.raw"
        os.makedirs(f"{folder}/etc")
        for path, text in files.items():
            with open(f"{folder}/{path}", "w", encoding="ascii") as f:
                f.write(text)
        with open(disk, "wb") as f:
            f.truncate(2 << 20)
        subprocess.run(["mke2fs", "-q", "-t", "ext2", "-d", folder, disk], check=True)
        subprocess.run([IMGVET, "scan", "-q", disk, "-o", f"{home}/{name}.json"], stdout=subprocess.DEVNULL, check=False,
                       env=dict(os.environ, IMGVET_LEDGER=f"{home}/scans.db"))
        return f"{home}/{name}.json"

    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIInvented0Invented0Invented0Invented0Invente0 nobody@example\n"
    reports = {"clean": scan("clean", {"etc/motd": "Have a nice day.\n"}),
               "dirty": scan("dirty", {"etc/shadow": "root:$6$invented$" + "Invented0" * 9 + "Inve.:19000:0:99999:7:::\n",
                                       "etc/motd": key})}
    with open(reports["clean"], encoding="utf-8") as f:
        report = json.load(f)
    report["image"]["size"] = 4096
    reports["edited"], reports["stale"] = f"{home}/edited.json", f"{home}/stale.json"
    with open(reports["edited"], "w", encoding="utf-8") as f:
        json.dump(report, f)
    report = json.loads(open(reports["clean"], encoding="utf-8").read())
    report["run"]["finished"] = report["run"]["started"] = "2020-01-01T00:00:00Z"
    with open(reports["stale"], "w", encoding="utf-8") as f:
        json.dump(report, f)
    reports["policy"] = f"{home}/policy.yml"
    with open(reports["policy"], "w", encoding="ascii") as f:
        f.write("allow_asserted: true\n")
    return reports


def tell(results):
    """TAP: a test for each promise, so that a failure names what was broken."""
    failures = [problem for problem, _, _ in results if problem]
    promises = ["no-pass", "asked", "recorded", "honest", "converges", "secrets"]
    print(f"1..{len(promises) + 1}")
    for number, promise in enumerate(promises, 1):
        broken = [f for f in failures if f"): {promise}:" in f]
        print(f"{'not ok' if broken else 'ok'} {number} - {promise}: {len(results)} runs, broken in {len(broken)}")
    others = [f for f in failures if not any(f"): {p}:" in f for p in promises)]
    print(f"{'not ok' if others else 'ok'} {len(promises) + 1} - every run ends")
    for failure in failures[:20]:
        print("\n".join("# " + line for line in failure.split("\n"))[:3000], file=sys.stderr)
    codes = {}
    for _, code, plan in results:
        what = f"{plan.verb} {'' if plan.report == 'clean' else 'refused '}exit {code}"
        codes[what] = codes.get(what, 0) + 1
    print("# first runs: " + ", ".join(f"{n} {what}" for what, n in sorted(codes.items())))
    return not failures


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--runs", type=int, default=int(os.environ.get("FAULT_RUNS", "60")))
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--workers", type=int, default=8)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="imgvet-faults-") as home:
        os.environ.update(XDG_CONFIG_HOME=f"{home}/config", XDG_DATA_HOME=f"{home}/data")
        reports = make_reports(home)
        benches = [Bench(reports) for _ in range(min(options.workers, options.runs))]
        try:
            free = list(benches)

            def work(number):
                bench = free.pop()
                try:
                    return one_run(bench, number)
                finally:
                    free.append(bench)

            with concurrent.futures.ThreadPoolExecutor(len(benches)) as pool:
                results = list(pool.map(work, range(options.first, options.first + options.runs)))
        finally:
            for bench in benches:
                bench.stop()
    sys.exit(0 if tell(results) else 1)


if __name__ == "__main__":
    main()
