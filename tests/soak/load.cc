// SPDX-License-Identifier: MIT
#include "tests/soak/load.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <utility>

#include "tests/support/eventually.h"
#include "tools/inspect/unique_fd.h"

namespace sockopt::test {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

sockaddr_in internet(std::uint32_t address, std::uint16_t port) {
  sockaddr_in result{};
  result.sin_family = AF_INET;
  result.sin_addr.s_addr = htonl(address);
  result.sin_port = htons(port);
  return result;
}

// 127.0.1.1 to 127.0.200.1.
std::uint32_t source(std::uint64_t number) {
  return INADDR_LOOPBACK + (static_cast<std::uint32_t>(number % 200) + 1) * 256;
}

template <typename Value>
void set(int fd, int level, int name, const Value& value) {
  if (setsockopt(fd, level, name, &value, sizeof value) != 0) fail("setsockopt");
}

UniqueFd connect_from(std::uint32_t address, std::uint16_t port) {
  UniqueFd fd(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd) fail("socket");
  timeval limit{};
  limit.tv_sec = static_cast<time_t>(kPatience.count() / 1000);
  set(fd.get(), SOL_SOCKET, SO_RCVTIMEO, limit);
  set(fd.get(), SOL_SOCKET, SO_SNDTIMEO, limit);
  // The port is chosen by connect, and so may be in use towards another peer.
  set(fd.get(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  const sockaddr_in own = internet(address, 0);
  if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0) fail("bind");
  const sockaddr_in peer = internet(INADDR_LOOPBACK, port);
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&peer), sizeof peer) != 0) {
    fail("connect");
  }
  return fd;
}

void send_all(int fd, std::string_view text) {
  if (text.empty()) return;
  if (send(fd, text.data(), text.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(text.size())) {
    fail("send");
  }
}

// False at the end of the stream.
bool receive(int fd, std::string& text) {
  char buffer[4096];
  const ssize_t got = recv(fd, buffer, sizeof buffer, 0);
  if (got < 0) fail("recv");
  text.append(buffer, static_cast<std::size_t>(got));
  return got > 0;
}

}  // namespace

Load::Load(std::uint16_t port, std::uint64_t count, Exchange exchange)
    : port_(port), count_(count), exchange_(std::move(exchange)) {
  for (int i = 0; i < kThreads; ++i) threads_.emplace_back([this] { work(); });
}

Load::~Load() {
  stop_ = true;
  for (std::thread& thread : threads_) thread.join();
}

void Load::work() {
  while (!stop_) {
    const std::uint64_t number = begun_.fetch_add(1);
    if (number >= count_) break;
    try {
      exchange(number);
    } catch (const std::exception& error) {
      const std::scoped_lock lock(mutex_);
      ++failures_[error.what()];
    }
  }
  ++finished_;
}

void Load::exchange(std::uint64_t number) const {
  const UniqueFd fd = connect_from(source(number), port_);
  send_all(fd.get(), exchange_.request);
  std::string reply;
  while (!reply.ends_with(exchange_.reply_end)) {
    if (!receive(fd.get(), reply)) throw std::runtime_error("the reply ended early");
  }
  switch (number % 3) {
    case 0:
      send_all(fd.get(), exchange_.farewell);
      while (receive(fd.get(), reply)) {
      }
      break;
    case 1:
      break;
    default:
      set(fd.get(), SOL_SOCKET, SO_LINGER, linger{1, 0});
  }
}

std::uint64_t Load::begun() const { return std::min<std::uint64_t>(begun_, count_); }

std::map<std::string, std::uint64_t> Load::failures() const {
  const std::scoped_lock lock(mutex_);
  return failures_;
}

}  // namespace sockopt::test
