// SPDX-License-Identifier: MIT
//
// `sockopt enable`: a drop-in that gives a service the library, and keeps the rest of its
// environment as it is. The unit's own file belongs to its package and is only read.
#include <memory>
#include <string>
#include <vector>

#include "tools/sockopt/report/output.h"
#include "tools/sockopt/verb.h"
#include "tools/sockopt/verbs/enable/enable_json.h"
#include "tools/sockopt/verbs/enable/enabler.h"
#include "tools/sockopt/verbs/policy_arguments.h"

namespace sockopt {
namespace {

int enable(const EnableArguments& given) {
  const FileTree files = open_tree(given.common);
  Output out;
  Output unprinted;
  const std::vector<EnabledUnit> units = enable_units(files, given, given.json ? unprinted : out);
  int status = kDone;
  for (const EnabledUnit& unit : units) status = worse(status, unit.status);
  if (given.json) out.write(enabled_json(given, units));
  return out.finish(status);
}

std::function<int()> declare(Arguments& arguments) {
  const auto given = std::make_shared<EnableArguments>();
  declare_unit_arguments(arguments, given->common,
                         "Also set the options on its running processes, without a restart");
  arguments.option("-c,--config", "FILE", given->configuration,
                   "The configuration of the service; with --root, a path within it");
  declare_engine(arguments, given->engine,
                 "bpf: attach the configuration before each start; default: preload, the library");
  arguments.flag("--require", given->require,
                 "Do not start the service with a bad configuration, or without the library or "
                 "the engine");
  arguments.flag("--json", given->json, "As JSON, schema sockopt.enable/1");
  return [given] { return enable(*given); };
}

constexpr Example kExamples[] = {
    {"sockopt enable --dry-run nginx",
     "what would be written, and what would keep it from working"},
    {"sudo sockopt enable --now nginx", "from now on, and after each start"},
    {"sudo sockopt enable -c /etc/sockopt/redis.ini redis-server", "with a file of its own"},
    {"sudo sockopt enable --engine bpf caddy", "a Go program, by eBPF from outside"},
    {"sockopt enable --root ./image --require postgresql@15-main", "in an image"},
};

}  // namespace

constinit const Verb kEnableVerb = {
    .name = "enable",
    .effect = Effect::kChanges,
    .summary = "run a systemd service with the library",
    .usage =
        "[-c FILE] [--engine preload|bpf] [--root DIR] [--now]\n"
        "                      [--require] [--dry-run] [--json] UNIT...",
    .description =
        "Writes /etc/systemd/system/UNIT.d/zz-sockopt.conf. Keeps the unit's environment, and "
        "does\nnot touch its own file. Says what would stop the library from working, and the fix. "
        "Says\n`changed` or `unchanged`; exits with 1 if nothing could be written, and with 4 if "
        "it was, but\nthe library would not reach the service.",
    .examples = kExamples,
    .declare = declare,
};

}  // namespace sockopt
