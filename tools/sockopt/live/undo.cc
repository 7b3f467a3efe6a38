// SPDX-License-Identifier: MIT
#include "tools/sockopt/live/undo.h"

#include <fmt/format.h>

#include <cerrno>
#include <map>
#include <set>

#include "shim/options/lookup.h"
#include "tools/inspect/option_reading.h"
#include "tools/inspect/unset_value.h"
#include "tools/sockopt/live/cookie_ranges.h"
#include "tools/sockopt/policy/setting_text.h"

namespace sockopt {
namespace {

// How a setting names kBufLock.
constexpr std::string_view kBufLockKey = "raw.1.72";

using Words = std::vector<std::string>;

// What was there before, option by option.
struct Assignments {
  Words all;
  bool backlog = false;

  bool operator<(const Assignments& other) const { return all < other.all; }
};

std::string assignment(const Option& option, const Value& before) {
  // One that has no bound reads as the default one.
  const bool unset =
      option.read_back == ReadBack::kMss && before.number(option.kind) == kDefaultMss;
  return fmt::format("{}={}", option.key.view(),
                     unset ? std::string(kUnset) : value_text(option, before));
}

Assignments assignments_of(const ChangeGroup& group) {
  const Policy& policy = *group.policy;
  Assignments result;
  int locks = -1;
  std::string lock_word;
  OptionReading priority = {.error = ENODATA};
  for (const OptionChange& change : group.changes) {
    if (change.outcome != Outcome::kChanged || change.obstacle != UndoObstacle::kNone) continue;
    const Option& option = policy.option(change.option);
    if (option.ipv4 == kBufLock) {
      lock_word = assignment(option, change.before.value);
      continue;
    }
    if (option.key == "priority") {
      priority = change.before;
      continue;
    }
    if (change.priority) priority = change.priority;
    Value before = change.before.value;
    if (option.read_back == ReadBack::kDoubled) {
      before = value_of_int(static_cast<int>(before.number(option.kind) / 2));
      // The first to be set was met with the locks as they were.
      if (locks < 0) locks = change.buffer_locks;
    }
    if (option.kind == Kind::kBacklog) result.backlog = true;
    result.all.push_back(assignment(option, before));
  }
  // To set tos sets it as well.
  if (priority) result.all.push_back(assignment(kOptions[find_option("priority")], priority.value));
  // Last, as to set a size locks it; and once, though an undo sets it besides.
  if (locks >= 0) lock_word = fmt::format("{}={}", kBufLockKey, locks);
  if (!lock_word.empty()) result.all.push_back(lock_word);
  return result;
}

// Sockets of which the same is to be brought back.
struct Share {
  std::vector<std::uint64_t> cookies;
  std::set<pid_t> pids;

  void add(const ChangeGroup& group) {
    for (const ChangedSocket& socket : group.sockets) {
      cookies.push_back(socket.cookie);
      pids.insert(socket.owners.front().pid);
    }
  }
};

// As many as it takes for their numbers to fit.
void add_commands(std::vector<Words>& commands, const Assignments& assignments,
                  const Share& share) {
  for (const std::string& ranges : CookieRanges(share.cookies).texts()) {
    Words words = {"sockopt", "apply", "--no-file"};
    // Only so is a backlog made shorter.
    if (assignments.backlog) words.emplace_back("--enforce");
    for (const std::string& one : assignments.all) words.insert(words.end(), {"-o", one});
    words.insert(words.end(), {"--socket", ranges});
    for (const pid_t pid : share.pids) words.push_back(std::to_string(pid));
    commands.push_back(std::move(words));
  }
}

// Why an option stays as it is, in spite of them.
std::string lasting_text(const Option& option, const OptionChange& change, SocketRole role) {
  const std::string before = reading_text(option, change.before);
  switch (change.obstacle) {
    case UndoObstacle::kUnknown:
      return "stays: the kernel does not tell what it was before";
    case UndoObstacle::kTwoValues:
      return "stays: it had one value for IPv4 and another for IPv6";
    case UndoObstacle::kNoSuchValue:
      return fmt::format("stays: it was {}, which cannot be set on such a socket", before);
    case UndoObstacle::kNone:
      break;
  }
  if (option.read_back == ReadBack::kDoubled && change.before.tuned != false) {
    if (change.buffer_locks < 0) {
      return "stays fixed: the kernel cannot re-enable its tuning on such a socket";
    }
    if (role != SocketRole::kListener && option.key.view().starts_with('r')) {
      return "of a connection may stay: the kernel enlarges it only for one that receives faster "
             "than it has";
    }
  }
  if (option.kind == Kind::kRate && is_unset(option, change.before.value)) {
    return "leaves pacing on, without a limit: the kernel never turns it off";
  }
  return {};
}

}  // namespace

std::vector<std::vector<std::string>> undo_commands(const ChangeLog& log) {
  std::map<Assignments, Share> shares;
  for (const ChangeGroup& group : log.groups()) {
    const Assignments assignments = assignments_of(group);
    if (!assignments.all.empty()) shares[assignments].add(group);
  }
  std::vector<Words> commands;
  for (const auto& [assignments, share] : shares) add_commands(commands, assignments, share);
  return commands;
}

std::vector<std::string> lasting_changes(const ChangeLog& log) {
  std::set<std::string> sentences;
  for (const ChangeGroup& group : log.groups()) {
    for (const OptionChange& change : group.changes) {
      if (change.outcome != Outcome::kChanged) continue;
      const Option& option = group.policy->option(change.option);
      const std::string why = lasting_text(option, change, group.role);
      if (!why.empty()) sentences.insert(fmt::format("{} {}", option.key.view(), why));
    }
  }
  return {sentences.begin(), sentences.end()};
}

}  // namespace sockopt
