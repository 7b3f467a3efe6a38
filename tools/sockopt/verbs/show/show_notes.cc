// SPDX-License-Identifier: MIT
#include "tools/sockopt/verbs/show/show_notes.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
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

bool is_marked(const SocketGroup& group) { return !group.first->differs.empty(); }

bool has_policy(const Census& census, const SocketGroup& group) {
  return !census.policies().possible(group.first->policy).empty();
}

// Of the policies that these groups are held to.
template <typename Wanted>
std::string sources_text(const Census& census, const std::vector<SocketGroup>& groups,
                         const Wanted& wanted) {
  std::vector<const Policy*> policies;
  for (const SocketGroup& group : groups) {
    if (wanted(group)) policies.push_back(&census.checker_of(*group.first).policy());
  }
  return sources_text(policies);
}

std::set<std::uint32_t> shown_processes(const std::vector<SocketGroup>& groups) {
  std::set<std::uint32_t> all;
  for (const SocketGroup& group : groups)
    all.insert(group.processes.begin(), group.processes.end());
  return all;
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

void print_unnamed(Output& out, const Census& census, const std::vector<SocketGroup>& groups) {
  std::map<std::string, std::vector<std::uint32_t>> by_names;
  for (const std::uint32_t i : shown_processes(groups)) {
    const std::string& names = census.processes()[i].holding.unnamed;
    if (!names.empty()) by_names[names].push_back(i);
  }
  for (const auto& [names, processes] : by_names) {
    out.print("No rule is for {}, which rules know as {}.\n", owners_text(census, processes, false),
              names);
  }
}

void print_changed_files(Output& out, const Census& census,
                         const std::vector<SocketGroup>& groups) {
  std::map<std::string, std::vector<std::uint32_t>> by_files;
  for (const std::uint32_t i : shown_processes(groups)) {
    const PolicyPool::Holding& holding = census.processes()[i].holding;
    if (!holding.now) continue;
    const Policy& held = census.policies().checker(holding.policy).policy();
    std::string state = "has changed since; `apply` uses it as it is now.";
    if (!holding.faults.empty()) {
      const std::string& file = holding.faults.front().place.file;
      const bool is_there = !file.empty() && ::access(file.c_str(), F_OK) == 0;
      state = is_there
                  ? "has changed since and has errors: " + command_text({"sockopt", "check", file})
                  : "no longer exists.";
    }
    by_files[fmt::format("{}, which {}", sources_text({&held}), state)].push_back(i);
  }
  for (const auto& [files, processes] : by_files) {
    out.print("{} has read {}\n", owners_text(census, processes, false), files);
  }
}

void print_drops_note(Output& out, const std::vector<SocketGroup>& groups) {
  const bool unsure = std::any_of(groups.begin(), groups.end(), [](const SocketGroup& group) {
    return group.drops && !group.drops->is_known();
  });
  if (!unsure) return;
  out.write(
      "DROPS as a range: the kernel counts some drops twice, and with them what it held back "
      "or\n  had answered before.\n");
}

void print_attached(Output& out, const Census& census, const std::vector<SocketGroup>& groups,
                    const EngineReach& engine) {
  std::set<std::uint32_t> shown;
  for (const SocketGroup& group : groups) {
    shown.insert(group.processes.begin(), group.processes.end());
  }
  std::map<std::string, std::vector<std::uint32_t>> by_cgroup;
  for (const std::uint32_t i : shown) {
    const Attachment* const one = attached_to(engine, census.processes()[i]);
    if (one != nullptr) by_cgroup[printable(one->directory)].push_back(i);
  }
  for (const auto& [cgroup, processes] : by_cgroup) {
    out.print("{}: sockopt attach is at work on {}.\n", owners_text(census, processes, false),
              cgroup);
  }
}

// How many of the groups have a policy, and how many differ from it, and which it is.
void print_summary(Output& out, const Census& census, const std::vector<SocketGroup>& groups,
                   const TableForm& form, const EngineReach& engine) {
  const auto with_policy = [&](const SocketGroup& group) { return has_policy(census, group); };
  const auto differing = std::count_if(groups.begin(), groups.end(), is_marked);
  const auto held_to = std::count_if(groups.begin(), groups.end(), with_policy);
  const bool all = static_cast<std::size_t>(held_to) == groups.size();
  std::string text = counted(groups.size(), form.each ? "socket" : "group");
  std::string sources = differing != 0 ? sources_text(census, groups, is_marked)
                                       : sources_text(census, groups, with_policy);
  if (groups.empty()) sources = sources_text(census.policies().used());
  if (!all && held_to != 0) {
    text += fmt::format(", {} {} a policy", held_to, held_to == 1 ? "has" : "have");
  }
  if (sources.empty() && groups.empty() && !census.policies().is_given()) {
    // What those without a socket hold was not looked at.
    text += form.names_targets ? ": no TCP socket was found" : ": no listener was found";
  } else if (sources.empty()) {
    const std::string others = sources_text(census.policies().used());
    const std::set<std::uint32_t> shown = shown_processes(groups);
    const bool attached = std::any_of(shown.begin(), shown.end(), [&](std::uint32_t i) {
      return attached_to(engine, census.processes()[i]) != nullptr;
    });
    text += !others.empty()       ? "; nothing is configured for these"
            : attached            ? "; no policy is configured besides what is attached"
            : form.has_zmq_policy ? "; no policy is configured for TCP sockets"
                                  : "; no policy is configured";
  } else if (differing == 0) {
    text += fmt::format(", none differs from {}", sources);
  } else {
    text += fmt::format(", {} differ{} from {} (marked !)", differing, differing == 1 ? "s" : "",
                        sources);
  }
  const std::string unreadable = unreadable_text(census.unreadable());
  out.print("{}.{}{}{}\n", text, unreadable.empty() ? "" : " ", unreadable,
            unreadable.empty() ? "" : ".");
}

void print_fix(Output& out, const Fix& fix) {
  if (fix.is_barred) out.write("`apply` changes nothing while the configuration has errors.\n");
  if (!fix.after_restart.empty()) {
    std::string keys;
    for (const std::string& key : fix.after_restart) keys += (keys.empty() ? "" : ", ") + key;
    out.print("Only at a start: {}. Configure it, and restart the program.\n", keys);
  }
  if (fix.command.empty()) return;
  out.print("Fix: {}\n", command_text(fix.command));
  std::vector<std::string> dry_run = fix.command;
  dry_run.insert(dry_run.begin() + 2, "--dry-run");
  out.print("Look first: {}\n", command_text(dry_run));
}

}  // namespace sockopt
