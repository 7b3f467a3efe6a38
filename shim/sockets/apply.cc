// SPDX-License-Identifier: MIT
#include "shim/sockets/apply.h"

#include <cerrno>

namespace sockopt {
namespace {

bool is_unknown_option(int error) { return error == ENOPROTOOPT || error == EOPNOTSUPP; }

// The kernel names of a row on a socket of this kind, at most two.
struct Names {
  KernelName list[2];
  int count = 0;
};

Names names_for(const Option& option, SocketKind kind) {
  Names names;
  const bool own_ipv6 = kind.ipv6 && option.ipv6.exists();
  // MPTCP refuses the IPv6 level's twin of an option that also has an IPv4 name.
  if (own_ipv6 && !(option.both && kind.protocol == Protocol::kMptcp)) {
    names.list[names.count++] = option.ipv6;
  }
  if (option.ipv4.exists() && (!own_ipv6 || option.both)) names.list[names.count++] = option.ipv4;
  return names;
}

// 0, or the errno of the first name that was refused.
int set_all(int fd, const Names& names, const Value& value, const SocketCalls& calls) {
  int error = 0;
  for (int i = 0; i < names.count; ++i) {
    const KernelName name = names.list[i];
    if (calls.set(fd, name.level, name.name, value.data(), value.length()) != 0 && error == 0) {
      error = errno;
    }
  }
  return error;
}

}  // namespace

SocketKind apply(int fd, SocketKind kind, OptionSet options, const Policy& policy,
                 const Decision& decision, const SocketCalls& calls, const Witness& witness) {
  for (const OptionId id : options) {
    const Option& option = policy.option(id);
    const Setting& setting = *decision.settings[id];
    const Names names = names_for(option, kind);
    if (names.count == 0) continue;  // an option of the other family
    int error = 0;
    if (kind.protocol != Protocol::kMptcp || option.mptcp != Mptcp::kRefused) {
      error = set_all(fd, names, setting.value, calls);
      if (error == 0) {
        if (witness.applied != nullptr) witness.applied(witness.context, fd, setting);
        continue;
      }
      // The descriptor went away meanwhile, or never was a socket: the program's affair.
      if (error == EBADF || error == ENOTSOCK) return kind;
      if (is_unknown_option(error)) {
        kind = identify(fd, calls);
        if (!kind.is_ours()) return kind;
      }
    }
    if (witness.refused != nullptr) {
      const bool mptcp = kind.protocol == Protocol::kMptcp && option.mptcp == Mptcp::kRefused;
      witness.refused(witness.context, fd, setting, mptcp ? 0 : error);
    }
  }
  return kind;
}

void describe_refusal(const Option& option, int error, Text& out) {
  switch (error) {
    case 0:
      out << "MPTCP sockets do not take it";
      return;
    case EPERM:
    case EACCES:
      if (option.kind == Kind::kName && option.unit == Unit::kNone &&
          option.group == Group::kThroughput) {
        out << "not in net.ipv4.tcp_allowed_congestion_control, and the process lacks "
               "CAP_NET_ADMIN";
      } else {
        out << "needs CAP_NET_ADMIN";
      }
      return;
    case ENOENT:
      out << "this kernel does not have it (net.ipv4.tcp_available_congestion_control)";
      return;
    case ENODEV:
      out << "there is no such network device";
      return;
    case ENOPROTOOPT:
    case EOPNOTSUPP:
      out << "this kernel does not know it";
      if (!option.since.empty()) out << " (since Linux " << option.since << ')';
      return;
    case EINVAL:
      out << "the kernel calls the value invalid for this socket (EINVAL)";
      return;
    case ENOMEM:
    case ENOBUFS:
      out << "the kernel has no memory for it";
      return;
    default:
      (out << "error ").decimal(error);
      return;
  }
}

}  // namespace sockopt
