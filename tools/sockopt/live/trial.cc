// SPDX-License-Identifier: MIT
//
// See trial.h.
#include "tools/sockopt/live/trial.h"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>

#include "shim/sockets/apply.h"
#include "tools/inspect/unique_fd.h"
#include "tools/sockopt/policy/setting_text.h"

namespace sockopt {
namespace {

std::string refusal(const Option& option, int error) {
  TextOf<200> text;
  text << "refused: ";
  describe_refusal(option, error, text);
  return std::string(text.view());
}

std::string try_backlog(const Value& value, bool ipv6) {
  const UniqueFd fd(::socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const auto asked = static_cast<unsigned>(value.number(Kind::kBacklog));
  tcp_info info{};
  socklen_t length = sizeof info;
  if (!fd || ::listen(fd.get(), static_cast<int>(asked)) != 0 ||
      ::getsockopt(fd.get(), IPPROTO_TCP, TCP_INFO, &info, &length) != 0) {
    return {};
  }
  return info.tcpi_sacked < asked ? fmt::format("{} (net.core.somaxconn)", info.tcpi_sacked) : "";
}

}  // namespace

Trial try_value(const Option& option, const Value& value, bool ipv6) {
  const KernelName name = ipv6 && option.ipv6.exists() ? option.ipv6 : option.ipv4;
  const UniqueFd fd(::socket(ipv6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) return {.refusal = errno};
  if (::setsockopt(fd.get(), name.level, name.name, value.data(), value.length()) != 0) {
    return {.refusal = errno};
  }
  return {.held = read_raw_option(fd.get(), name)};
}

std::string try_setting(const Option& option, const Value& value, bool ipv6) {
  if (option.kind == Kind::kBacklog) return try_backlog(value, ipv6);
  if (!ipv6 && !option.ipv4.exists()) return "refused: for IPv6 sockets only";
  const auto [refused, reading] = try_value(option, value, ipv6);
  if (refused != 0) return refusal(option, refused);
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
