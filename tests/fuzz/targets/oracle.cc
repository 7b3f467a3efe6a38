// SPDX-License-Identifier: MIT
#include "oracle.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
#include <string_view>
#include <vector>

namespace sockopt::fuzz {
void fail(const char* file, int line, const std::string& what) {
  std::fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what.c_str());
  std::abort();
}

std::vector<std::string> split(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + separator.size());
  }
}

void must_be_printable(std::string_view message, std::size_t limit) {
  SOCKOPT_HOLDS(!message.empty(), "a message without a word");
  SOCKOPT_HOLDS(message.size() < limit, std::string(message));
  for (const char c : message) SOCKOPT_HOLDS(c >= 0x20 && c < 0x7f, std::string(message));
}

Faults::Faults(std::string_view source, std::string_view text)
    : source_(source), text_(split(text, "\n")) {}

std::size_t Faults::in_line(std::uint32_t line) const {
  return static_cast<std::size_t>(std::count(lines_.begin(), lines_.end(), line));
}

bool Faults::tells(std::string_view words) const {
  return std::any_of(messages_.begin(), messages_.end(),
                     [&](const std::string& message) { return message.ends_with(words); });
}

std::string Faults::shown() const {
  std::string all;
  for (const std::string& message : messages_) (all += message) += '\n';
  return all;
}

void Faults::take(void* context, const Fault& fault) {
  auto& self = *static_cast<Faults*>(context);
  self.lines_.push_back(fault.line);
  self.messages_.emplace_back(fault.message);
  must_be_printable(fault.message);
  SOCKOPT_HOLDS(fault.source == self.source_, std::string(fault.source));
  SOCKOPT_HOLDS(fault.line <= self.text_.size(), self.shown());
  if (fault.line == 0) {
    SOCKOPT_HOLDS(fault.column == 0 && fault.length == 0, self.shown());
    return;
  }
  SOCKOPT_HOLDS((fault.column == 0) <= (fault.length == 0), self.shown());
  if (fault.column == 0) return;
  // The mark of an UTF-8 file is no column of its first line.
  const std::size_t columns = self.text_[fault.line - 1].size();
  SOCKOPT_HOLDS(fault.column - 1 + fault.length <= columns, self.shown());
}

Policy& fresh_policy(std::size_t place) {
  alignas(Policy) static unsigned char memory[2][sizeof(Policy)];
  return *new (memory[place]) Policy;
}

void must_read_back(const Option& option, const Value& value) {
  TextOf<256> text;
  format_value(option, value, text);
  SOCKOPT_HOLDS(!text.was_cut(), std::string(text.view()));
  Value again;
  TextOf<256> error;
  SOCKOPT_HOLDS(parse_value(option, text.view(), again, error),
                std::string(text.view()) + ": " + std::string(error.view()));
  SOCKOPT_HOLDS(again == value, std::string(text.view()));
  TextOf<256> twice;
  format_value(option, again, twice);
  SOCKOPT_HOLDS(twice.view() == text.view(), std::string(text.view()));
}

}  // namespace sockopt::fuzz
