// SPDX-License-Identifier: MIT
//
// The kernel's counters: read by name, and mentioned where they tell something.
#include "tools/sockopt/diagnosis/counters.h"

#include "tests/doctor/findings.h"
#include "tests/support/configuration.h"
#include "tests/support/temporary_directory.h"

namespace sockopt::test {
namespace {

constexpr char kText[] =
    "TcpExt: SyncookiesSent ListenOverflows ListenDrops TCPKeepAlive TCPAbortOnTimeout\n"
    "TcpExt: 1 203 210 7 2\n"
    "IpExt: InNoRoutes ListenDrops\n"
    "IpExt: 4 5\n";

TEST(Counters, AreReadByGroupAndName) {
  const Counters counters = parse_counters(kText);
  EXPECT_EQ(counters.size(), 7u);
  EXPECT_EQ(counters.at("TcpExt.ListenOverflows"), 203u);
  EXPECT_EQ(counters.at("IpExt.ListenDrops"), 5u);
}

TEST(Counters, OfRubbishAreNone) {
  for (const char* text : {"", "TcpExt: a b\n", "TcpExt: a\nIpExt: 1\n", "no colon\nno colon\n"}) {
    EXPECT_TRUE(parse_counters(text).empty()) << text;
  }
  EXPECT_EQ(parse_counters("T: a b\nT: 1\n").size(), 1u) << "a line that was cut";
}

TEST(Counters, OfThisHostAreThere) {
  EXPECT_EQ(parse_counters(read_file("/proc/self/net/netstat")).count("TcpExt.ListenOverflows"),
            1u);
}

std::string found(const Counters& counters, const std::string& settings,
                  std::optional<std::uint64_t> of_listeners = {}) {
  const Configuration configuration("[sockopt]\n" + settings);
  return lines(examine_counters(counters, wanted_settings(configuration.policy(), nullptr), {},
                                of_listeners));
}

TEST(Counters, TellOfFullQueues) {
  EXPECT_EQ(found(parse_counters(kText), ""),
            "warning counters: 203 packets of new connections were dropped because an accept queue "
            "was full (ListenOverflows; ListenDrops 210) => sockopt show --drops  # those that are "
            "still there; raise their backlog\n");
  EXPECT_EQ(found({{"TcpExt.ListenOverflows", 0}}, ""),
            "ok counters: no accept queue was ever full\n");
  EXPECT_EQ(found({}, ""), "") << "not read is not none";
}

// To be sent to `show --drops` for them would be in vain.
TEST(Counters, OfListenersThatAreGoneCallForNothing) {
  EXPECT_EQ(found(parse_counters(kText), "", 0),
            "note counters: 203 packets of new connections were dropped because an accept queue "
            "was full (ListenOverflows; ListenDrops 210); the listeners that did so are gone\n");
  EXPECT_EQ(found(parse_counters(kText), "", 5), found(parse_counters(kText), ""));
}

TEST(Counters, TellOfProbesWhereTheyAreAskedFor) {
  EXPECT_NE(found(parse_counters(kText), "keepalive = on\n")
                .find("ok counters: 7 keepalive probes sent, 2 connections ended by a timeout"),
            std::string::npos);
}

TEST(Counters, TellOfFastOpenWhereItIsAskedFor) {
  const Counters counters = {{"TcpExt.TCPFastOpenListenOverflow", 4}};
  EXPECT_NE(found(counters, "fastopen = 3\n").find("warning counters: 4 times too many fast-open"),
            std::string::npos);
  EXPECT_EQ(found(counters, "").find("fast-open"), std::string::npos);
}

}  // namespace
}  // namespace sockopt::test
