// SPDX-License-Identifier: MIT
//
// The exported functions. Each makes the program's call of libzmq's function, once, and returns its
// result and errno. What libzmq does for itself, such as the sockets of its monitor, passes
// through.
#include <cerrno>
#include <cstdint>
#include <cstring>

#include "shim/options/value.h"
#include "shim/zmq/preload/libzmq.h"
#include "shim/zmq/preload/startup.h"

namespace {

using sockopt::Decision;
using sockopt::Option;
using sockopt::OptionId;
using sockopt::Setting;
using sockopt::Value;
using sockopt::zmq::Libzmq;
using sockopt::zmq::Policy;
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

// The value that an option of a socket has; not known of what libzmq tells nobody, or is a string.
class ValueBefore {
 public:
  ValueBefore(const Libzmq& libzmq, void* socket, int option)
      : libzmq_(libzmq), socket_(socket), option_(option) {
    const ErrnoKept kept;
    for (const std::size_t size : {sizeof(int), sizeof bytes_}) {
      size_ = size;
      is_known_ = libzmq.getsockopt(socket, option, bytes_, &size_) == 0;
      if (is_known_) return;
    }
  }

  bool is_known() const { return is_known_; }
  void put_back() const {
    const ErrnoKept kept;
    if (is_known_) libzmq_.setsockopt(socket_, option_, bytes_, size_);
  }

 private:
  const Libzmq& libzmq_;
  void* socket_;
  int option_;
  char bytes_[sizeof(std::int64_t)] = {};
  std::size_t size_ = 0;
  bool is_known_ = false;
};

// Whether libzmq would take a value, of which the table tells.
bool is_sound(const Policy& policy, OptionId id, const void* value, std::size_t size) {
  int number = 0;
  if (value == nullptr || size != sizeof number) return false;
  std::memcpy(&number, value, sizeof number);
  const Option& option = policy.option(id);
  return (number >= option.min && number <= option.max) ||
         (number == -1 && policy.has_minus_one(id));
}

// A program's call of zmq_setsockopt(3).
struct SetCall {
  const Libzmq& libzmq;
  void* socket;
  int option;
  const void* value;
  std::size_t size;

  int make() const { return libzmq.setsockopt(socket, option, value, size); }
};

// A call that libzmq would take is not made; any other one fails as it does without us.
int ignored(const SetCall& call, const Policy& policy, OptionId id) {
  const ValueBefore before(call.libzmq, call.socket, call.option);
  const bool is_of_table = id < sockopt::zmq::kOptionCount;
  const bool is_known = before.is_known() || policy.types_of(id) == sockopt::zmq::kReqOnly;
  const bool succeeds =
      is_of_table ? is_known && is_sound(policy, id, call.value, call.size) : !before.is_known();
  if (succeeds) return 0;
  const int result = call.make();
  if (result == 0) before.put_back();
  return result;
}

// Ours goes onto what the program has set, which stays where libzmq refuses ours.
int replaced(const SetCall& call, const Work& work, int type, const Setting& ours) {
  const int result = call.make();
  if (result != 0) return result;
  const ErrnoKept kept;
  const Value& value = ours.value;
  if (call.libzmq.setsockopt(call.socket, call.option, value.data(), value.length()) == 0) {
    work.report.on_replaced(type, ours);
  } else if (errno != kContextEnds) {
    work.report.on_refused(call.libzmq, type, ours, errno);
  }
  return result;
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
        work(libzmq.is_calling ? nullptr : sockopt::zmq::work()) {}

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
  const SetCall made = {call.libzmq, socket, option, value, size};
  int type = -1;
  const Setting* ours =
      call.work == nullptr ? nullptr : replacement(*call.work, call.libzmq, socket, option, type);
  if (ours == nullptr) return made.make();
  if (!ours->ignores) return replaced(made, *call.work, type, *ours);
  const int result = ignored(made, call.work->policy, ours->option);
  if (result == 0) call.work->report.on_replaced(type, *ours);
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
