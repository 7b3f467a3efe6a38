#compdef sockopt
# SPDX-License-Identifier: MIT
#
# Zsh completion for sockopt(1). The command itself says what may stand here, so that nothing has
# to be added for a new verb, option or key.

_sockopt() {
  local -a described begun
  local line word meaning offset

  for line in ${(f)"$(${(Q)words[1]} --complete "${(@Q)words[2,CURRENT - 1]}" "$PREFIX" \
    2>/dev/null)"}; do
    case $line in
      :files) _files ;;
      :directories) _files -/ ;;
      :programs) _command_names -e ;;
      ':command '*)
        # The program completes its own words.
        offset=${line#:command }
        words=("${(@)words[offset + 2,-1]}")
        ((CURRENT -= offset + 1))
        _normal
        ;;
      *)
        word=${line%%$'\t'*}
        meaning=${${line#"$word"}#$'\t'}
        if [[ $word == *= ]]; then
          begun+=("${word//:/\\:}:$meaning")
        else
          described+=("${word//:/\\:}:$meaning")
        fi
        ;;
    esac
  done
  (($#begun == 0)) || _describe setting begun -S ''
  (($#described == 0)) || _describe word described
}

_sockopt "$@"
