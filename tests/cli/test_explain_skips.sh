#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# --explain-skips: what a scan passed over is counted by reason, stands in the report's run,
# and is shown as a table.  tests/golden/findings-skips.txt is that of findings.json
# (GOLDEN=write rewrites it).
. "$TOP/tests/lib.sh"
. "$TOP/tests/disk.sh"

# --- the golden table ---
golden=$TOP/tests/golden
run "$IMGVET" report --explain-skips "$golden/findings.json"
is "a report shows its skips" "$status" 0
is "behind the summary" "$(head -n "$(wc -l <"$golden/findings.txt")" <<<"$out")" "$(cat "$golden/findings.txt")"
tail -n "+$(($(wc -l <"$golden/findings.txt") + 1))" "$work/.out" >"$work/table"
[ "${GOLDEN:-}" != write ] || cp "$work/table" "$golden/findings-skips.txt"
ok "the table, byte for byte" diff "$golden/findings-skips.txt" "$work/table"
unlike "at most 80 columns" "$(cat "$work/table")" '^.{81}'
run "$IMGVET" report "$golden/findings.json"
unlike "only where it is asked for" "$out" 'PASSED OVER'
run "$IMGVET" report --explain-skips "$golden/clean.json"
like "a report of an imgvet that did not count says so" "$out" 'the report does not say'
"$PYTHON" - "$golden/findings.json" "$work" <<'PY'
import json, sys
good = json.load(open(sys.argv[1]))
for name, skips in {"number": 1, "text": ["hole"], "zero": [dict(reason="hole", count=0, account="empty")],
                    "short": [dict(reason="hole", count=1)]}.items():
    good["run"]["skips"] = skips
    json.dump(good, open(f"{sys.argv[2]}/bad-{name}.json", "w"))
good["run"]["skips"] = [dict(reason="a\x1b[2J\nb", count=1, account="c\x1b[2J")]
json.dump(good, open(f"{sys.argv[2]}/hostile.json", "w"))
PY
for bad in "$work"/bad-*.json; do
  run "$IMGVET" report --explain-skips "$bad"
  is "refused: $(basename "$bad")" "$status" 3
  like "and where it is wrong" "$err" 'run\.skips'
done
run "$IMGVET" report --explain-skips "$work/hostile.json"
unlike "a stranger's reason steers no terminal" "$out" $'\e'

# --- a scan: one decision of each kind, planted ---
mkdir -p "$work/tree/usr/share/doc/x" "$work/tree/opt"
printf 'password = example\n' >"$work/tree/opt/placeholder"
printf 'plain\n' >"$work/tree/opt/file"
ln "$work/tree/opt/file" "$work/tree/opt/again"
mkfifo "$work/tree/opt/fifo"
truncate -s 4M "$work/tree/opt/sparse"
make_disk "$work/tree" "$work/disk.raw"
run "$IMGVET" scan --explain-skips "$work/disk.raw" -o "$work/disk.json"
is "a clean disk stays clean" "$status" 0
like "the table has its head" "$out" '^PASSED OVER  Every decision not to look'
count() { field "$work/$1.json" "{s['reason']: s['count'] for s in r['run']['skips']}.get('$2', 0)"; }
is "the fifo" "$(count disk special-file)" 1
for reason in owned unused hole allowed other-path internal; do
  ok "counted: $reason" [ "$(count disk "$reason")" -gt 0 ]
  like "shown: $reason" "$out" "^ +[0-9]+  $reason "
done
is "nothing was unread" "$(count disk unread)" 0
run "$IMGVET" scan --json --explain-skips "$work/disk.raw"
unlike "--json stays JSON" "$out" 'PASSED OVER'
is "each reason and its account is known, in the table's order" "$(field "$work/disk.json" \
  '[a for a, b in zip(r["run"]["skips"], r["run"]["skips"][1:]) if ["unread", "stored", "elsewhere", "empty", "judged"].index(a["account"]) > ["unread", "stored", "elsewhere", "empty", "judged"].index(b["account"])]')" "[]"

# --- what nobody looks at is a miss as well ---
cp "$work/disk.raw" "$work/cut.raw"
truncate -s 20M "$work/cut.raw"
run "$IMGVET" scan --explain-skips "$work/cut.raw" -o "$work/cut.json"
is "a cut disk is incomplete" "$status" 3
ok "and that is counted" [ "$(count cut unread)" -ge 1 ]
is "as often as coverage has misses" "$(count cut unread)" "$(field "$work/cut.json" \
  'sum(m["count"] for m in r["coverage"]["misses"]) + r["coverage"]["misses_dropped"]')"

# --- docs ---
"$PYTHON" - "$TOP" >"$work/docs" <<'PY'
import re, sys
code = open(sys.argv[1] + "/scanner/base/skip.c").read()
docs = open(sys.argv[1] + "/docs/report.md").read()
rows = re.findall(r'\[IV_SKIP_\w+\]\s*=\s*\{\s*"([a-z-]+)"\s*,((?:\s*"[^"]*")+)\s*,\s*IV_ACCOUNT_(\w+)', code)
for name, words, account in rows:
    words = "".join(re.findall(r'"([^"]*)"', words))
    if f"| `{name}` | `{account.lower()}` | {words} |" not in docs:
        print(name)
if len(rows) < 20:
    print("too few rows:", len(rows))
PY
is "docs/report.md explains every reason" "$(cat "$work/docs")" ""
done_testing
