// SPDX-License-Identifier: MIT
//
// A socket that only has the number of a governed one: that was closed, and another was put onto
// its number by dup2, or came from another process over a UNIX socket. What is remembered of the
// number is neither enforced on it nor put onto it.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cstring>
#include <tuple>

#include "tests/support/listener.h"
#include "tests/support/rule_file.h"
#include "tests/support/tcp_client.h"

namespace sockopt::test {
namespace {

// Nothing here is for every socket: what no rule matches is the program's.
constexpr std::string_view kRules = R"([rule web]
listen = 127.1.1.1
enforce = yes
keepalive = on
keepidle = 10s

[rule peer]
connect = 127.1.1.2
enforce = yes
keepalive = on
keepidle = 20s
)";

struct Governed {
  const char* name;
  int number;  ///< of `g`, as sockets are numbered from 3 on
  int idle;
  Script script;
};

const Governed kGoverned[] = {
    {"Listener", 3, 10, "socket g inet; bind g 127.1.1.1; listen g 5"},
    {"Accepted", 5, 10, "socket l inet; bind l 127.1.1.1; listen l 5; client c l; accept g l"},
    {"Client", 4, 20, "socket p inet; bind p 127.1.1.2; listen p 5; socket g inet; connect g p"},
    // The queue is full: nothing answers.
    {"Connecting", 5, 20,
     "socket p inet; bind p 127.1.1.2; listen p 0; clients p 1; await-queue p 1; "
     "socket g inet stream|nonblock; connect g p"},
};

void PrintTo(const Governed& row, std::ostream* out) { *out << row.name; }

const Script kUngoverned = "socket o inet; bind o 127.1.1.3; listen o 5";
// Each makes `x`.
const NamedScript kOthers[] = {
    {"Datagrams", "socket x inet dgram"},
    {"UnixStream", "socketpair x"},
    {"UnixSocket", "socket x unix"},
    {"UngovernedListener", kUngoverned + "dup o x"},
    {"AcceptedElsewhere", kUngoverned + "client d o; accept x o"},
    {"ClientOfAnother", kUngoverned + "socket x inet; connect x o"},
    {"ClientUnseen", kUngoverned + "client x o"},
    {"FreshTcp", "socket x inet"},
};

class TakenNumber : public ::testing::TestWithParam<std::tuple<Governed, NamedScript>> {
 protected:
  const Governed& governed() const { return std::get<0>(GetParam()); }
  const NamedScript& other() const { return std::get<1>(GetParam()); }
};

TEST_P(TakenNumber, IsNotGovernedByIt) {
  const std::string number = std::to_string(governed().number);
  const Played played = RuleFile(kRules).play(
      governed().script + Script("set g TCP_KEEPIDLE 9; get g TCP_KEEPIDLE") + other().script +
      Script{"dup2 x " + number, "set x SO_KEEPALIVE 0", "get x SO_KEEPALIVE = 0",
             "set x TCP_KEEPIDLE 7", "get x TCP_KEEPIDLE"});
  EXPECT_EQ(played.number("get g TCP_KEEPIDLE"), governed().idle) << "enforced until then";
  EXPECT_EQ(played.result("dup2 x " + number), number);
  if (played.result("set x TCP_KEEPIDLE 7") == "0") {
    EXPECT_EQ(played.number("get x TCP_KEEPIDLE"), 7);
  }
}

INSTANTIATE_TEST_SUITE_P(
    , TakenNumber, ::testing::Combine(::testing::ValuesIn(kGoverned), ::testing::ValuesIn(kOthers)),
    [](const auto& row) {
      return std::string(std::get<0>(row.param).name) + "By" + std::get<1>(row.param).name;
    });

// A socket that takes part in nothing must not be given anything either: connect on a datagram
// socket that has a TCP socket's number.
TEST(TakenNumbers, NothingIsPutOntoASocketOfAnotherKind) {
  const RuleFile rules(
      "[sockopt]\npriority = 4\n[rule names]\nconnect = 127.0.0.1\ntos = 0x10\n"
      "keepalive = on\n[rule any]\nlisten = 127.0.0.1\nreuseaddr = on\n");
  for (const std::string kind : {"inet dgram", "inet raw icmp"}) {
    const Script script = {"socket g inet",     "socket x " + kind,       "dup2 x 3",
                           "bind x 127.0.0.1",  "connect x 127.0.0.1:53", "get x IP_TOS",
                           "get x SO_PRIORITY", "get x SO_KEEPALIVE",     "get x SO_REUSEADDR"};
    EXPECT_EQ(rules.play(script).lines, play_plainly(script).lines) << kind;
  }
}

// Whose rule a connection is under, its listener decides, which may be closed in the process that
// serves it: a connection of a wildcard listener has an address that the listener had not.
class ClosedListener : public ::testing::TestWithParam<const char*> {
 protected:
  static int idle_after_set(const std::string& rules, const std::string& bound) {
    const RuleFile file(rules);
    const Played played =
        file.play({"socket l inet", "bind l " + bound, "listen l 5", "client c l", "accept a l",
                   GetParam(), "close l", "set a TCP_KEEPIDLE 7", "get a TCP_KEEPIDLE"});
    return played.number("get a TCP_KEEPIDLE");
  }
};

TEST_P(ClosedListener, StillGovernsWhatItAccepted) {
  EXPECT_EQ(
      idle_after_set("[rule w]\nlisten = 127.0.0.1\nenforce = yes\nkeepidle = 10s\n", "127.0.0.1"),
      10);
  EXPECT_EQ(
      idle_after_set("[rule w]\nlisten = 0.0.0.0\nenforce = yes\nkeepidle = 10s\n", "0.0.0.0"), 10);
}

TEST_P(ClosedListener, DoesNotBringItsConnectionsUnderAnothersRule) {
  EXPECT_EQ(
      idle_after_set("[rule w]\nlisten = 127.0.0.1\nenforce = yes\nkeepidle = 10s\n", "0.0.0.0"),
      7);
}

INSTANTIATE_TEST_SUITE_P(, ClosedListener, ::testing::Values("ids", "fork"), [](const auto& row) {
  return row.param == std::string("fork") ? "InAChild" : "InItself";
});

// A connection that another process accepted, handed over a UNIX socket: the test's, on a number
// that the program's own `g` had.
class Received : public ::testing::Test {
 protected:
  // `before` makes `g`, and the connection reaches `address` of a listener of ours on `bound`.
  static void expect_not_governed(const std::string& bound, const std::string& address,
                                  const Script& before, int idle) {
    const Listener server(16, AF_INET, 0, bound);
    const TcpClient client(address, server.port());
    const UniqueFd connection = server.accept();
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    const UniqueFd ours(ends[0]);
    const UniqueFd theirs(ends[1]);
    send_descriptor(ours.get(), connection.get());
    const RuleFile rules(kRules);
    Command command = actor(Script("fd channel 3") + before +
                                ("get g TCP_KEEPIDLE = " + std::to_string(idle) + "; close g; " +
                                 "receive x channel; set x TCP_KEEPIDLE 7; get x TCP_KEEPIDLE = 7"),
                            rules.environment());
    command.descriptors[3] = theirs.get();
    const Played played = play(command);
    EXPECT_EQ(played.number("receive x channel"), number_of_g(played));
  }

 private:
  static int number_of_g(const Played& played) {
    const std::string socket = played.result("socket g inet");
    return std::stoi(socket == "(not done)" ? played.result("accept g l") : socket);
  }

  static void send_descriptor(int channel, int fd) {
    char byte = 'x';
    iovec data{&byte, 1};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof fd)] = {};
    msghdr message{};
    message.msg_iov = &data;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof fd);
    std::memcpy(CMSG_DATA(header), &fd, sizeof fd);
    EXPECT_EQ(sendmsg(channel, &message, 0), 1);
  }
};

const Script kGovernedAccept =
    "socket l inet; bind l 127.1.1.1; listen l 5; client c l; accept g l";

TEST_F(Received, OnTheNumberOfAGovernedClient) {
  const Listener peer(16, AF_INET, 0, "127.1.1.2");
  expect_not_governed("127.1.1.3", "127.1.1.3",
                      "socket g inet; connect g 127.1.1.2:" + std::to_string(peer.port()), 20);
}

TEST_F(Received, OnTheNumberOfAGovernedAcceptedSocket) {
  expect_not_governed("127.1.1.3", "127.1.1.3", kGovernedAccept, 10);
}

// Its local address is the rule's, but no listener of that address accepted it.
TEST_F(Received, FromAWildcardListenerThatNoRuleMatches) {
  expect_not_governed("0.0.0.0", "127.1.1.1", kGovernedAccept, 10);
}

}  // namespace
}  // namespace sockopt::test
