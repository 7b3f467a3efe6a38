// SPDX-License-Identifier: MIT
#include "tools/inspect/mappings.h"

#include <fcntl.h>

#include <cerrno>
#include <charconv>
#include <system_error>

#include "shim/text/text.h"
#include "tools/inspect/read_small_file.h"

namespace sockopt {
namespace {

constexpr std::string_view kDeleted = " (deleted)";

// The next field of a line, in hexadecimal where a number is asked for.
class Fields {
 public:
  explicit Fields(std::string_view line) : rest_(line) {}

  bool number(std::uint64_t& value, char end) {
    const auto [stop, error] =
        std::from_chars(rest_.data(), rest_.data() + rest_.size(), value, 16);
    if (error != std::errc() || stop == rest_.data() + rest_.size() || *stop != end) return false;
    rest_.remove_prefix(static_cast<std::size_t>(stop - rest_.data()) + 1);
    return true;
  }
  void skip() {
    const std::size_t end = rest_.find(' ');
    rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
  }
  std::string_view last() const {
    const std::size_t begin = rest_.find_first_not_of(' ');
    return begin == std::string_view::npos ? std::string_view() : rest_.substr(begin);
  }

 private:
  std::string_view rest_;
};

// `7f0a-7f0b r-xp 00001000 fd:00 1234   /usr/lib/libc.so.6`
bool parse_line(std::string_view line, Mapping& mapping) {
  Fields fields(line);
  if (!fields.number(mapping.begin, '-') || !fields.number(mapping.end, ' ')) return false;
  fields.skip();  // permissions
  if (!fields.number(mapping.offset, ' ')) return false;
  fields.skip();  // device
  fields.skip();  // inode
  std::string_view path = fields.last();
  mapping.deleted = path.ends_with(kDeleted);
  if (mapping.deleted) path.remove_suffix(kDeleted.size());
  mapping.path = path;
  return true;
}

}  // namespace

std::vector<Mapping> parse_mappings(std::string_view text) {
  std::vector<Mapping> mappings;
  while (!text.empty()) {
    Mapping mapping;
    if (parse_line(take_line(text), mapping)) mappings.push_back(std::move(mapping));
  }
  return mappings;
}

Result<std::vector<Mapping>> read_mappings(const ForeignProcess& process) {
  const Result<std::string> text = read_small_file(process.directory(), "maps");
  if (!text) return text.failure();
  return parse_mappings(*text);
}

Result<ForeignMemory> ForeignMemory::open(const ForeignProcess& process) {
  UniqueFd file(openat(process.directory(), "mem", O_RDONLY | O_CLOEXEC));
  if (!file) {
    return Failure::of("open " + process.path() + "/mem", errno);
  }
  return ForeignMemory(std::move(file));
}

bool ForeignMemory::read(std::uint64_t address, void* into, std::size_t size) const {
  auto* bytes = static_cast<char*>(into);
  while (size != 0) {
    const ssize_t got = pread(file_.get(), bytes, size, static_cast<off_t>(address));
    if (got <= 0) return false;
    bytes += got;
    address += static_cast<std::uint64_t>(got);
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

}  // namespace sockopt
