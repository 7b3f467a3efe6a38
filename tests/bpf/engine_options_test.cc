// SPDX-License-Identifier: MIT
//
// Every row of the option table under the bpf engine, in the scripts that the library is tested
// with: what the table says that the engine sets arrives on listeners, accepted sockets and
// clients; what it says that the engine does not set is named when the policy is attached, and
// arrives on listeners by `sockopt watch`, where that is possible.
#include <gtest/gtest.h>

#include "tests/bpf/engine_host.h"
#include "tests/bpf/watching.h"
#include "tests/support/option_row.h"
#include "tests/support/script.h"
#include "tools/inspect/process_sockets.h"
#include "tools/sockopt/bpf/compile_policy.h"
#include "tools/sockopt/bpf/engine_outlook.h"

namespace sockopt::test {
namespace {

bool takes(const Option& option) {
  return kBpfHelper[static_cast<std::size_t>(&option - kOptions.data())].takes;
}

class EngineOption : public testing::TestWithParam<std::size_t> {
 protected:
  const Option& option() const { return kOptions[GetParam()]; }
  std::string key() const { return std::string(option().key.view()); }
  std::string policy() const {
    return "[sockopt]\n" + key() + " = " + distinct_value(option()) + "\n";
  }

  void SetUp() override {
    SOCKOPT_NEEDS_ENGINE();
    if (!kernel_knows(option())) GTEST_SKIP() << "this kernel does not know " << key();
    if (KernelVersion::parse(kBpfHelper[GetParam()].since) > KernelVersion::running()) {
      GTEST_SKIP() << "this kernel's bpf_setsockopt does not know " << key();
    }
  }

  KernelName read_name(bool ipv6) const {
    return option().read_name(ipv6 && option().ipv6.exists() ? option().ipv6 : option().ipv4);
  }

  // Each script makes a socket `s`.
  void expect_on(const TestCgroup& cgroup, const std::string& steps, bool ipv6) const {
    const std::string get = get_step("s", read_name(ipv6));
    const Script script = Script(steps) + Script{get};
    const Played played = play(cgroup.inside(actor(script, plain_environment())));
    EXPECT_TRUE(reads_as(option(), played.result(get), distinct_value(option())))
        << policy() << steps << ": " << played.result(get);
    EXPECT_EQ(played.error(), "");
  }
};

class SetOption : public EngineOption {};

TEST_P(SetOption, Arrives) {
  const TestCgroup cgroup;
  cgroup.attach_quietly(policy());
  for (const bool ipv6 : {false, true}) {
    if (!ipv6 && !option().ipv4.exists()) continue;
    const std::string family = ipv6 ? "inet6" : "inet";
    const std::string loopback = ipv6 ? "::1" : "127.0.0.1";
    expect_on(cgroup, "socket s " + family + "; bind s " + loopback + "; listen s 5", ipv6);
    expect_on(cgroup, "socket s " + family + "; listen s 5", ipv6);
    expect_on(cgroup, "listener l " + family + "; client c l; accept s l", ipv6);
    expect_on(cgroup, "listener l " + family + "; socket s " + family + "; connect s l", ipv6);
  }
}

INSTANTIATE_TEST_SUITE_P(, SetOption, testing::ValuesIn(socket_option_rows(takes)), by_key);

bool is_left_to_watch(const Option& option) {
  return !takes(option) && other_way(option, Side::kListen) == OtherWay::kWatch;
}
bool is_left_to_library(const Option& option) {
  return !takes(option) && other_way(option, Side::kListen) == OtherWay::kLibrary;
}
bool is_left_on_connections(const Option& option) {
  return !takes(option) && other_way(option, Side::kConnect) == OtherWay::kWatch;
}

class OptionLeftToWatch : public EngineOption {};

TEST_P(OptionLeftToWatch, ArrivesOnListeners) {
  const TestCgroup cgroup;
  const Finished attached = cgroup.attach(policy());
  EXPECT_EQ(status(attached), 0);
  EXPECT_TRUE(contains(attached.error, "not set by the bpf engine: " + key() + "; sockopt watch "));
  Process keeper(cgroup.inside({.argv = {program("keeper_static")}}));
  ASSERT_TRUE(eventually(kPatience, [&] { return keeper.output().starts_with("port "); }));
  const Finished watched = sockopt({"watch", "--once"});
  EXPECT_EQ(status(watched), 0) << watched.error;
  const bool is_held = option().read_back == ReadBack::kTransient;  // as the kernel begins
  EXPECT_EQ(count(watched.output, "LISTEN"), is_held ? 0 : 1) << watched.output;
  for (const SocketSnapshot& socket : list_sockets(keeper.pid()).sockets) {
    if (!socket.facts.listening || option().read_back == ReadBack::kNever) continue;
    const OptionReading& held = socket.options[GetParam()];
    EXPECT_TRUE(held && reads_as(option(), held.value, distinct_value(option()))) << policy();
  }
}

INSTANTIATE_TEST_SUITE_P(, OptionLeftToWatch,
                         testing::ValuesIn(socket_option_rows(is_left_to_watch)), by_key);

class OptionLeftOnConnections : public EngineOption {};

TEST_P(OptionLeftOnConnections, ArrivesOnClients) {
  const TestCgroup cgroup;
  ASSERT_EQ(status(cgroup.attach("[rule peers]\nconnect = 127.0.0.1\n" + key() + " = " +
                                 distinct_value(option()) + "\n")),
            0);
  const Watching watch;
  Process keeper(cgroup.inside({.argv = {program("keeper_static")}}));
  ASSERT_TRUE(eventually(kPatience, [&] { return keeper.output().starts_with("port "); }));
  const auto port = static_cast<std::uint16_t>(std::stoi(keeper.output().substr(5)));
  if (option().read_back == ReadBack::kNever || option().read_back == ReadBack::kTransient) return;
  const auto is_set = [&](const SocketSnapshot& socket) {
    const OptionReading& held = socket.options[GetParam()];
    return held && reads_as(option(), held.value, distinct_value(option()));
  };
  EXPECT_TRUE(eventually(kPatience, [&] {
    int clients = 0;
    for (const SocketSnapshot& socket : list_sockets(keeper.pid()).sockets) {
      const bool is_client = socket.facts.peer.port == port;
      clients += is_client && is_set(socket);
      EXPECT_TRUE(is_client || !is_set(socket)) << "the rule is for peers";
    }
    return clients == 1;
  })) << policy();
}

INSTANTIATE_TEST_SUITE_P(, OptionLeftOnConnections,
                         testing::ValuesIn(socket_option_rows(is_left_on_connections)), by_key);

class OptionLeftToLibrary : public EngineOption {};

TEST_P(OptionLeftToLibrary, IsNamed) {
  const TestCgroup cgroup;
  const Finished attached = cgroup.attach(policy());
  EXPECT_EQ(status(attached), 1);
  EXPECT_TRUE(
      contains(attached.error, "not set by the bpf engine: " + key() + "; only the library"));
  EXPECT_TRUE(contains(attached.error, "nothing was attached"));
}

INSTANTIATE_TEST_SUITE_P(, OptionLeftToLibrary,
                         testing::ValuesIn(socket_option_rows(is_left_to_library)), by_key);

TEST(EngineOptions, PriorityIsSetLast) {
  SOCKOPT_NEEDS_ENGINE();
  const TestCgroup cgroup;
  cgroup.attach_quietly("[sockopt]\npriority = 3\ntos = af21\n");
  play(
      cgroup.inside(actor("listener l; client c l; accept a l; get l SO_PRIORITY = 3; "
                          "get a SO_PRIORITY = 3; get c SO_PRIORITY = 3; get a IP_TOS = 72",
                          plain_environment())));
}

TEST(EngineOptions, UdpAndUnixSocketsAreLeftAlone) {
  SOCKOPT_NEEDS_ENGINE();
  const TestCgroup cgroup;
  cgroup.attach_quietly("[sockopt]\nkeepalive = on\nrcvbuf = 20000\nenforce = yes\n");
  play(
      cgroup.inside(actor("socket u inet dgram; bind u 127.0.0.1; get u SO_KEEPALIVE = 0; "
                          "set u SO_RCVBUF 30000; get u SO_RCVBUF = 60000",
                          plain_environment())));
}

}  // namespace
}  // namespace sockopt::test
