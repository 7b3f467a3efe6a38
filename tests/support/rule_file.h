// SPDX-License-Identifier: MIT
//
// A program under the library with a rule file, and all it does to sockets, call by call. Where
// rules ask for an address, tests bind to addresses of 127.0.0.0/8 and let the kernel choose the
// ports.
#pragma once

#include <string>
#include <vector>

#include "tests/support/script.h"

namespace sockopt::test {

class RuleFile {
 public:
  explicit RuleFile(std::string_view text);

  /// With these SOCKOPT_ variables besides, given without the prefix.
  Environment environment(const Environment& variables = {}) const;

  /// Plays the script under the file; the library must have nothing to complain of.
  Played play(const Script& script, const Environment& variables = {},
              Where = Where::current()) const;

  const TemporaryDirectory& directory() const { return directory_; }

 private:
  TemporaryDirectory directory_;
};

/// Takes the place of RuleFile::play, where the rules come to the program in another way.
using RulePlayer = Played (*)(const RuleFile&, const Script&, const Environment&, Where);
extern RulePlayer rule_player;

/// All calls on sockets between the two `mark` steps, without descriptors:
///   `set TCP_KEEPIDLE [60]`, `get SO_PROTOCOL`, `listen 128`, `bind`, `connect`, `getsockname`,
/// and for a setsockopt that failed ` EPERM` behind it.
using NetworkCalls = Script;

NetworkCalls network_calls(const Script& script, const Environment& environment);
/// Of any program, all of it: what stands between two getsockopt calls on descriptor -1, if there
/// are such, else everything.
NetworkCalls network_calls_of(const std::vector<std::string>& argv, const Environment& environment);

/// Those that begin with this.
NetworkCalls only(const NetworkCalls& calls, std::string_view beginning);

/// Two scripts with a mark before, between and behind: what the second does.
Script marked(const Script& before, const Script& during);

}  // namespace sockopt::test
