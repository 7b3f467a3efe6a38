// SPDX-License-Identifier: MIT
#include "tools/inspect/zmq_sockets.h"

#include <cstring>
#include <map>
#include <utility>

#include "shim/zmq/preload/region.h"
#include "shim/zmq/socket_type.h"
#include "tools/inspect/region_note.h"

namespace sockopt {
namespace {

// As in Entry, without what makes it atomic.
struct EntryCopy {
  std::uintptr_t socket;
  std::uint8_t type;
  std::uint8_t use;
  char endpoint[zmq::Entry::kLongestEndpoint];
};
static_assert(sizeof(EntryCopy) == sizeof(zmq::Entry));

std::string zmq_type_text(std::uint8_t type) {
  return type < zmq::kTypeCount ? std::string(zmq::kTypeNames[type].view()) : std::to_string(type);
}

ZmqSockets group_entries(const std::vector<EntryCopy>& entries) {
  constexpr std::uintptr_t kBeingWritten = 1;
  ZmqSockets all;
  std::map<std::uintptr_t, std::size_t> places;
  for (const EntryCopy& entry : entries) {
    if (entry.socket <= kBeingWritten) continue;
    const auto [place, is_new] = places.try_emplace(entry.socket, all.sockets.size());
    if (is_new) all.sockets.push_back({zmq_type_text(entry.type), {}});
    if (entry.use == static_cast<std::uint8_t>(zmq::Use::kCreated)) continue;
    all.sockets[place->second].endpoints.push_back(
        {entry.use == static_cast<std::uint8_t>(zmq::Use::kBound),
         std::string(entry.endpoint, strnlen(entry.endpoint, sizeof entry.endpoint))});
  }
  return all;
}

}  // namespace

Result<std::optional<ZmqSockets>> read_zmq_sockets(const ForeignProcess& process) {
  const Result<std::optional<FoundRegion>> found = find_region(process, zmq::kZmqRegionNote);
  if (!found) return found.failure();
  if (!*found) return std::optional<ZmqSockets>();
  std::optional<ZmqSockets> none(std::in_place);
  none->library = (*found)->library;
  none->idle = true;
  const ForeignMemory& memory = (*found)->memory;
  zmq::Region region;
  if ((*found)->address == 0 || !memory.read((*found)->address, &region, sizeof region)) {
    return none;
  }
  const bool is_known = std::memcmp(region.magic, zmq::Region::kMagic, sizeof region.magic) == 0 &&
                        region.entry_size == sizeof(EntryCopy) &&
                        region.entry_count == zmq::Region::kMostEntries;
  std::vector<EntryCopy> entries(zmq::Region::kMostEntries);
  if (!is_known ||
      !memory.read(region.entries, entries.data(), entries.size() * sizeof(EntryCopy))) {
    return none;
  }
  ZmqSockets all = group_entries(entries);
  memory.read(region.left_out, &all.left_out, sizeof all.left_out);
  all.settings = region.settings;
  all.library = (*found)->library;
  return std::optional(std::move(all));
}

}  // namespace sockopt
