// SPDX-License-Identifier: MIT
//
// What is wrong with a configuration: where, and in words that say what to write instead.  Readers
// pass each fault to a sink, which keeps it for later, prints it with a caret, or counts it.
#pragma once

#include <cstdint>
#include <string_view>

#include "shim/text/text.h"

namespace sockopt {

struct Fault {
  std::string_view source;   ///< the file's path, or `environment`
  std::uint32_t line = 0;    ///< from 1; 0 where the whole source is meant
  std::uint32_t column = 0;  ///< from 1; 0 where the whole line is meant
  std::uint32_t length = 0;  ///< of the text that is wrong; 0 where that is not known
  std::string_view message;
};

struct FaultSink {
  void (*take)(void* context, const Fault& fault) = nullptr;
  void* context = nullptr;
  /// Whether anybody will see what the next fault says; null: yes.
  bool (*shows)(void* context) = nullptr;

  void operator()(const Fault& fault) const {
    if (take != nullptr) take(context, fault);
  }
  /// Where it is false a fault only counts: what it says need not be worked out.
  bool is_shown() const { return take != nullptr && (shows == nullptr || shows(context)); }
};

/// `sockopt.ini:7:12: message`, without what is 0.
void describe_fault(const Fault& fault, Text& out);

}  // namespace sockopt
