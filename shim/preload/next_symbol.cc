// SPDX-License-Identifier: MIT
#include "shim/preload/next_symbol.h"

#include <elf.h>
#include <link.h>

#include <cstdint>
#include <cstring>

namespace sockopt {
namespace {

constexpr ElfW(Half) kHiddenVersion = 0x8000;  // an old version of a symbol: name@VERSION

// The dynamic symbols of one loaded object: the System V ABI's chapter on dynamic linking, and the
// GNU hash table.
class Object {
 public:
  explicit Object(const dl_phdr_info& info) : base_(info.dlpi_addr) {
    for (int i = 0; i < info.dlpi_phnum; ++i) {
      const ElfW(Phdr)& header = info.dlpi_phdr[i];
      if (header.p_type == PT_DYNAMIC) {
        read_dynamic(reinterpret_cast<const ElfW(Dyn)*>(base_ + header.p_vaddr));
      }
    }
  }

  void* find(const char* name) const {
    if (symbols_ == nullptr || strings_ == nullptr) return nullptr;
    if (gnu_hash_ != nullptr) return find_gnu(name);
    return hash_ != nullptr ? find_sysv(name) : nullptr;
  }

 private:
  void read_dynamic(const ElfW(Dyn) * entry) {
    for (; entry->d_tag != DT_NULL; ++entry) {
      switch (entry->d_tag) {
        case DT_SYMTAB:
          symbols_ = reinterpret_cast<const ElfW(Sym)*>(address(entry));
          break;
        case DT_STRTAB:
          strings_ = reinterpret_cast<const char*>(address(entry));
          break;
        case DT_GNU_HASH:
          gnu_hash_ = reinterpret_cast<const std::uint32_t*>(address(entry));
          break;
        case DT_HASH:
          hash_ = reinterpret_cast<const std::uint32_t*>(address(entry));
          break;
        case DT_VERSYM:
          versions_ = reinterpret_cast<const ElfW(Half)*>(address(entry));
          break;
        default:
          break;
      }
    }
  }

  // glibc relocates these in place, musl leaves them relative to the object.
  ElfW(Addr) address(const ElfW(Dyn) * entry) const {
    return entry->d_un.d_ptr < base_ ? base_ + entry->d_un.d_ptr : entry->d_un.d_ptr;
  }

  void* find_gnu(const char* name) const {
    std::uint32_t hash = 5381;
    for (const char* c = name; *c != '\0'; ++c) hash = hash * 33 + static_cast<unsigned char>(*c);
    const std::uint32_t bucket_count = gnu_hash_[0];
    const std::uint32_t first_hashed = gnu_hash_[1];
    const std::uint32_t bloom_words = gnu_hash_[2];
    const std::uint32_t* buckets =
        gnu_hash_ + 4 + bloom_words * (sizeof(ElfW(Addr)) / sizeof(std::uint32_t));
    const std::uint32_t* chain = buckets + bucket_count;
    if (bucket_count == 0) return nullptr;
    std::uint32_t index = buckets[hash % bucket_count];
    if (index < first_hashed) return nullptr;
    for (;; ++index) {
      const std::uint32_t entry = chain[index - first_hashed];
      if ((entry | 1) == (hash | 1)) {
        if (void* found = defined(index, name)) return found;
      }
      if ((entry & 1) != 0) return nullptr;  // the end of the chain
    }
  }

  void* find_sysv(const char* name) const {
    std::uint32_t hash = 0;
    for (const char* c = name; *c != '\0'; ++c) {
      hash = (hash << 4) + static_cast<unsigned char>(*c);
      hash = (hash ^ (hash >> 24 & 0xf0)) & 0x0fffffff;
    }
    const std::uint32_t bucket_count = hash_[0];
    if (bucket_count == 0) return nullptr;
    const std::uint32_t* chain = hash_ + 2 + bucket_count;
    for (std::uint32_t index = hash_[2 + hash % bucket_count]; index != 0; index = chain[index]) {
      if (void* found = defined(index, name)) return found;
    }
    return nullptr;
  }

  // The address of symbol `index`, if it is a function of this name in its current version.
  void* defined(std::uint32_t index, const char* name) const {
    const ElfW(Sym)& symbol = symbols_[index];
    if (symbol.st_shndx == SHN_UNDEF || symbol.st_value == 0) return nullptr;
    if (versions_ != nullptr && (versions_[index] & kHiddenVersion) != 0) return nullptr;
    if (std::strcmp(strings_ + symbol.st_name, name) != 0) return nullptr;
    const ElfW(Addr) at = base_ + symbol.st_value;
    const int type = symbol.st_info & 0xf;
    if (type == STT_GNU_IFUNC) return reinterpret_cast<void* (*)()>(at)();
    return type == STT_FUNC || type == STT_NOTYPE ? reinterpret_cast<void*>(at) : nullptr;
  }

  ElfW(Addr) base_;
  const ElfW(Sym) * symbols_ = nullptr;
  const char* strings_ = nullptr;
  const std::uint32_t* gnu_hash_ = nullptr;
  const std::uint32_t* hash_ = nullptr;
  const ElfW(Half) * versions_ = nullptr;
};

bool contains(const dl_phdr_info& info, const void* address) {
  const auto at = reinterpret_cast<ElfW(Addr)>(address);
  for (int i = 0; i < info.dlpi_phnum; ++i) {
    const ElfW(Phdr)& header = info.dlpi_phdr[i];
    const ElfW(Addr) first = info.dlpi_addr + header.p_vaddr;
    if (header.p_type == PT_LOAD && at >= first && at - first < header.p_memsz) return true;
  }
  return false;
}

bool is_ours(const dl_phdr_info& info) {
  return contains(info, reinterpret_cast<const void*>(&next_symbol));
}

struct Search {
  const char* name;
  bool behind_us = false;
  void* found = nullptr;
};

int visit(dl_phdr_info* info, std::size_t /*size*/, void* context) {
  auto& search = *static_cast<Search*>(context);
  if (!search.behind_us) {
    search.behind_us = is_ours(*info);
    return 0;
  }
  search.found = Object(*info).find(search.name);
  return search.found != nullptr ? 1 : 0;
}

int take_own_path(dl_phdr_info* info, std::size_t /*size*/, void* context) {
  if (!is_ours(*info)) return 0;
  if (info->dlpi_name != nullptr) *static_cast<std::string_view*>(context) = info->dlpi_name;
  return 1;
}

}  // namespace

void* next_symbol(const char* name) {
  Search search{.name = name};
  ::dl_iterate_phdr(&visit, &search);
  return search.found;
}

std::string_view own_path() {
  std::string_view path;
  ::dl_iterate_phdr(&take_own_path, &path);
  return path;
}

}  // namespace sockopt
