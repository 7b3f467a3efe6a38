// SPDX-License-Identifier: MIT
#include "tools/sockopt/completion.h"

#include <fcntl.h>
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "shim/options/lookup.h"
#include "shim/zmq/policy.h"
#include "tools/inspect/process_tree.h"
#include "tools/inspect/read_small_file.h"
#include "tools/inspect/systemd_unit.h"
#include "tools/sockopt/policy/value_words.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/verbs.h"
#include "tools/systemd/unit_index.h"

namespace sockopt {
namespace {

class Candidates {
 public:
  explicit Candidates(std::string_view beginning) : beginning_(beginning) {}

  /// Those that begin otherwise are left out.
  void add(std::string_view word, std::string_view meaning = {}) {
    if (!word.starts_with(beginning_)) return;
    lines_ += word;
    if (!meaning.empty()) lines_ += fmt::format("\t{}", meaning);
    lines_ += '\n';
  }
  void leave_to_the_shell(std::string_view what) { lines_ += fmt::format(":{}\n", what); }

  std::string take() { return std::move(lines_); }

 private:
  std::string_view beginning_;
  std::string lines_;
};

void add_verbs(Candidates& candidates) {
  for (const Verb* verb : verbs()) candidates.add(verb->name, verb->summary);
}

void add_keys(Candidates& candidates, std::string_view suffix) {
  for (OptionId id = 0; id < kOptionCount; ++id) {
    candidates.add(fmt::format("{}{}", kOptions[id].key.view(), suffix), kManual[id].summary);
  }
}

void add_zmq_keys(Candidates& candidates, std::string_view suffix) {
  for (const zmq::Row& row : zmq::kRows) {
    candidates.add(fmt::format("{}{}{}", zmq::kKeyPrefix, row.option.key.view(), suffix),
                   row.manual.summary);
  }
}

void add_zmq_settings(Candidates& candidates, std::string_view begun) {
  const std::size_t equals = begun.find('=');
  if (equals == std::string_view::npos) return add_zmq_keys(candidates, "=");
  const std::string_view key = begun.substr(0, equals);
  if (!key.starts_with(zmq::kKeyPrefix)) return;
  const OptionId row = zmq::find_key(key.substr(zmq::kKeyPrefix.size()));
  if (row == zmq::kNoOption) return;
  for (const ValueWord& value : zmq_value_words(row)) {
    candidates.add(fmt::format("{}={}", key, value.word), value.meaning);
  }
}

void add_zmq_types(Candidates& candidates) {
  for (const auto& name : zmq::kTypeNames) candidates.add(name.view());
}

void add_settings(Candidates& candidates, std::string_view begun) {
  const std::size_t equals = begun.find('=');
  if (equals == std::string_view::npos) return add_keys(candidates, "=");
  const OptionId id = find_option(begun.substr(0, equals));
  if (id >= kOptionCount) return;
  for (const ValueWord& value : value_words(id)) {
    candidates.add(fmt::format("{}={}", kOptions[id].key.view(), value.word), value.meaning);
  }
}

void add_processes(Candidates& candidates) {
  std::set<std::string> names;
  for (const ProcessEntry& process : list_processes()) {
    // The kernel's own threads have no sockets.
    if (process.ended || process.pid == 2 || process.parent == 2) continue;
    names.insert(printable(process.name));
  }
  for (const std::string& name : names) candidates.add(name);
}

// Those that have a file and those that run: instances of a template have only the one or the
// other.
void add_units(Candidates& candidates) {
  std::set<std::string> names;
  for (std::string& name : UnitIndex(FileTree::host()).names()) names.insert(std::move(name));
  for (const ProcessEntry& process : list_processes()) {
    const auto cgroup = read_small_file(AT_FDCWD, fmt::format("/proc/{}/cgroup", process.pid));
    if (cgroup) names.insert(unit_of_cgroup(*cgroup));
  }
  for (const std::string& name : names) {
    const bool is_template = name.ends_with("@.service");
    if (name.ends_with(".service") && !is_template) candidates.add(printable(name));
  }
}

// `preload|bpf`
void add_words(Candidates& candidates, std::string_view words) {
  while (!words.empty()) {
    const std::size_t bar = std::min(words.find('|'), words.size());
    candidates.add(words.substr(0, bar));
    words.remove_prefix(std::min(bar + 1, words.size()));
  }
}

// `type` is what help calls the argument: in lower case, the words that it takes.
void add_values(Candidates& candidates, std::string_view type, std::string_view begun) {
  if (type == "KEY=VALUE") return add_settings(candidates, begun);
  if (type == "[zmq.]KEY=VALUE") {
    add_settings(candidates, begun);
    return add_zmq_settings(candidates, begun);
  }
  if (type == "[zmq.]KEY") {
    add_keys(candidates, "");
    return add_zmq_keys(candidates, "");
  }
  if (type == "TYPE") return add_zmq_types(candidates);
  if (type == "COMMAND") return add_verbs(candidates);
  if (type == "UNIT") return add_units(candidates);
  if (type == "PID|NAME") return add_processes(candidates);
  if (type == "FILE") return candidates.leave_to_the_shell("files");
  if (type == "DIR") return candidates.leave_to_the_shell("directories");
  if (type == "NAME") return candidates.leave_to_the_shell("programs");
  if (!type.empty() && type.front() >= 'a') add_words(candidates, type);
}

// The words of a verb, as far as the one that is being written.
struct Line {
  const Argument* awaiting = nullptr;  ///< the option whose value is the next word
  bool ended = false;                  ///< by `--`
  std::optional<std::size_t> program;  ///< where the words of another program begin
};

Line read_line(const Arguments& arguments, const std::vector<Argument>& all,
               const std::vector<std::string>& words) {
  Line line;
  for (std::size_t i = 1; i + 1 < words.size(); ++i) {
    const std::string& word = words[i];
    if (line.awaiting != nullptr) {
      line.awaiting = nullptr;
    } else if (word == "--") {
      line.ended = true;
      if (arguments.takes_program() || arguments.takes_program_after_dashes()) line.program = i + 1;
    } else if (word.starts_with('-')) {
      const auto named = std::find_if(all.begin(), all.end(),
                                      [&](const Argument& one) { return one.has_name(word); });
      if (named != all.end() && !named->value.empty()) line.awaiting = &*named;
    } else if (arguments.takes_program()) {
      line.program = i;
    }
    if (line.program) return line;
  }
  const bool begun_here = arguments.takes_program() && line.awaiting == nullptr;
  if (begun_here && !words.back().starts_with('-')) line.program = words.size() - 1;
  return line;
}

void complete(Candidates& candidates, const Arguments& arguments,
              const std::vector<std::string>& words) {
  const std::string& begun = words.back();
  const std::vector<Argument> all = arguments.all();
  const Line line = read_line(arguments, all, words);
  if (line.program) {
    return candidates.leave_to_the_shell(fmt::format("command {}", *line.program));
  }
  if (line.awaiting != nullptr) return add_values(candidates, line.awaiting->value, begun);
  const bool option = begun.starts_with('-') && !line.ended;
  for (const Argument& one : all) {
    if (option && !one.is_positional()) candidates.add(one.long_name(), one.meaning);
    if (!option && one.is_positional()) add_values(candidates, one.value, begun);
  }
}

}  // namespace

std::string completions(const std::vector<std::string>& words) {
  if (words.empty()) return {};
  Candidates candidates(words.back());
  if (words.size() == 1) {
    add_verbs(candidates);
    if (words.back().starts_with('-')) {
      candidates.add("--help", "list the commands");
      candidates.add("--version");
    }
  } else if (const Verb* verb = find_verb(words.front())) {
    Arguments arguments;
    const std::function<int()> act = verb->declare(arguments);
    complete(candidates, arguments, words);
  }
  return candidates.take();
}

}  // namespace sockopt
