// SPDX-License-Identifier: MIT
//
// A file that others read while it is written anew: they see the old one or the new one, and never
// a part. It is written under another name in the same directory, and then takes the name over.
// What is no file, a device or a FIFO, would be gone by that, so it is refused; a link stays, as
// what it leads to is replaced.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tools/inspect/result.h"
#include "tools/inspect/unique_fd.h"

namespace sockopt {

/// `is a device`, where something is at `path`, or at what it leads to, that is not a regular file;
/// else empty.
std::string_view why_not_replaceable(const std::string& path);

class ReplacementFile {
 public:
  /// Fails where no file can be made in the directory of `path`, or where that is not replaceable.
  /// The new file has the mode and, as far as that may be given, the owner of the old one.
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
