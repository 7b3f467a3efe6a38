// SPDX-License-Identifier: MIT
#include "tools/systemd/service_environment.h"

#include <fnmatch.h>

#include <algorithm>

#include "tools/systemd/environment_file.h"
#include "tools/systemd/pam_environment.h"
#include "tools/systemd/specifiers.h"

namespace sockopt {
namespace {

// The files that a pattern with wildcards in its last part stands for.
std::vector<std::string> expand_wildcards(const FileTree& files, const std::string& pattern) {
  if (pattern.find_first_of("*?[") == std::string::npos) return {pattern};
  const std::size_t slash = pattern.find_last_of('/');
  if (slash == std::string::npos) return {};
  const std::string directory = pattern.substr(0, slash);
  std::vector<std::string> paths;
  for (const std::string& name : files.list(directory.empty() ? "/" : directory)) {
    if (::fnmatch(pattern.c_str() + slash + 1, name.c_str(), FNM_PERIOD) == 0) {
      paths.push_back(directory + "/" + name);
    }
  }
  return paths;
}

const ServiceVariable* find_in(const std::vector<ServiceVariable>& variables,
                               std::string_view name) {
  const auto found = std::find_if(variables.begin(), variables.end(),
                                  [&](const ServiceVariable& one) { return one.name == name; });
  return found == variables.end() ? nullptr : &*found;
}

}  // namespace

ServiceEnvironment::ServiceEnvironment(const FileTree& files, const SystemdUnit& unit) {
  const UnitSettings manager = load_manager_settings(files);
  for (const auto& one : environment_of(manager, "Manager", "DefaultEnvironment")) {
    set({one.variable.name, one.variable.value, one.from.place(),
         ServiceVariable::Source::kManager});
  }
  for (const auto& one : environment_of(unit.settings)) {
    set({one.variable.name, one.variable.value, one.from.place(), ServiceVariable::Source::kUnit});
  }
  assigned_ = variables_;
  read_files(files, unit);
  remove(unit);
}

const ServiceVariable* ServiceEnvironment::find(std::string_view name) const {
  return find_in(variables_, name);
}

const ServiceVariable* ServiceEnvironment::find_assigned(std::string_view name) const {
  return find_in(assigned_, name);
}

const UnitValue* ServiceEnvironment::taken_away(std::string_view name) const {
  const auto found = std::find_if(removals_.begin(), removals_.end(),
                                  [&](const Removal& one) { return one.name == name; });
  return found == removals_.end() ? nullptr : &found->from;
}

void ServiceEnvironment::set(ServiceVariable variable) {
  std::erase_if(variables_,
                [&](const ServiceVariable& earlier) { return earlier.name == variable.name; });
  variables_.push_back(std::move(variable));
}

void ServiceEnvironment::read_files(const FileTree& files, const SystemdUnit& unit) {
  for (const UnitValue& value : unit.settings.list("Service", "EnvironmentFile")) {
    // `-` in front: it need not be there.
    const std::size_t start = value.text.starts_with('-') ? 1 : 0;
    const auto pattern = expand_specifiers(value.text.substr(start), unit.name);
    if (!pattern || !pattern->starts_with('/')) continue;
    for (const std::string& path : expand_wildcards(files, *pattern)) {
      read_file(files, path, ServiceVariable::Source::kFile);
    }
  }
  const std::string session = unit.settings.last("Service", "PAMName").text;
  for (const std::string& path : pam_environment_files(files, session)) {
    read_file(files, path, ServiceVariable::Source::kPam);
  }
}

void ServiceEnvironment::read_file(const FileTree& files, const std::string& path,
                                   ServiceVariable::Source source) {
  const Result<std::string> text = files.read(path);
  if (!text) return;
  read_files_.push_back(path);
  for (const EnvironmentFileEntry& entry : parse_environment_file(*text)) {
    set({entry.variable.name, entry.variable.value, path + ":" + std::to_string(entry.line),
         source});
  }
}

void ServiceEnvironment::remove(const SystemdUnit& unit) {
  for (const UnitValue& value : unit.settings.list("Service", "UnsetEnvironment")) {
    for (const std::string& word : split_unit_words(value.text)) {
      // A name, or an assignment that has to be the very one.
      const auto variable = parse_unit_variable(word);
      const std::string name = variable ? variable->name : word;
      const ServiceVariable* set_to = find(name);
      if (variable && (set_to == nullptr || set_to->value != variable->value)) continue;
      std::erase_if(variables_, [&](const ServiceVariable& one) { return one.name == name; });
      removals_.push_back({name, value});
    }
  }
}

}  // namespace sockopt
