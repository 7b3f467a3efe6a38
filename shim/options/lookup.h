// SPDX-License-Identifier: MIT
//
// Finding a row: by its key, by the kernel's level and name (what a program's own setsockopt says),
// and by what somebody probably meant.
#pragma once

#include <cstddef>
#include <string_view>

#include "shim/options/option_set.h"
#include "shim/options/table.h"

namespace sockopt {

inline constexpr OptionId kNoOption = 0xff;

/// The row whose key is exactly `key`, or kNoOption.
OptionId find_option(std::string_view key);

/// The row that (level, name) of setsockopt(2) belongs to, or kNoOption.  Names that set the same
/// thing by another road (SO_RCVBUFFORCE, SO_BINDTOIFINDEX, IPV6_TCLASS) lead to the same row.
OptionId find_kernel_name(int level, int name);

/// The key that was probably meant: another spelling (TCP_KEEPIDLE, tcp-keepidle), another
/// product's word (tcp_keepalive_time, tfo), or a typing error.  Empty where nothing is near.
std::string_view suggest_key(std::string_view unknown);

/// Of the words that it is shown the one within a typing error or two of `unknown`, if any.
class NearestWord {
 public:
  explicit NearestWord(std::string_view unknown);

  void consider(std::string_view word);
  std::string_view word() const { return word_; }

 private:
  std::string_view unknown_;
  std::size_t distance_;  ///< of the nearest so far, which it has to be below
  std::string_view word_;
};

template <typename Words>
std::string_view nearest(std::string_view unknown, const Words& words) {
  NearestWord nearest(unknown);
  for (const auto& word : words) nearest.consider(word);
  return nearest.word();
}

constexpr OptionId option_id(const Option& option) {
  return static_cast<OptionId>(&option - kOptions.data());
}

/// The rows with `moment` among theirs.
constexpr OptionSet options_at(Moment moment) {
  OptionSet set;
  for (OptionId id = 0; id < kOptionCount; ++id) {
    if ((kOptions[id].moments & moment) != 0) set.add(id);
  }
  return set;
}

}  // namespace sockopt
