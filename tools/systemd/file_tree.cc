// SPDX-License-Identifier: MIT
//
// The kernel resolves the paths (openat2 with RESOLVE_IN_ROOT), so that nothing
// can change between looking and doing.
#include "tools/systemd/file_tree.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "tools/inspect/read_small_file.h"

namespace sockopt {
namespace {

constexpr int kDirectory = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
// Unit files and what belongs to them. More is a mistake, or somebody's wish to fill our memory.
constexpr std::size_t kLargestFile = std::size_t{16} << 20;

// Links may change while the kernel follows `..`: then it asks us to try again.
constexpr int kMostTries = 64;

int open_in_root(int root, const std::string& path, int flags) {
  open_how how = {};
  how.flags = static_cast<unsigned>(flags | O_CLOEXEC);
  how.resolve = RESOLVE_IN_ROOT;
  long fd = -1;
  for (int tries = 0; tries < kMostTries; ++tries) {
    fd = ::syscall(SYS_openat2, root, path.c_str(), &how, sizeof how);
    if (fd >= 0 || errno != EAGAIN) break;
  }
  return static_cast<int>(fd);
}

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.find_last_of('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

std::string name_of(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

}  // namespace

Result<FileTree> FileTree::open(const std::string& root) {
  UniqueFd directory(::open(root.c_str(), kDirectory));
  if (!directory) return Failure::of(root, errno);
  std::string prefix = root.substr(0, root.find_last_not_of('/') + 1);
  return FileTree(std::move(prefix), std::move(directory));
}

const FileTree& FileTree::host() {
  static const FileTree host({}, UniqueFd(::open("/", kDirectory)));
  return host;
}

Result<UniqueFd> FileTree::open_file(const std::string& path, int flags) const {
  // The host's root is where every path begins: there, an older kernel does as well.
  UniqueFd file(is_host() ? ::open(path.c_str(), flags | O_CLOEXEC)
                          : open_in_root(directory_.get(), path, flags));
  if (!file) return Failure::of(outside(path), errno);
  return file;
}

Result<std::string> FileTree::read(const std::string& path) const {
  // A FIFO has to be opened without waiting for somebody to write into it.
  const Result<UniqueFd> file = open_file(path, O_RDONLY | O_NOCTTY | O_NONBLOCK);
  if (!file) return file.failure();
  std::string text;
  std::array<char, 65536> piece{};
  for (;;) {
    const ssize_t size = ::read(file->get(), piece.data(), piece.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return Failure::of(outside(path), errno);
    if (size == 0) return text;
    text.append(piece.data(), static_cast<std::size_t>(size));
    if (text.size() > kLargestFile) return Failure::of(outside(path), EFBIG);
  }
}

Result<std::string> FileTree::read_link(const std::string& path) const {
  const Result<UniqueFd> parent = open_file(parent_of(path), O_PATH | O_DIRECTORY);
  if (!parent) return parent.failure();
  return sockopt::read_link(parent->get(), name_of(path));
}

std::optional<struct stat> FileTree::status(const std::string& path) const {
  const Result<UniqueFd> file = open_file(path, O_PATH);
  struct stat status = {};
  if (!file || ::fstat(file->get(), &status) != 0) return std::nullopt;
  return status;
}

std::string FileTree::real_path(const std::string& path) const {
  const Result<UniqueFd> file = open_file(path, O_PATH);
  if (!file) return path;
  const std::string descriptors = "/proc/self/fd/";
  const auto real = sockopt::read_link(AT_FDCWD, descriptors + std::to_string(file->get()));
  const auto root = sockopt::read_link(AT_FDCWD, descriptors + std::to_string(directory_.get()));
  if (!real || !root) return path;
  if (*root == "/") return *real;
  return *real == *root ? "/" : real->starts_with(*root + "/") ? real->substr(root->size()) : path;
}

std::vector<std::string> FileTree::list(const std::string& path) const {
  std::vector<std::string> names;
  Result<UniqueFd> file = open_file(path, kDirectory);
  if (!file) return names;
  const std::unique_ptr<DIR, int (*)(DIR*)> directory(::fdopendir(file->get()), ::closedir);
  if (!directory) return names;
  file->release();
  while (const dirent* entry = ::readdir(directory.get())) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return names;
}

Result<UniqueFd> FileTree::make_directories(const std::string& path) const {
  Result<UniqueFd> directory = open_file(path, kDirectory);
  if (directory || directory.failure().error != ENOENT || path == "/") return directory;
  const Result<UniqueFd> parent = make_directories(parent_of(path));
  if (!parent) return parent.failure();
  constexpr mode_t kForEverybody = 0755;
  if (::mkdirat(parent->get(), name_of(path).c_str(), kForEverybody) != 0 && errno != EEXIST) {
    return Failure::of("mkdir " + outside(path), errno);
  }
  return open_file(path, kDirectory);
}

}  // namespace sockopt
