// SPDX-License-Identifier: MIT
#include "tools/sockopt/bpf/engine_maps.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <engine.skel.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace sockopt {
namespace {

template <typename Value>
bool size_map(bpf_map* map, const std::vector<Value>& values) {
  const auto entries = static_cast<__u32>(std::max<std::size_t>(values.size(), 1));
  return ::bpf_map__set_max_entries(map, entries) == 0;
}

template <typename Value>
bool fill_array(const bpf_map* map, const std::vector<Value>& values) {
  for (__u32 i = 0; i < values.size(); ++i) {
    if (::bpf_map_update_elem(::bpf_map__fd(map), &i, &values[i], BPF_ANY) != 0) return false;
  }
  return true;
}

template <typename Key>
bool fill_map(const bpf_map* map, const std::vector<std::pair<Key, std::uint32_t>>& values) {
  for (const auto& [key, value] : values) {
    if (::bpf_map_update_elem(::bpf_map__fd(map), &key, &value, BPF_ANY) != 0) return false;
  }
  return true;
}

}  // namespace

bool size_maps(const engine_programs& engine, const PolicyImage& image) {
  const auto& maps = engine.maps;
  return size_map(maps.settings, image.settings) && size_map(maps.rules, image.rules) &&
         size_map(maps.patterns, image.patterns) && size_map(maps.globs, image.globs) &&
         size_map(maps.classes, image.classes) && size_map(maps.class_rules, image.class_rules) &&
         size_map(maps.base_rules, image.base_rules) && size_map(maps.ports, image.ports) &&
         size_map(maps.hosts, image.hosts) &&
         ::bpf_map__set_max_entries(maps.refusals, ENGINE_OPTIONS) == 0;
}

bool fill_maps(const engine_programs& engine, const PolicyImage& image) {
  const auto& maps = engine.maps;
  return fill_array(maps.settings, image.settings) && fill_array(maps.rules, image.rules) &&
         fill_array(maps.patterns, image.patterns) && fill_array(maps.globs, image.globs) &&
         fill_array(maps.classes, image.classes) &&
         fill_array(maps.class_rules, image.class_rules) &&
         fill_array(maps.base_rules, image.base_rules) && fill_map(maps.ports, image.ports) &&
         fill_map(maps.hosts, image.hosts) && fill_map(maps.option_ids, image.option_ids);
}

}  // namespace sockopt
