// SPDX-License-Identifier: MIT
//
// Values of unit files that are lists of words: quoted as systemd has it, with backslash escapes.
// And back: a word such that systemd reads it as it was.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sockopt {

/// Takes word by word off a value.
class UnitWordReader {
 public:
  explicit UnitWordReader(std::string_view value) : rest_(value) {}

  /// False at the end, and at a fault (an open quote, an unknown escape).
  bool next(std::string& word);

  /// What is left, without the white space in front.
  std::string_view rest();
  void skip(std::size_t size) { rest_.remove_prefix(size); }

 private:
  bool unescape(std::string& word);
  bool unescape_number(std::string& word, std::size_t skip, std::size_t digits, unsigned base,
                       std::uint32_t most);

  std::string_view rest_;
};

/// The words of a value. Where there is a fault in it, systemd keeps what stands in front of the
/// fault, and so does this.
std::vector<std::string> split_unit_words(std::string_view value);

struct UnitVariable {
  std::string name;
  std::string value;  ///< with its specifiers (`%i`) as they stand

  bool operator==(const UnitVariable&) const = default;
};

/// One word of Environment=. Nothing where it assigns to no variable.
std::optional<UnitVariable> parse_unit_variable(std::string_view word);

/// Quotes a word, and its backslashes and quotes. Specifiers are left to be expanded.
std::string quote_unit_word(std::string_view word);

/// A word as it stands, in quotes only where it needs them.
std::string unit_word_text(std::string_view word);

/// Text that stands for itself where systemd expands specifiers: `%` as `%%`.
std::string escape_specifiers(std::string_view text);

}  // namespace sockopt
