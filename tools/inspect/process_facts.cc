// SPDX-License-Identifier: MIT
//
// Where proc(5) has each of them.
#include "tools/inspect/process_facts.h"

#include <elf.h>
#include <link.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>

#include "shim/text/text.h"
#include "tools/inspect/read_small_file.h"

namespace sockopt {
namespace {

// The next piece of `text` that ends in `end`, which is taken off.
std::string_view take(std::string_view& text, char end) {
  const std::size_t size = std::min(text.find(end), text.size());
  const std::string_view piece = text.substr(0, size);
  text.remove_prefix(std::min(size + 1, text.size()));
  return piece;
}

template <typename Number>
std::optional<Number> leading_number(std::string_view text, int base = 10) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end == text.data()) return std::nullopt;
  return value;
}

}  // namespace

std::string_view StartEnvironment::get(std::string_view name) const {
  for (const std::string& entry : entries) {
    if (entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=') {
      return std::string_view(entry).substr(name.size() + 1);
    }
  }
  return {};
}

StartEnvironment parse_environment(std::string_view environment) {
  StartEnvironment parsed;
  while (!environment.empty()) {
    const std::string_view entry = take(environment, '\0');
    // A title leaves words without `=`, and the rest of the memory empty.
    const std::size_t equals = entry.find('=');
    if (equals == std::string_view::npos || equals == 0) {
      parsed.intact = false;
    } else {
      parsed.entries.emplace_back(entry);
    }
  }
  return parsed;
}

std::optional<ProcessStatus> parse_status(std::string_view status) {
  ProcessStatus parsed;
  bool has_user = false;
  while (!status.empty()) {
    std::string_view line = take(status, '\n');
    const std::string_view name = take(line, ':');
    line = trim(line);
    if (name == "Uid") {
      take(line, '\t');
      const auto user = leading_number<uid_t>(line);
      has_user = user.has_value();
      parsed.user = user.value_or(0);
    } else if (name == "Gid") {
      take(line, '\t');
      if (const auto group = leading_number<gid_t>(line)) parsed.groups.push_back(*group);
    } else if (name == "Groups") {
      while (!line.empty()) {
        if (const auto group = leading_number<gid_t>(take(line, ' ')))
          parsed.groups.push_back(*group);
      }
    } else if (name == "CapEff") {
      parsed.capabilities = leading_number<std::uint64_t>(line, 16).value_or(0);
    } else if (name == "NoNewPrivs") {
      parsed.no_new_privileges = line == "1";
    } else if (name == "Seccomp") {
      parsed.filtered = line == "2";
    }
  }
  if (!has_user) return std::nullopt;
  return parsed;
}

bool is_secure(std::string_view auxv) {
  for (; auxv.size() >= sizeof(ElfW(auxv_t)); auxv.remove_prefix(sizeof(ElfW(auxv_t)))) {
    ElfW(auxv_t) entry;
    std::memcpy(&entry, auxv.data(), sizeof entry);
    if (entry.a_type == AT_SECURE) return entry.a_un.a_val != 0;
  }
  return false;
}

Result<ProcessFacts> read_process_facts(const ForeignProcess& process) {
  ProcessFacts facts;
  const auto status = read_small_file(process.directory(), "status");
  if (!status) return status.failure();
  const auto parsed = parse_status(*status);
  if (!parsed) return Failure::of("read /proc/PID/status", EPROTO);
  facts.status = *parsed;

  const auto executable = read_link(process.directory(), "exe");
  if (!executable) {
    // A thread of the kernel has no executable; that is all there is to know of it.
    if (executable.failure().error == ENOENT && process.running()) return facts;
    return executable.failure();
  }
  facts.executable = *executable;

  const auto environment = read_small_file(process.directory(), "environ");
  if (!environment) return environment.failure();
  facts.environment = parse_environment(*environment);
  const auto auxv = read_small_file(process.directory(), "auxv");
  if (!auxv) return auxv.failure();
  facts.secure = is_secure(*auxv);
  if (const auto cgroup = read_small_file(process.directory(), "cgroup")) facts.cgroup = *cgroup;
  if (const auto label = read_small_file(process.directory(), "attr/current")) {
    facts.confinement = trim(std::string_view(label->c_str()));
    if (facts.confinement == "unconfined") facts.confinement.clear();
  }
  return facts;
}

}  // namespace sockopt
