// SPDX-License-Identifier: MIT
#include "tools/sockopt/verbs/attach/attachment_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

#include "tools/sockopt/bpf/engine_words.h"
#include "tools/sockopt/policy/setting_text.h"
#include "tools/sockopt/report/shell_command.h"
#include "tools/sockopt/report/terminal.h"
#include "tools/sockopt/report/text_table.h"
#include "tools/sockopt/report/time_text.h"

namespace sockopt {
namespace {

struct CounterName {
  engine_counter counter;
  const char* title;
  const char* key;
};

constexpr CounterName kCounters[] = {{ENGINE_BOUND, "BOUND", "bound"},
                                     {ENGINE_LISTENING, "LISTENING", "listening"},
                                     {ENGINE_CONNECTED, "CONNECTED", "connected"},
                                     {ENGINE_ENFORCED, "ENFORCED", "enforced_calls"},
                                     {ENGINE_IGNORED, "IGNORED", "ignored_calls"}};

// The places that settings of the policy come from, each once.
std::vector<std::string> sources_of(const Policy& policy) {
  std::vector<std::string> sources;
  for (const Setting& setting : policy) {
    const Rule& rule = policy.rule_of(setting);
    std::string source =
        rule.kind != Rule::Kind::kVariables
            ? std::string(policy.path(rule.file))
            : (setting.line == kOnCommandLine ? std::string("-o") : std::string("environment"));
    if (std::find(sources.begin(), sources.end(), source) == sources.end()) {
      sources.push_back(std::move(source));
    }
  }
  return sources;
}

std::string option_key(const Attachment& attachment, OptionId id) {
  if (attachment.policy) return std::string(attachment.policy->option(id).key.view());
  return id < kOptionCount ? std::string(kOptions[id].key.view()) : fmt::format("option {}", id);
}

std::string are(const std::vector<std::string>& keys) {
  return fmt::format("{} {}", joined(keys), keys.size() == 1 ? "is" : "are");
}

nlohmann::ordered_json watched_json(const Attachment& attachment) {
  return attachment.watched ? nlohmann::ordered_json(*attachment.watched) : nullptr;
}

std::string where(const Attachment& attachment) {
  const std::string place = attachment.directory.empty()
                                ? fmt::format("cgroup {}", attachment.cgroup)
                                : printable(attachment.directory);
  return attachment.gone ? place + " (removed)" : place;
}

}  // namespace

void print_attachments(Output& out, const std::vector<Attachment>& all) {
  if (all.empty()) {
    out.print("Nothing is attached.\n");
    return;
  }
  std::vector<Column> columns = {{"CGROUP"}, {"SINCE", 2}, {"FROM", 1, 12}};
  for (const CounterName& counter : kCounters) columns.push_back({counter.title, 3});
  TextTable table(std::move(columns));
  for (const Attachment& one : all) {
    std::vector<std::string> cells = {
        where(one), time_text(one.since),
        one.policy ? printable(joined(sources_of(*one.policy))) : "another version's policy"};
    for (const CounterName& counter : kCounters) {
      cells.push_back(std::to_string(one.counters[counter.counter]));
    }
    table.add(cells);
  }
  table.print(out, Style::of(1), terminal_width(1));
  for (const Attachment& one : all) {
    for (const EngineRefusal& refusal : one.refusals) {
      out.print("{}: the kernel refused {} {}: {}\n", where(one), option_key(one, refusal.option),
                counted(refusal.count, "time"), std::strerror(refusal.error));
    }
    if (one.counters[ENGINE_OVERFLOWED] != 0) {
      out.print("{}: {} left alone for lack of memory\n", where(one),
                counted(one.counters[ENGINE_OVERFLOWED], "socket"));
    }
    if (one.replaced != 0) {
      out.print("{}: has this policy since {}\n", where(one), time_text(one.replaced));
    }
    if (one.unfinished) {
      out.print("{}: half replaced, as `attach` was killed meanwhile; attach again\n", where(one));
    }
    if (one.gone && !one.directory.empty()) {
      out.print("{}: sockopt detach {} removes what is left of it\n", where(one),
                command_text({"--cgroup", one.directory}));
    }
    if (one.watched == false && one.policy) {
      const auto keys = watch_options(*one.policy, KernelVersion::running());
      if (!keys.empty()) {
        out.print("{}: {} not set, as no sockopt watch runs\n", where(one), are(keys));
      }
    }
  }
}

void print_attachments_json(Output& out, const std::vector<Attachment>& all) {
  nlohmann::ordered_json attachments = nlohmann::ordered_json::array();
  for (const Attachment& one : all) {
    nlohmann::ordered_json counters;
    for (const CounterName& counter : kCounters) {
      counters[counter.key] = one.counters[counter.counter];
    }
    counters["left_alone"] = one.counters[ENGINE_OVERFLOWED];
    nlohmann::ordered_json refused = nlohmann::ordered_json::array();
    for (const EngineRefusal& refusal : one.refusals) {
      refused.push_back({{"option", option_key(one, refusal.option)},
                         {"count", refusal.count},
                         {"reason", std::strerror(refusal.error)}});
    }
    nlohmann::ordered_json from = nullptr;
    if (one.policy) {
      from = nlohmann::ordered_json::array();
      for (const std::string& source : sources_of(*one.policy)) from.push_back(printable(source));
    }
    attachments.push_back({{"cgroup", printable(one.directory)},
                           {"cgroup_id", one.cgroup},
                           {"removed", one.gone},
                           {"target", printable(one.target)},
                           {"since", one.since},
                           {"half_replaced", one.unfinished},
                           {"policy_since", one.replaced == 0 ? one.since : one.replaced},
                           {"watched", watched_json(one)},
                           {"from", std::move(from)},
                           {"hooks", one.hooks},
                           {"counters", std::move(counters)},
                           {"refused", std::move(refused)}});
  }
  const nlohmann::ordered_json all_json = {
      {"schema", "sockopt.attachments/1"}, {"host", host_name()}, {"attachments", attachments}};
  out.write(all_json.dump(2) + "\n");
}

}  // namespace sockopt
