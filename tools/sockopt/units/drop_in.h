// SPDX-License-Identifier: MIT
//
// The drop-in that `sockopt enable` writes: with commands that attach the bpf engine before the
// service starts and detach it at the end, or with LD_PRELOAD. That it carries as a whole, for the
// last assignment of a variable is the one that counts; so it must come after all others, and has a
// name that sorts behind theirs (override.conf, which `systemctl edit` writes, among them).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sockopt {

inline constexpr std::string_view kDropInName = "zz-sockopt.conf";

struct DropIn {
  std::string unit;
  std::string library;               ///< its path
  std::string preload;               ///< what LD_PRELOAD is to hold for it
  std::string preload_before;        ///< the LD_PRELOAD that the unit has without it
  std::string configuration;         ///< for SOCKOPT_CONFIG; empty: the usual one
  std::vector<std::string> check{};  ///< the command that must succeed first; empty: none
  std::string attacher{};    ///< the command, where the bpf engine takes the library's place
  bool must_attach = false;  ///< else the service also starts where that fails
  /// The same of libsockopt-zmq.so, which goes behind the library; empty: not needed.
  std::string preload_zmq{};

  std::string text() const;
};

inline constexpr std::string_view kDropInRoot = "/etc/systemd/system";

/// `/etc/systemd/system/nginx.service.d`
std::string drop_in_directory(std::string_view unit);
std::string drop_in_path(std::string_view unit);

/// Whether a command of ExecStartPre= attaches the bpf engine, as such a drop-in has it.
bool attaches(std::string_view command);

enum class Authorship {
  kOurs,
  kEdited,   ///< ours, and changed since
  kForeign,  ///< written by somebody else
};

Authorship authorship(std::string_view text);

}  // namespace sockopt
