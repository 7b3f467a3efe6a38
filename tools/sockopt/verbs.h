// SPDX-License-Identifier: MIT
//
// All verbs, in the order in which they are shown.
#pragma once

#include <span>
#include <string_view>

#include "tools/sockopt/verb.h"

namespace sockopt {

std::span<const Verb* const> verbs();

/// Null where there is none of that name.
const Verb* find_verb(std::string_view name);

/// The verb that was probably meant; empty where none is near.
std::string_view suggest_verb(std::string_view unknown);

}  // namespace sockopt
