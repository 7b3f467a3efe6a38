// SPDX-License-Identifier: MIT
#include "shim/preload/startup.h"

#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <new>

#include "shim/config/environment.h"
#include "shim/config/load.h"
#include "shim/options/number.h"
#include "shim/preload/errno_guard.h"
#include "shim/preload/next_symbol.h"
#include "shim/preload/real.h"
#include "shim/preload/report.h"
#include "shim/system/calls.h"

namespace sockopt {

constinit std::atomic<Lifecycle*> g_lifecycle = nullptr;

namespace {

// How many descriptors are remembered at the most: 1.3 MB of address space, touched where used.
constexpr std::size_t kMostDescriptors = std::size_t{1} << 15;
constexpr std::size_t kFewestDescriptors = 1024;

enum class Stage : int { kNotStarted, kStarting, kStarted };
constinit std::atomic<Stage> g_stage = Stage::kNotStarted;

// Everything that is read-only once it is complete.
struct Memory {
  Policy policy;
  Program program;
  Plan plan;
  Faults faults;
};

alignas(Lifecycle) unsigned char g_lifecycle_storage[sizeof(Lifecycle)];
alignas(Report) unsigned char g_report_storage[sizeof(Report)];

void* map(std::size_t size, int sharing) {
  void* memory =
      ::mmap(nullptr, size, PROT_READ | PROT_WRITE, sharing | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  return memory == MAP_FAILED ? nullptr : memory;
}

// As many as the process may ever open, or fewer where memory is short: what is not remembered
// costs work that changes nothing.
Descriptors map_descriptors() {
  struct rlimit limit = {};
  std::size_t count = kMostDescriptors;
  if (::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_max < count) {
    count = static_cast<std::size_t>(limit.rlim_max);
  }
  if (count < kFewestDescriptors) count = kFewestDescriptors;
  for (; count >= kFewestDescriptors; count /= 2) {
    void* memory = map(count * sizeof(Descriptors::Slot), MAP_PRIVATE);
    if (memory == nullptr) continue;
    // The pages of the usual numbers are made now, in one go (since Linux 5.14), not one fault at a
    // time by the first connections.
    constexpr int kPopulateWrite = 23;
    system::call(SYS_madvise, memory, kFewestDescriptors * sizeof(Descriptors::Slot),
                 kPopulateWrite);
    return {static_cast<Descriptors::Slot*>(memory), count};
  }
  return {};
}

// environ(7) as far as it may be heeded: not in a set-user-ID program, and only where this
// library's name stands in LD_PRELOAD beside the variables.
const char* const* trusted_environment() {
  const std::string_view preload = get_variable(environ, "LD_PRELOAD");
  if (preload.empty()) return nullptr;
  const bool named = names_library(preload, {}) || names_library(preload, own_path());
  return named ? environ : nullptr;
}

int get_option(int fd, int level, int name, void* value, socklen_t* length) {
  return ::getsockopt(fd, level, name, value, length);
}

int get_local(int fd, sockaddr* address, socklen_t* length) {
  return ::getsockname(fd, address, length);
}

int get_peer(int fd, sockaddr* address, socklen_t* length) {
  return ::getpeername(fd, address, length);
}

// systemd's sd_listen_fds(3): listeners from descriptor 3 on, meant for this very process.
void adopt_activated(Lifecycle& life, const char* const* environment) {
  constexpr int kFirst = 3;
  constexpr int kMost = 1024;
  const NumberText pid = read_integer(get_variable(environment, "LISTEN_PID"));
  const NumberText count = read_integer(get_variable(environment, "LISTEN_FDS"));
  if (pid.problem != NumberProblem::kNone || pid.number != ::getpid()) return;
  if (count.problem != NumberProblem::kNone || count.number > kMost) return;
  for (int fd = kFirst; fd < kFirst + count.number; ++fd) life.adopt(fd);
}

void start() {
  real::resolve();
  // AT_SECURE: the program has rights that its caller lacks, and takes no orders from it.
  const bool secure = ::getauxval(AT_SECURE) != 0;
  if (!secure && is_disabled(environ, {})) return;

  auto* memory = static_cast<Memory*>(map(sizeof(Memory), MAP_PRIVATE));
  if (memory == nullptr) return;
  new (memory) Memory;
  load_policy({secure ? nullptr : trusted_environment(), SOCKOPT_DEFAULT_CONFIG,
               SOCKOPT_DEFAULT_DIRECTORY, ::geteuid()},
              memory->policy, memory->faults.sink());
  if (memory->policy.has_programs()) memory->program.read_self();
  memory->plan.make(memory->policy, memory->program);
  if (memory->plan.empty() && memory->faults.empty()) {
    ::munmap(memory, sizeof(Memory));
    return;
  }
  ::mprotect(memory, sizeof(Memory), PROT_READ);

  auto* shared = static_cast<Report::Shared*>(map(sizeof(Report::Shared), MAP_SHARED));
  auto* report = new (g_report_storage) Report(memory->policy, memory->faults, shared);
  const SocketCalls calls = {real::setsockopt, get_option, get_local, get_peer, real::listen};
  auto* life = new (g_lifecycle_storage)
      Lifecycle(memory->policy, memory->plan, calls, map_descriptors(), report->witness());
  if (!secure) adopt_activated(*life, environ);
  g_lifecycle.store(life, std::memory_order_release);
}

// Every library's constructors run with the loader's lock held or before there are threads; the
// program's preinit functions run earlier still, when libc has not set environ yet.
__attribute__((constructor)) void start_before_main() { start_if_needed(); }

}  // namespace

Lifecycle* start_if_needed() {
  Stage expected = Stage::kNotStarted;
  if (g_stage.load(std::memory_order_acquire) == Stage::kStarted) return nullptr;
  const ErrnoGuard keep;
  if (environ == nullptr) {
    // Too early to tell what is asked for; what is opened now is met again at bind or listen.
    return nullptr;
  }
  if (!g_stage.compare_exchange_strong(expected, Stage::kStarting)) return nullptr;
  start();
  g_stage.store(Stage::kStarted, std::memory_order_release);
  return g_lifecycle.load(std::memory_order_acquire);
}

}  // namespace sockopt
