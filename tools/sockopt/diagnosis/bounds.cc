// SPDX-License-Identifier: MIT
//
// To add a bound: write its function and list it in kBounds.
#include "tools/sockopt/diagnosis/bounds.h"

#include <fmt/format.h>
#include <linux/capability.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <string>
#include <tuple>

#include "shim/options/lookup.h"
#include "tools/inspect/foreign_socket.h"
#include "tools/inspect/unique_fd.h"
#include "tools/sockopt/diagnosis/limits.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {
namespace {

struct Question {
  const std::vector<Wanted>& wanted;
  const Host& host;
  const NetworkPlace& place;
  std::optional<std::uint64_t> capabilities;

  bool lacks_net_admin() const { return capabilities && (*capabilities >> CAP_NET_ADMIN & 1) == 0; }
  /// The largest that is asked for; null where nothing is.
  const Wanted* largest(std::string_view key) const {
    const Wanted* found = nullptr;
    for (const Wanted& one : wanted) {
      if (one.option->key != key) continue;
      if (found == nullptr || one.number() > found->number()) found = &one;
    }
    return found;
  }
};

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

void bound_backlog(const Question& question, Findings& found) {
  const Wanted* backlog = question.largest("backlog");
  const auto limit = question.host.somaxconn;
  if (backlog == nullptr || !limit) return;
  const std::string where(question.place.where());
  if (backlog->number() == backlog->option->max) {
    found.push_back(Finding::ok(
        "backlog", fmt::format("somaxconn {}{} is what `backlog = max` gets", *limit, where)));
  } else if (backlog->number() > *limit) {
    found.push_back(Finding::warning(
        "backlog",
        fmt::format("somaxconn {} < backlog {} of {}{}: accept queues are cut to {}", *limit,
                    backlog->number(), backlog->origin, where, *limit),
        question.place.set("net.core.somaxconn", std::to_string(backlog->number()))));
  } else {
    found.push_back(Finding::ok("backlog", fmt::format("somaxconn {} >= backlog {} of {}{}", *limit,
                                                       backlog->number(), backlog->origin, where)));
  }
}

// With SYN cookies the queue of half-open connections has no bound of its own.
void bound_syn_queue(const Question& question, Findings& found) {
  const Wanted* backlog = question.largest("backlog");
  const Host& host = question.host;
  if (backlog == nullptr || host.syncookies.value_or(1) != 0 || !host.max_syn_backlog) return;
  const std::int64_t asked =
      std::min(backlog->number(), host.somaxconn.value_or(backlog->number()));
  if (asked <= *host.max_syn_backlog) return;
  found.push_back(Finding::warning(
      "backlog",
      fmt::format("tcp_syncookies is 0{}, so tcp_max_syn_backlog {} bounds the half-open "
                  "connections below the backlog of {}",
                  question.place.where(), *host.max_syn_backlog, asked),
      question.place.set("net.ipv4.tcp_max_syn_backlog", std::to_string(asked))));
}

void bound_fastopen(const Question& question, Findings& found) {
  const auto bits = question.host.tcp_fastopen;
  for (const auto& [key, bit, side] : {std::tuple{"fastopen", kFastopenServer, "server"},
                                       {"fastopen_connect", kFastopenClient, "client"}}) {
    const Wanted* fastopen = question.largest(key);
    if (fastopen == nullptr || fastopen->number() == 0 || !bits) continue;
    if ((*bits & bit) != 0) {
      found.push_back(Finding::ok(
          "fastopen", fmt::format("tcp_fastopen {}{} has the {} bit, which {} of {} needs", *bits,
                                  question.place.where(), side, key, fastopen->origin)));
    } else {
      found.push_back(Finding::warning(
          "fastopen",
          fmt::format("tcp_fastopen {}{} lacks the {} bit, without which {} of {} does nothing",
                      *bits, question.place.where(), side, key, fastopen->origin),
          question.place.set("net.ipv4.tcp_fastopen", std::to_string(*bits | bit))));
    }
  }
}

void bound_buffers(const Question& question, Findings& found) {
  const auto look = [&](std::string_view key, std::string_view sysctl,
                        std::optional<std::int64_t> limit) {
    const Wanted* buffer = question.largest(key);
    if (buffer == nullptr || !limit) return;
    if (buffer->number() > *limit) {
      found.push_back(
          Finding::warning(std::string(key),
                           fmt::format("{} {} < {} {} of {}: buffers are cut to it", sysctl, *limit,
                                       key, buffer->number(), buffer->origin),
                           question.place.set_shared(fmt::format("net.core.{}", sysctl),
                                                     std::to_string(buffer->number()))));
    } else {
      found.push_back(
          Finding::ok(std::string(key), fmt::format("{} {} >= {} {} of {}", sysctl, *limit, key,
                                                    buffer->number(), buffer->origin)));
    }
  };
  look("rcvbuf", "rmem_max", question.host.rmem_max);
  look("sndbuf", "wmem_max", question.host.wmem_max);
}

void bound_congestion(const Question& question, Findings& found) {
  const Host& host = question.host;
  if (host.congestion_available.empty()) return;
  for (const Wanted& one : question.wanted) {
    if (one.option->key != "congestion") continue;
    const std::string name = one.text();
    if (!contains(host.congestion_available, name)) {
      found.push_back(Finding::warning(
          "congestion",
          fmt::format("`{}` of {} is not loaded (available: {}); its sockets keep their algorithm "
                      "unless the process may load it",
                      name, one.origin, joined(host.congestion_available, " ")),
          question.place.own_network ? fmt::format("on the host: modprobe tcp_{}", name)
                                     : fmt::format("modprobe tcp_{}", name)));
    } else if (!contains(host.congestion_allowed, name) &&
               (!question.capabilities || question.lacks_net_admin())) {
      found.push_back(Finding::warning(
          "congestion",
          fmt::format("`{}` of {} is not in tcp_allowed_congestion_control, and is refused without "
                      "CAP_NET_ADMIN",
                      name, one.origin),
          question.place.set_shared(
              "net.ipv4.tcp_allowed_congestion_control",
              fmt::format("{} {}", joined(host.congestion_allowed, " "), name))));
    } else {
      found.push_back(Finding::ok(
          "congestion", fmt::format("`{}` of {} is loaded and allowed", name, one.origin)));
    }
  }
}

void bound_device(const Question& question, Findings& found) {
  if (question.host.devices.empty()) return;
  for (const Wanted& one : question.wanted) {
    if (one.option->key != "bindtodevice" || contains(question.host.devices, one.text())) continue;
    found.push_back(Finding::error(
        "device",
        fmt::format("`{}` of {} does not exist{} (available: {}); sockets are bound to no device",
                    one.text(), one.origin, question.place.where(),
                    joined(question.host.devices, " ")),
        fmt::format("name one of them in {}", one.origin)));
  }
}

void bound_privilege(const Question& question, Findings& found) {
  if (!question.lacks_net_admin()) return;
  for (const Wanted& one : question.wanted) {
    if (one.option->privilege != Privilege::kNetAdmin) continue;
    if (one.option->kind == Kind::kBoolean && one.number() == 0) continue;
    found.push_back(
        Finding::error("privilege",
                       fmt::format("{} of {} needs CAP_NET_ADMIN, which the process lacks",
                                   one.option->key.view(), one.origin),
                       "AmbientCapabilities=CAP_NET_ADMIN in its unit, or remove the option"));
  }
}

// keepalive alone finds a dead peer after two hours and a quarter.
void bound_keepalive(const Question& question, Findings& found) {
  const Wanted* keepalive = question.largest("keepalive");
  const auto idle = question.host.keepalive_time;
  if (keepalive == nullptr || keepalive->number() == 0 || !idle) return;
  if (question.largest("keepidle") != nullptr || *idle <= kMiddleboxPatience) return;
  found.push_back(Finding::note(
      "keepalive",
      fmt::format("keepalive of {} without keepidle probes after tcp_keepalive_time {} s{}; load "
                  "balancers drop idle connections after {}",
                  keepalive->origin, *idle, question.place.where(), kMiddleboxPatience),
      "add keepidle = 60s"));
}

using Bound = void (*)(const Question&, Findings&);
constexpr Bound kBounds[] = {bound_backlog,    bound_syn_queue, bound_fastopen,  bound_buffers,
                             bound_congestion, bound_device,    bound_privilege, bound_keepalive};

}  // namespace

Findings examine_bounds(const std::vector<Wanted>& wanted, const Host& host,
                        const NetworkPlace& place, std::optional<std::uint64_t> capabilities) {
  Findings found;
  for (const Bound bound : kBounds) bound({wanted, host, place, capabilities}, found);
  return found;
}

int probe_option(const Option& option) {
  const KernelName name = option.ipv4.exists() ? option.ipv4 : option.ipv6;
  const int family = option.ipv4.exists() ? AF_INET : AF_INET6;
  const UniqueFd fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return fd ? read_raw_option(fd.get(), option.read_name(name)).error : 0;
}

Findings examine_kernel(const std::vector<Wanted>& wanted, std::string_view release,
                        OptionProbe probe) {
  Findings found;
  std::vector<const Option*> known;
  for (const Wanted& one : wanted) {
    const Option& option = *one.option;
    if (!option.is_socket_option() || option.kind == Kind::kRaw) continue;
    if (option.read_back == ReadBack::kNever) continue;
    if (std::find(known.begin(), known.end(), &option) != known.end()) continue;
    known.push_back(&option);
    const int error = probe(option);
    if (error != ENOPROTOOPT && error != EOPNOTSUPP) continue;
    found.push_back(Finding::error(
        "kernel",
        fmt::format("{} of {} does nothing: Linux {} does not have it{}", option.key.view(),
                    one.origin, release,
                    option.since.empty() ? "" : fmt::format(" (added in {})", option.since.view())),
        fmt::format("a newer kernel, or remove the line from {}", one.origin)));
  }
  if (found.empty() && !known.empty()) {
    found.push_back(Finding::ok("kernel", fmt::format("Linux {} has all options that are set ({})",
                                                      release, known.size())));
  }
  return found;
}

}  // namespace sockopt
