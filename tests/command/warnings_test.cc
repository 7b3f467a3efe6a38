// SPDX-License-Identifier: MIT
//
// What `sockopt check` warns of: each warning with a configuration that draws it, and one close by
// that does not.
#include <fstream>

#include "shim/options/table.h"
#include "tests/support/paths.h"
#include "tests/support/sockopt_command.h"

namespace sockopt::test {
namespace {

struct WarningCase {
  std::string name;
  std::string text;
  std::string warning;  // empty: none is drawn
};

void PrintTo(const WarningCase& one, std::ostream* out) { *out << one.name; }

std::string warnings(const std::string& text) {
  const TemporaryDirectory directory;
  const Finished finished = sockopt({"check", directory.write("sockopt.ini", text)});
  EXPECT_EQ(status(finished), 0) << finished.output << finished.error;
  std::string found;
  for (auto at = finished.output.find("warning: "); at != std::string::npos;
       at = finished.output.find("warning: ", at)) {
    const auto end = finished.output.find('\n', at);
    found += finished.output.substr(at, end - at + 1);
    at = end;
  }
  return found;
}

class Warnings : public testing::TestWithParam<WarningCase> {};

TEST_P(Warnings, OnlyForWhatHurts) {
  const std::string found = warnings(GetParam().text);
  if (GetParam().warning.empty()) {
    EXPECT_EQ(found, "");
  } else {
    EXPECT_TRUE(contains(found, "warning: " + GetParam().warning));
    EXPECT_EQ(count(found, "\n"), 1) << found;
  }
}

constexpr char kKeepalive[] =
    "[sockopt]\nkeepalive = on\nkeepidle = 60s\nkeepintvl = 10s\nkeepcnt = 5\n";

INSTANTIATE_TEST_SUITE_P(
    Settings, Warnings,
    testing::Values(
        WarningCase{
            "TimeoutTooShort", std::string(kKeepalive) + "user_timeout = 109999ms\n",
            "user_timeout = 109999ms is shorter than keepidle + keepintvl * keepcnt (110s)"},
        WarningCase{"TimeoutLongEnough", std::string(kKeepalive) + "user_timeout = 110s\n", ""},
        WarningCase{"TimeoutOfTheKernel", std::string(kKeepalive) + "user_timeout = 0s\n", ""},
        WarningCase{"TimeoutLeftAlone", std::string(kKeepalive) + "user_timeout = default\n", ""},
        WarningCase{"TimeoutWithoutProbes", "[sockopt]\nuser_timeout = 30s\n", ""},
        WarningCase{"TimerWhoseKeepaliveIsInAWiderRule",
                    "[rule a]\nprogram = nginx\nkeepalive = on\n[rule b]\nprogram = nginx\n"
                    "listen = 81\nkeepidle = 30s\n",
                    ""},
        WarningCase{"TimersWithoutKeepalive", "[sockopt]\nkeepintvl = 10s\nkeepcnt = 5\n",
                    "keepintvl without `keepalive = on` does nothing"},
        WarningCase{"TimersWithKeepaliveOff", "[sockopt]\nkeepalive = off\nkeepcnt = 5\n",
                    "keepcnt without `keepalive = on` does nothing"},
        WarningCase{"ProbesTooLate", "[sockopt]\nkeepalive = on\nkeepidle = 350s\n",
                    "keepidle = 350s: many load balancers"},
        WarningCase{"ProbesTooLateForSome", "[sockopt]\nkeepalive = on\nkeepidle = 240s\n",
                    "keepidle = 240s: some load balancers and NAT gateways drop idle connections "
                    "after 240s"},
        WarningCase{"ProbesInTime", "[sockopt]\nkeepalive = on\nkeepidle = 239s\n", ""},
        WarningCase{"ReceiveBuffer", "[sockopt]\nrcvbuf = 1M\n",
                    "rcvbuf fixes the size of this buffer"},
        WarningCase{"SendBuffer", "[sockopt]\nsndbuf = 1M\n",
                    "sndbuf fixes the size of this buffer"},
        WarningCase{"ForcedBuffer", "[sockopt]\nsndbufforce = 8M\n",
                    "sndbufforce fixes the size of this buffer, which the kernel then does not "
                    "tune; net.ipv4.tcp_wmem bounds it"},
        WarningCase{"BufferLeftAlone", "[sockopt]\nsndbuf = default\n", ""},
        WarningCase{"BacklogAboveTheLimit", "[sockopt]\nbacklog = 2147483646\n",
                    "backlog = 2147483646: this host allows "},
        WarningCase{"BacklogAsLongAsPossible", "[sockopt]\nbacklog = max\n", ""},
        WarningCase{"BacklogBelowTheLimit", "[sockopt]\nbacklog = 1\n", ""},
        WarningCase{"DeferAccept", "[sockopt]\ndefer_accept = 5s\n",
                    "defer_accept for every listener"},
        WarningCase{"DeferAcceptOff", "[sockopt]\ndefer_accept = 0s\n", ""},
        WarningCase{"DeferAcceptOfOneListener", "[rule web]\nlisten = 80\ndefer_accept = 5s\n", ""},
        WarningCase{"DeferAcceptOfOneProgram", "[rule web]\nprogram = nginx\ndefer_accept = 5s\n",
                    ""},
        WarningCase{"DeferAcceptOfAllOthers", "[rule most]\nprogram = !sshd\ndefer_accept = 5s\n",
                    "defer_accept for every listener"},
        WarningCase{"Reuseport", "[sockopt]\nreuseport = on\n", "reuseport for every socket"},
        WarningCase{"ReuseportOfEveryProgramByName", "[rule all]\nprogram = *\nreuseport = on\n",
                    "reuseport for every socket"},
        WarningCase{"ReuseportOfEveryListenerByAddress", "[rule all]\nlisten = *\nreuseport = on\n",
                    "reuseport for every socket"},
        WarningCase{"Reuseaddr", "[sockopt]\nreuseaddr = on\n", "reuseaddr for every socket"},
        WarningCase{"ReuseaddrOff", "[sockopt]\nreuseaddr = off\n", ""},
        WarningCase{"ReuseaddrOfOneProgram", "[rule a]\nprogram = x\nreuseaddr = on\n", ""},
        WarningCase{"BindAddressNoPort", "[sockopt]\nbind_address_no_port = on\n",
                    "bind_address_no_port for every socket: a server that binds to port 0 and asks "
                    "which port it was given reads 0"},
        WarningCase{"BindAddressNoPortOfAllOthers",
                    "[rule a]\nprogram = !x\nbind_address_no_port = on\n",
                    "bind_address_no_port for every socket"},
        WarningCase{"BindAddressNoPortOfOneProgram",
                    "[rule a]\nprogram = x\nbind_address_no_port = on\n", ""},
        WarningCase{"Freebind", "[sockopt]\nfreebind = on\n", "freebind for every socket"},
        WarningCase{"FreebindOfOneListener", "[rule a]\nlisten = 80\nfreebind = on\n", ""},
        WarningCase{"Transparent", "[sockopt]\ntransparent = on\n", "transparent for every socket"},
        WarningCase{"TransparentOff", "[sockopt]\ntransparent = off\n", ""},
        WarningCase{"Bindtodevice", "[sockopt]\nbindtodevice = lo\n",
                    "bindtodevice for every socket"},
        WarningCase{"Minttl", "[sockopt]\nminttl = 2\n", "minttl for every socket"},
        WarningCase{"NoMinttl", "[sockopt]\nminttl = 1\n", ""},
        WarningCase{"BindtodeviceOfOneProgram", "[rule a]\nprogram = x\nbindtodevice = lo\n", ""},
        WarningCase{"V6only", "[sockopt]\nv6only = on\n", "v6only = on for every socket"},
        WarningCase{"V6onlyOff", "[sockopt]\nv6only = off\n", "v6only = off for every socket"},
        WarningCase{"V6onlyOfOneProgram", "[rule a]\nprogram = x\nv6only = on\n", ""},
        WarningCase{"CongestionThatThisHostLacks", "[sockopt]\ncongestion = nosuch\n",
                    "congestion = nosuch: not loaded on this host (available: "},
        WarningCase{"CongestionOfThisHost", "[sockopt]\ncongestion = reno\n", ""},
        WarningCase{"ListenersOnIpv4Alone", "[rule web]\nlisten = 0.0.0.0:443\nbacklog = 64\n",
                    "[rule web] is for 0.0.0.0, and does not match a listener on [::]"},
        WarningCase{"ListenersOnIpv4AndIpv6",
                    "[rule web]\nlisten = 0.0.0.0:443, [::]:443\nbacklog = 64\n", ""},
        WarningCase{"ListenersOnIpv4AndAnotherPortOfIpv6",
                    "[rule web]\nlisten = 0.0.0.0:443, [::]:80\nbacklog = 64\n",
                    "[rule web] is for 0.0.0.0"},
        WarningCase{"ListenersOnAPort", "[rule web]\nlisten = 443\nbacklog = 64\n", ""},
        WarningCase{"ReuseportOff", "[sockopt]\nreuseport = off\n", ""},
        WarningCase{"ReuseportOfOneListener", "[rule web]\nlisten = 80\nreuseport = on\n", ""},
        WarningCase{"FastopenOff", "[sockopt]\nfastopen = 0\n", ""},
        WarningCase{"FastopenConnect", "[sockopt]\nfastopen_connect = on\n",
                    "fastopen_connect: a client that reads before it writes"},
        WarningCase{"FastopenConnectOff", "[sockopt]\nfastopen_connect = off\n", ""},
        WarningCase{"LingerWaits", "[sockopt]\nlinger = 5s\n", "linger = 5s: close can block"},
        WarningCase{"LingerResets", "[sockopt]\nlinger = reset\n", "linger = reset: close drops"},
        WarningCase{"LingerOff", "[sockopt]\nlinger = off\n", ""},
        WarningCase{
            "DscpAsTos", "[sockopt]\ntos = 46\n",
            "tos = 46 looks like a DSCP; as a type-of-service byte that is 184 (`tos = ef`)"},
        WarningCase{"TosOfThatDscp", "[sockopt]\ntos = 184\n", ""},
        WarningCase{"TosByName", "[sockopt]\ntos = ef\n", ""},
        WarningCase{
            "HarmOfARuleWithTheBase",
            std::string(kKeepalive) +
                "user_timeout = 110s\n[rule slow]\nprogram = x\nkeepidle = 90s\n",
            "user_timeout = 110s is shorter than keepidle + keepintvl * keepcnt (140s) and "
            "overrides keepcnt: one lost probe kills an idle connection (with [rule slow]); write "
            "140s or more"},
        WarningCase{"HarmOfTheBaseMendedByNoRule",
                    "[sockopt]\nrcvbuf = 1M\n[rule a]\nprogram = x\nnodelay = on\n",
                    "rcvbuf fixes"},
        WarningCase{
            "RulesOnTheirOwn",
            "[rule a]\nprogram = x\nkeepalive = on\n[rule b]\nprogram = y\nkeepidle = 60s\n",
            "keepidle without `keepalive = on`"}),
    [](const testing::TestParamInfo<WarningCase>& one) { return one.param.name; });

TEST(WarningsOfFastopen, DependOnTheHost) {
  std::ifstream file("/proc/sys/net/ipv4/tcp_fastopen");
  int bits = 0;
  if (!(file >> bits)) GTEST_SKIP() << "net.ipv4.tcp_fastopen cannot be read here";
  const std::string found = warnings("[sockopt]\nfastopen = 256\n");
  EXPECT_TRUE(contains(found, (bits & 2) == 0 ? "lacks the server bit" : "can arrive twice"));
}

TEST(WarningsOfThePresets, ThereAreNone) {
  for (const char* preset : {"balanced", "low-latency", "high-throughput", "dead-peer"}) {
    std::ifstream file("/proc/sys/net/core/somaxconn");
    int limit = 0;
    if (!(file >> limit) || limit < 4096) GTEST_SKIP() << "somaxconn is below 4096 here";
    EXPECT_EQ(warnings("[sockopt]\npreset = " + std::string(preset) + "\n"), "") << preset;
  }
}

TEST(WarningsOfTheShippedFile, ThereAreNone) {
  const std::string text = read_file(source_directory() / "sockopt.ini");
  ASSERT_TRUE(contains(text, "[sockopt]"));
  EXPECT_EQ(warnings(text), "");
}

TEST(WarningsOfASetting, UnderlineItWithoutItsComment) {
  const TemporaryDirectory directory;
  directory.write("sockopt.ini", "[sockopt]\nlinger = 5s ; five\n");
  Command started = command({"check", "sockopt.ini"});
  started.directory = directory.path();
  EXPECT_TRUE(contains(run(started).output,
                       "    2 | linger = 5s ; five\n"
                       "      | ^~~~~~~~~~~\n"));
}

}  // namespace
}  // namespace sockopt::test
