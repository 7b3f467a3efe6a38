/* SPDX-License-Identifier: MIT
 *
 * What the command writes into the maps of the engine, and what the programs in the kernel read
 * there: the policy, its arrays in the order of the policy's own. Included by both, so it is C. */
#pragma once

#include <linux/types.h>

/* NOLINTBEGIN(readability-identifier-naming): as C has it */

enum {
  ENGINE_NAME_BYTES = 64,  /* of an executable file's name, its NUL included */
  ENGINE_VALUE_BYTES = 64, /* of an option, as setsockopt takes it */
  ENGINE_MADE_BYTES = 16,  /* of one that bpf_setsockopt takes */
  ENGINE_OPTIONS = 64,     /* ids of options */
  ENGINE_PROGRAMS = 4096,  /* names that are kept */
  ENGINE_DECISIONS = 8192, /* the same, of programs and addresses */
  /* Of the id of a name that is not the option's own: above it, the name that is. */
  ENGINE_RENAME_SHIFT = 16,
};

enum engine_side { ENGINE_LISTEN, ENGINE_CONNECT };

/* Classes of addresses: two are in one if the same rules match them. */
enum {
  ENGINE_CLASS_UNKNOWN, /* the socket has no address yet: options that an address rule names wait */
  ENGINE_CLASS_OTHER,   /* no address rule matches it */
  ENGINE_FIRST_CLASS,
};

/* How bpf_setsockopt names an option, for AF_INET and for AF_INET6; a level below 0: it does not.
 */
struct engine_name {
  __s32 level;
  __s32 name;
};

struct engine_setting {
  struct engine_name names[2];
  __u8 value[ENGINE_VALUE_BYTES];
  __u8 made[ENGINE_MADE_BYTES]; /* the value, as bpf_setsockopt takes it */
  __u32 size;
  __u32 made_size; /* 0: it takes no such value */
  __u8 option;
  __u8 keeps_default;
  __u8 ignores;
  __u8 enforces;
};

/* Parts of the other arrays. */
struct engine_range {
  __u32 first;
  __u32 count;
};

struct engine_rule {
  struct engine_range programs;
  struct engine_range settings;
  __u32 has_address;
};

/* A name, or where it has wildcards, one of the globs. */
struct engine_pattern {
  char name[ENGINE_NAME_BYTES];
  __u32 is_glob;
  __u32 glob;
  __u32 excludes;
};

/* A glob as an automaton: bit i of the state stands for "the first i elements have been matched".
 * `takes` has the elements that take a character, each at the bit after it; `loops` the places of a
 * `*`; `accepts` the last bit. */
struct engine_glob {
  __u64 takes[256];
  __u64 loops;
  __u64 accepts;
};

/* Keys of longest-prefix maps. Ports and addresses are in network order. */
struct engine_port_key {
  __u32 prefix;
  __u16 side;
  __u16 port;
};

struct engine_host_key {
  __u32 prefix;
  __u32 ports; /* what the port was found to belong to */
  __u32 family;
  __u32 address[4];
};

/* What a program gets for a class of addresses. */
struct engine_decision_key {
  __u32 program;
  __u32 address;
};

struct engine_decision {
  __u64 wanted;
  __u64 enforced;
  __u64 ignored;
  __u64 deferred;
  __u32 count;
  __u16 order[ENGINE_OPTIONS];    /* of the settings to be made */
  __u16 settings[ENGINE_OPTIONS]; /* by option */
};

enum engine_counter {
  ENGINE_BOUND,      /* sockets that were set at bind */
  ENGINE_LISTENING,  /* ... at listen */
  ENGINE_CONNECTED,  /* ... at connect */
  ENGINE_ENFORCED,   /* calls of programs that were given the policy's value */
  ENGINE_IGNORED,    /* calls of programs that were not made */
  ENGINE_OVERFLOWED, /* sockets for which there was no memory: they were left alone */
  ENGINE_COUNTERS,
};

/* Of an option that the kernel refused. */
struct engine_refusal {
  __u64 count;
  __s32 error;
  __u32 unused;
};

/* NOLINTEND(readability-identifier-naming) */
