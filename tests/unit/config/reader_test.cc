// SPDX-License-Identifier: MIT
//
// What sections mean beyond single lines, which golden/ holds: how files follow each other, how
// much there is room for, and that a rule never matches more than was written.
#include "shim/config/reader.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>

#include "shim/policy/plan.h"
#include "tests/support/configuration.h"

namespace sockopt::test {
namespace {

TEST(ReadConfiguration, SectionsOfAnotherFileMayHaveTheSameNames) {
  const auto policy = std::make_unique<Policy>();
  FaultList faults;
  read_configuration("[sockopt]\nkeepidle = 1s\n[rule a]\nprogram = x\n", "1.ini", *policy,
                     faults.sink());
  read_configuration("[sockopt]\nkeepidle = 2s\n[rule a]\nprogram = y\n", "2.ini", *policy,
                     faults.sink());
  EXPECT_TRUE(faults.empty()) << faults.lines().front();
  EXPECT_EQ(render_policy(*policy),
            "= keepidle 1s (1.ini:2)\n[a]\n  program x\n"
            "= keepidle 2s (2.ini:2)\n[a]\n  program y\n");
}

TEST(ReadConfiguration, ASettingOutsideASectionIsNotInThePreviousFilesLast) {
  const auto policy = std::make_unique<Policy>();
  FaultList faults;
  read_configuration("[sockopt]\n", "1.ini", *policy, faults.sink());
  read_configuration("keepidle = 2s\n", "2.ini", *policy, faults.sink());
  EXPECT_EQ(faults.lines().size(), 1U);
  EXPECT_TRUE(policy->empty());
}

std::string many(std::size_t count, std::string_view before, std::string_view after) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) {
    ((text += before) += std::to_string(i)) += after;
  }
  return text;
}

// The library makes such a policy anew, where there is room, and that takes as long again.
TEST(ReadConfiguration, OfAPolicyThatIsTooLargeForItsPlaceTheRestIsNotRead) {
  const auto policy = std::make_unique<Policy>();
  policy->stay_small();
  FaultList faults;
  read_configuration(many(30, "[rule ", "]\nprogram = x\nnodelay = on\n") + "not an entry\n",
                     "1.ini", *policy, faults.sink());
  EXPECT_TRUE(policy->outgrown());
  EXPECT_EQ(faults.lines().size(), 1U) << "that of what found no room";
}

TEST(ReadConfiguration, ThereAreOnlySoManyRules) {
  const Configuration read(many(Policy::kMaxRules + 1, "[rule ", "]\nprogram = x\nnodelay = on\n"));
  EXPECT_EQ(read.policy().rule_count(), Policy::kMaxRules) << "the variables have their place";
  ASSERT_EQ(read.faults().size(), 2U);
  for (const std::string& fault : read.faults()) {
    EXPECT_NE(fault.find(": too many rules: at most 2047"), std::string::npos) << fault;
  }
  EXPECT_EQ(read.policy().end() - read.policy().begin(), 2047) << "the last ones are passed over";
}

TEST(ReadConfiguration, ThereIsRoomForOnlySoManyPatterns) {
  const Configuration read("[rule a]\n" + many(Policy::kMaxPatterns + 1, "listen = ", "\n") +
                           "nodelay = on\n");
  EXPECT_NE(read.fault().find("too many patterns; the rule is ignored"), std::string::npos)
      << read.fault();
  EXPECT_TRUE(read.policy().rule(0).is_void());
}

// Whether sockets of `program` without an address get anything of this file.
bool reaches(std::string_view file, std::string_view program) {
  const Configuration read(file);
  EXPECT_FALSE(read.faults().empty());
  const auto runs = std::make_unique<Program>();
  runs->set(program, program, {});
  const auto plan = std::make_unique<Plan>();
  plan->make(read.policy(), *runs);
  return !plan->base().wanted.empty();
}

TEST(ReadConfiguration, ARuleWithAConditionThatIsNotUnderstoodReachesNobody) {
  EXPECT_FALSE(reaches("[rule a]\nprogram = nginx\nlisten = example.com\nttl = 9\n", "nginx"));
  EXPECT_FALSE(reaches("[rule a]\nprogram = *\nprogram = ![x\nttl = 9\n", "nginx"));
}

// A condition that is lost on the way would leave a rule that matches more than was written.
TEST(ReadConfiguration, ARuleWithAConditionThatCannotBeReadReachesNobody) {
  const std::string rule = "[rule a]\nprogram = *\n";
  for (const std::string& line :
       {std::string("listen: 443"), std::string("listen 443"), std::string("  listen = 443"),
        std::string("program = *,\n  !nginx"), "listen = 443 ; " + std::string(200, '-'),
        std::string("listen = 443\0", 13), std::string("listne = 443")}) {
    EXPECT_FALSE(reaches(rule + line + "\nttl = 9\n", "nginx")) << line;
  }
}

TEST(ContentHash, TellsTextsApart) {
  std::set<std::uint64_t> hashes;
  std::size_t texts = 0;
  const std::string text = "[sockopt]\nkeepalive = on\n";
  for (std::size_t size = 0; size <= text.size(); ++size, ++texts) {
    hashes.insert(content_hash(text.substr(0, size)));
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const char c : {'\0', ' ', '\xff'}) {
      std::string changed = text;
      if (changed[i] == c) continue;
      changed[i] = c;
      hashes.insert(content_hash(changed));
      ++texts;
    }
  }
  for (std::size_t zeros = 1; zeros < 40; ++zeros, ++texts) {
    hashes.insert(content_hash(std::string(zeros, '\0')));
  }
  EXPECT_EQ(hashes.size(), texts);
  EXPECT_EQ(content_hash(text), content_hash(std::string(text))) << "wherever it lies in memory";
  // What a comment says does not count, nor whether it was read as an empty line; where it is,
  // does.
  EXPECT_EQ(content_hash("# a\n" + text + ";b\n"), content_hash("\n" + text + "\n"));
  EXPECT_NE(content_hash("# a\n" + text), content_hash(text));
  EXPECT_NE(content_hash(text + "\n# a\n"), content_hash(text + "# a\n"));
}

}  // namespace
}  // namespace sockopt::test
