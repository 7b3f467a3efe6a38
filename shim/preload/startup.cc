// SPDX-License-Identifier: MIT
#include "shim/preload/startup.h"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <new>

#include "shim/config/environment.h"
#include "shim/config/load.h"
#include "shim/options/number.h"
#include "shim/preload/exec_environment.h"
#include "shim/preload/next_symbol.h"
#include "shim/preload/real.h"
#include "shim/preload/region.h"
#include "shim/preload/report.h"
#include "shim/preload/stderr_log.h"
#include "shim/system/auxiliary_vector.h"
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

// Everything that becomes read-only once it is complete, and what is given back then.  It is not
// part of the library's own pages, which each start has to populate, and most starts touch two
// pages of it: one with what is last of the faults and first of the plan, and one of the policy.
struct Memory {
  Faults faults;
  Region region;
  alignas(Report) unsigned char report[sizeof(Report)];
  alignas(SocketHooks) unsigned char hooks[sizeof(SocketHooks)];
  Plan plan;
  alignas(kSmallestPage) Policy policy;  // cut to what it uses
  LoadBuffers buffers;
  alignas(Program) unsigned char program[sizeof(Program)];
  alignas(kSmallestPage) char text[12 * kSmallestPage];
};
static_assert(sizeof(Faults) % kSmallestPage < 64);
static_assert(sizeof(Memory) < std::size_t{1} << 21, "the kernel would take a huge page for it");

void* map(std::size_t size, int flags) { return system::map_memory(size, flags | MAP_NORESERVE); }

// Enough for nearly every process; fewer if memory is short or limited: then a 256th of the limit.
// RLIMIT_NOFILE is no bound: it can be lowered below what is already open.
Descriptors map_descriptors() {
  constexpr std::size_t kShare = 256;
  const std::size_t counted = std::min(system::limit_of(RLIMIT_AS), system::limit_of(RLIMIT_DATA));
  for (std::size_t count = kMostDescriptors; count >= kFewestDescriptors; count /= 2) {
    const std::size_t size = count * sizeof(Descriptors::Slot);
    if (size > counted / kShare && count > kFewestDescriptors) continue;
    if (void* memory = map(size, MAP_PRIVATE)) {
      return {static_cast<Descriptors::Slot*>(memory), count};
    }
  }
  return {};
}

// Cuts the memory to what the policy uses, and write-protects it. Returns the remaining size.
std::size_t seal(Memory* memory, std::size_t policy_size, SharedState* shared) {
  constexpr std::size_t kPolicyAt = offsetof(Memory, policy);
  constexpr std::size_t kLargestPage = 65536;
  const std::size_t page = system::auxiliary_value(AT_PAGESZ).value_or(kLargestPage);
  const std::size_t used = (kPolicyAt + policy_size + page - 1) / page * page;
  memory->region = {{},
                    SOCKOPT_VERSION,
                    sizeof(Region),
                    policy_layout(),
                    kPolicyAt - offsetof(Memory, region),
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
  return used;
}

// The variables of the program, and whether to trust them: only if LD_PRELOAD beside them names
// this library.
struct Variables {
  EnvironmentView all;
  bool trusted = false;
};

bool names_us(const EnvironmentView& environment) {
  const std::string_view preload = get_variable(environment, "LD_PRELOAD");
  return !preload.empty() && (names_library(preload, {}) || names_library(preload, own_path()));
}

Variables find_variables() {
  const EnvironmentView now(__environ);
  if (names_us(now)) return {now, true};
  const EnvironmentView given = exec_environment();
  if (names_us(given)) return {given, true};
  return {now ? now : given, false};
}

int set_option(int fd, int level, int name, const void* value, socklen_t length) {
  return SocketOps::without_errno([=] { return real::setsockopt(fd, level, name, value, length); });
}

int listen_again(int fd, int backlog) {
  return SocketOps::without_errno([=] { return real::listen(fd, backlog); });
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
void publish_idle(Memory* memory, std::size_t policy_size) {
  const bool has_settings = !memory->policy.empty();
  const std::size_t size = has_settings ? seal(memory, policy_size, nullptr) : sizeof(Memory);
  if (g_hook_switch.publish_nothing() && has_settings) {
    sockopt_region.store(&memory->region, std::memory_order_release);
  } else {
    system::unmap_memory(memory, size);
  }
}

void publish_hooks(Memory* memory, std::size_t policy_size, const EnvironmentView& environment) {
  auto* shared = static_cast<SharedState*>(map(sizeof(SharedState), MAP_SHARED));
  const SocketOps ops = {real::setsockopt_is_the_c_librarys() ? system::set_option : set_option,
                         system::get_option, system::get_local, system::get_peer, listen_again};
  const Descriptors descriptors = map_descriptors();
  auto* report = new (memory->report) Report(memory->policy, memory->faults, descriptors, shared);
  auto* hooks = new (memory->hooks)
      SocketHooks(memory->policy, memory->plan, ops, descriptors, report->observer());
  const std::size_t size = seal(memory, policy_size, shared);
  if (!g_hook_switch.publish(hooks)) {
    if (shared != nullptr) system::unmap_memory(shared, sizeof(SharedState));
    system::unmap_memory(descriptors.slots(), descriptors.bytes());
    system::unmap_memory(memory, size);
    return;
  }
  sockopt_region.store(&memory->region, std::memory_order_release);
  if (hooks_are_disabled()) return;
  take_over_input(*hooks);
  take_over_activated(*hooks, environment);
}

// The program has rights that its caller lacks, and does not obey it.
bool is_secure() {
  if (const auto secure = system::auxiliary_value(AT_SECURE)) return *secure != 0;
  return system::call(SYS_getuid) != system::call(SYS_geteuid) ||
         system::call(SYS_getgid) != system::call(SYS_getegid);
}

// Whom to trust beside root.
uid_t user() {
  if (const auto uid = system::auxiliary_value(AT_EUID)) return static_cast<uid_t>(*uid);
  return static_cast<uid_t>(system::call(SYS_geteuid));
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
  void* const mapped = map(sizeof(Memory), MAP_PRIVATE);
  if (mapped == nullptr) {
    StderrLog log;
    log.remember();
    log.write_line("no memory for the configuration; no option is set");
    g_hook_switch.publish_nothing();
    return;
  }
  auto* memory = new (mapped) Memory;
  load_policy({variables.trusted ? variables.all : EnvironmentView(), SOCKOPT_DEFAULT_CONFIG,
               SOCKOPT_DEFAULT_DIRECTORY, user(), &hooks_are_disabled, memory->text},
              memory->buffers, memory->policy, memory->faults.sink());
  if (hooks_are_disabled()) return;
  const std::size_t policy_size = memory->policy.compact();
  // Not looked at where no rule names one.
  auto& program = reinterpret_cast<Program&>(memory->program);
  if (memory->policy.has_programs()) (new (&program) Program)->read_self();
  if (!memory->policy.empty()) memory->plan.make(memory->policy, program);
  if (memory->plan.empty() && memory->faults.count() == 0) {
    return publish_idle(memory, policy_size);
  }
  publish_hooks(memory, policy_size, variables.all);
}

// Constructors of libraries run with the dynamic linker's lock held or before there are threads;
// the program's preinit functions run earlier still.
__attribute__((constructor)) void start_before_main() {
  real::resolve();
  start_if_needed();
}

}  // namespace

void disable_hooks() {
  if (g_hook_switch.turn_off()) g_hooks_disabled.store(1, std::memory_order_relaxed);
}

SocketHooks* start_if_needed() {
  if (!real::is_relocated()) return nullptr;
  if (!g_hook_switch.is_undecided() || t_starts == kMostNested) return g_hook_switch.hooks();
  const int before = errno;
  ++t_starts;
  start();
  --t_starts;
  if (errno != before) errno = before;
  return g_hook_switch.hooks();
}

}  // namespace sockopt
