// SPDX-License-Identifier: MIT
//
// Libraries whose constructors run before ours: they install a seccomp filter, have a thread open
// the first socket, do so where there is little stack, or change the environment. What they do in
// the middle of our start, they do there each time, not by chance.
#include <gtest/gtest.h>

#include <tuple>

#include "tests/preload/configuration/private_system.h"
#include "tests/support/facts.h"
#include "tests/support/paths.h"
#include "tests/support/rule_file.h"

namespace sockopt::test {
namespace {

const Environment kSettingsOfMain = {{"KEEPIDLE", "61s"}, {"PRIORITY", "4"}, {"NONSENSE", "1"}};

// Beside a library that is initialized before ours, which stands behind it in LD_PRELOAD; or after
// it.
Environment beside(const std::string& other, bool behind, const Environment& more,
                   const Environment& settings = kSettingsOfMain) {
  const std::string path = victim(other);
  Environment environment = preloading(behind ? std::vector<std::string>{library(), path}
                                              : std::vector<std::string>{path, library()},
                                       settings);
  for (const auto& [name, value] : more) environment[name] = value;
  return environment;
}

Environment without_us(const std::string& other, const Environment& more) {
  Environment environment = plain_environment();
  environment["LD_PRELOAD"] = victim(other);
  for (const auto& [name, value] : more) environment[name] = value;
  return environment;
}

class FilterOfAConstructor : public ::testing::TestWithParam<std::tuple<const char*, bool>> {};

TEST_P(FilterOfAConstructor, LeavesTheProgramItsOwnCallsOnly) {
  const auto& [call, behind] = GetParam();
  const Environment filter = {{"FILTER_BY", call}};
  const auto expected =
      facts_of({victim("few_calls")}, without_us("libfiltering.so", filter)).lines;
  EXPECT_EQ(expected.size(), 7U);
  EXPECT_EQ(facts_of({victim("few_calls")}, beside("libfiltering.so", behind, filter)).lines,
            expected);
}

INSTANTIATE_TEST_SUITE_P(
    , FilterOfAConstructor,
    ::testing::Combine(::testing::Values("prctl", "number", "seccomp", "tsync"), ::testing::Bool()),
    [](const auto& row) {
      return std::string(std::get<0>(row.param)) +
             (std::get<1>(row.param) ? "_before_ours" : "_after_ours");
    });

Facts meanwhile(const std::string& what) {
  Command command{.argv = {victim("main_socket")},
                  .environment = beside("libmeanwhile.so", true, {{"MEANWHILE", what}})};
  // There a filter forbids to ask.
  if (what == "prctl" || what == "number" || what == "seccomp" || what == "tsync") {
    command.argv.emplace_back("filtered");
  }
  return facts_of(std::move(command));
}

TEST(InTheMiddleOfTheStart, AnotherThreadsSocketHasItsOptions) {
  const Facts facts = meanwhile("socket");
  EXPECT_EQ(facts["first"], "61 errno 4242");
  EXPECT_EQ(facts["thread"], "61 errno 4242");
  EXPECT_EQ(facts["main"], "61 errno 4242");
}

TEST(InTheMiddleOfTheStart, AForkedChildStartsByItself) {
  const Facts facts = meanwhile("fork");
  EXPECT_EQ(facts["child"], "61 errno 4242");
  EXPECT_EQ(facts["child-ended"], "0");
  EXPECT_EQ(facts["thread"], "61 errno 4242");
  EXPECT_EQ(facts["main"], "61 errno 4242");
}

TEST(InTheMiddleOfTheStart, AHandlersSocketHasItsOptions) {
  const Facts facts = meanwhile("handler");
  EXPECT_EQ(facts["handler"], "61 errno 4242");
  EXPECT_EQ(facts["thread"], "61 errno 4242");
  EXPECT_EQ(facts["main"], "61 errno 4242");
}

TEST(InTheMiddleOfTheStart, AHandlerMayLeaveItForGood) {
  const Facts facts = meanwhile("jump");
  EXPECT_EQ(facts["thread"], "61 errno 4242");
  EXPECT_EQ(facts["main"], "61 errno 4242");
}

// libseccomp asks what the kernel can do by calls that fail.
TEST(InTheMiddleOfTheStart, AQuestionAboutFiltersIsNoFilter) {
  const Facts facts = meanwhile("probe");
  EXPECT_EQ(facts["thread"], "61 errno 4242");
  EXPECT_EQ(facts["main"], "61 errno 4242");
}

class FilterInTheMiddleOfTheStart : public ::testing::TestWithParam<const char*> {};

TEST_P(FilterInTheMiddleOfTheStart, IsKnownWhenItIsDone) {
  EXPECT_EQ(meanwhile(GetParam())["main"], "1 errno 4242");
}

INSTANTIATE_TEST_SUITE_P(, FilterInTheMiddleOfTheStart,
                         ::testing::Values("prctl", "number", "seccomp", "tsync"),
                         [](const auto& call) { return std::string(call.param); });

// A configuration of each kind, and what it takes to be found.
class LittleStack : public ::testing::Test {
 protected:
  // How much more of a stack is used, where the configuration is at the default place or named.
  long more_than_without(const Command& with) const {
    Command plain{.argv = {victim("main_socket")},
                  .environment = without_us("libshallow.so", {{"SHALLOW", "handler"}})};
    const long least = facts_of(plain).number("stack");
    const Facts facts = facts_of(with);
    EXPECT_EQ(facts["main"], "61 errno 4242");
    return facts.number("stack") - least;
  }

  static Command command(const std::string& kind, const Environment& settings) {
    return {.argv = {victim("main_socket")},
            .environment = beside("libshallow.so", true, {{"SHALLOW", kind}}, settings)};
  }

  // Of 16 KiB, the smallest stack of a thread, libc and the loader leave about a half.
  static constexpr long kMost = 4096;

  // Every kind of line, and more of them than are kept.
  std::string faulty() const {
    std::string text = "[sockopt]\nkeepidle = 61s\ncongestion = nosuch\nkeepidl = 1\n";
    text += "[rule x]\nprogram = m[\nlisten = 1.2.3.4:99999, host, [::1]:5\npreset = nosuch\n";
    text += "[rule y]\nprogram = main_*\npreset = dead-peer\nkeepidle = 61s\nraw.1.9999999 = 1\n";
    text += "[rule z]\nconnect = [2001:db8::]/32:443, !10.0.0.0/8\nkeepcnt = 2\nenforce = maybe\n";
    for (int i = 0; i < 40; ++i) text += "keepalive = rubbish\n";
    return text;
  }
  TemporaryDirectory directory_;
};

TEST_F(LittleStack, OfAHandlerWithAFileThatIsNamed) {
  const std::string file = directory_.write("faulty.ini", faulty());
  EXPECT_LT(more_than_without(command("handler", {{"CONFIG", file}, {"KEEPIDEL", "1"}})), kMost);
}

TEST_F(LittleStack, OfAHandlerWithFilesAtTheDefaultPlace) {
  SOCKOPT_NEEDS_PRIVATE_SYSTEM();
  directory_.write("system/sockopt.d/10-first.ini", faulty());
  directory_.write("system/sockopt.d/" + std::string(180, 'x') + ".ini", faulty());
  const System system = {.configuration = faulty(), .loads_library = false};
  EXPECT_LT(more_than_without(in_system(directory_, system, command("handler", {}))), kMost);
}

TEST_F(LittleStack, OfTheSmallestThread) {
  const std::string file = directory_.write("faulty.ini", faulty());
  EXPECT_EQ(facts_of(command("thread", {{"CONFIG", file}, {"KEEPIDEL", "1"}}))["main"],
            "61 errno 4242");
}

TEST_F(LittleStack, OfTheSmallestThreadWithFilesAtTheDefaultPlace) {
  SOCKOPT_NEEDS_PRIVATE_SYSTEM();
  directory_.write("system/sockopt.d/10-first.ini", faulty());
  const System system = {.configuration = faulty(), .loads_library = false};
  EXPECT_EQ(facts_of(in_system(directory_, system, command("thread", {})))["main"],
            "61 errno 4242");
}

class EnvironmentOfAConstructor : public ::testing::TestWithParam<const char*> {
 protected:
  static Command command(const Environment& settings) {
    return {.argv = {victim("main_socket")},
            .environment = beside("libforgetful.so", true, {{"FORGET", GetParam()}}, settings)};
  }
  TemporaryDirectory directory_;
};

TEST_P(EnvironmentOfAConstructor, IsNotTheOneThatWasGiven) {
  EXPECT_EQ(facts_of(command({{"KEEPIDLE", "61s"}}))["main"], "61 errno 4242");
  const std::string file = directory_.write("sockopt.ini", "[sockopt]\nkeepidle = 61s\n");
  EXPECT_EQ(facts_of(command({{"CONFIG", file}}))["main"], "61 errno 4242");
}

TEST_P(EnvironmentOfAConstructor, DoesNotLoseTheDefaultFile) {
  SOCKOPT_NEEDS_PRIVATE_SYSTEM();
  const System system = {.configuration = "[sockopt]\nkeepidle = 61s\n", .loads_library = false};
  // By env(1): what makes the private system must not lose its environment.
  const Command given = command({});
  Command by_env{.argv = {"env"}, .environment = plain_environment()};
  for (const auto& [name, value] : given.environment) by_env.argv.push_back(name + "=" + value);
  by_env.argv.insert(by_env.argv.end(), given.argv.begin(), given.argv.end());
  EXPECT_EQ(facts_of(in_system(directory_, system, by_env))["main"], "61 errno 4242");
}

TEST_P(EnvironmentOfAConstructor, DoesNotLoseTheSwitch) {
  EXPECT_EQ(facts_of(command({{"KEEPIDLE", "61s"}, {"DISABLE", "1"}}))["main"], "7200 errno 4242");
}

// Loaded by /etc/ld.so.preload: no variable was to be heeded, whatever became of them.
TEST_P(EnvironmentOfAConstructor, DoesNotMakeVariablesTrusted) {
  SOCKOPT_NEEDS_PRIVATE_SYSTEM();
  Command plain{.argv = {victim("main_socket")},
                .environment = without_us("libforgetful.so", {{"FORGET", GetParam()}})};
  plain.environment["SOCKOPT_KEEPIDLE"] = "62s";
  const System system = {.configuration = "[sockopt]\nkeepidle = 61s\n"};
  EXPECT_EQ(facts_of(in_system(directory_, system, plain))["main"], "61 errno 4242");
}

INSTANTIATE_TEST_SUITE_P(, EnvironmentOfAConstructor,
                         ::testing::Values("clear", "unset", "array", "empty", "renew"),
                         [](const auto& how) { return std::string(how.param); });

}  // namespace
}  // namespace sockopt::test
