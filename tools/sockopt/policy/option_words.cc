// SPDX-License-Identifier: MIT
#include "tools/sockopt/policy/option_words.h"

#include "shim/options/value.h"
#include "shim/policy/policy.h"
#include "shim/text/text.h"

namespace sockopt {
namespace {

struct HookPointWord {
  HookPoint hook_point;
  std::string_view word;
};

constexpr HookPointWord kHookPoints[] = {{kInSocket, "socket"},
                                         {kAtSocket, "socket"},
                                         {kBeforeBind, "bind"},
                                         {kBeforeListen, "listen"},
                                         {kAfterListen, "after listen"},
                                         {kBeforeConnect, "connect"},
                                         {kAfterConnect, "after connect"},
                                         {kAtAccept, "accept"}};

}  // namespace

std::string_view kind_word(Kind kind) {
  constexpr std::string_view kWords[] = {"boolean", "count",    "mask",    "duration", "size",
                                         "rate",    "tos",      "linger",  "duration", "ports",
                                         "name",    "discover", "backlog", "raw"};
  static_assert(std::size(kWords) == static_cast<std::size_t>(Kind::kRaw) + 1);
  return kWords[static_cast<std::size_t>(kind)];
}

std::string_view inheritance_word(Inheritance inheritance) {
  constexpr std::string_view kWords[] = {"yes", "listener", "no", "client"};
  static_assert(std::size(kWords) == static_cast<std::size_t>(Inheritance::kClient) + 1);
  return kWords[static_cast<std::size_t>(inheritance)];
}

std::string_view read_back_word(ReadBack read_back) {
  constexpr std::string_view kWords[] = {"as set", "doubled",    "rounded",   "mss",
                                         "capped", "ecn masked", "transient", "never"};
  static_assert(std::size(kWords) == static_cast<std::size_t>(ReadBack::kNever) + 1);
  return kWords[static_cast<std::size_t>(read_back)];
}

std::string_view mptcp_word(Mptcp mptcp) {
  constexpr std::string_view kWords[] = {"yes", "partly", "no"};
  static_assert(std::size(kWords) == static_cast<std::size_t>(Mptcp::kRefused) + 1);
  return kWords[static_cast<std::size_t>(mptcp)];
}

std::string_view privilege_word(Privilege privilege) {
  constexpr std::string_view kWords[] = {"", "CAP_NET_ADMIN", "CAP_NET_ADMIN to raise",
                                         "CAP_NET_ADMIN unless allowed", "CAP_NET_RAW to change"};
  static_assert(std::size(kWords) == static_cast<std::size_t>(Privilege::kNetRawToChange) + 1);
  return kWords[static_cast<std::size_t>(privilege)];
}

std::vector<std::string_view> moment_words(const Option& option) {
  std::vector<std::string_view> words;
  for (const HookPointWord& row : kHookPoints) {
    if ((option.hook_points & row.hook_point) != 0) words.push_back(row.word);
  }
  return words;
}

std::string range_text(const Option& option) {
  TextOf<128> text;
  describe_range(option, text);
  return std::string(text.view());
}

std::string variable_text(const Option& option) {
  TextOf<64> text;
  variable_name(option, text);
  return std::string(text.view());
}

}  // namespace sockopt
