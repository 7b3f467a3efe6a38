// SPDX-License-Identifier: MIT
#include "tools/sockopt/report/terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

namespace sockopt {
namespace {

constexpr std::size_t kUsualWidth = 80;

std::string_view variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string_view() : value;
}

}  // namespace

Style Style::of(int fd) {
  const std::string_view terminal = variable("TERM");
  return Style(::isatty(fd) != 0 && variable("NO_COLOR").empty() && !terminal.empty() &&
               terminal != "dumb");
}

std::string Style::wrap(std::string_view code, std::string_view text) const {
  if (!colours_) return std::string(text);
  std::string styled = "\x1b[";
  styled.append(code).append("m").append(text).append("\x1b[0m");
  return styled;
}

Signs signs() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view locale = variable(name);
    if (locale.empty()) continue;
    const auto holds = [&](std::string_view part) { return locale.find(part) != locale.npos; };
    if (holds("UTF-8") || holds("utf8") || holds("UTF8") || holds("utf-8")) return {"×", "→"};
    break;
  }
  return {"x", "->"};
}

std::optional<std::size_t> terminal_width(int fd) {
  if (::isatty(fd) == 0) return std::nullopt;
  winsize size = {};
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kUsualWidth;
  return size.ws_col;
}

}  // namespace sockopt
