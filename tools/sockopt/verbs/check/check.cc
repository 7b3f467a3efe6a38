// SPDX-License-Identifier: MIT
//
// `sockopt check`: reads configuration files as the library does, and strictly: every line that the
// library would pass over is an error, and what is allowed but hurts is a warning.
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <memory>

#include "shim/config/reader.h"
#include "shim/zmq/reader.h"
#include "tools/inspect/host.h"
#include "tools/sockopt/bpf/engine_outlook.h"
#include "tools/sockopt/diagnosis/rule_findings.h"
#include "tools/sockopt/diagnosis/section_scope.h"
#include "tools/sockopt/diagnosis/wanted.h"
#include "tools/sockopt/diagnosis/warnings.h"
#include "tools/sockopt/diagnosis/zmq_warnings.h"
#include "tools/sockopt/launch/executed_files.h"
#include "tools/sockopt/policy/configuration_file.h"
#include "tools/sockopt/policy/fault_sink.h"
#include "tools/sockopt/policy/program_names.h"
#include "tools/sockopt/policy/zmq_policy.h"
#include "tools/sockopt/report/finding_text.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/verb.h"
#include "tools/sockopt/verbs/check/acting_user.h"
#include "tools/sockopt/verbs/check/check_json.h"
#include "tools/sockopt/verbs/policy_arguments.h"

namespace sockopt {
namespace {

std::string counted_or_no(std::size_t count, std::string_view noun) {
  return count == 0 ? fmt::format("no {}s", noun) : counted(count, noun);
}

// `key = value` of a line, without the comment behind it.
std::uint32_t length_of_entry(std::string_view line) {
  for (std::size_t i = 1; i < line.size(); ++i) {
    if ((line[i] == ';' || line[i] == '#') && is_space(line[i - 1])) line = slice(line, 0, i);
  }
  return static_cast<std::uint32_t>(trim(line).size());
}

// A file as it stands, for the lines that are shown of it.
struct Source {
  Source(std::string name, ConfigurationFile read)
      : path(std::move(name)), file(std::move(read)), lines(file.text) {}

  std::string path;
  ConfigurationFile file;
  SourceLines lines;
};

// One configuration: files that are read one after the other into the same policy.
class Configuration {
 public:
  void read(const std::string& given, Reading reading) {
    auto read = read_configuration_file(given, reading);
    const bool is_input = reading == Reading::kNamed && given == "-";
    const std::string path = is_input ? std::string(kStandardInput) : given;
    if (const auto* reason = std::get_if<std::string>(&read)) {
      complain(path, *reason);
      unreadable_.push_back(Finding::error("config", *reason));
      unreadable_.back().place.file = path;
      return;
    }
    const Source& source = sources_.emplace_back(path, std::get<ConfigurationFile>(read));
    read_configuration(source.file.text, path, *policy_, fault_sink(findings_));
    zmq::read_configuration(source.file.text, path, *zmq_, fault_sink(findings_),
                            zmq::SharedFaults::kLeftToOthers);
    if (!source.file.refusal.empty()) {
      findings_.push_back(Finding::error(
          "config", fmt::format("the library does not read it: it {}", source.file.refusal)));
      findings_.back().place.file = path;
    }
  }

  // What stands in rules for other programs is only noted.
  void narrow_to(const Program& program) {
    const SectionScope scope(*policy_, program);
    for (Finding& finding : findings_) {
      if (finding.place.line == 0 || finding.level >= Level::kNote) continue;
      scope.demote(finding, source_of(finding).file.text, Level::kNote);
    }
    if (sources_.empty() || !is_for_others(program)) return;
    Finding nobody = Finding::note("program", why_not_meant(*policy_, program));
    nobody.place.file = sources_.front().path;
    findings_.insert(findings_.begin(), std::move(nobody));
  }

  void look_for_harm(const Host& host, Engine engine) {
    Findings harm = find_warnings(*policy_, host);
    append(harm, find_rule_findings(*policy_, *zmq_));
    append(harm, find_zmq_warnings(*zmq_));
    if (engine == Engine::kBpf) append(harm, engine_limits(*policy_, KernelVersion::running()));
    for (Finding& finding : harm) {
      finding.place.column = 1;
      finding.place.length = length_of_entry(source_of(finding).lines.line(finding.place.line));
    }
    append(findings_, std::move(harm));
    // What is about the whole file comes first.
    std::stable_sort(findings_.begin(), findings_.end(), [](const Finding& a, const Finding& b) {
      return a.place.line < b.place.line;
    });
  }

  void print(Output& out, const Style& style) const {
    for (std::size_t i = 0; i < sources_.size(); ++i) print(i, out, style);
  }

  void report(Checked& checked) const {
    for (const Finding& finding : unreadable_) {
      checked.files.push_back({finding.place.file, std::nullopt});
      checked.findings.push_back(finding);
    }
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      checked.files.push_back({sources_[i].path, settings_in(i)});
      for (const Finding& finding : findings_) {
        if (finding.place.file == sources_[i].path) checked.findings.push_back(finding);
      }
    }
  }

  int status(bool strict) const {
    if (!unreadable_.empty()) return kUsage;
    const bool faulty =
        count(findings_, Level::kError) != 0 || (strict && count(findings_, Level::kWarning) != 0);
    return faulty ? kFault : kDone;
  }

 private:
  // Whether there are rules for programs, and none is for this one.
  bool is_for_others(const Program& program) const {
    bool names_some = false;
    for (std::size_t i = 0; i < policy_->rule_count(); ++i) {
      const Rule& rule = policy_->rule(i);
      if (rule.programs.count == 0) continue;
      names_some = true;
      // What one with an error meant is not known.
      if (rule.is_void() || policy_->matches_program(rule, program)) return false;
    }
    return names_some;
  }

  const Source& source_of(const Finding& finding) const {
    return *std::find_if(sources_.begin(), sources_.end(),
                         [&](const Source& one) { return one.path == finding.place.file; });
  }

  std::size_t settings_in(std::size_t file) const {
    const auto is_of_file = [&](const Rule& rule) { return rule.file == file; };
    return settings_in_force(*policy_, is_of_file) + zmq_settings_in_force(*zmq_, is_of_file);
  }

  void print(std::size_t file, Output& out, const Style& style) const {
    const Source& source = sources_[file];
    std::size_t errors = 0;
    std::size_t warnings = 0;
    for (const Finding& finding : findings_) {
      if (finding.place.file != source.path) continue;
      if (finding.level == Level::kError) ++errors;
      if (finding.level == Level::kWarning) ++warnings;
      print_in_source(out, style, source.lines, finding);
    }
    out.print("{}: {}, {}", printable(source.path), counted_or_no(settings_in(file), "setting"),
              counted_or_no(errors, "error"));
    if (warnings != 0) out.print(", {}", counted(warnings, "warning"));
    out.write("\n");
  }

  std::unique_ptr<Policy> policy_ = std::make_unique<Policy>();
  std::unique_ptr<zmq::Policy> zmq_ = std::make_unique<zmq::Policy>();
  std::deque<Source> sources_;  // in the order of the policy's files; they never move
  Findings findings_;
  Findings unreadable_;  // files, and why
};

struct Given {
  std::vector<std::string> files;
  std::string program;
  std::string user;
  std::string engine;
  bool strict = false;
  bool json = false;
};

// What is named stands for itself each; what is in force works together. Returns why nothing is
// read, where that is so.
std::string read_all(const Given& given, std::deque<Configuration>& configurations) {
  const ActingUser user(given.user);
  for (const std::string& file : given.files) {
    configurations.emplace_back().read(file, Reading::kNamed);
  }
  if (!given.files.empty()) return {};
  std::string fault;
  const std::vector<std::string> files = configuration_in_force(fault);
  if (!files.empty()) configurations.emplace_back();
  for (const std::string& file : files) configurations.back().read(file, Reading::kInForce);
  return fault;
}

std::function<int()> declare(Arguments& arguments) {
  const auto given = std::make_shared<Given>();
  arguments.positional("FILE", given->files,
                       "Default: what the library reads: SOCKOPT_CONFIG, "
                       "else " SOCKOPT_DEFAULT_CONFIG " and " SOCKOPT_DEFAULT_DIRECTORY "/*.ini");
  arguments.option("--program", "NAME", given->program,
                   "Only note what is wrong in rules for other programs");
  arguments.option("--user", "USER", given->user,
                   "Read the files as this user, as a library in a service does");
  declare_engine(arguments, given->engine,
                 "bpf: also what `attach` would not set; default: preload");
  arguments.flag("--strict", given->strict, "Exit with 1 for warnings too");
  arguments.flag("--json", given->json, "As JSON, schema sockopt.check/2");
  return [given] {
    const Engine engine = engine_of(given->engine);
    std::deque<Configuration> configurations;
    if (const std::string fault = read_all(*given, configurations); !fault.empty()) {
      throw UsageError(fault);
    }

    Output out;
    if (configurations.empty() && !given->json) {
      out.write("nothing is configured: no " SOCKOPT_DEFAULT_CONFIG
                ", no file in " SOCKOPT_DEFAULT_DIRECTORY "\n");
    }
    if (const auto absence = engine_absence(); engine == Engine::kBpf && absence) {
      warn("check", absence->sentence());
    }
    const auto named = name_program(given->program);
    const Host host = read_host();
    Checked checked;
    int status = kDone;
    for (Configuration& configuration : configurations) {
      configuration.look_for_harm(host, engine);
      if (engine == Engine::kBpf) keep_executable(named->program);
      if (!given->program.empty()) configuration.narrow_to(named->program);
      if (given->json) {
        configuration.report(checked);
      } else {
        configuration.print(out, Style::of(STDOUT_FILENO));
      }
      status = std::max(status, configuration.status(given->strict));
    }
    if (given->json) out.write(check_json(checked));
    return out.finish(status);
  };
}

constexpr Example kExamples[] = {
    {"sockopt check", "the configuration in force"},
    {"sockopt check ./sockopt.ini", "a file before it is installed"},
    {"sockopt check - <./sockopt.ini", "standard input"},
    {"sockopt check --strict /etc/sockopt.ini || exit", "in a script: warnings count as well"},
};

}  // namespace

constinit const Verb kCheckVerb = {
    .name = "check",
    .effect = Effect::kReads,
    .summary = "check a configuration file for errors and harmful settings",
    .usage =
        "[--program NAME] [--user USER] [--engine preload|bpf]\n"
        "                     [--strict] [--json] [FILE...]",
    .description =
        "Reads configuration files strictly, shows each error with its line, and\n"
        "warns of settings that are valid but harmful. Exits with 0 if there is no error,\n"
        "or nothing is configured; with 1 if there is one, with 2 if a file cannot be read.",
    .examples = kExamples,
    .declare = declare,
};

}  // namespace sockopt
