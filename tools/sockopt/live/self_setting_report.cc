// SPDX-License-Identifier: MIT
//
// Of what a program sets itself after accept: what was seen, what is known of it, and what could
// not be seen.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "tools/inspect/option_reading.h"
#include "tools/sockopt/live/change_report.h"
#include "tools/sockopt/report/text_table.h"

namespace sockopt {
namespace {

constexpr std::string_view kRest = "    ";  // before what does not fit into the first line

void print_sentence(Output& out, const std::string& text) {
  const auto width = terminal_width(STDOUT_FILENO);
  std::string_view indent = "";
  for (const std::string& line :
       wrap_text(text, width ? std::max(*width, 2 * kRest.size()) - kRest.size() : text.size())) {
    out.print("{}{}\n", indent, line);
    indent = kRest;
  }
}

void print_seen(Output& out, const ChangeReport& report) {
  // What was seen on the same connections is one sentence.
  std::map<std::tuple<std::string, std::size_t, std::size_t>, std::string> settings;
  for (const SelfSetting& self : report.applied.self_settings().found()) {
    const Option& option = kOptions[self.option];
    std::string& text = settings[{self.program, self.connections, self.looked_at}];
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", option.key.view(),
                        reading_text(option, self.value));
  }
  for (const auto& [seen, text] : settings) {
    const auto& [program, connections, looked_at] = seen;
    out.print(
        "{} seems to set {} itself after accept ({} of {} connections examined), so new ones will "
        "hold that.\n",
        printable(program, 40), text, connections, looked_at);
  }
}

// Nobody was connected to what was changed.
void print_unlooked(Output& out, const ChangeReport& report) {
  const SelfSettings& all = report.applied.self_settings();
  std::map<std::string, std::string> known;
  for (const SelfSetting& self : all.predicted()) {
    const Option& option = kOptions[self.option];
    std::string& text = known[self.program];
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", option.key.view(),
                        reading_text(option, self.value));
  }
  for (const auto& [program, text] : known) {
    print_sentence(
        out, fmt::format("{} is known to set {} itself after accept, unless configured otherwise "
                         "(no connection was open to examine), so new ones will hold that.",
                         printable(program, 40), text));
  }
  for (const auto& [program, options] : all.unknown()) {
    std::string keys;
    for (const OptionId id : options) {
      keys += fmt::format("{}{}", keys.empty() ? "" : ", ", kOptions[id].key.view());
    }
    print_sentence(
        out,
        fmt::format("Whether {} sets {} itself after accept is unknown: no connection was open.",
                    printable(program, 40), keys));
  }
}

}  // namespace

void print_self_settings(Output& out, const ChangeReport& report) {
  print_seen(out, report);
  print_unlooked(out, report);
}

}  // namespace sockopt
