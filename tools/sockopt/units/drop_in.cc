// SPDX-License-Identifier: MIT
#include "tools/sockopt/units/drop_in.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "tools/sockopt/launch/preload_list.h"
#include "tools/sockopt/report/shell_command.h"
#include "tools/systemd/unit_words.h"

namespace sockopt {
namespace {

constexpr std::string_view kChecksumLine = "# Unchanged as long as this is its checksum: ";

// FNV-1a: that nobody changed it by hand is asked, not that nobody forged it.
std::string checksum(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return fmt::format("{:016x}", hash);
}

std::string environment_line(std::string_view name, std::string_view value) {
  return fmt::format("Environment={}\n", quote_unit_word(fmt::format("{}={}", name, value)));
}

// A word of ExecStartPre=, where `$` begins a variable too.
std::string command_word(std::string_view word) {
  std::string escaped;
  for (const char c : escape_specifiers(word)) escaped.append(c == '$' ? 2 : 1, c);
  return unit_word_text(escaped);
}

// As root and outside of its sandbox, whatever the service is: `+`; within its cgroup.
std::string engine_lines(const DropIn& drop_in) {
  const std::string command = command_word(drop_in.attacher);
  return fmt::format("ExecStartPre={}+{} attach -u %n\nExecStopPost=-+{} detach -u %n\n",
                     drop_in.must_attach ? "" : "-", command, command);
}

}  // namespace

std::string DropIn::text() const {
  const bool is_bpf = !attacher.empty();
  std::string head =
      fmt::format("# Written by `sockopt enable {1}{0}`; `sockopt disable {0}` removes it.\n",
                  command_text({unit}), is_bpf ? "--engine bpf " : "");
  head += is_bpf ? "# The configuration is read when the service starts.\n"
                 : "# LD_PRELOAD includes what the unit had. If that changes, enable it again.\n";
  std::string body;
  if (!check.empty()) {
    body += fmt::format("[Unit]\nAssertPathExists={}\n\n", escape_specifiers(library));
  }
  body += "[Service]\n";
  if (!is_bpf) {
    // What the unit had may hold specifiers, and goes on to.
    std::string all = preload_before;
    if (!preload_zmq.empty()) all = preload_with(escape_specifiers(preload_zmq), all);
    body += environment_line("LD_PRELOAD", preload_with(escape_specifiers(preload), all));
  }
  if (!configuration.empty()) {
    body += environment_line("SOCKOPT_CONFIG", escape_specifiers(configuration));
  }
  if (is_bpf) body += engine_lines(*this);
  // Whatever the service may not do, the check may: `+`.
  std::string_view before = "ExecStartPre=+";
  for (const std::string& word : check) {
    body += fmt::format("{}{}", before, command_word(word));
    before = " ";
  }
  if (!check.empty()) body += '\n';
  return fmt::format("{}{}{}\n{}", head, kChecksumLine, checksum(head + body), body);
}

std::string drop_in_directory(std::string_view unit) {
  return fmt::format("{}/{}.d", kDropInRoot, unit);
}

std::string drop_in_path(std::string_view unit) {
  return fmt::format("{}/{}", drop_in_directory(unit), kDropInName);
}

bool attaches(std::string_view command) {
  const std::size_t at = command.find(" attach -u ");
  return at != std::string_view::npos && command.substr(0, at).find("sockopt") != command.npos;
}

Authorship authorship(std::string_view text) {
  const std::size_t line = text.find(kChecksumLine);
  if (line == std::string_view::npos) return Authorship::kForeign;
  const std::size_t value = line + kChecksumLine.size();
  const std::size_t end = std::min(text.find('\n', value), text.size());
  std::string rest(text.substr(0, line));
  rest += text.substr(std::min(end + 1, text.size()));
  return text.substr(value, end - value) == checksum(rest) ? Authorship::kOurs
                                                           : Authorship::kEdited;
}

}  // namespace sockopt
