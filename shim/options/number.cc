// SPDX-License-Identifier: MIT
#include "shim/options/number.h"

#include "shim/text/fixed_text.h"
#include "shim/text/text.h"

namespace sockopt {
namespace {

constexpr NumberText problem(NumberProblem which, std::string_view rest = {}) {
  return {which, 0, rest};
}

int digit_of(char c, int base) {
  const char lower = to_lower(c);
  const int digit = is_digit(c) ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : 99;
  return digit < base ? digit : -1;
}

// The leading number of `text`; what follows it is left in `rest`.
NumberText read_leading(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  int base = 10;
  if (text.size() > 2 && text[0] == '0' && to_lower(text[1]) == 'x') {
    base = 16;
    text.remove_prefix(2);
  }
  std::int64_t number = 0;
  std::size_t used = 0;
  for (; used < text.size(); ++used) {
    const int digit = digit_of(text[used], base);
    if (digit < 0) break;
    if (__builtin_mul_overflow(number, base, &number) ||
        __builtin_add_overflow(number, digit, &number)) {
      return problem(NumberProblem::kOverflow);
    }
  }
  if (used == 0) return problem(NumberProblem::kNotANumber);
  return {NumberProblem::kNone, negative ? -number : number, slice(text, used)};
}

NumberText scaled(NumberText read, std::int64_t factor) {
  if (__builtin_mul_overflow(read.number, factor, &read.number)) {
    return problem(NumberProblem::kOverflow);
  }
  read.rest = {};
  return read;
}

struct Scale {
  FixedText<4> suffix;
  std::int64_t factor;
};

constexpr Scale kMicrosecondsIn[] = {
    {"us", 1}, {"ms", 1000}, {"s", 1000000}, {"m", 60000000}, {"h", 3600000000}};
constexpr Scale kBytesIn[] = {{"K", 1 << 10}, {"M", 1 << 20}, {"G", 1 << 30}};

std::int64_t microseconds_in(Unit unit) {
  return unit == Unit::kSeconds ? 1000000 : unit == Unit::kMilliseconds ? 1000 : 1;
}

}  // namespace

NumberText read_integer(std::string_view text) {
  const NumberText read = read_leading(text);
  if (read.problem == NumberProblem::kNone && !read.rest.empty()) {
    return problem(NumberProblem::kTrailing, read.rest);
  }
  return read;
}

NumberText read_duration(std::string_view text, Unit unit) {
  NumberText read = read_leading(text);
  if (read.problem != NumberProblem::kNone) return read;
  if (read.rest.empty()) {
    if (unit == Unit::kSeconds) return read;
    return problem(NumberProblem::kNeedsUnit);
  }
  for (const Scale& scale : kMicrosecondsIn) {
    if (!equals_ignoring_case(read.rest, scale.suffix)) continue;
    read = scaled(read, scale.factor);
    if (read.problem != NumberProblem::kNone) return read;
    if (read.number % microseconds_in(unit) != 0) return problem(NumberProblem::kNotWhole);
    read.number /= microseconds_in(unit);
    return read;
  }
  return problem(NumberProblem::kTrailing, read.rest);
}

NumberText read_size(std::string_view text) {
  const NumberText read = read_leading(text);
  if (read.problem != NumberProblem::kNone || read.rest.empty()) return read;
  for (const Scale& scale : kBytesIn) {
    if (equals_ignoring_case(read.rest, scale.suffix)) return scaled(read, scale.factor);
  }
  return problem(NumberProblem::kTrailing, read.rest);
}

}  // namespace sockopt
