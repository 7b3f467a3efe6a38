// SPDX-License-Identifier: MIT
//
// What every fuzz target asks beyond "it did not crash": a claim that does not hold ends the run
// with a word about it, and libFuzzer keeps the input that showed it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "shim/config/fault.h"
#include "shim/policy/policy.h"

namespace sockopt::fuzz {

[[noreturn]] void fail(const char* file, int line, const std::string& what);

// The explanation is worked out only where it is needed.
#define SOCKOPT_HOLDS(condition, what) \
  if (!(condition)) ::sockopt::fuzz::fail(__FILE__, __LINE__, std::string(#condition ": ") + (what))

inline std::string_view input(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

std::vector<std::string> split(std::string_view text, std::string_view separator);

/// Plain ASCII of one line, and shorter than `limit`: not cut.
void must_be_printable(std::string_view message, std::size_t limit = 400);

/// What `error` holds is a whole sentence.
inline void must_be_whole(const Text& error) {
  SOCKOPT_HOLDS(!error.was_cut(), std::string(error.view()));
  must_be_printable(error.view());
}

/// What a reader reported, each fault held against what every fault promises.
class Faults {
 public:
  /// `source` is what all of them must name, `text` the file that they point into; an empty one is
  /// none.
  explicit Faults(std::string_view source, std::string_view text = {});
  FaultSink sink() { return {&Faults::take, this}; }

  std::size_t count() const { return lines_.size(); }
  /// How many name this line.
  std::size_t in_line(std::uint32_t line) const;
  /// Whether some message ends in these words.
  bool tells(std::string_view words) const;
  std::string shown() const;

 private:
  static void take(void* self, const Fault& fault);

  std::string_view source_;
  std::vector<std::string> text_;
  std::vector<std::uint32_t> lines_;
  std::vector<std::string> messages_;
};

/// An empty policy in memory that holds whatever the one before left there, as its arrays may. One
/// at a time for each `place`.
Policy& fresh_policy(std::size_t place = 0);

/// Formatting a value and reading that again must give the same value, and the same text.
void must_read_back(const Option& option, const Value& value);

}  // namespace sockopt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
