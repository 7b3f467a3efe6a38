// SPDX-License-Identifier: MIT
#include "tools/sockopt/policy/effective_policy.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>

#include "shim/config/environment.h"
#include "shim/config/load.h"
#include "shim/zmq/load.h"
#include "tools/inspect/unset_value.h"
#include "tools/sockopt/policy/fault_sink.h"
#include "tools/sockopt/policy/option_words.h"
#include "tools/sockopt/policy/overrides.h"
#include "tools/sockopt/policy/setting_text.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/report/shell_command.h"

namespace sockopt {
namespace {

bool exists(const std::string& path) {
  struct stat status = {};
  return ::stat(path.c_str(), &status) == 0 || (errno != ENOENT && errno != ENOTDIR);
}

// 0, or the errno. Not opened: to open a device or a FIFO can have effects of its own.
int why_not_readable(const std::string& path) {
  std::error_code unknown;
  if (std::filesystem::is_directory(path, unknown)) return EISDIR;
  return ::faccessat(AT_FDCWD, path.c_str(), R_OK, AT_EACCESS) == 0 ? 0 : errno;
}

// As it is good to read: without `./`. A `..` stays, which a link before it may lead elsewhere.
std::string absolute_path(const std::string& given) {
  std::string path = std::filesystem::absolute(given).native();
  constexpr std::string_view kHere = "/./";
  for (std::size_t at; (at = path.find(kHere)) != std::string::npos;) path.erase(at, 2);
  return path;
}

Finding no_such_file(const PolicySources& sources) {
  return Finding::error(
      "config", fmt::format("-c {}: there is no such file", printable(sources.configuration)));
}

// Behind all others, as -o stands.
void add_unset(const std::vector<OptionId>& options, bool enforces, Policy& policy) {
  if (options.empty() || !policy.begin_rule(Rule::Kind::kVariables, {}, 0)) return;
  policy.current_rule().enforces = enforces;
  for (const OptionId id : options) {
    Setting setting{};
    setting.option = id;
    setting.line = kOnCommandLine;
    setting.value = *unset_value(kOptions[id]);
    policy.add(setting);
  }
}

}  // namespace

std::vector<std::string> policy_words(const PolicySources& sources) {
  std::vector<std::string> words;
  if (!sources.configuration.empty()) words = {"-c", sources.configuration};
  for (const std::string& option : sources.options) {
    if (!option.starts_with(zmq::kKeyPrefix)) words.insert(words.end(), {"-o", option});
  }
  if (sources.enforces) words.emplace_back("--enforce");
  return words;
}

std::string apply_command(const PolicySources& sources, const std::string& target) {
  std::vector<std::string> words = {"sockopt", "apply"};
  for (std::string& word : policy_words(sources)) words.push_back(std::move(word));
  words.push_back(target);
  return command_text(words);
}

std::vector<std::string> enable_words(const PolicySources& sources) {
  std::vector<std::string> words = {"sockopt", "enable"};
  if (!sources.configuration.empty()) {
    const auto path = std::filesystem::absolute(sources.configuration).lexically_normal();
    words.insert(words.end(), {"-c", path.native()});
  }
  return words;
}

Findings faults_of(const PolicySources& sources) {
  const std::string& path = sources.configuration;
  if (!path.empty() && !exists(path)) return {no_such_file(sources)};
  if (const int error = path.empty() ? 0 : why_not_readable(path); error != 0) {
    const std::string reason = std::generic_category().message(error);
    return {Finding::error("config", fmt::format("-c {}: {}", printable(path), reason))};
  }
  Findings faults;
  std::vector<std::string> options = sources.options;
  if (sources.takes_unset) take_unset(options);
  read_overrides(options, faults);
  for (const std::string& option : options) {
    if (sources.takes_zmq || !option.starts_with(zmq::kKeyPrefix)) continue;
    faults.push_back(Finding::error(
        "option", fmt::format("-o {}: only libsockopt-zmq.so sets it, as the program creates its "
                              "sockets; give it to `sockopt run`",
                              printable(option, 80))));
  }
  return faults;
}

EffectivePolicy::EffectivePolicy(const PolicySources& sources)
    : environment_(sources.options_only ? nullptr : environ) {
  std::vector<std::string> options = sources.options;
  const auto unset = sources.takes_unset ? take_unset(options) : std::vector<OptionId>();
  const std::vector<Override> overrides = read_overrides(options, faults_);
  std::string given(get_variable(environment_.pointers(), kGivenVariable));
  for (const Override& one : overrides) {
    environment_.set(one.variable, one.value);
    given += fmt::format(" {}={}", one.variable.substr(kVariablePrefix.size()), one.value);
  }
  if (!overrides.empty()) environment_.set(std::string(kGivenVariable), given);
  if (sources.enforces) environment_.set("SOCKOPT_ENFORCE", "1");
  Surroundings surroundings = {nullptr, SOCKOPT_DEFAULT_CONFIG, SOCKOPT_DEFAULT_DIRECTORY,
                               ::geteuid()};
  if (sources.options_only) surroundings.default_path = surroundings.default_directory = "";
  if (!sources.configuration.empty()) {
    const std::string path = absolute_path(sources.configuration);
    if (exists(path)) {
      environment_.set("SOCKOPT_CONFIG", path);
    } else {
      faults_.push_back(no_such_file(sources));
      environment_.set("SOCKOPT_CONFIG", "");
      // And no other file is checked in its place.
      surroundings.default_path = surroundings.default_directory = "";
    }
  }
  surroundings.environment = environment_.pointers();
  named_ = sources.configuration.empty()
               ? std::string(get_variable(surroundings.environment, "SOCKOPT_CONFIG"))
               : sources.configuration;
  LoadBuffers buffers;
  load_policy(surroundings, buffers, *policy_, fault_sink(faults_));
  zmq::load_policy(surroundings, buffers, *zmq_, fault_sink(faults_),
                   zmq::SharedFaults::kLeftToOthers);
  add_unset(unset, sources.enforces, *policy_);
}

std::vector<std::string> EffectivePolicy::variables() const {
  std::vector<std::string> variables;
  for (const std::string& entry : environment_.entries()) {
    const bool is_ours = entry.starts_with(kVariablePrefix) && !entry.starts_with(kGivenVariable);
    if (is_ours) variables.push_back(entry);
  }
  return variables;
}

}  // namespace sockopt
