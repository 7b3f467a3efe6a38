// SPDX-License-Identifier: MIT
//
// The library as what attacks a program finds it: nothing to write over that is jumped to, nowhere
// to jump to but where functions begin, and canaries on the stack. And frames that a debugger or a
// profiler can walk, wherever it stops.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tests/bounds/elf.h"
#include "tests/support/paths.h"
#include "tests/support/process.h"

namespace sockopt::test {
namespace {

constexpr std::uint64_t kPage = 4096;

std::vector<std::string> words_of(const std::string& line) {
  std::istringstream stream(line);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

// A stretch of the library, by its addresses in the file.
struct Stretch {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

// `  [13] .text  PROGBITS  0000000000000b80 000b80 00c01f ...`
Stretch section(const std::string& name) {
  std::istringstream lines(readelf("-S", library()));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t number = line.find(']');
    if (number == std::string::npos) continue;
    const std::vector<std::string> words = words_of(line.substr(number + 1));
    if (words.size() < 5 || words[0] != name) continue;
    const std::uint64_t begin = std::stoull(words[2], nullptr, 16);
    return {begin, begin + std::stoull(words[4], nullptr, 16)};
  }
  ADD_FAILURE() << "no section " << name;
  return {};
}

// `  GNU_RELRO  0x00fcd8 0x0000000000010cd8 0x0000000000010cd8 0x000328 0x000328 R   0x1`
Stretch protected_by_the_loader() {
  std::istringstream lines(readelf("-l", library()));
  for (std::string line; std::getline(lines, line);) {
    const std::vector<std::string> words = words_of(line);
    if (words.size() < 6 || words[0] != "GNU_RELRO") continue;
    const std::uint64_t begin = std::stoull(words[2], nullptr, 16);
    return {begin, begin + std::stoull(words[5], nullptr, 16)};
  }
  ADD_FAILURE() << "no GNU_RELRO";
  return {};
}

// The permissions of the library's pages in a process under it, by their addresses in the file, its
// zeroes included.
[[maybe_unused]] std::map<std::uint64_t, std::string> permissions(const Environment& settings) {
  const Finished cat =
      run({.argv = {"cat", "/proc/self/maps"}, .environment = shim_environment(settings)});
  const std::uint64_t size = section(".start_memory").end;
  std::map<std::uint64_t, std::string> pages;
  std::uint64_t base = 0;
  std::istringstream lines(cat.output);
  for (std::string line; std::getline(lines, line);) {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    char dash = '-';
    std::string flags;
    std::istringstream fields(line);
    fields >> std::hex >> first >> dash >> last >> flags;
    if (base == 0) {
      if (line.find(library().filename().string()) == std::string::npos) continue;
      base = first;
    }
    for (; first < last && first - base < size; first += kPage) pages[first - base] = flags;
  }
  return pages;
}

TEST(Hardening, TablesOfAddressesCanBeReadOnly) {
  const Stretch relro = protected_by_the_loader();
  EXPECT_EQ(relro.end % kPage, 0U) << "the loader protects whole pages";
  const Stretch got = section(".got");
  EXPECT_GE(got.begin, relro.begin);
  EXPECT_LE(got.end, relro.end);
#if defined(SOCKOPT_RELEASE)
  // With the addresses of the real functions, which we find ourselves, is what the start makes.
  const Stretch memory = section(".start_memory");
  EXPECT_EQ(section(".data").begin, relro.end);
  EXPECT_EQ(memory.begin, relro.end + kPage);
  struct Case {
    Environment settings;
    std::size_t protected_pages;
  };
  std::uint64_t functions = 0;
  for (const auto& [settings, protected_pages] :
       {Case{{}, 1}, Case{{{"SOCKOPT_KEEPIDLE", "61s"}}, 1}}) {
    const auto pages = permissions(settings);
    ASSERT_FALSE(pages.empty());
    std::vector<std::uint64_t> read_only;
    for (const auto& [page, flags] : pages) {
      if (page < relro.end) {
        EXPECT_EQ(flags.find('w'), std::string::npos) << page;
      } else if (flags.find('w') == std::string::npos) {
        read_only.push_back(page);
      }
    }
    ASSERT_EQ(read_only.size(), protected_pages);
    EXPECT_EQ(read_only.back() - read_only.front(), (protected_pages - 1) * kPage);
    EXPECT_GT(read_only.front(), memory.begin);
    if (functions == 0) functions = read_only.front();
    EXPECT_EQ(read_only.front(), functions);
  }
#endif
}

TEST(Hardening, StacksHaveCanaries) {
  const auto symbols = dynamic_symbols(library());
  EXPECT_TRUE(std::any_of(symbols.begin(), symbols.end(), [](const Symbol& symbol) {
    return symbol.name.starts_with("__stack_chk_fail");
  }));
}

#if defined(__x86_64__)
TEST(Hardening, IsMarkedForShadowStacksAndMarkedTargets) {
  EXPECT_NE(readelf("-n", library()).find("x86 feature: IBT, SHSTK"), std::string::npos);
}

TEST(Hardening, EveryHookBeginsWithTheMark) {
  const Finished code = run({.argv = {"objdump", "-d", "--no-show-raw-insn", library()}});
  ASSERT_TRUE(code.success()) << code.error;
  std::map<std::uint64_t, std::string> instructions;
  std::istringstream lines(code.output);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t colon = line.find(":\t");
    if (colon == std::string::npos) continue;
    instructions[std::stoull(line.substr(0, colon), nullptr, 16)] = line.substr(colon + 2);
  }
  int hooks = 0;
  std::istringstream symbols(readelf("--dyn-syms", library()));
  for (std::string line; std::getline(symbols, line);) {
    const std::vector<std::string> words = words_of(line);
    if (words.size() < 8 || words[3] != "FUNC" || words[6] == "UND") continue;
    ++hooks;
    EXPECT_TRUE(instructions[std::stoull(words[1], nullptr, 16)].starts_with("endbr64")) << line;
  }
  EXPECT_GE(hooks, 9);
}
#endif

// `00000014 0000000000000014 00000018 FDE cie=00000000 pc=000000000000a5f1..000000000000a65b`
std::vector<Stretch> frames() {
  std::vector<Stretch> all;
  std::istringstream lines(readelf("--debug-dump=frames-interp", library()));
  for (std::string line; std::getline(lines, line);) {
    const std::size_t pc = line.find(" pc=");
    const std::size_t dots = line.find("..", pc);
    if (pc == std::string::npos || dots == std::string::npos) continue;
    all.push_back({std::stoull(line.substr(pc + 4, dots - pc - 4), nullptr, 16),
                   std::stoull(line.substr(dots + 2), nullptr, 16)});
  }
  return all;
}

// Hooks, and what they call. What starts the library, and reads the configuration, has none: two
// thirds of all there is.
TEST(Hardening, EveryFunctionOnTheWayOfACallHasAFrameThatCanBeWalked) {
  const std::vector<Stretch> all = frames();
  std::uint64_t covered = 0;
  for (const Stretch& frame : all) covered += frame.end - frame.begin;
  const Stretch text = section(".text");
  EXPECT_GT(covered, (text.end - text.begin) / 100 * 35);
  int hooks = 0;
  std::istringstream symbols(readelf("--dyn-syms", library()));
  for (std::string line; std::getline(symbols, line);) {
    const std::vector<std::string> words = words_of(line);
    if (words.size() < 8 || words[3] != "FUNC" || words[6] == "UND") continue;
    const std::uint64_t begin = std::stoull(words[1], nullptr, 16);
    // Of `syscall` nothing is on the stack: it jumps on.
    if (words[7].starts_with("syscall")) continue;
    ++hooks;
    EXPECT_TRUE(std::any_of(all.begin(), all.end(), [begin](const Stretch& frame) {
      return frame.begin <= begin && begin < frame.end;
    })) << line;
  }
  EXPECT_GE(hooks, 8);
}

}  // namespace
}  // namespace sockopt::test
