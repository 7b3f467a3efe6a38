// SPDX-License-Identifier: MIT
//
// `sockopt watch`, without its words: waits for new listeners below attachments, and for new
// connections where a policy asks for them, and makes the settings there that programs in the
// kernel cannot make. Whatever it may have missed, because it
// did not run, because events were lost or because the policy is another one, it looks at all
// listeners again.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tools/sockopt/bpf/attachments.h"
#include "tools/sockopt/report/finding.h"

namespace sockopt {

class ChangeLog;
struct Endpoint;
struct UnreadableProcess;

/// What the watcher has to say. Called while it holds nobody's socket.
class WatchReport {
 public:
  virtual ~WatchReport() = default;

  /// This policy is new here. `options` are left to the watcher; there may be none.
  virtual void on_attached(const Attachment& attachment,
                           const std::vector<std::string>& options) = 0;
  virtual void on_detached(const std::string& directory) = 0;
  /// There is nothing to wait for as yet.
  virtual void on_idle() = 0;
  virtual void on_lost(std::uint64_t events) = 0;
  virtual void on_connections_lost(std::uint64_t events) = 0;
  /// A new listener that is there, and that no process was found to have.
  virtual void on_not_found(const Endpoint& address) = 0;
  /// What was done to listeners, and which processes could not be looked into.
  virtual void on_changes(const ChangeLog& log,
                          const std::vector<UnreadableProcess>& unreadable) = 0;
  /// Something that goes on failing; the rest goes on working.
  virtual void on_problem(const Finding& problem) = 0;
  /// Everything is set up, and what was there is in line.
  virtual void on_ready() = 0;
  /// Writes what there is to say. False where nobody reads it any more.
  virtual bool flush() = 0;
};

/// Runs until SIGTERM or SIGINT; with `once`, until all listeners have been looked at. A finding
/// where it cannot run here.
std::optional<Finding> watch(WatchReport& report, bool once);

}  // namespace sockopt
