// SPDX-License-Identifier: MIT
//
// A policy as the programs in the kernel read it: what goes into each of their maps, and which of
// them it needs.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "tools/sockopt/bpf/layout.h"

namespace sockopt {

struct PolicyImage {
  std::vector<engine_setting> settings{};
  std::vector<engine_rule> rules{};
  std::vector<engine_pattern> patterns{};
  std::vector<engine_glob> globs{};
  std::vector<std::pair<engine_port_key, std::uint32_t>> ports{};
  std::vector<std::pair<engine_host_key, std::uint32_t>> hosts{};
  std::vector<engine_range> classes{};  ///< of class_rules
  std::vector<std::uint32_t> class_rules{};
  std::vector<std::uint32_t> base_rules{};
  std::vector<std::pair<engine_name, std::uint32_t>> option_ids{};
  std::uint32_t priority_option = 0;

  bool has_programs = false;
  bool has_addresses = false;
  bool rules_listeners = false;  ///< enforces or ignores something by a listener's address
  bool rules_clients = false;    ///< ... by a peer's address
  bool sets_priority = false;
  bool sets_bound = false;          ///< something at bind
  bool sets_listeners = false;      ///< something at listen
  bool sets_clients = false;        ///< something at connect
  std::uint64_t precedes_bind = 0;  ///< options that need it, of rules that know an address
};

}  // namespace sockopt
