// SPDX-License-Identifier: MIT
//
// What accept costs more on a prepared listener, with every option set that there is to inherit,
// and under rules: no system call, and a few instructions.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "tests/bounds/shim_file.h"
#include "tests/bounds/stretches.h"
#include "tests/support/paths.h"
#include "tests/support/process.h"
#include "tests/support/requirements.h"
#include "tests/support/strace.h"
#include "tests/support/tcp_client.h"

namespace sockopt::test {
namespace {

constexpr int kConnections = 100;
constexpr long kMostAcceptInstructions = 100;

using Counts = std::map<std::string, int>;

// The system calls of a server between the line on its standard input and its end, meanwhile
// accepting the connections in its queue.
Counts drain(const Environment& environment) {
  const TemporaryDirectory directory;
  const std::string number = std::to_string(kConnections);
  Command command = under_strace(
      {.argv = {build_directory() / "demo_server", "--backlog", number, "--drain", number},
       .environment = environment},
      directory / "trace");
  int input[2];
  EXPECT_EQ(pipe2(input, O_CLOEXEC), 0);
  command.descriptors[STDIN_FILENO] = input[0];
  Process server(command);
  close(input[0]);
  const auto ready = [&] { return server.output().find("\"ready\"") != std::string::npos; };
  EXPECT_TRUE(eventually(kPatience, ready)) << server.error();
  const std::string output = server.output();
  const bool shimmed = environment.contains("LD_PRELOAD");
  EXPECT_EQ(output.find("\"keepidle\":60,") != std::string::npos, shimmed) << output;
  const std::string port_text = output.substr(output.find("\"port\":") + 7);
  const auto port = static_cast<std::uint16_t>(std::stoi(port_text));
  std::vector<TcpClient> clients;
  for (int i = 0; i < kConnections; ++i) clients.emplace_back("127.0.0.1", port);
  EXPECT_EQ(write(input[1], "\n", 1), 1);
  close(input[1]);
  EXPECT_TRUE(server.wait()) << "strace ends with what it traces";
  EXPECT_NE(server.output().find("{\"accepted\":" + number), std::string::npos) << server.error();

  Counts counts;
  bool counting = false;
  for (const std::string& line : traced_calls(directory / "trace")) {
    const auto open = line.find('(');
    if (counting && open != std::string::npos) ++counts[line.substr(0, open)];
    counting = counting || line.starts_with("read(0, \"\\n\"");
  }
  return counts;
}

TEST(AcceptCost, NoSystemCall) {
  SOCKOPT_NEEDS_STRACE();
  const ShimFile shim(every_inherited_option());
  const Counts without = drain(plain_environment());
  ASSERT_EQ(without.at("accept4"), kConnections);
  EXPECT_EQ(drain(shim.environment()), without);
}

// A stretch of victims/stretches.c, and how many rules there are.
struct Accepting {
  const char* stretch;
  int rules;
};
void PrintTo(const Accepting& accepting, std::ostream* stream) {
  *stream << accepting.stretch << ", " << accepting.rules << " rules";
}

class AcceptCostOf : public testing::TestWithParam<Accepting> {
 protected:
  const ShimFile shim_{every_inherited_option() + rules_about_others(GetParam().rules)};
};

TEST_P(AcceptCostOf, NoSystemCall) {
  SOCKOPT_NEEDS_STRACE();
  const auto without = calls_of(GetParam().stretch, plain_environment());
  ASSERT_EQ(without.size(), 1U);
  EXPECT_EQ(calls_of(GetParam().stretch, shim_.environment()), without);
}

TEST_P(AcceptCostOf, FewInstructions) {
  const auto without = instructions_of(GetParam().stretch, plain_environment());
  const auto with = instructions_of(GetParam().stretch, shim_.environment());
  if (!without || !with) GTEST_SKIP() << kSkipsWithoutTracing;
  std::cout << "accept4 takes " << *with - *without << " instructions more (without: " << *without
            << ")\n";
  EXPECT_GT(*with, *without) << "the library was not there";
  EXPECT_LT(*with - *without, kMostAcceptInstructions);
}

INSTANTIATE_TEST_SUITE_P(, AcceptCostOf,
                         testing::Values(Accepting{"accepts", 0},
                                         Accepting{"accepts to the heap", 0},
                                         Accepting{"accepts", 200}, Accepting{"accepts6", 0},
                                         Accepting{"accepts6", 200}),
                         [](const auto& tested) {
                           std::string name = tested.param.stretch;
                           std::replace(name.begin(), name.end(), ' ', '_');
                           return name + "_" + std::to_string(tested.param.rules) + "_rules";
                         });

// Where a rule for an address is enforced, accept remembers which listener a connection came from.
class EnforcedAcceptCost : public testing::TestWithParam<const char*> {};

TEST_P(EnforcedAcceptCost, NoSystemCall) {
  SOCKOPT_NEEDS_STRACE();
  const ShimFile shim("[rule servers]\nlisten = 127.0.0.1\nenforce = yes\nkeepidle = 60s\n");
  const auto without = calls_of(GetParam(), plain_environment());
  ASSERT_EQ(without.size(), 1U);
  EXPECT_EQ(calls_of(GetParam(), shim.environment()), without);
}

INSTANTIATE_TEST_SUITE_P(, EnforcedAcceptCost, testing::Values("accepts", "accepts to the heap"),
                         [](const auto& stretch) {
                           std::string name = stretch.param;
                           std::replace(name.begin(), name.end(), ' ', '_');
                           return name;
                         });

}  // namespace
}  // namespace sockopt::test
