// SPDX-License-Identifier: MIT
#include "tools/sockopt/launch/shell_text.h"

#include <algorithm>
#include <array>
#include <utility>

#include "shim/text/text.h"

namespace sockopt {
namespace {

template <std::size_t kSize>
bool is_one_of(const std::array<std::string_view, kSize>& all, std::string_view word) {
  return std::find(all.begin(), all.end(), word) != all.end();
}

constexpr std::array<std::string_view, 10> kInFront = {"if",    "then", "else", "elif", "while",
                                                       "until", "do",   "{",    "!",    "time"};

class ShellReader {
 public:
  explicit ShellReader(std::string_view text) : text_(text) {}

  std::vector<ShellCommand> read() {
    while (at_ < text_.size()) step();
    end_command();
    return std::move(commands_);
  }

 private:
  char look(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  void take() {
    if (look() == '\n') ++line_;
    ++at_;
  }
  void keep() {
    word_ += look();
    in_word_ = true;
    take();
  }

  void step() {
    switch (look()) {
      case ' ':
      case '\t':
      case '\r':
        end_word();
        return take();
      case '#':
        if (in_word_) return keep();
        while (at_ < text_.size() && look() != '\n') take();
        return;
      case '&':
        // `2>&1` and `&>file` are redirections.
        if (word_.ends_with('>') || word_.ends_with('<') || look(1) == '>') return keep();
        [[fallthrough]];
      case '\n':
      case ';':
      case '|':
      case '(':
      case ')':
        end_command();
        return take();
      case '\'':
        return quoted('\'');
      case '"':
        return quoted('"');
      case '`':
        keep();
        while (at_ < text_.size() && look() != '`') keep();
        return keep();
      case '$':
        keep();
        if (look() == '(') return bracketed('(', ')');
        if (look() == '{') return bracketed('{', '}');
        return;
      case '\\':
        take();
        if (look() != '\n') return keep();
        return take();
      default:
        return keep();
    }
  }

  void quoted(char quote) {
    in_word_ = true;
    take();
    while (at_ < text_.size() && look() != quote) {
      if (quote == '"' && look() == '\\') take();
      keep();
    }
    take();
  }

  void bracketed(char open, char close) {
    int depth = 0;
    while (at_ < text_.size()) {
      depth += look() == open ? 1 : look() == close ? -1 : 0;
      keep();
      if (depth == 0) return;
    }
  }

  void end_word() {
    if (!in_word_) return;
    if (words_.empty()) start_ = line_;
    words_.push_back(std::move(word_));
    word_.clear();
    in_word_ = false;
  }

  void end_command() {
    end_word();
    ShellCommand command{.line = start_};
    std::size_t i = 0;
    while (i < words_.size() && is_one_of(kInFront, words_[i])) ++i;
    for (; i < words_.size(); ++i) {
      std::string& word = words_[i];
      if (command.words.empty() && is_assignment(word)) {
        command.assignments.push_back(std::move(word));
      } else if (command.words.empty() && (word == "exec" || word == "command")) {
        command.is_exec = command.is_exec || word == "exec";
      } else if (command.words.empty() && command.is_exec && is_exec_option(word)) {
        command.clears = command.clears || word.find('c') != word.npos;
        if (word.ends_with('a')) ++i;  // `-a NAME`
      } else if (!is_redirection(word)) {
        command.words.push_back(std::move(word));
      } else if (word.find_last_of("<>&") == word.size() - 1) {
        ++i;  // the file is the next word
      }
    }
    words_.clear();
    if (!command.words.empty() || !command.assignments.empty()) {
      commands_.push_back(std::move(command));
    }
  }

  static bool is_exec_option(std::string_view word) {
    return word.size() > 1 && word[0] == '-' && word.find_first_not_of("acl", 1) == word.npos;
  }

  static bool is_redirection(std::string_view word) {
    const std::size_t sign = word.find_first_not_of("0123456789&");
    return sign != std::string_view::npos && (word[sign] == '>' || word[sign] == '<');
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::size_t start_ = 1;
  std::string word_;
  bool in_word_ = false;
  std::vector<std::string> words_;
  std::vector<ShellCommand> commands_;
};

// In the quotes that it takes to be one word; `$NAME` stays what it is.
std::string quoted_word(const std::string& word) {
  if (!word.empty() && word.find_first_of(" \t\n'\"\\;&|<>()") == word.npos) return word;
  const char quote = word.find_first_of("$`") == word.npos ? '\'' : '"';
  std::string text(1, quote);
  for (const char c : word) {
    if (quote == '\'' && c == '\'') {
      text += "'\\''";
    } else {
      if (quote == '"' && (c == '"' || c == '\\')) text += '\\';
      text += c;
    }
  }
  return text + quote;
}

}  // namespace

std::string ShellCommand::text() const {
  std::string text = is_exec ? "exec" : "";
  for (const std::string& one : assignments) {
    const std::size_t value = one.find('=') + 1;
    const std::string quoted = value == one.size() ? "" : quoted_word(one.substr(value));
    text += (text.empty() ? "" : " ") + one.substr(0, value) + quoted;
  }
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + quoted_word(word);
  return text;
}

std::vector<ShellCommand> shell_commands(std::string_view text) { return ShellReader(text).read(); }

bool is_assignment(std::string_view word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos || equals == 0) return false;
  const std::string_view name = word.substr(0, equals);
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return is_letter(name.front()) && std::all_of(name.begin(), name.end(), [&](char c) {
           return is_letter(c) || (c >= '0' && c <= '9');
         });
}

bool is_shell(std::string_view path) {
  constexpr std::array<std::string_view, 8> kShells = {"sh",  "dash", "bash", "ash",
                                                       "ksh", "mksh", "zsh",  "rbash"};
  return is_one_of(kShells, base_name(path));
}

}  // namespace sockopt
