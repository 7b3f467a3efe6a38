// SPDX-License-Identifier: MIT
//
// Builds a line of text without allocation and without failure: a Text writes into a buffer that
// somebody else owns, cuts what does not fit, and remembers that it did.  Messages from inside
// another program, error texts and formatted values are all built with it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sockopt {

/// string_view::substr refers to a libstdc++ symbol for its range check; this one clamps instead.
constexpr std::string_view slice(std::string_view text, std::size_t from,
                                 std::size_t count = std::string_view::npos) {
  if (from > text.size()) from = text.size();
  const std::size_t rest = text.size() - from;
  return {text.data() + from, count < rest ? count : rest};
}

constexpr bool is_space(char c) { return c == ' ' || c == '\t' || (c >= '\n' && c <= '\r'); }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr char to_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
constexpr char to_upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

std::string_view trim(std::string_view text);
constexpr bool equals_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (to_lower(a[i]) != to_lower(b[i])) return false;
  }
  return true;
}

/// "/etc/sockopt.ini" -> "sockopt.ini".
constexpr std::string_view base_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : slice(path, slash + 1);
}

/// Takes the first line off a text, and its end, which is not part of the line.
constexpr std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = slice(text, 0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

class Text {
 public:
  Text(char* buffer, std::size_t capacity) : buffer_(buffer), capacity_(capacity) {}
  Text(const Text&) = delete;
  Text& operator=(const Text&) = delete;

  Text& operator<<(std::string_view text);
  Text& operator<<(char c) { return *this << std::string_view(&c, 1); }
  Text& operator<<(const char* text) { return *this << std::string_view(text); }

  Text& decimal(std::int64_t number);
  Text& unsigned_decimal(std::uint64_t number);
  Text& hex(std::uint64_t number, int min_digits = 1);

  /// Untrusted text: control bytes, quotes and everything that is not plain ASCII become \xNN, so
  /// that no file or variable can control a terminal or forge a line of a log.  Cut at `limit`
  /// characters, so that a message has room for the advice.
  Text& quoted(std::string_view outside, std::size_t limit = 60);
  Text& escaped(std::string_view outside, std::size_t limit = 200);

  std::string_view view() const { return {buffer_, size_}; }
  bool empty() const { return size_ == 0; }
  bool was_cut() const { return cut_; }
  void clear() {
    size_ = 0;
    cut_ = false;
  }

 private:
  char* buffer_;
  std::size_t capacity_;
  std::size_t size_ = 0;
  bool cut_ = false;
};

/// A Text with its buffer.
template <std::size_t kCapacity>
class TextOf : public Text {
 public:
  TextOf() : Text(storage_, kCapacity) {}

 private:
  char storage_[kCapacity];
};

}  // namespace sockopt
