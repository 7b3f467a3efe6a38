// SPDX-License-Identifier: MIT
#include "tools/inspect/listener_dump.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "tools/inspect/unique_fd.h"

namespace sockopt {
namespace {

struct Request {
  nlmsghdr header;
  inet_diag_req_v2 body;
};

bool ask(int netlink, int family) {
  Request request = {};
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
  request.body.sdiag_family = static_cast<__u8>(family);
  request.body.sdiag_protocol = IPPROTO_TCP;
  request.body.idiag_states = 1U << TCP_LISTEN;
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

// Whether the answer was whole.
bool read_answer(int netlink, std::vector<DumpedListener>& all) {
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
      inet_diag_msg told;
      std::memcpy(&told, NLMSG_DATA(header), sizeof told);
      const auto [low, high] = told.id.idiag_cookie;
      all.push_back({endpoint_of(told), std::uint64_t{high} << 32 | low});
    }
  }
}

}  // namespace

std::optional<std::vector<DumpedListener>> dump_listeners() {
  const UniqueFd netlink(::socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_SOCK_DIAG));
  if (!netlink) return std::nullopt;
  std::vector<DumpedListener> all;
  for (const int family : {AF_INET, AF_INET6}) {
    if (!ask(netlink.get(), family) || !read_answer(netlink.get(), all)) return std::nullopt;
  }
  return all;
}

}  // namespace sockopt
