// SPDX-License-Identifier: MIT
#include "tools/inspect/option_reading.h"

#include <cerrno>

#include "shim/sockets/socket_kind.h"
#include "tools/inspect/unset_value.h"

namespace sockopt {
namespace {

constexpr int kSoSndbuf = 7;
constexpr std::int64_t kSndbufLocked = 1;
constexpr std::int64_t kRcvbufLocked = 2;

}  // namespace

KernelName deciding_name(const Option& option, const SocketFacts& facts) {
  if (facts.domain != AF_INET6 || !option.ipv6.exists()) return option.ipv4;
  return facts.local.is_v4_mapped() && option.ipv4.exists() ? option.ipv4 : option.ipv6;
}

OptionReading read_option(const ForeignSocket& socket, const Option& option) {
  if (option.kind == Kind::kBacklog) {
    const auto limit = socket.facts().queue_limit;
    if (!limit) return {.error = ENOPROTOOPT};
    return {.value = value_of_int(static_cast<int>(*limit))};
  }
  if (option.hook_points == kInSocket) {
    return {.value = value_of_int(socket.facts().protocol == kIpProtocolMptcp)};
  }
  const KernelName name = deciding_name(option, socket.facts());
  if (!name.exists()) return {.error = ENOPROTOOPT};
  OptionReading reading = socket.read(option.read_name(name));
  if (option.read_back != ReadBack::kDoubled) return reading;
  const OptionReading locks = socket.read(kBufLock);
  if (locks) reading.tuned = is_tuned(option, locks.value.number(Kind::kCount));
  return reading;
}

bool is_tuned(const Option& buffer, std::int64_t locks) {
  const bool sends = buffer.read_name(buffer.ipv4).name == kSoSndbuf;
  return (locks & (sends ? kSndbufLocked : kRcvbufLocked)) == 0;
}

std::string held_value_text(const Option& option, const Value& value) {
  if (is_unset(option, value)) return std::string(kUnset);
  TextOf<256> text;
  format_value(option, value, text);
  return std::string(text.view());
}

std::string reading_text(const Option& option, const OptionReading& reading) {
  if (!reading) return "-";
  const std::string text = held_value_text(option, reading.value);
  if (option.read_back != ReadBack::kDoubled || reading.tuned == false) return text;
  return text +
         (reading.tuned ? " (tuned by the kernel)" : " (set or tuned: the kernel does not tell)");
}

}  // namespace sockopt
