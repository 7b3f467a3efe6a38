// SPDX-License-Identifier: MIT
#include "tools/sockopt/report/shell_command.h"

#include <fmt/format.h>

#include <algorithm>

namespace sockopt {
namespace {

// What is not to be seen, or not of every terminal: `$'...'` says it in letters.
bool is_unprintable(char c) { return c < ' ' || c > '~'; }

std::string in_escapes(const std::string& word) {
  std::string text = "$'";
  for (const char c : word) {
    if (is_unprintable(c)) {
      text += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      text += c == '\'' || c == '\\' ? std::string{'\\', c} : std::string(1, c);
    }
  }
  return text += '\'';
}

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
    const bool escapes = std::any_of(word.begin(), word.end(), is_unprintable);
    text += plain && !escapes ? word : escapes ? in_escapes(word) : in_quotes(word);
  }
  return text;
}

}  // namespace sockopt
