// SPDX-License-Identifier: MIT
//
// The environment a service's processes will have, by systemd's precedence: what the manager gives
// to everybody, Environment=, the files of EnvironmentFile=, those of a session of PAM (PAMName=),
// and UnsetEnvironment= last of all.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/systemd/unit.h"

namespace sockopt {

struct ServiceVariable {
  std::string name;
  std::string value;  ///< with specifiers as they stand, where it is from Environment=
  std::string place;  ///< `FILE:LINE`
  enum class Source { kManager, kUnit, kFile, kPam } source = Source::kUnit;
};

class ServiceEnvironment {
 public:
  ServiceEnvironment(const FileTree& files, const SystemdUnit& unit);

  /// Null where it will not be set.
  const ServiceVariable* find(std::string_view name) const;
  /// What it would be without files and UnsetEnvironment=.
  const ServiceVariable* find_assigned(std::string_view name) const;
  /// Of what UnsetEnvironment= takes away; null where it does not.
  const UnitValue* taken_away(std::string_view name) const;
  /// Files of EnvironmentFile= or PAM that are there; a missing one may stop the start, and is not
  /// ours to tell.
  const std::vector<std::string>& read_files() const { return read_files_; }
  const std::vector<ServiceVariable>& variables() const { return variables_; }

 private:
  struct Removal {
    std::string name;
    UnitValue from;
  };
  void set(ServiceVariable variable);
  void read_files(const FileTree& files, const SystemdUnit& unit);
  void read_file(const FileTree& files, const std::string& path, ServiceVariable::Source source);
  void remove(const SystemdUnit& unit);

  std::vector<ServiceVariable> variables_;
  std::vector<ServiceVariable> assigned_;
  std::vector<Removal> removals_;
  std::vector<std::string> read_files_;
};

}  // namespace sockopt
