// SPDX-License-Identifier: MIT
#include "shim/config/reader.h"

#include <cstring>

#include "shim/config/assignment.h"
#include "shim/config/ini.h"
#include "shim/config/section.h"
#include "shim/config/section_text.h"

namespace sockopt {
namespace {

constexpr std::string_view kBaseSection = "sockopt";

// Walks through a file's sections; Section reads what is in one.
class Reader {
 public:
  Reader(std::string_view source, Policy& policy, FaultSink faults)
      : source_(source), policy_(policy), faults_(faults), section_(source, policy, faults) {
    first_rule_ = policy.rule_count();
  }

  static void enter(void* self, const IniText& name, std::uint32_t line) {
    static_cast<Reader*>(self)->begin(name, line);
  }

  static void entry(void* self, const IniText& key, const IniText& value, std::uint32_t line) {
    static_cast<Reader*>(self)->set(key, value, line);
  }

  static void unreadable(void* self, std::string_view text, std::uint32_t line) {
    auto& reader = *static_cast<Reader*>(self);
    if (reader.place_ == Place::kInside) reader.section_.lose(text, line);
  }

  // A policy that is too large for where it is made is made elsewhere, from the beginning.
  static bool is_done(void* self) { return static_cast<Reader*>(self)->policy_.outgrown(); }

  void end() {
    if (place_ == Place::kInside) section_.end();
  }

 private:
  enum class Place { kOutside, kInside, kPassedOver };

  void begin(const IniText& name, std::uint32_t line) {
    end();
    place_ = Place::kPassedOver;
    if (name.column == 0 || Section::is_zmq(name.text)) return;  // already reported, or not ours
    TextOf<256> message;
    std::string_view rule;
    const bool is_rule = rule_name(name.text, rule);
    if (!is_rule && name.text != kBaseSection) {
      (message << "unknown section ").quoted(name.text);
      message << "; write `[sockopt]`, `[zmq]` or `[rule NAME]`; this section is ignored";
    } else if (is_rule && rule.empty()) {
      message << "a rule needs a name: `[rule web]`; this section is ignored";
    } else if (const Rule* same = find(is_rule, rule)) {
      message << '[';
      message.escaped(name.text) << "] is already in line ";
      message.unsigned_decimal(same->line) << "; this section is ignored";
    } else if (!policy_.begin_rule(is_rule ? Rule::Kind::kRule : Rule::Kind::kBase, rule, line)) {
      (message << "too many rules: at most ").decimal(Policy::kMaxFileRules);
    } else {
      place_ = Place::kInside;
      return section_.begin(name, line);
    }
    report(name, line, message);
  }

  void set(const IniText& key, const IniText& value, std::uint32_t line) {
    if (place_ == Place::kInside && !section_.set(key, value, line)) place_ = Place::kPassedOver;
    if (place_ != Place::kOutside) return;
    TextOf<256> message;
    message.quoted(key.text) << " is outside any section; start with `[sockopt]`";
    report(key, line, message);
  }

  // The earlier section of this name in this file. Most names are new, which a hash shows without a
  // search.
  const Rule* find(bool is_rule, std::string_view name) {
    const std::uint64_t hash = content_hash(name);
    std::uint64_t& seen = seen_[hash / 64 % std::size(seen_)];
    const std::uint64_t bit = std::uint64_t{1} << hash % 64;
    const bool is_new = (seen & bit) == 0;
    seen |= bit;
    if (is_new) return nullptr;
    for (std::size_t i = first_rule_; i < policy_.rule_count(); ++i) {
      const Rule& rule = policy_.rule(i);
      if ((rule.kind == Rule::Kind::kRule) == is_rule && policy_.name(rule) == name) return &rule;
    }
    return nullptr;
  }

  void report(const IniText& where, std::uint32_t line, const Text& message) {
    faults_({source_, line, where.column, static_cast<std::uint32_t>(where.text.size()),
             message.view()});
  }

  std::string_view source_;
  Policy& policy_;
  FaultSink faults_;
  Section section_;
  Place place_ = Place::kOutside;
  std::size_t first_rule_ = 0;
  std::uint64_t seen_[64] = {};  // a bit for each hash of a name
};

}  // namespace

void read_configuration(std::string_view text, std::string_view source, Policy& policy,
                        FaultSink faults) {
  if (!policy.begin_file(source, content_hash(text))) {
    return faults({source, 0, 0, 0, "not read: too many files"});
  }
  Reader reader(source, policy, faults);
  read_ini(text, source,
           {&reader, &Reader::enter, &Reader::entry, &Reader::unreadable, &Reader::is_done},
           faults);
  reader.end();
}

// Eight bytes at a time: this runs at the start of every program.
std::uint64_t content_hash(std::string_view text) {
  constexpr std::uint64_t kPrime = 0x9e3779b97f4a7c15;  // 2^64 / the golden ratio
  std::uint64_t hash = text.ends_with('\n') ? 1 : 0;
  const auto mix = [&](std::uint64_t word) {
    hash = (hash ^ word) * kPrime;
    hash ^= hash >> 32;
  };
  std::uint64_t empty_lines = 0;
  while (!text.empty()) {
    // Most lines.
    if (text.front() == '\n') {
      text.remove_prefix(1);
      ++empty_lines;
      continue;
    }
    std::string_view line = take_line(text);
    if (begins_comment(line.front())) {
      ++empty_lines;
      continue;
    }
    mix(line.size());
    mix(empty_lines);
    std::uint64_t word = 0;
    for (; line.size() >= sizeof word; line.remove_prefix(sizeof word)) {
      std::memcpy(&word, line.data(), sizeof word);
      mix(word);
    }
    if (!line.empty()) {
      word = 0;
      std::memcpy(&word, line.data(), line.size());
      mix(word);
    }
  }
  mix(empty_lines);
  return hash;
}

}  // namespace sockopt
