// SPDX-License-Identifier: MIT
//
// What bounds the options that are asked for: each bound with a host that draws it and one close by
// that does not, and nothing at all where the option is not asked for.
#include "tools/sockopt/diagnosis/bounds.h"

#include <linux/capability.h>

#include <cerrno>
#include <optional>

#include "tests/doctor/findings.h"
#include "tests/support/configuration.h"

namespace sockopt::test {
namespace {

constexpr std::uint64_t kNetAdmin = std::uint64_t{1} << CAP_NET_ADMIN;

Host usual_host() {
  return {.somaxconn = 4096,
          .tcp_fastopen = 1,
          .keepalive_time = 7200,
          .keepalive_intvl = 75,
          .keepalive_probes = 9,
          .syncookies = 1,
          .max_syn_backlog = 1024,
          .rmem_max = 212992,
          .wmem_max = 212992,
          .congestion_available = {"reno", "cubic", "bbr"},
          .congestion_allowed = {"reno", "cubic"},
          .devices = {"lo", "eth0"}};
}

std::string bounds(const std::string& settings, const Host& host = usual_host(),
                   std::optional<std::uint64_t> capabilities = {}, const NetworkPlace& place = {}) {
  const Configuration configuration("[sockopt]\n" + settings);
  EXPECT_TRUE(configuration.faults().empty()) << configuration.rendered();
  return lines(
      examine_bounds(wanted_settings(configuration.policy(), nullptr), host, place, capabilities));
}

TEST(Bounds, AreNotMentionedWhereNothingIsAskedFor) {
  EXPECT_EQ(bounds("nodelay = on\n"), "");
  EXPECT_EQ(bounds("backlog = default\nfastopen = default\n"), "");
}

TEST(Bounds, OfTheBacklog) {
  EXPECT_EQ(
      bounds("backlog = 16384\n"),
      "warning backlog: somaxconn 4096 < backlog 16384 of sockopt.ini:2: accept queues are cut "
      "to 4096 => sysctl -w net.core.somaxconn=16384 && echo net.core.somaxconn=16384 "
      ">>/etc/sysctl.d/99-sockopt.conf\n");
  EXPECT_EQ(bounds("backlog = 4096\n"),
            "ok backlog: somaxconn 4096 >= backlog 4096 of sockopt.ini:2\n");
  EXPECT_EQ(bounds("backlog = max\n"), "ok backlog: somaxconn 4096 is what `backlog = max` gets\n");
  Host unreadable = usual_host();
  unreadable.somaxconn.reset();
  EXPECT_EQ(bounds("backlog = 16384\n", unreadable), "");
}

TEST(Bounds, OfTheBacklogAreThoseOfTheLargest) {
  const std::string rules =
      "backlog = 100\n[rule a]\nlisten = 80\nbacklog = 9000\n"
      "[rule b]\nlisten = 81\nbacklog = 5000\n";
  EXPECT_EQ(
      bounds(rules),
      "warning backlog: somaxconn 4096 < backlog 9000 of sockopt.ini:5: accept queues are cut "
      "to 4096 => sysctl -w net.core.somaxconn=9000 && echo net.core.somaxconn=9000 "
      ">>/etc/sysctl.d/99-sockopt.conf\n");
}

TEST(Bounds, OfHalfOpenConnectionsCountWithoutSynCookiesOnly) {
  Host host = usual_host();
  EXPECT_EQ(bounds("backlog = 4096\n", host).find("syn"), std::string::npos);
  host.syncookies = 0;
  EXPECT_NE(
      bounds("backlog = 4096\n", host)
          .find("warning backlog: tcp_syncookies is 0, so tcp_max_syn_backlog 1024 bounds the "
                "half-open connections below the backlog of 4096 => sysctl -w "
                "net.ipv4.tcp_max_syn_backlog=4096 && echo net.ipv4.tcp_max_syn_backlog=4096 "
                ">>/etc/sysctl.d/99-sockopt.conf\n"),
      std::string::npos);
  // No more can wait than somaxconn lets.
  EXPECT_NE(bounds("backlog = max\n", host)
                .find("net.ipv4.tcp_max_syn_backlog=4096 && echo net.ipv4.tcp_max_syn_backlog=4096 "
                      ">>/etc/sysctl.d/99-sockopt.conf\n"),
            std::string::npos);
  host.max_syn_backlog = 4096;
  EXPECT_EQ(bounds("backlog = 4096\n", host).find("syn"), std::string::npos);
}

TEST(Bounds, OfFastOpenAreTheBitOfEachSide) {
  EXPECT_EQ(bounds("fastopen = 16\n"),
            "warning fastopen: tcp_fastopen 1 lacks the server bit, without which fastopen of "
            "sockopt.ini:2 does nothing => sysctl -w net.ipv4.tcp_fastopen=3 && echo "
            "net.ipv4.tcp_fastopen=3 >>/etc/sysctl.d/99-sockopt.conf\n");
  EXPECT_EQ(bounds("fastopen_connect = on\n"),
            "ok fastopen: tcp_fastopen 1 has the client bit, which fastopen_connect of "
            "sockopt.ini:2 needs\n");
  EXPECT_EQ(bounds("fastopen = 0\n"), "");
  Host both = usual_host();
  both.tcp_fastopen = 3;
  EXPECT_EQ(bounds("fastopen = 16\n", both),
            "ok fastopen: tcp_fastopen 3 has the server bit, which fastopen of sockopt.ini:2 "
            "needs\n");
}

TEST(Bounds, OfBuffers) {
  EXPECT_EQ(
      bounds("rcvbuf = 1M\n"),
      "warning rcvbuf: rmem_max 212992 < rcvbuf 1048576 of sockopt.ini:2: buffers are cut to it "
      "=> sysctl -w net.core.rmem_max=1048576 && echo net.core.rmem_max=1048576 "
      ">>/etc/sysctl.d/99-sockopt.conf\n");
  EXPECT_EQ(
      bounds("sndbuf = 212993\n"),
      "warning sndbuf: wmem_max 212992 < sndbuf 212993 of sockopt.ini:2: buffers are cut to it "
      "=> sysctl -w net.core.wmem_max=212993 && echo net.core.wmem_max=212993 "
      ">>/etc/sysctl.d/99-sockopt.conf\n");
  EXPECT_EQ(bounds("sndbuf = 212992\n"),
            "ok sndbuf: wmem_max 212992 >= sndbuf 212992 of sockopt.ini:2\n");
}

TEST(Bounds, OfCongestionControl) {
  EXPECT_EQ(bounds("congestion = cubic\n"),
            "ok congestion: `cubic` of sockopt.ini:2 is loaded and allowed\n");
  const std::string refused =
      "warning congestion: `bbr` of sockopt.ini:2 is not in tcp_allowed_congestion_control, and is "
      "refused without CAP_NET_ADMIN => sysctl -w "
      "net.ipv4.tcp_allowed_congestion_control='reno cubic bbr' && echo "
      "net.ipv4.tcp_allowed_congestion_control='reno cubic bbr' >>/etc/sysctl.d/99-sockopt.conf\n";
  EXPECT_EQ(bounds("congestion = bbr\n"), refused);
  EXPECT_EQ(bounds("congestion = bbr\n", usual_host(), 0), refused);
  EXPECT_EQ(bounds("congestion = bbr\n", usual_host(), kNetAdmin),
            "ok congestion: `bbr` of sockopt.ini:2 is loaded and allowed\n");
  EXPECT_EQ(bounds("congestion = vegas\n"),
            "warning congestion: `vegas` of sockopt.ini:2 is not loaded (available: reno cubic "
            "bbr); its sockets keep their algorithm unless the process may load it => modprobe "
            "tcp_vegas\n");
}

TEST(Bounds, OfDevices) {
  EXPECT_EQ(bounds("bindtodevice = eth0\n", usual_host(), kNetAdmin), "");
  EXPECT_EQ(bounds("bindtodevice = eth9\n", usual_host(), kNetAdmin),
            "error device: `eth9` of sockopt.ini:2 does not exist (available: lo eth0); sockets "
            "are bound to no device => name one of them in sockopt.ini:2\n");
}

TEST(Bounds, OfPrivilegesWhereTheProcessIsKnown) {
  EXPECT_EQ(bounds("mark = 3\n"), "");
  EXPECT_EQ(bounds("mark = 3\n", usual_host(), kNetAdmin), "");
  EXPECT_EQ(bounds("mark = 3\n", usual_host(), ~kNetAdmin),
            "error privilege: mark of sockopt.ini:2 needs CAP_NET_ADMIN, which the process lacks "
            "=> AmbientCapabilities=CAP_NET_ADMIN in its unit, or remove the option\n");
  EXPECT_EQ(bounds("transparent = off\n", usual_host(), 0), "");
}

TEST(Bounds, OfKeepaliveWithoutItsTime) {
  EXPECT_EQ(bounds("keepalive = on\n"),
            "note keepalive: keepalive of sockopt.ini:2 without keepidle probes after "
            "tcp_keepalive_time 7200 s; load balancers drop idle connections after 350 => "
            "add keepidle = 60s\n");
  EXPECT_EQ(bounds("keepalive = on\nkeepidle = 60s\n"), "");
  EXPECT_EQ(bounds("keepalive = off\n"), "");
  Host early = usual_host();
  early.keepalive_time = 300;
  EXPECT_EQ(bounds("keepalive = on\n", early), "");
}

TEST(Bounds, NameTheNamespaceTheyAreOf) {
  NetworkPlace place;
  place.own_network = true;
  place.pid = 812;
  EXPECT_EQ(bounds("backlog = 16384\n", usual_host(), {}, place),
            "warning backlog: somaxconn 4096 < backlog 16384 of sockopt.ini:2 in its network "
            "namespace: accept queues are cut to 4096 => nsenter --net=/proc/812/ns/net sysctl -w "
            "net.core.somaxconn=16384\n");
  // Buffers are bounded for all of them together.
  EXPECT_NE(bounds("rcvbuf = 1M\n", usual_host(), {}, place)
                .find("=> on the host: sysctl -w net.core.rmem_max=1048576 && echo "
                      "net.core.rmem_max=1048576 >>/etc/sysctl.d/99-sockopt.conf\n"),
            std::string::npos);
}

std::string wanted(const std::string& text, const Program* program = nullptr) {
  const Configuration configuration(text, {"SOCKOPT_KEEPCNT=3"});
  EXPECT_TRUE(configuration.faults().empty()) << configuration.rendered();
  std::string keys;
  for (const Wanted& one : wanted_settings(configuration.policy(), program)) {
    keys += std::string(one.option->key.view()) + '=' + one.text() + '@' + one.origin + ' ';
  }
  return keys;
}

TEST(Wanted, IsWhatCanReachASocket) {
  EXPECT_EQ(wanted("[sockopt]\nnodelay = on\nkeepcnt = 9\n"),
            "nodelay=on@sockopt.ini:2 keepcnt=3@SOCKOPT_KEEPCNT ");
  EXPECT_EQ(wanted("[sockopt]\nnodelay = on\n[rule a]\nlisten = 80\nnodelay = off\n"),
            "nodelay=on@sockopt.ini:2 nodelay=off@sockopt.ini:5 keepcnt=3@SOCKOPT_KEEPCNT ");
  EXPECT_EQ(wanted("[sockopt]\nnodelay = default\n"), "keepcnt=3@SOCKOPT_KEEPCNT ");
}

TEST(Wanted, IsForTheProgram) {
  const std::string text =
      "[sockopt]\nnodelay = on\n[rule a]\nprogram = nginx\nnodelay = off\n[rule b]\nprogram = "
      "redis\nttl = 3\n";
  Program nginx;
  nginx.set("/usr/sbin/nginx", "/usr/sbin/nginx", std::string("nginx\0", 6));
  EXPECT_EQ(wanted(text, &nginx), "nodelay=off@sockopt.ini:5 keepcnt=3@SOCKOPT_KEEPCNT ");
}

TEST(Kernel, LacksWhatItDoesNotKnow) {
  const Configuration configuration("[sockopt]\nnodelay = on\nrto_max_ms = 5s\nbacklog = 5\n");
  ASSERT_TRUE(configuration.faults().empty()) << configuration.rendered();
  const auto wanted = wanted_settings(configuration.policy(), nullptr);
  const auto old = [](const Option& option) {
    return option.key == "rto_max_ms" ? ENOPROTOOPT : 0;
  };
  EXPECT_EQ(lines(examine_kernel(wanted, "5.10.0-8-amd64", old)),
            "error kernel: rto_max_ms of sockopt.ini:3 does nothing: Linux 5.10.0-8-amd64 does not "
            "have it (added in 6.15) => a newer kernel, or remove the line from sockopt.ini:3\n");
  const auto current = [](const Option&) { return 0; };
  EXPECT_EQ(lines(examine_kernel(wanted, "6.18.0", current)),
            "ok kernel: Linux 6.18.0 has all options that are set (2)\n");
}

TEST(Kernel, IsAskedForEachOption) {
  const Option* nodelay = nullptr;
  for (const Option& option : kOptions) {
    if (option.key == "nodelay") nodelay = &option;
  }
  ASSERT_NE(nodelay, nullptr);
  EXPECT_EQ(probe_option(*nodelay), 0);
  Option unknown = *nodelay;
  unknown.ipv4 = {6, 9999};
  EXPECT_EQ(probe_option(unknown), ENOPROTOOPT);
}

}  // namespace
}  // namespace sockopt::test
