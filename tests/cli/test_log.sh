#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# imgvet log: what was done stands in the ledger, and tampering shows.
. "$TOP/tests/lib.sh"
. "$TOP/tests/reports.sh"
cd "$work" || exit
plant dirty
log() { run "$IMGVET" log "$@"; }
sql() { # FILE STATEMENT: by a stranger to imgvet, with the guards in force unless it drops them
  "$PYTHON" - "$1" "$2" <<'PY'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.executescript(sys.argv[2])
db.commit()
PY
}
kinds() { "$PYTHON" -c 'import json,sys; print(*[l["kind"] for l in json.load(sys.stdin)])' <<<"$out"; }

log
is "no ledger yet: nothing to show" "$status $out" "0 "
log --json
is "as JSON: an empty list" "$status $out" "0 []"
ok "looking makes none" [ ! -e "$XDG_DATA_HOME/imgvet/ledger.db" ]
log --ledger nowhere.db
is "one that was named must be there" "$status" 3
like "and is named" "$err" '^imgvet: error: nowhere\.db: there is no such ledger'

report dirty r.json
pem=$(fingerprint r.json id_ed25519)
run "$IMGVET" clear r.json "$pem" --reason 'an invented key of the tests' --by ada --expires 2099-12-31
run "$IMGVET" gate r.json --account 1234567890123456
file=$XDG_DATA_HOME/imgvet/ledger.db
is "the ledger is its owner's" "$(stat -c %a "$file")" 600
log
is "the chain is whole" "$status" 0
is "nothing to warn of" "$err" ""
for kind in scan clearance verdict; do
  like "a line for the $kind" "$out" "^ +[0-9]+  20[0-9-]+ [0-9:]+  $kind +$(id -un)@"
done
like "the image's digest" "$out" "^      $(field r.json image.digest)\$"
like "the details" "$out" "by=ada expires=2099-12-31"
log --json
is "as JSON: the same lines" "$status $(kinds)" "0 scan clearance verdict"
like "times in ISO 8601" "$(field - 0.when)" '^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z$'
is "numbered, chained, closed" "$(field - 2.id) $(field - 2.chain_ok) $(field - 2.open)" "3 True False"
is "with all reasons" "$(field - 2.detail.reasons.0.effect)" blocks
unlike "no secret" "$out" 'Inv3nted|BEGIN PRIVATE'
ok "nor in the file" [ "$(grep -ac 'Inv3nted' "$file")" = 0 ]
run env IMGVET_LEDGER=other.db "$IMGVET" gate r.json
run env IMGVET_LEDGER=other.db "$IMGVET" log --json
is "the environment names a ledger" "$(kinds)" "verdict"
log operand
is "an operand is wrong usage" "$status" 2

# --- the guards ---
cp "$file" l.db
for statement in "UPDATE ledger SET who = 'nobody'" "DELETE FROM ledger" \
  "INSERT INTO ledger VALUES (9, 1, 'verdict', '', '', '{}', '', '')" \
  "INSERT INTO ledger VALUES (4, 1, 'verdict', '', '', '{}', 'x', 'y')"; do
  if sql l.db "$statement" 2>/dev/null; then done=0; else done=1; fi
  is "refused: $statement" "$done" 1
done
log --ledger l.db
is "and nothing has changed" "$status" 0

# --- behind their back ---
drop=$("$PYTHON" -c 'import sqlite3,sys
for r in sqlite3.connect(sys.argv[1]).execute("select name, sql from sqlite_master where type=\"trigger\""): print(f"DROP TRIGGER {r[0]};")' l.db)
make=$("$PYTHON" -c 'import sqlite3,sys
for r in sqlite3.connect(sys.argv[1]).execute("select name, sql from sqlite_master where type=\"trigger\""): print(f"{r[1]};")' l.db)
tampered() { # NAME REGEX STATEMENT: exit 1, and the reason on stdout or stderr
  cp "$file" l.db
  sql l.db "$drop $3; $make"
  log --ledger l.db
  is "$1: exit 1" "$status" 1
  like "$1: is shown" "$out$err" "$2"
  log --ledger l.db --json
  is "$1: exit 1 with --json too" "$status" 1
}
tampered "a verdict changed" 'BROKEN CHAIN' "UPDATE ledger SET detail = replace(detail, '\"no\"', '\"yes\"') WHERE kind = 'verdict'"
is "that line alone is marked" "$(field - 0.chain_ok) $(field - 1.chain_ok) $(field - 2.chain_ok)" "True True False"
tampered "somebody else did it" 'BROKEN CHAIN' "UPDATE ledger SET who = 'eve@elsewhere' WHERE id = 2"
tampered "at another time" 'BROKEN CHAIN' "UPDATE ledger SET at = at - 86400 WHERE id = 1"
tampered "a line removed" 'BROKEN CHAIN' "DELETE FROM ledger WHERE id = 2"
tampered "the first removed" 'BROKEN CHAIN' "DELETE FROM ledger WHERE id = 1"
tampered "the end cut off" 'end was cut off: it went up to line 3, it ends at line 2' "DELETE FROM ledger WHERE id = 3"
tampered "all of it cut off" 'end was cut off' "DELETE FROM ledger"
tampered "a line added" 'BROKEN CHAIN' "INSERT INTO ledger SELECT 4, at, kind, who, digest, '{}', hash, hash FROM ledger WHERE id = 3"
make=
tampered "only the guards removed" 'the guards of the ledger were removed or changed' ""

# --- no ledgers ---
none() { # NAME: l.db is no ledger
  log --ledger l.db
  is "$1: exit 3" "$status" 3
  is "$1: nothing shown" "$out" ""
  like "$1: is named" "$err" '^imgvet: error: l\.db: '
}
rm -f l.db
echo text >l.db
none "a text"
rm l.db
sql l.db 'CREATE TABLE ledger (id)'
none "another program's"
rm l.db
mkdir l.db
none "a folder"
rmdir l.db
cp "$file" l.db
truncate -s 5000 l.db
log --ledger l.db
is "a cut file: exit 3" "$status" 3
cp "$file" l.db
printf '\e[31mred\e[0m' >esc
sql l.db "$drop UPDATE ledger SET who = char(27) || '[31mred', detail = '{\"k\": \"' || char(27) || '[2J\"}' WHERE id = 1"
log --ledger l.db
unlike "no control character reaches the terminal" "$out" $'\e'
done_testing
