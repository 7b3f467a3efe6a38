// SPDX-License-Identifier: MIT
#include "tools/sockopt/launch/wrappers.h"

#include <algorithm>
#include <array>
#include <utility>

#include "shim/policy/glob.h"
#include "shim/text/text.h"
#include "tools/sockopt/launch/shell_text.h"

namespace sockopt {
namespace {

enum class Environment { kHandedOn, kFresh, kReplaced };

struct Wrapper {
  std::string_view name;   ///< a glob
  std::string_view value;  ///< letters of options whose value may be the next word
  std::string_view names;  ///< the same of long ones, between spaces
  std::size_t operands;    ///< words of its own in front of the program
  Environment environment = Environment::kHandedOn;
  bool takes_text = false;  ///< `-c TEXT` in place of a program is for a shell
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
    {"flock", "wE", " --timeout --wait --conflict-exit-code ", 1, Environment::kHandedOn, true},
    {"sg", "", "", 1, Environment::kHandedOn, true},
    {"daemonize", "eocplLuE", "", 0},
    {"dbus-run-session", "", " --config-file --dbus-daemon ", 0},
    {"proxychains*", "f", "", 0},
    {"ld-linux*", "",
     " --library-path --preload --audit --argv0 --inhibit-rpath --glibc-hwcaps-prepend "
     "--glibc-hwcaps-mask ",
     0},
    {"ld-musl-*", "", " --library-path --preload --argv0 ", 0},
    {"mptcpize", "", "", 1, Environment::kReplaced},
    {"tini*", "pe", "", 0},
    {"docker-init", "pe", "", 0},
    {"dumb-init*", "r", " --rewrite ", 0},
    {"catatonit", "", "", 0},
    {"gosu*", "", "", 1},
    {"su-exec*", "", "", 1},
    {"setuidgid", "", "", 1},
    {"s6-setuidgid", "", "", 1},
    {"s6-envuidgid", "", "", 1},
    {"s6-envdir", "", "", 1},
    {"s6-setlock", "dt", "", 1},
    {"envdir", "", "", 1},
    {"setlock", "", "", 1},
    {"pgrphack", "", "", 0},
    {"envuidgid", "", "", 1},
    {"chpst", "uUbe/nlLmdopfcrtC", "", 0},
    {"softlimit", "acdflmoprst", "", 0},
    {"prlimit", "", "", 0},
    {"cgexec", "g", "", 0},
    {"systemd-inhibit", "", " --what --who --why --mode ", 0},
    {"busybox", "", "", 0},
    {"strace", "eosuEaOSIPbXU", "", 0},
    {"ltrace", "eosuaAnpwxlF", "", 0},
    {"valgrind", "", "", 0},
    {"sudo", "ugpCDhRTUrt",
     " --user --group --prompt --close-from --chdir --host --chroot --command-timeout --other-user "
     "--role --type ",
     0, Environment::kFresh},
    {"doas", "uC", "", 0, Environment::kFresh},
    {"pkexec", "", " --user ", 0, Environment::kFresh},
    {"systemd-run", "puEMH",
     " --unit --property --uid --gid --setenv --machine --host --slice --description "
     "--service-type --nice --working-directory --on-active --on-boot --on-calendar "
     "--timer-property --path-property --socket-property ",
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

// `sudo A=1 PROGRAM`.
bool is_own_assignment(const Wrapper& wrapper, std::string_view word) {
  return wrapper.name == "sudo" && is_assignment(word);
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
    clears = clears || word == "--reset-env" || (wrapper.name == "nsenter" && word == "--env");
    if (word.starts_with("--")) {
      if (wrapper.names.find(' ' + word + ' ') != std::string_view::npos) ++i;
      continue;
    }
    // A value is the rest of the word, or else the next one.
    const std::size_t letter = word.find_first_of(wrapper.value, 1);
    if (letter == word.size() - 1) ++i;
  }
  i += wrapper.operands;
  while (i < words.size() && (words[i] == "--" || is_own_assignment(wrapper, words[i]))) ++i;
  WrapperCall call = split_at(words, i);
  call.clears = clears;
  if (wrapper.environment == Environment::kReplaced) {
    call.replaces = "leave it out, and set `mptcp = on`, which does the same";
    while (!call.program.empty() && call.program.front().starts_with('-')) {
      call.program.erase(call.program.begin());
    }
  }
  const bool is_text = wrapper.takes_text && call.program.size() > 1 &&
                       (call.program[0] == "-c" || call.program[0] == "--command");
  if (is_text) {
    call.program = {call.program[1]};
    call.is_text = true;
  }
  return call;
}

// `su [-] USER -c TEXT`, `su -lc TEXT`, `runuser -u USER -- PROGRAM`.
class SuReader {
 public:
  explicit SuReader(const std::vector<std::string>& words) : words_(words) {}

  WrapperCall read() {
    for (at_ = 1; at_ < words_.size() && !is_done_; ++at_) {
      const std::string& word = words_[at_];
      if (word == "-") {
        logs_in_ = true;
      } else if (word == "--" || !word.starts_with('-')) {
        // The user, and the arguments of his shell; or what is run as whom -u names.
        if (names_user_) call_ = split_at(words_, word == "--" ? at_ + 1 : at_);
        is_done_ = names_user_;
      } else if (word.starts_with("--")) {
        const std::size_t equals = std::min(word.find('='), word.size());
        read_long(word.substr(2, equals - 2), equals + 1);
      } else {
        read_letters(word);
      }
    }
    call_.clears = logs_in_ && !keeps_preload_;
    return std::move(call_);
  }

 private:
  // The rest of the word from there, or else the next one.
  std::string value(std::size_t from) {
    if (from <= words_[at_].size() && from != 0) return words_[at_].substr(from);
    return ++at_ < words_.size() ? words_[at_] : std::string();
  }
  void read_long(const std::string& name, std::size_t from) {
    if (name == "login") logs_in_ = true;
    if (name == "command" || name == "session-command") take_text(value(from));
    if (name == "user") names_user_ = !value(from).empty();
    if (name == "whitelist-environment") take_list(value(from));
    if (name == "shell" || name == "group" || name == "supp-group") value(from);
  }
  void read_letters(const std::string& word) {
    for (std::size_t i = 1; i < word.size(); ++i) {
      const std::size_t from = i + 1 < word.size() ? i + 1 : 0;
      if (word[i] == 'l') logs_in_ = true;
      if (word[i] == 'c') return take_text(value(from));
      if (word[i] == 'w') return take_list(value(from));
      if (word[i] == 'u') names_user_ = true;
      if (std::string_view("usgGT").find(word[i]) != std::string_view::npos) {
        value(from);
        return;
      }
    }
  }
  void take_text(std::string text) {
    call_.before = {words_.begin(), words_.end()};
    call_.program = {std::move(text)};
    call_.is_text = true;
  }
  void take_list(const std::string& names) {
    keeps_preload_ = (',' + names + ',').find(",LD_PRELOAD,") != std::string::npos;
  }

  const std::vector<std::string>& words_;
  std::size_t at_ = 1;
  WrapperCall call_;
  bool is_done_ = false;
  bool names_user_ = false;
  bool logs_in_ = false;
  bool keeps_preload_ = false;
};

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
  if (name == "su" || name == "runuser") return SuReader(words).read();
  if (name == "start-stop-daemon") return read_start_stop_daemon(words);
  if (name == "ip") {
    const auto exec = std::find(words.begin(), words.end(), "exec");
    const auto at = static_cast<std::size_t>(exec - words.begin());
    const bool enters =
        exec != words.end() && at > 1 && (words[at - 1] == "netns" || words[at - 1] == "vrf");
    return enters ? split_at(words, at + 2) : WrapperCall{.before = words};
  }
  const Wrapper* wrapper = find_wrapper(name);
  return wrapper == nullptr ? WrapperCall{.before = words} : read_known(*wrapper, words);
}

}  // namespace sockopt
