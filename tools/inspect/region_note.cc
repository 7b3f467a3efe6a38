// SPDX-License-Identifier: MIT
#include "tools/inspect/region_note.h"

#include <elf.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <vector>

#include "shim/preload/region.h"
#include "tools/inspect/process_facts.h"
#include "tools/inspect/read_small_file.h"

namespace sockopt {
namespace {

constexpr std::size_t kMostNoteBytes = 4096;
constexpr int kMostHeaders = 64;

// The bytes of a structure as they stand in the other process.
template <typename T>
bool read_note_object(const ForeignMemory& memory, std::uint64_t address, T& object) {
  return memory.read(address, &object, sizeof object);
}

// Where in a note segment the region's note has its descriptor; npos where it has none.
std::size_t find_descriptor(const std::vector<unsigned char>& notes, std::uint32_t type) {
  constexpr std::size_t kHeader = 12;
  const auto padded = [](std::size_t size) { return (size + 3) & ~std::size_t{3}; };
  for (std::size_t at = 0; at + kHeader <= notes.size();) {
    std::array<std::uint32_t, 3> header;  // sizes of name and descriptor, type
    std::memcpy(header.data(), notes.data() + at, kHeader);
    const std::size_t name = at + kHeader;
    const std::size_t descriptor = name + padded(header[0]);
    if (descriptor + header[1] > notes.size()) break;
    if (header[0] == sizeof kRegionNoteName && header[1] == sizeof(std::int32_t) &&
        header[2] == type &&
        std::memcmp(notes.data() + name, kRegionNoteName, sizeof kRegionNoteName) == 0) {
      return descriptor;
    }
    at = descriptor + padded(header[1]);
  }
  return std::string_view::npos;
}

template <typename Header, typename Segment, typename Pointer>
std::optional<std::uint64_t> find_in_library(const ForeignMemory& memory, std::uint64_t base,
                                             std::uint32_t type) {
  Header header;
  if (!read_note_object(memory, base, header) || header.e_phentsize != sizeof(Segment)) return {};
  for (int i = 0; i < std::min<int>(header.e_phnum, kMostHeaders); ++i) {
    Segment segment;
    const std::uint64_t at = base + header.e_phoff + static_cast<std::uint64_t>(i) * sizeof segment;
    if (!read_note_object(memory, at, segment)) return {};
    if (segment.p_type != PT_NOTE || segment.p_filesz > kMostNoteBytes) continue;
    std::vector<unsigned char> notes(segment.p_filesz);
    if (!memory.read(base + segment.p_vaddr, notes.data(), notes.size())) return {};
    const std::size_t descriptor = find_descriptor(notes, type);
    if (descriptor == std::string_view::npos) continue;
    std::int32_t distance = 0;
    std::memcpy(&distance, notes.data() + descriptor, sizeof distance);
    Pointer region = 0;
    const std::uint64_t pointer =
        base + segment.p_vaddr + descriptor + static_cast<std::uint64_t>(std::int64_t{distance});
    if (!read_note_object(memory, pointer, region)) return {};
    return region;
  }
  return {};
}

// The address of the region that the library mapped at `base` has, 0 for none; nothing where what
// is mapped there is not our library.
std::optional<std::uint64_t> find_in_library(const ForeignMemory& memory, std::uint64_t base,
                                             std::uint32_t type) {
  std::array<unsigned char, EI_NIDENT> identity;
  if (!read_note_object(memory, base, identity)) return {};
  if (std::memcmp(identity.data(), ELFMAG, SELFMAG) != 0) return {};
  return identity[EI_CLASS] == ELFCLASS64
             ? find_in_library<Elf64_Ehdr, Elf64_Phdr, std::uint64_t>(memory, base, type)
             : find_in_library<Elf32_Ehdr, Elf32_Phdr, std::uint32_t>(memory, base, type);
}

// Whether anything was preloaded, or nothing tells: a copy of the library may be called anything.
bool may_have_another_name(const ForeignProcess& process) {
  const Result<std::string> text = read_small_file(process.directory(), "environ");
  if (!text) return false;
  const StartEnvironment environment = parse_environment(*text);
  struct stat status = {};
  return !environment.intact || !environment.get("LD_PRELOAD").empty() ||
         ::stat("/etc/ld.so.preload", &status) == 0;
}

}  // namespace

Result<std::optional<FoundRegion>> find_region(const ForeignProcess& process, std::uint32_t note) {
  const Result<std::vector<Mapping>> mappings = read_mappings(process);
  if (!mappings) return mappings.failure();
  std::optional<ForeignMemory> memory;
  // Under its own name first: to look into every library costs more.
  for (const bool by_name : {true, false}) {
    if (!by_name && !may_have_another_name(process)) break;
    for (const Mapping& mapping : *mappings) {
      const std::size_t name = mapping.path.rfind('/') + 1;
      const bool is_named = mapping.path.find("sockopt", name) != std::string::npos;
      if (mapping.offset != 0 || name == 0 || is_named != by_name) continue;
      if (!memory) {
        Result<ForeignMemory> opened = ForeignMemory::open(process);
        if (!opened) return opened.failure();
        memory.emplace(std::move(*opened));
      }
      const std::optional<std::uint64_t> region = find_in_library(*memory, mapping.begin, note);
      if (!region) continue;
      return std::optional(FoundRegion{std::move(*memory), *region, mapping.path, mapping.deleted});
    }
  }
  return std::optional<FoundRegion>();
}

}  // namespace sockopt
