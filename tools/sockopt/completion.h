// SPDX-License-Identifier: MIT
//
// What may stand for the last word of a command line, for the shells' completions. The command says
// it, as only it knows its verbs and keys, this host's units and processes; what is left to a shell
// is to ask and to offer.
#pragma once

#include <string>
#include <vector>

namespace sockopt {

/// `words` is the line behind `sockopt`, as far as the word that is being written; that may be
/// empty. One candidate a line, behind a tabulator what it means. A line with a colon in front says
/// what the shell knows better: `:files`, `:directories`, `:programs`, or `:command N` where the
/// words from the N-th on are the line of another program.
std::string completions(const std::vector<std::string>& words);

}  // namespace sockopt
