// SPDX-License-Identifier: MIT
#include "naive_ini.h"

#include <string>
#include <string_view>
#include <vector>

#include "oracle.h"

namespace sockopt::fuzz {
namespace {

constexpr std::size_t kLongestLine = 198;
constexpr std::size_t kLongestName = 49;
constexpr char kSpaces[] = " \t\n\v\f\r";

bool is_blank(char c) { return std::string_view(kSpaces).find(c) != std::string_view::npos; }
bool opens_comment(char c) { return c == ';' || c == '#'; }

NaiveLine unreadable(const std::string& line) {
  NaiveLine read;
  read.kind = NaiveLine::Kind::kUnreadable;
  read.is_section_like = stripped(line).rfind('[', 0) == 0;
  return read;
}

NaiveLine read_section(const std::string& line) {
  const std::size_t close = line.find(']');
  if (close == line.npos || close - 1 > kLongestName) return unreadable(line);
  const std::string behind = stripped(line.substr(close + 1));
  if (!behind.empty() && !opens_comment(behind[0])) return unreadable(line);
  NaiveLine read;
  read.kind = NaiveLine::Kind::kSection;
  read.key = stripped(line.substr(1, close - 1));
  return read;
}

NaiveLine read_entry(const std::string& line) {
  std::string content = line;
  for (std::size_t i = 1; i < content.size(); ++i) {
    if (opens_comment(content[i]) && is_blank(content[i - 1])) content.resize(i);
  }
  const std::size_t at = content.find_first_of("=:");
  if (at == content.npos || at == 0 || content[at] == ':') return unreadable(line);
  NaiveLine read;
  read.kind = NaiveLine::Kind::kEntry;
  read.key = stripped(content.substr(0, at));
  read.value = stripped(content.substr(at + 1));
  return read;
}

NaiveLine read_line(const std::string& line) {
  if (line.find('\0') != line.npos) return unreadable(line);
  const std::string content = stripped(line);
  if (content.empty() || opens_comment(content[0])) return {};
  if (line.size() > kLongestLine || line.find('\r') != line.npos || is_blank(line[0])) {
    return unreadable(line);
  }
  return line[0] == '[' ? read_section(line) : read_entry(line);
}

}  // namespace

std::string stripped(std::string_view text) {
  const std::size_t first = text.find_first_not_of(kSpaces);
  if (first == text.npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(kSpaces) - first + 1));
}

std::vector<NaiveLine> naive_lines(std::string_view text) {
  std::vector<NaiveLine> lines;
  if (text.rfind("\xef\xbb\xbf", 0) == 0) text.remove_prefix(3);
  const bool is_utf16 = text.rfind("\xff\xfe", 0) == 0 || text.rfind("\xfe\xff", 0) == 0;
  for (std::string line : split(text, "\n")) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    lines.push_back(is_utf16 ? NaiveLine() : read_line(line));
  }
  if (is_utf16) lines[0].kind = NaiveLine::Kind::kUnreadable;
  return lines;
}

}  // namespace sockopt::fuzz
