// SPDX-License-Identifier: MIT
#include "shim/config/fault.h"

namespace sockopt {

void describe_fault(const Fault& fault, Text& out) {
  out.escaped(fault.source);
  if (fault.line != 0) (out << ':').unsigned_decimal(fault.line);
  if (fault.column != 0) (out << ':').unsigned_decimal(fault.column);
  out << ": " << fault.message;
}

}  // namespace sockopt
