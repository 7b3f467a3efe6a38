// SPDX-License-Identifier: MIT
#include "tools/sockopt/launch/wrappers.h"

#include <algorithm>
#include <array>

#include "shim/policy/glob.h"
#include "shim/text/text.h"

namespace sockopt {
namespace {

enum class Environment { kHandedOn, kFresh };

struct Wrapper {
  std::string_view name;   ///< a glob
  std::string_view value;  ///< letters of options whose value may be the next word
  std::string_view names;  ///< the same of long ones, between spaces
  std::size_t operands;    ///< words of its own in front of the program
  Environment environment = Environment::kHandedOn;
};

constexpr Wrapper kWrappers[] = {
    {"nice", "n", " --adjustment ", 0},
    {"ionice", "cnpPu", " --class --classdata ", 0},
    {"nohup", "", "", 0},
    {"setsid", "", "", 0},
    {"timeout", "ks", " --kill-after --signal ", 1},
    {"time", "fo", " --format --output ", 0},
    {"stdbuf", "ioe", " --input --output --error ", 0},
    {"taskset", "", "", 1},
    {"chrt", "TPD", " --sched-runtime --sched-period --sched-deadline ", 1},
    {"numactl", "NmiCpwP", " --interleave --membind --cpunodebind --physcpubind --preferred ", 0},
    {"setpriv", "",
     " --reuid --regid --ruid --rgid --euid --egid --groups --inh-caps --ambient-caps "
     "--bounding-set --securebits --selinux-label --apparmor-profile --pdeathsig ",
     0},
    {"unshare", "RSGwl", " --root --setuid --setgid --wd --map-user --map-group --setgroups ", 0},
    {"nsenter", "tSG", " --target --setuid --setgid ", 0},
    {"chroot", "", "", 1},
    {"tini*", "pe", "", 0},
    {"docker-init", "pe", "", 0},
    {"dumb-init*", "r", " --rewrite ", 0},
    {"catatonit", "", "", 0},
    {"gosu*", "", "", 1},
    {"su-exec*", "", "", 1},
    {"setuidgid", "", "", 1},
    {"s6-setuidgid", "", "", 1},
    {"s6-envuidgid", "", "", 1},
    {"envuidgid", "", "", 1},
    {"chpst", "uUbe/nlLmdopfcrtC", "", 0},
    {"softlimit", "acdflmoprst", "", 0},
    {"prlimit", "", "", 0},
    {"cgexec", "g", "", 0},
    {"systemd-inhibit", "", " --what --who --why --mode ", 0},
    {"busybox", "", "", 0},
    {"sudo", "ugpCDhRTUrt",
     " --user --group --prompt --close-from --chdir --host --chroot --command-timeout --other-user "
     "--role --type ",
     0, Environment::kFresh},
    {"doas", "uC", "", 0, Environment::kFresh},
    {"pkexec", "", " --user ", 0, Environment::kFresh},
    {"systemd-run", "puEMHt", " --unit --property --uid --gid --setenv --machine --host --slice ",
     0, Environment::kFresh},
};

constexpr std::array<std::string_view, 4> kOfTheirOwn = {"su", "runuser", "ip",
                                                         "start-stop-daemon"};

const Wrapper* find_wrapper(std::string_view path) {
  for (const Wrapper& wrapper : kWrappers) {
    if (glob_matches(wrapper.name, base_name(path))) return &wrapper;
  }
  return nullptr;
}

WrapperCall split_at(const std::vector<std::string>& words, std::size_t at) {
  const auto middle = words.begin() + static_cast<std::ptrdiff_t>(std::min(at, words.size()));
  return {.program = {middle, words.end()}, .before = {words.begin(), middle}};
}

WrapperCall read_known(const Wrapper& wrapper, const std::vector<std::string>& words) {
  std::size_t i = 1;
  bool clears = wrapper.environment == Environment::kFresh;
  for (; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (word == "--") {
      ++i;
      break;
    }
    if (!word.starts_with('-') || word == "-") break;
    clears = clears || word == "--reset-env";
    if (word.starts_with("--")) {
      if (wrapper.names.find(' ' + word + ' ') != std::string_view::npos) ++i;
      continue;
    }
    // A value is the rest of the word, or else the next one.
    const std::size_t letter = word.find_first_of(wrapper.value, 1);
    if (letter == word.size() - 1) ++i;
  }
  i += wrapper.operands;
  if (i < words.size() && words[i] == "--") ++i;
  WrapperCall call = split_at(words, i);
  call.clears = clears;
  return call;
}

// `su [-] USER -c TEXT`, `runuser -u USER -- PROGRAM`.
WrapperCall read_su(const std::vector<std::string>& words) {
  WrapperCall call;
  bool names_user = false;
  bool clears = false;
  for (std::size_t i = 1; i < words.size(); ++i) {
    const std::string& word = words[i];
    clears = clears || word == "-" || word == "-l" || word == "--login";
    if (word == "-c" || word == "--command" || word == "--session-command") {
      if (i + 1 < words.size()) {
        call = split_at(words, i + 1);
        call.program.resize(1);
        call.is_text = true;
      }
      ++i;
    } else if (word == "-u" || word == "--user") {
      names_user = true;
      ++i;
    } else if (word == "-s" || word == "--shell" || word == "-g" || word == "-G" ||
               word == "--group" || word == "-w") {
      ++i;
    } else if (names_user && (word == "--" || !word.starts_with('-'))) {
      call = split_at(words, word == "--" ? i + 1 : i);
      break;
    }
  }
  call.clears = clears;
  return call;
}

WrapperCall read_start_stop_daemon(const std::vector<std::string>& words) {
  WrapperCall call{.before = words};
  std::string program;
  std::size_t arguments = words.size();
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i] == "--") {
      arguments = i + 1;
      break;
    }
    const bool names =
        words[i] == "--exec" || words[i] == "-x" || words[i] == "--startas" || words[i] == "-a";
    if (names && i + 1 < words.size()) program = words[i + 1];
  }
  if (program.empty()) return call;
  call.program = {program};
  call.program.insert(call.program.end(), words.begin() + static_cast<std::ptrdiff_t>(arguments),
                      words.end());
  return call;
}

}  // namespace

bool is_wrapper(std::string_view path) {
  return find_wrapper(path) != nullptr ||
         std::find(kOfTheirOwn.begin(), kOfTheirOwn.end(), base_name(path)) != kOfTheirOwn.end();
}

WrapperCall read_wrapper(const std::vector<std::string>& words) {
  const std::string_view name = base_name(words.front());
  if (name == "su" || name == "runuser") return read_su(words);
  if (name == "start-stop-daemon") return read_start_stop_daemon(words);
  if (name == "ip") {
    const bool enters = words.size() > 4 && words[1] == "netns" && words[2] == "exec";
    return enters ? split_at(words, 4) : WrapperCall{.before = words};
  }
  const Wrapper* wrapper = find_wrapper(name);
  return wrapper == nullptr ? WrapperCall{.before = words} : read_known(*wrapper, words);
}

}  // namespace sockopt
