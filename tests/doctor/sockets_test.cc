// SPDX-License-Identifier: MIT
//
// What is said of sockets that depart, of queues that overflow, and of rules that do not see a
// listener on all addresses.
#include "tools/sockopt/diagnosis/sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <memory>

#include "tests/doctor/findings.h"
#include "tests/unit/config/configuration.h"
#include "tools/inspect/unique_fd.h"

namespace sockopt::test {
namespace {

using Departing = std::map<std::string, std::vector<DepartingOption>>;

const DepartingOption kNodelay = {
    .key = "nodelay", .held = "off", .wanted = "on", .origin = "sockopt.ini:3", .sockets = 1};

std::string departures(const Departing& departing, bool loaded) {
  return lines(examine_departures(departing, {.apply = "sockopt apply 812", .loaded = loaded}));
}

TEST(Departures, OfWhatTheLibraryIsNotIn) {
  EXPECT_EQ(departures({{"LISTEN 0.0.0.0:80", {kNodelay}}}, false),
            "error sockets: LISTEN 0.0.0.0:80: nodelay is off, not on of sockopt.ini:3 => sockopt "
            "apply 812\n");
  DepartingOption many = kNodelay;
  many.sockets = 97;
  EXPECT_EQ(
      departures({{"what came in by 0.0.0.0:80", {many}}}, false),
      "error sockets: what came in by 0.0.0.0:80: nodelay is off, not on of sockopt.ini:3 (97 "
      "of them) => sockopt apply 812 --established\n");
}

TEST(Departures, OfWhatItIsInAreTheProgramsWillOrTheGap) {
  EXPECT_NE(
      departures({{"LISTEN 0.0.0.0:80", {kNodelay}}}, true)
          .find("warning sockets: LISTEN 0.0.0.0:80: nodelay is off, not on of sockopt.ini:3; "
                "the program set it itself, or the listener was inherited or moved to its "
                "number unseen, or a sysctl was raised since => sockopt apply 812"),
      std::string::npos);
  EXPECT_NE(departures({{"its own connections", {kNodelay}}}, true).find("WARN sockets"),
            std::string::npos);
}

TEST(Departures, OfWhatIsEnforcedAreFailures) {
  DepartingOption enforced = kNodelay;
  enforced.enforced = true;
  EXPECT_NE(
      departures({{"LISTEN 0.0.0.0:80", {enforced}}}, true)
          .find("error sockets: LISTEN 0.0.0.0:80: nodelay is off, not on of sockopt.ini:3; "
                "enforced, so it came to its number unseen by the library, or was changed from "
                "outside (`sockopt apply`) => "),
      std::string::npos);
}

TEST(Departures, AreNamedUpToSix) {
  const Departing departing = {{"LISTEN a", std::vector<DepartingOption>(8, kNodelay)}};
  const std::string text = departures(departing, false);
  EXPECT_NE(text.find("; and 2 more => "), std::string::npos) << text;
}

TEST(ListenerQueues, AreMentionedWhereTheyOverflow) {
  EXPECT_EQ(lines(examine_listeners({{"0.0.0.0:80", 0, 511, 0, {}}})), "");
  EXPECT_EQ(lines(examine_listeners({{"0.0.0.0:80", 511, 511, 0, {}}})), "")
      << "it holds one more than its limit";
  EXPECT_EQ(
      lines(examine_listeners({{"0.0.0.0:80", 0, 511, 18233, {}}})),
      "warning queue: LISTEN 0.0.0.0:80: 18233 connections were dropped since it listens; 511 "
      "may wait => a larger backlog, if it was a burst; else the program accepts too slowly\n");
  EXPECT_NE(lines(examine_listeners({{"0.0.0.0:80", 512, 511, 0, {}}}))
                .find("its accept queue is full, 512 wait where 511 may"),
            std::string::npos);
}

// A socket of this very process, as a survey sees it.
class Survey : public testing::Test {
 protected:
  void listen_on(const char* address) {
    fd_ = UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in local{};
    local.sin_family = AF_INET;
    ASSERT_EQ(::inet_pton(AF_INET, address, &local.sin_addr), 1);
    ASSERT_EQ(::bind(fd_.get(), reinterpret_cast<sockaddr*>(&local), sizeof local), 0);
    ASSERT_EQ(::listen(fd_.get(), 5), 0);
  }

  std::string survey(const std::string& text) {
    const Configuration configuration(text);
    EXPECT_TRUE(configuration.faults().empty()) << configuration.rendered();
    const auto program = std::make_unique<Program>();
    program->set("/x/server", "/x/server", {});
    const auto plan = std::make_unique<Plan>();
    plan->make(configuration.policy(), *program);
    SocketSurvey survey(configuration.policy(), *plan, *program, {.somaxconn = 4096});
    const auto process = ForeignProcess::open(::getpid());
    EXPECT_TRUE(process);
    const auto socket = ForeignSocket::open(*process, fd_.get());
    EXPECT_TRUE(socket && *socket);
    survey.take(**socket, nullptr);
    return lines(examine_sockets(survey, {.apply = "sockopt apply 7", .loaded = false}));
  }

  UniqueFd fd_;
};

TEST_F(Survey, HoldsAListenerAgainstThePolicy) {
  listen_on("127.0.0.1");
  const int on = 1;
  ASSERT_EQ(::setsockopt(fd_.get(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on), 0);
  EXPECT_EQ(survey("[sockopt]\nkeepalive = on\n"),
            "ok sockets: 1 of its 1 TCP sockets hold what is asked of them, none departs\n");
  const std::string departing = survey("[sockopt]\nkeepalive = on\nnodelay = on\nbacklog = 9000\n");
  EXPECT_TRUE(departing.starts_with("error sockets: LISTEN 127.0.0.1:")) << departing;
  EXPECT_NE(departing.find("nodelay is off, not on of sockopt.ini:3"), std::string::npos)
      << departing;
  EXPECT_NE(departing.find("backlog is 5, not 4096 (9000 cut: net.core.somaxconn) of "
                           "sockopt.ini:4"),
            std::string::npos)
      << departing;
  EXPECT_EQ(departing.find("keepalive"), std::string::npos) << departing;
}

TEST_F(Survey, NamesTheRuleThatAWildcardListenerIsLostTo) {
  const std::string text = "[rule web]\nlisten = 127.0.0.1:1-65535\nnodelay = on\n";
  listen_on("0.0.0.0");
  EXPECT_NE(survey(text).find("warning rule: [rule web] is not for LISTEN 0.0.0.0:"),
            std::string::npos);
  EXPECT_EQ(survey("[rule web]\nlisten = 1-65535\nnodelay = on\n").find("rule:"),
            std::string::npos);
  EXPECT_EQ(survey("[rule web]\nprogram = other\nlisten = 127.0.0.1:1-65535\nnodelay = on\n")
                .find("rule:"),
            std::string::npos)
      << "a rule for other programs";
  listen_on("127.0.0.1");
  EXPECT_EQ(survey(text).find("rule:"), std::string::npos);
}

TEST_F(Survey, SaysWhenThereIsNothing) {
  const Configuration configuration("[sockopt]\nnodelay = on\n");
  Program program{};
  const auto plan = std::make_unique<Plan>();
  plan->make(configuration.policy(), program);
  const SocketSurvey nothing(configuration.policy(), *plan, program, {});
  EXPECT_EQ(lines(examine_sockets(nothing, {})), "note sockets: it has no TCP socket now\n");
}

}  // namespace
}  // namespace sockopt::test
