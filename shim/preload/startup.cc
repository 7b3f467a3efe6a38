// SPDX-License-Identifier: MIT
#include "shim/preload/startup.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <new>

#include "shim/config/environment.h"
#include "shim/config/load.h"
#include "shim/options/number.h"
#include "shim/preload/own_calls.h"
#include "shim/preload/real.h"
#include "shim/preload/region.h"
#include "shim/preload/report.h"
#include "shim/preload/stderr_log.h"
#include "shim/preload/variables.h"
#include "shim/system/auxiliary_vector.h"
#include "shim/system/loader.h"
#include "shim/system/syscalls.h"

namespace sockopt {

constinit HookSwitch g_hook_switch;

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

// The most descriptors that are remembered: 1.3 MB of address space, touched only where used.
constexpr std::size_t kMostDescriptors = std::size_t{1} << 15;
constexpr std::size_t kFewestDescriptors = 1024;

// A start within a start: a signal handler, or an allocator that opens a socket for the dynamic
// linker.  The latter would recurse for ever.
constexpr int kMostNested = 2;
[[gnu::tls_model("initial-exec")]] constinit thread_local int t_starts = 0;

constexpr std::size_t kSmallestPage = 4096;  // on larger ones the layout below saves less

// What is made of the files. Their text is in its place while they are read.
struct Made {
  Region region;
  alignas(Report) unsigned char report[sizeof(Report)];
  alignas(SocketHooks) unsigned char hooks[sizeof(SocketHooks)];
  Plan plan;
};

// Everything that becomes read-only once it is complete.  It is not part of the library's own
// pages, which each start has to populate, and most starts touch two pages of it: one with what is
// last of the faults and first of what is made, and one of the policy.
struct Memory {
  Faults faults;
  alignas(Made) char made[sizeof(Made)];
  LoadBuffers buffers;
  alignas(Program) unsigned char program[sizeof(Program)];
  alignas(kSmallestPage) Policy policy;  // cut to what it uses
};
static_assert(sizeof(Faults) % kSmallestPage < 64);
static_assert(sizeof(Memory) < std::size_t{1} << 21, "the kernel would take a huge page for it");

constexpr std::size_t kPolicyAt = offsetof(Memory, policy);

void* map(std::size_t size, int flags) { return system::map_memory(size, flags | MAP_NORESERVE); }

std::size_t whole_pages(std::size_t size) {
  constexpr std::size_t kLargestPage = 65536;
  const std::size_t page = system::auxiliary_value(AT_PAGESZ).value_or(kLargestPage);
  return (size + page - 1) / page * page;
}

// All that a start maps for this process: the memory and the table of descriptors, behind it where
// the policy is a small one.
struct Mapped {
  bool large;
  std::size_t size;  // of the memory
  Memory* memory = nullptr;
  Descriptors::Slot* slots = nullptr;
  std::size_t count = 0;

  Made& made() const { return reinterpret_cast<Made&>(memory->made); }

  // The table is large enough for nearly every process, and smaller where memory is short.
  // RLIMIT_NOFILE is no bound: it can be lowered below what is already open.
  explicit Mapped(bool for_large)
      : large(for_large),
        size(whole_pages(kPolicyAt + (large ? sizeof(Policy) : Policy::small_size()))) {
    const std::size_t before = large ? 0 : size;
    char* mapped = nullptr;
    for (count = kMostDescriptors; count >= kFewestDescriptors; count /= 2) {
      mapped = static_cast<char*>(map(before + table_size(), MAP_PRIVATE));
      if (mapped != nullptr) break;
    }
    if (mapped == nullptr) return;
    slots = reinterpret_cast<Descriptors::Slot*>(mapped + before);
    void* const place = large ? map(size, MAP_PRIVATE) : mapped;
    if (place != nullptr) memory = new (place) Memory;
  }

  std::size_t table_size() const { return count * sizeof(Descriptors::Slot); }

  // Gives back the table, and what is behind the first `kept` bytes of the memory.
  void unmap(std::size_t kept = 0) const {
    system::unmap_memory(reinterpret_cast<char*>(memory) + kept,
                         size - kept + (large ? 0 : table_size()));
    if (large) system::unmap_memory(slots, table_size());
  }

  // Write-protects what is complete, and returns its size.
  std::size_t seal(std::size_t policy_size, SharedState* shared) const {
    const std::size_t used = whole_pages(kPolicyAt + policy_size);
    Region& region = made().region;
    region = {{},
              SOCKOPT_VERSION,
              sizeof(Region),
              policy_layout(),
              kPolicyAt - offsetof(Memory, made) - offsetof(Made, region),
              static_cast<std::uint32_t>(policy_size),
              memory->faults.count(),
              0,
              reinterpret_cast<std::uintptr_t>(shared),
              reinterpret_cast<std::uintptr_t>(&g_hooks_disabled)};
    std::memcpy(region.magic, Region::kMagic, sizeof Region::kMagic);
    system::call(SYS_mprotect, memory, used, PROT_READ);
    return used;
  }
};

// inetd, tcpserver and systemd's Accept=yes hand over a connection as standard input. What fstat
// can tell is not asked of the socket: a sandbox may kill for that.
void take_over_input(SocketHooks& hooks) {
  constexpr int kInput = 0;
  system::FileStat stat;
  if (system::file_stat(kInput, &stat) == 0 && S_ISSOCK(stat.st_mode)) hooks.take_over(kInput);
}

// systemd's sd_listen_fds(3): sockets from descriptor 3 on, meant for this very process.
void take_over_activated(SocketHooks& hooks, const EnvironmentView& environment) {
  constexpr int kFirst = 3;
  constexpr int kMost = 1024;
  const NumberText pid = read_integer(get_variable(environment, "LISTEN_PID"));
  const NumberText count = read_integer(get_variable(environment, "LISTEN_FDS"));
  if (pid.problem != NumberProblem::kNone || pid.number != system::call(SYS_getpid)) return;
  if (count.problem != NumberProblem::kNone || count.number > kMost) return;
  for (int fd = kFirst; fd < kFirst + count.number; ++fd) hooks.take_over(fd);
}

// No setting applies to this program: keeps the policy for readers from outside.
void publish_idle(const Mapped& mapped, std::size_t policy_size) {
  std::size_t kept = 0;
  if (!mapped.memory->policy.empty()) kept = mapped.seal(policy_size, nullptr);
  if (!g_hook_switch.publish_nothing()) kept = 0;
  if (kept != 0) sockopt_region.store(&mapped.made().region, std::memory_order_release);
  mapped.unmap(kept);
}

void publish_hooks(const Mapped& mapped, std::size_t policy_size,
                   const EnvironmentView& environment) {
  auto* shared = static_cast<SharedState*>(map(sizeof(SharedState), MAP_SHARED));
  const Memory& memory = *mapped.memory;
  Made& made = mapped.made();
  const Descriptors descriptors(mapped.slots, mapped.count);
  auto* report = new (made.report) Report(memory.policy, memory.faults, descriptors, shared);
  auto* hooks = new (made.hooks)
      SocketHooks(memory.policy, made.plan, own_calls::all(), descriptors, report->observer());
  mapped.seal(policy_size, shared);
  if (!g_hook_switch.publish(hooks)) {
    if (shared != nullptr) system::unmap_memory(shared, sizeof(SharedState));
    mapped.unmap();
    return;
  }
  sockopt_region.store(&made.region, std::memory_order_release);
  if (hooks_are_disabled()) return;
  take_over_input(*hooks);
  take_over_activated(*hooks, environment);
}

// False if the policy does not fit.
bool start_with(const Mapped& mapped, const Variables& variables) {
  if (mapped.memory == nullptr) {
    StderrLog log;
    log.remember();
    log.write_line("no memory for the configuration; no option is set");
    g_hook_switch.publish_nothing();
    return true;
  }
  Memory& memory = *mapped.memory;
  Policy& policy = memory.policy;
  if (!mapped.large) policy.stay_small();
  load_policy({variables.trusted ? variables.all : EnvironmentView(), SOCKOPT_DEFAULT_CONFIG,
               SOCKOPT_DEFAULT_DIRECTORY, user(), &hooks_are_disabled, memory.made},
              memory.buffers, policy, memory.faults.sink());
  if (hooks_are_disabled()) return true;
  if (policy.outgrown()) {
    mapped.unmap();
    return false;
  }
  const std::size_t policy_size = policy.compact();
  // Not looked at where no rule names one.
  auto& program = reinterpret_cast<Program&>(memory.program);
  if (policy.has_programs()) (new (&program) Program)->read_self();
  Plan& plan = *new (&mapped.made().plan) Plan;
  if (!policy.empty()) plan.make(policy, program);
  if (plan.empty() && memory.faults.count() == 0) {
    publish_idle(mapped, policy_size);
  } else {
    publish_hooks(mapped, policy_size, variables.all);
  }
  return true;
}

// Several threads may start up at the same time: none waits, each makes what it needs, and the
// first result counts. The others give back what they made.
void start() {
  const Variables variables = is_secure() ? Variables{} : find_variables();
  if (is_disabled(variables.all, {})) {
    g_hook_switch.publish_nothing();
    return;
  }
  // Meanwhile another thread may have installed a seccomp filter, for this one too: make no more
  // calls.
  if (hooks_are_disabled()) return;
  // Nearly every policy is a small one; of another, only reading it tells.
  if (!start_with(Mapped(false), variables)) start_with(Mapped(true), variables);
}

// Constructors of libraries run with the dynamic linker's lock held or before there are threads;
// the program's preinit functions run earlier still.
__attribute__((constructor)) void start_before_main() {
  real::resolve();
  start_if_needed();
  if (system::initializes_from_behind()) own_calls::begin_to_call_others();
}

}  // namespace

void disable_hooks() {
  if (g_hook_switch.turn_off()) g_hooks_disabled.store(1, std::memory_order_relaxed);
}

SocketHooks* start_if_needed() {
  if (!real::is_relocated()) return nullptr;
  if (!g_hook_switch.is_undecided() || t_starts == kMostNested) return g_hook_switch.hooks();
  ++t_starts;
  start();
  --t_starts;
  return g_hook_switch.hooks();
}

}  // namespace sockopt
