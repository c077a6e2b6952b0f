#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# make install, and what a user of the installed program sees.
. "$TOP/tests/lib.sh"
run make -s -C "$TOP" -o "$BUILD/imgvet" install BUILD="$BUILD" PREFIX=/usr DESTDIR="$work/root"
is "make install, of what was built" "$status" 0
for f in bin/imgvet share/man/man1/imgvet.1 share/bash-completion/completions/imgvet share/imgvet/rules/private-keys.yml; do
  ok "$f is there" [ -e "$work/root/usr/$f" ]
done
installed=$work/root/usr/bin/imgvet
run "$installed" rules list
is "the installed program finds its rules" "$status" 0
like "and they are many" "$out" '^[0-9]{2,} rules'
run mandoc -T lint -W warning "$TOP/docs/man/imgvet.1"
is "the manual page is well-formed" "$out$err" ""

verbs=$("$IMGVET" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p')
ok "--help lists verbs" [ "$(wc -w <<<"$verbs")" -ge 8 ]
for verb in $verbs; do
  run "$IMGVET" "$verb" --help
  is "$verb --help exits 0" "$status" 0
  like "$verb --help names exit codes" "$out" 'Exit codes'
  like "the manual page knows $verb" "$(cat "$TOP/docs/man/imgvet.1")" "^.Cm $verb"
  run "$IMGVET" "$verb" --no-such-option
  is "$verb with an unknown option exits 2" "$status" 2
  like "and says which" "$err" 'no-such-option'
done
run "$IMGVET"
is "no verb: exit 2" "$status" 2
run "$IMGVET" frobnicate
is "an unknown verb: exit 2" "$status" 2
like "and a hint" "$err" 'hint: see imgvet --help'
run "$IMGVET" --version
like "--version" "$out" '^imgvet [0-9]+\.[0-9]+'

complete_words() { # WORD...
  bash -c 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _imgvet; printf "%s\n" "${COMPREPLY[@]}"' - \
    "$TOP/cli/completion/imgvet.bash" "$@"
}
PATH=$BUILD:$PATH
is "completion of verbs" "$(complete_words imgvet sc)" scan
like "completion of options" "$(complete_words imgvet scan --fa)" '--fail-on'
is "completion of values" "$(complete_words imgvet scan --reader gu)" guest
run make -s -C "$TOP" uninstall BUILD="$BUILD" PREFIX=/usr DESTDIR="$work/root"
is "uninstall leaves no file" "$(find "$work/root" -type f)" ""
done_testing
