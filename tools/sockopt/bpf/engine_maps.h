// SPDX-License-Identifier: MIT
//
// The compiled policy in the maps of the programs, as engine.bpf.c reads them.
#pragma once

#include "tools/sockopt/bpf/policy_image.h"

struct engine_programs;

namespace sockopt {

/// As much room in each map as the policy takes; before the programs are loaded. False with errno.
bool size_maps(const engine_programs& engine, const PolicyImage& image);

/// The policy, once they are loaded. False with errno.
bool fill_maps(const engine_programs& engine, const PolicyImage& image);

}  // namespace sockopt
