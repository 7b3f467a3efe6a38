// SPDX-License-Identifier: MIT
//
// Entries of an environment, each ended by NUL as in /proc/PID/environ: each of ours is held, or
// reported, or is none of ours; nothing else is.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "oracle.h"
#include "shim/config/environment.h"
#include "shim/options/lookup.h"

namespace sockopt::fuzz {
namespace {

constexpr std::string_view kPrefix = "SOCKOPT_";

// What the entries must come to.
struct Expected {
  std::size_t settings = 0;
  std::size_t faults = 0;
  LogLevel log = LogLevel::kWarn;
};

bool is_boolean(const std::string& value) {
  std::string lower = value;
  std::transform(lower.begin(), lower.end(), lower.begin(), to_lower);
  for (const char* word : {"on", "off", "yes", "no", "true", "false", "1", "0"}) {
    if (lower == word) return true;
  }
  return false;
}

// The first value that is set, as getenv(3) would have it.
std::string value_of(const std::vector<std::string>& entries, const std::string& name) {
  for (const std::string& entry : entries) {
    if (entry.rfind(name + "=", 0) == 0) return entry.substr(name.size() + 1);
  }
  return {};
}

bool is_injected(const std::string& name) {
  return name == "PORT" || name == "SERVICE" || name.rfind("PORT_", 0) == 0 ||
         name.rfind("SERVICE_", 0) == 0;
}

// Nothing where no option is meant; a raw one is not looked up here.
OptionId option_of(const std::string& name) {
  for (OptionId id = 0; id < kOptionCount; ++id) {
    std::string key(kOptions[id].key.view());
    std::transform(key.begin(), key.end(), key.begin(), to_upper);
    if (key == name) return id;
  }
  return kNoOption;
}

void expect(const std::string& name, const std::string& value, Policy& scratch,
            Expected& expected) {
  if (name == "LOG") {
    if (!parse_log_level(value, expected.log)) ++expected.faults;
    return;
  }
  if (name == "DISABLE" || name == "CONFIG" || name == "ENFORCE" || name == "GIVEN") return;
  OptionId option = option_of(name);
  if (option == kNoOption && name.rfind("RAW_", 0) == 0 && name.size() < 48) {
    int level = -1;
    int number = -1;
    int used = 0;
    const std::string digits = name.substr(4);
    if (std::sscanf(digits.c_str(), "%5d_%5d%n", &level, &number, &used) == 2 &&
        static_cast<std::size_t>(used) == digits.size() && level >= 0 && level <= 32767 &&
        number >= 0 && number <= 32767 && digits.find_first_not_of("0123456789_") == digits.npos &&
        find_kernel_name(level, number) == kNoOption) {
      option = scratch.add_raw(level, number);
    } else if (digits.find_first_of("xX-") != digits.npos || digits.size() > 11) {
      option = kMaxOptions;  // 0x6, 000006, -0: not decided here
    }
  }
  if (option == kMaxOptions) {
    expected.settings = ~std::size_t{0};
  } else if (option == kNoOption) {
    if (!is_injected(name)) ++expected.faults;
  } else {
    Value read;
    TextOf<256> error;
    const bool sound =
        means_default(value) || parse_value(scratch.option(option), value, read, error);
    ++(sound ? expected.settings : expected.faults);
  }
}

// The base names in a list that ld.so(8) splits at colons and spaces.
bool naively_names(std::string preload, const std::string& library) {
  std::replace(preload.begin(), preload.end(), ':', ' ');
  for (const std::string& entry : split(preload, " ")) {
    const std::string name = split(entry, "/").back();
    if (!name.empty() && (name == "libsockopt.so" || name == split(library, "/").back())) {
      return true;
    }
  }
  return false;
}

void test_environment(const std::vector<std::string>& entries) {
  std::vector<const char*> pointers;
  for (const std::string& entry : entries) pointers.push_back(entry.c_str());
  pointers.push_back(nullptr);

  Policy& policy = fresh_policy();
  Faults faults("environment");
  read_environment(pointers.data(), policy, faults.sink());

  Expected expected;
  Policy& scratch = fresh_policy(1);
  const std::string enforce = value_of(entries, "SOCKOPT_ENFORCE");
  if (!enforce.empty() && !is_boolean(enforce)) ++expected.faults;
  for (const std::string& entry : entries) {
    const std::size_t equals = entry.find('=');
    if (entry.rfind(kPrefix, 0) != 0 || equals == entry.npos || equals + 1 == entry.size()) {
      continue;
    }
    expect(entry.substr(kPrefix.size(), equals - kPrefix.size()), entry.substr(equals + 1), scratch,
           expected);
    if (expected.settings == ~std::size_t{0}) return;
  }
  SOCKOPT_HOLDS(faults.count() == expected.faults, faults.shown());
  SOCKOPT_HOLDS(static_cast<std::size_t>(policy.end() - policy.begin()) == expected.settings,
                faults.shown());
  SOCKOPT_HOLDS(policy.log_level() == expected.log, faults.shown());
  for (const Setting& setting : policy) {
    if (!setting.keeps_default) must_read_back(policy.option(setting.option), setting.value);
  }

  const std::string disable = value_of(entries, "SOCKOPT_DISABLE");
  Faults more("environment");
  const bool disabled = is_disabled(pointers.data(), more.sink());
  SOCKOPT_HOLDS(disabled || disable.empty() || is_boolean(disable), disable);
  SOCKOPT_HOLDS(more.count() == (disable.empty() || is_boolean(disable) ? 0U : 1U), disable);

  const std::string preload = value_of(entries, "LD_PRELOAD");
  SOCKOPT_HOLDS(get_variable(pointers.data(), "LD_PRELOAD") == preload, preload);
  SOCKOPT_HOLDS(names_library(preload, entries[0]) == naively_names(preload, entries[0]), preload);
}

}  // namespace
}  // namespace sockopt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sockopt::fuzz;
  test_environment(split(input(data, size), std::string_view("\0", 1)));
  return 0;
}
