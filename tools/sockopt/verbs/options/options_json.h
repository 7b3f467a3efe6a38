// SPDX-License-Identifier: MIT
//
// Rows of the option table as `sockopt.options/1`: for programs, with the kernel's own numbers.
#pragma once

#include <span>
#include <string>

#include "shim/options/option_set.h"

namespace sockopt {

std::string options_json(std::span<const OptionId> options, std::span<const OptionId> of_zmq);

}  // namespace sockopt
