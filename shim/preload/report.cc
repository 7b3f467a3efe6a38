// SPDX-License-Identifier: MIT
#include "shim/preload/report.h"

namespace sockopt {

void Faults::take(void* self, const Fault& fault) {
  auto& faults = *static_cast<Faults*>(self);
  if (faults.count_ < kMostLines) {
    Text line(faults.lines_[faults.count_], kLongestLine);
    describe_fault(fault, line);
    faults.sizes_[faults.count_] = static_cast<std::uint16_t>(line.view().size());
  }
  ++faults.count_;
}

void Faults::write_all(const StderrLog& log) const {
  const std::size_t kept = count_ < kMostLines ? count_ : kMostLines;
  for (std::size_t i = 0; i < kept; ++i) log.write_line({lines_[i], sizes_[i]});
  if (kept == count_) return;
  TextOf<96> more;
  more.unsigned_decimal(count_ - kept) << " more errors; `sockopt check` shows them all";
  log.write_line(more.view());
}

namespace {
constinit SharedState g_own_state = {};
}

Report::Report(const Policy& policy, const Faults& faults, SharedState* shared)
    : policy_(policy), faults_(faults), shared_(shared != nullptr ? shared : &g_own_state) {
  if (policy.log_level() != LogLevel::kOff) log_.remember();
}

Observer Report::observer() {
  const bool announces = faults_.count() != 0 || says(LogLevel::kInfo);
  return {.on_socket_seen = announces ? &Report::on_socket_seen : nullptr,
          .on_applied = says(LogLevel::kDebug) ? &Report::on_applied : nullptr,
          .on_refused = says(LogLevel::kWarn) ? &Report::on_refused : nullptr,
          .context = this};
}

void Report::on_socket_seen(void* self) {
  const auto& report = *static_cast<Report*>(self);
  if (report.shared_->socket_seen.load(std::memory_order_relaxed)) return;
  if (report.shared_->socket_seen.exchange(true)) return;
  if (report.says(LogLevel::kError)) report.faults_.write_all(report.log_);
  if (!report.says(LogLevel::kInfo)) return;
  for (const Setting& setting : report.policy_) {
    TextOf<256> line;
    report.describe(setting, line);
    report.log_.write_line(line.view());
  }
}

void Report::on_applied(void* self, int fd, const Setting& setting) {
  const auto& report = *static_cast<Report*>(self);
  TextOf<256> line;
  (line << "descriptor ").decimal(fd) << ": ";
  report.describe(setting, line);
  report.log_.write_line(line.view());
}

void Report::on_refused(void* self, int /*fd*/, const Setting& setting, int error) {
  const auto& report = *static_cast<Report*>(self);
  const std::uint64_t bit = OptionSet::of(setting.option).bits();
  if ((report.shared_->refused.load(std::memory_order_relaxed) & bit) != 0) return;
  if ((report.shared_->refused.fetch_or(bit) & bit) != 0) return;
  TextOf<400> line;
  line << "warning: ";
  report.describe(setting, line);
  line << " was not set: ";
  describe_refusal(report.policy_.option(setting.option), error, line);
  report.log_.write_line(line.view());
}

// `keepidle = 60s (/etc/sockopt.ini:3)`
void Report::describe(const Setting& setting, Text& out) const {
  const Option& option = policy_.option(setting.option);
  out << option.key << " = ";
  if (setting.keeps_default) {
    out << "default";
  } else {
    format_value(option, setting.value, out);
  }
  out << " (";
  policy_.describe_origin(setting, out);
  out << ')';
}

}  // namespace sockopt
