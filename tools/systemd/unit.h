// SPDX-License-Identifier: MIT
//
// A unit as systemd would load it: its file, and the drop-ins of all directories in the order in
// which they are read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/systemd/file_tree.h"
#include "tools/systemd/unit_index.h"
#include "tools/systemd/unit_settings.h"

namespace sockopt {

struct SystemdUnit {
  enum class State { kLoaded, kMissing, kMasked, kUnreadable };

  State state = State::kMissing;
  std::string name;  ///< the real one
  std::vector<std::string> aliases;
  std::string path;                   ///< of the unit file, or of the script it is made from
  std::vector<std::string> drop_ins;  ///< their paths, in the order of reading
  std::vector<std::string> faults;    ///< files that could not be read, and why
  UnitSettings settings;
};

/// A drop-in as it would be, in place of what is there.
struct ImaginedDropIn {
  std::string path;
  std::optional<std::string> text;  ///< nothing: it would not be there
};

/// `name` is complete.
SystemdUnit load_unit(const FileTree& files, const UnitIndex& index, const std::string& name,
                      const ImaginedDropIn& imagined = {});

/// The environment that the manager gives to every unit: DefaultEnvironment= of its own files.
UnitSettings load_manager_settings(const FileTree& files);

}  // namespace sockopt
