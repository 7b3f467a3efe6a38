// SPDX-License-Identifier: MIT
#include "tools/sockopt/policy/value_words.h"

#include <fmt/format.h>

#include <algorithm>

#include "shim/options/table.h"
#include "shim/options/words.h"
#include "tools/inspect/host.h"
#include "tools/sockopt/policy/option_words.h"
#include "tools/sockopt/policy/zmq_policy.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {
namespace {

template <std::size_t kCount>
void add_words(std::vector<ValueWord>& all, const Word (&words)[kCount]) {
  for (const Word& word : words) all.push_back({std::string(word.text.view()), {}});
}

// What the host has names for: congestion controls, devices.
std::vector<std::string> names_here(const Option& option) {
  if (option.key == "congestion") return read_host().congestion_available;
  if (option.key == "bindtodevice") return read_host().devices;
  return {};
}

}  // namespace

std::vector<ValueWord> value_words(OptionId id) {
  const Option& option = kOptions[id];
  std::vector<ValueWord> all;
  switch (option.kind) {
    case Kind::kBoolean:
      all = {{"on", {}}, {"off", {}}};
      break;
    case Kind::kLinger:
      all = {{"off", "close at once, unsent data is still sent"}, {"reset", "unsent data is lost"}};
      break;
    case Kind::kBacklog:
      all = {{"max", "as long a queue as the kernel allows"}};
      break;
    case Kind::kTos:
      add_words(all, kTosNames);
      break;
    case Kind::kDiscover:
      add_words(all, kDiscoverNames);
      break;
    default:
      for (const std::string& name : names_here(option)) {
        all.push_back({printable(name), "available on this host"});
      }
  }
  const std::string example(kManual[id].example);
  const bool known = std::any_of(all.begin(), all.end(),
                                 [&](const ValueWord& value) { return value.word == example; });
  if (!known && option.kind != Kind::kName) {
    all.push_back({example, fmt::format("of {}", range_text(option))});
  }
  all.push_back({"default", fmt::format("the kernel's own: {}", kManual[id].initial)});
  if (option.is_socket_option()) {
    all.push_back({"ignore", "the program's own setsockopt is not made either"});
  }
  return all;
}

std::vector<ValueWord> zmq_value_words(OptionId row) {
  const zmq::Row& option = zmq::kRows[row];
  std::vector<ValueWord> all;
  if (option.option.kind == Kind::kBoolean) {
    all = {{"on", {}}, {"off", {}}};
  } else {
    all = {{std::string(option.manual.example), fmt::format("of {}", zmq_range_text(row))}};
  }
  if (option.has_minus_one) all.push_back({"-1", {}});
  all.push_back({"default", fmt::format("libzmq's own: {}", option.manual.initial)});
  all.push_back({"ignore", "the program's own zmq_setsockopt is not made either"});
  return all;
}

}  // namespace sockopt
