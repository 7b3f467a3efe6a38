// SPDX-License-Identifier: MIT
//
// Symbols of objects as other linkers and other C libraries have them: made up here, with tables of
// every shape, and looked up in every way.
#include "shim/system/loaded_object.h"

#include <dlfcn.h>
#include <elf.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory_resource>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "shim/system/loader.h"

namespace sockopt::test {
namespace {

using system::LoadedObject;
using Address = ElfW(Addr);

constexpr const char* kLibcs = "GLIBC_2.2.5";
constexpr ElfW(Half) kHidden = 0x8000;

struct FakeSymbol {
  std::string name;
  bool is_defined = true;
  int binding = STB_GLOBAL;
  int type = STT_FUNC;
  ElfW(Half) version = VER_NDX_GLOBAL;
  bool is_hashed = true;
};

// How the tables are.
struct Shape {
  bool has_gnu_hash = true;
  bool has_hash = true;
  bool has_versions = true;
  std::uint32_t buckets = 2;
  std::optional<std::uint32_t> first_hashed =
      {};  // what the table says, if it does not tell the truth
  Address base = 0;
  bool is_relocated = true;  // by the loader, in place
};

class FakeObject {
 public:
  FakeObject(std::vector<FakeSymbol> symbols, Shape shape)
      : symbols_(std::move(symbols)), shape_(shape), code_(symbols_.size() + 1, &arena_) {
    // What is not hashed comes first; behind it one bucket's symbols stand together.
    std::stable_sort(symbols_.begin(), symbols_.end(), [&](const auto& a, const auto& b) {
      if (a.is_hashed != b.is_hashed) return b.is_hashed;
      return a.is_hashed && bucket_of(a) < bucket_of(b);
    });
    table_.push_back({});
    versions_.push_back(VER_NDX_LOCAL);
    for (std::size_t i = 0; i < symbols_.size(); ++i) add(symbols_[i], i);
    add_version_names();
    make_gnu_hash();
    make_hash();
    enter(DT_STRTAB, strings_.data());
    enter(DT_SYMTAB, table_.data());
    if (shape_.has_gnu_hash) enter(DT_GNU_HASH, gnu_hash_.data());
    if (shape_.has_hash) enter(DT_HASH, hash_.data());
    if (shape_.has_versions) {
      enter(DT_VERSYM, versions_.data());
      enter(DT_VERDEF, version_names_.data());
    }
    dynamic_.push_back({});
    for (ElfW(Dyn) & entry : dynamic_) {
      if (!shape_.is_relocated && entry.d_tag != DT_NULL) entry.d_un.d_ptr -= shape_.base;
    }
  }

  const void* find(const std::string& name, const char* version) const {
    return LoadedObject(shape_.base, dynamic_.data()).find(name.c_str(), version);
  }
  const FakeSymbol& symbol(std::size_t index) const { return symbols_[index]; }
  const void* code(std::size_t index) const { return &code_[index]; }
  std::size_t count() const { return symbols_.size(); }

 private:
  static std::uint32_t gnu_hash_of(const std::string& name) {
    std::uint32_t hash = 5381;
    for (const unsigned char c : name) hash = hash * 33 + c;
    return hash;
  }
  static std::uint32_t hash_of(const std::string& name) {
    std::uint32_t hash = 0;
    for (const unsigned char c : name) {
      hash = (hash << 4) + c;
      const std::uint32_t high = hash & 0xf0000000;
      hash ^= high >> 24;
      hash &= ~high;
    }
    return hash;
  }
  std::uint32_t bucket_of(const FakeSymbol& symbol) const {
    return gnu_hash_of(symbol.name) % shape_.buckets;
  }

  std::uint32_t text(const std::string& name) {
    const auto at = static_cast<std::uint32_t>(strings_.size());
    strings_ += name + '\0';
    return at;
  }

  void add(const FakeSymbol& symbol, std::size_t index) {
    ElfW(Sym) entry = {};
    entry.st_name = text(symbol.name);
    entry.st_info = static_cast<unsigned char>(symbol.binding << 4 | symbol.type);
    entry.st_shndx = symbol.is_defined ? 1 : SHN_UNDEF;
    entry.st_value = reinterpret_cast<Address>(&code_[index]) - shape_.base;
    table_.push_back(entry);
    versions_.push_back(symbol.version);
  }

  // 1 is the object itself, 2 libc's version, 3 another's.
  void add_version_names() {
    const char* names[] = {"object", kLibcs, "OTHER_1"};
    version_names_.resize(std::size(names));
    for (std::size_t i = 0; i < std::size(names); ++i) {
      VersionName& entry = version_names_[i];
      entry.definition.vd_ndx = static_cast<ElfW(Half)>(i + 1);
      entry.definition.vd_aux = sizeof entry.definition;
      entry.definition.vd_next = i + 1 < std::size(names) ? sizeof entry : 0;
      entry.name.vda_name = text(names[i]);
    }
  }

  void make_gnu_hash() {
    const auto first = static_cast<std::uint32_t>(
        1 + std::count_if(symbols_.begin(), symbols_.end(),
                          [](const auto& symbol) { return !symbol.is_hashed; }));
    gnu_hash_ = {shape_.buckets, shape_.first_hashed.value_or(first), 1, 0};
    gnu_hash_.resize(4 + sizeof(Address) / 4 + shape_.buckets);
    const std::size_t buckets = 4 + sizeof(Address) / 4;
    for (std::uint32_t i = first; i <= symbols_.size(); ++i) {
      const FakeSymbol& symbol = symbols_[i - 1];
      std::uint32_t& bucket = gnu_hash_[buckets + bucket_of(symbol)];
      if (bucket == 0) bucket = i;
      const bool last = i == symbols_.size() || bucket_of(symbols_[i]) != bucket_of(symbol);
      gnu_hash_.push_back((gnu_hash_of(symbol.name) & ~1U) | (last ? 1 : 0));
    }
    // Behind an empty table, too, there is something.
    for (const FakeSymbol& symbol : symbols_) gnu_hash_.push_back(gnu_hash_of(symbol.name) & ~1U);
    gnu_hash_.push_back(1);
  }

  void make_hash() {
    const auto count = static_cast<std::uint32_t>(table_.size());
    hash_.assign(2 + shape_.buckets + count, 0);
    hash_[0] = shape_.buckets;
    hash_[1] = count;
    for (std::uint32_t i = 1; i < count; ++i) {
      if (!symbols_[i - 1].is_hashed) continue;
      std::uint32_t* place = &hash_[2 + hash_of(symbols_[i - 1].name) % shape_.buckets];
      while (*place != 0) place = &hash_[2 + shape_.buckets + *place];
      *place = i;
    }
  }

  void enter(decltype(ElfW(Dyn)::d_tag) tag, const void* table) {
    ElfW(Dyn) entry = {};
    entry.d_tag = tag;
    entry.d_un.d_ptr = reinterpret_cast<Address>(table);
    dynamic_.push_back(entry);
  }

  struct VersionName {
    ElfW(Verdef) definition = {};
    ElfW(Verdaux) name = {};
  };

  std::vector<FakeSymbol> symbols_;
  Shape shape_;
  // All the tables are near each other, as in a file.
  std::array<std::byte, 16'384> memory_;
  std::pmr::monotonic_buffer_resource arena_{memory_.data(), memory_.size(),
                                             std::pmr::null_memory_resource()};
  std::pmr::vector<char> code_;
  std::pmr::string strings_{1, '\0', &arena_};
  std::pmr::vector<ElfW(Sym)> table_{&arena_};
  std::pmr::vector<ElfW(Half)> versions_{&arena_};
  std::pmr::vector<VersionName> version_names_{&arena_};
  std::pmr::vector<std::uint32_t> gnu_hash_{&arena_};
  std::pmr::vector<std::uint32_t> hash_{&arena_};
  std::pmr::vector<ElfW(Dyn)> dynamic_{&arena_};
};

TEST(LoadedObject, FindsAFunctionByEitherTable) {
  for (const bool gnu : {false, true}) {
    const FakeObject object({{.name = "bind"}, {.name = "listen"}, {.name = "accept"}},
                            {.has_gnu_hash = gnu});
    for (std::size_t i = 0; i < object.count(); ++i) {
      EXPECT_EQ(object.find(object.symbol(i).name, kLibcs), object.code(i));
    }
    EXPECT_EQ(object.find("connect", kLibcs), nullptr);
  }
}

TEST(LoadedObject, WithoutATableHasNothing) {
  const FakeObject object({{.name = "listen"}}, {.has_gnu_hash = false, .has_hash = false});
  EXPECT_EQ(object.find("listen", kLibcs), nullptr);
  const ElfW(Dyn) nothing = {};
  EXPECT_EQ(LoadedObject(0, &nothing).find("listen", kLibcs), nullptr);
  EXPECT_EQ(LoadedObject(0, nullptr).find("listen", kLibcs), nullptr);
}

// Whatever the table says about where it begins.
TEST(LoadedObject, AnEmptyBucketIsNotTheFirstSymbol) {
  for (const std::uint32_t first : {0U, 1U, 2U}) {
    const FakeObject object({{.name = "listen", .is_hashed = false}},
                            {.buckets = 1, .first_hashed = first});
    EXPECT_EQ(object.find("listen", kLibcs), nullptr) << first;
  }
}

TEST(LoadedObject, TakesFunctionsOnly) {
  for (const auto& [symbol, is_taken] :
       {std::pair(FakeSymbol{.name = "listen"}, true),
        std::pair(FakeSymbol{.name = "listen", .binding = STB_WEAK}, true),
        std::pair(FakeSymbol{.name = "listen", .type = STT_NOTYPE}, true),
        std::pair(FakeSymbol{.name = "listen", .is_defined = false}, false),
        std::pair(FakeSymbol{.name = "listen", .binding = STB_LOCAL}, false),
        std::pair(FakeSymbol{.name = "listen", .type = STT_OBJECT}, false),
        std::pair(FakeSymbol{.name = "listen", .type = STT_TLS}, false)}) {
    const FakeObject object({symbol}, {});
    EXPECT_EQ(object.find("listen", kLibcs) != nullptr, is_taken);
  }
}

// Of another library's version: its own, which no caller of libc's means.
TEST(LoadedObject, TakesTheVersionThatIsMeant) {
  struct Case {
    ElfW(Half) version;
    bool by_version;
    bool without;
  };
  for (const Case& tried :
       {Case{VER_NDX_LOCAL, false, false}, Case{VER_NDX_GLOBAL, true, true}, Case{2, true, true},
        Case{2 | kHidden, true, false}, Case{3, false, true}, Case{3 | kHidden, false, false},
        Case{9, false, true}, Case{VER_NDX_GLOBAL | kHidden, false, false}}) {
    const FakeObject object({{.name = "connect", .version = tried.version}}, {});
    EXPECT_EQ(object.find("connect", kLibcs) != nullptr, tried.by_version) << tried.version;
    EXPECT_EQ(object.find("connect", nullptr) != nullptr, tried.without) << tried.version;
    const FakeObject plain({{.name = "connect", .version = tried.version}},
                           {.has_versions = false});
    EXPECT_NE(plain.find("connect", kLibcs), nullptr);
  }
}

TEST(LoadedObject, WhereverItLies) {
  // What is added may wrap around.
  for (const Address base :
       {Address{0}, Address{0x400000}, ~Address{0} / 2 - 0xfff, Address{0} - 0x10000000}) {
    for (const bool relocated : {true, false}) {
      const FakeObject object({{.name = "listen"}}, {.base = base, .is_relocated = relocated});
      EXPECT_EQ(object.find("listen", kLibcs), object.code(0)) << std::hex << base << relocated;
    }
  }
}

// As a search from end to end would have it.
const void* expected(const FakeObject& object, const std::string& name, const char* version,
                     const Shape& shape) {
  if (!shape.has_gnu_hash && !shape.has_hash) return nullptr;
  for (std::size_t i = 0; i < object.count(); ++i) {
    const FakeSymbol& symbol = object.symbol(i);
    if (symbol.name != name || !symbol.is_hashed || !symbol.is_defined) continue;
    if (symbol.binding == STB_LOCAL || symbol.type == STT_OBJECT) continue;
    if (shape.has_versions) {
      const int number = symbol.version & ~kHidden;
      const bool is_default = (symbol.version & kHidden) == 0;
      if (number == VER_NDX_LOCAL) continue;
      if (number == VER_NDX_GLOBAL || version == nullptr) {
        if (!is_default) continue;
      } else if (number != 2) {
        continue;
      }
    }
    return object.code(i);
  }
  return nullptr;
}

TEST(LoadedObject, ObjectsMadeAtRandom) {
  std::mt19937 random(20241130);
  const auto one_of = [&](const auto& list) { return list[random() % std::size(list)]; };
  const char* const names[] = {"socket", "bind", "listen", "accept", "accept4", "a", "b", ""};
  for (int round = 0; round < 20000; ++round) {
    const Shape shape = {
        .has_gnu_hash = random() % 3 != 0,
        .has_hash = random() % 2 == 0,
        .has_versions = random() % 2 == 0,
        .buckets = static_cast<std::uint32_t>(1 + random() % 5),
        .first_hashed = {},
        // Farther away than the tables are from each other.
        .base = one_of(std::vector<Address>{0, 0x8000000, Address{0} - 0x10000000}),
        .is_relocated = random() % 2 == 0};
    std::vector<FakeSymbol> symbols(random() % 12);
    for (FakeSymbol& symbol : symbols) {
      symbol = {.name = one_of(names),
                .is_defined = random() % 4 != 0,
                .binding = one_of(std::vector<int>{STB_GLOBAL, STB_WEAK, STB_LOCAL}),
                .type = one_of(std::vector<int>{STT_FUNC, STT_FUNC, STT_NOTYPE, STT_OBJECT}),
                .version = one_of(std::vector<ElfW(Half)>{0, 1, 2, 2 | kHidden, 3, 3 | kHidden}),
                .is_hashed = random() % 4 != 0};
    }
    const FakeObject object(symbols, shape);
    for (const char* name : names) {
      for (const char* version : {kLibcs, static_cast<const char*>(nullptr)}) {
        ASSERT_EQ(object.find(name, version), expected(object, name, version, shape))
            << "round " << round << ", `" << name << '`';
      }
    }
  }
}

// The real ones, in the order in which the loader searches.
TEST(LoadedObject, FindsWhatTheLoaderFinds) {
  const link_map* first = system::first_loaded();
  ASSERT_NE(first, nullptr);
  for (const char* name : {"socket", "accept4", "printf", "dlsym", "nothing_of_this_name"}) {
    void* found = nullptr;
    for (const link_map* object = first; object != nullptr; object = object->l_next) {
      if ((found = LoadedObject(object->l_addr, object->l_ld).find(name, nullptr)) != nullptr)
        break;
    }
    EXPECT_EQ(found, dlsym(RTLD_DEFAULT, name)) << name;
  }
}

TEST(LoadedObject, IsFoundByAnAddressInIt) {
  Dl_info info = {};
  for (const void* address : {reinterpret_cast<const void*>(&::printf),
                              reinterpret_cast<const void*>(&system::first_loaded)}) {
    ASSERT_NE(dladdr(address, &info), 0);
    const link_map* object = system::object_around(address);
    ASSERT_NE(object, nullptr);
    Dl_info dynamic = {};
    ASSERT_NE(dladdr(object->l_ld, &dynamic), 0);
    EXPECT_EQ(dynamic.dli_fbase, info.dli_fbase);
  }
}

}  // namespace
}  // namespace sockopt::test
