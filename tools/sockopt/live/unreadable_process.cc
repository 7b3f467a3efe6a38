// SPDX-License-Identifier: MIT
#include "tools/sockopt/live/unreadable_process.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "tools/sockopt/report/output.h"

namespace sockopt {
namespace {

// As many as are good to read, each of them whole.
std::string some_of(const std::vector<std::string>& names) {
  constexpr std::size_t kRoom = 320;  // of what complain() leaves whole
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i != 0 && text.size() + names[i].size() > kRoom) {
      return text + fmt::format(" and {} more (--json names all)", names.size() - i);
    }
    text += (i == 0 ? "" : ", ") + names[i];
  }
  return text;
}

std::string name_and_number(const UnreadableProcess& one) {
  return fmt::format("{}({})", printable(one.name), one.pid);
}

}  // namespace

std::string UnreadableProcess::why() const {
  return denial.remedy.empty() ? denial.reason
                               : fmt::format("{}: needs {}", denial.reason, denial.remedy);
}

void note_unreadable(std::vector<UnreadableProcess>& all, const ProcessEntry& process,
                     const Failure& failure) {
  if (failure.obstacle == Obstacle::kGone) return;
  const bool denied = failure.obstacle != Obstacle::kOther;
  all.push_back({process.pid, process.name,
                 denied ? explain_denial(process.pid, failure) : WhyDenied{failure.text(), ""}});
}

std::string unreadable_text(const std::vector<UnreadableProcess>& all) {
  std::map<std::string, std::size_t> by_remedy;
  for (const UnreadableProcess& one : all) ++by_remedy[one.denial.remedy];
  std::string text;
  for (const auto& [remedy, count] : by_remedy) {
    text += fmt::format("{}{} unreadable", text.empty() ? "" : ", ", counted(count, "process"));
    if (!remedy.empty()) text += fmt::format(" ({})", remedy);
  }
  return text;
}

nlohmann::ordered_json unreadable_json(const std::vector<UnreadableProcess>& all) {
  auto list = nlohmann::ordered_json::array();
  for (const UnreadableProcess& one : all) {
    nlohmann::ordered_json needs;
    if (!one.denial.remedy.empty()) needs = one.denial.remedy;
    list.push_back({{"pid", one.pid},
                    {"program", printable(one.name)},
                    {"reason", printable(one.denial.reason)},
                    {"needs", std::move(needs)}});
  }
  return list;
}

void complain_of_unreadable(const std::vector<UnreadableProcess>& all, bool one_by_one) {
  if (one_by_one) {
    for (const UnreadableProcess& one : all)
      complain(name_and_number(one), "unreadable: " + one.why());
    return;
  }
  std::map<std::string, std::vector<std::string>> by_reason;
  for (const UnreadableProcess& one : all) by_reason[one.why()].push_back(name_and_number(one));
  for (const auto& [reason, names] : by_reason) complain(some_of(names), "unreadable: " + reason);
}

}  // namespace sockopt
