// SPDX-License-Identifier: MIT
//
// What becomes of LD_PRELOAD on the way that a start line is followed: who sets it, takes it away,
// or hands it on in a variable of a shell.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/sockopt/launch/executed_files.h"
#include "tools/sockopt/launch/shell_text.h"
#include "tools/systemd/file_tree.h"

namespace sockopt {

struct StartPlace {
  const FileTree& files;
  ProgramSearch search;
  std::string library;
  std::vector<std::string>
      variables{};  ///< `SOCKOPT_CONFIG=FILE` and the like, to be handed on too
};

struct PreloadLoss {
  std::string what;                       ///< `/usr/bin/env -u LD_PRELOAD removes LD_PRELOAD`
  std::string fix{};                      ///< what to write there; or else
  std::vector<std::string> fixed_line{};  ///< the whole line, with the library
  bool is_certain = true;                 ///< a script may take another way
  bool clears = false;                    ///< the whole environment, and not LD_PRELOAD alone

  std::string fix_text() const;  ///< the one or the other
};

/// Whether a word is what only the shell, or the file system, makes something of.
bool is_dynamic(std::string_view word);

/// `FILE:LINE`, from outside, of a script in a tree.
std::string line_in(const FileTree& files, const std::string& path, std::size_t line);

/// Whether what a command changes holds for those behind it: export, unset and their like.
bool lasts(const ShellCommand& command);

class PreloadTrack {
 public:
  /// `loss` is what has become of it so far, and must outlive this.
  PreloadTrack(const StartPlace& place, std::optional<PreloadLoss>& loss)
      : place_(place), loss_(loss) {}

  void lose(std::string what, std::string fix, bool certain);

  /// It is given this value. `by` is who does it, in words.
  void assign(const std::string& value, const std::string& by, bool certain);

  void change(const ShellCommand& command, const std::string& by, bool certain);

  /// `. /etc/default/agent`
  void read_sourced(const std::vector<std::string>& words);

  /// Whether a command gives it a value that holds what there was.
  bool keeps(const ShellCommand& command) const;

 private:
  bool carries(std::string_view value) const;
  bool keeps(const std::vector<std::string>& assignments) const;
  void note_carrier(const std::string& assignment);

  const StartPlace& place_;
  std::optional<PreloadLoss>& loss_;
  std::vector<std::string> carriers_ = {"LD_PRELOAD"};  // variables that hold what it held
};

}  // namespace sockopt
