#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# imgvet report: the golden texts, formats, and what it refuses.
#
# tests/golden/NAME.json is a report, NAME.txt what a reviewer sees of it at 80 columns.
# GOLDEN=write tests/cli/test_report.sh (through make check) rewrites the texts; review the diff.
source "$TOP/tests/lib.sh"
golden=$TOP/tests/golden
report() { run "$IMGVET" report "$@"; }

# change JSON CODE: a golden report, changed by a line of Python on the tree r
change() {
  "$PYTHON" - "$golden/$1.json" "$2" >"$work/changed.json" <<'PY'
import json, sys
r = json.load(open(sys.argv[1]))
exec(sys.argv[2])
json.dump(r, sys.stdout)
PY
}

# on a terminal of N columns; the carriage returns of the line discipline are taken off
on_terminal() {
  local columns=$1
  shift
  env TERM=xterm "$PYTHON" - "$columns" "$@" <<'PY'
import fcntl, os, pty, struct, sys, termios
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 50, int(sys.argv[1]), 0, 0))
    os.execvp(sys.argv[2], sys.argv[2:])
data = b""
while True:
    try:
        piece = os.read(fd, 65536)
    except OSError:
        break
    if not piece:
        break
    data += piece
sys.stdout.buffer.write(data.replace(b"\r\n", b"\n"))
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
PY
}

# --- golden texts ---------------------------------------------------------------------

for json in "$golden"/*.json; do
  text=${json%.json}.txt name=$(basename "$json" .json)
  report "$json"
  is "$name: shown" "$status" 0
  [ "${GOLDEN:-}" != write ] || cp "$work/.out" "$text"
  cmp "$work/.out" "$text" >&2 || diff "$text" "$work/.out" | head -40 >&2
  ok "$name: byte for byte" cmp -s "$work/.out" "$text"
  # Only a path may be longer than the terminal, and then it stands alone.
  is "$name: at most 80 columns" "$("$PYTHON" -c '
import sys, unicodedata
for line in open(sys.argv[1]).read().split("\n"):
    wide = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)
    if wide > 80 and not line.startswith("      /"):
        print(line)' "$work/.out")" ""
  ok "$name: no escape sequence off a terminal" [ "$(grep -c $'\e' "$work/.out")" = 0 ]
  report --format json "$json"
  ok "$name: as JSON it is the file itself" cmp -s "$work/.out" "$json"
done
ok "there are golden reports" [ "$(ls "$golden"/*.json | wc -l)" -ge 4 ]

# --- what it must say -----------------------------------------------------------------

report "$golden/findings.json"
like "severities are counted" "$out" '^  Findings +2 critical, 9 high, '
like "line and offset" "$out" 'p2 /etc/app\.env \(line 2, byte 31\)'
mkdir "$work/tree"
echo "AWS_SECRET_ACCESS_KEY=wJx7rXUtnF3MIQK9MDgkbPyRfiCYz8v2kLmN4pQs" >"$work/tree/app.env"
run "$IMGVET" scan --quiet --reader tree "$work/tree" -o "$work/tree.json"
is "a scan finds the invented key" "$status" 1
report "$work/tree.json"
fingerprint=$(grep -A1 '^    tree /app\.env (line 1, byte 22)' <<<"$out" | awk 'NR == 2 { print $1 }')
run "$IMGVET" clear "$work/tree.json" "$fingerprint" --reason 'invented for the test' \
  --by ada@example.org --expires 2099-12-31 --clearances "$work/clearances.yml" --ledger "$work/ledger"
is "imgvet clear takes the fingerprint as shown" "$status" 0
like "more than is listed is counted" "$(cat "$golden/findings.txt")" '^    and 3 more '

report "$golden/incomplete.json"
unlike "incomplete is not called clean" "$out" 'was searched as stored|no findings[:;]|Coverage +complete'
like "incomplete is said at the top" "$out" '^  Coverage +INCOMPLETE: at least 9\.2 MiB missed'
like "and at the end" "$(tail -2 <<<"$out")" 'not known to be clean'
for word in 'p3 .* 8\.0 MiB$' 'p4 .* some of it$' 'no native reader for xfs' 'partition table is damaged' \
  '1200 more places' 'and 5 more places'; do
  like "it says: $word" "$out" "$word"
done
# Every way to be incomplete alone is enough.
for code in 'c["misses_dropped"]=1' 'c["volumes"][0]["complete"]=False' 'c["volumes"][0]["unread"]=1' \
  'c["misses"]=[dict(volume="disk",path="/a",bytes=0,count=1,reason="why")]' 'c["complete"]=False'; do
  change clean "c=r['coverage'];$code"
  report "$work/changed.json"
  like "not clean: $code" "$(tail -2 <<<"$out")" 'not known to be clean'
done

# --- colour ------------------------------------------------------------------------------

shown=$(on_terminal 80 "$IMGVET" report "$golden/findings.json")
like "a terminal gets colour" "$shown" $'^\e\\[1;31mCRITICAL\e\\[0m  Private key'
is "colour aside it is the same text" "$(sed $'s/\e\\[[0-9;]*m//g' <<<"$shown")" "$(cat "$golden/findings.txt")"
unlike "NO_COLOR is obeyed" "$(NO_COLOR=1 on_terminal 80 "$IMGVET" report "$golden/findings.json")" $'\e'
unlike "TERM=dumb is obeyed" "$(on_terminal 80 env TERM=dumb "$IMGVET" report "$golden/findings.json")" $'\e'
wide=$(on_terminal 120 env NO_COLOR=1 "$IMGVET" report "$golden/findings.json")
like "a wide terminal is used" "$wide" 'Delete it from the image and revoke it at the sample service; hand a new one to the instance when it'

# --- hostile names --------------------------------------------------------------------------

change findings '
evil = "/a\x1b]0;owned\x07\x1b[2J\u202e\u200b\u2066txt\x7f\x9b1m\r\nRESULT: clean\nverdict: yes"
f = r["findings"][0]
for key in ("rule", "name", "path", "volume", "redacted", "reason", "remediation"): f[key] = evil
f["controls"] = [evil]
r["run"]["image"] = r["run"]["version"] = r["image"]["format"] = r["image"]["table"] = evil
r["run"]["signature"]["key"] = evil
r["coverage"]["notes"] = [evil]
r["coverage"]["complete"] = False
for key in ("volume", "kind", "reader", "reason"): r["coverage"]["volumes"][0][key] = evil
r["coverage"]["misses"] = [dict(volume=evil, path=evil, bytes=1, count=1, reason=evil),
                           dict(volume="elsewhere", path=evil, bytes=1, count=1, reason=evil)]'
for how in "$IMGVET report" "$IMGVET report --format json" "$IMGVET gate" "on_terminal 80 env NO_COLOR=1 $IMGVET report"; do
  run $how "$work/changed.json"
  is "hostile names: shown ($how)" "$status" "$([[ $how == *gate ]] && echo 1 || echo 0)"
  is "hostile names: nothing steers the terminal" "$("$PYTHON" -c '
import sys, unicodedata
text = open(sys.argv[1], newline="").read()
print({hex(ord(c)) for c in text if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")})' "$work/.out")" "set()"
  unlike "hostile names: no line is forged" "$out" '^(RESULT|Result|verdict): (clean|no findings|yes)'
  like "hostile names: escaped, not dropped" "$out" 'u(\{1b\}|001b)\]0;owned'
done

change findings '
f = r["findings"][0]
f["path"] = "/" + "long-name/" * 3000
r["findings"] = [dict(f, fingerprint="%032x" % i, offset=i) for i in range(30)]'
report "$work/changed.json"
is "paths of 30 000 bytes: shown" "$status" 0
is "a long path stays in one piece" \
  "$(tr -s ' ' <"$work/.out" | awk 'length == 30002 && /long-name\/$/' | sort -u | wc -l)" 1

change findings '
f = r["findings"][0]
r["findings"] = [dict(f, fingerprint="%032x" % i, offset=i) for i in range(20000)]'
report "$work/changed.json"
is "20 000 findings: shown" "$status" 0
like "they are counted" "$out" '^    and 19980 more '
ok "and not all listed" [ "$(wc -l <"$work/.out")" -lt 100 ]

# --- what it refuses ----------------------------------------------------------------------

report "$work/none.json"
is "a missing file" "$status" 3
like "a missing file is named" "$err" '^imgvet: error: .*none\.json: cannot be opened: No such file'
ok "and nothing is on stdout" [ -z "$out" ]
report "$work"
is "a folder" "$status" 3
report /dev/zero
is "a device without end" "$status" 3
: >"$work/empty.json"
report "$work/empty.json"
is "an empty file" "$status" 3
like "an empty file is said to be no report" "$err" 'empty\.json: not a report: line 1, column 1'
echo "hello" >"$work/text.json"
report "$work/text.json"
is "not JSON" "$status" 3
head -c 2000 "$golden/findings.json" >"$work/cut.json"
report "$work/cut.json"
is "a report cut short" "$status" 3
head -c 100000 /dev/urandom >"$work/random.json"
report "$work/random.json"
is "random bytes" "$status" 3
echo '{"version": "2.1.0", "runs": []}' >"$work/sarif.json"
report "$work/sarif.json"
is "JSON of another shape" "$status" 3
like "it says what a report is" "$err" '^imgvet: hint: make one with: imgvet scan'
change clean 'r["schema"] = 2'
report "$work/changed.json"
is "a later schema" "$status" 3
like "a later schema: hint" "$err" '^imgvet: hint: scan the image again'
change findings 'r["findings"][7]["line"] = "two"'
report "$work/changed.json"
is "a malformed field" "$status" 3
like "the field is named" "$err" 'changed\.json: findings\[7\]\.line: must be a line number'
install -m 0 "$golden/clean.json" "$work/secret.json"
if [ "$(id -u)" = 0 ]; then
  chmod 0755 "$work" && cp "$IMGVET" "$work/imgvet"
  run setpriv --reuid=65534 --regid=65534 --clear-groups "$work/imgvet" report "$work/secret.json"
else
  report "$work/secret.json"
fi
is "no permission" "$status" 3
like "no permission: says so" "$err" 'secret.json.*Permission denied'

report --format pdf "$golden/clean.json"
is "an unknown format" "$status" 2
like "the known ones are listed" "$err" 'unknown format "pdf"; known formats: text, json'
report
is "no report given" "$status" 2
report "$golden/clean.json" "$golden/tree.json"
is "two reports given" "$status" 2
report --frobnicate "$golden/clean.json"
is "an unknown option" "$status" 2

for format in text json; do
  "$IMGVET" report --format $format "$golden/findings.json" >/dev/full 2>"$work/.err"
  is "$format to a full disk" "$?" 3
  like "$format to a full disk: said" "$(cat "$work/.err")" 'No space left on device'
done
done_testing
