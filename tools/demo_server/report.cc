// SPDX-License-Identifier: MIT
//
// One row per option: adding one to what the server tells is adding a row.

#include "report.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <cstring>
#include <string>
#include <string_view>

#include "process.h"

namespace demo {
namespace {

enum class Kind { kNumber, kUnsigned, kText, kLinger, kBacklog };

struct Option {
  const char* name;
  int level;
  int number;
  Kind kind = Kind::kNumber;
};

constexpr Option kOptions[] = {
    {"keepalive", SOL_SOCKET, SO_KEEPALIVE},
    {"keepidle", IPPROTO_TCP, TCP_KEEPIDLE},
    {"keepintvl", IPPROTO_TCP, TCP_KEEPINTVL},
    {"keepcnt", IPPROTO_TCP, TCP_KEEPCNT},
    {"user_timeout", IPPROTO_TCP, TCP_USER_TIMEOUT},
    {"nodelay", IPPROTO_TCP, TCP_NODELAY},
    {"quickack", IPPROTO_TCP, TCP_QUICKACK},
    {"defer_accept", IPPROTO_TCP, TCP_DEFER_ACCEPT},
    {"fastopen", IPPROTO_TCP, TCP_FASTOPEN},
    {"linger2", IPPROTO_TCP, TCP_LINGER2},
    {"syncnt", IPPROTO_TCP, TCP_SYNCNT},
    {"notsent_lowat", IPPROTO_TCP, TCP_NOTSENT_LOWAT, Kind::kUnsigned},
    {"rcvbuf", SOL_SOCKET, SO_RCVBUF},
    {"sndbuf", SOL_SOCKET, SO_SNDBUF},
    {"priority", SOL_SOCKET, SO_PRIORITY},
    {"tos", IPPROTO_IP, IP_TOS},
    {"tclass", IPPROTO_IPV6, IPV6_TCLASS},
    {"ttl", IPPROTO_IP, IP_TTL},
    {"unicast_hops", IPPROTO_IPV6, IPV6_UNICAST_HOPS},
    {"reuseaddr", SOL_SOCKET, SO_REUSEADDR},
    {"reuseport", SOL_SOCKET, SO_REUSEPORT},
    {"congestion", IPPROTO_TCP, TCP_CONGESTION, Kind::kText},
    {"maxseg", IPPROTO_TCP, TCP_MAXSEG},
    {"window_clamp", IPPROTO_TCP, TCP_WINDOW_CLAMP},
    {"linger", SOL_SOCKET, SO_LINGER, Kind::kLinger},
    {"mark", SOL_SOCKET, SO_MARK, Kind::kUnsigned},
    {"v6only", IPPROTO_IPV6, IPV6_V6ONLY},
    {"freebind", IPPROTO_IP, IP_FREEBIND},
    {"transparent", IPPROTO_IP, IP_TRANSPARENT},
    {"incoming_cpu", SOL_SOCKET, SO_INCOMING_CPU},
    {"busy_poll", SOL_SOCKET, SO_BUSY_POLL},
    {"thin_linear_timeouts", IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS},
    {"rto_max_ms", IPPROTO_TCP, 44},
    {"rto_min_us", IPPROTO_TCP, 45},
    {"delack_max_us", IPPROTO_TCP, 46},
    {"max_pacing_rate", SOL_SOCKET, SO_MAX_PACING_RATE, Kind::kUnsigned},
    {"mtu_discover", IPPROTO_IP, IP_MTU_DISCOVER},
    {"bindtodevice", SOL_SOCKET, SO_BINDTODEVICE, Kind::kText},
    {"fastopen_connect", IPPROTO_TCP, TCP_FASTOPEN_CONNECT},
    {"bind_address_no_port", IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT},
    {"backlog", IPPROTO_TCP, TCP_INFO, Kind::kBacklog},
};

template <typename Value>
bool get_option(int fd, const Option& option, Value& value) {
  socklen_t size = sizeof value;
  return getsockopt(fd, option.level, option.number, &value, &size) == 0;
}

std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += static_cast<unsigned char>(c) < ' ' ? '?' : c;
  }
  return result + '"';
}

std::string option_json(int fd, const Option& option) {
  switch (option.kind) {
    case Kind::kNumber:
      if (int value = 0; get_option(fd, option, value)) return std::to_string(value);
      break;
    case Kind::kUnsigned:
      if (unsigned value = 0; get_option(fd, option, value)) return std::to_string(value);
      break;
    case Kind::kText: {
      char text[64] = {};
      if (get_option(fd, option, text)) return quoted({text, strnlen(text, sizeof text)});
      break;
    }
    case Kind::kLinger:
      if (linger value{}; get_option(fd, option, value)) {
        return std::to_string(value.l_onoff != 0 ? value.l_linger : -1);
      }
      break;
    case Kind::kBacklog:  // of a listener, the kernel reports its limit in tcpi_sacked
      if (tcp_info info{}; get_option(fd, option, info) && info.tcpi_state == TCP_LISTEN) {
        return std::to_string(info.tcpi_sacked);
      }
      break;
  }
  return "null";
}

struct Endpoint {
  std::string address;
  int port = 0;
  bool ipv6 = false;
};

Endpoint endpoint_of(const sockaddr_storage& storage) {
  char text[INET6_ADDRSTRLEN] = "";
  if (storage.ss_family == AF_INET6) {
    sockaddr_in6 address{};
    std::memcpy(&address, &storage, sizeof address);
    inet_ntop(AF_INET6, &address.sin6_addr, text, sizeof text);
    return {text, ntohs(address.sin6_port), true};
  }
  sockaddr_in address{};
  std::memcpy(&address, &storage, sizeof address);
  inet_ntop(AF_INET, &address.sin_addr, text, sizeof text);
  return {text, ntohs(address.sin_port), false};
}

}  // namespace

std::string options_json(int fd) {
  std::string json = "{";
  for (const Option& option : kOptions) {
    if (json.size() > 1) json += ',';
    json += quoted(option.name) + ':' + option_json(fd, option);
  }
  return json + '}';
}

std::string listener_json(int fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) fail_errno("getsockname");
  const Endpoint local = endpoint_of(storage);
  return "{\"fd\":" + std::to_string(fd) + ",\"family\":" + (local.ipv6 ? "\"ipv6\"" : "\"ipv4\"") +
         ",\"address\":" + quoted(local.address) + ",\"port\":" + std::to_string(local.port) +
         ",\"options\":" + options_json(fd) + '}';
}

std::string endpoint_text(const sockaddr_storage& address) {
  const Endpoint e = endpoint_of(address);
  return (e.ipv6 ? '[' + e.address + ']' : e.address) + ':' + std::to_string(e.port);
}

}  // namespace demo
