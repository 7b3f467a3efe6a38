// SPDX-License-Identifier: MIT
//
// `sockopt watch`: runs as a service, and makes on each new listener or connection below an
// attachment what programs in the kernel cannot: its backlog, defer_accept, fastopen, linger ...
#include <memory>

#include "tools/sockopt/live/change_log.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/verb.h"
#include "tools/sockopt/verbs/watch/service_manager.h"
#include "tools/sockopt/verbs/watch/watch_reports.h"

namespace sockopt {

void WatchOutput::on_changes(const ChangeLog& log,
                             const std::vector<UnreadableProcess>& unreadable) {
  has_failed_ = has_failed_ || log.failed() != 0;
  is_partial_ = is_partial_ || !unreadable.empty();
  print(log);
  print(unreadable);
}

void WatchOutput::on_problem(const Finding& problem) {
  has_failed_ = true;
  complain("watch", problem.sentence());
}

void WatchOutput::on_ready() { tell_service_manager("READY=1"); }

int WatchOutput::finish(bool once) {
  // Of a service, what went wrong on the way was said then.
  return out_.finish(!once ? kDone : has_failed_ ? kFault : is_partial_ ? kPartial : kDone);
}

namespace {

struct Given {
  bool once = false;
  bool json = false;
};

int watch_listeners(const Given& given) {
  WatchText text;
  WatchJson json;
  WatchOutput& report = given.json ? static_cast<WatchOutput&>(json) : text;
  if (const auto fault = watch(report, given.once)) {
    complain("watch", fault->sentence());
    return kFault;
  }
  return report.finish(given.once);
}

std::function<int()> declare(Arguments& arguments) {
  const auto given = std::make_shared<Given>();
  arguments.flag("--once", given->once, "Look at all listeners that there are, then end");
  arguments.flag("--json", given->json, "A JSON object a line, schema sockopt.watch/1");
  return [given] { return watch_listeners(*given); };
}

constexpr Example kExamples[] = {
    {"sudo sockopt watch", "until it is interrupted"},
    {"sudo systemctl enable --now sockopt-watch", "as a service, from now on"},
};

}  // namespace

constinit const Verb kWatchVerb = {
    .name = "watch",
    .effect = Effect::kChanges,
    .summary = "set on new sockets what `attach` cannot: backlog ...",
    .usage = "[--once] [--json]",
    .description =
        "Waits for new listeners and connections in the cgroups of `sockopt attach`, and sets the\n"
        "options that eBPF cannot: backlog, defer_accept, fastopen, linger and others. Listeners\n"
        "that are there get them at the start. A socket has its options a moment after listen or\n"
        "connect.",
    .examples = kExamples,
    .declare = declare,
};

}  // namespace sockopt
