// SPDX-License-Identifier: MIT
//
// A file that others read while it is written anew: they see the old one or the new one, and never
// a part. It is written under another name in the same directory, and then takes the name over.
// What is not a file, a device or a FIFO, would be gone by that, so it is refused.
#pragma once

#include <sys/types.h>

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
  /// Where `path` is a link it stays, and what it leads to is replaced. The new file has the mode
  /// and, as far as that may be given, the owner of the old one.
  static Result<ReplacementFile> create(const std::string& path);
  /// For `name` in a directory, whatever it is, with this mode.
  static Result<ReplacementFile> create(UniqueFd directory, const std::string& name, mode_t mode);
  ~ReplacementFile();
  ReplacementFile(ReplacementFile&& other) noexcept;
  ReplacementFile& operator=(ReplacementFile&&) = delete;

  std::optional<Failure> write(std::string_view text);
  /// To write to, for somebody else who closes it.
  int release() { return fd_.release(); }

  /// Takes the name over; what was not given away is on disk then, also when the power fails.
  /// Without it, the old file stays and the new one is removed.
  std::optional<Failure> commit();

 private:
  ReplacementFile(UniqueFd directory, std::string name, std::string temporary, UniqueFd fd);

  UniqueFd directory_;
  std::string name_;
  std::string temporary_;  // empty once it is no longer ours to remove
  UniqueFd fd_;
};

}  // namespace sockopt
