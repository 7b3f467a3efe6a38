// SPDX-License-Identifier: MIT
#include "tools/sockopt/live/self_setters.h"

#include <fcntl.h>

#include <algorithm>

#include "tools/sockopt/launch/elf_file.h"

namespace sockopt {
namespace {

// `tcp-keepalive 300` of its configuration, of which it makes the other two.
constexpr KnownSetting kRedis[] = {
    {"keepalive", 1}, {"keepidle", 300}, {"keepintvl", 100}, {"keepcnt", 3}};
constexpr std::string_view kRedisAndItsLike[] = {"redis-server", "valkey-server"};

constexpr KnownSetting kGo[] = {
    {"keepalive", 1}, {"keepidle", 15}, {"keepintvl", 15}, {"nodelay", 1}};

}  // namespace

std::span<const KnownSetting> known_settings(std::string_view program, bool is_go) {
  if (is_go) return kGo;
  const bool is_redis = std::find(std::begin(kRedisAndItsLike), std::end(kRedisAndItsLike),
                                  program) != std::end(kRedisAndItsLike);
  if (is_redis) return kRedis;
  return {};
}

bool is_go_program(const ForeignProcess& process) {
  const UniqueFd executable(::openat(process.directory(), "exe", O_RDONLY | O_CLOEXEC));
  const auto elf = executable ? read_elf_file(executable.get()) : std::nullopt;
  return elf && elf->is_go;
}

}  // namespace sockopt
