// SPDX-License-Identifier: MIT
//
// What each name of a unit stands for: the file of the first of systemd's directories that has it,
// or another name, where that file is a link to one. A drop-in must go to the real name; one for an
// alias would be read only as long as the alias is there.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "tools/systemd/file_tree.h"

namespace sockopt {

/// The directories with unit files of the system's manager, those that win first.
std::span<const std::string> unit_directories();

class UnitIndex {
 public:
  explicit UnitIndex(const FileTree& files);

  struct Entry {
    std::string name;  ///< the real name
    std::string path;  ///< of the unit file; empty where there is none
    std::vector<std::string> aliases;
  };
  Entry find(const std::string& name) const;

  /// All names, sorted.
  std::vector<std::string> names() const;

 private:
  struct Target {
    std::string name;
    std::string path;
  };
  void add(const FileTree& files, const std::string& directory, const std::string& name);
  Target resolve(std::string name) const;

  // A name to the path of its file, or to the name it is an alias of.
  std::map<std::string, std::string> meanings_;
};

}  // namespace sockopt
