// SPDX-License-Identifier: MIT
//
// The exported functions. Each calls libzmq's, exactly once, and returns its result and errno. What
// libzmq does for itself, such as the sockets of its monitor, passes through.
#include <cerrno>

#include "shim/options/value.h"
#include "shim/zmq/preload/libzmq.h"
#include "shim/zmq/preload/startup.h"

namespace {

using sockopt::Decision;
using sockopt::OptionId;
using sockopt::OptionSet;
using sockopt::Setting;
using sockopt::zmq::Libzmq;
using sockopt::zmq::SocketList;
using sockopt::zmq::Use;
using sockopt::zmq::Work;

// Whatever we call in between, the program sees the errno that it would have seen.
class ErrnoKept {
 public:
  ErrnoKept() : before_(errno) {}
  ~ErrnoKept() { errno = before_; }
  ErrnoKept(const ErrnoKept&) = delete;
  ErrnoKept& operator=(const ErrnoKept&) = delete;

 private:
  int before_;
};

constexpr int kContextEnds = 156384712 + 53;  // libzmq's ETERM: ZMQ_HAUSNUMERO and 53

// The caller is bound to us, and there is no libzmq to be called.
int missing() {
  errno = ENOSYS;
  return -1;
}

void set_options(const Work& work, const Libzmq& libzmq, void* socket, int type) {
  if (work.plan == nullptr || libzmq.setsockopt == nullptr) return;
  const Decision& decision = work.plan->decision(type);
  for (const OptionId id : decision.wanted) {
    const Setting& setting = *decision.settings[id];
    const int number = work.policy.option(id).ipv4.name;
    if (libzmq.setsockopt(socket, number, setting.value.data(), setting.value.length()) == 0) {
      work.report.on_applied(type, setting);
    } else if (errno == kContextEnds) {
      return;  // the context is ending, and the socket with it
    } else {
      work.report.on_refused(libzmq, type, setting, errno);
    }
  }
}

// The type of a socket; -1 where libzmq says that it is none.
int type_of(const Libzmq& libzmq, void* socket) {
  int type = -1;
  std::size_t size = sizeof type;
  const bool is_known = libzmq.getsockopt != nullptr &&
                        libzmq.getsockopt(socket, sockopt::zmq::kTypeOption, &type, &size) == 0;
  return is_known ? type : -1;
}

// What stands in place of the program's own value; null where that counts.
const Setting* replacement(const Work& work, const Libzmq& libzmq, void* socket, int option,
                           int& type) {
  if (work.plan == nullptr || work.plan->enforceable().empty()) return nullptr;
  const OptionId id = work.policy.find(option);
  if (id == sockopt::zmq::kNoOption || !work.plan->enforceable().contains(id)) return nullptr;
  const ErrnoKept kept;
  type = type_of(libzmq, socket);
  const Decision& decision = work.plan->decision(type);
  return (decision.enforced | decision.ignored).contains(id) ? decision.settings[id] : nullptr;
}

// The endpoint as libzmq has it: with the port that the kernel chose.
void remember(const Libzmq& libzmq, const SocketList& sockets, void* socket, Use use) {
  const ErrnoKept kept;
  char endpoint[256] = {};
  std::size_t size = sizeof endpoint - 1;
  if (libzmq.getsockopt == nullptr ||
      libzmq.getsockopt(socket, sockopt::zmq::kLastEndpointOption, endpoint, &size) != 0) {
    return;
  }
  sockets.add(socket, type_of(libzmq, socket), use, endpoint);
}

// What a hook works with: the libzmq that its caller means; and, where it is not libzmq itself that
// calls, what there is to do.
struct Call {
  explicit Call(const void* caller)
      : libzmq(sockopt::zmq::find_libzmq(caller)),
        work(libzmq.contains(caller) ? nullptr : sockopt::zmq::work()) {}

  Libzmq libzmq;
  const Work* work;
};

}  // namespace

#pragma GCC visibility push(default)
extern "C" {

void* zmq_socket(void* context, int type) {
  const Call call(__builtin_return_address(0));
  if (call.libzmq.socket == nullptr) {
    missing();
    return nullptr;
  }
  void* const socket = call.libzmq.socket(context, type);
  if (socket == nullptr || call.work == nullptr) return socket;
  const ErrnoKept kept;
  call.work->report.on_socket(type);
  set_options(*call.work, call.libzmq, socket, type);
  call.work->sockets.add(socket, type, Use::kCreated, "");
  return socket;
}

int zmq_setsockopt(void* socket, int option, const void* value, std::size_t size) {
  const Call call(__builtin_return_address(0));
  if (call.libzmq.setsockopt == nullptr) return missing();
  int type = -1;
  const Setting* ours =
      call.work == nullptr ? nullptr : replacement(*call.work, call.libzmq, socket, option, type);
  if (ours == nullptr) return call.libzmq.setsockopt(socket, option, value, size);
  const int result = ours->ignores ? 0
                                   : call.libzmq.setsockopt(socket, option, ours->value.data(),
                                                            ours->value.length());
  const ErrnoKept kept;
  call.work->report.on_replaced(type, *ours);
  return result;
}

int zmq_bind(void* socket, const char* endpoint) {
  const Call call(__builtin_return_address(0));
  if (call.libzmq.bind == nullptr) return missing();
  const int result = call.libzmq.bind(socket, endpoint);
  if (result == 0 && call.work != nullptr) {
    remember(call.libzmq, call.work->sockets, socket, Use::kBound);
  }
  return result;
}

int zmq_connect(void* socket, const char* endpoint) {
  const Call call(__builtin_return_address(0));
  if (call.libzmq.connect == nullptr) return missing();
  const int result = call.libzmq.connect(socket, endpoint);
  if (result == 0 && call.work != nullptr) {
    remember(call.libzmq, call.work->sockets, socket, Use::kConnected);
  }
  return result;
}

int zmq_unbind(void* socket, const char* endpoint) {
  const Call call(__builtin_return_address(0));
  if (call.libzmq.unbind == nullptr) return missing();
  const int result = call.libzmq.unbind(socket, endpoint);
  if (result == 0 && call.work != nullptr) call.work->sockets.remove(socket, endpoint);
  return result;
}

int zmq_disconnect(void* socket, const char* endpoint) {
  const Call call(__builtin_return_address(0));
  if (call.libzmq.disconnect == nullptr) return missing();
  const int result = call.libzmq.disconnect(socket, endpoint);
  if (result == 0 && call.work != nullptr) call.work->sockets.remove(socket, endpoint);
  return result;
}

// Forgotten before: as soon as it is closed, another thread's socket can be at its address.
int zmq_close(void* socket) {
  const Call call(__builtin_return_address(0));
  if (call.libzmq.close == nullptr) return missing();
  if (call.work != nullptr) call.work->sockets.remove(socket);
  return call.libzmq.close(socket);
}

}  // extern "C"
#pragma GCC visibility pop
