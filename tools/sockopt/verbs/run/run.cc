// SPDX-License-Identifier: MIT
//
// `sockopt run`: checks the configuration that the program will read, strictly and with the
// library's own code; says what will not work; and then becomes the program.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

#include "shim/config/environment.h"
#include "tools/inspect/host.h"
#include "tools/sockopt/diagnosis/from_outside.h"
#include "tools/sockopt/diagnosis/load_problems.h"
#include "tools/sockopt/diagnosis/rule_findings.h"
#include "tools/sockopt/diagnosis/section_scope.h"
#include "tools/sockopt/diagnosis/start_findings.h"
#include "tools/sockopt/diagnosis/warnings.h"
#include "tools/sockopt/diagnosis/zmq_warnings.h"
#include "tools/sockopt/launch/executed_files.h"
#include "tools/sockopt/launch/library.h"
#include "tools/sockopt/launch/loader_cache.h"
#include "tools/sockopt/launch/sanitizer.h"
#include "tools/sockopt/launch/start_line.h"
#include "tools/sockopt/policy/configuration_file.h"
#include "tools/sockopt/policy/zmq_policy.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/verb.h"
#include "tools/sockopt/verbs/policy_arguments.h"

namespace sockopt {
namespace {

struct Given {
  PolicySources sources;
  std::vector<std::string> command;
};

void warn_if_idle(const EffectivePolicy& effective, bool disabled) {
  if (disabled) {
    warn("SOCKOPT_DISABLE is set", "the program runs without options");
  } else if (effective.policy().empty() && effective.zmq().empty()) {
    warn("no settings", "no file, no -o and no SOCKOPT_ variable sets an option");
  }
}

// As `check` does, of what is for this program.
void warn_of_harm(const EffectivePolicy& effective, const std::string& name) {
  const Policy& policy = effective.policy();
  const auto named = name_program(name);
  Findings harm = find_warnings(policy, read_host(), &named->program);
  append(harm, find_zmq_warnings(effective.zmq(), &named->program));
  const SectionScope scope(policy, named->program);
  for (Finding& finding : find_rule_findings(policy, effective.zmq())) {
    const auto text = read_configuration_file(finding.place.file, Reading::kInForce);
    const auto* file = std::get_if<ConfigurationFile>(&text);
    if (file != nullptr && scope.concerns(finding.place.file, file->text, finding.place.line)) {
      harm.push_back(std::move(finding));
    }
  }
  for (const Finding& finding : harm) {
    if (finding.level == Level::kWarning) warn(finding.place.text(), finding.sentence());
  }
}

// Of what the command line comes to: that a wrapper before it is static does no harm.
void warn_of_load_problems(const StartLine& line, const ExecutedFiles& files,
                           const std::string& library, const std::string& attach) {
  const ElfMachines machines = library_machines(FileTree::host(), library);
  if (machines.empty()) return;
  for (const std::string& executable : files.binaries) {
    const auto why = find_load_problem(executable, machines);
    if (!why) continue;
    if (may_start_another(line)) {
      warn(executable, "gets no options itself, what it starts can: " + why->what);
    } else {
      warn(executable, "runs without options: " +
                           (attach.empty() ? why->sentence()
                                           : fmt::format("{}; to reach it from outside, before it "
                                                         "starts: {}",
                                                         why->what, attach)));
    }
  }
}

// What the command line comes to, by all the names that rules may have for it.
struct Started {
  std::unique_ptr<ProcessProgram> program;
  std::unique_ptr<Program> script;  // a shell script on the way; null where there is none
};

Started names_of(const StartLine& line, const ExecutedFiles& files, const Given& given) {
  const std::vector<std::string>& last = line.words.empty() ? given.command : line.words;
  Started started = {name_program(FileTree::host(), last, files), nullptr};
  if (!line.script.empty()) {
    started.script = std::make_unique<Program>();
    started.script->set(line.script, line.script, {});
  }
  return started;
}

// As `doctor` does of a program that no setting is for, or a script whose program none is for.
void warn_of_other_programs(const Policy& policy, const StartLine& line, const Started& started,
                            const Given& given) {
  for (Finding& one : examine_rules_for(policy, started.program->program, started.script.get())) {
    if (one.level != Level::kWarning) continue;
    if (may_start_another(line)) one.what += "; what it starts can have options";
    warn(given.command.front(), one.sentence());
  }
}

// Where the program is linked with libzmq, or has settings of ZeroMQ's, or may start one that has.
void preload_zmq(EffectivePolicy& effective, const ExecutedFiles& files, const StartLine& line,
                 const Started& started) {
  const zmq::Policy& policy = effective.zmq();
  const bool is_linked =
      std::any_of(files.binaries.begin(), files.binaries.end(), [](const std::string& path) {
        const std::optional<ElfFile> elf = read_elf_file(path);
        return elf && !elf->needed_like("libzmq").empty();
      });
  const bool starts_another = !line.unknown.empty() || may_start_another(line);
  const bool is_set = concerns_zmq_of(policy, started.program->program) ||
                      (started.script != nullptr && concerns_zmq_of(policy, *started.script)) ||
                      (starts_another && zmq_settings_in_force(policy) != 0);
  if (!is_linked && !is_set) return;
  const std::string library = find_zmq_library();
  if (!library.empty()) {
    return effective.environment().preload(preload_word(FileTree::host(), library, files.binaries));
  }
  if (is_set) warn("libsockopt-zmq.so", "not found: ZeroMQ's options are not set");
}

// A sanitizer's runtime insists on the first place; everything else is behind the library.
void preload(LaunchEnvironment& environment, const std::string& library,
             const ExecutedFiles& files) {
  environment.preload(preload_word(FileTree::host(), library, files.binaries));
  const std::string runtime = sanitizer_runtime(files.binaries);
  if (!runtime.empty()) {
    warn(files.path, fmt::format("is built with a sanitizer: {} goes before the library in "
                                 "LD_PRELOAD, also for the programs that it starts",
                                 runtime));
  }
  environment.set("LD_PRELOAD",
                  with_runtime_first(runtime, get_variable(environment.pointers(), "LD_PRELOAD")));
}

int cannot_start(const std::string& name, const ExecutedFiles& files, int error) {
  if (error != ENOENT) {
    // To execute one is EACCES, and all rights would not help.
    std::error_code none;
    const bool directory =
        name.find('/') != std::string::npos && std::filesystem::is_directory(name, none);
    complain(name, directory ? "is a directory" : std::strerror(error));
    return kNotExecutable;
  }
  if (files.path.empty()) {
    complain(name, name.find('/') == std::string::npos ? "not found in PATH" : "not found");
  } else if (!files.missing.empty()) {
    complain(name, fmt::format("its interpreter {} is not found", files.missing));
  } else {
    complain(name, "its dynamic loader is not found");
  }
  return kNotFound;
}

int run(const Given& given) {
  const std::string library = find_library();
  EffectivePolicy effective(given.sources);
  print_faults(effective);
  if (!effective.faults().empty()) {
    hint("sockopt: nothing was started");
    return kNotStarted;
  }
  const bool disabled = is_disabled(effective.environment().pointers(), {});
  warn_if_idle(effective, disabled);
  const std::string& name = given.command.front();
  warn_of_harm(effective, name);
  const ExecutedFiles files = find_executed_files(name);
  const StartLine line = follow_start_line(given.command, library, effective.variables());
  if (line.loss) {
    warn(line.loss->what,
         fmt::format("the program {} without options; {}",
                     line.loss->is_certain ? "runs" : "may run", line.loss->fix_text()));
  }
  ExecutedFiles last = files;
  if (!line.words.empty()) last = find_executed_files(line.words.front());
  const Started started = names_of(line, last, given);
  if (line.unknown.empty()) {
    warn_of_load_problems(line, last, library,
                          attach_command(effective, given.sources, own_attach_target()));
    if (!disabled && !concerns_zmq_of(effective.zmq(), started.program->program)) {
      warn_of_other_programs(effective.policy(), line, started, given);
    }
  }

  std::vector<char*> argv;
  for (const std::string& word : given.command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  preload_zmq(effective, last, line, started);
  preload(effective.environment(), library, line.unknown.empty() ? last : files);
  ::execvpe(name.c_str(), argv.data(),
            const_cast<char* const*>(effective.environment().pointers()));
  return cannot_start(name, files, errno);
}

std::function<int()> declare(Arguments& arguments) {
  const auto given = std::make_shared<Given>();
  declare_policy_sources(arguments, given->sources);
  arguments.program(given->command);
  return [given] { return run(*given); };
}

constexpr Example kExamples[] = {
    {"sockopt run nginx -g 'daemon off;'", "with the configuration in force"},
    {"sockopt run -o keepalive=on -o keepidle=60s -- redis-server --port 6380",
     "with two settings; everything after the program's name is passed to it"},
    {"sockopt run -c ./sockopt.ini -o log=debug ./server",
     "with your own file; the library logs what it sets"},
};

}  // namespace

constinit const Verb kRunVerb = {
    .name = "run",
    .effect = Effect::kStarts,
    .summary = "start a program with options on its TCP sockets",
    .usage =
        "[-c FILE] [-o KEY=VALUE]... [--enforce] [--] PROGRAM\n"
        "                   [ARGUMENT...]",
    .description =
        "Checks the configuration, says what will not work, and becomes the program, with "
        "the\nlibrary in LD_PRELOAD. Exits with the program's own status; with 125 if nothing "
        "was\nstarted, 126 if the program cannot be executed, 127 if it is not found.",
    .examples = kExamples,
    .usage_status = kNotStarted,
    .declare = declare,
};

}  // namespace sockopt
