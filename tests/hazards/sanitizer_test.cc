// SPDX-License-Identifier: MIT
//
// Programs built with a sanitizer. AddressSanitizer ends the program when anything is preloaded
// before its runtime; `sockopt run` puts the runtime first, and says so.
#include <gtest/gtest.h>

#include "tests/support/facts.h"
#include "tests/support/paths.h"
#include "tests/support/requirements.h"
#include "tests/support/rule_file.h"

namespace sockopt::test {
namespace {

const std::vector<std::string> kRun = {
    build_directory() / "sockopt", "run", "-o", "keepalive=on", "-o", "keepidle=61s", "--"};

class Sanitizer : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    program_ = victim(std::string("sanitized_") + GetParam());
    if (!std::filesystem::exists(program_)) {
      GTEST_SKIP() << "the compiler has no " << GetParam() << " sanitizer";
    }
    runtime_ = std::string("lib") + GetParam()[0] + "san.so.";
    const Finished needed = run({.argv = {"readelf", "-d", program_}});
    if (needed.output.find(runtime_) == std::string::npos) {
      GTEST_SKIP() << "this compiler links the sanitizer's runtime into the program";
    }
  }

  static Facts run_with(std::vector<std::string> argv, const Environment& environment = {}) {
    Environment all = plain_environment();
    for (const auto& [name, value] : environment) all[name] = value;
    std::vector<std::string> whole = kRun;
    whole.insert(whole.end(), argv.begin(), argv.end());
    return facts_of(whole, all);
  }

  std::string program_;
  std::string runtime_;
};

TEST_P(Sanitizer, HasNothingToSayUnderRun) {
  const Facts facts = run_with({program_});
  EXPECT_EQ(facts["failures"], "0");
  // One line, ours.
  EXPECT_TRUE(facts.error().starts_with("sockopt: warning: " + program_ +
                                        ": is built with a sanitizer: " + runtime_))
      << facts.error();
  EXPECT_EQ(occurrences(facts.error(), "\n"), 1) << facts.error();
}

TEST_P(Sanitizer, IsFoundBehindAScript) {
  const TemporaryDirectory directory;
  const std::string script = directory.write("script", "#!" + program_ + "\n", 0755);
  EXPECT_EQ(run_with({script})["failures"], "0");
}

TEST_P(Sanitizer, WhatIsInTheVariableStays) {
  if (kSanitizers.starts_with("address") && GetParam()[0] == 't') {
    GTEST_SKIP() << "libcounting.so is built with the other sanitizer";
  }
  const std::string runtime = runtime_ + (GetParam()[0] == 'a' ? "8" : "2");
  const Facts facts =
      run_with({program_}, {{"LD_PRELOAD", runtime + " " + victim("libcounting.so").string()}});
  EXPECT_EQ(facts["failures"], "0");
  EXPECT_NE(facts["counted"], "(not told)");
}

INSTANTIATE_TEST_SUITE_P(, Sanitizer, ::testing::Values("address", "thread"),
                         [](const auto& kind) { return std::string(kind.param); });

// With the means that the manual names, and no command.
TEST(AddressSanitizerTest, AcceptsTheShimWhereItIsToldTo) {
  const std::string program = victim("sanitized_address");
  if (!std::filesystem::exists(program)) GTEST_SKIP() << "the compiler has no such sanitizer";
  Environment environment = variables({{"KEEPIDLE", "61s"}});
  environment["ASAN_OPTIONS"] = "verify_asan_link_order=0";
  EXPECT_EQ(facts_of({program}, environment)["failures"], "0");
}

// Of what we wrote clang's sanitizer of memory knows nothing, and it looks at all that a function
// of its own is given.
TEST(MemorySanitizer, FindsNothing) {
  const std::string program = victim("sanitized_memory");
  if (!std::filesystem::exists(program)) GTEST_SKIP() << "clang is not installed";
  for (const char* more : {"",
                           "[rule a]\nlisten = 127.0.0.1, [::1]\nkeepcnt = 5\nenforce = yes\n"
                           "[rule b]\nconnect = 127.0.0.0/8\nkeepcnt = 6\nprogram = san*\n"}) {
    const RuleFile rules("[sockopt]\nkeepidle = 61s\npriority = 4\nlog = debug\nnonsense = 1\n" +
                         std::string(more));
    const Facts facts = facts_of({program}, rules.environment({{"KEEPIDEL", "1"}}));
    EXPECT_EQ(facts["failures"], "0");
    EXPECT_EQ(facts.error().find("MemorySanitizer"), std::string::npos) << facts.error();
    EXPECT_NE(facts.error().find("keepidle = 61s"), std::string::npos) << "we were not there";
  }
}

// An ordinary program gets no sanitizer, and hears nothing.
TEST(AddressSanitizerTest, OrdinaryProgramsAreStartedWithTheShimFirst) {
  std::vector<std::string> argv = kRun;
  argv.insert(argv.end(), {"printenv", "LD_PRELOAD"});
  const Facts facts = facts_of(argv, plain_environment());
  EXPECT_EQ(facts.finished.output, library().string() + "\n");
  EXPECT_EQ(facts.error(), "");
}

}  // namespace
}  // namespace sockopt::test
