// SPDX-License-Identifier: MIT
//
// What the references of an object are bound to behind this library: the first definition among
// what was loaded together with it. The dynamic linker keeps its scopes to itself; which objects
// ask for which tells the same.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sockopt::zmq {

/// A forked child may find the loader's list as another thread of its parent's left it: then each
/// address in it is tried first.
enum class LoadedList : std::uint8_t { kHeldStill, kDoubtful };

/// How many objects behind this library have a function of one of these names.
std::size_t count_definers(const char* const* names, std::size_t count, LoadedList list);

/// Fills in what is still null and what there is for code at `caller`. What nothing that belongs to
/// it defines is the first's in the order of loading: a library may have been loaded for all.
void bind_for(const void* caller, const char* const* names, void** functions, std::size_t count,
              LoadedList list);

}  // namespace sockopt::zmq
