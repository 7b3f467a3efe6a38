// SPDX-License-Identifier: MIT
//
// The file itself: small, sound to map, and in need of nothing but the C library.
#include <gtest/gtest.h>

#include <cstdint>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>

#include "tests/bounds/elf.h"
#include "tests/support/paths.h"

namespace sockopt::test {
namespace {

TEST(LibraryFile, IsAtMost96KiB) {
#if !defined(SOCKOPT_RELEASE)
  GTEST_SKIP() << "only a release build is what is installed";
#endif
  const auto size = std::filesystem::file_size(library());
  RecordProperty("bytes", std::to_string(size));
  EXPECT_LE(size, 98304U);
}

// libdl.so.2 is where an old C library keeps dlsym.
TEST(LibraryFile, NeedsTheCLibraryAndNothingElse) {
  const std::set<std::string> allowed = {"libc.so.6", "libdl.so.2"};
  const std::vector<std::string> needed = dynamic_values(library(), "NEEDED");
  ASSERT_FALSE(needed.empty());
  for (const std::string& name : needed) EXPECT_TRUE(allowed.contains(name)) << name;
  EXPECT_EQ(needed.front(), "libc.so.6");
}

TEST(LibraryFile, IsCalledByItsName) {
  EXPECT_EQ(dynamic_values(library(), "SONAME"), std::vector<std::string>{"libsockopt.so"});
  EXPECT_TRUE(dynamic_values(library(), "RPATH").empty());
  EXPECT_TRUE(dynamic_values(library(), "RUNPATH").empty());
}

TEST(LibraryFile, LeavesCodeAndStackAsTheyShouldBe) {
  const std::string dynamic = readelf("-d", library());
  EXPECT_EQ(dynamic.find("TEXTREL"), std::string::npos) << "code that the loader must change";
  EXPECT_NE(dynamic.find("BIND_NOW"), std::string::npos);
  EXPECT_NE(dynamic.find("NODELETE"), std::string::npos) << "dlclose must not take hooks away";
  std::istringstream headers(readelf("-l", library()));
  bool stack_seen = false;
  for (std::string line; std::getline(headers, line);) {
    // The flags stand before the alignment, the last word: `RW  0x10`, `R E 0x1000`.
    const std::string flags = line.substr(0, line.rfind("0x"));
    const bool writable = flags.find(" RW") != std::string::npos;
    const bool executable = flags.find("E ") != std::string::npos;
    if (line.find("  LOAD ") != std::string::npos) {
      EXPECT_FALSE(writable && executable) << line;
    }
    if (line.find("GNU_STACK") == std::string::npos) continue;
    stack_seen = true;
    EXPECT_EQ(flags.find("RWE"), std::string::npos) << line;
  }
  EXPECT_TRUE(stack_seen) << "without GNU_STACK the stack becomes executable";
}

// Each page that is written costs a start. What is written at each has the file's last page, with
// the other data; beyond it is the memory of the start alone.
TEST(LibraryFile, HasItsZeroesOnThePagesOfTheFile) {
#if !defined(SOCKOPT_RELEASE)
  GTEST_SKIP() << "only a release build is what is installed";
#endif
  constexpr std::uint64_t kPage = 4096;
  const auto field = [](const std::string& line, const std::string& section, int index) {
    std::istringstream fields(line.substr(line.find(section) + section.size()));
    std::string type;
    fields >> type;
    std::uint64_t value = 0;
    for (int i = 0; i <= index; ++i) fields >> std::hex >> value;
    return value;
  };
  std::istringstream headers(readelf("-SW", library()));
  std::uint64_t data = 0, zeroes_end = 0, memory = 0;
  for (std::string line; std::getline(headers, line);) {
    if (line.find(" .data ") != std::string::npos) data = field(line, " .data ", 0);
    if (line.find(" .bss ") != std::string::npos) {
      zeroes_end = field(line, " .bss ", 0) + field(line, " .bss ", 2);
    }
    if (line.find(" .start_memory ") != std::string::npos)
      memory = field(line, " .start_memory ", 0);
  }
  ASSERT_GT(data, 0U);
  EXPECT_EQ(data / kPage, (zeroes_end - 1) / kPage);
  EXPECT_EQ(memory, (data / kPage + 1) * kPage);
}

}  // namespace
}  // namespace sockopt::test
