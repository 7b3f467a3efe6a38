// SPDX-License-Identifier: MIT
//
// Packed: the option, the number of bytes, who sizes a buffer, the bytes; or kRefused and the
// errno.
#include "tools/sockopt/live/reading_pool.h"

#include <cerrno>

namespace sockopt {
namespace {

constexpr unsigned char kRefused = 0xff;
constexpr char kUntold = 2;
static_assert(Value::kMaxBytes < kRefused);

}  // namespace

void ReadingPool::add(OptionId option, const OptionReading& reading) {
  current_ += static_cast<char>(option);
  if (!reading) {
    current_ += static_cast<char>(kRefused);
    current_ += static_cast<char>(reading.error);  // those of getsockopt are below 256
    return;
  }
  current_ += static_cast<char>(reading.value.size);
  current_ += static_cast<char>(reading.tuned ? int{*reading.tuned} : kUntold);
  current_.append(reinterpret_cast<const char*>(reading.value.bytes), reading.value.size);
}

ReadingPool::Id ReadingPool::finish() {
  const auto [known, is_new] = ids_.try_emplace(current_, static_cast<Id>(packed_.size()));
  if (is_new) packed_.push_back(&known->first);
  current_.clear();
  return known->second;
}

// Of what begins at `at`.
std::size_t ReadingPool::packed_size(const std::string& packed, std::size_t at) {
  const auto size = static_cast<unsigned char>(packed[at + 1]);
  return 2 + (size == kRefused ? 1U : 1U + size);
}

// Behind the option.
OptionReading ReadingPool::unpack(const std::string& packed, std::size_t at) {
  const auto size = static_cast<unsigned char>(packed[at]);
  if (size == kRefused) return {.error = static_cast<unsigned char>(packed[at + 1])};
  OptionReading reading{.value = value_of_bytes(packed.data() + at + 2, size)};
  if (packed[at + 1] != kUntold) reading.tuned = packed[at + 1] != 0;
  return reading;
}

OptionReading ReadingPool::find(Id id, OptionId option) const {
  const std::string& packed = *packed_[id];
  for (std::size_t at = 0; at < packed.size(); at += packed_size(packed, at)) {
    if (static_cast<OptionId>(packed[at]) == option) return unpack(packed, at + 1);
  }
  return {.error = ENODATA};
}

}  // namespace sockopt
