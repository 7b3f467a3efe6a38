// SPDX-License-Identifier: MIT
#include "tools/systemd/unit_words.h"

#include <algorithm>
#include <cctype>
#include <cstdint>

namespace sockopt {
namespace {

constexpr std::string_view kBetweenWords = " \t\n\r";
constexpr std::uint32_t kMostByte = 0xff;
constexpr std::uint32_t kMostCode = 0x10ffff;  // of Unicode

void append_utf8(std::string& text, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xc0 | (code >> 6));
    put(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    put(0xe0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3f));
    put(0x80 | (code & 0x3f));
  } else {
    put(0xf0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3f));
    put(0x80 | ((code >> 6) & 0x3f));
    put(0x80 | (code & 0x3f));
  }
}

// The number that `text` begins with, of exactly so many digits.
std::optional<std::uint32_t> read_digits(std::string_view text, std::size_t count, unsigned base) {
  if (text.size() < count) return std::nullopt;
  std::uint32_t number = 0;
  for (const char c : text.substr(0, count)) {
    if (std::isxdigit(static_cast<unsigned char>(c)) == 0) return std::nullopt;
    const unsigned digit =
        c <= '9' ? static_cast<unsigned>(c - '0') : (static_cast<unsigned>(c) | 0x20U) - 'a' + 10U;
    if (digit >= base) return std::nullopt;
    number = number * base + digit;
  }
  return number;
}

bool is_variable_name(std::string_view name) {
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name.front())) != 0) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  });
}

bool is_variable_value(std::string_view value) {
  return std::none_of(value.begin(), value.end(), [](char c) {
    return std::iscntrl(static_cast<unsigned char>(c)) != 0 && c != '\t' && c != '\n';
  });
}

}  // namespace

std::string_view UnitWordReader::rest() {
  rest_.remove_prefix(std::min(rest_.find_first_not_of(kBetweenWords), rest_.size()));
  return rest_;
}

// As systemd's extract_first_word with EXTRACT_UNQUOTE and EXTRACT_CUNESCAPE.
bool UnitWordReader::next(std::string& word) {
  word.clear();
  if (rest().empty()) return false;
  char quote = '\0';
  while (!rest_.empty()) {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    if (c == '\\') {
      if (!unescape(word)) return false;
    } else if (quote != '\0') {
      if (c == quote) {
        quote = '\0';
      } else {
        word += c;
      }
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (kBetweenWords.find(c) != std::string_view::npos) {
      break;
    } else {
      word += c;
    }
  }
  return quote == '\0';
}

bool UnitWordReader::unescape(std::string& word) {
  if (rest_.empty()) return false;
  const char c = rest_.front();
  constexpr std::string_view kNames = "abfnrtv\\\"'s";
  constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\\"' ";
  if (const std::size_t at = kNames.find(c); at != std::string_view::npos) {
    rest_.remove_prefix(1);
    word += kMeanings[at];
    return true;
  }
  if (c == 'x') return unescape_number(word, 1, 2, 16, kMostByte);
  if (c == 'u') return unescape_number(word, 1, 4, 16, kMostCode);
  if (c == 'U') return unescape_number(word, 1, 8, 16, kMostCode);
  return unescape_number(word, 0, 3, 8, kMostByte);
}

bool UnitWordReader::unescape_number(std::string& word, std::size_t skip, std::size_t digits,
                                     unsigned base, std::uint32_t most) {
  const auto number = read_digits(rest_.substr(skip), digits, base);
  if (!number || *number == 0 || *number > most) return false;
  rest_.remove_prefix(skip + digits);
  if (most == kMostByte) {
    word += static_cast<char>(*number);
  } else {
    append_utf8(word, *number);
  }
  return true;
}

std::vector<std::string> split_unit_words(std::string_view value) {
  std::vector<std::string> words;
  UnitWordReader reader(value);
  for (std::string word; reader.next(word);) words.push_back(word);
  return words;
}

std::optional<UnitVariable> parse_unit_variable(std::string_view word) {
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos || !is_variable_name(word.substr(0, equals)) ||
      !is_variable_value(word.substr(equals + 1))) {
    return std::nullopt;
  }
  return UnitVariable{std::string(word.substr(0, equals)), std::string(word.substr(equals + 1))};
}

std::string quote_unit_word(std::string_view word) {
  std::string quoted = "\"";
  for (const char c : word) {
    if (c == '"' || c == '\\') quoted += '\\';
    if (c == '\n') {
      quoted += "\\n";
    } else {
      quoted += c;
    }
  }
  return quoted += '"';
}

std::string unit_word_text(std::string_view word) {
  const bool is_plain = word.find_first_of(" \t\n\\\"';") == std::string_view::npos;
  return is_plain ? std::string(word) : quote_unit_word(word);
}

std::string escape_specifiers(std::string_view text) {
  std::string escaped;
  for (const char c : text) escaped.append(c == '%' ? 2 : 1, c);
  return escaped;
}

}  // namespace sockopt
