// SPDX-License-Identifier: MIT
#include "shim/config/reader.h"

#include "shim/config/assignment.h"
#include "shim/config/ini.h"
#include "shim/options/lookup.h"

namespace sockopt {
namespace {

constexpr std::string_view kBaseSection = "sockopt";

class Reader {
 public:
  Reader(std::string_view source, Policy& policy, FaultSink faults)
      : source_(source), policy_(policy), faults_(faults) {}

  static void section(void* self, const IniText& name, std::uint32_t line) {
    static_cast<Reader*>(self)->enter(name, line);
  }

  static void entry(void* self, const IniText& key, const IniText& value, std::uint32_t line) {
    static_cast<Reader*>(self)->set(key, value, line);
  }

 private:
  enum class Place { kOutside, kInside, kFaulty };

  void enter(const IniText& name, std::uint32_t line) {
    place_ = Place::kFaulty;
    if (name.column == 0) return;  // already reported
    TextOf<256> message;
    if (name.text != kBaseSection) {
      (message << "unknown section ").quoted(name.text);
      message << "; settings stand in `[sockopt]`; those below are passed over";
      return fault(name, line, message);
    }
    if (base_line_ != 0) {
      message << "[sockopt] stands in line ";
      message.unsigned_decimal(base_line_) << " already; settings below are passed over";
      return fault(name, line, message);
    }
    base_line_ = line;
    place_ = Place::kInside;
  }

  void set(const IniText& key, const IniText& value, std::uint32_t line) {
    if (place_ == Place::kFaulty) return;
    TextOf<256> message;
    if (place_ == Place::kOutside) {
      message.quoted(key.text) << " stands before any section; begin with `[sockopt]`";
      return fault(key, line, message);
    }
    if (key.text == "log") return set_log_level(value, line);
    const OptionId option = resolve_key(policy_, key.text, message);
    if (option == kNoOption) return fault(key, line, message);
    if (set_at_[option] != 0) {
      message << key.text << " is set in line ";
      message.unsigned_decimal(set_at_[option]) << " already; that one holds";
      return fault(key, line, message);
    }
    message << key.text << " = ";
    message.escaped(value.text, 60) << ": ";
    if (!assign(policy_, option, value.text, {Origin::Kind::kFile, line}, message)) {
      return fault(value.text.empty() ? key : value, line, message);
    }
    set_at_[option] = line;
  }

  void set_log_level(const IniText& value, std::uint32_t line) {
    LogLevel level{};
    TextOf<256> message;
    if (log_line_ != 0) {
      message << "log is set in line ";
      message.unsigned_decimal(log_line_) << " already; that one holds";
      return fault(value, line, message);
    }
    if (!parse_log_level(value.text, level)) {
      message << "log = ";
      message.escaped(value.text, 60) << ": takes off|error|warn|info|debug";
      return fault(value, line, message);
    }
    policy_.set_log_level(level);
    log_line_ = line;
  }

  void fault(const IniText& where, std::uint32_t line, const Text& message) {
    faults_({source_, line, where.column, static_cast<std::uint32_t>(where.text.size()),
             message.view()});
  }

  std::string_view source_;
  Policy& policy_;
  FaultSink faults_;
  Place place_ = Place::kOutside;
  std::uint32_t base_line_ = 0;
  std::uint32_t log_line_ = 0;
  std::uint32_t set_at_[kMaxOptions] = {};
};

}  // namespace

void read_configuration(std::string_view text, std::string_view source, Policy& policy,
                        FaultSink faults) {
  Reader reader(source, policy, faults);
  read_ini(text, source, {&reader, &Reader::section, &Reader::entry}, faults);
}

}  // namespace sockopt
