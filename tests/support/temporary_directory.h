// SPDX-License-Identifier: MIT
//
// Configuration files, data directories and logs of one test, gone when the test is.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>

namespace sockopt::test {

class TemporaryDirectory {
 public:
  // Every user may enter and read it: servers give up their privileges and still need their files.
  TemporaryDirectory();
  ~TemporaryDirectory();
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

  // Writes a file of this mode whatever the umask is, and says where it is.
  std::filesystem::path write(std::string_view name, std::string_view text,
                              mode_t mode = 0644) const;

 private:
  std::filesystem::path path_;
};

// The whole of a file; empty if it cannot be read.
std::string read_file(const std::filesystem::path& path);

}  // namespace sockopt::test
