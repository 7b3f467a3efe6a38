// SPDX-License-Identifier: MIT
#include "shim/zmq/reader.h"

#include <cstring>

#include "shim/config/assignment.h"
#include "shim/config/ini.h"
#include "shim/config/reader.h"
#include "shim/config/section_text.h"
#include "shim/options/suggestion.h"
#include "shim/policy/glob.h"
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

class Reader {
 public:
  Reader(std::string_view source, Policy& policy, FaultSink faults, SharedFaults shared)
      : source_(source), policy_(policy), faults_(faults) {
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
  struct Entry {
    const IniText& key;
    const IniText& value;
    std::uint32_t line;
  };
  enum class Place : std::uint8_t {
    kPassedOver,  ///< nothing of it concerns ZeroMQ
    kTcp,         ///< `[sockopt]`
    kBase,        ///< `[zmq]`
    kUndecided,   ///< a rule that has neither `zmq` nor a setting yet
    kTcpRule,
    kZmqRule,
  };

  void begin(const IniText& name, std::uint32_t line) {
    place_ = Place::kPassedOver;
    if (name.column == 0) return;  // already reported
    header_ = name;
    line_ = line;
    enforce_line_ = 0;
    included_ = 0;
    excluded_ = 0;
    std::memset(set_at_, 0, sizeof set_at_);
    if (name.text == "sockopt") {
      place_ = Place::kTcp;
    } else if (name.text == "zmq") {
      begin_rule(Rule::Kind::kBase, {}, Place::kBase, faults_);
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
      place_ = place;
      return policy_.set_types(kind == Rule::Kind::kBase ? kAllTypes : 0);
    }
    report(faults, header_, line_, message.view());
  }

  const Rule* find(Rule::Kind kind, std::string_view name) const {
    for (std::size_t i = first_rule_; i < policy_.rule_count(); ++i) {
      const Rule& rule = policy_.rule(i);
      if (rule.kind == kind && policy_.name(rule) == name) return &rule;
    }
    return nullptr;
  }

  bool is_ours() const { return place_ == Place::kBase || place_ == Place::kZmqRule; }
  // A rule that may yet be TCP's is TCP's reader's to complain of.
  FaultSink faults() const { return is_ours() ? faults_ : shared_faults_; }

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
          report(faults_, entry.key, entry.line,
                 "`zmq` stands above the settings of its rule, and without `listen` or `connect`; "
                 "the rule is ignored");
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
    report(faults_, entry.key, entry.line, message.view());
  }

  void set_in_rule(Keyword keyword, const Entry& entry) {
    if (keyword == Keyword::kProgram) return add_patterns(entry, &Reader::add_program);
    if (keyword == Keyword::kEnforce) return set_enforce(entry);
    if (keyword == Keyword::kZmq) {
      place_ = Place::kZmqRule;
      return add_patterns(entry, &Reader::add_types);
    }
    if (place_ == Place::kUndecided) {
      place_ = Place::kTcpRule;
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
      report(faults_, entry.key, entry.line, message.view());
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
      report(faults_, entry.key, entry.line, message.view());
      return lose_condition(entry.key.text, entry.line);
    }
    if (is_repeated(entry, set_at_[option])) return;
    const Rule& rule = policy_.current_rule();
    if (!rule.is_void && (policy_.types_of(option) & policy_.types(rule)) == 0) {
      return report_value(entry, "no socket of this rule has this option");
    }
    if (!assign(policy_, option, entry.value.text, entry.line, message)) {
      if (policy_.has_minus_one(option) && message.view().find("takes ") != message.view().npos) {
        message << " or -1";
      }
      return report_value(entry, message.view());
    }
    set_at_[option] = entry.line;
  }

  void set_enforce(const Entry& entry) {
    if (is_repeated(entry, enforce_line_)) return;
    TextOf<96> reason;
    bool enforces = false;
    if (!parse_boolean(entry.value.text, enforces, reason)) {
      return report_value(entry, reason.view());
    }
    policy_.current_rule().enforces = enforces;
    enforce_line_ = entry.line;
  }

  bool is_repeated(const Entry& entry, std::uint32_t first_line) {
    if (first_line == 0) return false;
    TextOf<128> message;
    message << entry.key.text << " is already set in line ";
    message.unsigned_decimal(first_line) << "; this line is ignored";
    report(faults(), entry.key, entry.line, message.view());
    return true;
  }

  // What is wrong with it, TCP's reader says.
  void set_log(const Entry& entry) {
    LogLevel level{};
    if (parse_log_level(entry.value.text, level)) policy_.set_log_level(level);
  }

  // Splits a list at its commas; `!` in front of a pattern excludes.
  void add_patterns(const Entry& entry,
                    void (Reader::*add)(const Entry&, const IniText&, bool excludes)) {
    std::string_view rest = entry.value.text;
    for (bool more = true; more;) {
      const std::size_t comma = rest.find(',');
      more = comma != std::string_view::npos;
      std::string_view item = trim(slice(rest, 0, comma));
      rest = slice(rest, more ? comma + 1 : rest.size());
      const bool excludes = item.starts_with('!');
      if (excludes) item = trim(slice(item, 1));
      if (item.empty()) {
        void_rule(entry, entry.value, "an empty pattern");
        continue;
      }
      const auto offset = static_cast<std::uint32_t>(item.data() - entry.value.text.data());
      const IniText pattern = {item, entry.value.column + offset};
      if (is_quoted(item)) {
        void_rule(entry, pattern, "write it without quotes");
      } else {
        (this->*add)(entry, pattern, excludes);
      }
    }
  }

  void add_program(const Entry& entry, const IniText& pattern, bool excludes) {
    if (!is_sound_glob(pattern.text)) {
      void_rule(entry, pattern, "`[` without a `]`");
    } else if (!policy_.add_program(pattern.text, excludes)) {
      void_rule(entry, pattern, "too many patterns");
    }
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

  // An indented line may have been meant to continue a list of patterns.
  void lose(std::string_view text, std::uint32_t line) {
    const bool continues = !text.empty() && is_space(text.front());
    text = trim(text);
    std::size_t end = 0;
    while (end < text.size() && text[end] != '=' && text[end] != ':' && !is_space(text[end])) ++end;
    lose_condition(continues ? std::string_view("zmq") : slice(text, 0, end), line);
  }

  // A rule that lost a condition would match more than was meant, so it matches nothing.
  void lose_condition(std::string_view key, std::uint32_t line) {
    const bool is_rule = place_ == Place::kUndecided || place_ == Place::kZmqRule;
    if (!is_rule || policy_.current_rule().is_void) return;
    const Keyword meant = find_keyword(nearest(key, kKeywords));
    if (meant != Keyword::kProgram && meant != Keyword::kZmq) return;
    TextOf<96> reason;
    reason << "line ";
    reason.unsigned_decimal(line) << " may be a condition of this rule";
    void_rule(header_, line_, reason.view());
  }

  void void_rule(const IniText& where, std::uint32_t line, std::string_view reason) {
    policy_.current_rule().is_void = true;
    TextOf<400> message;
    message << reason << "; the rule is ignored";
    report(faults(), where, line, message.view());
  }

  void void_rule(const Entry& entry, const IniText& pattern, std::string_view reason) {
    TextOf<320> message;
    quote_entry(entry.key.text, pattern.text, message);
    message << reason;
    void_rule(pattern, entry.line, message.view());
  }

  void report_value(const Entry& entry, std::string_view reason) {
    TextOf<400> message;
    quote_entry(entry.key.text, entry.value.text, message);
    message << reason;
    report(faults(), entry.value.text.empty() ? entry.key : entry.value, entry.line,
           message.view());
  }

  void report(FaultSink faults, const IniText& where, std::uint32_t line,
              std::string_view message) {
    faults({source_, line, where.column, static_cast<std::uint32_t>(where.text.size()), message});
  }

  std::string_view source_;
  Policy& policy_;
  FaultSink faults_;
  FaultSink shared_faults_;
  Place place_ = Place::kPassedOver;
  IniText header_ = {};
  std::uint32_t line_ = 0;
  std::uint32_t enforce_line_ = 0;
  TypeSet included_ = 0;
  TypeSet excluded_ = 0;
  std::size_t first_rule_ = 0;
  std::uint32_t set_at_[kMaxOptions] = {};  // the line of each option's setting; 0: none
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
