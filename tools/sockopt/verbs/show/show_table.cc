// SPDX-License-Identifier: MIT
#include "tools/sockopt/verbs/show/show_table.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "shim/options/lookup.h"
#include "tools/inspect/option_reading.h"
#include "tools/sockopt/diagnosis/engine_reach.h"
#include "tools/sockopt/live/initial_values.h"
#include "tools/sockopt/policy/setting_text.h"
#include "tools/sockopt/report/terminal.h"
#include "tools/sockopt/report/text_table.h"
#include "tools/sockopt/verbs/show/arrangement.h"
#include "tools/sockopt/verbs/show/show_notes.h"
#include "tools/sockopt/verbs/show/show_words.h"

namespace sockopt {
namespace {

const OptionId kKeepalive = find_option("keepalive");
const OptionId kKeepidle = find_option("keepidle");
const OptionId kKeepintvl = find_option("keepintvl");
const OptionId kKeepcnt = find_option("keepcnt");
const OptionId kUserTimeout = find_option("user_timeout");
const OptionId kNodelay = find_option("nodelay");
const OptionId kBacklog = find_option("backlog");

OptionSet set_of(std::initializer_list<OptionId> ids) {
  OptionSet set;
  for (const OptionId id : ids) set.add(id);
  return set;
}

OptionSet keepalive_options() { return set_of({kKeepalive, kKeepidle, kKeepintvl, kKeepcnt}); }

// Those that have columns whatever the policy is.
OptionSet usual_options() {
  return keepalive_options() | set_of({kUserTimeout, kNodelay, kBacklog});
}

OptionSet all_options() {
  OptionSet all;
  for (OptionId id = 0; id < kOptionCount; ++id) all.add(id);
  return all;
}

std::string_view mark(const CensusSocket& socket, OptionSet options) {
  return (socket.differs & options).empty() ? "" : "!";
}

class SocketTable {
 public:
  SocketTable(Census& census, const TableForm& form, const std::vector<SocketGroup>& groups,
              const EngineReach& engine)
      : census_(census), form_(form), sign_(signs()), engine_(engine), table_(columns(groups)) {
    for (const SocketGroup& group : groups) add(group);
  }

  void print(Output& out) const { table_.print(out, Style::of(STDOUT_FILENO), width()); }
  std::vector<std::string> left_out() const { return table_.left_out(width()); }

 private:
  std::optional<std::size_t> width() const {
    return form_.wide ? std::nullopt : terminal_width(STDOUT_FILENO);
  }
  std::vector<Column> columns(const std::vector<SocketGroup>& groups) {
    OptionSet shown;
    for (const SocketGroup& group : groups) {
      const CensusSocket& socket = *group.first;
      for (const OptionId id : socket.differs | (form_.wide ? socket.holds : OptionSet())) {
        if (id < kOptionCount) {
          shown.add(id);
        } else {
          raw_keys_.insert(std::string(option(socket, id).key.view()));
        }
      }
    }
    further_ = shown.without(usual_options());
    shows_namespace_ = form_.wide || census_.net_namespaces().size() > 1;
    std::vector<Column> columns = {{"STATE"}, {"LOCAL", 0, 21}};
    if (form_.each) columns.push_back({"PEER", 2, 21});
    columns.push_back({"PROGRAM", 0, 16});
    if (form_.wide) columns.push_back({"UNIT"});
    if (shows_namespace_) columns.push_back({"NETNS", 6});
    columns.insert(columns.end(),
                   {{"QUEUE"}, {"DROPS", 1}, {"KEEPALIVE"}, {"USER_TIMEOUT", 4}, {"NODELAY", 3}});
    for (const OptionId id : further_) columns.push_back({upper(kOptions[id].key.view()), 5});
    for (const std::string& key : raw_keys_) columns.push_back({upper(key), 5});
    columns.push_back({"FROM", 2});
    if (form_.wide) columns.push_back({"OTHERWISE"});
    return columns;
  }

  static std::string upper(std::string_view key) {
    std::string text(key);
    std::transform(text.begin(), text.end(), text.begin(), to_upper);
    return text;
  }

  const Policy& policy_of(const CensusSocket& socket) const {
    return census_.checker_of(socket).policy();
  }
  const Option& option(const CensusSocket& socket, OptionId id) const {
    return id < kOptionCount ? kOptions[id] : policy_of(socket).option(id);
  }
  std::string held(const CensusSocket& socket, OptionId id) const {
    return held_text(option(socket, id), census_.reading(socket, id));
  }

  void add(const SocketGroup& group) {
    const CensusSocket& socket = *group.first;
    std::string state(state_text(socket));
    if (group.count > 1) state += fmt::format(" {}{}", sign_.times, group.count);
    std::vector<std::string> cells = {std::move(state), local(socket)};
    if (form_.each) cells.push_back(socket.facts.peer.text());
    cells.push_back(owners_text(census_, group.processes, form_.wide));
    const std::string& unit = census_.process_of(socket).unit;
    if (form_.wide) cells.push_back(unit.empty() ? "-" : printable(unit));
    const std::uint64_t space = census_.net_namespace_of(socket).inode;
    if (shows_namespace_) cells.push_back(space == 0 ? "?" : std::to_string(space));
    cells.insert(cells.end(), {queue(group), drops(group), keepalive(socket), user_timeout(socket),
                               held(socket, kNodelay) += mark(socket, set_of({kNodelay}))});
    for (const OptionId id : further_) cells.push_back(wanted(socket, id));
    for (const std::string& key : raw_keys_) cells.push_back(wanted(socket, raw_of(socket, key)));
    cells.push_back(origin(socket));
    if (form_.wide) cells.push_back(otherwise(socket));
    table_.add(cells);
  }

  // What it holds of an option that its policy asks for.
  std::string wanted(const CensusSocket& socket, OptionId id) const {
    if (id == kNoOption) return "-";
    if (!socket.differs.contains(id) && !socket.holds.contains(id)) return "-";
    return held(socket, id) += mark(socket, OptionSet::of(id));
  }

  // A raw option has a number of its own in each policy.
  OptionId raw_of(const CensusSocket& socket, std::string_view key) const {
    for (const OptionId id : socket.differs | socket.holds) {
      if (id >= kOptionCount && option(socket, id).key == key) return id;
    }
    return kNoOption;
  }

  std::string local(const CensusSocket& socket) const {
    if (form_.each || socket.role != SocketRole::kClient) {
      return (form_.each ? socket.facts.local : shown_end(socket)).text();
    }
    return fmt::format("{} {}", sign_.arrow, shown_end(socket).text());
  }

  static std::string queue(const SocketGroup& group) {
    const SocketFacts& facts = group.first->facts;
    if (!facts.listening) return "-";
    if (!facts.queue_limit) return "?";
    return fmt::format("{}/{}{}", group.queue, *facts.queue_limit,
                       mark(*group.first, OptionSet::of(kBacklog)));
  }

  static std::string drops(const SocketGroup& group) {
    const SocketFacts& facts = group.first->facts;
    if (!facts.listening) return "-";
    return group.drops ? group.drops->text() : "?";
  }

  // Off, or how it probes: idle/interval/count.
  std::string keepalive(const CensusSocket& socket) const {
    const OptionReading on = census_.reading(socket, kKeepalive);
    const bool probes = on && on.value.number(Kind::kBoolean) != 0;
    std::string text = held(socket, kKeepalive);
    if (probes) {
      text = fmt::format("{}/{}/{}", held(socket, kKeepidle), held(socket, kKeepintvl),
                         held(socket, kKeepcnt));
    }
    return text += mark(socket, keepalive_options());
  }

  std::string user_timeout(const CensusSocket& socket) const {
    const OptionReading reading = census_.reading(socket, kUserTimeout);
    const bool none = reading && reading.value.number(Kind::kDuration) == 0;
    return (none ? "-" : held(socket, kUserTimeout)) += mark(socket, OptionSet::of(kUserTimeout));
  }

  // Whether a value says anything: the kernel's own does not, what it tunes does not, and what
  // another row tells is said there.
  bool is_set(const CensusSocket& socket, OptionId id) const {
    const OptionReading held = census_.reading(socket, id);
    if (id == kBacklog || kOptions[id].reads.exists() || changes_by_itself(id, socket, held)) {
      return false;
    }
    return initial_.is_set(id, socket.facts, held);
  }

  // Where the values that are shown are from, as far as can be told: what is as the policy wants it
  // is the policy's; the kernel does not record who set the rest.
  std::string origin(const CensusSocket& socket) const {
    Checker& checker = census_.checker_of(socket);
    const Expected& expected = checker.expect(socket.facts, socket.listener);
    std::map<std::string, std::set<std::uint32_t>> lines;
    for (const OptionId id : socket.holds) {
      const Setting& setting = *expected.decision.settings[id];
      const CheckResult result = checker.check(expected, id, census_.reading(socket, id),
                                               census_.net_namespace_of(socket).limits);
      // A backlog may be longer than what is wanted, and is then the program's.
      if (id == kBacklog && result.wanted.number(Kind::kBacklog) !=
                                static_cast<std::int64_t>(*socket.facts.queue_limit)) {
        continue;
      }
      const std::string place = place_text(checker.policy(), setting);
      const bool in_file = checker.policy().rule_of(setting).kind != Rule::Kind::kVariables;
      lines[place.substr(0, place.rfind(':'))].insert(in_file ? setting.line : 0);
    }
    std::string text = places_text(lines);
    std::set<std::string_view> others;
    for (const OptionId id : form_.wide ? all_options() : usual_options()) {
      if (socket.holds.contains(id) || !is_set(socket, id) || is_idle_timer(socket, id)) continue;
      others.insert(socket.applied.contains(id) ? "apply"
                    : is_attached(socket, id)   ? "attach?"
                                                : "program?");
    }
    for (const std::string_view one : others) {
      text += fmt::format("{}{}", text.empty() ? "" : " ", one);
    }
    return text.empty() ? "-" : text;
  }

  // Whether `attach` may have set what nobody else is known to have set.
  bool is_attached(const CensusSocket& socket, OptionId id) const {
    const Attachment* const attached = attached_to(engine_, census_.process_of(socket));
    if (attached == nullptr || !attached->policy) return attached != nullptr;
    return std::any_of(attached->policy->begin(), attached->policy->end(),
                       [&](const Setting& setting) { return setting.option == id; });
  }

  // The times of a keepalive that is off are not shown.
  bool is_idle_timer(const CensusSocket& socket, OptionId id) const {
    if (id == kKeepalive || !keepalive_options().contains(id) || form_.wide) return false;
    const OptionReading on = census_.reading(socket, kKeepalive);
    return on && on.value.number(Kind::kBoolean) == 0;
  }

  // All that somebody has set and that has no column.
  std::string otherwise(const CensusSocket& socket) {
    std::string text;
    for (const OptionId id : all_options().without(usual_options() | further_)) {
      if (!is_set(socket, id)) continue;
      text += fmt::format("{}{}={}", text.empty() ? "" : " ", kOptions[id].key.view(),
                          held(socket, id));
    }
    census_.for_each_reading(socket, [&](OptionId id, const OptionReading& held) {
      if (id < kOptionCount) return;
      const Option& raw = raw_option(socket, id);
      if (raw_keys_.contains(std::string(raw.key.view()))) return;
      if (!initial_.is_set(raw, socket.facts, held)) return;
      text += fmt::format("{}{}={}", text.empty() ? "" : " ", raw.key.view(), held_text(raw, held));
    });
    return text.empty() ? "-" : text;
  }

  // By the policy that it was read for.
  const Option& raw_option(const CensusSocket& socket, OptionId id) const {
    const PolicyPool::Id policy = census_.process_of(socket).holding.policy;
    return census_.policies().checker(policy).policy().option(id);
  }

  Census& census_;
  const TableForm& form_;
  Signs sign_;
  InitialValues initial_;
  const EngineReach& engine_;
  OptionSet further_;               // options that have a column only because the policy wants them
  std::set<std::string> raw_keys_;  // the raw ones of these
  bool shows_namespace_ = false;
  TextTable table_;
};

}  // namespace

OptionSet table_options(const TableForm& form) {
  return form.wide ? all_options() : usual_options();
}

void print_table(Output& out, Census& census, const TableForm& form, const FixFinder& fix) {
  std::vector<SocketGroup> groups =
      group_sockets(census, {.options = table_options(form), .each = form.each});
  arrange(census, form, groups);
  if (form.drops && groups.empty()) {
    out.write("No listener has dropped a connection.\n");
    return;
  }
  const EngineReach engine;
  if (!groups.empty()) {
    const SocketTable table(census, form, groups, engine);
    table.print(out);
    print_drift(out, census, groups, form);
    print_left_out(out, table.left_out());
    print_drops_note(out, groups);
    if (form.names_targets) print_unnamed(out, census, groups);
    print_changed_files(out, census, groups);
    print_attached(out, census, groups, engine);
  }
  print_summary(out, census, groups, form, engine);
  print_fix(out, fix(groups));
}

}  // namespace sockopt
