// SPDX-License-Identifier: MIT
//
#include "tools/sockopt/launch/elf_file.h"

#include <elf.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <link.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <climits>
#include <cstring>
#include <string_view>
#include <vector>

#include "shim/text/text.h"
#include "tools/inspect/unique_fd.h"

namespace sockopt {
namespace {

constexpr unsigned char kOwnBits = sizeof(void*) == 8 ? ELFCLASS64 : ELFCLASS32;
constexpr unsigned char kOwnOrder =
    std::endian::native == std::endian::little ? ELFDATA2LSB : ELFDATA2MSB;
constexpr std::size_t kMostDynamicEntries = 4096;

bool read_at(int fd, std::uint64_t offset, void* data, std::size_t size) {
  if (offset > static_cast<std::uint64_t>(INT64_MAX)) return false;
  return ::pread(fd, data, size, static_cast<off_t>(offset)) == static_cast<ssize_t>(size);
}

template <typename Entry>
std::vector<Entry> read_entries(int fd, std::uint64_t offset, std::size_t count) {
  std::vector<Entry> entries(count);
  if (count != 0 && !read_at(fd, offset, entries.data(), count * sizeof(Entry))) entries.clear();
  return entries;
}

// A string of at most PATH_MAX bytes.
std::string read_string(int fd, std::uint64_t offset, std::size_t size) {
  std::array<char, PATH_MAX> buffer{};
  const std::size_t count = std::min(size, buffer.size() - 1);
  if (offset > static_cast<std::uint64_t>(INT64_MAX)) return {};
  if (::pread(fd, buffer.data(), count, static_cast<off_t>(offset)) <= 0) return {};
  return buffer.data();
}

// The dynamic section: what the loader is told.
std::vector<ElfW(Dyn)> read_dynamic(int fd, const ElfW(Phdr) & dynamic) {
  const std::size_t count =
      std::min<std::size_t>(dynamic.p_filesz / sizeof(ElfW(Dyn)), kMostDynamicEntries);
  auto entries = read_entries<ElfW(Dyn)>(fd, dynamic.p_offset, count);
  const auto end = std::find_if(entries.begin(), entries.end(),
                                [](const ElfW(Dyn) & entry) { return entry.d_tag == DT_NULL; });
  entries.erase(end, entries.end());
  return entries;
}

// Where in the file the bytes are that will be at an address; nothing where there are none.
std::optional<std::uint64_t> offset_of(std::uint64_t address,
                                       const std::vector<ElfW(Phdr)>& segments) {
  for (const ElfW(Phdr) & segment : segments) {
    if (segment.p_type == PT_LOAD && address >= segment.p_vaddr &&
        address - segment.p_vaddr < segment.p_filesz) {
      return segment.p_offset + (address - segment.p_vaddr);
    }
  }
  return std::nullopt;
}

std::vector<std::string> read_needed(int fd, const std::vector<ElfW(Dyn)>& entries,
                                     const std::vector<ElfW(Phdr)>& segments) {
  std::optional<std::uint64_t> strings;
  for (const ElfW(Dyn) & entry : entries) {
    if (entry.d_tag == DT_STRTAB) strings = offset_of(entry.d_un.d_ptr, segments);
  }
  std::vector<std::string> needed;
  for (const ElfW(Dyn) & entry : entries) {
    if (entry.d_tag == DT_NEEDED && strings) {
      needed.push_back(read_string(fd, *strings + entry.d_un.d_val, NAME_MAX));
    }
  }
  return needed;
}

void read_segments(int fd, const ElfW(Ehdr) & header, ElfFile& file) {
  if (header.e_phentsize != sizeof(ElfW(Phdr))) return;
  bool is_library = false;
  const auto segments = read_entries<ElfW(Phdr)>(fd, header.e_phoff, header.e_phnum);
  for (const ElfW(Phdr) & segment : segments) {
    if (segment.p_type == PT_INTERP) {
      file.loader = read_string(fd, segment.p_offset, segment.p_filesz);
    } else if (segment.p_type == PT_DYNAMIC) {
      const auto entries = read_dynamic(fd, segment);
      // A shared library that is executed, such as the loader itself, has a name; a program none.
      is_library = std::any_of(entries.begin(), entries.end(),
                               [](const ElfW(Dyn) & entry) { return entry.d_tag == DT_SONAME; });
      file.needed = read_needed(fd, entries, segments);
    }
  }
  file.is_static = file.loader.empty() && !is_library;
}

// The Go linker's mark, which stripping leaves in place.
bool has_go_sections(int fd, const ElfW(Ehdr) & header) {
  if (header.e_shentsize != sizeof(ElfW(Shdr))) return false;
  const auto sections = read_entries<ElfW(Shdr)>(fd, header.e_shoff, header.e_shnum);
  if (header.e_shstrndx >= sections.size()) return false;
  const auto& names = sections[header.e_shstrndx];
  return std::any_of(sections.begin(), sections.end(), [&](const ElfW(Shdr) & section) {
    constexpr std::size_t kLongest = 32;
    if (section.sh_name >= names.sh_size) return false;
    const std::string name = read_string(fd, names.sh_offset + section.sh_name, kLongest);
    return name == ".go.buildinfo" || name == ".note.go.buildid";
  });
}

std::string machine_name(std::uint16_t machine) {
  switch (machine) {
    case EM_386:
      return "x86";
    case EM_X86_64:
      return "x86-64";
    case EM_ARM:
      return "ARM";
    case EM_AARCH64:
      return "ARM64";
    case EM_RISCV:
      return "RISC-V";
    case EM_PPC64:
      return "POWER";
    case EM_S390:
      return "s390";
    case EM_MIPS:
      return "MIPS";
    default:
      return fmt::format("machine {}", machine);
  }
}

}  // namespace

std::string ElfMachine::text() const {
  return fmt::format("{}-bit {}{}", bits == ELFCLASS64 ? 64 : 32, machine_name(machine),
                     order == kOwnOrder ? "" : " of the other byte order");
}

bool ElfFile::is_musl() const { return base_name(loader).starts_with("ld-musl-"); }

std::string ElfFile::needed_like(std::string_view beginning) const {
  for (const std::string& library : needed) {
    if (base_name(library).starts_with(beginning)) return library;
  }
  return {};
}

std::optional<ElfFile> read_elf_file(int fd) {
  ElfW(Ehdr) header;
  if (!read_at(fd, 0, &header, sizeof header)) return std::nullopt;
  if (std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0) return std::nullopt;
  ElfFile file;
  // The machine stands at the same place in every ELF file, in the file's own byte order.
  std::uint16_t machine = header.e_machine;
  if (header.e_ident[EI_DATA] != kOwnOrder) {
    machine = static_cast<std::uint16_t>(machine >> 8 | machine << 8);
  }
  file.machine = {header.e_ident[EI_CLASS], header.e_ident[EI_DATA], machine};
  if (header.e_ident[EI_CLASS] != kOwnBits || header.e_ident[EI_DATA] != kOwnOrder) return file;
  read_segments(fd, header, file);
  file.is_go = has_go_sections(fd, header);
  return file;
}

std::optional<ElfFile> read_elf_file(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  return file ? read_elf_file(file.get()) : std::nullopt;
}

std::optional<ElfFile> read_elf_file(const FileTree& files, const std::string& path) {
  const auto file = files.open_file(path, O_RDONLY | O_NOCTTY | O_NONBLOCK);
  return file ? read_elf_file(file->get()) : std::nullopt;
}

}  // namespace sockopt
