# SPDX-License-Identifier: MIT
#
# Bash completion for sockopt(1). Verbs, options and keys come from the command itself, so that
# nothing has to be added here for a new one.

_sockopt() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local command=${COMP_WORDS[0]} verb=${COMP_WORDS[1]-}
  COMPREPLY=()

  if ((COMP_CWORD == 1)); then
    mapfile -t COMPREPLY < <(compgen -W "$("$command" help --verbs 2>/dev/null) --help --version" \
      -- "$current")
    return
  fi

  # The program that `run` starts completes its own words.
  if [[ $verb == run ]]; then
    local i=2
    while ((i < COMP_CWORD)); do
      case ${COMP_WORDS[i]} in
        # The value may be several words here: bash splits it at `=`.
        -o | --option | -c | --config)
          ((i += 2))
          [[ ${COMP_WORDS[i]-} == = ]] && ((i += 2))
          ;;
        --)
          ((i++))
          break
          ;;
        -*) ((i++)) ;;
        *) break ;;
      esac
    done
    if ((i < COMP_CWORD)); then
      declare -F _command_offset >/dev/null && _command_offset "$i" && return
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      return
    fi
    if ((i == COMP_CWORD)) && [[ $current != -* || $previous == -- ]]; then
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -c -- "$current" | sort -u)
      return
    fi
  fi

  case $previous in
    -c | --config)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      return
      ;;
    -o | --option)
      compopt -o nospace 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -S = -W "$("$command" options --keys 2>/dev/null)" \
        -- "$current")
      return
      ;;
    =) return ;; # a value
  esac

  if [[ $current == -* ]]; then
    local options
    options=$("$command" help "$verb" 2>/dev/null | grep -E '^  -' | grep -oE -- '--[a-z-]+')
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
    return
  fi

  case $verb in
    help) mapfile -t COMPREPLY < <(compgen -W "$("$command" help --verbs 2>/dev/null)" \
      -- "$current") ;;
    options) mapfile -t COMPREPLY < <(compgen -W "$("$command" options --keys 2>/dev/null)" \
      -- "$current") ;;
    *)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      ;;
  esac
}

complete -F _sockopt sockopt
