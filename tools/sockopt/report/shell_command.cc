// SPDX-License-Identifier: MIT
#include "tools/sockopt/report/shell_command.h"

namespace sockopt {
namespace {

// Within quotes only the quote itself means anything, and cannot be written there.
std::string in_quotes(const std::string& word) {
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? "'\\''" : std::string(1, c);
  return text += '\'';
}

}  // namespace

std::string command_text(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) {
    if (!text.empty()) text += ' ';
    // Brackets, which IPv6 addresses come in, are a pattern to a shell.
    const bool plain =
        !word.empty() && word.find_first_of("[]%*?'\" \t\n\\$&;|<>()`~#!{}") == std::string::npos;
    text += plain ? word : in_quotes(word);
  }
  return text;
}

}  // namespace sockopt
