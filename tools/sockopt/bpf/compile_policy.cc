// SPDX-License-Identifier: MIT
#include "tools/sockopt/bpf/compile_policy.h"

#include <sys/utsname.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <optional>
#include <string>

#include "shim/options/lookup.h"
#include "shim/policy/glob.h"
#include "tools/sockopt/bpf/address_classes.h"

namespace sockopt {
namespace {

constexpr std::uint32_t kLargestRate = 0xfffffffe;  // one more means "no limit"

// The row that says what the helper makes of an option; a raw option may be one of the table.
OptionId row_of(const Policy& policy, OptionId id) {
  if (id < kOptionCount) return id;
  const KernelName name = policy.option(id).ipv4;
  return find_kernel_name(name.level, name.name);
}

// The value as bpf_setsockopt takes it: an int, or a name.
std::uint32_t make_value(Kind kind, const Value& value, __u8 (&made)[ENGINE_MADE_BYTES]) {
  std::uint32_t number = 0;
  if (kind == Kind::kName) {
    if (value.size == 0 || value.size >= sizeof made) return 0;
    std::memcpy(made, value.bytes, value.size);
    return sizeof made;
  }
  if (kind == Kind::kRate && value.size == sizeof(std::uint64_t)) {
    std::uint64_t rate = 0;
    std::memcpy(&rate, value.bytes, sizeof rate);
    if (rate > kLargestRate) return 0;
    number = static_cast<std::uint32_t>(rate);
  } else if (value.size == sizeof number) {
    std::memcpy(&number, value.bytes, sizeof number);
  } else {
    return 0;
  }
  std::memcpy(made, &number, sizeof number);
  return sizeof number;
}

engine_name helper_name(KernelName name, const BpfHelper& helper) {
  if (!name.exists()) return {-1, -1};
  return {name.level, helper.name >= 0 ? helper.name : name.name};
}

// IP-level options are for the sockets of their family only: the helper refuses them on others.
void name_for_families(const Option& option, OptionId row, engine_setting& setting) {
  const BpfHelper& helper = kBpfHelper[row];
  setting.names[0] = helper_name(option.ipv4, helper);
  setting.names[1] = helper_name(option.ipv6.exists() ? option.ipv6 : option.ipv4, helper);
  if (setting.names[0].level == IPPROTO_IPV6) setting.names[0] = {-1, -1};
  if (setting.names[1].level == IPPROTO_IP) setting.names[1] = {-1, -1};
}

engine_setting compile_setting(const Policy& policy, const Setting& setting, KernelVersion kernel) {
  engine_setting compiled{};
  compiled.option = setting.option;
  compiled.keeps_default = setting.keeps_default;
  compiled.ignores = setting.ignores;
  compiled.enforces = policy.rule_of(setting).enforces;
  compiled.names[0] = compiled.names[1] = {-1, -1};
  if (setting.keeps_default) return compiled;
  const Option& option = policy.option(setting.option);
  compiled.size = option.is_socket_option() ? setting.value.size : 0;
  std::memcpy(compiled.value, setting.value.bytes, compiled.size);
  if (bpf_limit(policy, setting, kernel) != BpfLimit::kNone) return compiled;
  const OptionId row = row_of(policy, setting.option);
  name_for_families(option, row, compiled);
  compiled.made_size = make_value(kOptions[row].kind, setting.value, compiled.made);
  return compiled;
}

// The end of the bracket expression at `at`, after its `]`; its own end where there is none.
std::size_t element_end(std::string_view glob, std::size_t at) {
  if (glob[at] != '[') return at + 1;
  std::size_t i = at + 1;
  if (i < glob.size() && (glob[i] == '!' || glob[i] == '^')) ++i;
  if (i < glob.size() && glob[i] == ']') ++i;
  const std::size_t close = glob.find(']', i);
  return close == std::string_view::npos ? at + 1 : close + 1;
}

engine_pattern compile_pattern(const Policy& policy, const ProgramPattern& pattern,
                               PolicyImage& image) {
  const std::string_view glob = policy.glob(pattern);
  engine_pattern compiled{};
  compiled.excludes = pattern.excludes;
  compiled.is_glob =
      glob.size() >= sizeof compiled.name || glob.find_first_of("*?[") != std::string_view::npos;
  if (compiled.is_glob) {
    compiled.glob = static_cast<std::uint32_t>(image.globs.size());
    image.globs.push_back(compile_glob(glob));
  } else {
    std::memcpy(compiled.name, glob.data(), glob.size());
  }
  return compiled;
}

void compile_rules(const Policy& policy, PolicyImage& image) {
  const std::size_t patterns = policy.rule_count();
  image.rules.resize(patterns);
  std::size_t at = 0;
  const auto total = static_cast<std::size_t>(policy.end() - policy.begin());
  for (std::uint32_t number = 0; number < policy.rule_count(); ++number) {
    const Rule& rule = policy.rule(number);
    engine_rule& compiled = image.rules[number];
    compiled.settings.first = static_cast<std::uint32_t>(at);
    while (at < total && policy.begin()[at].rule == number) ++at;
    compiled.settings.count = static_cast<std::uint32_t>(at) - compiled.settings.first;
    compiled.programs.first = static_cast<std::uint32_t>(image.patterns.size());
    compiled.programs.count = rule.programs.count;
    compiled.has_address = rule.has_address();
    for (std::size_t i = 0; i < rule.programs.count; ++i) {
      const ProgramPattern& pattern = policy.programs()[rule.programs.first + i];
      image.patterns.push_back(compile_pattern(policy, pattern, image));
    }
    if (rule.is_void() || compiled.settings.count == 0) continue;
    image.has_programs = image.has_programs || rule.programs.count != 0;
    if (!rule.has_address()) image.base_rules.push_back(number);
  }
}

// What sets the same by another name: SO_RCVBUFFORCE, where the policy has rcvbuf.
void add_other_names(OptionId id, const OptionSet& named, PolicyImage& image) {
  constexpr std::int16_t kNames = 96;
  const KernelName own = kOptions[id].ipv4;
  for (KernelName name = {own.level, 0}; name.name < kNames; ++name.name) {
    const OptionId row = find_kernel_name(name.level, name.name);
    const bool is_other = row != kNoOption && name != kOptions[row].ipv6 &&
                          (row == id ? name != own : !named.contains(row));
    if (!is_other || !same_state(row).contains(id)) continue;
    const auto rename = static_cast<std::uint32_t>(own.name) << ENGINE_RENAME_SHIFT;
    image.option_ids.push_back({{name.level, name.name}, id | rename});
  }
}

void compile_names(const Policy& policy, PolicyImage& image) {
  OptionSet named;
  for (const Setting& setting : policy) named.add(setting.option);
  for (const OptionId id : named) {
    const Option& option = policy.option(id);
    for (const KernelName name : {option.ipv4, option.ipv6}) {
      if (name.exists()) image.option_ids.push_back({{name.level, name.name}, id});
    }
    if (id < kOptionCount && option.ipv4.exists()) add_other_names(id, named, image);
  }
}

void note_what_is_needed(const Policy& policy, PolicyImage& image) {
  OptionSet ruled;  // of which some rule enforces its value, or has calls ignored
  OptionSet by_listener;
  OptionSet by_peer;
  OptionSet early;
  for (std::size_t i = 0; i < image.settings.size(); ++i) {
    const engine_setting& setting = image.settings[i];
    const Rule& rule = policy.rule_of(policy.begin()[i]);
    if (rule.is_void()) continue;
    const OptionId id = setting.option;
    const bool listens = rule.listens.count != 0;
    if (setting.ignores || (setting.enforces && setting.size != 0)) ruled.add(id);
    if (rule.has_address()) (listens ? by_listener : by_peer).add(id);
    if (setting.made_size == 0) continue;
    const bool is_early = precedes_bind(policy.option(id));
    if (is_early) early.add(id);
    if (!rule.has_address() || (listens && is_early)) image.sets_bound = true;
    if (listens || !rule.has_address()) image.sets_listeners = true;
    if (!listens) image.sets_clients = true;
    image.sets_priority = image.sets_priority || id == image.priority_option;
  }
  for (const OptionId id : early&(by_listener | by_peer)) image.precedes_bind |= 1ULL << id;
  image.rules_listeners = !(ruled & by_listener).empty();
  image.rules_clients = !(ruled & by_peer).empty();
}

}  // namespace

KernelVersion KernelVersion::parse(std::string_view text) {
  const std::string copy(text);
  KernelVersion version;
  char* rest = nullptr;
  version.major = static_cast<int>(std::strtol(copy.c_str(), &rest, 10));
  if (*rest == '.') version.minor = static_cast<int>(std::strtol(rest + 1, nullptr, 10));
  return version;
}

KernelVersion KernelVersion::running() {
  struct utsname name = {};
  return ::uname(&name) == 0 ? parse(name.release) : KernelVersion{};
}

BpfLimit bpf_limit(const Policy& policy, const Setting& setting, KernelVersion kernel) {
  if (setting.keeps_default) return BpfLimit::kNone;
  const OptionId row = row_of(policy, setting.option);
  if (row == kNoOption || !kBpfHelper[row].takes) return BpfLimit::kNever;
  if (KernelVersion::parse(kBpfHelper[row].since) > kernel) return BpfLimit::kTooOld;
  __u8 made[ENGINE_MADE_BYTES] = {};
  if (make_value(kOptions[row].kind, setting.value, made) == 0) return BpfLimit::kOtherValue;
  return BpfLimit::kNone;
}

bool precedes_bind(const Option& option) {
  return option.bind_order == BindOrder::kBefore || option.bind_order == BindOrder::kOnlyBefore;
}

engine_glob compile_glob(std::string_view glob) {
  engine_glob compiled{};
  std::size_t element = 0;
  for (std::size_t at = 0; at < glob.size();) {
    const std::size_t end = element_end(glob, at);
    if (glob[at] == '*') {
      compiled.loops |= 1ULL << element;
    } else if (++element < ENGINE_NAME_BYTES) {
      for (unsigned c = 1; c < 256; ++c) {
        const char character = static_cast<char>(c);
        if (glob_matches(glob.substr(at, end - at), {&character, 1})) {
          compiled.takes[c] |= 1ULL << element;
        }
      }
    } else {
      return {};  // longer than every name
    }
    at = end;
  }
  // A `/` is in no base name.
  if (glob.find('/') != std::string_view::npos) return {};
  compiled.accepts = 1ULL << element;
  return compiled;
}

bool automaton_matches(const engine_glob& glob, std::string_view name) {
  std::uint64_t state = 1;
  for (const char c : name.substr(0, ENGINE_NAME_BYTES - 1)) {
    state = (state << 1 & glob.takes[static_cast<unsigned char>(c)]) | (state & glob.loops);
  }
  return (state & glob.accepts) != 0;
}

PolicyImage compile_policy(const Policy& policy, KernelVersion kernel) {
  PolicyImage image;
  image.priority_option = find_option("priority");
  for (const Setting& setting : policy) {
    image.settings.push_back(compile_setting(policy, setting, kernel));
  }
  compile_rules(policy, image);
  compile_names(policy, image);
  compile_addresses(policy, image);
  note_what_is_needed(policy, image);
  return image;
}

}  // namespace sockopt
