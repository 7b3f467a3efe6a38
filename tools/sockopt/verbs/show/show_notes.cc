// SPDX-License-Identifier: MIT
#include "tools/sockopt/verbs/show/show_notes.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>

#include "tools/sockopt/live/initial_values.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/report/shell_command.h"
#include "tools/sockopt/report/terminal.h"
#include "tools/sockopt/report/text_table.h"
#include "tools/sockopt/verbs/show/show_words.h"

namespace sockopt {
namespace {

// Those that something differs from; where nothing does, all that there are.
std::string sources_text(const Census& census, const std::vector<SocketGroup>& groups) {
  std::vector<const Policy*> policies;
  for (const SocketGroup& group : groups) {
    if (group.first->differs.empty()) continue;
    const PolicyPool::Id id = census.process_of(*group.first).holding.policy;
    policies.push_back(&census.policies().checker(id).policy());
  }
  return sources_text(policies.empty() ? census.policies().used() : policies);
}

}  // namespace

void print_drift(Output& out, Census& census, const std::vector<SocketGroup>& groups,
                 const TableForm& form) {
  const InitialValues initial;
  const Style style = Style::of(STDOUT_FILENO);
  const auto width = form.wide ? std::nullopt : terminal_width(STDOUT_FILENO);
  std::set<std::string> said;
  for (const SocketGroup& group : groups) {
    const std::string why = drift_text(census, initial, *group.first);
    if (why.empty()) continue;
    const std::string line = fmt::format("! {} {}{} {}: {}", state_text(*group.first),
                                         group.first->role == SocketRole::kClient ? "to " : "",
                                         shown_end(*group.first).text(),
                                         owners_text(census, group.processes, false), why);
    if (!said.insert(line).second) continue;
    constexpr std::size_t kIndent = 2;
    std::string_view indent;
    for (const std::string& part : wrap_text(line, width ? *width - kIndent : line.size())) {
      out.print("{}{}\n", indent, style.yellow(part));
      indent = "  ";
    }
  }
}

void print_left_out(Output& out, const std::vector<std::string>& titles) {
  std::string list;
  for (const std::string& title : titles) list += (list.empty() ? "" : " ") + title;
  if (!list.empty()) out.print("No room for {} (--wide).\n", list);
}

void print_unnamed(Output& out, const Census& census) {
  std::map<std::string, std::vector<std::uint32_t>> by_names;
  for (std::uint32_t i = 0; i < census.processes().size(); ++i) {
    const std::string& names = census.processes()[i].holding.unnamed;
    if (!names.empty()) by_names[names].push_back(i);
  }
  for (const auto& [names, processes] : by_names) {
    out.print("No rule is for {}, which rules know as {}.\n", owners_text(census, processes, false),
              names);
  }
}

void print_drops_note(Output& out, const std::vector<SocketGroup>& groups) {
  const bool unsure = std::any_of(groups.begin(), groups.end(), [](const SocketGroup& group) {
    return group.drops && !group.drops->is_known();
  });
  if (!unsure) return;
  out.write(
      "DROPS as a range: defer_accept is set, and the kernel counts what it defers as well.\n");
}

void print_summary(Output& out, const Census& census, const std::vector<SocketGroup>& groups,
                   const TableForm& form) {
  const auto differing = std::count_if(groups.begin(), groups.end(), [](const SocketGroup& group) {
    return !group.first->differs.empty();
  });
  std::string text = counted(groups.size(), form.each ? "socket" : "group");
  const std::string sources = sources_text(census, groups);
  if (sources.empty()) {
    text += "; no policy is configured";
  } else if (differing == 0) {
    text += fmt::format(", none differs from {}", sources);
  } else {
    text += fmt::format(", {} differ{} from {} (marked !)", differing, differing == 1 ? "s" : "",
                        sources);
  }
  const std::string unreadable = unreadable_text(census.unreadable());
  out.print("{}.{}{}{}\n", text, unreadable.empty() ? "" : " ", unreadable,
            unreadable.empty() ? "" : ".");
  if (differing != 0 && !form.remedy.empty()) {
    out.print("Fix: {}\n", command_text(form.remedy));
  }
}

}  // namespace sockopt
