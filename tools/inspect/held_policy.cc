// SPDX-License-Identifier: MIT
#include "tools/inspect/held_policy.h"

#include <cstring>
#include <string_view>
#include <vector>

#include "shim/preload/region.h"
#include "tools/inspect/mappings.h"
#include "tools/inspect/region_note.h"

namespace sockopt {
namespace {

// The bytes of a structure as they stand in the other process.
template <typename T>
bool read_object(const ForeignMemory& memory, std::uint64_t address, T& object) {
  return memory.read(address, &object, sizeof object);
}

std::unique_ptr<Policy> read_policy(const ForeignMemory& memory, std::uint64_t address,
                                    std::size_t size) {
  if (size > sizeof(Policy)) return nullptr;
  std::vector<unsigned char> bytes(size);
  if (!memory.read(address, bytes.data(), size)) return nullptr;
  auto policy = std::make_unique<Policy>();
  std::memcpy(static_cast<void*>(policy.get()), bytes.data(), size);
  return policy->is_consistent(size) ? std::move(policy) : nullptr;
}

void read_region(const ForeignMemory& memory, std::uint64_t address, HeldPolicy& held) {
  Region region;
  if (!read_object(memory, address, region)) return;
  if (std::memcmp(region.magic, Region::kMagic, sizeof region.magic) != 0) return;
  held.idle = false;
  held.version = {region.version, strnlen(region.version, sizeof region.version)};
  held.faults = region.faults;
  struct {
    std::uint64_t refused;
    bool met;
  } shared = {};
  static_assert(sizeof shared == sizeof(SharedState));
  if (region.shared != 0 && read_object(memory, region.shared, shared)) {
    held.refused = OptionSet(shared.refused);
    held.met_socket = shared.met;
  }
  std::uint32_t disabled = 0;
  if (region.size >= sizeof region && read_object(memory, region.hooks_disabled, disabled)) {
    held.hooks_disabled = disabled != 0;
  }
  if (region.layout == policy_layout()) {
    held.policy = read_policy(memory, address + region.policy_offset, region.policy_size);
  }
}

}  // namespace

Result<std::optional<HeldPolicy>> read_held_policy(const ForeignProcess& process) {
  const Result<std::optional<FoundRegion>> found = find_region(process, kRegionNote);
  if (!found) return found.failure();
  if (!*found) return std::optional<HeldPolicy>();
  HeldPolicy held;
  held.library = (*found)->library;
  held.library_replaced = (*found)->library_replaced;
  if ((*found)->address != 0) read_region((*found)->memory, (*found)->address, held);
  return std::optional(std::move(held));
}

}  // namespace sockopt
