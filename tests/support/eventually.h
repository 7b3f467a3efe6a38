// SPDX-License-Identifier: MIT
//
// Most of what these tests wait for happens in another process that gives no notice: a worker is
// forked, a replica has connected. Such a condition is asked for again and again, up to a limit.
#pragma once

#include <chrono>
#include <functional>
#include <thread>

namespace sockopt::test {

using Milliseconds = std::chrono::milliseconds;

// How long anything may take on a slow and busy machine before it counts as never happening.
inline constexpr Milliseconds kPatience{90'000};

// True as soon as the predicate is; its last answer once the limit has passed.
template <typename Predicate>
bool eventually(Milliseconds limit, Predicate&& predicate) {
  const auto deadline = std::chrono::steady_clock::now() + limit;
  while (!std::invoke(predicate)) {
    if (std::chrono::steady_clock::now() >= deadline) return std::invoke(predicate);
    std::this_thread::sleep_for(Milliseconds{2});
  }
  return true;
}

}  // namespace sockopt::test
