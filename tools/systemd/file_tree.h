// SPDX-License-Identifier: MIT
//
// The files of a host or of an image in a directory. In an image an absolute path or link begins at
// the image's root, and `..` does not lead out of it: what is found there, or written there, must
// never be a file of the host that works on the image.
#pragma once

#include <sys/stat.h>
#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "tools/inspect/result.h"
#include "tools/inspect/unique_fd.h"

namespace sockopt {

class FileTree {
 public:
  /// Of the directory `root`; `/` is this host.
  static Result<FileTree> open(const std::string& root);
  static const FileTree& host();

  bool is_host() const { return root_.empty(); }

  /// What a path within the tree is called from outside, for messages.
  std::string outside(const std::string& path) const { return root_ + path; }

  Result<UniqueFd> open_file(const std::string& path, int flags) const;

  /// The whole of a regular file, or of what is read as one (/dev/null).
  Result<std::string> read(const std::string& path) const;

  /// What the link holds; itself it is not followed, those on the way are.
  Result<std::string> read_link(const std::string& path) const;

  /// Following links. Nothing where it is not there.
  std::optional<struct stat> status(const std::string& path) const;

  /// The path without links; as it is where it leads nowhere.
  std::string real_path(const std::string& path) const;

  /// The names in a directory, sorted; none where there is no such directory.
  std::vector<std::string> list(const std::string& path) const;

  /// Makes what is missing of a directory, for everybody to read, and opens it.
  Result<UniqueFd> make_directories(const std::string& path) const;

 private:
  FileTree(std::string root, UniqueFd directory)
      : root_(std::move(root)), directory_(std::move(directory)) {}

  std::string root_;  // without a slash at its end; empty for the host
  UniqueFd directory_;
};

}  // namespace sockopt
