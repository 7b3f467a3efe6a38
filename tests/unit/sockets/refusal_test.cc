// SPDX-License-Identifier: MIT
//
// Why the kernel refused, in words that say what would help.
#include <gtest/gtest.h>

#include <cerrno>
#include <string>

#include "shim/sockets/apply.h"
#include "tests/unit/options/values.h"

namespace sockopt::test {
namespace {

std::string reason(std::string_view key, int error) {
  TextOf<200> text;
  describe_refusal(option_of(key), error, text);
  EXPECT_FALSE(text.was_cut());
  return std::string(text.view());
}

TEST(DescribeRefusal, NamesTheCapability) {
  EXPECT_EQ(reason("mark", EPERM), "needs CAP_NET_ADMIN");
  EXPECT_EQ(reason("priority", EACCES), "needs CAP_NET_ADMIN");
  EXPECT_EQ(reason("congestion", EPERM),
            "not in net.ipv4.tcp_allowed_congestion_control, and the process lacks CAP_NET_ADMIN");
  EXPECT_EQ(reason("bindtodevice", EPERM),
            "needs CAP_NET_RAW to replace the device that it already has");
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
  describe_refusal(raw, ENOPROTOOPT, text);
  EXPECT_EQ(text.view(), "this kernel does not support it");
}

}  // namespace
}  // namespace sockopt::test
