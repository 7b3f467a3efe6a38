// SPDX-License-Identifier: MIT
#include "tools/sockopt/live/undo.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

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
  Words inherited;  // of these, what connections have as well
  bool backlog = false;

  bool operator<(const Assignments& other) const { return all < other.all; }
};

Assignments assignments_of(const ChangeGroup& group) {
  const Policy& policy = *group.policy;
  Assignments result;
  int locks = -1;
  std::string lock_word;
  for (const OptionChange& change : group.changes) {
    if (change.outcome != Outcome::kChanged || change.obstacle != UndoObstacle::kNone) continue;
    const Option& option = policy.option(change.option);
    if (option.ipv4 == kBufLock) {
      lock_word = fmt::format("{}={}", option.key.view(), value_text(option, change.before.value));
      continue;
    }
    Value before = change.before.value;
    if (option.read_back == ReadBack::kDoubled) {
      before = value_of_int(static_cast<int>(before.number(option.kind) / 2));
      // The first to be set was met with the locks as they were.
      if (locks < 0) locks = change.buffer_locks;
    }
    if (option.kind == Kind::kBacklog) result.backlog = true;
    const std::string word = fmt::format("{}={}", option.key.view(), value_text(option, before));
    result.all.push_back(word);
    if (option.inheritance != Inheritance::kListener) result.inherited.push_back(word);
  }
  // Last, as to set a size locks it; and once, though an undo sets it besides.
  if (locks >= 0) lock_word = fmt::format("{}={}", kBufLockKey, locks);
  if (!lock_word.empty()) {
    result.all.push_back(lock_word);
    result.inherited.push_back(result.all.back());
  }
  return result;
}

// Sockets of which the same is to be brought back.
struct Share {
  std::vector<std::uint64_t> cookies;
  std::set<Endpoint> addresses;
  std::set<pid_t> pids;

  void add(const ChangeGroup& group) {
    addresses.insert(group.address);
    for (const ChangedSocket& socket : group.sockets) {
      cookies.push_back(socket.cookie);
      pids.insert(socket.owners.front().pid);
    }
  }
};

Words command(const Assignments& assignments) {
  Words words = {"sockopt", "apply", "--no-file"};
  // Only so is a backlog made shorter.
  if (assignments.backlog) words.emplace_back("--enforce");
  for (const std::string& one : assignments.all) {
    words.emplace_back("-o");
    words.push_back(one);
  }
  return words;
}

void add_pids(Words& words, const std::set<pid_t>& pids) {
  for (const pid_t pid : pids) words.push_back(std::to_string(pid));
}

std::set<std::uint64_t> listeners_in_reach(const ChangeLog& log, const std::set<pid_t>& pids) {
  std::set<std::uint64_t> all;
  for (const pid_t pid : pids) {
    const SeenProcess* seen = log.find_process(pid);
    if (seen != nullptr) all.insert(seen->listeners.begin(), seen->listeners.end());
  }
  return all;
}

std::size_t connections_in_reach(const ChangeLog& log, const std::set<pid_t>& pids) {
  std::size_t count = 0;
  for (const pid_t pid : pids) {
    const SeenProcess* seen = log.find_process(pid);
    if (seen != nullptr) count += seen->connections;
  }
  return count;
}

bool are_all(const Share& share, const std::set<std::uint64_t>& reach) {
  return share.cookies.size() == reach.size();
}

// As --listen takes it, in which an IPv4-mapped address is the IPv4 one.
std::string address_text(const Endpoint& endpoint) {
  TextOf<64> text;
  format_address(endpoint.address_for_rules(), text);
  return std::string(text.view());
}

// The share's addresses, where they tell its listeners from the others in reach; else none.
std::set<std::string> telling_addresses(const Share& share, const std::set<std::uint64_t>& reach,
                                        const ChangeLog& log) {
  constexpr std::size_t kReadable = 8;
  std::set<std::string> texts;
  for (const Endpoint& address : share.addresses) texts.insert(address_text(address));
  const auto count = std::count_if(reach.begin(), reach.end(), [&](std::uint64_t cookie) {
    return texts.contains(address_text(log.listeners().at(cookie)));
  });
  const bool tell = static_cast<std::size_t>(count) == share.cookies.size();
  return tell && texts.size() <= kReadable ? texts : std::set<std::string>();
}

void add_by_number(std::vector<Words>& commands, const Assignments& assignments,
                   const Share& share) {
  for (const std::string& ranges : CookieRanges(share.cookies).texts()) {
    Words words = command(assignments);
    words.emplace_back("--socket");
    words.push_back(ranges);
    add_pids(words, share.pids);
    commands.push_back(std::move(words));
  }
}

void add_listeners(std::vector<Words>& commands, const Assignments& assignments, const Share& share,
                   const ChangeLog& log) {
  const std::set<std::uint64_t> reach = listeners_in_reach(log, share.pids);
  Words words = command(assignments);
  if (!are_all(share, reach)) {
    const std::set<std::string> addresses = telling_addresses(share, reach, log);
    if (addresses.empty()) return add_by_number(commands, assignments, share);
    for (const std::string& address : addresses) {
      words.emplace_back("--listen");
      words.push_back(address);
    }
  }
  add_pids(words, share.pids);
  commands.push_back(std::move(words));
}

using Shares = std::map<Assignments, Share>;

// One command for everything, where nothing of the processes is left out of it.
bool add_together(std::vector<Words>& commands, const Shares& listeners, const Shares& connections,
                  const ChangeLog& log) {
  if (listeners.size() != 1 || connections.size() != 1) return false;
  const auto& [assignments, share] = *listeners.begin();
  const auto& [of_connections, connection_share] = *connections.begin();
  if (assignments.inherited != of_connections.all) return false;
  std::set<pid_t> pids = share.pids;
  pids.insert(connection_share.pids.begin(), connection_share.pids.end());
  if (!are_all(share, listeners_in_reach(log, pids))) return false;
  if (connection_share.cookies.size() != connections_in_reach(log, pids)) return false;
  Words words = command(assignments);
  words.emplace_back("--established");
  add_pids(words, pids);
  commands.push_back(std::move(words));
  return true;
}

std::string_view reason(UndoObstacle obstacle) {
  return obstacle == UndoObstacle::kTwoValues
             ? "it had one value for IPv4 and another for IPv6"
             : "it was never set before, and only a restart brings that back";
}

}  // namespace

std::vector<std::vector<std::string>> undo_commands(const ChangeLog& log) {
  Shares listeners;
  Shares connections;
  for (const ChangeGroup& group : log.groups()) {
    const Assignments assignments = assignments_of(group);
    if (assignments.all.empty()) continue;
    (group.role == SocketRole::kListener ? listeners : connections)[assignments].add(group);
  }
  std::vector<Words> commands;
  if (add_together(commands, listeners, connections, log)) return commands;
  for (const auto& [assignments, share] : listeners) {
    add_listeners(commands, assignments, share, log);
  }
  for (const auto& [assignments, share] : connections) add_by_number(commands, assignments, share);
  return commands;
}

std::vector<std::string> lasting_changes(const ChangeLog& log) {
  std::set<std::string> sentences;
  for (const ChangeGroup& group : log.groups()) {
    for (const OptionChange& change : group.changes) {
      if (change.outcome != Outcome::kChanged) continue;
      const Option& option = group.policy->option(change.option);
      const std::string_view key = option.key.view();
      if (change.obstacle != UndoObstacle::kNone) {
        sentences.insert(fmt::format("{} stays: {}", key, reason(change.obstacle)));
      } else if (option.read_back == ReadBack::kDoubled && change.buffer_locks < 0) {
        sentences.insert(
            fmt::format("{} stays fixed: this kernel cannot re-enable its tuning", key));
      }
    }
  }
  return {sentences.begin(), sentences.end()};
}

}  // namespace sockopt
