// SPDX-License-Identifier: MIT
#include "shim/system/loaded_object.h"

#include <elf.h>

#include <cstring>

#include "shim/system/auxiliary_vector.h"

namespace sockopt::system {
namespace {

constexpr ElfW(Half) kHiddenVersion = 0x8000;  // another version is the default one

ElfW(Addr) distance(ElfW(Addr) a, ElfW(Addr) b) { return a > b ? a - b : b - a; }

template <typename T>
const T* behind(const void* place, std::uint32_t offset) {
  return reinterpret_cast<const T*>(static_cast<const char*>(place) + offset);
}

// The function that an IFUNC's resolver chooses.
void* choose(ElfW(Addr) resolver) {
#if defined(__aarch64__)
  struct {
    unsigned long size, hwcap, hwcap2;
  } const arguments = {sizeof arguments, auxiliary_value(AT_HWCAP).value_or(0),
                       auxiliary_value(AT_HWCAP2).value_or(0)};
  constexpr unsigned long kHasArguments = 1UL << 62;
  return reinterpret_cast<void* (*)(unsigned long, const void*)>(resolver)(
      arguments.hwcap | kHasArguments, &arguments);
#else
  return reinterpret_cast<void* (*)()>(resolver)();
#endif
}

}  // namespace

LoadedObject::LoadedObject(ElfW(Addr) base, const ElfW(Dyn) * dynamic)
    : base_(base), dynamic_(dynamic) {
  if (dynamic == nullptr) return;
  for (const ElfW(Dyn)* entry = dynamic; entry->d_tag != DT_NULL; ++entry) {
    switch (entry->d_tag) {
      case DT_SYMTAB:
        symbols_ = reinterpret_cast<const ElfW(Sym)*>(address(*entry));
        break;
      case DT_STRTAB:
        strings_ = reinterpret_cast<const char*>(address(*entry));
        break;
      case DT_GNU_HASH:
        gnu_hash_ = reinterpret_cast<const std::uint32_t*>(address(*entry));
        break;
      case DT_HASH:
        hash_ = reinterpret_cast<const std::uint32_t*>(address(*entry));
        break;
      case DT_VERSYM:
        versions_ = reinterpret_cast<const ElfW(Half)*>(address(*entry));
        break;
      case DT_VERDEF:
        version_names_ = reinterpret_cast<const ElfW(Verdef)*>(address(*entry));
        break;
      default:
        break;
    }
  }
}

// glibc relocates these in place, but not where it cannot write, and musl leaves them as they are
// in the file: what is nearer to where the section is, or to where the file has it.
ElfW(Addr) LoadedObject::address(const ElfW(Dyn) & entry) const {
  const ElfW(Addr) value = entry.d_un.d_ptr;
  const auto here = reinterpret_cast<ElfW(Addr)>(dynamic_);
  return distance(value, here) <= distance(value, here - base_) ? value : base_ + value;
}

void* LoadedObject::find(const char* name, const char* version) const {
  if (symbols_ == nullptr || strings_ == nullptr) return nullptr;
  if (gnu_hash_ != nullptr) return find_gnu(name, version);
  return hash_ != nullptr ? find_sysv(name, version) : nullptr;
}

const char* LoadedObject::name() const {
  if (strings_ == nullptr) return nullptr;
  for (const ElfW(Dyn)* entry = dynamic_; entry->d_tag != DT_NULL; ++entry) {
    if (entry->d_tag == DT_SONAME) return strings_ + entry->d_un.d_val;
  }
  return nullptr;
}

const char* LoadedObject::needed(std::size_t index) const {
  if (strings_ == nullptr) return nullptr;
  for (const ElfW(Dyn)* entry = dynamic_; entry->d_tag != DT_NULL; ++entry) {
    if (entry->d_tag == DT_NEEDED && index-- == 0) return strings_ + entry->d_un.d_val;
  }
  return nullptr;
}

void* LoadedObject::find_gnu(const char* name, const char* version) const {
  std::uint32_t hash = 5381;
  for (const char* c = name; *c != '\0'; ++c) hash = hash * 33 + static_cast<unsigned char>(*c);
  const std::uint32_t bucket_count = gnu_hash_[0];
  const std::uint32_t first_hashed = gnu_hash_[1];
  const std::uint32_t bloom_words = gnu_hash_[2];
  if (bucket_count == 0) return nullptr;
  const std::uint32_t* buckets =
      gnu_hash_ + 4 + bloom_words * (sizeof(ElfW(Addr)) / sizeof(std::uint32_t));
  const std::uint32_t* chain = buckets + bucket_count;
  std::uint32_t index = buckets[hash % bucket_count];
  if (index == 0 || index < first_hashed) return nullptr;  // an empty one
  for (;; ++index) {
    const std::uint32_t entry = chain[index - first_hashed];
    if ((entry | 1) == (hash | 1)) {
      if (void* found = defined(index, name, version)) return found;
    }
    if ((entry & 1) != 0) return nullptr;  // the end of the chain
  }
}

void* LoadedObject::find_sysv(const char* name, const char* version) const {
  std::uint32_t hash = 0;
  for (const char* c = name; *c != '\0'; ++c) {
    hash = (hash << 4) + static_cast<unsigned char>(*c);
    hash = (hash ^ (hash >> 24 & 0xf0)) & 0x0fffffff;
  }
  const std::uint32_t bucket_count = hash_[0];
  if (bucket_count == 0) return nullptr;
  const std::uint32_t* chain = hash_ + 2 + bucket_count;
  for (std::uint32_t index = hash_[2 + hash % bucket_count]; index != 0; index = chain[index]) {
    if (void* found = defined(index, name, version)) return found;
  }
  return nullptr;
}

// The address of symbol `index`, if it is a function of this name and version.
void* LoadedObject::defined(std::uint32_t index, const char* name, const char* version) const {
  const ElfW(Sym)& symbol = symbols_[index];
  if (symbol.st_shndx == SHN_UNDEF || symbol.st_value == 0) return nullptr;
  const int binding = symbol.st_info >> 4;
  if (binding != STB_GLOBAL && binding != STB_WEAK && binding != STB_GNU_UNIQUE) return nullptr;
  if (std::strcmp(strings_ + symbol.st_name, name) != 0) return nullptr;
  if (!is_of_version(index, version)) return nullptr;
  const ElfW(Addr) at = base_ + symbol.st_value;
  const int type = symbol.st_info & 0xf;
  if (type == STT_GNU_IFUNC) return choose(at);
  return type == STT_FUNC || type == STT_NOTYPE ? reinterpret_cast<void*>(at) : nullptr;
}

bool LoadedObject::is_of_version(std::uint32_t index, const char* version) const {
  if (versions_ == nullptr) return true;
  const ElfW(Half) number = versions_[index] & ~kHiddenVersion;
  const bool is_default = (versions_[index] & kHiddenVersion) == 0;
  if (number == VER_NDX_LOCAL) return false;
  if (number == VER_NDX_GLOBAL || version == nullptr || version_names_ == nullptr) {
    return is_default;
  }
  for (const auto* entry = version_names_;; entry = behind<ElfW(Verdef)>(entry, entry->vd_next)) {
    if (entry->vd_ndx == number) {
      const auto* named = behind<ElfW(Verdaux)>(entry, entry->vd_aux);
      return std::strcmp(strings_ + named->vda_name, version) == 0;
    }
    if (entry->vd_next == 0) return false;
  }
}

}  // namespace sockopt::system
