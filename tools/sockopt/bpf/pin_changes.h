// SPDX-License-Identifier: MIT
//
// Tells when attachments may have come, gone or been replaced.
#pragma once

#include <string>

#include "tools/inspect/unique_fd.h"

namespace sockopt {

class PinChanges {
 public:
  PinChanges();

  /// To be polled; below 0: the kernel does not tell.
  int fd() const { return notifier_.get(); }
  /// What was told so far is done with. To be called before the attachments are read.
  void renew();

 private:
  void add(const std::string& directory) const;

  UniqueFd notifier_;
};

}  // namespace sockopt
