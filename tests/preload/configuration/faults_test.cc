// SPDX-License-Identifier: MIT
//
// A bad configuration never stops a program: it runs as it is, the good lines hold, and what is
// wrong is said once, at the first TCP socket of the process tree and in no other program.
#include <gtest/gtest.h>

#include "tests/support/script.h"

namespace sockopt::test {
namespace {

class FaultsTest : public ::testing::Test {
 protected:
  Environment with_file(const std::string& text) {
    return shim_environment({{"SOCKOPT_CONFIG", directory_.write("sockopt.ini", text)}});
  }
  TemporaryDirectory directory_;
};

TEST_F(FaultsTest, TheGoodLinesHold) {
  const Played with = play("socket s inet; get s TCP_KEEPIDLE = 61; get s TCP_KEEPCNT != 0",
                           with_file("[sockopt]\nkeepidel = 1s\nkeepidle = 61s\nkeepcnt = many\n"));
  EXPECT_EQ(occurrences(with.error(), "sockopt.ini:2:1: unknown option"), 1) << with.error();
  EXPECT_EQ(occurrences(with.error(), "did you mean `keepidle`?"), 1) << with.error();
  EXPECT_EQ(occurrences(with.error(), "sockopt.ini:4:"), 1) << with.error();
}

TEST_F(FaultsTest, AreSaidOnceInAProcessTree) {
  const Environment environment = with_file("[sockopt]\nnonsense = 1\n");
  const Played with = play(
      "socket s inet; socket t inet; fork again; socket u inet; fork again; "
      "socket v inet",
      environment);
  EXPECT_EQ(occurrences(with.error(), "nonsense"), 1) << with.error();
}

TEST_F(FaultsTest, AreSaidByTheFirstChildThatHasASocket) {
  const Played with =
      play("socket u inet dgram; fork again; socket v inet; fork again; socket w inet",
           with_file("[sockopt]\nnonsense = 1\n"));
  EXPECT_EQ(occurrences(with.error(), "nonsense"), 1) << with.error();
}

TEST_F(FaultsTest, AreNotSaidInProgramsWithoutTcpSockets) {
  const Environment environment = with_file("[sockopt]\nnonsense = 1\n");
  EXPECT_EQ(play("socket u inet dgram; socket x unix; pipe p; socketpair q; bind u 127.0.0.1; "
                 "connect x unix:/no/such; accept a q; listen p 5",
                 environment)
                .error(),
            "");
  const Finished ls = run({.argv = {"ls", "/"}, .environment = environment});
  EXPECT_TRUE(ls.success());
  EXPECT_EQ(ls.error, "");
  EXPECT_EQ(ls.output, run({.argv = {"ls", "/"}}).output);
}

TEST_F(FaultsTest, ManyAreCounted) {
  std::string text = "[sockopt]\n";
  for (int i = 0; i < 100; ++i) text += "nonsense" + std::to_string(i) + " = 1\n";
  const Played with = play("socket s inet", with_file(text + "keepidle = 61s\n"));
  EXPECT_LE(occurrences(with.error(), "\n"), 20) << with.error();
  EXPECT_EQ(occurrences(with.error(), "84 more errors; `sockopt check` shows them all"), 1)
      << with.error();
}

TEST_F(FaultsTest, ChangesAfterStartHaveNoEffect) {
  const Environment environment = with_file("[sockopt]\nkeepidle = 61s\n");
  Command command = actor(
      {"touch " + (directory_ / "started").string(),
       "await-file " + (directory_ / "changed").string(), "socket s inet", "get s TCP_KEEPIDLE",
       "setenv SOCKOPT_KEEPIDLE 50s", "socket t inet", "get t TCP_KEEPIDLE"},
      environment);
  Process process(command);
  ASSERT_TRUE(eventually(kPatience, [&] {
    return std::filesystem::exists(directory_ / "started");
  })) << process.error();
  directory_.write("sockopt.ini", "[sockopt]\nkeepidle = 99s\n");
  directory_.write("changed", "");
  ASSERT_TRUE(process.wait());
  EXPECT_NE(process.output().find("get s TCP_KEEPIDLE = 61"), std::string::npos)
      << process.output();
  EXPECT_NE(process.output().find("get t TCP_KEEPIDLE = 61"), std::string::npos)
      << process.output();
}

TEST_F(FaultsTest, AMissingFileIsSaidWhereOneWasNamed) {
  const Played with =
      play("socket s inet", shim_environment({{"SOCKOPT_CONFIG", directory_ / "none.ini"}}));
  EXPECT_EQ(occurrences(with.error(), "none.ini: there is no such file"), 1) << with.error();
}

std::string repeated(int times, const std::string& text) {
  std::string repeated;
  for (int i = 0; i < times; ++i) repeated += text;
  return repeated;
}

std::string many_settings() {
  std::string text = "[sockopt]\n";
  for (int i = 0; i < 2000; ++i) text += "raw.1." + std::to_string(1000 + i) + " = 1\n";
  return text;
}

// Made by the test that uses it: the parameters of all are made in each process.
struct Content {
  const char* name;
  std::string (*text)();
};
void PrintTo(const Content& content, std::ostream* out) { *out << content.name; }

// Whatever the file holds, the program does what it does without it.
class AnyContent : public FaultsTest, public ::testing::WithParamInterface<Content> {};

TEST_P(AnyContent, LeavesTheProgramAlone) {
  const Script script = "listener l; client c l; accept a l; open-descriptors";
  EXPECT_EQ(play(script, with_file(GetParam().text())).lines, play_plainly(script).lines);
}

constexpr Content kContents[] = {
    {"empty", [] { return std::string(""); }},
    {"nul", [] { return std::string("[sockopt]\nkeepidle\0=1s\n", 24); }},
    {"binary", [] { return std::string(1000, '\xff'); }},
    {"one_line", [] { return std::string(900'000, 'a'); }},
    {"lines", [] { return repeated(300'000, "[\n"); }},
    {"percent", [] { return std::string("[sockopt]\n%s%n%s%n = %n%n\n"); }},
    {"no_newline", [] { return std::string("[sockopt]\nkeepidle = 61s"); }},
    {"crlf", [] { return std::string("[sockopt]\r\nkeepidle = 61s\r\n"); }},
    {"section_only", [] { return std::string("["); }},
    {"equals", [] { return std::string("="); }},
    {"many_settings", many_settings},
};
INSTANTIATE_TEST_SUITE_P(, AnyContent, ::testing::ValuesIn(kContents), by_name);

// Environment.

TEST(VariablesTest, AnUnknownOneIsReportedWithASuggestion) {
  const Played with = play_with({{"KEEPIDEL", "60s"}}, "socket s inet");
  EXPECT_EQ(occurrences(with.error(), "SOCKOPT_KEEPIDEL"), 1) << with.error();
  EXPECT_EQ(occurrences(with.error(), "did you mean `SOCKOPT_KEEPIDLE`?"), 1) << with.error();
}

TEST(VariablesTest, WhatKubernetesInjectsIsNot) {
  const Played with = play_with({{"PORT", "tcp://10.0.0.1:80"},
                                 {"PORT_80_TCP", "tcp://10.0.0.1:80"},
                                 {"PORT_80_TCP_ADDR", "10.0.0.1"},
                                 {"SERVICE_HOST", "10.0.0.1"},
                                 {"SERVICE_PORT", "80"},
                                 {"SERVICE_PORT_HTTP", "80"}},
                                "socket s inet");
  EXPECT_EQ(with.error(), "");
}

TEST(VariablesTest, AnEmptyOneIsUnset) {
  const Played with = play_with({{"KEEPIDLE", ""},
                                 {"NONSENSE", ""},
                                 {"CONFIG", ""},
                                 {"LOG", ""},
                                 {"DISABLE", ""},
                                 {"KEEPCNT", "5"}},
                                "socket s inet; get s TCP_KEEPCNT = 5; get s TCP_KEEPIDLE");
  EXPECT_EQ(with.error(), "");
}

TEST(VariablesTest, DisableDisables) {
  const Script script = "socket s inet; get s TCP_KEEPIDLE";
  const Played without = play_plainly(script);
  for (const char* value : {"1", "on", "yes", "true", "nonsense"}) {
    const Played with =
        play_with({{"DISABLE", value}, {"KEEPIDLE", "61s"}, {"NONSENSE", "1"}}, script);
    EXPECT_EQ(with.lines, without.lines) << value;
    EXPECT_EQ(with.error(), "") << value;
  }
  EXPECT_EQ(play_with({{"DISABLE", "0"}, {"KEEPIDLE", "61s"}}, script).number("get s TCP_KEEPIDLE"),
            61);
}

TEST(VariablesTest, ABadValueIsReportedAndPassedOver) {
  const Script script = "socket s inet; get s TCP_KEEPIDLE";
  const Played without = play_plainly(script);
  for (const char* value :
       {"abc", "60x", "-1", "99999999999999999999", "60s;", "0", "32768s", "yes", " "}) {
    const Played with = play_with({{"KEEPIDLE", value}}, script);
    EXPECT_EQ(with.lines, without.lines) << value;
    EXPECT_EQ(occurrences(with.error(), "SOCKOPT_KEEPIDLE="), 1) << value << ": " << with.error();
  }
}

TEST(VariablesTest, AreStrongerThanTheFile) {
  const TemporaryDirectory directory;
  const auto file = directory.write("sockopt.ini", "[sockopt]\nkeepidle = 99s\nkeepcnt = 5\n");
  play_with({{"CONFIG", file}, {"KEEPIDLE", "61s"}},
            "socket s inet; get s TCP_KEEPIDLE = 61; get s TCP_KEEPCNT = 5");
}

TEST(VariablesTest, AreReadOnceAtStart) {
  play_with({{"KEEPIDLE", "61s"}},
            "unsetenv SOCKOPT_KEEPIDLE; unsetenv LD_PRELOAD; socket s inet; "
            "get s TCP_KEEPIDLE = 61");
}

}  // namespace
}  // namespace sockopt::test
