// SPDX-License-Identifier: MIT
//
// One section of sockopt.ini: its match keys, `preset`, `enforce`, `log` and settings, from its
// header to the next one.
#pragma once

#include <cstdint>
#include <string_view>

#include "shim/config/fault.h"
#include "shim/config/ini.h"
#include "shim/config/section_reader.h"
#include "shim/policy/policy.h"

namespace sockopt {

class Section : private SectionReader {
 public:
  Section(std::string_view source, Policy& policy, FaultSink faults)
      : SectionReader(source, policy, faults) {}

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
  void set_log(const Entry& entry);

  void add_patterns(Keyword keyword, const Entry& entry);
  void add_address(const Entry& entry, const IniText& text, bool excludes, Range Rule::*list);
  void drop_undecidable();
  void lose_condition(std::string_view key, std::uint32_t line);
  bool is_base() const { return policy_.rule(policy_.rule_count() - 1).kind == Rule::Kind::kBase; }

  bool has_match_key_ = false;
  std::uint32_t preset_line_ = 0;
  std::uint32_t log_line_ = 0;
};

}  // namespace sockopt
