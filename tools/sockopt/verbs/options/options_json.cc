// SPDX-License-Identifier: MIT
#include "tools/sockopt/verbs/options/options_json.h"

#include <nlohmann/json.hpp>

#include "shim/options/table.h"
#include "shim/options/value.h"
#include "tools/sockopt/policy/kernel_value.h"
#include "tools/sockopt/policy/option_words.h"
#include "tools/sockopt/policy/zmq_policy.h"
#include "tools/sockopt/report/finding_json.h"

namespace sockopt {
namespace {

using Json = nlohmann::ordered_json;

Json kernel_name(const KernelName& name) {
  return name.exists() ? Json{{"level", name.level}, {"name", name.name}} : Json();
}

Json row(const Option& option, const Manual& manual) {
  return {{"key", option.key.view()},
          {"variable", variable_text(option)},
          {"constant", manual.constant},
          {"group", group_name(option.group)},
          {"kind", kind_word(option.kind)},
          {"unit", kernel_unit_json(option)},
          {"min", option.min},
          {"max", option.max},
          {"values", range_text(option)},
          {"ipv4", kernel_name(option.ipv4)},
          {"ipv6", kernel_name(option.ipv6)},
          {"both", option.both},
          {"applied_at", moment_words(option)},
          {"inherited", inheritance_word(option.inheritance)},
          {"read_back", read_back_word(option.read_back)},
          {"mptcp", mptcp_word(option.mptcp)},
          {"privilege", text_or_null(privilege_word(option.privilege))},
          {"since", option.since.view()},
          {"default", manual.initial},
          {"example", manual.example},
          {"summary", manual.summary}};
}

Json zmq_row(OptionId id) {
  const zmq::Row& row = zmq::kRows[id];
  Json types = Json::array();
  for (std::size_t i = 0; i < zmq::kTypeCount; ++i) {
    if ((row.types & zmq::type_bit(i)) != 0) types.push_back(zmq::kTypeNames[i].view());
  }
  return {{"key", row.option.key.view()},
          {"variable", zmq_variable_text(id)},
          {"constant", row.manual.constant},
          {"kind", kind_word(row.option.kind)},
          {"unit", kernel_unit_json(row.option)},
          {"min", row.has_minus_one ? -1 : row.option.min},
          {"max", row.option.max},
          {"values", zmq_range_text(id)},
          {"number", row.option.ipv4.name},
          {"sockets", std::move(types)},
          {"since", row.option.since.view()},
          {"default", row.manual.initial},
          {"example", row.manual.example},
          {"summary", row.manual.summary}};
}

}  // namespace

std::string options_json(std::span<const OptionId> options, std::span<const OptionId> of_zmq) {
  Json zmq_rows = Json::array();
  for (const OptionId id : of_zmq) zmq_rows.push_back(zmq_row(id));
  Json rows = Json::array();
  for (const OptionId id : options) rows.push_back(row(kOptions[id], kManual[id]));
  return Json{{"schema", "sockopt.options/1"},
              {"options", std::move(rows)},
              {"zmq", std::move(zmq_rows)}}
             .dump(2) +
         '\n';
}

}  // namespace sockopt
