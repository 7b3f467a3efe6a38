// SPDX-License-Identifier: MIT
#include "shim/zmq/reader.h"

#include "shim/config/assignment.h"
#include "shim/config/ini.h"
#include "shim/config/reader.h"
#include "shim/config/section_reader.h"
#include "shim/config/section_text.h"
#include "shim/options/suggestion.h"
#include "shim/zmq/assignment.h"

namespace sockopt::zmq {
namespace {

// The keys that are not options. TCP's among them are known in order to say where they belong.
enum class Keyword : std::uint8_t {
  kProgram,
  kZmq,
  kListen,
  kConnect,
  kEnforce,
  kPreset,
  kLog,
  kNone
};
constexpr FixedText<8> kKeywords[] = {"program", "zmq",    "listen", "connect",
                                      "enforce", "preset", "log"};

Keyword find_keyword(std::string_view key) {
  std::size_t index = 0;
  while (index < std::size(kKeywords) && !(kKeywords[index] == key)) ++index;
  return static_cast<Keyword>(index);
}

class Reader : private SectionReader {
 public:
  Reader(std::string_view source, Policy& policy, FaultSink faults, SharedFaults shared)
      : SectionReader(source, policy, {}), policy_(policy), own_faults_(faults) {
    if (shared == SharedFaults::kReported) shared_faults_ = faults;
    first_rule_ = policy.rule_count();
  }

  static void enter(void* self, const IniText& name, std::uint32_t line) {
    static_cast<Reader*>(self)->begin(name, line);
  }
  static void entry(void* self, const IniText& key, const IniText& value, std::uint32_t line) {
    static_cast<Reader*>(self)->set({key, value, line});
  }
  static void unreadable(void* self, std::string_view text, std::uint32_t line) {
    static_cast<Reader*>(self)->lose(text, line);
  }

  FaultSink shared_faults() const { return shared_faults_; }

 private:
  enum class Place : std::uint8_t {
    kPassedOver,  ///< nothing of it concerns ZeroMQ
    kTcp,         ///< `[sockopt]`
    kBase,        ///< `[zmq]`
    kUndecided,   ///< a rule that has neither `zmq` nor a setting yet
    kTcpRule,
    kZmqRule,
  };

  void begin(const IniText& name, std::uint32_t line) {
    go_to(Place::kPassedOver);
    if (name.column == 0) return;  // already reported
    SectionReader::begin(name, line);
    included_ = 0;
    excluded_ = 0;
    if (name.text == "sockopt") {
      go_to(Place::kTcp);
    } else if (name.text == "zmq") {
      begin_rule(Rule::Kind::kBase, {}, Place::kBase, own_faults_);
    } else if (std::string_view rule; rule_name(name.text, rule) && !rule.empty()) {
      begin_rule(Rule::Kind::kRule, rule, Place::kUndecided, shared_faults_);
    }
  }

  void begin_rule(Rule::Kind kind, std::string_view name, Place place, FaultSink faults) {
    TextOf<256> message;
    if (const Rule* same = find(kind, name)) {
      message << '[';
      message.escaped(header_.text) << "] is already in line ";
      message.unsigned_decimal(same->line) << "; this section is ignored";
    } else if (!policy_.begin_rule(kind, name, line_)) {
      (message << "too many rules: at most ").decimal(Policy::kMaxFileRules);
    } else {
      go_to(place);
      return policy_.set_types(kind == Rule::Kind::kBase ? kAllTypes : 0);
    }
    report_to(faults, header_, line_, message.view());
  }

  const Rule* find(Rule::Kind kind, std::string_view name) const {
    for (std::size_t i = first_rule_; i < policy_.rule_count(); ++i) {
      const Rule& rule = policy_.rule(i);
      if (rule.kind == kind && policy_.name(rule) == name) return &rule;
    }
    return nullptr;
  }

  // A rule that may yet be TCP's is TCP's reader's to complain of.
  void go_to(Place place) {
    place_ = place;
    const bool is_ours = place == Place::kBase || place == Place::kZmqRule;
    faults_ = is_ours ? own_faults_ : shared_faults_;
  }

  void set(const Entry& entry) {
    const Keyword keyword = find_keyword(entry.key.text);
    switch (place_) {
      case Place::kPassedOver:
        return;
      case Place::kTcp:
        if (keyword == Keyword::kLog) set_log(entry);
        return;
      case Place::kTcpRule:
        if (keyword == Keyword::kZmq) {
          report_to(own_faults_, entry.key, entry.line,
                    "`zmq` comes too late: write it before the settings of its rule, and without "
                    "`listen` or `connect`; the rule is ignored");
        }
        return;
      case Place::kBase:
        return set_in_base(keyword, entry);
      case Place::kUndecided:
      case Place::kZmqRule:
        return set_in_rule(keyword, entry);
    }
  }

  void set_in_base(Keyword keyword, const Entry& entry) {
    if (keyword == Keyword::kEnforce) return set_enforce(entry);
    if (keyword == Keyword::kNone) return set_option(entry);
    TextOf<256> message;
    message.quoted(entry.key.text);
    if (keyword == Keyword::kLog || keyword == Keyword::kPreset) {
      message << " belongs in `[sockopt]`";
    } else if (keyword == Keyword::kZmq || keyword == Keyword::kProgram) {
      message << " belongs in a `[rule NAME]`; `[zmq]` is for every ZeroMQ socket";
    } else {
      message << " belongs in a `[rule NAME]` about TCP";
    }
    report(entry.key, entry.line, message.view());
  }

  void set_in_rule(Keyword keyword, const Entry& entry) {
    if (keyword == Keyword::kProgram) {
      return for_each_pattern(entry, [&](const IniText& pattern, bool excludes) {
        add_program(entry, pattern, excludes);
      });
    }
    if (keyword == Keyword::kEnforce) return set_enforce(entry);
    if (keyword == Keyword::kZmq) {
      go_to(Place::kZmqRule);
      return for_each_pattern(
          entry, [&](const IniText& name, bool excludes) { add_types(entry, name, excludes); });
    }
    if (place_ == Place::kUndecided) {
      go_to(Place::kTcpRule);
    } else if (keyword == Keyword::kNone) {
      set_option(entry);
    } else if (keyword == Keyword::kListen || keyword == Keyword::kConnect) {
      void_rule(
          entry.key, entry.line,
          "a rule cannot have both `zmq` and an address: a ZeroMQ socket has none yet when its "
          "options are set");
    } else {
      TextOf<128> message;
      message.quoted(entry.key.text) << " belongs in `[sockopt]` or a rule about TCP";
      report(entry.key, entry.line, message.view());
    }
  }

  void set_option(const Entry& entry) {
    TextOf<320> message;
    const OptionId option = resolve_key(policy_, entry.key.text, message);
    if (option == kNoOption) {
      if (const std::string_view meant = nearest(entry.key.text, kKeywords); !meant.empty()) {
        message.clear();
        (message << "unknown key ").quoted(entry.key.text);
        message << "; did you mean `" << meant << "`?";
      }
      report(entry.key, entry.line, message.view());
      return lose_condition(entry.key.text, entry.line);
    }
    if (is_repeated(entry, set_at_[option])) return;
    const Rule& rule = policy_.current_rule();
    if (!rule.is_void() && (policy_.types_of(option) & policy_.types(rule)) == 0) {
      return report_value(entry, "no socket of this rule has this option");
    }
    if (!assign(policy_, option, entry.value.text, entry.line, message)) {
      return report_value(entry, message.view());
    }
    set_at_[option] = entry.line;
  }

  // What is wrong with it, TCP's reader says.
  void set_log(const Entry& entry) {
    LogLevel level{};
    if (parse_log_level(entry.value.text, level)) policy_.set_log_level(level);
  }

  // A list of exclusions alone is about all others.
  void add_types(const Entry& entry, const IniText& name, bool excludes) {
    TypeSet named = name.text == "*" ? kAllTypes : 0;
    if (const std::size_t type = find_type(name.text); type != kTypeCount) named = type_bit(type);
    if (named == 0) {
      TextOf<160> reason;
      reason << "no type of ZeroMQ's sockets";
      if (const std::string_view meant = nearest(name.text, kTypeNames); !meant.empty()) {
        reason << "; did you mean `" << meant << "`?";
      } else {
        reason << "; write req, rep, dealer, router, pub, sub, push, pull ... or *";
      }
      return void_rule(entry, name, reason.view());
    }
    (excludes ? excluded_ : included_) |= named;
    policy_.set_types((included_ == 0 ? kAllTypes : included_) & ~excluded_);
  }

  void lose(std::string_view text, std::uint32_t line) {
    lose_condition(lost_key(text, "zmq"), line);
  }

  // A rule that lost a condition would match more than was meant, so it matches nothing.
  void lose_condition(std::string_view key, std::uint32_t line) {
    const bool is_rule = place_ == Place::kUndecided || place_ == Place::kZmqRule;
    if (!is_rule || policy_.current_rule().is_void()) return;
    const Keyword meant = find_keyword(nearest(key, kKeywords));
    if (meant != Keyword::kProgram && meant != Keyword::kZmq) return;
    void_rule_for(line);
  }

  Policy& policy_;  // the base's, as what it is
  FaultSink own_faults_;
  FaultSink shared_faults_;
  Place place_ = Place::kPassedOver;
  TypeSet included_ = 0;
  TypeSet excluded_ = 0;
  std::size_t first_rule_ = 0;
};

}  // namespace

void read_configuration(std::string_view text, std::string_view source, Policy& policy,
                        FaultSink faults, SharedFaults shared) {
  Reader reader(source, policy, faults, shared);
  if (!policy.begin_file(source, content_hash(text))) {
    return reader.shared_faults()({source, 0, 0, 0, "not read: too many files"});
  }
  read_ini(text, source, {&reader, &Reader::enter, &Reader::entry, &Reader::unreadable},
           reader.shared_faults());
}

}  // namespace sockopt::zmq
