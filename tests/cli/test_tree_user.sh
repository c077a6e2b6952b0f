#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A folder is searched as its user sees it: what the kernel shows to root only is said, not passed over.
. "$TOP/tests/lib.sh"

said='trusted\.\* are shown to root only'
seen='as this user sees it'
mkdir -p "$work/tree"
echo plain >"$work/tree/file"
# In one line each, however the summary breaks its lines.
flat() { tr -s ' \n' ' ' <<<"$1"; }

if [ "$(id -u)" = 0 ]; then
  # A copy that nobody may run, wherever the checkout lies.
  mkdir -p "$work/nobody" "$work/open/bin" && chown 65534 "$work/nobody" && chmod 0755 "$work"
  cp "$IMGVET" "$work/open/bin/" && cp -r "$TOP/rules" "$work/open/rules"
  run setpriv --reuid=65534 --regid=65534 --clear-groups env HOME="$work/nobody" \
    XDG_CONFIG_HOME="$work/nobody" XDG_DATA_HOME="$work/nobody" \
    "$work/open/bin/imgvet" scan --reader tree "$work/tree" -o "$work/nobody/report.json"
else
  run "$IMGVET" scan --reader tree "$work/tree" -o "$work/report.json"
fi
is "another user's scan: no finding" "$status" 0
like "what root alone sees is said" "$(flat "$out")" "$said"
like "and the verdict is as this user sees it" "$(flat "$out")" "Result: .*$seen"

if [ "$(id -u)" = 0 ]; then
  "$PYTHON" - "$work/tree/file" <<'P' || skip "trusted attributes" "they cannot be set here"
import os, sys
key = ("-----BEGIN PRIVATE KEY-----\n"
       "MC4CAQAwBQYDK2VwBCIEIEludmVudGVkIHNhbXBsZSBrZXkgZm9yIGltZ3ZldCAh\n"
       "-----END PRIVATE KEY-----\n")
os.setxattr(sys.argv[1], "trusted.note", key.encode())
P
  run "$IMGVET" scan --reader tree "$work/tree" -o "$work/report.json"
  is "root's scan finds what root sees" "$status" 1
  like "in the attribute" "$out" '/file@trusted\.note'
  unlike "root sees all: nothing to say" "$(flat "$out")" "$said"
fi
done_testing
