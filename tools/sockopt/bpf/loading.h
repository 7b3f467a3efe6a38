// SPDX-License-Identifier: MIT
//
// Why the kernel does not take a program: libbpf would print what it and the verifier have to say,
// pages of it. It is kept instead, for the few words that matter.
#pragma once

#include <string>
#include <string_view>

#include "tools/sockopt/report/finding.h"

namespace sockopt {

/// From now on, and without what was kept before.
void keep_libbpf_messages();
const std::string& libbpf_messages();

/// `DOING: Operation not permitted`, with what may be the reason.
Finding failed(std::string_view doing, int error);

}  // namespace sockopt
