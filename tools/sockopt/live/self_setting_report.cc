// SPDX-License-Identifier: MIT
//
// Of what a program sets itself after accept: what was seen, what is known of it, and what could
// not be seen.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "tools/inspect/option_reading.h"
#include "tools/sockopt/live/change_report.h"
#include "tools/sockopt/report/text_table.h"

namespace sockopt {
namespace {

constexpr std::string_view kRest = "    ";  // before what does not fit into the first line

void print_sentence(Output& out, const std::string& text) {
  const auto width = terminal_width(STDOUT_FILENO);
  std::string_view indent;
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

// `127.0.0.1:80`, `127.0.0.1:80, [::1]:80 and 3 more`.
std::string listeners_text(const std::set<Endpoint>& listeners) {
  constexpr std::size_t kMost = 3;
  std::string text;
  std::size_t named = 0;
  for (const Endpoint& listener : listeners) {
    if (named == kMost) return text + fmt::format(" and {} more", listeners.size() - kMost);
    text += (named++ == 0 ? "" : ", ") + listener.text();
  }
  return text;
}

// Nobody was connected to what was changed.
void print_unlooked(Output& out, const ChangeReport& report) {
  const SelfSettings& all = report.applied.self_settings();
  std::map<std::pair<std::string, std::string>, std::string> known;  // by program and listeners
  for (const SelfSetting& self : all.predicted()) {
    const Option& option = kOptions[self.option];
    std::string& text = known[{self.program, listeners_text(self.listeners)}];
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", option.key.view(),
                        reading_text(option, self.value));
  }
  for (const auto& [whose, text] : known) {
    print_sentence(
        out, fmt::format("{} is known to set {} itself after accept, unless configured otherwise "
                         "(no connection to {} was examined), so new ones will hold that.",
                         printable(whose.first, 40), text, whose.second));
  }
  for (const auto& [program, unknown] : all.unknown()) {
    std::string keys;
    for (const OptionId id : unknown.options) {
      keys += fmt::format("{}{}", keys.empty() ? "" : ", ", kOptions[id].key.view());
    }
    print_sentence(out,
                   fmt::format("Whether {} sets {} itself after accept is unknown: no "
                               "connection to {} was examined.",
                               printable(program, 40), keys, listeners_text(unknown.listeners)));
  }
}

// Whoever names a master may have meant its workers.
void print_children(Output& out, const ChangeReport& report) {
  constexpr std::size_t kMost = 4;
  const std::vector<ProcessEntry>& children = report.applied.children();
  if (children.empty()) return;
  std::string text;
  std::string names;
  std::set<std::string> named;
  for (const ProcessEntry& child : children) {
    const std::string name = printable(child.name, 40);
    if (named.insert(name).second) names += (names.empty() ? "" : " ") + name;
    const auto at = static_cast<std::size_t>(&child - children.data());
    if (at == kMost) text += fmt::format(" and {} more", children.size() - kMost);
    if (at < kMost) text += fmt::format("{}{}({})", text.empty() ? "" : ", ", name, child.pid);
  }
  print_sentence(out, fmt::format("Connections to these listeners are also held by {}, which you "
                                  "did not name: give the PIDs, or `{}`, for those.",
                                  text, names));
}

}  // namespace

void print_self_settings(Output& out, const ChangeReport& report) {
  print_seen(out, report);
  print_unlooked(out, report);
  print_children(out, report);
}

}  // namespace sockopt
