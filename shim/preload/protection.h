// SPDX-License-Identifier: MIT
//
// When the library's own start memory becomes read-only: as soon as both the real functions and
// what the start makes are there, whichever is last.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sockopt {

/// On systems with larger pages nothing is protected.
inline constexpr std::size_t kPage = 4096;

enum class Part : std::uint32_t { kFunctions = 1, kStart = 2 };

/// This part is complete.  The memory ends at `end`; null: with the page of the functions.  Of a
/// part that was complete before, nothing changes.
void complete(Part part, const void* end = nullptr);

}  // namespace sockopt
