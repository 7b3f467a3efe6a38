# SPDX-License-Identifier: MIT
#
# Fish completion for sockopt(1). The command itself says what may stand here, so that nothing has
# to be added for a new verb, option or key.

function __sockopt_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in ($words[1] --complete $words[2..-1] 2>/dev/null)
        switch $line
            case :files
                __fish_complete_path $words[-1]
            case :directories
                __fish_complete_directories $words[-1]
            case :programs
                __fish_complete_command
            case ':command *'
                # The program completes its own words.
                set -l offset (string replace ':command ' '' -- $line)
                __fish_complete_subcommand --commandline $words[(math $offset + 2)..-1]
            case '*'
                echo $line
        end
    end
end

complete -c sockopt -f -a '(__sockopt_complete)'
