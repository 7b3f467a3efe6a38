// SPDX-License-Identifier: MIT
//
// ExecStart=: which programs a service is, and how they are started.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/systemd/unit_settings.h"

namespace sockopt {

struct ServiceCommand {
  std::string path;                       ///< or a name that is looked for in systemd's own PATH
  std::vector<std::string> words;         ///< behind it; variables (`$OPTIONS`) stand as they are
  std::string prefixes{};                 ///< `-`, `+`, `!` and the like, without `@`
  bool unconfined = false;                ///< `+`: as root and without the unit's sandbox
  std::vector<std::string> unexpanded{};  ///< of path and words, those that keep a specifier
  UnitValue from;

  /// A command line of these or other words, as ExecStart= takes it: it is read as it was.
  std::string line_of(const std::vector<std::string>& line) const;
};

/// The commands of a service, in their order. What has a specifier that only the host could expand
/// keeps it.
std::vector<ServiceCommand> service_commands(const UnitSettings& settings, std::string_view unit,
                                             std::string_view key = "ExecStart");

}  // namespace sockopt
