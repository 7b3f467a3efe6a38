// SPDX-License-Identifier: MIT
#include "tools/sockopt/verbs/options/zmq_options.h"

#include <fmt/format.h>

#include <memory>

#include "shim/zmq/assignment.h"
#include "tools/sockopt/policy/zmq_policy.h"
#include "tools/sockopt/report/text_table.h"
#include "tools/sockopt/verb.h"

namespace sockopt {
namespace {

std::string zmq_types_text(zmq::TypeSet types) {
  if (types == zmq::kAllTypes) return "all";
  std::string words;
  for (std::size_t i = 0; i < zmq::kTypeCount; ++i) {
    if ((types & zmq::type_bit(i)) == 0) continue;
    words.append(words.empty() ? "" : ", ").append(zmq::kTypeNames[i].view());
  }
  return words;
}

}  // namespace

void print_zmq_table(Output& out, const Style& style, std::optional<std::size_t> width) {
  TextTable table({{"ZEROMQ"},
                   {"VALUES", 1, 14},
                   {"DEFAULT", 2, 12},
                   {"SOCKETS", 3},
                   {"SINCE", 4},
                   {"SUMMARY"}});
  for (OptionId row = 0; row < zmq::kOptionCount; ++row) {
    const zmq::Row& option = zmq::kRows[row];
    table.add({fmt::format("{}{}", zmq::kKeyPrefix, option.option.key.view()), zmq_range_text(row),
               std::string(option.manual.initial), zmq_types_text(option.types),
               std::string(option.option.since.view()), std::string(option.manual.summary)});
  }
  table.print(out, style, width);
}

void print_zmq_option(Output& out, const Style& style, OptionId row) {
  const zmq::Row& option = zmq::kRows[row];
  const auto line = [&](std::string_view name, std::string_view text) {
    out.print("  {:<12}{}\n", name, text);
  };
  out.print("{} ({}): {}\n", style.bold(fmt::format("zmq.{}", option.option.key.view())),
            option.manual.constant, option.manual.summary);
  line("values", zmq_range_text(row));
  line("default", option.manual.initial);
  line("example", fmt::format("{} = {}, in [zmq] or a rule with zmq", option.option.key.view(),
                              option.manual.example));
  line("variable", zmq_variable_text(row));
  line("number", fmt::format("{} of zmq_setsockopt(3)", option.option.ipv4.name));
  line("sockets", zmq_types_text(option.types));
  line("since", fmt::format("libzmq {}", option.option.since.view()));
}

OptionId find_zmq_row(std::string_view key) {
  const auto scratch = std::make_unique<zmq::Policy>();
  TextOf<256> error;
  const OptionId id = zmq::resolve_key(*scratch, key.substr(zmq::kKeyPrefix.size()), error);
  if (id == zmq::kNoOption) throw UsageError(std::string(error.view()));
  if (id < zmq::kOptionCount) return id;
  throw UsageError(fmt::format("`{}` can be set, but nothing more is known about it", key));
}

}  // namespace sockopt
