// SPDX-License-Identifier: MIT
//
// Which address rules match an address, worked out beforehand. Ports between which no rule tells a
// difference become one class, and within it the prefixes that rules name: a look-up by port and
// one by longest prefix then lead to the rules that match, however many others there are.
#pragma once

#include "shim/policy/policy.h"

namespace sockopt {

struct PolicyImage;

void compile_addresses(const Policy& policy, PolicyImage& image);

}  // namespace sockopt
