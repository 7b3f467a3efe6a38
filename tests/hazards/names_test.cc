// SPDX-License-Identifier: MIT
//
// Names are shared by all that is in a process: programs and libraries that have functions and
// variables of their own by names of the C library's, and whatever the loader calls before it is
// done.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/facts.h"
#include "tests/support/paths.h"
#include "tests/support/rule_file.h"

namespace sockopt::test {
namespace {

const Environment kNamesSettings = {{"KEEPIDLE", "61s"}, {"KEEPCNT", "5"}, {"BACKLOG", "64"}};

// What the program tells without the library, and with it: the same but for the options.
void expect_unharmed(const std::string& program, const std::vector<std::string>& options,
                     const Environment& settings = variables(kNamesSettings)) {
  const Facts without = facts_of({victim(program)}, plain_environment());
  const Facts with = facts_of({victim(program)}, settings);
  std::vector<std::string> expected = without.lines;
  for (std::string& line : expected) {
    const std::string fact = line.substr(0, line.find(' '));
    if (std::find(options.begin(), options.end(), fact) == options.end()) continue;
    EXPECT_EQ(line, fact + " 7200");
    line = fact + " 61";
  }
  EXPECT_EQ(with.lines, expected);
  EXPECT_EQ(with.error(), without.error());
}

class OwnNames : public testing::TestWithParam<std::string> {};

TEST_P(OwnNames, OfTheProgramAreNotTakenForTheCLibrarys) {
  expect_unharmed("own_" + GetParam(), {"listener", "client", "accepted", "early"});
}

std::vector<std::string> of_both_kinds(const std::vector<std::string>& names) {
  std::vector<std::string> all;
  for (const std::string& name : names) {
    for (const char* kind : {"_pie", "_fixed"}) all.push_back(name + kind);
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(, OwnNames,
                         testing::ValuesIn(of_both_kinds({"environ_number",
                                                          "environ_small",
                                                          "environ_text",
                                                          "environ_defined",
                                                          "getauxval_nothing",
                                                          "getauxval_nonsense",
                                                          "dl_iterate_phdr_nothing",
                                                          "dl_iterate_phdr_program",
                                                          "dlsym_nothing",
                                                          "dlsym_aborts",
                                                          "dlsym_tables",
                                                          "dlsym_forwards",
                                                          "dlsym_allocates",
                                                          "dlsym_data",
                                                          "syscall_fails",
                                                          "stack_end_nothing",
                                                          "stack_end_numbers",
                                                          "stack_end_leads",
                                                          "debug_nothing",
                                                          "debug_numbers",
                                                          "debug_leads",
                                                          "errno_location_later",
                                                          "environ_early"})),
                         [](const auto& tested) { return tested.param; });

// Nothing says what is above an int in its register.
TEST(UpperHalves, OfRegistersAreNoPartOfANumber) {
  expect_unharmed("upper_halves", {"listener", "client", "accepted"});
}

// They are called by the program, and libc's by a library that means those.
TEST(Homonyms, OfALibraryUnderItsOwnVersionAreCalledAsTheProgramMeansThem) {
  expect_unharmed("homonyms_versioned", {"listener", "client"});
}

TEST(Homonyms, WithoutAVersionGetEveryArgument) { expect_unharmed("homonyms_plain", {}); }

#if defined(SOCKOPT_HAS_IFUNC)
class Resolvers : public testing::TestWithParam<std::string> {
 protected:
  // All that the parser looks at.
  const RuleFile rules_{
      "# comment\n\n[sockopt]\nkeepidle = 61s ; comment\nkeepcnt=5\n[rule a]\nlisten = 1.2.3.4\n"
      "ttl = 9\n"};
};

TEST_P(Resolvers, MayCallTheHooksBeforeTheyAreReady) {
  for (const char* where : {"_now", "_lazy", "_itself"}) {
    SCOPED_TRACE(where);
    expect_unharmed("resolved_" + GetParam() + where, {"listener"});
    expect_unharmed("resolved_" + GetParam() + where, {"listener"}, rules_.environment());
  }
}

INSTANTIATE_TEST_SUITE_P(, Resolvers,
                         testing::Values("prctl", "syscall", "syscall_of_six", "syscall_in_vain",
                                         "sockets"),
                         [](const auto& tested) { return tested.param; });
#endif

#if defined(__LP64__)
TEST(PlacedObjects, AtAddressesOfTheirOwnChoiceAreReadAsTheyAre) {
  for (const char* address : {"0x10000000", "0x7f8000000000", "0x7fff00000000"}) {
    SCOPED_TRACE(address);
    expect_unharmed(std::string("placed_") + address, {"listener"});
  }
}
#endif

}  // namespace
}  // namespace sockopt::test
