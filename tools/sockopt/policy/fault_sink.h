// SPDX-License-Identifier: MIT
//
// What the library's own readers find wrong with a configuration, as findings.
#pragma once

#include <utility>

#include "shim/config/fault.h"
#include "tools/sockopt/report/finding.h"

namespace sockopt {

/// Adds each fault to `findings`, which must outlive it.
inline FaultSink fault_sink(Findings& findings) {
  const auto take = [](void* all, const Fault& fault) {
    Finding finding = Finding::error("config", std::string(fault.message));
    finding.place = {std::string(fault.source), fault.line, fault.column, fault.length};
    static_cast<Findings*>(all)->push_back(std::move(finding));
  };
  return {take, &findings};
}

}  // namespace sockopt
