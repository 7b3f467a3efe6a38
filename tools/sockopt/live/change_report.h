// SPDX-License-Identifier: MIT
//
// What `apply` did, for people: a line for sockets that had the same done to them, what there is to
// know about it, and the command that undoes it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tools/sockopt/live/live_apply.h"
#include "tools/sockopt/policy/effective_policy.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/report/terminal.h"

namespace sockopt {

/// What a socket has that the program opens later.
enum class Lasting : std::uint8_t {
  kNo,         ///< what the program gives it
  kNextStart,  ///< the same, once the program is started again
  kAttached,   ///< the same at once, by the bpf engine or `watch`
};

struct ChangeReport {
  const LiveApply& applied;
  const SocketSelection& selection;
  Mode mode;
  Lasting lasting = Lasting::kNo;
  PolicySources sources{};  ///< where the policy is from, as the command line says it
  std::string attached{};   ///< of kAttached: by what new sockets have it, as a sentence
};

/// `Undo: sockopt apply ...`, each with its end of line; none of a dry run.
std::vector<std::string> undo_lines(const ChangeReport& report);

void print_changes(Output& out, const ChangeReport& report);

/// The line of sockets that had the same done to them, without its end; broken at `width`.
std::string group_text(const ChangeGroup& group, const Style& style,
                       std::optional<std::size_t> width);
nlohmann::ordered_json group_json(const ChangeGroup& group);

/// `sockopt.apply/1`.
std::string changes_json(const ChangeReport& report);

/// What the programs set themselves, as far as it was seen or is known.
void print_self_settings(Output& out, const ChangeReport& report);

/// To standard error: what changes more than options, and what could not be seen.
void warn_of_changes(const ChangeReport& report);

/// Why an option could not be changed, or stays as it is: `refused: needs CAP_NET_ADMIN`.
std::string reason_text(const Option& option, const OptionChange& change);
}  // namespace sockopt
