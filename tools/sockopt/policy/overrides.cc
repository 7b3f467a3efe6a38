// SPDX-License-Identifier: MIT
#include "tools/sockopt/policy/overrides.h"

#include <algorithm>
#include <memory>

#include "shim/config/assignment.h"
#include "shim/options/lookup.h"
#include "shim/policy/preset.h"
#include "shim/zmq/assignment.h"
#include "tools/inspect/unset_value.h"
#include "tools/sockopt/policy/option_words.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {
namespace {

constexpr std::string_view kLogKey = "log";
constexpr std::string_view kLogVariable = "SOCKOPT_LOG";

// What is said of a key that a file has and that is no option; empty for any other.
std::string_view reason_against(std::string_view key) {
  if (key == "enforce") return "belongs in a file; here write --enforce";
  if (key == "program" || key == "listen" || key == "connect") {
    return "belongs in a rule of a file; -o is for every socket";
  }
  return {};
}

// Of one argument after the other.
class ArgumentReader {
 public:
  ArgumentReader() {
    scratch_->begin_rule(Rule::Kind::kVariables, {}, 0);
    zmq_->begin_rule(Rule::Kind::kVariables, {}, 0);
  }

  /// The variable for `key`; empty, with the reason in `error`, where the argument is faulty.
  std::string read(std::string_view key, std::string_view value, Text& error) {
    if (key == kLogKey) {
      LogLevel level{};
      if (parse_log_level(value, level)) return std::string(kLogVariable);
      error << "takes " << kLogLevels;
      return {};
    }
    if (key == "preset") {
      if (find_preset(value) != nullptr) return std::string(kPresetVariable);
      error << "takes " << kPresetNames;
      return {};
    }
    if (const std::string_view why = reason_against(key); !why.empty()) {
      error << key << ' ' << why;
      return {};
    }
    if (key.starts_with(zmq::kKeyPrefix)) {
      return read_zmq(key.substr(zmq::kKeyPrefix.size()), value, error);
    }
    const OptionId option = resolve_key(*scratch_, key, error);
    if (option == kNoOption || !assign(*scratch_, option, value, 0, 0, error)) return {};
    return variable_text(scratch_->option(option));
  }

 private:
  std::string read_zmq(std::string_view key, std::string_view value, Text& error) {
    const OptionId option = zmq::resolve_key(*zmq_, key, error);
    if (option == zmq::kNoOption || !zmq::assign(*zmq_, option, value, 0, error)) return {};
    TextOf<64> variable;
    zmq_->describe_variable(option, variable);
    return std::string(variable.view());
  }

  std::unique_ptr<Policy> scratch_ = std::make_unique_for_overwrite<Policy>();
  std::unique_ptr<zmq::Policy> zmq_ = std::make_unique_for_overwrite<zmq::Policy>();
};

}  // namespace

std::vector<OptionId> take_unset(std::vector<std::string>& arguments) {
  std::vector<OptionId> options;
  std::erase_if(arguments, [&](const std::string& argument) {
    const std::size_t equals = argument.find('=');
    if (equals == std::string::npos || argument.substr(equals + 1) != kUnset) return false;
    const OptionId id = find_option(argument.substr(0, equals));
    if (id == kNoOption || !unset_value(kOptions[id])) return false;
    options.push_back(id);
    return true;
  });
  return options;
}

std::vector<Override> read_overrides(const std::vector<std::string>& arguments, Findings& faults) {
  ArgumentReader reader;
  std::vector<Override> overrides;
  for (const std::string& argument : arguments) {
    const auto fault = [&](std::string_view why) {
      faults.push_back(
          Finding::error("option", fmt::format("-o {}: {}", printable(argument, 80), why)));
    };
    const std::size_t equals = argument.find('=');
    if (equals == std::string::npos || equals == 0) {
      fault("write KEY=VALUE, as in -o keepidle=60s");
      continue;
    }
    const std::string key = argument.substr(0, equals);
    const std::string value = argument.substr(equals + 1);
    TextOf<256> error;
    const std::string variable = reader.read(key, value, error);
    if (variable.empty()) {
      fault(error.view());
    } else if (std::any_of(overrides.begin(), overrides.end(),
                           [&](const Override& one) { return one.variable == variable; })) {
      fault(fmt::format("{} is given twice", key));
    } else {
      overrides.push_back({variable, value});
    }
  }
  return overrides;
}

}  // namespace sockopt
