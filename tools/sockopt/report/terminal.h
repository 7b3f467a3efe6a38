// SPDX-License-Identifier: MIT
//
// Colours and the width to fit, both only where somebody looks at a terminal.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sockopt {

/// Escape sequences, or nothing.
class Style {
 public:
  constexpr explicit Style(bool colours) : colours_(colours) {}

  /// Colours where `fd` is a terminal that has them and NO_COLOR (no-color.org) is not set.
  static Style of(int fd);

  std::string bold(std::string_view text) const { return wrap("1", text); }
  std::string dim(std::string_view text) const { return wrap("2", text); }
  std::string red(std::string_view text) const { return wrap("1;31", text); }
  std::string yellow(std::string_view text) const { return wrap("1;33", text); }

 private:
  std::string wrap(std::string_view code, std::string_view text) const;

  bool colours_;
};

/// Signs that stand for themselves where the locale can show them, and for ASCII where not.
struct Signs {
  std::string_view times;  ///< as in ×97
  std::string_view arrow;  ///< from one to the other
};

/// By LC_ALL, LC_CTYPE and LANG.
Signs signs();

/// The columns of the terminal that `fd` is; nothing where it is none.
std::optional<std::size_t> terminal_width(int fd);

}  // namespace sockopt
