// SPDX-License-Identifier: MIT
//
// A file that others read while it is written anew: they see the old one or the new one, and never
// a part. It is written under another name in the same directory, and then takes the name over.
#pragma once

#include <optional>
#include <string>

#include "tools/inspect/result.h"
#include "tools/inspect/unique_fd.h"

namespace sockopt {

class ReplacementFile {
 public:
  /// Fails where no file can be made in the directory of `path`.
  static Result<ReplacementFile> create(const std::string& path);
  ~ReplacementFile();
  ReplacementFile(ReplacementFile&& other) noexcept;
  ReplacementFile& operator=(ReplacementFile&&) = delete;

  /// To write to, until it is given away.
  int fd() const { return fd_.get(); }
  int release() { return fd_.release(); }

  /// Takes the name over. Without it, the old file stays and the new one is removed.
  std::optional<Failure> commit();

 private:
  ReplacementFile(std::string path, std::string temporary, int fd);

  std::string path_;
  std::string temporary_;  // empty once it is no longer ours to remove
  UniqueFd fd_;
};

}  // namespace sockopt
