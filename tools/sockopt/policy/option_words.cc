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

constexpr HookPointWord kHookPoints[] = {
    {kAtSocket, "socket"},          {kBeforeBind, "bind"},       {kBeforeListen, "listen"},
    {kAfterListen, "after listen"}, {kBeforeConnect, "connect"}, {kAfterConnect, "after connect"},
    {kAtAccept, "accept"}};

}  // namespace

std::string_view kind_word(Kind kind) {
  switch (kind) {
    case Kind::kBoolean:
      return "boolean";
    case Kind::kCount:
      return "count";
    case Kind::kMask:
      return "mask";
    case Kind::kDuration:
      return "duration";
    case Kind::kSize:
      return "size";
    case Kind::kRate:
      return "rate";
    case Kind::kTos:
      return "tos";
    case Kind::kLinger:
      return "linger";
    case Kind::kName:
      return "name";
    case Kind::kDiscover:
      return "discover";
    case Kind::kBacklog:
      return "backlog";
    case Kind::kRaw:
      return "raw";
  }
  return "";
}

std::string_view inheritance_word(Inheritance inheritance) {
  switch (inheritance) {
    case Inheritance::kInherited:
      return "yes";
    case Inheritance::kListener:
      return "listener";
    case Inheritance::kPerSocket:
      return "no";
    case Inheritance::kClient:
      return "client";
  }
  return "";
}

std::string_view read_back_word(ReadBack read_back) {
  switch (read_back) {
    case ReadBack::kAsSet:
      return "as set";
    case ReadBack::kDoubled:
      return "doubled";
    case ReadBack::kRounded:
      return "rounded";
    case ReadBack::kMss:
      return "mss";
    case ReadBack::kCapped:
      return "capped";
    case ReadBack::kEcnMasked:
      return "ecn masked";
    case ReadBack::kTransient:
      return "transient";
  }
  return "";
}

std::string_view mptcp_word(Mptcp mptcp) {
  switch (mptcp) {
    case Mptcp::kTaken:
      return "yes";
    case Mptcp::kTakenPlainNot:
      return "partly";
    case Mptcp::kRefused:
      return "no";
  }
  return "";
}

std::string_view privilege_word(Privilege privilege) {
  switch (privilege) {
    case Privilege::kNone:
      return "";
    case Privilege::kNetAdmin:
      return "CAP_NET_ADMIN";
    case Privilege::kNetAdminToRaise:
      return "CAP_NET_ADMIN to raise";
    case Privilege::kNetAdminUnlessAllowed:
      return "CAP_NET_ADMIN unless allowed";
    case Privilege::kNetRawToChange:
      return "CAP_NET_RAW to change";
  }
  return "";
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
