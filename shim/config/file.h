// SPDX-License-Identifier: MIT
//
// Reads a configuration file that may be anything: missing, a FIFO, a device, a gigabyte, somebody
// else's.  Never blocks, never opens what is not a regular file, and keeps no descriptor.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <span>
#include <string_view>

#include "shim/text/text.h"

namespace sockopt {

inline constexpr std::size_t kMaxConfigurationBytes = std::size_t{1} << 20;

enum class FileStatus : std::uint8_t {
  kRead,
  kMissing,  ///< there is no such file
  kRefused,  ///< there is one, and it must not or cannot be used; the reason is in `error`
};

/// A process of user `uid` trusts root and itself.  False, with the reason, if others own the file
/// or can write to it.
bool is_trusted(uid_t owner, mode_t mode, uid_t uid, Text& error);

/// The content of a file, in the room that is there for it, or in memory of its own. Lines that
/// begin as comments are empty in it: most of an ordinary file is comments.
class FileContent {
 public:
  explicit FileContent(std::span<char> room = {}) : room_(room) {}
  ~FileContent();
  FileContent(const FileContent&) = delete;
  FileContent& operator=(const FileContent&) = delete;

  /// `path` must end in NUL.  `uid` is the user the process runs as.
  FileStatus read(const char* path, uid_t uid, Text& error);

  std::string_view text() const { return {data_, size_}; }

 private:
  FileStatus read_open(int fd, uid_t uid, Text& error);
  void empty_comments();

  std::span<char> room_;
  char* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t line_ = 0;  ///< where the line begins whose end is not read yet
  bool has_nul_ = false;
  std::size_t mapped_ = 0;
};

}  // namespace sockopt
