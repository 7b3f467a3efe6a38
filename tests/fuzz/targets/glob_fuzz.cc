// SPDX-License-Identifier: MIT
//
// PATTERN NUL TEXT: shell patterns against the definition that is too slow to ship.
#include <cstdint>
#include <string>

#include "oracle.h"
#include "shim/policy/glob.h"
#include "tests/unit/policy/naive_glob.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sockopt;
  const std::string_view all = fuzz::input(data, size);
  const std::size_t end = all.find('\0');
  const std::string_view pattern = all.substr(0, end);
  const std::string_view text = end == all.npos ? std::string_view() : all.substr(end + 1);

  SOCKOPT_HOLDS(is_sound_glob(pattern) == test::is_closed_glob(pattern), std::string(pattern));
  SOCKOPT_HOLDS(glob_matches(pattern, text) == test::naive_glob_matches(pattern, text),
                std::string(pattern) + " on " + std::string(text));
  return 0;
}
