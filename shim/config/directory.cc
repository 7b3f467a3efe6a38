// SPDX-License-Identifier: MIT
#include "shim/config/directory.h"

#include <fcntl.h>

#include <cerrno>
#include <cstring>

#include "shim/system/syscalls.h"

namespace sockopt {
namespace {

// getdents64(2): what the kernel writes, one after the other.
struct Entry {
  std::uint64_t inode;
  std::int64_t offset;
  std::uint16_t length;
  std::uint8_t type;
  char name[1];
};

}  // namespace

std::size_t DirectoryNames::read(const char* path, Text& error) {
  const int fd = system::open_file(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) {
    if (fd != -ENOENT && fd != -ENOTDIR) (error << "cannot be read: error ").decimal(-fd);
    return 0;
  }
  bool complete = true;
  size_ = 0;
  count_ = 0;
  static_assert(alignof(Entry) <= alignof(std::uint64_t));
  for (;;) {
    const long size = system::call(SYS_getdents64, fd, entries_, sizeof entries_);
    if (size <= 0) break;
    for (long at = 0; at < size;) {
      const auto* entry = reinterpret_cast<const Entry*>(entries_ + at);
      complete = add(entry->name) && complete;
      at += entry->length;
    }
  }
  system::close_file(fd);
  sort();
  if (!complete) (error << "holds more than ").unsigned_decimal(kMost) << " files";
  return count_;
}

bool DirectoryNames::add(std::string_view name) {
  if (name.starts_with('.') || !name.ends_with(".ini")) return true;
  if (count_ == kMost || name.size() + 1 > sizeof names_ - size_) return false;
  std::memcpy(names_ + size_, name.data(), name.size());
  names_[size_ + name.size()] = '\0';
  offsets_[count_++] = static_cast<std::uint16_t>(size_);
  size_ += name.size() + 1;
  return true;
}

void DirectoryNames::sort() {
  for (std::size_t i = 1; i < count_; ++i) {
    for (std::size_t j = i; j > 0 && std::strcmp(name(j - 1), name(j)) > 0; --j) {
      const std::uint16_t moved = offsets_[j];
      offsets_[j] = offsets_[j - 1];
      offsets_[j - 1] = moved;
    }
  }
}

}  // namespace sockopt
