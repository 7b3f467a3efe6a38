// SPDX-License-Identifier: MIT
//
// What the options are for, seen with and without: a REQ client that a lost reply stops for good,
// and a peer that vanishes without a word.
#include "tests/support/network_host.h"
#include "tests/support/sockopt_command.h"
#include "tests/zmq/zmq_library.h"

namespace sockopt::test {
namespace {

Finished requests(const Environment& variables) {
  return run({.argv = {kSystemPython, zmq_script("requests.py")},
              .environment = zmq_environment(variables)},
             Milliseconds{100'000});
}

TEST(ZmqCured, AReqClientGoesOnAfterALostReply) {
  SOCKOPT_NEEDS_PYZMQ();
  EXPECT_EQ(requests({}).output,
            "0 no reply\n1 not sent: EFSM\n2 not sent: EFSM\n3 not sent: EFSM\n"
            "4 not sent: EFSM\n5 not sent: EFSM\n");
  const Finished both =
      requests({{"SOCKOPT_ZMQ_REQ_RELAXED", "on"}, {"SOCKOPT_ZMQ_REQ_CORRELATE", "on"}});
  EXPECT_EQ(both.output, "0 no reply\n1 reply 1\n2 no reply\n3 reply 3\n4 reply 4\n5 reply 5\n")
      << both.error;
}

// Without req_correlate a late reply is taken for one to the request after it.
TEST(ZmqCured, RepliesAreMatchedByCorrelation) {
  SOCKOPT_NEEDS_PYZMQ();
  EXPECT_TRUE(contains(requests({{"SOCKOPT_ZMQ_REQ_RELAXED", "on"}}).output, "3 reply 2\n"));
}

// The end that stays, in its host.
class Staying {
 public:
  Staying(const NetworkHost& here, const NetworkHost& peer, const Environment& environment)
      : process_(
            {.argv = here.there({kSystemPython, zmq_script("monitored.py"), "bind", "192.0.2.1"}),
             .environment = environment}) {
    EXPECT_TRUE(eventually(kPatience, [&] { return process_.output().ends_with("\n"); }))
        << process_.error();
    std::string port = process_.output().substr(std::string("port ").size());
    port.pop_back();
    leaving_.emplace(Command{.argv = peer.there({kSystemPython, zmq_script("monitored.py"),
                                                 "connect", "192.0.2.1", port})});
  }

  bool is_connected() const { return count(process_.output(), "connected\n") == 1; }
  bool has_noticed() const { return count(process_.output(), "gone\n") == 1; }
  std::string error() const { return process_.error(); }

 private:
  Process process_;
  std::optional<Process> leaving_;
};

TEST(ZmqCured, APeerThatVanishesIsNoticedWithinTheHeartbeat) {
  SOCKOPT_NEEDS_PYZMQ();
  SOCKOPT_NEEDS_ROOT("to make network namespaces");
  const NetworkHost here;
  const NetworkHost peer;
  SOCKOPT_NEEDS_LINK(here, peer);
  const Staying with(here, peer,
                     zmq_environment({{"SOCKOPT_ZMQ_HEARTBEAT_IVL", "500ms"},
                                      {"SOCKOPT_ZMQ_HEARTBEAT_TIMEOUT", "1s"}}));
  const Staying without(here, peer, zmq_environment());
  ASSERT_TRUE(eventually(kPatience, [&] { return with.is_connected() && without.is_connected(); }))
      << with.error() << without.error();
  EXPECT_FALSE(with.has_noticed());
  ASSERT_TRUE(peer.vanish());
  EXPECT_TRUE(eventually(kPatience, [&] { return with.has_noticed(); })) << with.error();
  EXPECT_FALSE(without.has_noticed()) << "it has no way to know";
}

}  // namespace
}  // namespace sockopt::test
