// SPDX-License-Identifier: MIT
#include "shim/preload/faults.h"

#include "shim/text/text.h"

namespace sockopt {

void Faults::take(void* self, const Fault& fault) {
  auto& faults = *static_cast<Faults*>(self);
  if (has_room(self)) {
    auto& text = faults.lines_.text[faults.count_];
    Text line(text, sizeof text);
    describe_fault(fault, line);
    faults.lines_.sizes[faults.count_] = static_cast<std::uint16_t>(line.view().size());
  }
  ++faults.count_;
}

void Faults::write_all(const StderrLog& log) const {
  const std::size_t kept = count_ < FaultLines::kMost ? count_ : FaultLines::kMost;
  for (std::size_t i = 0; i < kept; ++i) log.write_line({lines_.text[i], lines_.sizes[i]});
  if (kept == count_) return;
  TextOf<96> more;
  more.unsigned_decimal(count_ - kept) << " more errors; `sockopt check` shows them all";
  log.write_line(more.view());
}

}  // namespace sockopt
