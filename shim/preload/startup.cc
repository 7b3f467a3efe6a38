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
#include "shim/preload/protection.h"
#include "shim/preload/real.h"
#include "shim/preload/region.h"
#include "shim/preload/report.h"
#include "shim/preload/start_memory.h"
#include "shim/preload/stderr_log.h"
#include "shim/preload/variables.h"
#include "shim/system/auxiliary_vector.h"
#include "shim/system/loader.h"
#include "shim/system/syscalls.h"

namespace sockopt {

constinit HookSwitch g_hook_switch;

namespace {
constinit std::atomic<std::uint32_t> g_hooks_disabled = 0;
constinit std::atomic<bool> g_started = false;
}  // namespace

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

void* map(std::size_t size, int flags) { return system::map_memory(size, flags | MAP_NORESERVE); }

constexpr std::size_t kLargestPage = 65536;

std::size_t whole_pages(std::size_t size) {
  const std::size_t page = system::auxiliary_value(AT_PAGESZ).value_or(kLargestPage);
  return (size + page - 1) / page * page;
}

// Where a start makes what it makes: in the library's own memory, or where that is another start's,
// or too small, in memory that it maps.
class Place {
 public:
  enum Kind { kOwn, kSmall, kLarge };

  explicit Place(Kind kind)
      : kind_(kind), size_(kind == kLarge ? sizeof(StartMemory) : StartMemory::small_size()) {
    memory_ = kind == kOwn ? &first_memory() : static_cast<StartMemory*>(map(size_, MAP_PRIVATE));
  }

  bool is_large() const { return kind_ == kLarge; }
  StartMemory* memory() const { return memory_; }

  // The memory is complete.  Of a policy that was cut, the rest is not needed.
  void keep(std::size_t used) const {
    if (hooks_are_disabled()) return;
    if (kind_ == kOwn) {
      const auto* const begin = reinterpret_cast<const char*>(memory_);
      return complete(Part::kStart, used == 0 ? nullptr : begin + used);
    }
    const std::size_t kept = whole_pages(used);
    // What is behind a large one, on whatever page, stays.
    const std::size_t end =
        kept != 0 && is_large() ? offsetof(StartMemory, plan) - kLargestPage : size_;
    if (kept != 0) system::call(SYS_mprotect, memory_, size_, PROT_READ);
    if (kept < end) {
      system::unmap_memory(reinterpret_cast<char*>(memory_) + kept, end - kept);
    }
  }
  void give_back() const { keep(0); }

 private:
  Kind kind_;
  std::size_t size_;
  StartMemory* memory_;
};

// The table is large enough for nearly every process, and smaller where memory is short.
// RLIMIT_NOFILE is no bound: it can be lowered below what is already open.
struct DescriptorTable {
  std::size_t count = kMostDescriptors;
  void* slots = nullptr;

  DescriptorTable() {
    for (; count >= kFewestDescriptors; count /= 2) {
      if ((slots = map(size(), MAP_PRIVATE)) != nullptr) break;
    }
  }
  std::size_t size() const { return count * sizeof(Descriptors::Slot); }
};

// For readers from outside. Returns how much of the memory is in use.
std::size_t make_region(StartMemory& memory, std::size_t policy_size, SharedState* shared) {
  Region& region = memory.region.make();
  region = {{},
            SOCKOPT_VERSION,
            sizeof(Region),
            policy_layout(),
            static_cast<std::uint32_t>(memory.policy.bytes - memory.region.bytes),
            static_cast<std::uint32_t>(policy_size),
            memory.faults.object().count(),
            0,
            reinterpret_cast<std::uintptr_t>(shared),
            reinterpret_cast<std::uintptr_t>(&g_hooks_disabled)};
  std::memcpy(region.magic, Region::kMagic, sizeof Region::kMagic);
  return StartMemory::size_with_policy(policy_size);
}

void publish_region(StartMemory& memory) {
  sockopt_region.store(&memory.region.object(), std::memory_order_release);
}

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
void publish_idle(const Place& place, std::size_t policy_size) {
  StartMemory& memory = *place.memory();
  const bool has_policy = !memory.policy.object().empty();
  place.keep(has_policy ? make_region(memory, policy_size, nullptr) : 0);
  // From here on a filter that is installed meanwhile is not noticed: no call is left to be made.
  if (g_hook_switch.publish_nothing() && has_policy) publish_region(memory);
}

void stay_idle_without_memory() {
  StderrLog log;
  log.remember();
  log.write_line("no memory for the configuration; no option is set");
  g_hook_switch.publish_nothing();
}

void publish_hooks(const Place& place, const Plan& plan, std::size_t policy_size,
                   const EnvironmentView& environment) {
  const DescriptorTable table;
  if (table.slots == nullptr) {
    stay_idle_without_memory();
    return place.give_back();
  }
  auto* shared = static_cast<SharedState*>(map(sizeof(SharedState), MAP_SHARED));
  StartMemory& memory = *place.memory();
  const Policy& policy = memory.policy.object();
  const Descriptors descriptors(static_cast<Descriptors::Slot*>(table.slots), table.count);
  Report& report = memory.report.make(policy, memory.faults.object(), descriptors, shared);
  SocketHooks& hooks =
      memory.hooks.make(policy, plan, own_calls::all(), descriptors, report.observer());
  const std::size_t used = make_region(memory, policy_size, shared);
  if (!g_hook_switch.publish(&hooks)) {
    if (shared != nullptr) system::unmap_memory(shared, sizeof(SharedState));
    system::unmap_memory(table.slots, table.size());
    return place.give_back();
  }
  place.keep(used);
  publish_region(memory);
  if (hooks_are_disabled()) return;
  take_over_input(hooks);
  take_over_activated(hooks, environment);
}

// False if the policy does not fit.
bool start_in(const Place& place, const Variables& variables) {
  if (place.memory() == nullptr) {
    stay_idle_without_memory();
    return true;
  }
  StartMemory& memory = *place.memory();
  Faults& faults = memory.faults.make(memory.fault_lines);
  Policy& policy = memory.policy.make();
  if (!place.is_large()) policy.stay_small();
  load_policy({variables.trusted ? variables.all : EnvironmentView(), SOCKOPT_DEFAULT_CONFIG,
               SOCKOPT_DEFAULT_DIRECTORY, user(), &hooks_are_disabled, memory.text},
              memory.buffers, policy, faults.sink());
  if (hooks_are_disabled()) return true;
  if (policy.outgrown()) {
    place.give_back();
    return false;
  }
  const std::size_t policy_size = policy.compact();
  // Not looked at where no rule names one.
  Program& program = memory.program.object();
  if (policy.has_programs()) memory.program.make().read_self();
  void* room = place.is_large() ? memory.plan.bytes : memory.small_plan;
  __asm__("" : "+r"(room));  // smaller than a Plan
  Plan& plan = *new (room) Plan;
  if (!policy.empty()) plan.make(policy, program);
  if (plan.empty() && faults.count() == 0) {
    publish_idle(place, policy_size);
  } else {
    publish_hooks(place, plan, policy_size, variables.all);
  }
  return true;
}

// Several threads may start up at the same time: none waits, each makes what it needs, and the
// first result counts. The others give back what they made.
void start(Place::Kind kind) {
  const Variables variables = is_secure() ? Variables{} : find_variables();
  if (is_disabled(variables.all, {})) {
    if (kind == Place::kOwn) complete(Part::kStart);
    g_hook_switch.publish_nothing();
    return;
  }
  // Meanwhile another thread may have installed a seccomp filter, for this one too: make no more
  // calls.
  if (hooks_are_disabled()) return;
  // Nearly every policy is a small one; of another, only reading it tells.
  if (!start_in(Place(kind), variables)) start_in(Place(Place::kLarge), variables);
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
  start(g_started.exchange(true) ? Place::kSmall : Place::kOwn);
  --t_starts;
  return g_hook_switch.hooks();
}

}  // namespace sockopt
