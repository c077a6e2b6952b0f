# SPDX-License-Identifier: GPL-3.0-or-later
"""The script: a list of rules; the first with runs left that fits a request is used up by one.

    action      of the request; "*" (default) is any
    params      {name: value}: only requests that have these
    times       runs, 1 by default; -1 is for ever.  With `chance`, -1 is the default
    skip        lets that many fitting requests pass first
    chance      0.0 ... 1.0: the rule fits only that often; `seed` (0) makes the throws repeatable
    do          what happens, see faults.py
"""
import random


class Script:
    def __init__(self, rules):
        self.rules = rules
        for rule in rules:
            rule.setdefault("times", -1 if "chance" in rule else 1)
        self.dice = [random.Random(rule.get("seed", 0)) for rule in rules]

    def fits(self, number, action, params):
        rule = self.rules[number]
        if rule.get("action", "*") not in ("*", action) or rule["times"] == 0:
            return False
        if any(params.get(name) != value for name, value in rule.get("params", {}).items()):
            return False
        if rule.get("skip", 0) > 0:
            rule["skip"] -= 1
            return False
        return "chance" not in rule or self.dice[number].random() < rule["chance"]

    def rule_for(self, action, params):
        for number, rule in enumerate(self.rules):
            if self.fits(number, action, params):
                rule["times"] -= 1
                return rule
        return {}
