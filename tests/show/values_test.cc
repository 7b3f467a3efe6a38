// SPDX-License-Identifier: MIT
//
// Every value that is shown is one that can be written: as it stands, behind -o.
#include <unistd.h>

#include "tests/support/option_row.h"
#include "tests/support/shown_sockets.h"

namespace sockopt::test {
namespace {

class ShownValues : public testing::TestWithParam<const char*> {};

// The word behind this one.
std::string word_after(const std::string& text, const std::string& before) {
  const std::size_t at = text.find(before);
  if (at == std::string::npos) return {};
  const std::size_t first = at + before.size();
  return text.substr(first, text.find_first_of(",; \n", first) - first);
}

TEST_P(ShownValues, CanBeWritten) {
  const bool ipv6 = std::string_view(GetParam()) == "6";
  int shown_rows = 0;
  for (const Option& option : kOptions) {
    const std::string key(option.key.view());
    SCOPED_TRACE(key);
    if (option.inheritance == Inheritance::kClient || option.read_back == ReadBack::kTransient ||
        option.read_back == ReadBack::kNever) {
      continue;
    }
    if (option.is_socket_option() && (!kernel_knows(option) || (!ipv6 && !option.ipv4.exists()))) {
      continue;
    }
    const std::string value = option.kind == Kind::kBacklog    ? "50"
                              : !option.is_socket_option()     ? "on"
                              : option.kind == Kind::kDiscover ? "probe"
                              : option.key == "v6only"         ? "off"
                                                               : distinct_value(option);
    const Listener listener(5, ipv6 ? AF_INET6 : AF_INET);
    const std::string said = sockopt({"show", "-o", key + '=' + value, own_word()}).output;
    const std::string is = word_after(said, key + " is ");
    const std::string wants = word_after(said, ", wants ");
    if (is.empty()) ADD_FAILURE() << said;
    ++shown_rows;
    for (const std::string& text : {is, wants}) {
      const Finished again = sockopt({"show", "-o", key + '=' + text, own_word()});
      EXPECT_EQ(status(again), 0) << text << '\n' << again.error;
    }
    // What it holds it holds, but for what the kernel doubles.
    if (option.read_back == ReadBack::kDoubled) continue;
    EXPECT_EQ(status(sockopt({"show", "--strict", "-o", key + '=' + is, own_word()})), 0) << is;
  }
  EXPECT_GT(shown_rows, 35);
}

INSTANTIATE_TEST_SUITE_P(Families, ShownValues, testing::Values("4", "6"),
                         [](const auto& family) { return std::string("IPv") + family.param; });

}  // namespace
}  // namespace sockopt::test
