// SPDX-License-Identifier: MIT
//
// The tests of tests/rules over the other engine: each script is played without the library, in a
// cgroup to which the rules are attached. Which of them are about the library alone is in
// CMakeLists.txt.
#include <gtest/gtest.h>

#include "tests/bpf/engine_host.h"
#include "tests/support/configuration.h"
#include "tests/support/environment.h"
#include "tests/support/rule_file.h"

namespace sockopt::test {
namespace {

class EngineIsThere : public testing::Environment {
 public:
  void SetUp() override { SOCKOPT_NEEDS_ENGINE(); }
};

Played play_attached(const RuleFile& rules, const Script& script, const Environment& settings,
                     Where where) {
  EXPECT_EQ(why_no_engine(), "");
  const TestCgroup cgroup;
  Environment given = variables(settings);
  given.erase("LD_PRELOAD");
  const Finished attached = sockopt(
      {"attach", "-c", rules.directory() / "sockopt.ini", "--cgroup", cgroup.path()}, given);
  EXPECT_TRUE(attached.success()) << attached.error;
  return play(cgroup.inside(actor(script, plain_environment())), where);
}

[[maybe_unused]] const bool kPlaysAttached = [] {
  testing::AddGlobalTestEnvironment(new EngineIsThere);  // gtest's from now on
  rule_player = play_attached;
  return true;
}();

}  // namespace
}  // namespace sockopt::test
