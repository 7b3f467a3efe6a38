// SPDX-License-Identifier: MIT
#include "shim/preload/faults.h"

#include "shim/text/text.h"

namespace sockopt {

void Faults::take(void* self, const Fault& fault) {
  auto& faults = *static_cast<Faults*>(self);
  if (faults.count_ < kMostLines) {
    Text line(faults.lines_[faults.count_], kLongestLine);
    describe_fault(fault, line);
    faults.sizes_[faults.count_] = static_cast<std::uint16_t>(line.view().size());
  }
  ++faults.count_;
}

void Faults::write_all(const StderrLog& log) const {
  const std::size_t kept = count_ < kMostLines ? count_ : kMostLines;
  for (std::size_t i = 0; i < kept; ++i) log.write_line({lines_[i], sizes_[i]});
  if (kept == count_) return;
  TextOf<96> more;
  more.unsigned_decimal(count_ - kept) << " more errors; `sockopt check` shows them all";
  log.write_line(more.view());
}

}  // namespace sockopt
