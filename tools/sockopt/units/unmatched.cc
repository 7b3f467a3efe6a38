// SPDX-License-Identifier: MIT
#include "tools/sockopt/units/unmatched.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "tools/inspect/systemd_unit.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/units/suggest_unit.h"
#include "tools/systemd/unit.h"
#include "tools/systemd/unit_index.h"
#include "tools/systemd/unit_name.h"

namespace sockopt {
namespace {

// Scopes, and most slices, have no file.
std::string why_no_process(const UnitIndex& index, const std::string& unit) {
  constexpr char kHasNone[] = "this unit has no running process";
  const FileTree& files = FileTree::host();
  if (unit_type(unit) != "service") return kHasNone;
  if (load_unit(files, index, unit).state != SystemdUnit::State::kMissing) return kHasNone;
  const std::string meant = suggest_unit(files, index, unit);
  return "there is no such unit" + (meant.empty() ? "" : "; " + meant);
}

}  // namespace

void complain_of_unmatched(const Targets& targets, const TargetQuery& query) {
  const auto has = [](const std::vector<std::string>& all, const std::string& word) {
    return std::find(all.begin(), all.end(), word) != all.end();
  };
  std::vector<std::string> units;
  for (const std::string& unit : query.units) units.push_back(full_unit_name(unit));
  std::unique_ptr<UnitIndex> index;
  for (const std::string& word : targets.unmatched) {
    if (has(targets.elsewhere, word)) {
      complain(word,
               "runs only in other PID or network namespaces; --all-namespaces includes them");
    } else if (!has(units, word)) {
      complain(word, "no such process");
    } else {
      if (index == nullptr) index = std::make_unique<UnitIndex>(FileTree::host());
      complain(word, why_no_process(*index, word));
    }
  }
}

}  // namespace sockopt
