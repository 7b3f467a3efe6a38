// SPDX-License-Identifier: MIT
//
// A row of the option table.  Every fact about an option that any part of the project needs is a
// column here; file, environment, -o, range errors, applying, `sockopt options`,
// completions and the tests are loops over the rows of table.h.
#pragma once

#include <cstdint>
#include <string_view>

#include "shim/options/option_set.h"
#include "shim/text/fixed_text.h"

namespace sockopt {

enum class Group : std::uint8_t {
  kDeadPeers,
  kListening,
  kLatency,
  kThroughput,
  kPackets,
  kClients,
  kProtocol,
  kRaw,
};

/// How a value is written in the file, and which bytes it becomes for setsockopt(2).
enum class Kind : std::uint8_t {
  kBoolean,   ///< on off yes no true false 1 0; int 0 or 1
  kCount,     ///< a number, decimal or 0x...; int
  kMask,      ///< as kCount, unsigned 32 bit, shown in hexadecimal
  kDuration,  ///< 60 60s 5m 500ms; int, in the row's unit
  kSize,      ///< 4096 256K 1M; int, bytes
  kRate,      ///< as kSize, bytes per second; unsigned long
  kTos,       ///< a number, or ef af41 cs1 ...; int
  kLinger,    ///< off | reset | a duration in seconds; struct linger
  kTimeval,   ///< as kDuration; struct timeval
  kPorts,     ///< 32768-60999; unsigned 32 bit, the upper port in the upper half
  kName,      ///< bbr, eth0; a string of at most 15 bytes
  kDiscover,  ///< dont want do probe interface omit, or the number; int
  kBacklog,   ///< a number or `max`; the argument of listen(2), no socket option
  kRaw,       ///< an int, or hex:BYTES
};

// Each unit of time is a thousandth of the one before it.
enum class Unit : std::uint8_t { kNone, kSeconds, kMilliseconds, kMicroseconds, kBytes };

/// The calls at which an option is set, as bits: an option may name several.
enum HookPoint : std::uint8_t {
  kAtSocket = 1,        ///< after socket(2)
  kBeforeBind = 2,      ///< before bind(2)
  kBeforeListen = 4,    ///< before listen(2)
  kAfterListen = 8,     ///< after listen(2), which resets it
  kBeforeConnect = 16,  ///< before connect(2)
  kAfterConnect = 32,   ///< after connect(2), which resets it
  kAtAccept = 64,       ///< on each accepted socket, which does not inherit it
  kInSocket = 128,      ///< in the arguments of socket(2): no address can decide it
};

/// Whether the option must precede bind(2) or the handshake.
enum class BindOrder : std::uint8_t {
  kAny,
  kBefore,        ///< best before bind, and it works after it
  kOnlyBefore,    ///< after bind it is refused or has no effect
  kNotConnected,  ///< once connected it is refused
};

enum class Inheritance : std::uint8_t {
  kInherited,  ///< an accepted socket has its listener's value
  kListener,   ///< acts on the listener itself; an accepted socket has nothing to inherit
  kPerSocket,  ///< not inherited: set on each accepted socket where it means something there
  kClient,     ///< acts on connecting sockets only
};

/// What getsockopt(2) answers after a value was set.
enum class ReadBack : std::uint8_t {
  kAsSet,
  kDoubled,    ///< twice the value, between the kernel's minimum and 2 * [rw]mem_max
  kRounded,    ///< rounded up to what the kernel can count (jiffies, retransmissions)
  kMss,        ///< on a connected socket the negotiated segment size, not the bound asked for
  kCapped,     ///< cut to a sysctl
  kEcnMasked,  ///< the two ECN bits stay the kernel's
  kTransient,  ///< the kernel changes it again by itself
  kNever,      ///< getsockopt does not know it
};

/// Whether sockets of protocol 262 take the option.
enum class Mptcp : std::uint8_t {
  kTaken,          ///< and an accepted socket, MPTCP or plain TCP, inherits it
  kTakenPlainNot,  ///< taken, but the accepted socket of a plain TCP client does not inherit it
  kRefused,        ///< refused; the accepted socket of a plain TCP client does take it
};

enum class Privilege : std::uint8_t {
  kNone,
  kNetAdmin,               ///< CAP_NET_ADMIN, always
  kNetAdminToRaise,        ///< CAP_NET_ADMIN above a bound that the row's summary names
  kNetAdminUnlessAllowed,  ///< CAP_NET_ADMIN for what net.ipv4.tcp_allowed_congestion_control lacks
  kNetRawToChange,         ///< CAP_NET_RAW where the socket has another value already
};

/// Which of the kernel's names an address family uses.
struct KernelName {
  std::int16_t level = -1;
  std::int16_t name = -1;
  constexpr bool exists() const { return level >= 0; }
  constexpr bool operator==(const KernelName&) const = default;
};

/// What reading, checking and applying an option need.  A row names only what is special about it:
/// by default an option has no unit, is set after socket(2), inherited, and reads back as set.
struct Option {
  FixedText<24> key;
  Group group = Group::kRaw;
  Kind kind = Kind::kRaw;
  Unit unit = Unit::kNone;
  std::int64_t min = 0;
  std::int64_t max = 0;
  KernelName ipv4 = {};   ///< for AF_INET, and for AF_INET6 where `ipv6` does not exist
  KernelName ipv6 = {};   ///< for AF_INET6 sockets
  KernelName reads = {};  ///< what getsockopt is asked for, where that is another
  bool both = false;      ///< AF_INET6 sockets need both: IPv4-mapped peers read the IPv4 one
  std::uint8_t hook_points = 0;  ///< HookPoint bits
  BindOrder bind_order = BindOrder::kAny;
  Inheritance inheritance = Inheritance::kInherited;
  ReadBack read_back = ReadBack::kAsSet;
  Mptcp mptcp = Mptcp::kTaken;
  Privilege privilege = Privilege::kNone;
  bool lost_at_disconnect = false;  ///< the kernel forgets it with a connection that is given up
  FixedText<8> since = {};          ///< the first kernel version that has it

  /// Whether it is set by setsockopt(2): not the backlog, nor the protocol.
  constexpr bool is_socket_option() const { return ipv4.exists() || ipv6.exists(); }
  /// What getsockopt is asked for, where setsockopt takes `name`.
  constexpr KernelName read_name(KernelName name) const { return reads.exists() ? reads : name; }
};

/// What a person also wants to know.
struct Manual {
  std::string_view constant;  ///< the kernel's name, as in tcp(7), ip(7), ipv6(7), socket(7)
  std::string_view initial;   ///< what a socket has without us
  std::string_view example;   ///< a sound value, as it is written in sockopt.ini
  std::string_view summary;
};

/// Whether the kernel's bpf_setsockopt, by which the bpf engine sets options, takes the option.
struct BpfHelper {
  bool takes = false;
  std::int16_t name = -1;          ///< where it has a name of its own, at the same level
  std::string_view since = "6.1";  ///< the first kernel in which it does
};

struct Row {
  Option option;
  Manual manual;
  BpfHelper bpf = {};
};

}  // namespace sockopt
