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
  bool enforces_by_address = false;
  bool sets_priority = false;
  bool sets_listeners = false;  ///< something at bind or listen
  bool sets_clients = false;    ///< something at connect
  bool rules_calls = false;     ///< enforces or ignores something
};

}  // namespace sockopt
