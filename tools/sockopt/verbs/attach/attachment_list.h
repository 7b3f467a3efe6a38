// SPDX-License-Identifier: MIT
//
// Attachments as people and as programs read them.
#pragma once

#include <vector>

#include "tools/sockopt/bpf/attachments.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {

void print_attachments(Output& out, const std::vector<Attachment>& all);
void print_attachments_json(Output& out, const std::vector<Attachment>& all);

}  // namespace sockopt
