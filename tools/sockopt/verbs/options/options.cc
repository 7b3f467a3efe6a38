// SPDX-License-Identifier: MIT
//
// `sockopt options`: the option table, as people and as programs read it.
#include <unistd.h>

#include <memory>
#include <numeric>

#include "shim/config/assignment.h"
#include "shim/options/lookup.h"
#include "shim/options/value.h"
#include "shim/zmq/policy.h"
#include "tools/sockopt/policy/option_words.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/report/terminal.h"
#include "tools/sockopt/report/text_table.h"
#include "tools/sockopt/verb.h"
#include "tools/sockopt/verbs/options/options_json.h"
#include "tools/sockopt/verbs/options/zmq_options.h"

namespace sockopt {
namespace {

constexpr std::string_view kRawNote =
    "Any other socket option: raw.LEVEL.NAME = INT or hex:BYTES, numbers as in setsockopt(2).";

std::string or_dash(std::string_view text) { return std::string(text.empty() ? "-" : text); }

int print_table() {
  TextTable table({{"KEY"},
                   {"VALUES", 1, 14},
                   {"DEFAULT", 2, 12},
                   {"APPLIED AT", 3},
                   {"INHERITED", 4},
                   {"MPTCP", 5},
                   {"PRIVILEGE", 6, 13},
                   {"SINCE", 7},
                   {"SUMMARY"}});
  Group group = Group::kRaw;
  for (OptionId id = 0; id < kOptionCount; ++id) {
    const Option option = kOptions[id];
    if (option.group != group) table.add_heading(std::string(group_name(option.group)));
    group = option.group;
    table.add({std::string(option.key.view()), range_text(option), std::string(kManual[id].initial),
               joined(moment_words(option)), std::string(inheritance_word(option.inheritance)),
               std::string(mptcp_word(option.mptcp)), or_dash(privilege_word(option.privilege)),
               std::string(option.since.view()), std::string(kManual[id].summary)});
  }
  Output out;
  const std::optional<std::size_t> width = terminal_width(STDOUT_FILENO);
  table.print(out, Style::of(STDOUT_FILENO), width);
  out.write("\n");
  print_zmq_table(out, Style::of(STDOUT_FILENO), width);
  out.write("\n");
  for (const std::string& line :
       width ? wrap_text(std::string(kRawNote), *width) : std::vector{std::string(kRawNote)}) {
    out.print("{}\n", line);
  }
  if (width) out.write("`sockopt options KEY` explains one.\n");
  return out.finish(kDone);
}

std::string inheritance_sentence(Inheritance inheritance) {
  constexpr std::string_view kWords[] = {
      "yes: accepted sockets have their listener's value", "acts on the listener itself",
      "no: set on each accepted socket, one system call per connection",
      "acts on connecting sockets only"};
  static_assert(std::size(kWords) == static_cast<std::size_t>(Inheritance::kClient) + 1);
  return std::string(kWords[static_cast<std::size_t>(inheritance)]);
}

std::string read_back_sentence(ReadBack read_back) {
  constexpr std::string_view kWords[] = {"as it was set",
                                         "doubled, within the kernel's bounds",
                                         "rounded to the kernel's granularity",
                                         "once connected, the segment size that was negotiated",
                                         "cut to the kernel's limit",
                                         "without the two ECN bits, which the kernel keeps",
                                         "unpredictable: the kernel changes it by itself",
                                         "not at all: getsockopt does not know it"};
  static_assert(std::size(kWords) == static_cast<std::size_t>(ReadBack::kNever) + 1);
  return std::string(kWords[static_cast<std::size_t>(read_back)]);
}

std::string mptcp_sentence(Mptcp mptcp) {
  constexpr std::string_view kWords[] = {
      "yes", "yes, but plain TCP clients of an MPTCP listener do not inherit it", "no"};
  static_assert(std::size(kWords) == static_cast<std::size_t>(Mptcp::kRefused) + 1);
  return std::string(kWords[static_cast<std::size_t>(mptcp)]);
}

std::string kernel_names(const Option& option) {
  std::string text;
  const auto add = [&](const KernelName& name, std::string_view family) {
    if (!name.exists()) return;
    if (!text.empty()) text += ", ";
    text += fmt::format("{}/{}{}", name.level, name.name, family);
  };
  add(option.ipv4, option.ipv6.exists() ? " (IPv4)" : "");
  add(option.ipv6, " (IPv6)");
  return or_dash(text);
}

void print_option(Output& out, const Style& style, OptionId id) {
  const Option& option = kOptions[id];
  const Manual& manual = kManual[id];
  const auto line = [&](std::string_view name, std::string_view text) {
    out.print("  {:<12}{}\n", name, text);
  };
  out.print("{} ({}): {}\n", style.bold(option.key), manual.constant, manual.summary);
  line("values", range_text(option));
  line("default", manual.initial);
  line("example", fmt::format("{} = {}", option.key.view(), manual.example));
  line("variable", variable_text(option));
  line("level/name", kernel_names(option));
  line("applied at", joined(moment_words(option)));
  line("inherited", inheritance_sentence(option.inheritance));
  line("reads back", read_back_sentence(option.read_back));
  line("MPTCP", mptcp_sentence(option.mptcp));
  line("privilege", or_dash(privilege_word(option.privilege)));
  line("since", fmt::format("Linux {}", option.since.view()));
}

int print_options(const std::vector<OptionId>& options, const std::vector<OptionId>& of_zmq) {
  Output out;
  const Style style = Style::of(STDOUT_FILENO);
  for (const OptionId id : options) {
    if (id != options.front()) out.write("\n");
    print_option(out, style, id);
  }
  for (const OptionId row : of_zmq) {
    if (!out.text().empty()) out.write("\n");
    print_zmq_option(out, style, row);
  }
  return out.finish(kDone);
}

std::vector<OptionId> find_options(const std::vector<std::string>& keys) {
  std::vector<OptionId> options;
  const auto scratch = std::make_unique<Policy>();
  for (const std::string& key : keys) {
    TextOf<256> error;
    const OptionId id = resolve_key(*scratch, key, error);
    if (id == kNoOption) throw UsageError(std::string(error.view()));
    if (id >= kOptionCount) {
      const KernelName& name = scratch->option(id).ipv4;
      throw UsageError(
          fmt::format("`{}` is the option of level {} and name {}: it can be set, but nothing more "
                      "is known about it; see sockopt.ini(5), Anything else",
                      key, name.level, name.name));
    }
    options.push_back(id);
  }
  return options;
}

std::function<int()> declare(Arguments& arguments) {
  struct Given {
    std::vector<std::string> keys;
    bool json = false;
  };
  const auto given = std::make_shared<Given>();
  arguments.positional("[zmq.]KEY", given->keys, "Only these, in full detail");
  arguments.flag("--json", given->json, "As JSON, schema sockopt.options/1");
  return [given] {
    std::vector<OptionId> of_zmq;
    std::erase_if(given->keys, [&](const std::string& key) {
      if (!key.starts_with(zmq::kKeyPrefix)) return false;
      of_zmq.push_back(find_zmq_row(key));
      return true;
    });
    std::vector<OptionId> options = find_options(given->keys);
    if (given->json) {
      if (options.empty() && of_zmq.empty()) {
        options.resize(kOptionCount);
        std::iota(options.begin(), options.end(), OptionId{0});
        of_zmq.resize(zmq::kOptionCount);
        std::iota(of_zmq.begin(), of_zmq.end(), OptionId{0});
      }
      Output out;
      out.write(options_json(options, of_zmq));
      return out.finish(kDone);
    }
    return options.empty() && of_zmq.empty() ? print_table() : print_options(options, of_zmq);
  };
}

constexpr Example kExamples[] = {
    {"sockopt options", "all options; on a terminal, as many columns as fit"},
    {"sockopt options keepidle user_timeout", "all about these two"},
    {"sockopt options --json | jq -r '.options[].constant'", "for programs"},
};

}  // namespace

constinit const Verb kOptionsVerb = {
    .name = "options",
    .effect = Effect::kReads,
    .summary = "list the options: values, defaults, when each is applied",
    .usage = "[--json] [KEY...]",
    .description =
        "Lists the options that a configuration can set: what each takes, what a socket\n"
        "has without it, at which call it is applied, and what accepted sockets inherit.",
    .examples = kExamples,
    .declare = declare,
};

}  // namespace sockopt
