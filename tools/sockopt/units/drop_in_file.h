// SPDX-License-Identifier: MIT
//
// The drop-in on disk: whole or not at all, also when the power fails in between, and never
// through a link that leads elsewhere.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/systemd/file_tree.h"

namespace sockopt {

class DropInFile {
 public:
  DropInFile(const FileTree& files, std::string_view unit);

  const std::string& path() const { return path_; }

  /// What it holds; nothing where it is not there. A link is a failure: it is not ours.
  Result<std::optional<std::string>> read() const;

  /// Empty, or why it could not be done.
  std::string write(std::string_view text) const;
  /// Takes it away, and its directory if that is empty then.
  std::string remove() const;

 private:
  void remove_empty_directory() const;

  const FileTree& files_;
  std::string directory_;
  std::string path_;
};

/// The services that have one, also those that are no longer there.
std::vector<std::string> services_with_drop_in(const FileTree& files);

}  // namespace sockopt
