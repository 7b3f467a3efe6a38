// SPDX-License-Identifier: MIT
#include "shim/config/ini.h"

#include <ini.h>

#include <cstring>

#include "shim/text/text.h"

namespace sockopt {
namespace {

constexpr std::string_view kUtf8Mark = "\xef\xbb\xbf";

// Where a comment begins in `line`: at its start or after white space.
std::size_t comment_at(std::string_view line) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (begins_comment(line[i]) && (i == 0 || is_space(line[i - 1]))) return i;
  }
  return line.size();
}

class Lines {
 public:
  Lines(std::string_view text, std::string_view source, const IniHandler& handler, FaultSink faults)
      : rest_(text), source_(source), handler_(handler), faults_(faults) {
    if (rest_.starts_with(kUtf8Mark)) rest_.remove_prefix(kUtf8Mark.size());
    has_nul_ = rest_.find('\0') != std::string_view::npos;
  }

  // inih's reader: one line into `buffer`, as fgets would.
  static char* next(char* buffer, int size, void* stream) {
    return static_cast<Lines*>(stream)->next_line(buffer, static_cast<std::size_t>(size));
  }

  // inih's handler, for the line read last.
  static int entry(void* user, const char* /*section*/, const char* key, const char* value) {
    Lines& lines = *static_cast<Lines*>(user);
    const std::string_view raw = lines.line_;
    const std::string_view key_text(key);
    const std::string_view value_text(value);
    const std::size_t after_equals = raw.find('=') + 1;
    const std::size_t value_at = raw.find(value_text, after_equals);
    lines.handler_.entry(lines.handler_.context, {key_text, 1},
                         {value_text, static_cast<std::uint32_t>(
                                          (value_text.empty() ? after_equals : value_at) + 1)},
                         lines.number_);
    return 1;
  }

 private:
  bool is_done() const { return handler_.is_done != nullptr && handler_.is_done(handler_.context); }

  // Only lines that concern inih reach it.
  char* next_line(char* buffer, std::size_t size) {
    do {
      for (; rest_.starts_with('\n'); rest_.remove_prefix(1)) ++number_;
      if (rest_.empty() || is_done()) return nullptr;
      line_ = take_line(rest_);
      ++number_;
      if (line_.ends_with('\r')) line_.remove_suffix(1);
    } while (!is_entry());
    // It fits: kMaxIniLine is inih's buffer less the newline and the NUL.
    const std::size_t length = line_.size() < size - 2 ? line_.size() : size - 2;
    std::memcpy(buffer, line_.data(), length);
    buffer[length] = '\n';
    buffer[length + 1] = '\0';
    return buffer;
  }

  // Whether the line is `key = value`, which inih splits.  Sections are handled here, because inih
  // does not report empty ones; comments and blank lines are skipped.
  bool is_entry() {
    if (number_ == 1 && (line_.starts_with("\xff\xfe") || line_.starts_with("\xfe\xff"))) {
      rest_ = {};
      return fault(0, 0, "this is UTF-16; save the file as UTF-8");
    }
    if (has_nul_) {
      const std::size_t nul = line_.find('\0');
      if (nul != std::string_view::npos) return fault(nul, 1, "a NUL byte; is this a text file?");
    }
    // Most lines are no longer looked at.
    if (line_.empty() || begins_comment(line_.front())) return false;
    const std::string_view content = trim(line_);
    if (content.empty() || begins_comment(content.front())) return false;
    if (line_.size() > kMaxIniLine) {
      TextOf<96> message;
      message << "line longer than ";
      message.decimal(kMaxIniLine) << " characters; split a list by repeating its key";
      return fault(0, 0, message.view());
    }
    if (const std::size_t cr = line_.find('\r'); cr != std::string_view::npos) {
      return fault(cr, 1, "a carriage return within the line");
    }
    if (is_space(line_.front())) {
      return fault(0, 0,
                   "indented: continuation lines are not supported; repeat the key, "
                   "and begin lines at the first column");
    }
    return line_.front() == '[' ? section() : has_key_and_equals();
  }

  bool section() {
    const std::size_t close = line_.find(']');
    if (close == std::string_view::npos) return fault(0, 0, "missing `]` after the section's name");
    const std::string_view after = trim(slice(line_, close + 1));
    if (!after.empty() && !begins_comment(after.front())) {
      return fault(close + 1, line_.size() - close - 1, "text after the section's `]`");
    }
    const std::string_view name = slice(line_, 1, close - 1);
    if (name.size() > kMaxIniSection) {
      TextOf<96> message;
      message << "section name longer than ";
      message.decimal(kMaxIniSection) << " characters";
      return fault(1, name.size(), message.view());
    }
    const std::string_view trimmed = trim(name);
    const auto offset = static_cast<std::uint32_t>(trimmed.data() - line_.data());
    handler_.section(handler_.context, {trimmed, offset + 1}, number_);
    return false;
  }

  bool has_key_and_equals() {
    const std::string_view content = slice(line_, 0, comment_at(line_));
    const std::size_t equals = content.find('=');
    const std::size_t colon = content.find(':');
    if (colon < equals) {
      return fault(colon, 1, "`:` instead of `=`; write `key = value`");
    }
    if (equals == std::string_view::npos) {
      return fault(0, trim(content).size(), "no `=`; write `key = value`");
    }
    if (equals == 0) return fault(0, 1, "no key before the `=`");
    return true;
  }

  // The line was meant to be a section, or part of one: what follows must not be taken for part of
  // another section.
  bool fault(std::size_t offset, std::size_t length, std::string_view message) {
    faults_({source_, number_, length == 0 ? 0 : static_cast<std::uint32_t>(offset + 1),
             static_cast<std::uint32_t>(length), message});
    if (trim(line_).starts_with('[')) {
      handler_.section(handler_.context, {{}, 0}, number_);
    } else if (handler_.unreadable != nullptr) {
      handler_.unreadable(handler_.context, line_, number_);
    }
    return false;
  }

  std::string_view rest_;
  std::string_view line_;
  std::uint32_t number_ = 0;
  bool has_nul_;
  std::string_view source_;
  IniHandler handler_;
  FaultSink faults_;
};

}  // namespace

void read_ini(std::string_view text, std::string_view source, const IniHandler& handler,
              FaultSink faults) {
  static char comments[] = ";#";
  ini_allow_multiline = false;
  ini_allow_bom = false;  // handled above, where the first line is known
  ini_inline_comment_prefixes = comments;
  Lines lines(text, source, handler, faults);
  if (ini_parse_stream(&Lines::next, &lines, &Lines::entry, &lines) != 0) {
    faults({source, 0, 0, 0, "line not understood; write `key = value`"});
  }
}

}  // namespace sockopt
