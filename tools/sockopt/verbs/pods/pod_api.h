// SPDX-License-Identifier: MIT
//
// The pods of a node, as the API server knows them: a list, and then what changes. Only what the
// pods' metadata says is asked for, so no secret of theirs comes here. The connection is the Unix
// socket of `kubectl proxy`, which has the credentials and speaks TLS.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "tools/inspect/unique_fd.h"

namespace sockopt {

struct Pod {
  std::string name;  ///< `default/web-1`
  std::string name_space;
  std::map<std::string, std::string> annotations{};
};

/// By UID.
using Pods = std::map<std::string, Pod>;

class PodApi {
 public:
  /// `labels` is a selector in the API's own syntax; empty: any.
  PodApi(std::string socket, const std::string& node, const std::string& labels);

  /// All of them, now; `pods` stays as it is where that fails, and the reason is returned. Begins
  /// to wait for changes.
  std::optional<std::string> list(Pods& pods);

  /// To be polled; below 0: it has to be listed again.
  int fd() const { return changes_.get(); }
  /// Takes the changes that have come.
  void take(Pods& pods);

 private:
  std::optional<std::string> request(const std::string& more, UniqueFd& connection) const;
  void take(Pods& pods, std::string_view line);

  std::string socket_;
  std::string query_;
  UniqueFd changes_;
  std::string read_;  // of the answer, and not taken yet
  bool has_head_ = false;
};

}  // namespace sockopt
