// SPDX-License-Identifier: MIT
#include "shim/zmq/preload/report.h"

#include <sys/prctl.h>

#include <cerrno>

#include "shim/preload/setting_text.h"
#include "shim/system/syscalls.h"

namespace sockopt::zmq {
namespace {

constexpr std::size_t kLongestLine = 500;

constinit SharedState g_own_state = {};

// `ZeroMQ REQ socket`
void describe_socket(int type, Text& out) {
  out << "ZeroMQ ";
  if (type >= 0 && static_cast<std::size_t>(type) < kTypeCount) {
    for (const char c : kTypeNames[type].view()) out << to_upper(c);
    out << ' ';
  }
  out << "socket";
}

// `4.0` -> 400, as its ABI counts.
int number_of(std::string_view version) {
  return (version[0] - '0') * 100 + (version[2] - '0') * 10;
}

}  // namespace

Report::Report(const Policy& policy, const Faults& faults, SharedState* shared)
    : policy_(policy), faults_(faults), shared_(shared != nullptr ? shared : &g_own_state) {
  // Without either nothing is written.
  const bool has_news = !policy.empty() || faults.count() != 0 || says(LogLevel::kDebug);
  if (policy.log_level() == LogLevel::kOff || !has_news) return;
  filters_ = system::call(SYS_prctl, PR_GET_SECCOMP);
  log_.remember();
}

void Report::on_socket(int type) const {
  const bool first =
      !shared_->socket_seen.load(std::memory_order_relaxed) && !shared_->socket_seen.exchange(true);
  if (first && says(LogLevel::kError) && faults_.count() != 0 && may_write()) {
    faults_.write_all(log_);
  }
  if (first && says(LogLevel::kInfo)) {
    for (const Setting& setting : policy_) {
      TextOf<kLongestLine> line;
      line << "ZeroMQ: ";
      describe_setting(policy_, setting, line);
      write(line);
    }
  }
  if (!says(LogLevel::kDebug)) return;
  TextOf<kLongestLine> line;
  describe_socket(type, line);
  line << " created";
  write(line);
}

void Report::on_applied(int type, const Setting& setting) const {
  write_setting(type, setting, {});
}

void Report::on_replaced(int type, const Setting& setting) const {
  write_setting(
      type, setting,
      setting.ignores ? " ignored the program's own value" : " in place of the program's own");
}

void Report::write_setting(int type, const Setting& setting, std::string_view outcome) const {
  if (!says(LogLevel::kDebug)) return;
  TextOf<kLongestLine> line;
  describe_socket(type, line);
  line << ": ";
  describe_setting(policy_, setting, line);
  line << outcome;
  write(line);
}

void Report::on_refused(const Libzmq& libzmq, int type, const Setting& setting, int error) const {
  const std::uint64_t bit = OptionSet::of(setting.option).bits();
  if (!says(LogLevel::kWarn)) return;
  if ((shared_->refused.load(std::memory_order_relaxed) & bit) != 0) return;
  if ((shared_->refused.fetch_or(bit) & bit) != 0) return;
  TextOf<kLongestLine> line;
  line << "warning: ";
  describe_socket(type, line);
  line << ": ";
  describe_setting(policy_, setting, line);
  line << " was not set: ";
  int version[3] = {};
  if (libzmq.version != nullptr) libzmq.version(&version[0], &version[1], &version[2]);
  const Option& option = policy_.option(setting.option);
  if (error != EINVAL) {
    (line << "error ").decimal(error);
  } else {
    (line << "libzmq ").decimal(version[0]) << '.';
    line.decimal(version[1]) << '.';
    line.decimal(version[2]);
    const std::string_view since = option.since;
    if (since.empty()) {
      line << " does not know it, not for this type, or not with this value";
    } else if (version[0] * 100 + version[1] * 10 < number_of(since)) {
      line << " does not know it, which came with " << since;
    } else {
      line << " refuses it";
    }
  }
  write(line);
}

// A seccomp filter that the program has installed since may kill it for a call of ours. This one
// libzmq's threads make themselves, to take their names.
bool Report::may_write() const { return system::call(SYS_prctl, PR_GET_SECCOMP) == filters_; }

void Report::write(const Text& line) const {
  if (may_write()) log_.write_line(line.view());
}

}  // namespace sockopt::zmq
