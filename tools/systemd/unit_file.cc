// SPDX-License-Identifier: MIT
#include "tools/systemd/unit_file.h"

#include <algorithm>
#include <utility>

namespace sockopt {
namespace {

constexpr std::string_view kWhitespace = " \t\n\r";
constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

std::string_view trim_front(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(kWhitespace), text.size()));
}

std::string_view trim_both(std::string_view text) {
  text = trim_front(text);
  return text.substr(0, text.find_last_not_of(kWhitespace) + 1);
}

// Whether the line goes on: it ends in a backslash that is not itself escaped.
bool is_continued(std::string_view line) {
  const std::size_t last_other = line.find_last_not_of('\\');
  const std::size_t backslashes =
      line.size() - (last_other == std::string_view::npos ? 0 : last_other + 1);
  return backslashes % 2 == 1;
}

// Whether systemd takes the line at all.
bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t size = first < 0x80    ? 1
                             : first >= 0xf0 ? 4
                             : first >= 0xe0 ? 3
                             : first >= 0xc2 ? 2
                                             : 0;
    if (size == 0 || first > 0xf4 || text.size() < size) return false;
    const bool continues = std::all_of(text.begin() + 1, text.begin() + static_cast<long>(size),
                                       [](char c) { return (c & 0xc0) == 0x80; });
    if (!continues) return false;
    text.remove_prefix(size);
  }
  return true;
}

// Takes a line off the text. It ends in any of the characters that have ever ended one; two that
// differ are one end, as in CR LF.
std::string_view take_unit_line(std::string_view& text) {
  constexpr std::string_view kEnds("\n\r\0", 3);
  const std::size_t end = std::min(text.find_first_of(kEnds), text.size());
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end);
  std::string seen;
  while (!text.empty() && kEnds.find(text.front()) != std::string_view::npos &&
         seen.find(text.front()) == std::string::npos) {
    seen += text.front();
    text.remove_prefix(1);
  }
  return line;
}

class Parser {
 public:
  void read_line(std::string_view line, std::uint32_t number) {
    // Also within an assignment that goes on, a comment is left out.
    const std::string_view begin = trim_front(line);
    if (begin.starts_with('#') || begin.starts_with(';')) return;
    if (pending_.empty()) first_line_ = number;
    pending_ += line;
    if (is_continued(pending_)) {
      pending_.back() = ' ';
    } else {
      finish();
    }
  }

  // A last line may end in a backslash: then it is read without what should have followed.
  std::vector<UnitAssignment> end() {
    finish();
    return std::move(assignments_);
  }

 private:
  void finish() {
    const std::string joined = std::move(pending_);
    pending_.clear();
    const std::string_view line = trim_both(joined);
    if (line.starts_with('[')) {
      // A section whose bracket is missing ends the one before: its lines are nobody's.
      section_ = line.ends_with(']') ? line.substr(1, line.size() - 2) : std::string_view();
      return;
    }
    const std::size_t equals = line.find('=');
    if (section_.empty() || equals == std::string_view::npos || !is_utf8(line)) return;
    assignments_.push_back({section_, std::string(trim_both(line.substr(0, equals))),
                            std::string(trim_both(line.substr(equals + 1))), first_line_});
  }

  std::string section_;
  std::string pending_;
  std::uint32_t first_line_ = 0;
  std::vector<UnitAssignment> assignments_;
};

}  // namespace

std::vector<UnitAssignment> parse_unit_file(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  Parser parser;
  std::uint32_t number = 0;
  while (!text.empty()) parser.read_line(take_unit_line(text), ++number);
  return parser.end();
}

}  // namespace sockopt
