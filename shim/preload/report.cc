// SPDX-License-Identifier: MIT
#include "shim/preload/report.h"

#include <netinet/tcp.h>

#include <algorithm>

#include "shim/options/value.h"
#include "shim/policy/address.h"
#include "shim/preload/own_calls.h"
#include "shim/preload/setting_text.h"
#include "shim/system/memory.h"

namespace sockopt {
namespace {

constexpr std::size_t kLongestLine = 500;

Address address_of(int fd, int (*ask)(int, sockaddr*, socklen_t*)) {
  sockaddr_in6 address = {};
  socklen_t length = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  return ask(fd, generic, &length) == 0 ? Address::of(generic, length) : Address();
}

}  // namespace

namespace {
constinit SharedState g_own_state = {};
}

Report::Report(const Policy& policy, const Faults& faults, const Descriptors& descriptors,
               SharedState* shared)
    : policy_(policy),
      faults_(faults),
      descriptors_(descriptors),
      shared_(shared != nullptr ? shared : &g_own_state) {
  if (policy.log_level() != LogLevel::kOff) log_.remember();
}

Observer Report::observer() {
  const bool announces = faults_.count() != 0 || says(LogLevel::kInfo);
  return {.on_socket_seen = announces ? &Report::on_socket_seen : nullptr,
          .on_applied = says(LogLevel::kDebug) ? &Report::on_applied : nullptr,
          .on_refused = says(LogLevel::kWarn) ? &Report::on_refused : nullptr,
          .on_replaced = says(LogLevel::kDebug) ? &Report::on_replaced : nullptr,
          .on_backlog = says(LogLevel::kDebug) ? &Report::on_backlog : nullptr,
          .context = this};
}

void Report::on_socket_seen(void* self) {
  const auto& report = *static_cast<Report*>(self);
  if (report.shared_->socket_seen.load(std::memory_order_relaxed)) return;
  if (report.shared_->socket_seen.exchange(true)) return;
  if (report.says(LogLevel::kError)) report.faults_.write_all(report.log_);
  if (!report.says(LogLevel::kInfo)) return;
  for (const Setting& setting : report.policy_) {
    TextOf<kLongestLine> line;
    describe_setting(report.policy_, setting, line);
    report.log_.write_line(line.view());
  }
}

void Report::on_applied(void* self, int fd, const Setting& setting) {
  const auto& report = *static_cast<Report*>(self);
  TextOf<kLongestLine> line;
  report.begin_line(fd, setting, line);
  report.end_line(fd, setting, line);
}

void Report::on_replaced(void* self, int fd, const Setting& setting, const void* value,
                         socklen_t length) {
  const auto& report = *static_cast<Report*>(self);
  TextOf<kLongestLine> line;
  report.begin_line(fd, setting, line);
  line << (setting.ignores ? " ignored the program's own " : " in place of the program's own ");
  const std::size_t size = std::min<std::size_t>(length, Value::kMaxBytes);
  if (system::is_readable(value, size)) {
    format_value(report.policy_.option(setting.option), value_of_bytes(value, size), line);
  } else {
    line << "value";
  }
  report.end_line(fd, setting, line);
}

void Report::on_backlog(void* self, int fd, const Setting& setting, int asked) {
  const auto& report = *static_cast<Report*>(self);
  TextOf<kLongestLine> line;
  report.begin_line(fd, setting, line);
  (line << ", the program asked for ").decimal(asked);
  tcp_info info = {};
  socklen_t length = sizeof info;
  if (own_calls::get_option(fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0) {
    // On a listener, tcpi_sacked is its backlog.
    (line << "; now ").unsigned_decimal(info.tcpi_sacked);
    const auto most = static_cast<unsigned>(
        std::max(asked, static_cast<int>(setting.value.number(Kind::kBacklog))));
    if (asked >= 0 && info.tcpi_sacked < most) line << " (net.core.somaxconn)";
  }
  report.log_.write_line(line.view());
}

void Report::on_refused(void* self, int /*fd*/, const Setting& setting, int error) {
  const auto& report = *static_cast<Report*>(self);
  const std::uint64_t bit = OptionSet::of(setting.option).bits();
  if ((report.shared_->refused.load(std::memory_order_relaxed) & bit) != 0) return;
  if ((report.shared_->refused.fetch_or(bit) & bit) != 0) return;
  TextOf<400> line;
  line << "warning: ";
  describe_setting(report.policy_, setting, line);
  line << " was not set: ";
  describe_refusal(report.policy_.option(setting.option), setting.value, error, line);
  report.log_.write_line(line.view());
}

// `descriptor 5 (0.0.0.0:80): keepidle = 60s (/etc/sockopt.ini:3)`
void Report::begin_line(int fd, const Setting& setting, Text& out) const {
  (out << "descriptor ").decimal(fd);
  const Address local = address_of(fd, own_calls::get_local);
  Address peer = address_of(fd, own_calls::get_peer);
  // The kernel does not know it yet where connect is about to be called.
  if (peer.port == 0 && descriptors_.state(fd).role == Role::kConnecting) {
    peer = descriptors_.address(fd);
  }
  if (local.port != 0 || peer.port != 0) {
    out << " (";
    if (local.port != 0) format_address(local, out);
    if (peer.port != 0) {
      out << (local.port != 0 ? " to " : "to ");
      format_address(peer, out);
    }
    out << ')';
  }
  out << ": ";
  describe_setting(policy_, setting, out);
}

// `; now 60s`: what the kernel holds, by the name of the socket's family.
void Report::end_line(int fd, const Setting& setting, Text& out) const {
  const Option& option = policy_.option(setting.option);
  for (const KernelName name : {option.ipv6, option.ipv4}) {
    unsigned char bytes[Value::kMaxBytes];
    socklen_t size = sizeof bytes;
    if (!name.exists()) continue;
    const KernelName read = option.read_name(name);
    if (own_calls::get_option(fd, read.level, read.name, bytes, &size) != 0) continue;
    format_value(option, value_of_bytes(bytes, size), out << "; now ");
    break;
  }
  log_.write_line(out.view());
}

}  // namespace sockopt
