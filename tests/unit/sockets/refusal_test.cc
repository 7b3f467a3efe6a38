// SPDX-License-Identifier: MIT
//
// Why the kernel refused, in words that say what would help.
#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "shim/options/lookup.h"
#include "shim/sockets/apply.h"
#include "tests/unit/options/values.h"

namespace sockopt::test {
namespace {

std::string reason(std::string_view key, int error, std::string_view value = {}) {
  TextOf<200> text;
  const Option& option = option_of(key);
  if (value.empty()) value = kManual[find_option(key)].example;
  describe_refusal(option, parse(option, value).value.value(), error, text);
  EXPECT_FALSE(text.was_cut());
  return std::string(text.view());
}

TEST(DescribeRefusal, NamesTheCapability) {
  EXPECT_EQ(reason("mark", EPERM), "needs CAP_NET_ADMIN");
  EXPECT_EQ(reason("priority", EPERM, "7"), "needs CAP_NET_ADMIN");
  EXPECT_EQ(reason("busy_poll", EPERM), "needs CAP_NET_ADMIN");
  EXPECT_EQ(reason("congestion", EPERM),
            "needs CAP_NET_ADMIN, unless net.ipv4.tcp_allowed_congestion_control lists it");
  EXPECT_EQ(reason("bindtodevice", EPERM),
            "needs CAP_NET_RAW to replace the device that it already has");
}

TEST(DescribeRefusal, NamesNoCapabilityWhereNoneIsNeeded) {
  constexpr std::string_view kByOthers = "refused by a security module or a seccomp filter (EPERM)";
  for (OptionId id = 0; id < kOptionCount; ++id) {
    const Option& option = kOptions[id];
    if (option.privilege != Privilege::kNone || !option.is_socket_option()) continue;
    EXPECT_EQ(reason(option.key, EPERM), kByOthers) << option.key.view();
  }
  EXPECT_EQ(reason("priority", EPERM, "6"), kByOthers);
  for (const auto* key : {"keepidle", "mark", "priority", "congestion"}) {
    EXPECT_EQ(reason(key, EACCES), "refused by a security module (EACCES)") << key;
  }
}

TEST(DescribeRefusal, OfMptcpSaysWhatTheSocketsAreThen) {
  EXPECT_EQ(reason("mptcp", ENOPROTOOPT), "net.mptcp.enabled is 0; the program's sockets are TCP");
  EXPECT_EQ(reason("mptcp", EPROTONOSUPPORT),
            "this kernel has no MPTCP; the program's sockets are TCP");
  EXPECT_EQ(reason("mptcp", EPERM),
            "refused by a security module or a seccomp filter; the program's sockets are TCP");
  EXPECT_EQ(reason("mptcp", 4095), "error 4095; the program's sockets are TCP");
}

TEST(DescribeRefusal, NamesWhatIsMissing) {
  EXPECT_EQ(reason("congestion", ENOENT),
            "not available in this kernel (net.ipv4.tcp_available_congestion_control)");
  EXPECT_EQ(reason("bindtodevice", ENODEV), "there is no such network device");
  EXPECT_EQ(reason("rto_max_ms", ENOPROTOOPT),
            "this kernel does not support it (since Linux 6.15)");
  EXPECT_EQ(reason("ttl", EOPNOTSUPP), "this kernel does not support it (since Linux 2.0)");
  EXPECT_EQ(reason("rcvbuf", ENOBUFS), "the kernel is out of memory");
  EXPECT_EQ(reason("user_timeout", 0), "MPTCP sockets do not support it");
}

TEST(DescribeRefusal, HasAWordForEveryError) {
  EXPECT_EQ(reason("ttl", EINVAL), "the kernel rejects the value for this socket (EINVAL)");
  EXPECT_EQ(reason("ttl", 4095), "error 4095");
  Option raw = raw_option();
  TextOf<200> text;
  describe_refusal(raw, value_of_int(1), ENOPROTOOPT, text);
  EXPECT_EQ(text.view(), "this kernel does not support it");
  text.clear();
  describe_refusal(raw, value_of_int(1), EPERM, text);
  EXPECT_EQ(text.view(), "needs a privilege, or a security module refuses it (EPERM)");
}

}  // namespace
}  // namespace sockopt::test
