// SPDX-License-Identifier: MIT
//
// The memory that is written at the start and read-only from then on. That of the first start is
// the library's own, together with the addresses of the real functions: one mprotect protects both,
// and nothing is mapped or given back.  Each costs more than all that is read and worked out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

#include "shim/config/load.h"
#include "shim/policy/plan.h"
#include "shim/policy/policy.h"
#include "shim/policy/program.h"
#include "shim/preload/protection.h"
#include "shim/preload/real_table.h"
#include "shim/preload/region.h"
#include "shim/preload/report.h"
#include "shim/sockets/socket_hooks.h"

namespace sockopt {

/// Room for an object that is not always made.
template <typename T>
struct Room {
  alignas(T) unsigned char bytes[sizeof(T)];

  template <typename... Arguments>
  T& make(Arguments&&... arguments) {
    if constexpr (sizeof...(arguments) == 0) {
      return *new (bytes) T;  // without parentheses: what it leaves alone is not zeroed
    } else {
      return *new (bytes) T(std::forward<Arguments>(arguments)...);
    }
  }
  T& object() { return *std::launder(reinterpret_cast<T*>(bytes)); }
};

/// What most starts keep is on one page: its first touch and its mprotect cost more than all that
/// is read and worked out. Only from the functions on it is protected: of a long range the kernel
/// flushes all that the processor knows of the process's pages.
struct StartMemory {
  char text[4 * kPage];  ///< of a file, while it is read
  LoadBuffers buffers;
  Room<Program> program;
  FaultLines fault_lines;
  alignas(kPage) real::Table functions;  ///< used in the library's own
  Room<Faults> faults;
  Room<Region> region;
  Room<Report> report;
  Room<SocketHooks> hooks;
  alignas(Plan) unsigned char small_plan[Plan::small_size()];
  Room<Policy> policy;             ///< cut to what it uses
  alignas(kPage) Room<Plan> plan;  ///< of a large policy: a small one's memory ends before

  /// What a start needs whose policy stays small.
  static constexpr std::size_t small_size();
  static std::size_t size_with_policy(std::size_t policy_size) {
    return offsetof(StartMemory, policy) + policy_size;
  }
};
static_assert(sizeof(StartMemory) < std::size_t{1} << 21,
              "the kernel would take a huge page for it");

constexpr std::size_t StartMemory::small_size() {
  return (offsetof(StartMemory, policy) + Policy::small_size() + kPage - 1) / kPage * kPage;
}

static_assert(StartMemory::small_size() - offsetof(StartMemory, functions) == kPage);

/// The library's own, of small_size().
StartMemory& first_memory();

}  // namespace sockopt
