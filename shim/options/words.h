// SPDX-License-Identifier: MIT
//
// Values written as words, and what each stands for, in both directions.
#pragma once

#include <cstdint>
#include <string_view>

#include "shim/text/fixed_text.h"
#include "shim/text/text.h"

namespace sockopt {

struct Word {
  FixedText<10> text;
  std::uint8_t number;
};

// The DSCP names of RFC 2474, 2597, 3246 and 8622 as TOS bytes (DSCP << 2).
inline constexpr Word kTosNames[] = {
    {"cs0", 0x00},  {"le", 0x04},   {"cs1", 0x20},  {"af11", 0x28}, {"af12", 0x30}, {"af13", 0x38},
    {"cs2", 0x40},  {"af21", 0x48}, {"af22", 0x50}, {"af23", 0x58}, {"cs3", 0x60},  {"af31", 0x68},
    {"af32", 0x70}, {"af33", 0x78}, {"cs4", 0x80},  {"af41", 0x88}, {"af42", 0x90}, {"af43", 0x98},
    {"cs5", 0xa0},  {"va", 0xb0},   {"ef", 0xb8},   {"cs6", 0xc0},  {"cs7", 0xe0},
};

// IP_PMTUDISC_* of ip(7).
inline constexpr Word kDiscoverNames[] = {{"dont", 0},  {"want", 1},      {"do", 2},
                                          {"probe", 3}, {"interface", 4}, {"omit", 5}};

inline constexpr Word kBooleanNames[] = {{"on", 1}, {"off", 0}, {"yes", 1},  {"no", 0},
                                         {"1", 1},  {"0", 0},   {"true", 1}, {"false", 0}};

template <std::size_t kCount>
const Word* find_text(const Word (&words)[kCount], std::string_view text) {
  for (const Word& word : words) {
    if (equals_ignoring_case(word.text, text)) return &word;
  }
  return nullptr;
}

template <std::size_t kCount>
const Word* find_number(const Word (&words)[kCount], std::int64_t number) {
  for (const Word& word : words) {
    if (word.number == number) return &word;
  }
  return nullptr;
}

}  // namespace sockopt
