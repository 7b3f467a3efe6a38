// SPDX-License-Identifier: MIT
//
// The only JSON written by hand: of 100,000 sockets with 42 options each, nlohmann's objects take
// 7.4 s of processor time, and this 0.2 s of the 1.8 s that `sockopt show --json` takes.
#include "tools/sockopt/verbs/show/show_json.h"

#include <array>
#include <charconv>
#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>

#include "tools/sockopt/policy/kernel_value.h"
#include "tools/sockopt/policy/setting_text.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/verbs/show/arrangement.h"

namespace sockopt {
namespace {

// printable() has left nothing but plain characters.
std::string in_quotes(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : printable(text)) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted += '"';
}

std::string quoted_or_null(std::string_view text) {
  return text.empty() ? "null" : in_quotes(text);
}

std::string end_or_null(const Endpoint& end) {
  return end.exists() ? in_quotes(end.text()) : "null";
}

std::string unit_or_null(const Option& option) { return quoted_or_null(kernel_unit(option)); }

template <typename Number>
std::string number_or_null(const std::optional<Number>& number) {
  return number ? std::to_string(*number) : "null";
}

class JsonWriter {
 public:
  JsonWriter(Output& out, Census& census, const TableForm& form)
      : out_(out), census_(census), form_(form) {
    for (OptionId id = 0; id < kOptionCount; ++id) {
      heads_[id] = make_head(kOptions[id]);
      tails_[id] = tail(kOptions[id]);
    }
  }

  void write(const std::vector<ZmqProcess>& zmq) {
    out_.print("{{\"schema\":{},\"host\":{},\"sockets\":[", in_quotes(kShowSchema),
               in_quotes(host_name()));
    if (form_.order || form_.drops) {
      std::vector<SocketGroup> each = group_sockets(census_, {.options = {}, .each = true});
      arrange(census_, form_, each);
      for (const SocketGroup& one : each) write_next(*one.first);
    } else {
      for (const CensusSocket& socket : census_.sockets()) write_next(socket);
    }
    if (fails_) return;
    out_.print("],\n\"zmq\":{},\n\"unreadable\":{}}}\n", zmq_processes_json(zmq),
               unreadable_json(census_.unreadable()).dump());
  }

 private:
  void write_next(const CensusSocket& socket) {
    if (fails_) return;
    out_.write(is_first_ ? "\n" : ",\n");
    is_first_ = false;
    write(socket);
    fails_ = !out_.write_if_much();
  }

  void write(const CensusSocket& socket) {
    const SocketFacts& facts = socket.facts;
    const std::uint64_t space = census_.net_namespace_of(socket).inode;
    out_.print("{{\"state\":{},\"local\":{},\"peer\":{},\"netns\":{},\"unit\":{},\"owners\":[",
               in_quotes(state_text(socket)), end_or_null(facts.local), end_or_null(facts.peer),
               space == 0 ? "null" : std::to_string(space),
               quoted_or_null(census_.process_of(socket).unit));
    const char* separator = "";
    census_.for_each_owner(socket, [&](const Owner& owner) {
      const ProcessEntry& process = census_.processes()[owner.process].entry;
      out_.print("{}{{\"pid\":{},\"fd\":{},\"program\":{}}}", separator, process.pid, owner.fd,
                 in_quotes(process.name));
      separator = ",";
    });
    out_.write("],\"options\":{");
    out_.write(options(socket));
    std::optional<std::uint64_t> drops;
    std::optional<std::uint64_t> least;
    std::optional<std::uint64_t> most;
    if (socket.drops) {
      least = socket.drops->least;
      most = socket.drops->most;
      if (socket.drops->is_known()) drops = least;
    }
    out_.print(
        "}},\"queue\":{},\"queue_max\":{},\"drops\":{},\"drops_least\":{},"
        "\"drops_most\":{}}}",
        number_or_null(facts.queue), number_or_null(facts.queue_limit), number_or_null(drops),
        number_or_null(least), number_or_null(most));
  }

  // Most sockets hold the same and are wanted to hold the same: the same text says so.
  const std::string& options(const CensusSocket& socket) {
    Checker& checker = census_.checker_of(socket);
    const Expected& expected = checker.expect(socket.facts, socket.listener);
    const bool depends_on_peer = socket.role == SocketRole::kClient && checker.asks_for_peers();
    constexpr std::size_t kMostTexts = 1000;
    if (depends_on_peer || texts_.size() == kMostTexts) texts_.clear();
    const auto [known, is_new] =
        texts_.try_emplace({socket.readings, socket.net_namespace, &expected});
    text_ = &known->second;
    if (is_new || depends_on_peer) write_options(socket, checker, expected);
    return *text_;
  }

  void write_options(const CensusSocket& socket, Checker& checker, const Expected& expected) {
    const char* separator = "";
    text_->clear();
    census_.for_each_reading(socket, [&](OptionId id, const OptionReading& held) {
      const Option& option = checker.policy().option(id);
      // A raw one is another option in another policy, and only there.
      const bool is_other = socket.policy != census_.process_of(socket).holding.policy;
      if (id >= kOptionCount && (is_other || !expected.options.contains(id))) return;
      *text_ += separator;
      separator = ",";
      *text_ += id < kOptionCount ? heads_[id] : make_head(option);
      held ? write_value(option, held.value) : void(*text_ += "null");
      if (expected.options.contains(id)) {
        write_expected(socket, checker, expected, id, held);
      } else {
        *text_ += id < kOptionCount ? tails_[id] : tail(option);
      }
    });
  }

  void write_expected(const CensusSocket& socket, Checker& checker, const Expected& expected,
                      OptionId id, const OptionReading& held) {
    const Option& option = checker.policy().option(id);
    const CheckResult result =
        checker.check(expected, id, held, census_.net_namespace_of(socket).limits);
    *text_ += ",\"unit\":";
    *text_ += unit_or_null(option);
    *text_ += ",\"want\":";
    write_value(option, result.wanted);
    *text_ += ",\"from\":";
    *text_ += origin(checker.policy(), *expected.decision.settings[id]);
    *text_ += (result.match == Match::kUnknown ? ",\"ok\":null}"
               : result.match == Match::kHolds ? ",\"ok\":true}"
                                               : ",\"ok\":false}");
  }

  void write_value(const Option& option, const Value& value) {
    const KernelValue known = kernel_value(option, value);
    if (const auto* text = std::get_if<std::string>(&known)) {
      *text_ += in_quotes(*text);
    } else if (const auto* rate = std::get_if<std::uint64_t>(&known)) {
      write_number(*rate);
    } else {
      write_number(std::get<std::int64_t>(known));
    }
  }

  const std::string& origin(const Policy& policy, const Setting& setting) {
    const auto [known, is_new] = origins_.try_emplace(&setting);
    if (is_new) known->second = in_quotes(origin_text(policy, setting));
    return known->second;
  }

  template <typename Number>
  void write_number(Number number) {
    char digits[24];
    text_->append(digits, std::to_chars(std::begin(digits), std::end(digits), number).ptr);
  }

  // What stands around a value is the same for all sockets that nothing is wanted of.
  static std::string make_head(const Option& option) {
    return fmt::format("\"{}\":{{\"value\":", option.key.view());
  }
  static std::string tail(const Option& option) {
    return fmt::format(",\"unit\":{},\"want\":null,\"from\":null,\"ok\":null}}",
                       unit_or_null(option));
  }
  Output& out_;
  Census& census_;
  const TableForm& form_;
  bool is_first_ = true;
  bool fails_ = false;
  std::array<std::string, kOptionCount> heads_;
  std::array<std::string, kOptionCount> tails_;
  std::unordered_map<const Setting*, std::string> origins_;
  std::map<std::tuple<ReadingPool::Id, NetNamespaces::Id, const Expected*>, std::string> texts_;
  std::string* text_ = nullptr;  // of texts_, the one that is being made
};

}  // namespace

void print_json(Output& out, Census& census, const TableForm& form,
                const std::vector<ZmqProcess>& zmq) {
  JsonWriter(out, census, form).write(zmq);
}

}  // namespace sockopt
