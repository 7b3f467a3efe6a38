// SPDX-License-Identifier: MIT
#include "shim/text/text.h"

#include <cstring>

namespace sockopt {

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

Text& Text::operator<<(std::string_view text) {
  std::size_t count = text.size();
  if (count > capacity_ - size_) {
    count = capacity_ - size_;
    cut_ = true;
  }
  if (count != 0) std::memcpy(buffer_ + size_, text.data(), count);
  size_ += count;
  return *this;
}

Text& Text::decimal(std::int64_t number) {
  if (number >= 0) return unsigned_decimal(static_cast<std::uint64_t>(number));
  return (*this << '-').unsigned_decimal(0 - static_cast<std::uint64_t>(number));
}

Text& Text::unsigned_decimal(std::uint64_t number) {
  char digits[20];
  std::size_t at = sizeof digits;
  do {
    digits[--at] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number != 0);
  return *this << std::string_view(digits + at, sizeof digits - at);
}

Text& Text::hex(std::uint64_t number, int min_digits) {
  char digits[16];
  std::size_t at = sizeof digits;
  do {
    digits[--at] = "0123456789abcdef"[number % 16];
    number /= 16;
  } while (number != 0 || (at != 0 && sizeof digits - at < static_cast<std::size_t>(min_digits)));
  return *this << std::string_view(digits + at, sizeof digits - at);
}

Text& Text::quoted(std::string_view outside, std::size_t limit) {
  return (*this << '`').escaped(outside, limit) << '`';
}

Text& Text::escaped(std::string_view outside, std::size_t limit) {
  for (const char c : outside) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte >= 0x20 && byte < 0x7f && c != '`' && c != '\\';
    const std::size_t width = plain ? 1 : 4;
    if (width > limit) return *this << "...";
    limit -= width;
    if (plain) {
      *this << c;
    } else {
      (*this << "\\x").hex(byte, 2);
    }
  }
  return *this;
}

}  // namespace sockopt
