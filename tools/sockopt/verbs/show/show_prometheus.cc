// SPDX-License-Identifier: MIT
#include "tools/sockopt/verbs/show/show_prometheus.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <variant>
#include <vector>

#include "tools/sockopt/bpf/attachments.h"
#include "tools/sockopt/bpf/engine_words.h"
#include "tools/sockopt/verbs/show/drop_totals.h"
#include "tools/sockopt/verbs/show/show_words.h"

namespace sockopt {
namespace {

// A value between quotes: printable, and what the format itself escapes.
std::string label_value(std::string_view text) {
  std::string escaped;
  for (const char c : printable(text)) {
    if (c == '\\' || c == '"') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

std::string label(std::string_view name, std::string_view value) {
  return fmt::format("{}=\"{}\"", name, label_value(value));
}

// Sockets of the same labels are added up: a port may be listened on by many (reuseport).
using Series = std::map<std::string, std::uint64_t>;

struct Metric {
  std::string_view name;
  std::string_view type;
  std::string_view help;
  Series series{};
};

class Metrics {
 public:
  Metrics(Census& census, std::string_view before) : census_(census), drop_totals_(before) {
    // What there is none of is a zero: an alert does not see what is absent.
    for (const Reach reach : {Reach::kLoaded, Reach::kIdle, Reach::kNotLoaded}) {
      processes_.series[label("reach", reach_name(reach))] = 0;
    }
    for (const CensusSocket& socket : census.sockets()) count(socket);
    for (const CensusProcess& process : census.processes()) count(process);
    processes_.series[label("reach", "unreadable")] += census.unreadable().size();
    for (const auto& [labels, counts] : drop_totals_.totals()) {
      drops_.series[labels] = counts.dropped;
      counted_.series[labels] = counts.counted;
    }
  }

  void print(Output& out) const {
    for (const Metric* metric :
         {&queue_, &limit_, &drops_, &counted_, &sockets_, &differing_, &processes_}) {
      print(out, *metric);
    }
  }

  std::string memory() const { return drop_totals_.memory(); }

  static void print(Output& out, const Metric& metric) {
    out.print("# HELP {} {}\n# TYPE {} {}\n", metric.name, metric.help, metric.name, metric.type);
    for (const auto& [labels, value] : metric.series) {
      if (labels.empty()) {
        out.print("{} {}\n", metric.name, value);
      } else {
        out.print("{}{{{}}} {}\n", metric.name, labels, value);
      }
    }
  }

 private:
  // What a socket is counted under: who has it, and where.
  std::string labels(const CensusSocket& socket) const {
    const CensusProcess& process = census_.process_of(socket);
    return fmt::format("{},{},{}", label("unit", process.unit),
                       label("program", process.entry.name),
                       label("netns", std::to_string(census_.net_namespace_of(socket).inode)));
  }

  void count(const CensusSocket& socket) {
    const std::string of_owner = labels(socket);
    const std::string of_role = of_owner + ',' + label("role", role_name(socket.role));
    ++sockets_.series[of_role];
    Checker& checker = census_.checker_of(socket);
    // One that differs nowhere is a zero, so that an alert sees it come and go.
    for (const OptionId id : socket.differs | socket.holds) {
      differing_.series[of_role + ',' + label("option", checker.policy().option(id).key.view())] +=
          socket.differs.contains(id) ? 1 : 0;
    }
    const SocketFacts& facts = socket.facts;
    if (!facts.listening) return;
    const std::string of_listener = of_owner + ',' + label("listen", facts.local.text());
    if (facts.queue) queue_.series[of_listener] += *facts.queue;
    if (facts.queue_limit) limit_.series[of_listener] += *facts.queue_limit;
    if (socket.drops && facts.drops) {
      drop_totals_.add(of_listener, facts.cookie, {socket.drops->least, *facts.drops});
    }
  }

  void count(const CensusProcess& process) {
    ++processes_.series[label("reach", reach_name(process.holding.reach))];
  }

  Census& census_;
  DropTotals drop_totals_;
  Metric queue_ = {"sockopt_listener_queue_length", "gauge",
                   "Connections waiting for accept, over all listeners with these labels."};
  Metric limit_ = {"sockopt_listener_queue_limit", "gauge",
                   "Connections that can wait for accept."};
  Metric drops_ = {kDropsName, "counter",
                   "Packets of new connections that listeners dropped, mostly because their queue "
                   "was full: at least so many, as the kernel counts some twice."};
  Metric counted_ = {kCountedName, "counter",
                     "What the kernel counts for listeners: drops, some of them twice, and what "
                     "defer_accept held back, if it is set."};
  Metric sockets_ = {"sockopt_sockets", "gauge", "TCP sockets seen."};
  Metric differing_ = {"sockopt_sockets_differing", "gauge",
                       "Sockets whose value of the option differs from the policy."};
  Metric processes_ = {
      "sockopt_processes", "gauge",
      "Processes by whether the library is loaded, and those that could not be read."};
};

// What is attached counts from when it was attached.
class EngineMetrics {
 public:
  explicit EngineMetrics(const std::vector<Attachment>& all) {
    attachments_.series[""] = 0;
    for (const Attachment& one : all) count(one);
  }

  void print(Output& out) const {
    for (const Metric* metric : {&attachments_, &sockets_, &calls_, &left_alone_, &refusals_}) {
      Metrics::print(out, *metric);
    }
  }

 private:
  void count(const Attachment& one) {
    if (one.gone) return;
    ++attachments_.series[""];
    const std::string of = label("cgroup", one.directory);
    const auto set = [&](Metric& metric, const char* name, const char* value,
                         engine_counter counter) {
      metric.series[of + ',' + label(name, value)] = one.counters[counter];
    };
    set(sockets_, "call", "bind", ENGINE_BOUND);
    set(sockets_, "call", "listen", ENGINE_LISTENING);
    set(sockets_, "call", "connect", ENGINE_CONNECTED);
    set(calls_, "answer", "enforced", ENGINE_ENFORCED);
    set(calls_, "answer", "ignored", ENGINE_IGNORED);
    left_alone_.series[of] = one.counters[ENGINE_OVERFLOWED];
    if (!one.policy) return;
    for (const std::string& key : engine_options(*one.policy, KernelVersion::running())) {
      refusals_.series[of + ',' + label("option", key)] = 0;
    }
    for (const EngineRefusal& refusal : one.refusals) {
      const std::string_view key = one.policy->option(refusal.option).key.view();
      refusals_.series[of + ',' + label("option", key)] = refusal.count;
    }
  }

  Metric attachments_ = {"sockopt_attachments", "gauge",
                         "Cgroups that the bpf engine is attached to."};
  Metric sockets_ = {"sockopt_engine_sockets_total", "counter",
                     "Sockets that the bpf engine set at this call, by the cgroup that it is "
                     "attached to; a listener may count at bind and again at listen."};
  Metric calls_ = {"sockopt_engine_calls_total", "counter",
                   "setsockopt calls of programs that the bpf engine gave the policy's value "
                   "(enforced) or kept from being made (ignored)."};
  Metric left_alone_ = {"sockopt_engine_sockets_left_alone_total", "counter",
                        "Sockets that the bpf engine had no memory for."};
  Metric refusals_ = {"sockopt_engine_refusals_total", "counter",
                      "How often the kernel refused to set the option for the bpf engine."};
};

Series policy_series(const PolicyPool& policies) {
  Series series;
  for (const Policy* policy : policies.used()) {
    for (std::size_t file = 0; file < policy->file_count(); ++file) {
      const std::string hash = fmt::format("{:016x}", policy->file_hash(file));
      series[label("path", policy->path(file)) + ',' + label("hash", hash)] = 1;
    }
  }
  return series;
}

std::uint64_t now() {
  const auto time = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(time).count());
}

}  // namespace

void print_prometheus(Output& out, Census& census, std::optional<std::string_view> before) {
  const Metrics metrics(census, before.value_or(std::string_view()));
  metrics.print(out);
  // Only root may know.
  const auto attached = list_attachments();
  if (const auto* all = std::get_if<std::vector<Attachment>>(&attached)) {
    EngineMetrics(*all).print(out);
  }
  Metrics::print(out, {"sockopt_policy_info", "gauge",
                       "The files of the policies that sockets were checked against.",
                       policy_series(census.policies())});
  Metrics::print(
      out,
      {"sockopt_last_run_timestamp_seconds", "gauge", "When this was collected.", {{"", now()}}});
  if (before) out.write(metrics.memory());
}

}  // namespace sockopt
