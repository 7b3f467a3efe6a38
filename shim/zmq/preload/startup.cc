// SPDX-License-Identifier: MIT
#include "shim/zmq/preload/startup.h"

#include <sys/mman.h>

#include <cstring>
#include <new>

#include "shim/preload/hook_switch.h"
#include "shim/preload/variables.h"
#include "shim/zmq/load.h"
#include "shim/zmq/preload/region.h"

namespace sockopt {

// StderrLog asks whether the hooks are disabled. Here nothing disables them.
constinit HookSwitch g_hook_switch;

}  // namespace sockopt

// Where the note of region.h leads to.
extern "C" {
[[gnu::visibility("hidden"), gnu::used]] constinit std::atomic<const sockopt::zmq::Region*>
    sockopt_zmq_region = nullptr;
}
__asm__(
    ".pushsection .note.sockopt, \"a\", %note\n"
    ".balign 4\n"
    ".long 8, 4, 2\n"
    ".asciz \"sockopt\"\n"
    "0: .long sockopt_zmq_region - 0b\n"
    ".popsection");
static_assert(sizeof sockopt::kRegionNoteName == 8 && sockopt::zmq::kZmqRegionNote == 2,
              "as in the note");

namespace sockopt::zmq {
namespace {

// What is made at the start. Most of it is never touched: most processes have no ZeroMQ.
struct Memory {
  Region region;
  alignas(Work) unsigned char work[sizeof(Work)];
  alignas(Plan) unsigned char plan[sizeof(Plan)];
  FaultLines fault_lines;
  Faults faults{fault_lines};
  LoadBuffers buffers;
  Program program;
  Policy policy;
};

static_assert(sizeof(Memory) < std::size_t{1} << 21, "the kernel would take a huge page for it");

void* map(std::size_t size, int flags) { return system::map_memory(size, flags | MAP_NORESERVE); }

// 0 until a start is complete, and then the first one's result: the Work, or kNothing.
constexpr std::uintptr_t kNothing = 1;
constinit std::atomic<std::uintptr_t> g_work = 0;

// Where libsockopt.so is there as well, it says what is wrong with what both read.
SharedFaults shared_faults(const EnvironmentView& environment) {
  const bool has_both = names_library(get_variable(environment, "LD_PRELOAD"), {});
  return has_both ? SharedFaults::kLeftToOthers : SharedFaults::kReported;
}

// The list of sockets, on pages that a forked child finds empty; null where there is none.
SocketList::Memory* make_list() {
  constexpr int kWipeOnFork = 18;  // MADV_WIPEONFORK, since Linux 4.14
  constexpr std::size_t kSize = sizeof(SocketList::Memory);
  auto* list = static_cast<SocketList::Memory*>(map(kSize, MAP_PRIVATE));
  if (list == nullptr || system::call(SYS_madvise, list, kSize, kWipeOnFork) == 0) return list;
  system::unmap_memory(list, kSize);
  return nullptr;
}

void describe(Memory& memory, const SocketList::Memory& list) {
  Region& region = memory.region;
  std::memcpy(region.magic, Region::kMagic, sizeof region.magic);
  std::memcpy(region.version, SOCKOPT_VERSION, sizeof SOCKOPT_VERSION);
  region.size = sizeof region;
  region.entry_size = sizeof(Entry);
  region.entry_count = Region::kMostEntries;
  region.settings = static_cast<std::uint32_t>(memory.policy.end() - memory.policy.begin());
  region.entries = reinterpret_cast<std::uintptr_t>(list.entries);
  region.left_out = reinterpret_cast<std::uintptr_t>(&list.left_out);
}

template <typename T>
void give_back(T* memory) {
  if (memory != nullptr) system::unmap_memory(memory, sizeof(T));
}

bool decide(std::uintptr_t result) {
  std::uintptr_t undecided = 0;
  return g_work.compare_exchange_strong(undecided, result);
}

// Several threads may start at the same time: none waits, each makes what it needs, and the first
// result counts. A child that is forked meanwhile makes its own.
void start() {
  const Variables variables = is_secure() ? Variables{} : find_variables();
  void* const mapped = is_disabled(variables.all, {}) ? nullptr : map(sizeof(Memory), MAP_PRIVATE);
  if (mapped == nullptr) {
    decide(kNothing);
    return;
  }
  auto* memory = new (mapped) Memory;
  load_policy({variables.trusted ? variables.all : EnvironmentView(), SOCKOPT_DEFAULT_CONFIG,
               SOCKOPT_DEFAULT_DIRECTORY, user()},
              memory->buffers, memory->policy, memory->faults.sink(), shared_faults(variables.all));
  if (memory->policy.has_programs()) memory->program.read_self();
  Plan* plan = nullptr;
  if (!memory->policy.empty()) {
    plan = new (memory->plan) Plan;
    plan->make(memory->policy, memory->program);
    if (plan->empty()) plan = nullptr;
  }
  // Without either nothing is ever said.
  const bool has_news = plan != nullptr || memory->faults.count() != 0;
  auto* shared =
      has_news ? static_cast<SharedState*>(map(sizeof(SharedState), MAP_SHARED)) : nullptr;
  SocketList::Memory* const list = make_list();
  auto* made = new (memory->work)
      Work{memory->policy, plan, Report(memory->policy, memory->faults, shared), SocketList(list)};
  if (list != nullptr) describe(*memory, *list);
  if (!decide(reinterpret_cast<std::uintptr_t>(made))) {
    give_back(list);
    give_back(shared);
    return give_back(memory);
  }
  system::call(SYS_mprotect, memory, sizeof(Memory), PROT_READ);
  if (list != nullptr) sockopt_zmq_region.store(&memory->region, std::memory_order_release);
}

__attribute__((constructor)) void start_before_main() {
  find_libzmq_at_start();
  work();
}

}  // namespace

const Work* work() {
  if (g_work.load(std::memory_order_acquire) == 0) start();
  const std::uintptr_t decided = g_work.load(std::memory_order_acquire);
  return decided == kNothing ? nullptr : reinterpret_cast<const Work*>(decided);
}

}  // namespace sockopt::zmq
