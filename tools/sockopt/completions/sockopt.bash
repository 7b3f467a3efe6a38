# SPDX-License-Identifier: MIT
#
# Bash completion for sockopt(1). The command itself says what may stand here, so that nothing has
# to be added for a new verb, option or key.

_sockopt() {
  local command=${COMP_WORDS[0]} words=() firsts=() word i
  COMPREPLY=()

  # Bash splits words at `=`; the command gets them whole.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ ${#words[@]} -gt 0 && ($word == = || ${words[-1]} == *=) ]]; then
      words[-1]+=$word
    else
      words+=("$word")
      firsts+=("$i")
    fi
  done

  local line current=${words[-1]-}
  while IFS= read -r line; do
    case $line in
      :files)
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        ;;
      :directories)
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -d -- "$current")
        ;;
      :programs)
        mapfile -t COMPREPLY < <(compgen -c -- "$current" | sort -u)
        ;;
      ":command "*)
        # The program completes its own words.
        i=${line#:command }
        if ((i == ${#words[@]} - 1)); then
          compopt -o filenames 2>/dev/null
          mapfile -t COMPREPLY < <(compgen -c -- "$current" | sort -u)
        elif declare -F _command_offset >/dev/null; then
          _command_offset "${firsts[i]}"
        else
          compopt -o filenames 2>/dev/null
          mapfile -t COMPREPLY < <(compgen -f -- "$current")
        fi
        ;;
      *)
        line=${line%%$'\t'*}
        [[ $line != *= ]] || compopt -o nospace 2>/dev/null
        # What is in front of the `=` stands there already, and is not bash's word.
        [[ $current != *=* ]] || line=${line#*=}
        COMPREPLY+=("$line")
        ;;
    esac
  done < <("$command" --complete "${words[@]}" 2>/dev/null)
}

complete -F _sockopt sockopt
