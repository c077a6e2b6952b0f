# SPDX-License-Identifier: GPL-3.0-or-later
# tests/lib.sh - TAP for shell tests: source it first.  One feature per script.
#
#   run CMD...               run; status in $status, output in $out and $err
#   ok "name" TEST...        a test that is a command (ok "x" [ "$status" = 0 ])
#   is "name" GOT WANT       equal strings
#   like "name" TEXT REGEX   extended regex, any line
#   unlike "name" TEXT REGEX
#   skip "name" REASON
#   done_testing             prints the plan; call it last
set -u
: "${IMGVET:?run through make check}" "${TOP:?}" "${BUILD:?}"
PYTHON=${PYTHON:-/usr/bin/python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_CONFIG_HOME=$work/xdg/config XDG_DATA_HOME=$work/xdg/data
tests=0
run() {
  "$@" >"$work/.out" 2>"$work/.err" </dev/null
  status=$?
  out=$(<"$work/.out") err=$(<"$work/.err")
}
_result() { # status name
  tests=$((tests + 1))
  if [ "$1" = 0 ]; then echo "ok $tests - $2"; else echo "not ok $tests - $2"; fi
  return "$1"
}
ok() { local name=$1; shift; if "$@"; then _result 0 "$name"; else _result 1 "$name"; echo "# false: $*" | head -c 2000 >&2; fi; }
is() { if [ "$2" = "$3" ]; then _result 0 "$1"; else _result 1 "$1"; printf '# got:  %s\n# want: %s\n' "$2" "$3" | head -c 4000 >&2; fi; }
like() { if grep -qE -- "$3" <<<"$2"; then _result 0 "$1"; else _result 1 "$1"; printf '# text: %s\n# lacks: %s\n' "$2" "$3" | head -c 4000 >&2; fi; }
unlike() { if grep -qE -- "$3" <<<"$2"; then _result 1 "$1"; printf '# text: %s\n# has: %s\n' "$2" "$3" | head -c 4000 >&2; else _result 0 "$1"; fi; }
skip() { tests=$((tests + 1)); echo "ok $tests - $1 # SKIP $2"; }
done_testing() { echo "1..$tests"; }
