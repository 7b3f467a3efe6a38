// SPDX-License-Identifier: MIT
//
// What somebody probably meant: another spelling, another product's word, a slip of the finger.
// And nothing where nothing is near: a wrong hint is worse than none.
#include "shim/options/suggestion.h"

#include <gtest/gtest.h>

#include <span>
#include <string>

#include "shim/options/table.h"
#include "shim/text/text.h"

namespace sockopt::test {
namespace {

TEST(SuggestKey, KnowsTheKernelsSpelling) {
  for (const Row& row : kRows) {
    if (row.option.kind == Kind::kBacklog) continue;
    const std::string constant(row.manual.constant);
    std::string dashed = constant;
    for (char& c : dashed) c = c == '_' ? '-' : to_lower(c);
    EXPECT_EQ(suggest_key(constant), row.option.key.view());
    EXPECT_EQ(suggest_key(dashed), row.option.key.view());
    EXPECT_EQ(suggest_key(row.option.key.view()), row.option.key.view());
  }
}

struct Meant {
  std::string_view word;
  std::string_view key;
};

constexpr Meant kForeign[] = {
    {"tcp_keepalive_time", "keepidle"},
    {"tcp_keepalive_intvl", "keepintvl"},
    {"tcp_keepalive_probes", "keepcnt"},
    {"KeepAliveTimeSec", "keepidle"},
    {"KeepAliveIntervalSec", "keepintvl"},
    {"KeepAliveProbes", "keepcnt"},
    {"tcp_keepalives_idle", "keepidle"},
    {"tcp_keepalives_interval", "keepintvl"},
    {"tcp_keepalives_count", "keepcnt"},
    {"tcp-ut", "user_timeout"},
    {"tcp_user_timeout", "user_timeout"},
    {"deferred", "defer_accept"},
    {"tfo", "fastopen"},
    {"mss", "maxseg"},
    {"so_keepalive", "keepalive"},
    {"tcp-keepalive", "keepalive"},
    {"ListenBacklog", "backlog"},
    {"somaxconn", "backlog"},
    {"net.core.somaxconn", "backlog"},
    {"net.ipv4.tcp_keepalive_time", "keepidle"},
    {"net.ipv4.tcp_fin_timeout", "linger2"},
    {"net.ipv4.tcp_congestion_control", "congestion"},
    {"net.ipv4.tcp_max_syn_backlog", "backlog"},
    {"net.ipv4.tcp_rmem", "rcvbuf"},
    {"net.ipv4.tcp_wmem", "sndbuf"},
    {"net.ipv4.tcp_retries2", "user_timeout"},
    {"net.ipv4.tcp_notsent_lowat", "notsent_lowat"},
    {"net.ipv4.ip_local_port_range", "local_port_range"},
    {"net.ipv4.ip_default_ttl", "ttl"},
    {"net.ipv4.ip_nonlocal_bind", "freebind"},
    {"net.ipv6.bindv6only", "v6only"},
    {"net.core.busy_read", "busy_poll"},
    {"net.core.rmem_max", "rcvbuf"},
    {"tcp_fin_timeout", "linger2"},
    {"tcp_syn_retries", "syncnt"},
    {"ReceiveBufferSize", "rcvbuf"},
    {"SendBufferSize", "sndbuf"},
    {"IPV6_TCLASS", "tos"},
    {"dscp", "tos"},
    {"IPV6_UNICAST_HOPS", "ttl"},
    {"fwmark", "mark"},
    {"interface", "bindtodevice"},
    {"nagle", "nodelay"},
};

TEST(SuggestKey, KnowsOtherProductsWords) {
  for (const Meant& meant : kForeign) EXPECT_EQ(suggest_key(meant.word), meant.key) << meant.word;
}

constexpr Meant kSlips[] = {
    {"keepalve", "keepalive"},
    {"keep_alive", "keepalive"},
    {"keepaliv", "keepalive"},
    {"keepidel", "keepidle"},
    {"keepilde", "keepidle"},
    {"keepdile", "keepidle"},
    {"keepinvl", "keepintvl"},
    {"keepcnnt", "keepcnt"},
    {"keepcount", "keepcnt"},
    {"no_delay", "nodelay"},
    {"nodealy", "nodelay"},
    {"bakclog", "backlog"},
    {"backlogs", "backlog"},
    {"user_timout", "user_timeout"},
    {"usertimeout", "user_timeout"},
    {"quick_ack", "quickack"},
    {"rcvbuff", "rcvbuf"},
    {"sndbuff", "sndbuf"},
    {"reuse_port", "reuseport"},
    {"reuseprot", "reuseport"},
    {"fast_open", "fastopen"},
    {"deferaccept", "defer_accept"},
    {"congestin", "congestion"},
    {"ttls", "ttl"},
    {"tso", "tos"},
    {"KEEPIDEL", "keepidle"},
    {"TCP_NODELY", "nodelay"},
};

TEST(SuggestKey, ForgivesASlipOrTwo) {
  for (const Meant& meant : kSlips) EXPECT_EQ(suggest_key(meant.word), meant.key) << meant.word;
}

TEST(SuggestKey, AnyOneSlipInALongKeyIsForgiven) {
  for (const Option& option : kOptions) {
    if (option.key.size() < 6) continue;
    for (std::size_t i = 0; i < option.key.size(); ++i) {
      std::string missing(option.key.view());
      missing.erase(i, 1);
      EXPECT_FALSE(suggest_key(missing).empty()) << missing;
      std::string wrong(option.key.view());
      wrong[i] = 'z';
      EXPECT_FALSE(suggest_key(wrong).empty()) << wrong;
    }
  }
}

TEST(SuggestKey, HasNothingForWhatIsNearNothing) {
  for (const std::string_view garbage :
       {"", "x", "qq", "zzzz", "document_root", "worker_processes", "listen", "server_name",
        "maxmemory", "colour", "timeout", "tcp_", "so_", "_", "-", "=", "1234567890",
        "\xff\xfe\x00\x01", "\x1b[31m"}) {
    EXPECT_EQ(suggest_key(garbage), "") << garbage;
  }
}

TEST(SuggestKey, HasNothingForWhatIsTooLong) {
  for (const std::size_t length : {48U, 49U, 100U, 100000U}) {
    EXPECT_EQ(suggest_key(std::string(length, 'k')), "") << length;
  }
  EXPECT_EQ(suggest_key("keepalive" + std::string(50, ' ')), "");
}

TEST(Nearest, TakesTheNearestAndTheFirstOfEquals) {
  constexpr std::string_view kWords[] = {"run", "show", "check"};
  EXPECT_EQ(nearest("shwo", kWords), "show");
  EXPECT_EQ(nearest("chek", kWords), "check");
  EXPECT_EQ(nearest("r", kWords), "") << "two slips of three letters";
  EXPECT_EQ(nearest("", kWords), "");
  EXPECT_EQ(nearest("show", std::span<const std::string_view>()), "");
  constexpr std::string_view kTwins[] = {"linger2", "linger3"};
  EXPECT_EQ(nearest("linger9", kTwins), "linger2");
}

}  // namespace
}  // namespace sockopt::test
