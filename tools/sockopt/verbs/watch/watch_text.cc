// SPDX-License-Identifier: MIT
#include <unistd.h>

#include "tools/inspect/endpoint.h"
#include "tools/sockopt/live/change_report.h"
#include "tools/sockopt/live/unreadable_process.h"
#include "tools/sockopt/report/terminal.h"
#include "tools/sockopt/verbs/watch/watch_reports.h"

namespace sockopt {

void WatchText::on_attached(const Attachment& attachment, const std::vector<std::string>& options) {
  const std::string place = printable(attachment.directory);
  if (!attachment.policy) {
    out().print("{}: attached by another version of sockopt; attach it again\n", place);
  } else if (options.empty()) {
    out().print("{}: nothing is left to be set here\n", place);
  } else {
    out().print("{}: watching for {}\n", place, joined(options, " "));
  }
}

void WatchText::on_detached(const std::string& directory) {
  out().print("{}: no longer attached\n", printable(directory));
}

void WatchText::on_idle() { out().write("No attachment needs it now (sockopt attach)\n"); }

void WatchText::on_lost(std::uint64_t events) {
  out().print("{} of new listeners lost; looking at all listeners\n", counted(events, "event"));
}

void WatchText::on_connections_lost(std::uint64_t events) {
  out().print("{} came too fast, and were left as they are\n", counted(events, "connection"));
}

void WatchText::on_not_found(const Endpoint& address) {
  out().print("LISTEN {}: not set, as no process was found that has it\n", address.text());
}

void WatchText::print(const ChangeLog& log) {
  const Style style = Style::of(STDOUT_FILENO);
  const auto width = terminal_width(STDOUT_FILENO);
  for (const ChangeGroup& group : log.groups()) {
    // Connections would fill a log.
    if (group.role == SocketRole::kClient && !group.has_failure()) continue;
    out().print("{}\n", group_text(group, style, width));
  }
}

void WatchText::print(const std::vector<UnreadableProcess>& unreadable) {
  complain_of_unreadable(unreadable, false);
}

}  // namespace sockopt
