// SPDX-License-Identifier: MIT
//
// What each hook adds to a call, with a kernel that takes everything at no cost.
#include <arpa/inet.h>
#include <benchmark/benchmark.h>
#include <netinet/tcp.h>

#include <cstring>
#include <vector>

#include "shim/sockets/socket_hooks.h"
#include "tools/bench/micro/configuration.h"

namespace sockopt::bench {
namespace {

constexpr int kListener = 3;
constexpr int kSocket = 5;

sockaddr_in server() {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(80);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

const sockaddr* generic(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

int set_nothing(int, int, int, const void*, socklen_t) { return 0; }
// Every socket is a TCP socket of IPv4.
int get_tcp(int, int level, int name, void* value, socklen_t* length) {
  if (level != SOL_SOCKET || *length < sizeof(int)) return -1;
  const int answer = name == SO_PROTOCOL ? IPPROTO_TCP : name == SO_DOMAIN ? AF_INET : 1;
  std::memcpy(value, &answer, sizeof answer);
  return 0;
}
int address_server(int, sockaddr* address, socklen_t* length) {
  const sockaddr_in it = server();
  std::memcpy(address, &it, sizeof it);
  *length = sizeof it;
  return 0;
}
int listen_nothing(int, int) { return 0; }

class Process {
 public:
  explicit Process(std::int64_t rules)
      : policy_(read(with_rules(rules))),
        plan_(plan(*policy_)),
        slots_(16),
        hooks(*policy_, *plan_,
              {set_nothing, get_tcp, address_server, address_server, listen_nothing},
              {slots_.data(), slots_.size()}, {}) {}

 private:
  std::unique_ptr<Policy> policy_;
  std::unique_ptr<Plan> plan_;
  std::vector<Descriptors::Slot> slots_;

 public:
  SocketHooks hooks;
};

void socket_tcp(benchmark::State& state) {
  Process process(state.range(0));
  for (auto _ : state) process.hooks.after_socket(kSocket, AF_INET, SOCK_STREAM, 0);
}
BENCHMARK(socket_tcp)->Arg(0)->Arg(200);

void socket_udp(benchmark::State& state) {
  Process process(0);
  for (auto _ : state) process.hooks.after_socket(kSocket, AF_INET, SOCK_DGRAM, 0);
}
BENCHMARK(socket_udp);

void connect_tcp(benchmark::State& state) {
  Process process(state.range(0));
  const sockaddr_in address = server();
  for (auto _ : state) {
    process.hooks.after_socket(kSocket, AF_INET, SOCK_STREAM, 0);
    if (!process.hooks.needs_connect_hook(kSocket)) continue;
    const ConnectCall call =
        process.hooks.before_connect(kSocket, generic(address), sizeof address);
    process.hooks.after_connect(kSocket, call, 0);
  }
}
BENCHMARK(connect_tcp)->Name("socket_and_connect_tcp")->Arg(0)->Arg(1)->Arg(200)->Arg(1000);

void accept_prepared(benchmark::State& state) {
  Process process(state.range(0));
  const sockaddr_in address = server();
  process.hooks.after_socket(kListener, AF_INET, SOCK_STREAM, 0);
  process.hooks.before_bind(kListener, generic(address), sizeof address);
  const ListenCall call = process.hooks.before_listen(kListener, 128);
  process.hooks.after_listen(kListener, call);
  if (process.hooks.prepared(kListener) == 0) state.SkipWithError("not prepared");
  for (auto _ : state) {
    const std::uint32_t prepared = process.hooks.prepared(kListener);
    benchmark::DoNotOptimize(prepared);
    process.hooks.hand_on(prepared, kSocket);
    benchmark::ClobberMemory();
  }
}
BENCHMARK(accept_prepared)->Arg(0)->Arg(200);

void listen_tcp(benchmark::State& state) {
  Process process(state.range(0));
  for (auto _ : state) {
    process.hooks.after_socket(kListener, AF_INET, SOCK_STREAM, 0);
    process.hooks.after_listen(kListener, process.hooks.before_listen(kListener, 128));
  }
}
BENCHMARK(listen_tcp)->Name("socket_and_listen_tcp")->Arg(0)->Arg(200)->Arg(1000);

// The program's own setsockopt.
void setsockopt_tcp(benchmark::State& state) {
  Process process(0);
  process.hooks.after_socket(kSocket, AF_INET, SOCK_STREAM, 0);
  KernelName name;
  const int on = 1;
  for (auto _ : state) {
    const Setting* instead =
        process.hooks.before_setsockopt(kSocket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on, name);
    benchmark::DoNotOptimize(instead);
    process.hooks.after_setsockopt(kSocket, IPPROTO_TCP, TCP_NODELAY);
  }
}
BENCHMARK(setsockopt_tcp);

}  // namespace
}  // namespace sockopt::bench
