// SPDX-License-Identifier: MIT
#include "shim/preload/startup.h"

#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <new>

#include "shim/config/environment.h"
#include "shim/config/load.h"
#include "shim/options/number.h"
#include "shim/preload/errno_guard.h"
#include "shim/preload/next_symbol.h"
#include "shim/preload/real.h"
#include "shim/preload/region.h"
#include "shim/preload/report.h"
#include "shim/preload/stderr_log.h"
#include "shim/system/syscalls.h"

namespace sockopt {

constinit std::atomic<SocketHooks*> g_socket_hooks = nullptr;

namespace {
constinit std::atomic<std::uint32_t> g_hooks_disabled = 0;
}

// Where the note of region.h leads to.
extern "C" {
[[gnu::visibility("hidden"), gnu::used]] constinit std::atomic<const Region*> sockopt_region =
    nullptr;
}
__asm__(
    ".pushsection .note.sockopt, \"a\", %note\n"
    ".balign 4\n"
    ".long 8, 4, 1\n"
    ".asciz \"sockopt\"\n"
    "0: .long sockopt_region - 0b\n"
    ".popsection");
static_assert(sizeof kRegionNoteName == 8 && kRegionNote == 1, "as in the note");

namespace {

// How many descriptors are remembered at the most: 1.3 MB of address space, touched where used.
constexpr std::size_t kMostDescriptors = std::size_t{1} << 15;
constexpr std::size_t kFewestDescriptors = 1024;

enum class Stage : int { kNotStarted, kStarting, kStarted };
constinit std::atomic<Stage> g_stage = Stage::kNotStarted;

// Everything that is read-only once it is complete, and no part of the library's own pages, which
// each start has to make.  The policy is last, and cut to what it uses.
struct Memory {
  Region region;
  Program program;
  Plan plan;
  Faults faults;
  alignas(SocketHooks) unsigned char hooks[sizeof(SocketHooks)];
  Policy policy;
};

alignas(Report) unsigned char g_report_storage[sizeof(Report)];

void* map(std::size_t size, int flags, void* where = nullptr) {
  return system::map_memory(size, flags | MAP_NORESERVE, where);
}

// Enough for nearly every process, or fewer where memory is short, or counted: then a 256th of what
// there may be.  RLIMIT_NOFILE is no bound: it can be lowered below what is open already.
Descriptors map_descriptors() {
  constexpr std::size_t kShare = 256;
  const std::size_t counted = std::min(system::limit_of(RLIMIT_AS), system::limit_of(RLIMIT_DATA));
  for (std::size_t count = kMostDescriptors; count >= kFewestDescriptors; count /= 2) {
    const std::size_t size = count * sizeof(Descriptors::Slot);
    if (size > counted / kShare && count > kFewestDescriptors) continue;
    void* memory = map(size, MAP_PRIVATE);
    if (memory == nullptr) continue;
    // The pages of the usual numbers are made now, in one go, not one fault at a time by the first
    // connections.
    if (map(kFewestDescriptors * sizeof(Descriptors::Slot), MAP_PRIVATE | MAP_FIXED | MAP_POPULATE,
            memory) == nullptr) {
      system::unmap_memory(memory, size);
      continue;
    }
    return {static_cast<Descriptors::Slot*>(memory), count};
  }
  return {};
}

// Cuts the memory to what the policy uses, forbids to write there and makes it known.
void seal(Memory* memory, std::size_t policy_size, SharedState* shared) {
  constexpr std::size_t kPolicyAt = offsetof(Memory, policy);
  const auto page = static_cast<std::size_t>(::getauxval(AT_PAGESZ));
  const std::size_t used = (kPolicyAt + policy_size + page - 1) / page * page;
  memory->region = {{},
                    SOCKOPT_VERSION,
                    sizeof(Region),
                    policy_layout(),
                    kPolicyAt,
                    static_cast<std::uint32_t>(policy_size),
                    memory->faults.count(),
                    0,
                    reinterpret_cast<std::uintptr_t>(shared),
                    reinterpret_cast<std::uintptr_t>(&g_hooks_disabled)};
  std::memcpy(memory->region.magic, Region::kMagic, sizeof Region::kMagic);
  if (used < sizeof(Memory)) {
    system::unmap_memory(reinterpret_cast<char*>(memory) + used, sizeof(Memory) - used);
  }
  system::call(SYS_mprotect, memory, used, PROT_READ);
  sockopt_region.store(&memory->region, std::memory_order_release);
}

// environ(7) as far as it may be heeded: not in a set-user-ID program, and only where this
// library's name stands in LD_PRELOAD beside the variables.
const char* const* trusted_environment() {
  const std::string_view preload = get_variable(environ, "LD_PRELOAD");
  if (preload.empty()) return nullptr;
  const bool named = names_library(preload, {}) || names_library(preload, own_path());
  return named ? environ : nullptr;
}

// systemd's sd_listen_fds(3): listeners from descriptor 3 on, meant for this very process.
void adopt_activated(SocketHooks& hooks, const char* const* environment) {
  constexpr int kFirst = 3;
  constexpr int kMost = 1024;
  const NumberText pid = read_integer(get_variable(environment, "LISTEN_PID"));
  const NumberText count = read_integer(get_variable(environment, "LISTEN_FDS"));
  if (pid.problem != NumberProblem::kNone || pid.number != system::call(SYS_getpid)) return;
  if (count.problem != NumberProblem::kNone || count.number > kMost) return;
  for (int fd = kFirst; fd < kFirst + count.number; ++fd) hooks.adopt(fd);
}

void start() {
  real::resolve();
  // AT_SECURE: the program has rights that its caller lacks, and takes no orders from it.
  const bool secure = ::getauxval(AT_SECURE) != 0;
  if (!secure && is_disabled(environ, {})) return;

  auto* memory = static_cast<Memory*>(map(sizeof(Memory), MAP_PRIVATE));
  if (memory == nullptr) {
    StderrLog log;
    log.remember();
    return log.write_line("no memory for the configuration; no option is set");
  }
  new (memory) Memory;
  load_policy({secure ? nullptr : trusted_environment(), SOCKOPT_DEFAULT_CONFIG,
               SOCKOPT_DEFAULT_DIRECTORY, static_cast<uid_t>(::getauxval(AT_EUID))},
              memory->policy, memory->faults.sink());
  const std::size_t policy_size = memory->policy.compact();
  if (memory->policy.has_programs()) memory->program.read_self();
  memory->plan.make(memory->policy, memory->program);
  const bool is_idle = memory->plan.empty() && memory->faults.count() == 0;
  auto* shared =
      is_idle ? nullptr : static_cast<SharedState*>(map(sizeof(SharedState), MAP_SHARED));
  if (is_idle && memory->policy.empty()) {
    system::unmap_memory(memory, sizeof(Memory));
    return;
  }
  if (is_idle) return seal(memory, policy_size, shared);

  auto* report = new (g_report_storage) Report(memory->policy, memory->faults, shared);
  const SocketOps ops = {real::setsockopt_function(), system::get_option, system::get_local,
                         system::get_peer, real::listen};
  auto* hooks = new (memory->hooks)
      SocketHooks(memory->policy, memory->plan, ops, map_descriptors(), report->observer());
  seal(memory, policy_size, shared);
  if (!secure) adopt_activated(*hooks, environ);
  g_socket_hooks.store(hooks, std::memory_order_release);
}

// Every library's constructors run with the loader's lock held or before there are threads; the
// program's preinit functions run earlier still, when libc has not set environ yet.
__attribute__((constructor)) void start_before_main() { start_if_needed(); }

}  // namespace

void disable_hooks() {
  if (g_socket_hooks.exchange(nullptr, std::memory_order_acq_rel) == nullptr) return;
  g_hooks_disabled.store(1, std::memory_order_relaxed);
}

SocketHooks* start_if_needed() {
  Stage expected = Stage::kNotStarted;
  if (g_stage.load(std::memory_order_acquire) == Stage::kStarted) return nullptr;
  const ErrnoGuard keep;
  if (environ == nullptr) {
    // Too early to tell what is asked for; what is opened now is seen again at bind or listen.
    return nullptr;
  }
  if (!g_stage.compare_exchange_strong(expected, Stage::kStarting)) return nullptr;
  start();
  g_stage.store(Stage::kStarted, std::memory_order_release);
  return g_socket_hooks.load(std::memory_order_acquire);
}

}  // namespace sockopt
