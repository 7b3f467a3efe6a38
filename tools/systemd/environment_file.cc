// SPDX-License-Identifier: MIT
//
// The states are those of parse_env_file_internal, in systemd.
#include "tools/systemd/environment_file.h"

#include <utility>

namespace sockopt {
namespace {

bool is_one_of(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

void trim_end(std::string& text, std::size_t keep) {
  while (text.size() > keep && is_one_of(text.back(), " \t\n\r")) text.pop_back();
}

class EnvironmentFileParser {
 public:
  void take(char c) {
    const bool ends_line = is_one_of(c, "\n\r");
    switch (state_) {
      case State::kBeforeKey:
        before_key(c);
        break;
      case State::kKey:
        if (ends_line) {
          begin();
        } else if (c == '=') {
          state_ = State::kBeforeValue;
        } else {
          key_ += c;
        }
        break;
      case State::kBeforeValue:
      case State::kValue:
        value(c, ends_line);
        break;
      case State::kEscape:
        state_ = State::kValue;
        if (!ends_line) keep(c);
        break;
      case State::kSingleQuoted:
        c == '\'' ? unquote() : keep(c);
        break;
      case State::kDoubleQuoted:
        double_quoted(c);
        break;
      case State::kQuotedEscape:
        state_ = State::kDoubleQuoted;
        if (!is_one_of(c, "\"\\`$") && c != '\n') keep('\\');
        if (c != '\n') keep(c);
        break;
      case State::kComment:
        if (ends_line) begin();
        if (c == '\\') state_ = State::kCommentEscape;
        break;
      case State::kCommentEscape:
        state_ = State::kComment;
        break;
    }
    if (c == '\n') ++line_;
  }

  std::vector<EnvironmentFileEntry> end() {
    if (state_ != State::kBeforeKey && state_ != State::kKey && state_ != State::kComment &&
        state_ != State::kCommentEscape) {
      finish();
    }
    return std::move(entries_);
  }

 private:
  enum class State {
    kBeforeKey,
    kKey,
    kBeforeValue,
    kValue,
    kEscape,
    kSingleQuoted,
    kDoubleQuoted,
    kQuotedEscape,
    kComment,
    kCommentEscape,
  };

  void begin() {
    state_ = State::kBeforeKey;
    key_.clear();
    value_.clear();
    kept_ = 0;
  }

  void before_key(char c) {
    if (is_one_of(c, "#;")) {
      state_ = State::kComment;
    } else if (!is_one_of(c, " \t\n\r")) {
      state_ = State::kKey;
      key_ = c;
      first_line_ = line_;
    }
  }

  void value(char c, bool ends_line) {
    if (ends_line) {
      finish();
    } else if (c == '\\') {
      state_ = State::kEscape;
    } else if (state_ == State::kBeforeValue && c == '\'') {
      state_ = State::kSingleQuoted;
    } else if (state_ == State::kBeforeValue && c == '"') {
      state_ = State::kDoubleQuoted;
    } else if (state_ == State::kValue || !is_one_of(c, " \t")) {
      state_ = State::kValue;
      value_ += c;
    }
  }

  void double_quoted(char c) {
    if (c == '"') {
      unquote();
    } else if (c == '\\') {
      state_ = State::kQuotedEscape;
    } else {
      keep(c);
    }
  }

  // Behind a quote another may follow.
  void unquote() { state_ = State::kBeforeValue; }

  // What was quoted or escaped is no white space to be trimmed.
  void keep(char c) {
    value_ += c;
    kept_ = value_.size();
  }

  void finish() {
    trim_end(key_, 0);
    trim_end(value_, kept_);
    if (auto variable = parse_unit_variable(key_ + "=" + value_)) {
      entries_.push_back({std::move(*variable), first_line_});
    }
    begin();
  }

  State state_ = State::kBeforeKey;
  std::string key_;
  std::string value_;
  std::size_t kept_ = 0;  // as much of the value as must not be trimmed
  std::uint32_t line_ = 1;
  std::uint32_t first_line_ = 1;
  std::vector<EnvironmentFileEntry> entries_;
};

}  // namespace

std::vector<EnvironmentFileEntry> parse_environment_file(std::string_view text) {
  EnvironmentFileParser parser;
  for (const char c : text) parser.take(c);
  return parser.end();
}

}  // namespace sockopt
