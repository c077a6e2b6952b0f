# SPDX-License-Identifier: GPL-3.0-or-later
# bash completion for imgvet

_imgvet_options() { # VERB
  imgvet "$1" --help 2>/dev/null | grep -oE -- '--[a-z][a-z-]+' | sort -u
}

_imgvet() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} verb=${COMP_WORDS[1]}
  local verbs='scan report clear gate share unshare shares acquire publish whoami rules log key'
  COMPREPLY=()
  if [ "$COMP_CWORD" = 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W "$verbs --help --version" -- "$cur")
    return
  fi
  case "$verb $prev" in
    *' --fail-on') mapfile -t COMPREPLY < <(compgen -W 'critical high medium low info' -- "$cur"); return ;;
    *' --reader' | *' -r') mapfile -t COMPREPLY < <(compgen -W 'auto native guest tree' -- "$cur"); return ;;
    'publish --architecture') mapfile -t COMPREPLY < <(compgen -W 'x86_64 arm64 i386' -- "$cur"); return ;;
    'publish --boot-mode') mapfile -t COMPREPLY < <(compgen -W 'BIOS UEFI' -- "$cur"); return ;;
    'acquire --via') mapfile -t COMPREPLY < <(compgen -W 'export disk' -- "$cur"); return ;;
    'scan --format' | 'scan -f' | 'publish --format' | 'publish -f') mapfile -t COMPREPLY < <(compgen -W 'raw qcow2' -- "$cur"); return ;;
    'report --format' | 'report -f') mapfile -t COMPREPLY < <(compgen -W 'text json' -- "$cur"); return ;;
    *' --reason' | *' --by' | *' --expires' | *' --account' | *' --region' | *' --image-id' | *' --threads' | *' --endpoint' | *' --profile' | *' --deadline' | *' --organization' | *' --disk-category' | *' --bucket' | *' --prefix' | *' --object-prefix' | *' --image-name' | *' --platform') return ;;
  esac
  case "$cur" in
    -*) mapfile -t COMPREPLY < <(compgen -W "$(_imgvet_options "$verb")" -- "$cur"); return ;;
  esac
  if [ "$verb" = rules ] && [ "$COMP_CWORD" = 2 ]; then
    mapfile -t COMPREPLY < <(compgen -W 'list show test lint' -- "$cur")
    return
  fi
  mapfile -t COMPREPLY < <(compgen -f -- "$cur")
}
complete -o filenames -F _imgvet imgvet
