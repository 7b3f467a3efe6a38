// SPDX-License-Identifier: MIT
#include "tools/inspect/listener_dump.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <utility>

#include "tools/inspect/unique_fd.h"

namespace sockopt {
namespace {

struct Request {
  nlmsghdr header;
  inet_diag_req_v2 body;
};

bool ask(int netlink, int family, unsigned extensions) {
  Request request = {};
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.body.sdiag_family = static_cast<__u8>(family);
  request.body.sdiag_protocol = IPPROTO_TCP;
  request.body.idiag_states = 1U << TCP_LISTEN;
  request.body.idiag_ext = static_cast<__u8>(extensions);
  return ::send(netlink, &request, sizeof request, 0) == sizeof request;
}

Endpoint endpoint_of(const inet_diag_msg& told) {
  Endpoint endpoint;
  endpoint.family = told.idiag_family;
  endpoint.port = ntohs(told.id.idiag_sport);
  const bool ipv6 = told.idiag_family == AF_INET6;
  std::memcpy(endpoint.address.data(), told.id.idiag_src, ipv6 ? 16 : 4);
  in6_addr address = {};
  std::memcpy(&address, endpoint.address.data(), sizeof address);
  // As getsockname tells it.
  if (ipv6 && IN6_IS_ADDR_LINKLOCAL(&address)) endpoint.scope = told.id.idiag_if;
  return endpoint;
}

// NLMSG_DATA takes no const.
const char* payload_of(const nlmsghdr* header) {
  return reinterpret_cast<const char*>(header) + NLMSG_HDRLEN;
}

// SO_MEMINFO, among what stands behind the answer for a listener; 0 where it is not there.
std::uint32_t drops_of(const nlmsghdr* header) {
  constexpr std::size_t kDrops = 8;
  const auto* attribute =
      reinterpret_cast<const rtattr*>(payload_of(header) + NLMSG_ALIGN(sizeof(inet_diag_msg)));
  auto left = static_cast<unsigned>(NLMSG_PAYLOAD(header, NLMSG_ALIGN(sizeof(inet_diag_msg))));
  for (; RTA_OK(attribute, left); attribute = RTA_NEXT(attribute, left)) {
    if (attribute->rta_type != INET_DIAG_SKMEMINFO) continue;
    if (RTA_PAYLOAD(attribute) < (kDrops + 1) * sizeof(std::uint32_t)) return 0;
    std::uint32_t drops = 0;
    std::memcpy(&drops, static_cast<const char*>(RTA_DATA(attribute)) + kDrops * sizeof drops,
                sizeof drops);
    return drops;
  }
  return 0;
}

// Whether the answer was whole.
template <typename Visit>
bool read_answer(int netlink, const Visit& visit) {
  alignas(nlmsghdr) char buffer[32 * 1024];
  for (;;) {
    const ssize_t size = ::recv(netlink, buffer, sizeof buffer, 0);
    if (size <= 0) return false;
    auto left = static_cast<unsigned>(size);
    for (auto* header = reinterpret_cast<nlmsghdr*>(buffer); NLMSG_OK(header, left);
         header = NLMSG_NEXT(header, left)) {
      if (header->nlmsg_type == NLMSG_DONE) return true;
      if (header->nlmsg_type != SOCK_DIAG_BY_FAMILY) return false;  // an error
      if (header->nlmsg_len < NLMSG_LENGTH(sizeof(inet_diag_msg))) return false;
      visit(header);
    }
  }
}

// Whether all could be asked for.
template <typename Visit>
bool dump(unsigned extensions, const Visit& visit) {
  const UniqueFd netlink(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!netlink) return false;
  for (const int family : {AF_INET, AF_INET6}) {
    if (!ask(netlink.get(), family, extensions) || !read_answer(netlink.get(), visit)) return false;
  }
  return true;
}

}  // namespace

std::optional<std::vector<DumpedListener>> dump_listeners() {
  std::vector<DumpedListener> all;
  const bool whole = dump(0, [&](const nlmsghdr* header) {
    inet_diag_msg told;
    std::memcpy(&told, payload_of(header), sizeof told);
    const auto [low, high] = told.id.idiag_cookie;
    all.push_back({endpoint_of(told), std::uint64_t{high} << 32 | low});
  });
  return whole ? std::optional(std::move(all)) : std::nullopt;
}

std::optional<std::uint64_t> dump_drops() {
  std::uint64_t sum = 0;
  const bool whole = dump(1U << (INET_DIAG_SKMEMINFO - 1),
                          [&](const nlmsghdr* header) { sum += drops_of(header); });
  return whole ? std::optional(sum) : std::nullopt;
}

}  // namespace sockopt
