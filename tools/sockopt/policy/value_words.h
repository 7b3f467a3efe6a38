// SPDX-License-Identifier: MIT
//
// What may be written for an option, for whoever is about to write it: all of its words, those of
// this host among them, and where it takes numbers, a sound one.
#pragma once

#include <string>
#include <vector>

#include "shim/options/option_set.h"

namespace sockopt {

struct ValueWord {
  std::string word;
  std::string meaning;  ///< may be empty
};

/// Of an option of the table.
std::vector<ValueWord> value_words(OptionId id);
/// Of one of ZeroMQ's.
std::vector<ValueWord> zmq_value_words(OptionId row);

}  // namespace sockopt
