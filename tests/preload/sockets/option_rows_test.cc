// SPDX-License-Identifier: MIT
//
// Every row of the option table, given as its variable with the table's own example, arrives where
// the row says: on the socket, on the listener, on what is accepted, on the client. What the kernel
// reports back is read as the same value again.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "shim/options/lookup.h"
#include "shim/options/value.h"
#include "tests/support/option_row.h"
#include "tests/support/script.h"

namespace sockopt::test {
namespace {

class EveryOption : public ::testing::TestWithParam<std::size_t> {
 protected:
  const Option& option() const { return kOptions[GetParam()]; }
  std::string_view key() const { return option().key; }
  std::string wanted() const { return distinct_value(option()); }
  Environment settings() const { return {{upper_case(key()), wanted()}}; }
  bool for_ipv4() const { return option().ipv4.exists(); }
  // What getsockopt does not tell, a program without the privilege may set to what it is, and to no
  // more.
  Script read_from(const std::string& name, bool ipv6 = false) const {
    const KernelName kernel =
        option().read_name(ipv6 && option().ipv6.exists() ? option().ipv6 : option().ipv4);
    if (option().read_back != ReadBack::kNever) return {get_step(name, kernel)};
    const std::string set = "set" + get_step(name, kernel).substr(3) + " ";
    return {"setuid 65534", set + wanted(), set + std::to_string(std::stoi(wanted()) + 1)};
  }
  bool has_value(const Played& played, const Script& read) const {
    if (option().read_back != ReadBack::kNever) {
      return reads_as(option(), played.result(read.back()), wanted());
    }
    return played.result(read[1]) == "0" && played.result(read[2]) == "-1 EPERM";
  }
  void expect_value(const Played& played, const std::string& name, bool ipv6 = false) const {
    const Script read = read_from(name, ipv6);
    EXPECT_TRUE(has_value(played, read)) << key() << " = " << wanted() << ", but " << read.back()
                                         << " = " << played.result(read.back());
  }

  void SetUp() override {
    if (option().privilege != Privilege::kNone && geteuid() != 0) {
      GTEST_SKIP() << key() << " needs CAP_NET_ADMIN";
    }
    if (!kernel_knows(option())) GTEST_SKIP() << "this kernel does not know " << key();
    ASSERT_NE(wanted(), "") << "no value for the row: give it one in option_row.cc";
  }
};

class ListenerOption : public EveryOption {};

TEST_P(ListenerOption, Arrives) {
  for (const bool ipv6 : {false, true}) {
    if (!ipv6 && !for_ipv4()) continue;
    // Not bound: to bind to a specific IPv6 address sets v6only.
    const Script script =
        Script(std::string("socket l ") + (ipv6 ? "inet6" : "inet") + "; listen l 5") +
        read_from("l", ipv6);
    const Played without = play_plainly(script);
    ASSERT_FALSE(has_value(without, read_from("l", ipv6)) &&
                 option().read_back != ReadBack::kTransient)
        << "it is so without the library";
    const Played with = play_with(settings(), script);
    expect_value(with, "l", ipv6);
    EXPECT_EQ(with.error(), "");
  }
}

INSTANTIATE_TEST_SUITE_P(, ListenerOption,
                         ::testing::ValuesIn(socket_option_rows([](const Option& option) {
                           return option.inheritance != Inheritance::kClient;
                         })),
                         by_key);

class AcceptedOption : public EveryOption {};

TEST_P(AcceptedOption, Arrives) {
  for (const bool ipv6 : {false, true}) {
    if (!ipv6 && !for_ipv4()) continue;
    const Script script =
        ipv6 ? "listener l inet6; client c l; accept a l" : "listener l; client c l; accept a l";
    const Played with = play_with(settings(), script + read_from("a", ipv6));
    expect_value(with, "a", ipv6);
  }
}

INSTANTIATE_TEST_SUITE_P(, AcceptedOption,
                         ::testing::ValuesIn(socket_option_rows([](const Option& option) {
                           return option.inheritance == Inheritance::kInherited ||
                                  option.inheritance == Inheritance::kPerSocket;
                         })),
                         by_key);

class ClientOption : public EveryOption {};

TEST_P(ClientOption, Arrives) {
  for (const bool ipv6 : {false, true}) {
    if (!ipv6 && !for_ipv4()) continue;
    const Script script = ipv6 ? "listener l inet6; socket s inet6; bind s ::1; connect s l"
                               : "listener l; socket s inet; bind s 127.0.0.1; connect s l";
    const Played with = play_with(settings(), script + read_from("s", ipv6));
    expect_value(with, "s", ipv6);
  }
}

INSTANTIATE_TEST_SUITE_P(, ClientOption,
                         ::testing::ValuesIn(socket_option_rows([](const Option& option) {
                           return option.inheritance != Inheritance::kListener;
                         })),
                         by_key);

class OptionOfBothFamilies : public EveryOption {};

TEST_P(OptionOfBothFamilies, ArrivesInBothPlaces) {
  const Played with = play_with(settings(), Script{"socket s inet6", get_step("s", option().ipv4),
                                                   get_step("s", option().ipv6)});
  EXPECT_TRUE(reads_as(option(), with.result(get_step("s", option().ipv4)), wanted()));
  EXPECT_TRUE(reads_as(option(), with.result(get_step("s", option().ipv6)), wanted()));
}

INSTANTIATE_TEST_SUITE_P(, OptionOfBothFamilies,
                         ::testing::ValuesIn(socket_option_rows([](const Option& option) {
                           return option.both;
                         })),
                         by_key);

TEST(RawOptionTest, IsSetAtSocketAndInherited) {
  // SO_OOBINLINE has no row.
  ASSERT_EQ(find_kernel_name(1, 10), kNoOption);
  const Script script = "get l SO_OOBINLINE; client c l; accept a l; get a SO_OOBINLINE";
  EXPECT_EQ(play_plainly(Script("listener l") + script).number("get a SO_OOBINLINE"), 0);
  const Played with = play_with({{"RAW_1_10", "1"}}, Script("listener l") + script);
  EXPECT_EQ(with.number("get l SO_OOBINLINE"), 1);
  EXPECT_EQ(with.number("get a SO_OOBINLINE"), 1);
}

TEST(RawOptionTest, TakesBytes) {
  // SO_RCVLOWAT, and SO_OOBINLINE, of which the kernel reads four of these bytes.
  play_with({{"RAW_1_18", "hex:07000000"}, {"RAW_1_10", "hex:0100000000"}},
            "socket s inet; get s SO_RCVLOWAT = 7; get s SO_OOBINLINE = 1");
}

TEST(RawOptionTest, OneWithAKeyOfItsOwnIsReferredToIt) {
  const Played with = play_with({{"RAW_6_18", "30000"}}, "socket s inet; get s TCP_USER_TIMEOUT");
  EXPECT_EQ(with.number("get s TCP_USER_TIMEOUT"), 0);
  EXPECT_EQ(occurrences(with.error(), "has its own key: user_timeout"), 1) << with.error();
}

}  // namespace
}  // namespace sockopt::test
