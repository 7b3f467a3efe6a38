// SPDX-License-Identifier: MIT
#include "names.h"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <map>
#include <sstream>
#include <string>

namespace actor {
namespace {

int meaning(const std::map<std::string, int>& words, const std::string& word) {
  const auto found = words.find(word);
  if (found == words.end()) fail("no such word: " + word);
  return found->second;
}

#define OPTION(level, name) \
  {                         \
#name, { level, name }  \
  }
const std::map<std::string, OptionName> kOptions = {OPTION(SOL_SOCKET, SO_REUSEADDR),
                                                    OPTION(SOL_SOCKET, SO_SNDBUF),
                                                    OPTION(SOL_SOCKET, SO_RCVBUF),
                                                    OPTION(SOL_SOCKET, SO_SNDBUFFORCE),
                                                    OPTION(SOL_SOCKET, SO_RCVBUFFORCE),
                                                    OPTION(SOL_SOCKET, SO_KEEPALIVE),
                                                    OPTION(SOL_SOCKET, SO_OOBINLINE),
                                                    OPTION(SOL_SOCKET, SO_PRIORITY),
                                                    OPTION(SOL_SOCKET, SO_LINGER),
                                                    OPTION(SOL_SOCKET, SO_REUSEPORT),
                                                    OPTION(SOL_SOCKET, SO_RCVLOWAT),
                                                    {"SO_SNDTIMEO", {SOL_SOCKET, 21}},
                                                    OPTION(SOL_SOCKET, SO_MARK),
                                                    OPTION(SOL_SOCKET, SO_PROTOCOL),
                                                    OPTION(SOL_SOCKET, SO_TYPE),
                                                    OPTION(SOL_SOCKET, SO_DOMAIN),
                                                    OPTION(SOL_SOCKET, SO_ACCEPTCONN),
                                                    OPTION(SOL_SOCKET, SO_BUF_LOCK),
                                                    OPTION(IPPROTO_IP, IP_TOS),
                                                    OPTION(IPPROTO_IP, IP_TTL),
                                                    OPTION(IPPROTO_IP, IP_FREEBIND),
                                                    OPTION(IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT),
                                                    OPTION(IPPROTO_IPV6, IPV6_V6ONLY),
                                                    OPTION(IPPROTO_IPV6, IPV6_UNICAST_HOPS),
                                                    OPTION(IPPROTO_IPV6, IPV6_TCLASS),
                                                    OPTION(IPPROTO_TCP, TCP_NODELAY),
                                                    OPTION(IPPROTO_TCP, TCP_KEEPIDLE),
                                                    OPTION(IPPROTO_TCP, TCP_KEEPINTVL),
                                                    OPTION(IPPROTO_TCP, TCP_KEEPCNT),
                                                    OPTION(IPPROTO_TCP, TCP_DEFER_ACCEPT),
                                                    OPTION(IPPROTO_TCP, TCP_INFO),
                                                    OPTION(IPPROTO_TCP, TCP_CONGESTION),
                                                    OPTION(IPPROTO_TCP, TCP_FASTOPEN),
                                                    OPTION(IPPROTO_TCP, TCP_USER_TIMEOUT),
                                                    OPTION(IPPROTO_TCP, TCP_QUICKACK),
                                                    OPTION(IPPROTO_TCP, TCP_FASTOPEN_CONNECT),
                                                    OPTION(IPPROTO_TCP, TCP_MAXSEG),
                                                    OPTION(IPPROTO_TCP, TCP_WINDOW_CLAMP),
                                                    {"TCP_RTO_MIN_US", {IPPROTO_TCP, 45}},
                                                    OPTION(IPPROTO_TCP, TCP_NOTSENT_LOWAT)};
#undef OPTION

template <typename Sockaddr>
Sockaddr* as(Address& address, sa_family_t family) {
  address.storage.ss_family = family;
  address.size = sizeof(Sockaddr);
  return reinterpret_cast<Sockaddr*>(&address.storage);
}

}  // namespace

int number(const std::string& text) {
  return static_cast<int>(std::strtoll(text.c_str(), nullptr, 0));
}

int family_of(const std::string& word) {
  return meaning({{"inet", AF_INET},
                  {"inet6", AF_INET6},
                  {"unix", AF_UNIX},
                  {"netlink", AF_NETLINK},
                  {"vsock", AF_VSOCK},
                  {"none", 12345}},
                 word);
}

int type_of(const std::string& words) {
  int type = 0;
  std::istringstream list(words);
  for (std::string word; std::getline(list, word, '|');) {
    type |= meaning({{"stream", SOCK_STREAM},
                     {"dgram", SOCK_DGRAM},
                     {"raw", SOCK_RAW},
                     {"seqpacket", SOCK_SEQPACKET},
                     {"cloexec", SOCK_CLOEXEC},
                     {"nonblock", SOCK_NONBLOCK},
                     {"none", 0}},
                    word);
  }
  return type;
}

int protocol_of(const std::string& word) {
  return meaning({{"tcp", IPPROTO_TCP},
                  {"mptcp", 262},
                  {"udp", IPPROTO_UDP},
                  {"udplite", IPPROTO_UDPLITE},
                  {"sctp", IPPROTO_SCTP},
                  {"icmp", IPPROTO_ICMP},
                  {"icmpv6", IPPROTO_ICMPV6}},
                 word);
}

int signal_of(const std::string& word) { return meaning({{"SIGPIPE", SIGPIPE}}, word); }

OptionName option_of(const std::string& word) {
  if (const auto found = kOptions.find(word); found != kOptions.end()) return found->second;
  const auto colon = word.find(':');
  if (colon == word.npos) fail("no such option: " + word);
  return {number(word.substr(0, colon)), number(word.substr(colon + 1))};
}

Address address_of(std::string text) {
  Address address;
  if (text == "vsock") {
    auto* vm = as<sockaddr_vm>(address, AF_VSOCK);
    vm->svm_cid = VMADDR_CID_ANY;
    vm->svm_port = VMADDR_PORT_ANY;
  } else if (text == "netlink") {
    as<sockaddr_nl>(address, AF_NETLINK);
  } else if (text.compare(0, 5, "unix:") == 0) {
    auto* un = as<sockaddr_un>(address, AF_UNIX);
    text.erase(0, 5);
    // For names that no other run has.
    if (const auto at = text.find('%'); at != text.npos)
      text.replace(at, 1, std::to_string(getpid()));
    std::memcpy(un->sun_path, text.data(), text.size());
    if (text[0] == '@') un->sun_path[0] = '\0';
    address.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + text.size());
  } else if (std::count(text.begin(), text.end(), ':') > 1) {
    auto* in6 = as<sockaddr_in6>(address, AF_INET6);
    if (inet_pton(AF_INET6, text.c_str(), &in6->sin6_addr) != 1) fail("address " + text);
  } else {
    auto* in = as<sockaddr_in>(address, AF_INET);
    if (const auto colon = text.find(':'); colon != text.npos) {
      in->sin_port = htons(static_cast<std::uint16_t>(number(text.substr(colon + 1))));
      text.erase(colon);
    }
    if (inet_pton(AF_INET, text.c_str(), &in->sin_addr) != 1) fail("address " + text);
  }
  return address;
}

std::string errno_name(int error) {
  const char* name = strerrorname_np(error);
  return name != nullptr ? name : "errno " + std::to_string(error);
}

std::string value_text(const unsigned char* bytes, std::size_t size) {
  if (size == sizeof(int)) {
    int value = 0;
    std::memcpy(&value, bytes, sizeof value);
    return std::to_string(value);
  }
  std::string text = "hex:";
  for (std::size_t i = 0; i < size; ++i) {
    for (const int digit : {bytes[i] >> 4, bytes[i] & 15}) text += "0123456789abcdef"[digit];
  }
  return text;
}

}  // namespace actor
