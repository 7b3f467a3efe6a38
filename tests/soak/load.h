// SPDX-License-Identifier: MIT
//
// Very many connections to one server, from a few threads, each with one exchange. A million
// connections do not fit into the ports of one address within the minute for which each is kept;
// they come from many addresses of 127.0.0.0/8.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace sockopt::test {

struct Exchange {
  std::string request;
  std::string reply_end;  // with which the reply ends
  std::string farewell;   // upon which the server closes; empty if it does so by itself
};

class Load {
 public:
  static constexpr int kThreads = 4;

  // Begins at once: `count` connections to 127.0.0.1. Every third is closed by the server, every
  // third by the client, and every third is reset by the client.
  Load(std::uint16_t port, std::uint64_t count, Exchange exchange);
  ~Load();  // breaks off
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  std::uint64_t begun() const;
  bool done() const { return finished_ == kThreads; }

  // How many had no reply, by reason.
  std::map<std::string, std::uint64_t> failures() const;

 private:
  void work();
  void exchange(std::uint64_t number) const;

  const std::uint16_t port_;
  const std::uint64_t count_;
  const Exchange exchange_;
  std::atomic<std::uint64_t> begun_ = 0;
  std::atomic<int> finished_ = 0;
  std::atomic<bool> stop_ = false;
  mutable std::mutex mutex_;
  std::map<std::string, std::uint64_t> failures_;
  std::vector<std::thread> threads_;
};

}  // namespace sockopt::test
