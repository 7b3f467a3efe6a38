// SPDX-License-Identifier: MIT
//
// Turns one `key = value` about ZeroMQ into one setting. The file, the SOCKOPT_ZMQ_* variables and
// -o all come through here.
#pragma once

#include <string_view>

#include "shim/zmq/policy.h"

namespace sockopt::zmq {

/// The option that `key` names, raw.NUMBER included; else kNoOption, with the reason and a
/// suggestion in `error`.
OptionId resolve_key(Policy& policy, std::string_view key, Text& error);

/// Reads `value` for the option and adds it to the policy's current rule. If false, nothing was
/// added, and `error` says why.
bool assign(Policy& policy, OptionId option, std::string_view value, std::uint32_t line,
            Text& error);

/// The key that was probably meant, TCP's names among them: keepidle for tcp_keepalive_idle. Empty
/// if nothing is near.
std::string_view suggest_key(std::string_view unknown);

}  // namespace sockopt::zmq
