// SPDX-License-Identifier: MIT
//
// Every row of the option table: put onto a listener and a connection of a running server, it is
// there, and the command that undoes it leaves them as they were. What it cannot bring back it
// says.
#include <gtest/gtest.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "tests/support/option_row.h"
#include "tests/support/servers/demo_server.h"

namespace sockopt::test {
namespace {

class EveryOption : public testing::TestWithParam<const char*> {
 protected:
  // What of a row can be changed at all on sockets of this family that listen or are connected.
  static bool is_changeable(const Option& option) {
    const bool ipv6_only = option.ipv6.exists() && !option.ipv4.exists();
    return (!ipv6_only || std::string_view(GetParam()) == "6") &&
           option.bind_order != BindOrder::kOnlyBefore &&
           option.inheritance != Inheritance::kClient && option.read_back != ReadBack::kTransient &&
           option.read_back != ReadBack::kNever;
  }

  // What stands for "not set" there cannot be set.
  static bool has_no_way_back(const std::string& key) { return key == "window_clamp"; }

  static bool may_set(const Option& option) {
    return option.privilege == Privilege::kNone || geteuid() == 0;
  }
};

TEST_P(EveryOption, IsPutThereAndTakenBack) {
  int changed = 0;
  for (const Option& option : kOptions) {
    const bool backlog = option.kind == Kind::kBacklog;
    if (!is_changeable(option) || !may_set(option)) continue;
    if (!backlog && !kernel_knows(option)) continue;
    const std::string key(option.key.view());
    SCOPED_TRACE(key);
    const DemoServer server({"--family", GetParam(), "--backlog", "5"});
    TcpClient client = server.connect();
    EXPECT_FALSE(DemoServer::options(client).empty());
    const std::string before = held(server.sockets());

    const std::string value = backlog ? "50" : distinct_value(option);
    // Loopback's segments are larger than any bound, and agreed on.
    const bool too_late = option.read_back == ReadBack::kMss;
    const Finished applied = apply(
        {"--no-file", "--established", "-o", key + '=' + value, server.word()}, too_late ? 1 : 0);
    for (const SocketSnapshot& socket : server.sockets()) {
      const bool concerned =
          socket.facts.listening || (option.inheritance != Inheritance::kListener &&
                                     option.bind_order != BindOrder::kNotConnected && !too_late);
      if (!concerned) continue;
      ASSERT_TRUE(socket.option(key)) << socket.facts.local.text();
      EXPECT_TRUE(backlog ? socket.facts.queue_limit == 50u
                          : reads_as(option, socket.option(key).value, value))
          << socket.facts.local.text() << ' ' << socket.text(key);
      ++changed;
    }
    const std::string after = held(server.sockets());
    const bool lasts = count(applied.output, "Not undone by this: " + key + " stays") != 0;
    EXPECT_EQ(lasts, has_no_way_back(key)) << applied.output;
    if (lasts) continue;
    const std::string undone = undo(applied.output);
    EXPECT_EQ(held(server.sockets()), before);
    // An undo is an apply, with an undo of its own; and so on.
    const std::string done_again = undo(undone);
    EXPECT_EQ(held(server.sockets()), after);
    undo(done_again);
    EXPECT_EQ(held(server.sockets()), before);
  }
  EXPECT_GT(changed, 30);
}

INSTANTIATE_TEST_SUITE_P(Families, EveryOption, testing::Values("4", "6"),
                         [](const auto& family) { return std::string("IPv") + family.param; });

}  // namespace
}  // namespace sockopt::test
