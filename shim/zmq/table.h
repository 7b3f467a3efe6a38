// SPDX-License-Identifier: MIT
//
// The table of ZeroMQ's options: one row per option, as in shim/options/table.h. To add an option
// is to add a row. Numbers, ranges and defaults are those of zmq_setsockopt(3); tests/zmq compares
// them with the libzmq that is installed.
#pragma once

#include <array>

#include "shim/options/table.h"
#include "shim/text/text.h"
#include "shim/zmq/socket_type.h"

namespace sockopt::zmq {

struct Row {
  Option option;  ///< its name is the number for zmq_setsockopt(3), at no level
  Manual manual;
  bool has_minus_one = false;  ///< -1 is a value of its own, beside the range
  TypeSet types = kAllTypes;   ///< sockets that have it
};

/// In place of a kernel's level, which these options have none of.
inline constexpr std::int16_t kNoLevel = 0;

inline constexpr TypeSet kReqOnly = type_bit(find_type("req"));

// clang-format off
inline constexpr auto kRows = std::to_array<Row>({
  {.option = {.key = "req_relaxed", .kind = Kind::kBoolean, .max = 1, .ipv4 = {kNoLevel, 53},
              .since = "4.0"},
   .manual = {.constant = "ZMQ_REQ_RELAXED", .initial = "off", .example = "on",
              .summary = "a REQ socket may send again before a reply came; set req_correlate too"},
   .types = kReqOnly},
  {.option = {.key = "req_correlate", .kind = Kind::kBoolean, .max = 1, .ipv4 = {kNoLevel, 52},
              .since = "4.0"},
   .manual = {.constant = "ZMQ_REQ_CORRELATE", .initial = "off", .example = "on",
              .summary = "a REQ socket takes only the reply to its last request"},
   .types = kReqOnly},

  {.option = {.key = "heartbeat_ivl", .kind = Kind::kDuration, .unit = Unit::kMilliseconds,
              .max = kIntMax, .ipv4 = {kNoLevel, 75}, .since = "4.2"},
   .manual = {.constant = "ZMQ_HEARTBEAT_IVL", .initial = "0ms (no heartbeats)", .example = "5s",
              .summary = "time between heartbeats to the peer"}},
  {.option = {.key = "heartbeat_timeout", .kind = Kind::kDuration, .unit = Unit::kMilliseconds,
              .max = kIntMax, .ipv4 = {kNoLevel, 77}, .since = "4.2"},
   .manual = {.constant = "ZMQ_HEARTBEAT_TIMEOUT", .initial = "heartbeat_ivl", .example = "15s",
              .summary = "silence after a heartbeat until the connection is given up"}},
  {.option = {.key = "heartbeat_ttl", .kind = Kind::kDuration, .unit = Unit::kMilliseconds,
              .max = 6553500, .ipv4 = {kNoLevel, 76}, .read_back = ReadBack::kRounded,
              .since = "4.2"},
   .manual = {.constant = "ZMQ_HEARTBEAT_TTL", .initial = "0ms (the peer waits for ever)",
              .example = "30s",
              .summary = "silence after which the peer is told to give the connection up"}},
  {.option = {.key = "handshake_ivl", .kind = Kind::kDuration, .unit = Unit::kMilliseconds,
              .max = kIntMax, .ipv4 = {kNoLevel, 66}, .since = "4.1"},
   .manual = {.constant = "ZMQ_HANDSHAKE_IVL", .initial = "30s", .example = "10s",
              .summary = "longest time that ZeroMQ's own handshake may take"}},

  {.option = {.key = "tcp_keepalive", .kind = Kind::kBoolean, .max = 1, .ipv4 = {kNoLevel, 34},
              .since = "3.2"},
   .manual = {.constant = "ZMQ_TCP_KEEPALIVE", .initial = "-1 (the system's)", .example = "on",
              .summary = "SO_KEEPALIVE of its connections"},
   .has_minus_one = true},
  {.option = {.key = "tcp_keepalive_idle", .kind = Kind::kDuration, .unit = Unit::kSeconds,
              .min = 1, .max = 32767, .ipv4 = {kNoLevel, 36}, .since = "3.2"},
   .manual = {.constant = "ZMQ_TCP_KEEPALIVE_IDLE", .initial = "-1 (the system's)",
              .example = "60s", .summary = "TCP_KEEPIDLE of its connections, with tcp_keepalive"},
   .has_minus_one = true},
  {.option = {.key = "tcp_keepalive_cnt", .kind = Kind::kCount, .min = 1, .max = 127,
              .ipv4 = {kNoLevel, 35}, .since = "3.2"},
   .manual = {.constant = "ZMQ_TCP_KEEPALIVE_CNT", .initial = "-1 (the system's)", .example = "5",
              .summary = "TCP_KEEPCNT of its connections, with tcp_keepalive"},
   .has_minus_one = true},
  {.option = {.key = "tcp_keepalive_intvl", .kind = Kind::kDuration, .unit = Unit::kSeconds,
              .min = 1, .max = 32767, .ipv4 = {kNoLevel, 37}, .since = "3.2"},
   .manual = {.constant = "ZMQ_TCP_KEEPALIVE_INTVL", .initial = "-1 (the system's)",
              .example = "10s", .summary = "TCP_KEEPINTVL of its connections, with tcp_keepalive"},
   .has_minus_one = true},
  {.option = {.key = "tcp_maxrt", .kind = Kind::kDuration, .unit = Unit::kMilliseconds,
              .max = kIntMax, .ipv4 = {kNoLevel, 80}, .since = "4.2"},
   .manual = {.constant = "ZMQ_TCP_MAXRT", .initial = "0ms (the system's)", .example = "30s",
              .summary = "TCP_USER_TIMEOUT of its connections"}},
  {.option = {.key = "tos", .kind = Kind::kTos, .max = 255, .ipv4 = {kNoLevel, 57},
              .since = "4.1"},
   .manual = {.constant = "ZMQ_TOS", .initial = "cs0", .example = "af21",
              .summary = "IP_TOS of its connections and listeners"}},
  {.option = {.key = "backlog", .kind = Kind::kBacklog, .max = kIntMax, .ipv4 = {kNoLevel, 19},
              .since = "2.0"},
   .manual = {.constant = "ZMQ_BACKLOG", .initial = "100", .example = "4096",
              .summary = "what its listeners ask of listen(2)"}},

  {.option = {.key = "reconnect_ivl", .kind = Kind::kDuration, .unit = Unit::kMilliseconds,
              .max = kIntMax, .ipv4 = {kNoLevel, 18}, .since = "2.0"},
   .manual = {.constant = "ZMQ_RECONNECT_IVL", .initial = "100ms", .example = "500ms",
              .summary = "wait before a connection is tried again; -1: never again"},
   .has_minus_one = true},
  {.option = {.key = "reconnect_ivl_max", .kind = Kind::kDuration, .unit = Unit::kMilliseconds,
              .max = kIntMax, .ipv4 = {kNoLevel, 21}, .since = "2.0"},
   .manual = {.constant = "ZMQ_RECONNECT_IVL_MAX", .initial = "0ms (always reconnect_ivl)",
              .example = "30s", .summary = "longest wait: until there each is twice the one before"}},
  {.option = {.key = "connect_timeout", .kind = Kind::kDuration, .unit = Unit::kMilliseconds,
              .max = kIntMax, .ipv4 = {kNoLevel, 79}, .since = "4.2"},
   .manual = {.constant = "ZMQ_CONNECT_TIMEOUT", .initial = "0ms (the system's)",
              .example = "10s", .summary = "longest time that connect(2) may take"}},

  {.option = {.key = "linger", .kind = Kind::kDuration, .unit = Unit::kMilliseconds,
              .max = kIntMax, .ipv4 = {kNoLevel, 17}, .since = "2.0"},
   .manual = {.constant = "ZMQ_LINGER", .initial = "-1 (for ever)", .example = "5s",
              .summary = "how long unsent messages keep the context from ending"},
   .has_minus_one = true},
  {.option = {.key = "sndhwm", .kind = Kind::kCount, .max = kIntMax, .ipv4 = {kNoLevel, 23},
              .since = "3.2"},
   .manual = {.constant = "ZMQ_SNDHWM", .initial = "1000", .example = "10000",
              .summary = "messages queued per peer for sending; 0: no limit"}},
  {.option = {.key = "rcvhwm", .kind = Kind::kCount, .max = kIntMax, .ipv4 = {kNoLevel, 24},
              .since = "3.2"},
   .manual = {.constant = "ZMQ_RCVHWM", .initial = "1000", .example = "10000",
              .summary = "messages queued per peer after receiving; 0: no limit"}},
  {.option = {.key = "immediate", .kind = Kind::kBoolean, .max = 1, .ipv4 = {kNoLevel, 39},
              .since = "4.0"},
   .manual = {.constant = "ZMQ_IMMEDIATE", .initial = "off", .example = "on",
              .summary = "queue messages only for peers that are connected"}},
});
// clang-format on

inline constexpr std::size_t kOptionCount = kRows.size();

// Like shim/options/table.h: the library leaves the manual behind.
struct LibraryRow {
  Option option;
  TypeSet types;
  bool has_minus_one;
};
inline constexpr auto kOptions = [] {
  std::array<LibraryRow, kOptionCount> rows{};
  for (std::size_t i = 0; i < kOptionCount; ++i) {
    rows[i] = {kRows[i].option, kRows[i].types, kRows[i].has_minus_one};
  }
  return rows;
}();

constexpr OptionId kNoOption = 0xff;

/// The row whose key is exactly `key`, or kNoOption.
constexpr OptionId find_key(std::string_view key) {
  for (OptionId id = 0; id < kOptionCount; ++id) {
    if (kOptions[id].option.key == key) return id;
  }
  return kNoOption;
}

/// The row with this number of zmq_setsockopt(3), or kNoOption.
constexpr OptionId find_number(int number) {
  for (OptionId id = 0; id < kOptionCount; ++id) {
    if (kOptions[id].option.ipv4.name == number) return id;
  }
  return kNoOption;
}

static_assert([] {
  for (OptionId id = 0; id < kOptionCount; ++id) {
    const Row& row = kRows[id];
    if (find_key(row.option.key.view()) != id || find_number(row.option.ipv4.name) != id)
      return false;
    if (row.option.min > row.option.max || row.types == 0 || row.option.since.empty()) return false;
    // The key is the constant in lower case, without its prefix.
    const std::string_view constant = row.manual.constant;
    if (!constant.starts_with("ZMQ_") || constant.size() != row.option.key.size() + 4) return false;
    for (std::size_t i = 4; i < constant.size(); ++i) {
      if (to_lower(constant[i]) != row.option.key.view()[i - 4]) return false;
    }
  }
  return true;
}());

}  // namespace sockopt::zmq
