# SPDX-License-Identifier: GPL-3.0-or-later
# tests/reports.sh - real images and real reports for shell tests: source it after lib.sh.
#
#   plant FOLDER             a small tree with two invented leftovers
#   disk FOLDER FILE         an ext2 image of 2 MiB with that tree in it
#   report FOLDER FILE ...   scan such an image into a signed report, further options behind
#   field FILE PATH          a value of a JSON file ("-": of $out): field r.json image.digest
#   fingerprint FILE PATH    that of the one finding in a file whose path ends like this
#   entry FP REASON WHO EXPIRES [CREATED]   one entry of a clearances file
#
# The reports stand for nobody's image: the leftovers are made here, and good for nothing.
plant() {
  mkdir -p "$1/root/.ssh" "$1/root/.aws"
  [ -e "$work/planted.pem" ] || openssl genpkey -algorithm ed25519 -out "$work/planted.pem"
  cp "$work/planted.pem" "$1/root/.ssh/id_ed25519"
  printf '[default]\naws_access_key_id = AKIAINVENTED2EXAMPLE\naws_secret_access_key = %s\n' \
    "$planted_secret" >"$1/root/.aws/credentials"
}
planted_secret=Inv3nted/Secret+That0pensNothing1234567A
disk() {
  rm -f "$2"
  truncate -s 2M "$2"
  mke2fs -q -t ext2 -d "$1" "$2"
}
report() {
  local folder=$1 file=$2
  shift 2
  disk "$folder" "$work/disk.raw"
  "$IMGVET" scan "$work/disk.raw" -o "$file" "$@" >"$work/scan.out" 2>"$work/scan.err"
}
field() {
  "$PYTHON" - "$1" "$2" 3<<<"${out-}" <<'PY'
import json, sys
value = json.load(open(3) if sys.argv[1] == "-" else open(sys.argv[1]))
for name in sys.argv[2].split("."):
    value = value[int(name)] if isinstance(value, list) else value[name]
print(value)
PY
}
fingerprint() {
  "$PYTHON" - "$1" "$2" <<'PY'
import json, sys
hits = [f["fingerprint"] for f in json.load(open(sys.argv[1]))["findings"] if (f["path"] or "").endswith(sys.argv[2])]
assert len(hits) == 1, hits
print(hits[0])
PY
}
entry() {
  printf -- '- fingerprint: "%s"\n  reason: "%s"\n  who: "%s"\n  expires: %s\n' "$1" "$2" "$3" "$4"
  [ $# -lt 5 ] || printf '  created: %s\n' "$5"
}
