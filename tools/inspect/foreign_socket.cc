// SPDX-License-Identifier: MIT
//
// Constants are written out where the headers that programs are built with may be older than the
// kernel they run on.
#include "tools/inspect/foreign_socket.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>

namespace sockopt {
namespace {

constexpr int kMptcp = 262;
constexpr int kSoMeminfo = 55;
constexpr int kSoCookie = 57;
constexpr int kSoNetnsCookie = 71;
constexpr std::size_t kMeminfoDrops = 8;

template <typename T>
std::optional<T> get(int fd, int level, int name) {
  T value{};
  socklen_t size = sizeof value;
  if (getsockopt(fd, level, name, &value, &size) != 0 || size != sizeof value) return std::nullopt;
  return value;
}

template <typename Function>
Endpoint endpoint(int fd, Function&& ask) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (ask(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return {};
  return Endpoint::of(address);
}

// The kernel fills what it knows of the structure; older ones know less.
std::optional<tcp_info> read_tcp_info(int fd) {
  tcp_info info{};
  socklen_t size = sizeof info;
  if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return std::nullopt;
  return info;
}

std::optional<std::uint32_t> read_drops(int fd) {
  std::array<std::uint32_t, 16> memory{};
  socklen_t size = sizeof memory;
  if (getsockopt(fd, SOL_SOCKET, kSoMeminfo, memory.data(), &size) != 0) return std::nullopt;
  if (size < (kMeminfoDrops + 1) * sizeof(std::uint32_t)) return std::nullopt;
  return memory[kMeminfoDrops];
}

}  // namespace

// Few calls, for there may be many sockets: what TCP_INFO and the addresses say is not asked again.
std::optional<SocketFacts> socket_facts(int fd) {
  SocketFacts facts;
  facts.protocol = get<int>(fd, SOL_SOCKET, SO_PROTOCOL).value_or(0);
  if (facts.protocol != IPPROTO_TCP && facts.protocol != kMptcp) return std::nullopt;
  const std::optional<tcp_info> info = read_tcp_info(fd);
  // A raw socket may have been made for protocol 6, and an SMC socket has numbers of its own.
  if (!info && get<int>(fd, SOL_SOCKET, SO_TYPE) != SOCK_STREAM) return std::nullopt;
  facts.local = endpoint(fd, getsockname);
  facts.domain = facts.local.family;
  if (facts.domain != AF_INET && facts.domain != AF_INET6) return std::nullopt;

  struct stat status;
  if (fstat(fd, &status) == 0) facts.inode = status.st_ino;
  facts.cookie = get<std::uint64_t>(fd, SOL_SOCKET, kSoCookie).value_or(0);
  facts.net_cookie = net_cookie_of(fd);
  if (info) {
    facts.state = info->tcpi_state;
    facts.listening = facts.state == TCP_LISTEN;
  } else {
    facts.listening = get<int>(fd, SOL_SOCKET, SO_ACCEPTCONN).value_or(0) != 0;
  }
  if (!facts.listening && facts.state != TCP_CLOSE) facts.peer = endpoint(fd, getpeername);
  if (facts.listening) {
    if (info) {
      facts.queue = info->tcpi_unacked;
      facts.queue_limit = info->tcpi_sacked;
    }
    if (facts.protocol != kMptcp) facts.drops = read_drops(fd);
  }
  return facts;
}

std::uint64_t net_cookie_of(int fd) {
  return get<std::uint64_t>(fd, SOL_SOCKET, kSoNetnsCookie).value_or(0);
}

std::uint64_t own_net_cookie() {
  const UniqueFd probe(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return probe ? net_cookie_of(probe.get()) : 0;
}

OptionReading read_raw_option(int fd, KernelName name) {
  OptionReading reading;
  socklen_t size = Value::kMaxBytes;
  if (getsockopt(fd, name.level, name.name, reading.value.bytes, &size) != 0) {
    reading.error = errno;
    return reading;
  }
  reading.value.size = static_cast<std::uint8_t>(size);
  return reading;
}

ForeignSocket::ForeignSocket(UniqueFd copy, SocketFacts facts)
    : copy_(std::move(copy)), facts_(facts) {}

Result<std::optional<ForeignSocket>> ForeignSocket::open(const ForeignProcess& process,
                                                         int number) {
  Result<UniqueFd> copy = process.duplicate(number);
  if (!copy) {
    // Closed since it was listed; that the process itself has ended is another matter.
    if (copy.failure().error == EBADF) return std::optional<ForeignSocket>();
    return copy.failure();
  }
  std::optional<SocketFacts> facts = socket_facts(copy->get());
  if (!facts) return std::optional<ForeignSocket>();
  facts->fd = number;
  return std::optional(ForeignSocket(std::move(*copy), *facts));
}

OptionReading ForeignSocket::read(KernelName name) const { return read_raw_option(fd(), name); }

std::string_view state_name(int state) {
  constexpr std::array<std::string_view, 13> kNames = {
      "?",      "ESTAB",      "SYN-SENT", "SYN-RECV", "FIN-WAIT-1", "FIN-WAIT-2",  "TIME-WAIT",
      "UNCONN", "CLOSE-WAIT", "LAST-ACK", "LISTEN",   "CLOSING",    "NEW-SYN-RECV"};
  const auto index = static_cast<std::size_t>(state);
  return state > 0 && index < kNames.size() ? kNames[index] : kNames[0];
}

}  // namespace sockopt
