// SPDX-License-Identifier: MIT
//
// Daemons that start programs with an environment of their own making, and hand on only what their
// configuration lists: the library in them does not reach what they start.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tools/systemd/file_tree.h"

namespace sockopt {

struct CleaningDaemon {
  std::string what;
  std::string fix;  ///< the line of its configuration that hands the library on
  /// It does so with all that it starts; of others it takes more to know that they did it.
  bool always = false;
};

/// By the path of its executable. `configuration` is that of SOCKOPT_CONFIG, or empty.
std::optional<CleaningDaemon> find_cleaning_daemon(std::string_view path,
                                                   const std::string& library,
                                                   const std::string& configuration);

/// The same where a service that runs it loses the library, unless its configuration in this tree
/// hands LD_PRELOAD on. Not of those that start nothing but sessions.
std::optional<CleaningDaemon> find_cleaning_service(const FileTree& files, std::string_view path,
                                                    const std::string& library,
                                                    const std::string& configuration);

}  // namespace sockopt
