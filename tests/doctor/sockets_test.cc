// SPDX-License-Identifier: MIT
//
// What is said of sockets that differ, of queues that overflow, and of rules that do not see a
// listener on all addresses.
#include "tools/sockopt/diagnosis/sockets.h"

#include <sys/socket.h>

#include <memory>
#include <optional>

#include "tests/doctor/findings.h"
#include "tests/support/configuration.h"
#include "tests/support/listener.h"

namespace sockopt::test {
namespace {

using Differing = std::map<std::string, std::vector<DifferingOption>>;

const DifferingOption kNodelay = {
    .key = "nodelay", .held = "off", .wanted = "on", .origin = "sockopt.ini:3", .sockets = 1};

std::string drift(const Differing& differing, bool loaded) {
  return lines(examine_drift(differing, {.apply = "sockopt apply 812", .loaded = loaded}));
}

TEST(Drift, OfWhatTheLibraryIsNotIn) {
  EXPECT_EQ(drift({{"LISTEN 0.0.0.0:80", {kNodelay}}}, false),
            "error sockets: LISTEN 0.0.0.0:80: nodelay is off, not on of sockopt.ini:3 => sockopt "
            "apply 812\n");
  DifferingOption many = kNodelay;
  many.sockets = 97;
  EXPECT_EQ(drift({{"connections accepted on 0.0.0.0:80", {many}}}, false),
            "error sockets: connections accepted on 0.0.0.0:80: nodelay is off, not on of "
            "sockopt.ini:3 (97 sockets) => sockopt apply 812 --established\n");
}

TEST(Drift, OfWhatItIsInAreTheProgramsWillOrTheGap) {
  EXPECT_NE(
      drift({{"LISTEN 0.0.0.0:80", {kNodelay}}}, true)
          .find("warning sockets: LISTEN 0.0.0.0:80: nodelay is off, not on of sockopt.ini:3; the "
                "program set it itself, or the library did not see the listener come to its "
                "descriptor => sockopt apply 812"),
      std::string::npos);
  EXPECT_NE(drift({{"outgoing connections", {kNodelay}}}, true).find("warning sockets"),
            std::string::npos);
}

TEST(Drift, OfABacklogMayBeTheSysctls) {
  DifferingOption backlog = kNodelay;
  backlog.key = "backlog";
  EXPECT_NE(drift({{"LISTEN 0.0.0.0:80", {backlog}}}, true)
                .find("come to its descriptor, or a sysctl was raised since => "),
            std::string::npos);
}

// What is known to be the cause is no guess, and apply would be refused as well.
TEST(Drift, OfWhatIsKnownToBeTheCause) {
  DifferingOption refused = kNodelay;
  refused.is_refused = true;
  DifferingOption applied = kNodelay;
  applied.key = "keepidle";
  applied.is_applied = true;
  EXPECT_EQ(drift({{"LISTEN 0.0.0.0:80", {refused, applied}}}, true),
            "error sockets: LISTEN 0.0.0.0:80: nodelay is off, not on of sockopt.ini:3; the kernel "
            "refused it to the library there\n"
            "warning sockets: LISTEN 0.0.0.0:80: keepidle is off, not on of sockopt.ini:3; set by "
            "apply => sockopt apply 812\n");
}

TEST(Drift, OfWhatIsEnforcedAreFailures) {
  DifferingOption enforced = kNodelay;
  enforced.enforced = true;
  EXPECT_NE(drift({{"LISTEN 0.0.0.0:80", {enforced}}}, true)
                .find("error sockets: LISTEN 0.0.0.0:80: nodelay is off, not on of sockopt.ini:3; "
                      "enforced, so the library did not see it come to its descriptor, or it was "
                      "changed from outside (`sockopt apply`) => "),
            std::string::npos);
}

TEST(Drift, AreNamedUpToSix) {
  const Differing differing = {{"LISTEN a", std::vector<DifferingOption>(8, kNodelay)}};
  const std::string text = drift(differing, false);
  EXPECT_NE(text.find("; and 2 more => "), std::string::npos) << text;
}

TEST(ListenerQueues, AreMentionedWhereTheyOverflow) {
  EXPECT_EQ(lines(examine_listeners({{"0.0.0.0:80", 0, 511, {}, {}}})), "");
  EXPECT_EQ(lines(examine_listeners({{"0.0.0.0:80", 511, 511, {}, {}}})), "")
      << "it holds one more than its limit";
  EXPECT_EQ(lines(examine_listeners({{"0.0.0.0:80", 0, 511, {18233, 18233}, {}}})),
            "warning queue: LISTEN 0.0.0.0:80: 18233 packets of new connections dropped since it "
            "began to listen; its queue holds 511 => raise the backlog if this was a burst; "
            "otherwise the program accepts too "
            "slowly\n");
  EXPECT_NE(lines(examine_listeners({{"0.0.0.0:80", 512, 511, {}, {}}}))
                .find("its accept queue is full (512 of 511)"),
            std::string::npos);
}

TEST(ListenerQueues, AreNoCauseForAlarmWhereConnectionsMayOnlyBeDeferred) {
  const std::string text = lines(examine_listeners({{"0.0.0.0:80", 0, 511, {0, 30}, {}}}));
  EXPECT_TRUE(
      text.starts_with("note queue: LISTEN 0.0.0.0:80: it may have dropped new connections: the "
                       "kernel's counter (30) also includes "))
      << text;
  EXPECT_NE(lines(examine_listeners({{"0.0.0.0:80", 0, 511, {7, 30}, {}}}))
                .find("warning queue: LISTEN 0.0.0.0:80: at least 7 packets of new connections"),
            std::string::npos);
}

// A socket of this very process, as a survey sees it.
class Survey : public testing::Test {
 protected:
  void listen_on(const char* address) { listener_.emplace(5, AF_INET, 0, address); }

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
    const auto socket = ForeignSocket::open(*process, listener_->fd());
    EXPECT_TRUE(socket && *socket);
    const UniqueFd copy(::dup(listener_->fd()));
    const auto again = ForeignSocket::open(*process, copy.get());
    survey.take(**socket, nullptr);
    survey.take(**again, nullptr);
    EXPECT_EQ(survey.sockets(), 1u) << "a socket, whatever the number of its descriptors";
    return lines(examine_sockets(survey, {.apply = "sockopt apply 7", .loaded = false}));
  }

  std::optional<Listener> listener_;
};

TEST_F(Survey, HoldsAListenerAgainstThePolicy) {
  listen_on("127.0.0.1");
  const int on = 1;
  ASSERT_EQ(::setsockopt(listener_->fd(), SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on), 0);
  EXPECT_EQ(survey("[sockopt]\nkeepalive = on\n"),
            "ok sockets: 1 of its 1 TCP sockets have the configured options, none differs\n");
  const std::string differing = survey("[sockopt]\nkeepalive = on\nnodelay = on\nbacklog = 9000\n");
  EXPECT_TRUE(differing.starts_with("error sockets: LISTEN 127.0.0.1:")) << differing;
  EXPECT_NE(differing.find("nodelay is off, not on of sockopt.ini:3"), std::string::npos)
      << differing;
  EXPECT_NE(differing.find("backlog is 5, not 4096 (9000 cut: net.core.somaxconn) of "
                           "sockopt.ini:4"),
            std::string::npos)
      << differing;
  EXPECT_EQ(differing.find("keepalive"), std::string::npos) << differing;
}

TEST_F(Survey, NamesTheRuleThatAWildcardListenerIsLostTo) {
  const std::string text = "[rule web]\nlisten = 127.0.0.1:1-65535\nnodelay = on\n";
  listen_on("0.0.0.0");
  EXPECT_NE(survey(text).find("warning rule: [rule web] does not apply to LISTEN 0.0.0.0:"),
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
  EXPECT_EQ(lines(examine_sockets(nothing, {})),
            "note sockets: it has no TCP socket at the moment\n");
}

}  // namespace
}  // namespace sockopt::test
