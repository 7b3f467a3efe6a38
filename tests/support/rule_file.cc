// SPDX-License-Identifier: MIT
#include "tests/support/rule_file.h"

#include <gtest/gtest.h>

#include <regex>

#include "tests/support/strace.h"

namespace sockopt::test {
namespace {

std::string shortened(const std::string& line) {
  static const std::regex kSet(
      R"(setsockopt\(-?\d+, \w+, (\w+), (.*), \d+\) += (-?\d+)(?: (\w+).*)?)");
  static const std::regex kGet(R"(getsockopt\(-?\d+, \w+, (\w+),.*)");
  static const std::regex kListen(R"(listen\(\d+, (-?\d+)\).*)");
  std::smatch part;
  if (std::regex_match(line, part, kSet)) {
    return "set " + part[1].str() + " " + part[2].str() +
           (part[3] == "0" ? "" : " " + part[4].str());
  }
  if (std::regex_match(line, part, kGet)) return "get " + part[1].str();
  if (std::regex_match(line, part, kListen)) return "listen " + part[1].str();
  return line.substr(0, line.find('('));
}

NetworkCalls traced(const Command& command) {
  const TemporaryDirectory directory;
  const Finished finished =
      run(under_strace(command, directory / "trace", {"-e", "trace=%network"}));
  EXPECT_TRUE(finished.success()) << finished.output << finished.error;
  EXPECT_EQ(finished.error.find("sockopt["), std::string::npos) << finished.error;
  NetworkCalls calls;
  for (const std::string& call : between_marks(traced_calls(directory / "trace"))) {
    calls.push_back(shortened(call));
  }
  return calls;
}

}  // namespace

constinit RulePlayer rule_player = nullptr;

RuleFile::RuleFile(std::string_view text) { directory_.write("sockopt.ini", text); }

Environment RuleFile::environment(const Environment& variables) const {
  Environment all = sockopt::test::variables(variables);
  all["SOCKOPT_CONFIG"] = directory_ / "sockopt.ini";
  return all;
}

Played RuleFile::play(const Script& script, const Environment& variables, Where where) const {
  if (rule_player != nullptr) return rule_player(*this, script, variables, where);
  Played played = sockopt::test::play(script, environment(variables), where);
  EXPECT_EQ(played.error().find("sockopt["), std::string::npos) << played.error();
  return played;
}

NetworkCalls network_calls(const Script& script, const Environment& environment) {
  return traced(actor(script, environment));
}

NetworkCalls network_calls_of(const std::vector<std::string>& argv,
                              const Environment& environment) {
  return traced({.argv = argv, .environment = environment});
}

NetworkCalls only(const NetworkCalls& calls, std::string_view beginning) {
  NetworkCalls some;
  for (const std::string& call : calls) {
    if (call.starts_with(beginning)) some.push_back(call);
  }
  return some;
}

Script marked(const Script& before, const Script& during) {
  return before + Script("mark") + during + "mark";
}

}  // namespace sockopt::test
