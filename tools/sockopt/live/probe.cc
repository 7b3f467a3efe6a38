// SPDX-License-Identifier: MIT
#include "tools/sockopt/live/probe.h"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

#include "shim/sockets/apply.h"
#include "tools/inspect/unique_fd.h"
#include "tools/sockopt/policy/setting_text.h"

namespace sockopt {
namespace {

std::string refusal(const Option& option, const Value& value, int error) {
  TextOf<200> text;
  text << "refused: ";
  describe_refusal(option, value, error, text);
  return std::string(text.view());
}

Probe probe_backlog(int fd, const Value& value) {
  tcp_info info{};
  socklen_t length = sizeof info;
  if (::listen(fd, static_cast<int>(value.number(Kind::kBacklog))) != 0 ||
      ::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &length) != 0) {
    return {.refusal = errno};
  }
  return {.held = {.value = value_of_int(static_cast<int>(info.tcpi_sacked))}};
}

Probe probe_mptcp(const Value& value, bool ipv6) {
  if (value.number(Kind::kBoolean) == 0) return {.held = {.value = value}};
  const UniqueFd fd(
      ::socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, kIpProtocolMptcp));
  if (!fd) return {.refusal = errno};
  return {.held = {.value = value}};
}

// The backlog is an unsigned number to the kernel.
bool is_cut(const Value& asked, const Value& held) {
  return static_cast<unsigned>(held.number(Kind::kBacklog)) <
         static_cast<unsigned>(asked.number(Kind::kBacklog));
}

}  // namespace

Probe probe_value(const Option& option, const Value& value, bool ipv6) {
  if (option.hook_points == kInSocket) return probe_mptcp(value, ipv6);
  const UniqueFd fd(::socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return {.refusal = errno};
  if (option.kind == Kind::kBacklog) return probe_backlog(fd.get(), value);
  const KernelName name = ipv6 && option.ipv6.exists() ? option.ipv6 : option.ipv4;
  if (!name.exists()) return {.other_family = true};
  if (::setsockopt(fd.get(), name.level, name.name, value.data(), value.length()) != 0) {
    return {.refusal = errno};
  }
  Probe probe{.held = read_raw_option(fd.get(), option.read_name(name))};
  if (option.read_back == ReadBack::kDoubled) probe.held.tuned = false;
  return probe;
}

OptionReading probe_priority(const Value& tos) {
  const UniqueFd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd || ::setsockopt(fd.get(), IPPROTO_IP, IP_TOS, tos.data(), tos.length()) != 0) {
    return {.error = errno};
  }
  return read_raw_option(fd.get(), {SOL_SOCKET, SO_PRIORITY});
}

std::string probe_text(const Option& option, const Value& value, const Probe& probe) {
  if (probe.other_family) return "refused: for IPv6 sockets only";
  if (probe.refusal != 0) return refusal(option, value, probe.refusal);
  const OptionReading& reading = probe.held;
  if (option.kind == Kind::kBacklog) {
    if (!is_cut(value, reading.value)) return {};
    return fmt::format("{} (net.core.somaxconn)", reading.value.number(Kind::kBacklog));
  }
  if (option.kind == Kind::kRaw || option.read_back == ReadBack::kTransient) return {};
  if (!reading) return {};
  const bool doubled = option.read_back == ReadBack::kDoubled;
  const std::int64_t asked = value.number(option.kind) * (doubled ? 2 : 1);
  const std::string held = reading_text(option, reading);
  if (!doubled) return held == value_text(option, value) ? "" : held;
  if (reading.value.number(option.kind) == asked) return fmt::format("{} (doubled)", held);
  return fmt::format("{} (doubled, and cut to twice net.core.[rw]mem_max)", held);
}

}  // namespace sockopt
