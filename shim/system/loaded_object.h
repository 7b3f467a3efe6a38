// SPDX-License-Identifier: MIT
//
// The symbols of an object that the loader has put into this process, read from memory: for where
// the C library has no dlsym, or the program has one of its own.  Nothing is allocated or locked.
#pragma once

#include <link.h>

#include <cstddef>
#include <cstdint>

namespace sockopt::system {

/// The dynamic symbols of one object: the System V ABI's chapter on dynamic linking, and the GNU
/// hash table.
class LoadedObject {
 public:
  /// `base` is what is added to the addresses in the file; `dynamic` is the dynamic section.
  LoadedObject(ElfW(Addr) base, const ElfW(Dyn) * dynamic);

  /// The function that a reference to `name`, of this version of the C library's, is bound to; null
  /// where this object has none.  `version` may be null.
  void* find(const char* name, const char* version) const;

  /// What it is called by others (DT_SONAME); null where it has no name.
  const char* name() const;
  /// The objects that it asks for (DT_NEEDED), in their order; null behind the last.
  const char* needed(std::size_t index) const;

 private:
  ElfW(Addr) address(const ElfW(Dyn) & entry) const;
  void* find_gnu(const char* name, const char* version) const;
  void* find_sysv(const char* name, const char* version) const;
  void* defined(std::uint32_t index, const char* name, const char* version) const;
  bool is_of_version(std::uint32_t index, const char* version) const;

  ElfW(Addr) base_;
  const ElfW(Dyn) * dynamic_;
  const ElfW(Sym) * symbols_ = nullptr;
  const char* strings_ = nullptr;
  const std::uint32_t* gnu_hash_ = nullptr;
  const std::uint32_t* hash_ = nullptr;
  const ElfW(Half) * versions_ = nullptr;
  const ElfW(Verdef) * version_names_ = nullptr;
};

}  // namespace sockopt::system
