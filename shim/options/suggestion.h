// SPDX-License-Identifier: MIT
//
// What somebody probably meant by an unknown word: keys are easily misspelt, and other software has
// other names for the same options.
#pragma once

#include <cstddef>
#include <string_view>

namespace sockopt {

/// The key that was probably meant: another spelling (TCP_KEEPIDLE, tcp-keepidle), another
/// product's word (tcp_keepalive_time, tfo), or a typo.  Empty if nothing is near.
std::string_view suggest_key(std::string_view unknown);

/// Finds, among the words it is shown, one within a typo or two of `unknown`.
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

}  // namespace sockopt
