// SPDX-License-Identifier: MIT
//
// Names are shared by everything in a process.  What the library exports captures other objects'
// symbols, and what it needs must be there on the oldest system that it is copied to.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tests/bounds/elf.h"
#include "tests/support/paths.h"
#include "tests/support/temporary_directory.h"

namespace sockopt::test {
namespace {

// Names that only 32-bit programs know, and only the library for those has: for times of 64 bits.
const std::set<std::string> kOn32Bits = {"__prctl_time64", "__setsockopt64"};

// The global names of the version script.
std::set<std::string> version_script() {
  const std::string text = read_file(source_directory() / "shim/preload/libsockopt.map");
  std::set<std::string> names;
  const std::regex name("\n    ([a-z_0-9]+);");
  for (std::sregex_iterator at(text.begin(), text.end(), name), end; at != end; ++at) {
    names.insert((*at)[1]);
  }
  return names;
}

// What the library defines, beside the names of the versions themselves.
std::vector<Symbol> exported_symbols() {
  std::vector<Symbol> exported = dynamic_symbols(library());
  std::erase_if(exported, [](const Symbol& symbol) {
    return symbol.is_undefined() || symbol.name.starts_with("GLIBC_");
  });
  return exported;
}

TEST(LibrarySymbols, ExportsItsHooksAndNothingElse) {
  std::set<std::string> exported;
  for (const Symbol& symbol : exported_symbols()) exported.insert(symbol.name);
  std::set<std::string> expected = version_script();
  for (const std::string& name : kOn32Bits) {
    EXPECT_TRUE(expected.contains(name)) << name;
    if (sizeof(void*) == 8) expected.erase(name);
  }
  EXPECT_EQ(exported, expected);
  EXPECT_TRUE(exported.contains("accept4"));
}

// Then a reference to another version, which means a function of another library, is not bound to
// ours.
TEST(LibrarySymbols, HaveTheVersionsOfTheCLibrarys) {
  const void* listen = dlsym(RTLD_NEXT, "listen");
  Dl_info info = {};
  ASSERT_NE(dladdr(listen, &info), 0);
  std::set<std::string> of_libc;
  for (const Symbol& symbol : dynamic_symbols(info.dli_fname)) {
    of_libc.insert(symbol.name + '@' + symbol.version);
  }
  for (const Symbol& symbol : exported_symbols()) {
    EXPECT_TRUE(of_libc.contains(symbol.name + '@' + symbol.version))
        << symbol.name << '@' << symbol.version << " is not in " << info.dli_fname;
  }
}

// To use a function that is not here is a decision: it must be in every C library from glibc 2.17
// on and in musl, and what is called from within another program must not allocate, lock or be a
// cancellation point. No system call is among them: a program may have a function of that name, and
// would be called. Nor are functions of bytes and strings, which a sanitizer has its own of: it
// would look at what we wrote, of which it knows nothing.
const std::set<std::string> kAllowed = {
    // The process.
    "__environ", "__errno_location",
    // libinih's.
    // The compiler's and the linker's.
    "_ITM_deregisterTMCloneTable", "_ITM_registerTMCloneTable", "__cxa_finalize", "__gmon_start__",
    "__stack_chk_fail", "__tls_get_addr"};

// Of the loader, and not everywhere: then they are null. With a version, the library would not load
// where that is not known.
const std::set<std::string> kAllowedWeak = {"__libc_stack_end", "_dl_debug_addr", "_r_debug",
                                            "dlsym"};

TEST(LibrarySymbols, NeedsOnlyWhatIsAllowed) {
  std::set<std::string> weak;
  for (const Symbol& symbol : dynamic_symbols(library())) {
    if (!symbol.is_undefined()) continue;
    if (!kAllowedWeak.contains(symbol.name)) {
      EXPECT_TRUE(kAllowed.contains(symbol.name)) << symbol.name;
      continue;
    }
    weak.insert(symbol.name);
    EXPECT_TRUE(symbol.kind == 'w' || symbol.kind == 'v') << symbol.name << ' ' << symbol.kind;
    EXPECT_EQ(symbol.version, "") << symbol.name;
  }
  EXPECT_EQ(weak, kAllowedWeak);
}

TEST(LibrarySymbols, NeedsNoGlibcYoungerThan2Dot17) {
  const std::regex version("GLIBC_(\\d+)\\.(\\d+)(\\.\\d+)?");
  int versioned = 0;
  for (const Symbol& symbol : dynamic_symbols(library())) {
    if (symbol.version.empty() || !symbol.is_undefined()) continue;
    ++versioned;
    std::smatch parts;
    ASSERT_TRUE(std::regex_match(symbol.version, parts, version))
        << symbol.name << '@' << symbol.version;
    const int major = std::stoi(parts[1]);
    const int minor = std::stoi(parts[2]);
    EXPECT_TRUE(major < 2 || (major == 2 && minor <= 17)) << symbol.name << '@' << symbol.version;
  }
  EXPECT_GT(versioned, 0);
}

TEST(LibrarySymbols, HasNothingOfTheCxxLibrary) {
  for (const Symbol& symbol : dynamic_symbols(library())) {
    EXPECT_FALSE(symbol.name.starts_with("_Z")) << symbol.name;
    EXPECT_EQ(symbol.name.find("__gxx_personality"), std::string::npos) << symbol.name;
    EXPECT_FALSE(symbol.name.starts_with("__cxa_") && symbol.name != "__cxa_finalize")
        << symbol.name;
    EXPECT_FALSE(symbol.name.starts_with("_Unwind_")) << symbol.name;
    EXPECT_EQ(symbol.version.find("GLIBCXX"), std::string::npos) << symbol.name;
  }
}

}  // namespace
}  // namespace sockopt::test
