// SPDX-License-Identifier: MIT
//
// Variables are typed by hand, set by scripts and injected by container platforms: each of ours is
// read as strictly as a line of the file, and those that only look like ours are left alone.
#include "shim/config/environment.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "shim/options/table.h"
#include "tests/support/configuration.h"

namespace sockopt::test {
namespace {

std::string read(const std::vector<std::string>& variables) {
  return Configuration("", variables).rendered();
}

std::string variable_of(const Option& option) {
  TextOf<100> name;
  variable_name(option, name);
  return std::string(name.view());
}

TEST(Environment, HasAVariableForEveryOption) {
  for (const Row& row : kRows) {
    const std::string name = variable_of(row.option);
    const Configuration read("", {name + "=" + std::string(row.manual.example)});
    EXPECT_TRUE(read.faults().empty()) << read.rendered();
    ASSERT_EQ(read.policy().end() - read.policy().begin(), 1) << name;
    EXPECT_EQ(kOptions[read.policy().begin()->option].key.view(), row.option.key.view());
    const Rule& rule = read.policy().rule_of(*read.policy().begin());
    EXPECT_EQ(rule.kind, Rule::Kind::kVariables);
  }
}

TEST(Environment, EveryOptionsVariableIsCheckedAsTheFileIs) {
  for (const Row& row : kRows) {
    const std::string name = variable_of(row.option);
    const Configuration read("", {name + "=\x02"
                                         "bad"});
    EXPECT_TRUE(read.policy().empty()) << name;
    EXPECT_EQ(read.fault().find("environment: " + name + "=\\x02bad: "), 0U) << read.fault();
  }
}

// `sockopt run` says which variables stand for its -o. One that was set anew behind it is its own.
TEST(Environment, KnowsWhatWasGivenToRun) {
  const auto lines = [](const std::vector<std::string>& variables) {
    const Configuration read("", variables);
    EXPECT_TRUE(read.faults().empty()) << read.rendered();
    std::vector<std::uint32_t> all;
    for (const Setting& setting : read.policy()) all.push_back(setting.line);
    return all;
  };
  using Lines = std::vector<std::uint32_t>;
  const std::string given = "SOCKOPT_GIVEN= KEEPIDLE=60s NODELAY=on";
  EXPECT_EQ(lines({"SOCKOPT_KEEPIDLE=60s", "SOCKOPT_NODELAY=on"}), (Lines{0, 0}));
  EXPECT_EQ(lines({given, "SOCKOPT_KEEPIDLE=60s", "SOCKOPT_NODELAY=on"}),
            (Lines{kOnCommandLine, kOnCommandLine}));
  EXPECT_EQ(lines({"SOCKOPT_KEEPIDLE=6", given}), Lines{0}) << "another value";
  EXPECT_EQ(lines({"SOCKOPT_KEEPIDLE=60", given}), Lines{0}) << "the beginning of one";
  EXPECT_EQ(lines({"SOCKOPT_KEEPIDLE=60s", "SOCKOPT_GIVEN=KEEPIDLE=60s"}), Lines{0});
  EXPECT_EQ(lines({"SOCKOPT_KEEPIDLE=60s", "SOCKOPT_GIVEN= XKEEPIDLE=60s KEEPIDLE=60sx"}),
            Lines{0});
  const Lines preset = lines({"SOCKOPT_PRESET=balanced", "SOCKOPT_GIVEN= PRESET=balanced"});
  EXPECT_EQ(preset, Lines(preset.size(), kOnCommandLine));
  EXPECT_FALSE(preset.empty());
}

// As exec(2) puts it into memory: what is read of it is the same.
TEST(Environment, MayBeATextInsteadOfAnArray) {
  constexpr std::string_view kText(
      "LANG=C\0SOCKOPT_KEEPIDLE=61s\0\0SOCKOPT_LOG\0SOCKOPT_CONFIG=/a=b\0CUT=o", 66);
  const EnvironmentView view(kText.data(), kText.data() + kText.size());
  EXPECT_EQ(get_variable(view, "SOCKOPT_KEEPIDLE"), "61s");
  EXPECT_EQ(get_variable(view, "SOCKOPT_CONFIG"), "/a=b");
  EXPECT_EQ(get_variable(view, "SOCKOPT_LOG"), "") << "without `=`";
  EXPECT_EQ(get_variable(view, "SOCKOPT"), "");
  EXPECT_EQ(get_variable(view, "CUT"), "") << "its end is not there";
  EXPECT_TRUE(static_cast<bool>(view));
  EXPECT_FALSE(static_cast<bool>(EnvironmentView()));
  EXPECT_FALSE(static_cast<bool>(EnvironmentView(kText.data() + 64, kText.data() + 66)));
}

TEST(Environment, AnErrorNamesTheRange) {
  EXPECT_EQ(read({"SOCKOPT_KEEPIDLE=99999"}),
            "environment: SOCKOPT_KEEPIDLE=99999: takes 1s..32767s\n");
  EXPECT_EQ(read({"SOCKOPT_USER_TIMEOUT=30"}),
            "environment: SOCKOPT_USER_TIMEOUT=30: needs a unit: 30s or 30ms\n");
  EXPECT_EQ(read({"SOCKOPT_KEEPALIVE= on"}), "environment: SOCKOPT_KEEPALIVE= on: takes on|off\n");
}

TEST(Environment, AnEmptyVariableIsUnset) {
  EXPECT_EQ(read({"SOCKOPT_KEEPIDLE=", "SOCKOPT_LOG=", "SOCKOPT_NONSENSE=", "SOCKOPT_RAW_6_200="}),
            "");
}

TEST(Environment, AnEntryWithoutValueIsUnset) {
  EXPECT_EQ(read({"SOCKOPT_KEEPIDLE", "SOCKOPT_", "SOCKOPT", "", "=", "=x"}), "");
}

TEST(Environment, UnknownVariablesAreReportedWithTheNearestName) {
  EXPECT_EQ(read({"SOCKOPT_KEEPIDEL=60"}),
            "environment: unknown variable `SOCKOPT_KEEPIDEL`; did you mean `SOCKOPT_KEEPIDLE`?\n");
  EXPECT_EQ(read({"SOCKOPT_TCP_KEEPALIVE_TIME=60"}),
            "environment: unknown variable `SOCKOPT_TCP_KEEPALIVE_TIME`; did you mean "
            "`SOCKOPT_KEEPIDLE`?\n");
  EXPECT_EQ(read({"SOCKOPT_DISABEL=1"}),
            "environment: unknown variable `SOCKOPT_DISABEL`; did you mean `SOCKOPT_DISABLE`?\n");
  EXPECT_EQ(read({"SOCKOPT_CONFIGS=/x"}),
            "environment: unknown variable `SOCKOPT_CONFIGS`; did you mean `SOCKOPT_CONFIG`?\n");
  EXPECT_EQ(read({"SOCKOPT_WORKER_PROCESSES=4"}),
            "environment: unknown variable `SOCKOPT_WORKER_PROCESSES`\n");
}

TEST(Environment, OneSpellingUpperCase) {
  EXPECT_EQ(read({"SOCKOPT_keepidle=60"}),
            "environment: unknown variable `SOCKOPT_keepidle`; did you mean `SOCKOPT_KEEPIDLE`?\n");
  EXPECT_EQ(read({"SOCKOPT_KeepIdle=60"}),
            "environment: unknown variable `SOCKOPT_KeepIdle`; did you mean `SOCKOPT_KEEPIDLE`?\n");
  EXPECT_EQ(read({"sockopt_keepidle=60", "Sockopt_KEEPIDLE=60", "XSOCKOPT_KEEPIDLE=60",
                  "LIBSOCKOPT_KEEPIDLE=60", "SOCKOPTKEEPIDLE=60"}),
            "");
}

TEST(Environment, WhatKubernetesInjectsIsNoneOfOurs) {
  EXPECT_EQ(read({"SOCKOPT_PORT=tcp://10.0.0.1:80", "SOCKOPT_PORT_80_TCP=tcp://10.0.0.1:80",
                  "SOCKOPT_PORT_80_TCP_ADDR=10.0.0.1", "SOCKOPT_PORT_80_TCP_PORT=80",
                  "SOCKOPT_PORT_80_TCP_PROTO=tcp", "SOCKOPT_SERVICE_HOST=10.0.0.1",
                  "SOCKOPT_SERVICE_PORT=80", "SOCKOPT_SERVICE_PORT_HTTP=80"}),
            "");
  EXPECT_NE(read({"SOCKOPT_PORTS=1"}), "") << "only what Kubernetes injects";
}

TEST(Environment, RawOptions) {
  EXPECT_EQ(read({"SOCKOPT_RAW_6_200=5"}), "= raw.6.200 5 (SOCKOPT_RAW_6_200)\n");
  EXPECT_EQ(read({"SOCKOPT_RAW_0X6_0XC8=hex:0102"}), "= raw.6.200 hex:0102 (SOCKOPT_RAW_6_200)\n");
  for (const auto* name :
       {"SOCKOPT_RAW_", "SOCKOPT_RAW_6", "SOCKOPT_RAW_6_X", "SOCKOPT_RAW_6_-1"}) {
    EXPECT_NE(read({std::string(name) + "=1"}).find("is not raw.LEVEL.NAME"), std::string::npos)
        << read({std::string(name) + "=1"});
  }
  EXPECT_EQ(read({"SOCKOPT_RAW_6_200=x"}).find("environment: SOCKOPT_RAW_6_200=x: takes "), 0U);
  for (const auto* name : {"SOCKOPT_RAW_6.200", "SOCKOPT_RAW.6.200"}) {
    EXPECT_EQ(read({std::string(name) + "=1"}),
              "environment: unknown variable `" + std::string(name) + "`\n");
  }
}

TEST(Environment, TheLogLevel) {
  EXPECT_EQ(read({"SOCKOPT_LOG=debug"}), "= log debug\n");
  EXPECT_EQ(read({"SOCKOPT_LOG=OFF"}), "= log off\n");
  EXPECT_EQ(read({"SOCKOPT_LOG=verbose"}),
            "environment: SOCKOPT_LOG=verbose: takes off|error|warn|info|debug\n");
}

TEST(Environment, Enforcement) {
  EXPECT_EQ(read({"SOCKOPT_ENFORCE=1", "SOCKOPT_NODELAY=on"}),
            "  enforces\n= nodelay on (SOCKOPT_NODELAY)\n");
  EXPECT_EQ(read({"SOCKOPT_ENFORCE=no", "SOCKOPT_NODELAY=on"}), "= nodelay on (SOCKOPT_NODELAY)\n");
  EXPECT_EQ(read({"SOCKOPT_ENFORCE=maybe"}), "environment: SOCKOPT_ENFORCE=maybe: takes on|off\n");
}

TEST(Environment, ItsOwnOtherVariablesAreNoOptions) {
  EXPECT_EQ(read({"SOCKOPT_DISABLE=0", "SOCKOPT_CONFIG=/etc/x.ini"}), "");
}

TEST(Environment, NamesAndValuesOfAnyLengthAreCutAndEscaped) {
  const std::string long_name = "SOCKOPT_" + std::string(100000, 'X');
  const std::string long_value(100000, '\x1b');
  for (const std::string& line :
       {read({long_name + "=1"}), read({"SOCKOPT_KEEPIDLE=" + long_value}),
        read({"SOCKOPT_RAW_" + std::string(1000, '6') + "=1"}), read({"SOCKOPT_\x1b\n=1"}),
        read({"SOCKOPT_LOG=" + long_value})}) {
    EXPECT_LT(line.size(), 500U);
    EXPECT_EQ(line.find("environment: "), 0U) << line;
    for (const char c : line.substr(0, line.size() - 1)) EXPECT_TRUE(c >= 0x20 && c < 0x7f) << line;
  }
}

TEST(Environment, OneBadVariableLeavesTheOthers) {
  EXPECT_EQ(read({"SOCKOPT_KEEPIDLE=x", "SOCKOPT_NODELAY=on", "SOCKOPT_FOOBAR_BAZ=1"}),
            "environment: SOCKOPT_KEEPIDLE=x: takes 1s..32767s\n"
            "environment: unknown variable `SOCKOPT_FOOBAR_BAZ`\n"
            "= nodelay on (SOCKOPT_NODELAY)\n");
}

TEST(Environment, ThereMayBeNone) {
  const auto policy = std::make_unique<Policy>();
  FaultList faults;
  read_environment(nullptr, *policy, faults.sink());
  EXPECT_TRUE(policy->empty());
  EXPECT_EQ(get_variable(nullptr, "SOCKOPT_CONFIG"), "");
  EXPECT_FALSE(is_disabled(nullptr, faults.sink()));
  EXPECT_TRUE(faults.empty());
}

TEST(GetVariable, FindsTheWholeNameOnly) {
  const Variables variables({"SOCKOPT_CONFIGS=1", "XSOCKOPT_CONFIG=2", "SOCKOPT_CONFIG",
                             "SOCKOPT_CONFIG=a=b", "SOCKOPT_CONFIG=later"});
  EXPECT_EQ(get_variable(variables.get(), "SOCKOPT_CONFIG"), "a=b");
  EXPECT_EQ(get_variable(variables.get(), "SOCKOPT_CONFI"), "");
  EXPECT_EQ(get_variable(variables.get(), "SOCKOPT_LOG"), "");
}

TEST(IsDisabled, ByAnythingButNo) {
  const auto disabled = [](const std::string& value, FaultList& faults) {
    return is_disabled(Variables({"SOCKOPT_DISABLE=" + value}).get(), faults.sink());
  };
  FaultList faults;
  for (const auto* value : {"1", "yes", "on", "true", "TRUE"}) EXPECT_TRUE(disabled(value, faults));
  for (const auto* value : {"0", "no", "off", "false", ""}) EXPECT_FALSE(disabled(value, faults));
  EXPECT_TRUE(faults.empty());
  for (const auto* value : {"2", "please", "default", "\x1b", " "}) {
    EXPECT_TRUE(disabled(value, faults)) << value;
  }
  ASSERT_EQ(faults.lines().size(), 5U);
  EXPECT_EQ(faults.lines()[1],
            "environment: SOCKOPT_DISABLE=please: takes on|off; the library is disabled");
}

}  // namespace
}  // namespace sockopt::test
