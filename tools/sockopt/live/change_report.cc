// SPDX-License-Identifier: MIT
#include "tools/sockopt/live/change_report.h"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>

#include "shim/sockets/apply.h"
#include "tools/inspect/option_reading.h"
#include "tools/inspect/unset_value.h"
#include "tools/sockopt/live/undo.h"
#include "tools/sockopt/policy/setting_text.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/report/shell_command.h"

namespace sockopt {
namespace {

constexpr std::string_view kGap = "  ";
constexpr std::size_t kIndent = 4;

// `nginx(812+4)`: the first process, and how many more have the socket, or sockets of the group.
std::string owners_text(const ChangeGroup& group) {
  std::set<pid_t> pids;
  for (const ChangedSocket& socket : group.sockets) {
    for (const SocketOwner& owner : socket.owners) pids.insert(owner.pid);
  }
  std::string text = fmt::format("{}({}", printable(group.program, 40), *pids.begin());
  if (pids.size() > 1) text += fmt::format("+{}", pids.size() - 1);
  return text + ')';
}

// `LISTEN 0.0.0.0:443  nginx(812)`, `ESTAB ×97 to 192.0.2.7:5432  php-fpm(97+3)`.
std::string subject_text(const ChangeGroup& group) {
  std::string text(state_name(group.state));
  if (group.sockets.size() > 1) text += fmt::format(" {}{}", signs().times, group.sockets.size());
  return fmt::format("{} {}{}{}{}", text, group.role == SocketRole::kClient ? "to " : "",
                     group.address.text(), kGap, owners_text(group));
}

// What the kernel made of what was asked, where that is another value: `asked 16384, somaxconn`,
// `asked 64K, doubled`. Empty where it holds just that.
std::string difference_text(const Option& option, const Setting& setting,
                            const OptionReading& held) {
  const std::string asked = value_text(option, setting.value);
  if (!held || asked == kUnset || value_text(option, held.value) == asked) return {};
  switch (option.read_back) {
    case ReadBack::kDoubled:
      return held.value.number(option.kind) == 2 * setting.value.number(option.kind)
                 ? fmt::format("asked {}, doubled", asked)
                 : fmt::format("asked {}, doubled and cut: net.core.{}mem_max", asked,
                               option.key.view().front() == 'r' ? 'r' : 'w');
    case ReadBack::kCapped:
      return fmt::format("asked {}, somaxconn", asked);
    case ReadBack::kRounded:
      return fmt::format("asked {}, rounded", asked);
    case ReadBack::kEcnMasked:
      return fmt::format("asked {}, the ECN bits are the kernel's", asked);
    default:
      return fmt::format("asked {}", asked);
  }
}

std::string change_text(const Option& option, const OptionChange& change, SocketRole role) {
  const std::string_view key = option.key.view();
  const std::string reason = reason_text(option, change);
  if (change.outcome == Outcome::kRefused) {
    return fmt::format("{} {} -> {} {}", key, reading_text(option, change.before),
                       value_text(option, change.setting->value), reason);
  }
  if (change.outcome != Outcome::kChanged) {
    return fmt::format("{} {} {}", key, reading_text(option, change.before), reason);
  }
  if (option.read_back == ReadBack::kNever && !change.after) {
    return fmt::format("{} set to {} (the kernel does not tell it)", key,
                       value_text(option, change.setting->value));
  }
  std::string text = fmt::format("{} {} -> {}", key, reading_text(option, change.before),
                                 reading_text(option, change.after));
  const std::string difference =
      change.follows_tos ? "" : difference_text(option, *change.setting, change.after);
  if (!difference.empty()) text += fmt::format(" ({})", difference);
  if (change.follows_tos) {
    text += " (set by tos)";
  } else if (role == SocketRole::kListener && option.inheritance == Inheritance::kPerSocket) {
    text += " (connections do not inherit it)";
  }
  return text;
}

// Before a restart undoes it. The unit is known by its processes.
std::string lasting_text(const ChangeLog& log, const PolicySources& sources) {
  constexpr std::string_view kService = ".service";
  std::set<std::string> units;
  bool are_held = true;
  for (const ChangeGroup& group : log.groups()) {
    if (!group.has(Outcome::kChanged)) continue;
    units.insert(group.unit);
    are_held = are_held && group.is_held;
  }
  const bool one_service = units.size() == 1 && units.begin()->ends_with(kService);
  if (!one_service) return "It lasts until the program recreates the socket.";
  if (are_held) {
    return "It lasts until the next restart; then the library sets it again, unless the program "
           "does.";
  }
  const std::string& unit = *units.begin();
  // So that systemd knows it, whether the next start is that of the unit or of the system.
  std::vector<std::string> words = enable_words(sources);
  words.insert(words.begin() + 2, "--now");
  words.push_back(unit.substr(0, unit.size() - kService.size()));
  // What was typed is in no file that the next start would read.
  const bool is_typed = !sources.options.empty() || sources.enforces || sources.options_only;
  return fmt::format("It lasts until the next restart; {}`{}` makes it permanent.",
                     is_typed ? "written into the configuration, " : "", command_text(words));
}

// Where nothing was met that is meant: what was not.
std::string nothing_text(const ChangeReport& report) {
  const SocketSelection& selection = report.selection;
  const bool narrowed = !selection.listeners.empty() || !selection.cookies.empty();
  return fmt::format("Nothing matched: there is no {}", narrowed                ? "such socket"
                                                        : selection.established ? "TCP socket"
                                                                                : "listener");
}

std::string counts_text(const ChangeLog& log, bool dry_run) {
  // As the history counts: a socket of which anything was changed is a changed one.
  std::string text = fmt::format("Sockets: {} {}", log.changed() + log.in_part(),
                                 dry_run ? "would change" : "changed");
  if (log.in_part() != 0) text += fmt::format(" ({} only in part)", log.in_part());
  text += fmt::format(", {} {}", log.failed() - log.in_part(), dry_run ? "would fail" : "failed");
  if (log.kept() != 0) text += fmt::format(", {} kept", log.kept());
  if (log.settled() != 0) text += fmt::format(", {} already set", log.settled());
  if (log.unsuited() != 0) text += fmt::format(", {} not of a kind that takes it", log.unsuited());
  if (log.unconcerned() != 0) {
    text += fmt::format(", {} that nothing is configured for", log.unconcerned());
  }
  return text;
}

void print_summary(Output& out, const ChangeReport& report) {
  const ChangeLog& log = report.applied.log();
  const LiveApply& applied = report.applied;
  const bool dry_run = report.mode == Mode::kDryRun;
  const bool none = log.selected() == 0 && applied.unreadable().empty();
  // Of a process that was left alone it is not known what there is.
  const bool left_out = !applied.without_policy().empty() || !applied.faults().empty();
  if (none && left_out) return;
  std::string text = none ? nothing_text(report) : counts_text(log, dry_run);
  if (log.left_alone() != 0 && report.selection.cookies.empty()) {
    text += fmt::format("; {} left alone", counted(log.left_alone(), "connection"));
    if (!report.selection.established) text += " (--established)";
  }
  out.print("{}.", text);
  if (report.lasting == Lasting::kNextStart) {
    out.write(" The next start sets the same.");
  } else if (report.lasting == Lasting::kAttached) {
    out.print(" {}", report.attached);
  } else if (!dry_run && log.changed() + log.in_part() != 0) {
    out.print(" {}", lasting_text(log, report.sources));
  }
  out.write("\n");
  for (const auto& [key, why] : applied.not_taken()) {
    out.print("{} is set nowhere: {}.\n", key, why);
  }
}

void print_reversals(Output& out, const ChangeReport& report) {
  for (const Reversal& one : report.applied.reversals()) {
    out.print("{} has the library, which enforces {} = {} ({}) as soon as the program sets it.\n",
              printable(one.program, 40), kOptions[one.option].key.view(), one.value, one.from);
  }
}

}  // namespace

std::string reason_text(const Option& option, const OptionChange& change) {
  TextOf<200> text;
  switch (change.outcome) {
    case Outcome::kChanged:
      return {};
    case Outcome::kRefused:
      text << "refused: ";
      describe_refusal(option, change.setting->value, change.error, text);
      return std::string(text.view());
    case Outcome::kTooLate:
      return option.bind_order == BindOrder::kOnlyBefore
                 ? fmt::format("stays: {} can only be set {}; restart the program",
                               value_text(option, change.setting->value),
                               option.hook_points == kInSocket ? "when the socket is created"
                                                               : "before bind")
                 : fmt::format("is above {}, and can only be set before connecting",
                               value_text(option, change.setting->value));
    case Outcome::kKept:
      return fmt::format("kept: {} is shorter, and only --enforce shortens a backlog",
                         value_text(option, change.setting->value));
    case Outcome::kVanished:
      return "not set: it stopped listening meanwhile";
  }
  return {};
}

std::vector<std::string> undo_lines(const ChangeReport& report) {
  std::vector<std::string> lines;
  if (report.mode == Mode::kDryRun) return lines;
  for (const auto& words : undo_commands(report.applied.log())) {
    lines.push_back(fmt::format("Undo: {}\n", command_text(words)));
  }
  return lines;
}

std::string group_text(const ChangeGroup& group, const Style& style,
                       std::optional<std::size_t> width) {
  const Policy& policy = *group.policy;
  std::string line = subject_text(group);
  std::size_t column = line.size();
  for (const OptionChange& change : group.changes) {
    const std::string text = change_text(policy.option(change.option), change, group.role);
    if (width && column + kGap.size() + text.size() > *width) {
      line += '\n' + std::string(kIndent, ' ');
      column = kIndent;
    } else {
      line += kGap;
      column += kGap.size();
    }
    line += change.is_failure() ? style.red(text) : text;
    column += text.size();
  }
  return line;
}

void print_changes(Output& out, const ChangeReport& report) {
  const Style style = Style::of(STDOUT_FILENO);
  const auto width = terminal_width(STDOUT_FILENO);
  const ChangeLog& log = report.applied.log();
  for (const bool listeners : {true, false}) {
    for (const ChangeGroup& group : log.groups()) {
      if ((group.role == SocketRole::kListener) != listeners) continue;
      out.print("{}\n", group_text(group, style, width));
    }
  }
  print_summary(out, report);
  print_self_settings(out, report);
  print_reversals(out, report);
  if (report.mode == Mode::kDryRun) return;
  for (const std::string& line : undo_lines(report)) {
    out.write(line);
    out.keep(line);
  }
  for (const std::string& sentence : lasting_changes(log)) {
    out.print("Not undone by this: {}.\n", sentence);
  }
}

void warn_of_changes(const ChangeReport& report) {
  std::size_t armed = 0;
  for (const ChangeGroup& group : report.applied.log().groups()) {
    if (group.role == SocketRole::kListener) continue;
    for (const OptionChange& change : group.changes) {
      const Option& option = group.policy->option(change.option);
      if (option.key.view() == "keepalive" && change.outcome == Outcome::kChanged &&
          change.after.value.number(option.kind) != 0) {
        armed += group.sockets.size();
      }
    }
  }
  if (armed != 0) {
    warn(
        fmt::format("keepalive {} on {}", report.mode == Mode::kDryRun ? "would be armed" : "armed",
                    counted(armed, "connection")),
        "idle half-dead ones are closed at once");
  }
  if (const std::size_t shortened = report.applied.shortened(); shortened != 0) {
    warn(fmt::format("keepalive {} on {}",
                     report.mode == Mode::kDryRun ? "would be shortened" : "shortened",
                     counted(shortened, "connection")),
         "half-dead ones that are idle for longer are closed at once");
  }
  complain_of_unreadable(report.applied.unreadable(), true);
}

}  // namespace sockopt
