// SPDX-License-Identifier: MIT
#include "shim/sockets/apply.h"

#include <cerrno>

namespace sockopt {
namespace {

// 0, or the errno of the first name that was refused.
int set_all(int fd, const KernelNames& names, const Value& value, const SocketOps& ops) {
  int error = 0;
  for (const KernelName name : names) {
    const int result = ops.set(fd, name.level, name.name, value.data(), value.length());
    if (error == 0) error = result;
  }
  return error;
}

bool is_refused_by_mptcp(const Option& option, SocketKind kind) {
  return kind.protocol == Protocol::kMptcp && option.mptcp == Mptcp::kRefused;
}

SocketKind apply_one(int fd, SocketKind kind, OptionId id, const Policy& policy,
                     const Decision& decision, const SocketOps& ops, const Observer& observer) {
  const Option& option = policy.option(id);
  const Setting& setting = *decision.settings[id];
  const KernelNames names = names_for(option, kind);
  if (names.count == 0) return kind;  // an option of the other family
  const bool refused = is_refused_by_mptcp(option, kind);
  const int error = refused ? 0 : set_all(fd, names, setting.value, ops);
  if (refused || error != 0) return take_refusal(fd, kind, setting, error, policy, ops, observer);
  if (observer.on_applied != nullptr) observer.on_applied(observer.context, fd, setting);
  return kind;
}

// What EPERM means.  The kernel asks for a privilege for some options, and for some of their
// values; all else was refused by somebody else.
std::string_view privilege_needed(const Option& option, const Value& value) {
  constexpr std::int64_t kHighestFreePriority = 6;
  switch (option.privilege) {
    case Privilege::kNetAdminUnlessAllowed:
      return "needs CAP_NET_ADMIN, unless net.ipv4.tcp_allowed_congestion_control lists it";
    case Privilege::kNetRawToChange:
      return "needs CAP_NET_RAW to replace the device that it already has";
    case Privilege::kNetAdmin:
      return "needs CAP_NET_ADMIN";
    case Privilege::kNetAdminToRaise:
      if (option.key == "priority" && value.number(option.kind) <= kHighestFreePriority) break;
      return "needs CAP_NET_ADMIN";
    case Privilege::kNone:
      break;
  }
  if (option.kind == Kind::kRaw) {
    return "needs a privilege, or a security module refuses it (EPERM)";
  }
  return "refused by a security module or a seccomp filter (EPERM)";
}

void describe_mptcp_refusal(int error, Text& out) {
  switch (error) {
    case ENOPROTOOPT:
      out << "net.mptcp.enabled is 0";
      break;
    case EPROTONOSUPPORT:
    case EINVAL:
      out << "this kernel has no MPTCP";
      break;
    case EPERM:
    case EACCES:
      out << "refused by a security module or a seccomp filter";
      break;
    default:
      (out << "error ").decimal(error);
  }
  out << "; the program's sockets are TCP";
}

}  // namespace

KernelNames names_for(const Option& option, SocketKind kind) {
  KernelNames names;
  const bool own_ipv6 = kind.ipv6 && option.ipv6.exists();
  // MPTCP refuses the IPv6 level's twin of an option that also has an IPv4 name.
  if (own_ipv6 && !(option.both && kind.protocol == Protocol::kMptcp)) {
    names.list[names.count++] = option.ipv6;
  }
  if (option.ipv4.exists() && (!own_ipv6 || option.both)) names.list[names.count++] = option.ipv4;
  return names;
}

SocketKind take_refusal(int fd, SocketKind kind, const Setting& setting, int error,
                        const Policy& policy, const SocketOps& ops, const Observer& observer) {
  // The descriptor is gone, or never was a socket: that is the program's business.
  if (error == EBADF || error == ENOTSOCK) return {};
  // So answers a socket of another kind, and the option may be one that this kind has.
  if (error == ENOPROTOOPT || error == EOPNOTSUPP || error == EINVAL) {
    const SocketKind now = identify(fd, ops);
    if (now != kind) return now;
  }
  if (observer.on_refused != nullptr) {
    const bool by_mptcp = is_refused_by_mptcp(policy.option(setting.option), kind);
    observer.on_refused(observer.context, fd, setting, by_mptcp ? 0 : error);
  }
  return kind;
}

SocketKind apply(int fd, SocketKind kind, OptionSet options, const Policy& policy,
                 const Decision& decision, const SocketOps& ops, const Observer& observer) {
  for (const OptionId id : options) {
    const SocketKind before = kind;
    kind = apply_one(fd, kind, id, policy, decision, ops, observer);
    // Another kind than was thought: once more, by the names that it has.
    if (kind != before && kind.is_ours()) {
      kind = apply_one(fd, kind, id, policy, decision, ops, observer);
    }
    if (!kind.is_ours()) return kind;
  }
  return kind;
}

void describe_refusal(const Option& option, const Value& value, int error, Text& out) {
  if (option.hook_points == kInSocket) return describe_mptcp_refusal(error, out);
  switch (error) {
    case 0:
      out << "MPTCP sockets do not support it";
      return;
    case EPERM:
      out << privilege_needed(option, value);
      return;
    case EACCES:
      out << "refused by a security module (EACCES)";
      return;
    case ENOENT:
      out << "not available in this kernel (net.ipv4.tcp_available_congestion_control)";
      return;
    case ENODEV:
      out << "there is no such network device";
      return;
    case ENOPROTOOPT:
    case EOPNOTSUPP:
      out << "this kernel does not support it";
      if (!option.since.empty()) out << " (since Linux " << option.since << ')';
      return;
    case EINVAL:
      out << "the kernel rejects the value for this socket (EINVAL)";
      return;
    case ENOMEM:
    case ENOBUFS:
      out << "the kernel is out of memory";
      return;
    default:
      (out << "error ").decimal(error);
      return;
  }
}

}  // namespace sockopt
