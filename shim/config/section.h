// SPDX-License-Identifier: MIT
//
// One section of sockopt.ini: its match keys, `preset`, `enforce`, `log` and settings, from its
// header to the next one.
#pragma once

#include <cstdint>
#include <string_view>

#include "shim/config/fault.h"
#include "shim/config/ini.h"
#include "shim/policy/policy.h"

namespace sockopt {

class Section {
 public:
  Section(std::string_view source, Policy& policy, FaultSink faults)
      : source_(source), policy_(policy), faults_(faults) {}

  /// The section becomes the policy's current rule.
  void begin(const IniText& header, std::uint32_t line);
  /// False once the rule turns out to be libsockopt-zmq.so's: what follows is none of ours.
  bool set(const IniText& key, const IniText& value, std::uint32_t line);
  /// An unreadable line: it may have been a condition of the rule.
  void lose(std::string_view text, std::uint32_t line);
  void end();

  /// `[zmq]`, and the key of a rule: libsockopt-zmq.so's.
  static bool is_zmq(std::string_view name) { return find_keyword(name) == Keyword::kZmq; }

 private:
  struct Entry {
    const IniText& key;
    const IniText& value;
    std::uint32_t line;
  };
  /// The keys that are not options, match keys first.
  enum class Keyword : std::uint8_t {
    kProgram,
    kListen,
    kConnect,
    kZmq,
    kPreset,
    kEnforce,
    kLog,
    kNone
  };
  static bool is_condition(Keyword keyword) { return keyword <= Keyword::kZmq; }
  static Keyword find_keyword(std::string_view key);
  static Keyword nearest_keyword(std::string_view key);
  static std::string_view name_of(Keyword keyword);

  void set_keyword(Keyword keyword, const Entry& entry);
  void set_option(const Entry& entry);
  void set_preset(const Entry& entry);
  void set_enforce(const Entry& entry);
  void set_log(const Entry& entry);

  void add_patterns(Keyword keyword, const Entry& entry);
  void add_program(const Entry& entry, const IniText& pattern, bool excludes);
  void add_address(const Entry& entry, const IniText& text, bool excludes, Range Rule::*list);
  bool is_repeated(const Entry& entry, std::uint32_t first_line);
  void drop_undecidable();
  void lose_condition(std::string_view key, std::uint32_t line);
  bool is_base() const { return policy_.rule(policy_.rule_count() - 1).kind == Rule::Kind::kBase; }
  void void_rule(const IniText& where, std::uint32_t line, std::string_view reason);
  void void_rule(const Entry& entry, const IniText& pattern, std::string_view reason);
  void report(const IniText& where, std::uint32_t line, const Text& message);
  void report_value(const Entry& entry, std::string_view reason);

  std::string_view source_;
  Policy& policy_;
  FaultSink faults_;
  IniText header_ = {};
  std::uint32_t line_ = 0;
  bool has_match_key_ = false;
  std::uint32_t preset_line_ = 0;
  std::uint32_t enforce_line_ = 0;
  std::uint32_t log_line_ = 0;
  std::uint32_t set_at_[kMaxOptions] = {};  ///< the line of each option's setting; 0: none
};

}  // namespace sockopt
