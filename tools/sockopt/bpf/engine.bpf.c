// SPDX-License-Identifier: MIT
//
// The programs of the bpf engine: called by the kernel when a process of the cgroup binds, listens,
// connects or sets an option. They look up what the policy gives such a socket and set that, and
// keep what they have worked out, so that the next socket of that program and address costs no
// search.

// <linux/bpf.h> has the types of those behind it.
// clang-format off
#include "tools/sockopt/bpf/layout.h"

#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>
// clang-format on

#define AF_INET 2
#define AF_INET6 10
#define IPPROTO_TCP 6
#define IPPROTO_MPTCP 262

// Kernels before 6.15 refuse longer values unless the length is set to 0: "as the program gave it".
#define LONGEST_COPIED 4096

// Of the words the kernel knows, the one with MIT in it: others may not call what is called here.
char license_text[] SEC("license") = "Dual MIT/GPL";

// Fixed when the programs are loaded; what depends on one that is off is not even verified.
const volatile __u32 level = 0;            // of the cgroup in the tree
const volatile __u32 base_count = 0;       // rules without an address
const volatile __u32 priority_option = 0;  // set last: tos sets it, too
const volatile bool has_programs = false;
const volatile bool has_addresses = false;
const volatile bool follows_accepted =
    false;  // accepted sockets need to know what their listener got
const volatile bool sets_priority = false;
const volatile __u64 precedes_bind = 0;  // options that need it, of rules that know an address
const volatile __u64 watched_on_connections = 0;  // options that `watch` sets on them

// Whether a cgroup above or below has an attachment of its own.
volatile __u32 nested SEC(".data.nested") = 0;
__u32 last_program = 0;
__u64 last_workspace = 0;

#define ARRAY(name_, value_)          \
  struct {                            \
    __uint(type, BPF_MAP_TYPE_ARRAY); \
    __uint(max_entries, 1);           \
    __type(key, __u32);               \
    __type(value, value_);            \
  } name_ SEC(".maps")

ARRAY(settings, struct engine_setting);
ARRAY(rules, struct engine_rule);
ARRAY(patterns, struct engine_pattern);
ARRAY(globs, struct engine_glob);
ARRAY(classes, struct engine_range);     // of class_rules
ARRAY(class_rules, __u32);               // rules with an address, in order
ARRAY(base_rules, __u32);                // rules without one, in order
ARRAY(refusals, struct engine_refusal);  // by option

struct {
  __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
  __uint(max_entries, ENGINE_COUNTERS);
  __type(key, __u32);
  __type(value, __u64);
} counters SEC(".maps");

#define TRIE(name_, key_)                 \
  struct {                                \
    __uint(type, BPF_MAP_TYPE_LPM_TRIE);  \
    __uint(map_flags, BPF_F_NO_PREALLOC); \
    __uint(max_entries, 1);               \
    __type(key, key_);                    \
    __type(value, __u32);                 \
  } name_ SEC(".maps")

TRIE(ports, struct engine_port_key);
TRIE(hosts, struct engine_host_key);

#define HASH(name_, key_, value_, most_)  \
  struct {                                \
    __uint(type, BPF_MAP_TYPE_HASH);      \
    __uint(map_flags, BPF_F_NO_PREALLOC); \
    __uint(max_entries, most_);           \
    __type(key, key_);                    \
    __type(value, value_);                \
  } name_ SEC(".maps")

struct program_name {
  char text[ENGINE_NAME_BYTES];
};

// What is being worked out, by ticket: a thread may be interrupted by another one on its processor.
struct workspace {
  struct program_name name;
  struct engine_decision decision;
  // Here and not on the stack, where the verifier would follow each number through every rule.
  __u32 next_base, next_own;
};

HASH(option_ids, struct engine_name, __u32, 128);
HASH(programs, struct program_name, __u32, ENGINE_PROGRAMS);
HASH(decisions, struct engine_decision_key, struct engine_decision, ENGINE_DECISIONS);
HASH(workspaces, __u64, struct workspace, ENGINE_DECISIONS);

#define STORAGE(name_, value_, flags_)               \
  struct {                                           \
    __uint(type, BPF_MAP_TYPE_SK_STORAGE);           \
    __uint(map_flags, BPF_F_NO_PREALLOC | (flags_)); \
    __type(key, int);                                \
    __type(value, value_);                           \
  } name_ SEC(".maps")

// Options that the program set itself on a socket, before something of ours could set them.
STORAGE(set_by_program, __u64, 0);
// What the socket was given; accepted sockets have their listener's.
STORAGE(given, struct engine_decision_key, BPF_F_CLONE);
// Sockets that a program has bound, and not the kernel as they listen.
STORAGE(bound, __u8, 0);
// The level of the attachment that a socket belongs to. Shared by all attachments.
STORAGE(owners, __u32, 0);

// The little of the kernel's own types that is needed, wherever it stands in this kernel.
struct qstr {
  const unsigned char* name;
} __attribute__((preserve_access_index));
struct dentry {
  struct qstr d_name;
} __attribute__((preserve_access_index));
struct path {
  struct dentry* dentry;
} __attribute__((preserve_access_index));
struct file {
  struct path f_path;
} __attribute__((preserve_access_index));
struct mm_struct {
  struct file* exe_file;
} __attribute__((preserve_access_index));
struct task_struct {
  struct mm_struct* mm;
} __attribute__((preserve_access_index));

struct address {
  __u32 family;
  __u32 bytes[4];
  __u16 port;
};

static __always_inline void count(__u32 counter) {
  __u64* value = bpf_map_lookup_elem(&counters, &counter);
  if (value) __sync_fetch_and_add(value, 1);
}

// ---- Which attachment a socket belongs to

// The kernel calls the programs of the nearest cgroup first.
static __always_inline bool is_ours(struct bpf_sock* sk) {
  if (!nested) return true;
  __u32 mine = level;
  __u32* owner = bpf_sk_storage_get(&owners, sk, &mine, BPF_SK_STORAGE_GET_F_CREATE);
  if (!owner) return true;
  if (*owner > mine) return false;
  *owner = mine;
  return true;
}

// ---- Which program this is

static __always_inline void read_program_name(struct program_name* name) {
  __builtin_memset(name, 0, sizeof *name);
  struct task_struct* task = (struct task_struct*)bpf_get_current_task();
  const unsigned char* text = BPF_CORE_READ(task, mm, exe_file, f_path.dentry, d_name.name);
  bpf_probe_read_kernel_str(name->text, sizeof name->text, text);
}

// Its number, from 1; 0 where there are too many to number them.
static __noinline __u32 find_program(struct program_name* name) {
  if (!name) return 0;
  __u32* found = bpf_map_lookup_elem(&programs, name);
  if (found) return *found;
  __u32 number = __sync_fetch_and_add(&last_program, 1) + 1;
  if (bpf_map_update_elem(&programs, name, &number, BPF_NOEXIST) == 0) return number;
  found = bpf_map_lookup_elem(&programs, name);
  return found ? *found : 0;
}

static __always_inline bool glob_matches(const struct engine_glob* glob,
                                         const struct program_name* name) {
  __u64 state = 1;
  for (int i = 0; i < ENGINE_NAME_BYTES; ++i) {
    unsigned char c = name->text[i];
    if (c == 0) break;
    state = (state << 1 & glob->takes[c]) | (state & glob->loops);
  }
  return (state & glob->accepts) != 0;
}

static __always_inline bool names_equal(const char* one, const char* other) {
  const __u64* a = (const __u64*)one;
  const __u64* b = (const __u64*)other;
  __u64 difference = 0;
  for (int i = 0; i < ENGINE_NAME_BYTES / 8; ++i) difference |= a[i] ^ b[i];
  return difference == 0;
}

struct list_match {
  const struct program_name* name;
  __u32 first;
  bool asks, included, excluded;
};

static long match_pattern(__u32 index, struct list_match* match) {
  __u32 at = match->first + index;
  const struct engine_pattern* pattern = bpf_map_lookup_elem(&patterns, &at);
  if (!pattern) return 1;
  bool matches = false;
  if (pattern->is_glob) {
    __u32 number = pattern->glob;
    const struct engine_glob* glob = bpf_map_lookup_elem(&globs, &number);
    matches = glob && glob_matches(glob, match->name);
  } else {
    matches = names_equal(pattern->name, match->name->text);
  }
  if (pattern->excludes) {
    match->excluded |= matches;
  } else {
    match->asks = true;
    match->included |= matches;
  }
  return 0;
}

// ---- What it gets

struct build {
  struct workspace* work;
  struct engine_range own;  // of class_rules
  bool is_unknown;
};

struct taking {
  struct engine_decision* decision;
  __u32 first;
  bool defers;
};

static long take_setting(__u32 index, struct taking* taking) {
  __u32 at = taking->first + index;
  const struct engine_setting* setting = bpf_map_lookup_elem(&settings, &at);
  if (!setting) return 1;
  struct engine_decision* decision = taking->decision;
  __u32 option = setting->option & (ENGINE_OPTIONS - 1);
  __u64 bit = 1ULL << option;
  if (taking->defers) {
    decision->deferred |= bit;
    // What may be cancelled is not set before.
    if (setting->keeps_default) decision->wanted &= ~bit;
    return 0;
  }
  decision->deferred &= ~bit;
  decision->wanted &= ~bit;
  decision->enforced &= ~bit;
  decision->ignored &= ~bit;
  decision->settings[option] = (__u16)at;
  if (setting->ignores) decision->ignored |= bit;
  if (setting->keeps_default) return 0;
  decision->wanted |= bit;
  if (setting->enforces) decision->enforced |= bit;
  return 0;
}

// The rules in their order, those with an address merged with those without.
static long take_rule(__u32 unused, struct build* build) {
  (void)unused;
  __u32 none = 0xffffffff;
  __u32 base = none;
  __u32 own = none;
  __u32* found;
  struct workspace* work = build->work;
  __u32 at = work->next_base;
  if (at < base_count && (found = bpf_map_lookup_elem(&base_rules, &at))) base = *found;
  at = build->own.first + work->next_own;
  if (work->next_own < build->own.count && (found = bpf_map_lookup_elem(&class_rules, &at))) {
    own = *found;
  }
  __u32 number;
  if (base < own) {
    number = base;
    work->next_base += 1;
  } else {
    number = own;
    work->next_own += 1;
  }
  if (number == none) return 1;
  const struct engine_rule* rule = bpf_map_lookup_elem(&rules, &number);
  if (!rule) return 1;
  if (rule->programs.count) {
    struct list_match match = {.name = &work->name, .first = rule->programs.first};
    bpf_loop(rule->programs.count, match_pattern, &match, 0);
    if (match.excluded || (match.asks && !match.included)) return 0;
  }
  struct taking taking = {.decision = &work->decision,
                          .first = rule->settings.first,
                          .defers = build->is_unknown && rule->has_address};
  bpf_loop(rule->settings.count, take_setting, &taking, 0);
  return 0;
}

static long list_setting(__u32 index, struct engine_decision** context) {
  struct engine_decision* decision = *context;
  // IP_TOS sets the priority as well, so that one comes last.
  __u32 option = index < priority_option      ? index
                 : index + 1 < ENGINE_OPTIONS ? index + 1
                                              : priority_option;
  option &= ENGINE_OPTIONS - 1;
  if (!(decision->wanted >> option & 1)) return 0;
  __u32 at = decision->settings[option];
  const struct engine_setting* setting = bpf_map_lookup_elem(&settings, &at);
  if (!setting || !setting->made_size) return 0;
  __u32 place = decision->count;
  if (place >= ENGINE_OPTIONS) return 1;
  decision->order[place] = (__u16)at;
  decision->count = place + 1;
  return 0;
}

static const struct workspace empty_workspace;

// Works a decision out and keeps it. Once for each program and class of addresses.
static __noinline int make_decision(struct engine_decision_key* key, struct program_name* name) {
  if (!key || !name) return 0;
  __u64 ticket = __sync_fetch_and_add(&last_workspace, 1);
  __u32 class = key->address;
  const struct engine_range* own = bpf_map_lookup_elem(&classes, &class);
  if (!own) return 0;
  bpf_map_update_elem(&workspaces, &ticket, &empty_workspace, BPF_ANY);
  struct workspace* work = bpf_map_lookup_elem(&workspaces, &ticket);
  if (!work) return 0;
  work->name = *name;
  struct build build = {.work = work, .own = *own, .is_unknown = class == ENGINE_CLASS_UNKNOWN};
  bpf_loop(base_count + own->count, take_rule, &build, 0);
  struct engine_decision* decision = &work->decision;
  bpf_loop(ENGINE_OPTIONS, list_setting, &decision, 0);
  bpf_map_update_elem(&decisions, key, decision, BPF_ANY);
  bpf_map_delete_elem(&workspaces, &ticket);
  return 0;
}

// Null where there was no room for it. What has no number shares no decision.
static __always_inline struct engine_decision* decide(struct engine_decision_key* key) {
  struct program_name name;
  if (has_programs) {
    read_program_name(&name);
    key->program = find_program(&name);
  } else {
    __builtin_memset(&name, 0, sizeof name);
    key->program = 1;
  }
  struct engine_decision* decision = 0;
  if (key->program) {
    decision = bpf_map_lookup_elem(&decisions, key);
    if (!decision) {
      make_decision(key, &name);
      decision = bpf_map_lookup_elem(&decisions, key);
    }
  }
  if (!decision) count(ENGINE_OVERFLOWED);
  return decision;
}

// ---- What an address is

static __always_inline __u32 class_of(__u16 side, const struct address* address) {
  if (!has_addresses) return ENGINE_CLASS_UNKNOWN;
  struct engine_port_key port = {32, side, bpf_htons(address->port)};
  __u32* found = bpf_map_lookup_elem(&ports, &port);
  if (!found) return ENGINE_CLASS_OTHER;
  struct engine_host_key host = {.prefix = 192, .ports = *found, .family = address->family};
  for (int i = 0; i < 4; ++i) host.address[i] = address->bytes[i];
  found = bpf_map_lookup_elem(&hosts, &host);
  return found ? *found : ENGINE_CLASS_OTHER;
}

// An IPv4 address that is written as an IPv6 one is the IPv4 one.
static __always_inline void unmap(struct address* address) {
  if (address->bytes[0] || address->bytes[1] || address->bytes[2] != bpf_htonl(0xffff)) return;
  address->family = AF_INET;
  address->bytes[0] = address->bytes[3];
  address->bytes[2] = 0;
  address->bytes[3] = 0;
}

// Connecting to the wildcard connects to this host.
static __always_inline void take_loopback(struct address* address) {
  if (address->bytes[0] | address->bytes[1] | address->bytes[2] | address->bytes[3]) return;
  if (address->family == AF_INET) {
    address->bytes[0] = bpf_htonl(0x7f000001);
  } else {
    address->bytes[3] = bpf_htonl(1);
  }
}

// ---- Setting

static __always_inline void refuse(__u32 option, long error) {
  struct engine_refusal* refusal = bpf_map_lookup_elem(&refusals, &option);
  if (!refusal) return;
  __sync_fetch_and_add(&refusal->count, 1);
  refusal->error = (__s32)error;
}

struct setting_up {
  void* ctx;
  struct engine_decision* decision;
  __u64 options;
  __u32 family;  // of names: 1 is IPv6
};

// Lengths are constants, which every verifier understands.
static long set_one(__u32 index, struct setting_up* up) {
  __u32 at = up->decision->order[index & (ENGINE_OPTIONS - 1)];
  struct engine_setting* setting = bpf_map_lookup_elem(&settings, &at);
  if (!setting) return 1;
  if (!(up->options >> (setting->option & (ENGINE_OPTIONS - 1)) & 1)) return 0;
  struct engine_name name = setting->names[up->family & 1];
  if (name.level < 0) return 0;
  long error =
      setting->made_size == 4
          ? bpf_setsockopt(up->ctx, name.level, name.name, setting->made, 4)
          : bpf_setsockopt(up->ctx, name.level, name.name, setting->made, ENGINE_MADE_BYTES);
  if (error) refuse(setting->option, error);
  return 0;
}

// Those of `options`, without what the program has set itself and may.
static __always_inline void set_those(void* ctx, struct bpf_sock* sk,
                                      struct engine_decision* decision, __u64 options, bool ipv6) {
  __u64* own = bpf_sk_storage_get(&set_by_program, sk, 0, 0);
  if (own) options &= ~*own | (decision->enforced & ~decision->deferred);
  struct setting_up up = {.ctx = ctx, .decision = decision, .options = options, .family = ipv6};
  bpf_loop(decision->count, set_one, &up, 0);
}

static __always_inline void remember(struct bpf_sock* sk, const struct engine_decision_key* key) {
  if (!follows_accepted) return;
  struct engine_decision_key* held = bpf_sk_storage_get(&given, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
  if (held) *held = *key;
}

// What it becomes is not known yet, nor its port where the kernel chooses one: what rules say of
// its address waits for listen or connect, unless it is too late then.
static __always_inline void set_at_bind(struct bpf_sock_addr* ctx, const struct address* address) {
  struct bpf_sock* sk = ctx->sk;
  struct engine_decision_key key = {.address = ENGINE_CLASS_UNKNOWN};
  struct engine_decision* decision = decide(&key);
  if (!decision) return;
  __u32 made = decision->count;
  if (made) set_those(ctx, sk, decision, ~0ULL, ctx->family == AF_INET6);
  if (precedes_bind) {
    bpf_sk_storage_get(&bound, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
    key.address = class_of(ENGINE_LISTEN, address);
    decision = decide(&key);
    if (!decision) return;
    set_those(ctx, sk, decision, precedes_bind, ctx->family == AF_INET6);
    made |= (decision->wanted & precedes_bind) != 0;
  }
  if (made) count(ENGINE_BOUND);
}

static __always_inline void set_at_connect(struct bpf_sock_addr* ctx, struct address* address) {
  struct bpf_sock* sk = ctx->sk;
  take_loopback(address);
  struct engine_decision_key key = {.address = class_of(ENGINE_CONNECT, address)};
  struct engine_decision* decision = decide(&key);
  if (!decision) return;
  remember(sk, &key);
  if (!decision->count) return;
  set_those(ctx, sk, decision, ~0ULL, ctx->family == AF_INET6);
  count(ENGINE_CONNECTED);
}

static __always_inline void set_at_address(struct bpf_sock_addr* ctx, __u16 side,
                                           struct address* address) {
  if (ctx->protocol != IPPROTO_TCP && ctx->protocol != IPPROTO_MPTCP) return;
  struct bpf_sock* sk = ctx->sk;
  if (!sk || !is_ours(sk)) return;
  if (side == ENGINE_LISTEN) {
    set_at_bind(ctx, address);
  } else {
    set_at_connect(ctx, address);
  }
}

static __always_inline void set_at_ipv4(struct bpf_sock_addr* ctx, __u16 side) {
  struct address address = {.family = AF_INET, .port = bpf_ntohs((__u16)ctx->user_port)};
  address.bytes[0] = ctx->user_ip4;
  set_at_address(ctx, side, &address);
}

static __always_inline void set_at_ipv6(struct bpf_sock_addr* ctx, __u16 side) {
  struct address address = {.family = AF_INET6, .port = bpf_ntohs((__u16)ctx->user_port)};
  address.bytes[0] = ctx->user_ip6[0];
  address.bytes[1] = ctx->user_ip6[1];
  address.bytes[2] = ctx->user_ip6[2];
  address.bytes[3] = ctx->user_ip6[3];
  unmap(&address);
  set_at_address(ctx, side, &address);
}

SEC("cgroup/bind4")
int bind4(struct bpf_sock_addr* ctx) {
  set_at_ipv4(ctx, ENGINE_LISTEN);
  return 1;
}

SEC("cgroup/bind6")
int bind6(struct bpf_sock_addr* ctx) {
  set_at_ipv6(ctx, ENGINE_LISTEN);
  return 1;
}

SEC("cgroup/connect4")
int connect4(struct bpf_sock_addr* ctx) {
  set_at_ipv4(ctx, ENGINE_CONNECT);
  return 1;
}

SEC("cgroup/connect6")
int connect6(struct bpf_sock_addr* ctx) {
  set_at_ipv6(ctx, ENGINE_CONNECT);
  return 1;
}

// ---- Listeners, now that their port is known, and what accepted sockets do not inherit

static __always_inline void set_listener(struct bpf_sock_ops* ctx) {
  struct bpf_sock* sk = ctx->sk;
  if (!sk || !is_ours(sk)) return;
  bool ipv6 = ctx->family == AF_INET6;
  struct address address = {.family = ctx->family, .port = (__u16)ctx->local_port};
  if (ipv6) {
    address.bytes[0] = ctx->local_ip6[0];
    address.bytes[1] = ctx->local_ip6[1];
    address.bytes[2] = ctx->local_ip6[2];
    address.bytes[3] = ctx->local_ip6[3];
    unmap(&address);
  } else {
    address.bytes[0] = ctx->local_ip4;
  }
  struct engine_decision_key key = {.address = class_of(ENGINE_LISTEN, &address)};
  struct engine_decision* decision = decide(&key);
  if (!decision) return;
  remember(sk, &key);
  if (decision->count) {
    set_those(ctx, sk, decision, ~precedes_bind, ipv6);
    count(ENGINE_LISTENING);
  }
  // Without a bind before: as it would have been there.
  if (!precedes_bind || bpf_sk_storage_get(&bound, sk, 0, 0)) return;
  address.port = 0;
  key.address = class_of(ENGINE_LISTEN, &address);
  decision = decide(&key);
  if (decision) set_those(ctx, sk, decision, precedes_bind, ipv6);
}

static __always_inline void set_priority(struct bpf_sock_ops* ctx) {
  struct bpf_sock* sk = ctx->sk;
  if (!sk) return;
  struct engine_decision_key* key = bpf_sk_storage_get(&given, sk, 0, 0);
  if (!key) return;
  struct engine_decision_key copy = *key;
  struct engine_decision* decision = bpf_map_lookup_elem(&decisions, &copy);
  __u32 option = priority_option & (ENGINE_OPTIONS - 1);
  if (!decision || !(decision->wanted >> option & 1)) return;
  __u32 at = decision->settings[option];
  struct engine_setting* setting = bpf_map_lookup_elem(&settings, &at);
  if (!setting) return;
  long error =
      bpf_setsockopt(ctx, setting->names[0].level, setting->names[0].name, setting->made, 4);
  if (error) refuse(option, error);
}

SEC("sockops")
int sock_ops(struct bpf_sock_ops* ctx) {
  if (ctx->op == BPF_SOCK_OPS_TCP_LISTEN_CB) {
    set_listener(ctx);
  } else if (sets_priority && ctx->op == BPF_SOCK_OPS_PASSIVE_ESTABLISHED_CB) {
    set_priority(ctx);
  }
  return 1;
}

// ---- The program's own calls

static __always_inline struct engine_decision* decision_for(struct bpf_sock* sk) {
  bool has_address = sk->state != BPF_TCP_CLOSE;
  if (follows_accepted && has_address) {
    struct engine_decision_key* held = bpf_sk_storage_get(&given, sk, 0, 0);
    if (held) {
      struct engine_decision_key copy = *held;
      return bpf_map_lookup_elem(&decisions, &copy);
    }
  }
  struct engine_decision_key key = {.address = ENGINE_CLASS_UNKNOWN};
  // Of a listener that was there before us: by the address that it is bound to.
  if (has_addresses && has_address) {
    struct address address = {.family = sk->family, .port = (__u16)sk->src_port};
    if (sk->family == AF_INET6) {
      address.bytes[0] = sk->src_ip6[0];
      address.bytes[1] = sk->src_ip6[1];
      address.bytes[2] = sk->src_ip6[2];
      address.bytes[3] = sk->src_ip6[3];
      unmap(&address);
    } else {
      address.bytes[0] = sk->src_ip4;
    }
    key.address = class_of(ENGINE_LISTEN, &address);
  }
  return decide(&key);
}

// Puts the policy's value where the program's is. False where there is no room for it.
static __always_inline bool substitute(struct bpf_sockopt* ctx,
                                       const struct engine_setting* setting) {
  __u8* at = ctx->optval;
  __u8* end = ctx->optval_end;
  __u32 size = setting->size;
  if (size == 4) {
    if (at + 4 > end) return false;
    __builtin_memcpy(at, setting->value, 4);
  } else {
    if (size == 0 || size > ENGINE_VALUE_BYTES || at + size > end) return false;
    for (__u32 i = 0; i < ENGINE_VALUE_BYTES; ++i) {
      if (i >= size) break;
      if (at + i + 1 > end) return false;
      at[i] = setting->value[i];
    }
  }
  ctx->optlen = (__s32)size;
  return true;
}

SEC("cgroup/setsockopt")
int set_option(struct bpf_sockopt* ctx) {
  __s32 length = ctx->optlen;
  struct bpf_sock* sk = ctx->sk;
  struct engine_name name = {ctx->level, ctx->optname};
  if (length > LONGEST_COPIED) ctx->optlen = 0;
  if (!sk || (sk->protocol != IPPROTO_TCP && sk->protocol != IPPROTO_MPTCP)) return 1;
  __u32* id = bpf_map_lookup_elem(&option_ids, &name);
  if (!id || length < 0 || !is_ours(sk)) return 1;
  __u32 option = *id & (ENGINE_OPTIONS - 1);
  struct engine_decision* decision = decision_for(sk);
  if (!decision) return 1;
  // A call that was made cannot be taken back; a value that was set is set once more.
  if (decision->ignored >> option & 1) {
    ctx->optlen = -1;
    count(ENGINE_IGNORED);
    return 1;
  }
  if ((decision->enforced & ~decision->deferred) >> option & 1) {
    __u32 at = decision->settings[option];
    const struct engine_setting* setting = bpf_map_lookup_elem(&settings, &at);
    if (setting && substitute(ctx, setting)) {
      if (*id >> ENGINE_RENAME_SHIFT) ctx->optname = (__s32)(*id >> ENGINE_RENAME_SHIFT);
      count(ENGINE_ENFORCED);
    }
    return 1;
  }
  bool is_connection = sk->state != BPF_TCP_CLOSE && sk->state != BPF_TCP_LISTEN;
  if (is_connection && !(watched_on_connections >> option & 1)) return 1;
  __u64* own = bpf_sk_storage_get(&set_by_program, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
  if (own) __sync_fetch_and_or(own, 1ULL << option);
  return 1;
}
