// SPDX-License-Identifier: MIT
//
// See show_json.h.
#include "tools/sockopt/show_json.h"

#include <unistd.h>

#include <climits>
#include <cstring>
#include <nlohmann/json.hpp>
#include <vector>

#include "tools/sockopt/setting_text.h"
#include "tools/sockopt/show_words.h"

namespace sockopt {
namespace {

// printable() has left nothing but plain characters.
std::string in_quotes(std::string_view text) { return nlohmann::json(printable(text)).dump(); }

std::string text_or_null(std::string_view text) { return text.empty() ? "null" : in_quotes(text); }

std::string end_or_null(const Endpoint& end) {
  return end.exists() ? in_quotes(end.text()) : "null";
}

template <typename Number>
std::string number_or_null(const std::optional<Number>& number) {
  return number ? std::to_string(*number) : "null";
}

std::string host_name() {
  char name[HOST_NAME_MAX + 1] = "";
  ::gethostname(name, HOST_NAME_MAX);
  return name;
}

// -1 off, 0 reset, or the seconds.
std::int64_t linger_number(const Value& value) {
  struct linger linger = {};
  std::memcpy(&linger, value.bytes, std::min<std::size_t>(value.size, sizeof linger));
  return linger.l_onoff == 0 ? -1 : linger.l_linger;
}

std::string value_json(const Option& option, const Value& value) {
  switch (option.kind) {
    case Kind::kLinger:
      return std::to_string(linger_number(value));
    case Kind::kName:
      return in_quotes(value_text(option, value));
    case Kind::kRaw:
      return value.size == sizeof(int) ? std::to_string(value.number(option.kind))
                                       : in_quotes(value_text(option, value));
    case Kind::kRate:  // all bits set: unlimited
      return std::to_string(static_cast<std::uint64_t>(value.number(option.kind)));
    default:
      return std::to_string(value.number(option.kind));
  }
}

std::string_view unit_json(const Option& option) {
  switch (option.unit) {
    case Unit::kSeconds:
      return "\"s\"";
    case Unit::kMilliseconds:
      return "\"ms\"";
    case Unit::kMicroseconds:
      return "\"us\"";
    case Unit::kBytes:
      return option.kind == Kind::kRate ? "\"bytes/s\"" : "\"bytes\"";
    case Unit::kNone:
      return "null";
  }
  return "null";
}

class JsonWriter {
 public:
  JsonWriter(Output& out, Census& census) : out_(out), census_(census) {}

  void write() {
    out_.print("{{\"schema\":{},\"host\":{},\"sockets\":[", in_quotes(kShowSchema),
               in_quotes(host_name()));
    bool first = true;
    for (const CensusSocket& socket : census_.sockets()) {
      out_.write(first ? "\n" : ",\n");
      first = false;
      write(socket);
      if (!out_.write_if_much()) return;
    }
    out_.write("],\n\"unreadable\":[");
    first = true;
    for (const Unseen& one : census_.unseen()) {
      out_.print("{}\n{{\"pid\":{},\"reason\":{}}}", first ? "" : ",", one.pid,
                 in_quotes(reason(one)));
      first = false;
    }
    out_.write("]}\n");
  }

 private:
  static std::string reason(const Unseen& one) {
    if (one.lack.remedy.empty()) return one.lack.reason;
    return fmt::format("{}: needs {}", one.lack.reason, one.lack.remedy);
  }

  void write(const CensusSocket& socket) {
    const SocketFacts& facts = socket.facts;
    const std::uint64_t space = census_.net_namespace_of(socket).inode;
    out_.print("{{\"state\":{},\"local\":{},\"peer\":{},\"netns\":{},\"unit\":{},\"owners\":[",
               in_quotes(state_text(socket)), end_or_null(facts.local), end_or_null(facts.peer),
               space == 0 ? "null" : std::to_string(space),
               text_or_null(census_.process_of(socket).unit));
    bool first = true;
    for (const Owner& owner : census_.owners_of(socket)) {
      const ProcessEntry& process = census_.processes()[owner.process].entry;
      out_.print("{}{{\"pid\":{},\"fd\":{},\"program\":{}}}", first ? "" : ",", process.pid,
                 owner.fd, in_quotes(process.name));
      first = false;
    }
    out_.write("],\"options\":{");
    out_.write(options(socket));
    out_.print("}},\"queue\":{},\"queue_max\":{},\"drops\":{}}}", number_or_null(facts.queue),
               number_or_null(facts.queue_limit), number_or_null(facts.drops));
  }

  // Most sockets in a row hold the same and are wanted to hold the same, as the same text then says.
  const std::string& options(const CensusSocket& socket) {
    Judge& judge = census_.policies().judge(census_.process_of(socket).holding.policy);
    const Wish& wish = judge.wish(socket.facts, socket.listener);
    const bool repeats = last_ != nullptr && last_->readings == socket.readings &&
                         last_->role == socket.role && last_->role != Role::kClient &&
                         last_->process == socket.process && last_->listener == socket.listener &&
                         last_->facts.protocol == socket.facts.protocol &&
                         last_->facts.domain == socket.facts.domain &&
                         last_->net_namespace == socket.net_namespace;
    last_ = &socket;
    if (repeats) return options_;
    options_.clear();
    OptionSet all = wish.options;
    for (OptionId id = 0; id < kOptionCount; ++id) all.add(id);
    for (const OptionId id : all) add_option(socket, judge, wish, id);
    return options_;
  }

  void add_option(const CensusSocket& socket, Judge& judge, const Wish& wish, OptionId id) {
    const Option& option = judge.policy().option(id);
    const OptionReading held = census_.reading(socket, id);
    std::string want = "null";
    std::string from = "null";
    std::string_view ok = "null";
    if (wish.options.contains(id)) {
      const Judgement judgement =
          judge.judge(wish, id, held, census_.net_namespace_of(socket).limits);
      want = value_json(option, judgement.wanted);
      from = in_quotes(origin_text(judge.policy(), *wish.decision.settings[id]));
      if (judgement.verdict != Verdict::kUnknown) {
        ok = judgement.verdict == Verdict::kHolds ? "true" : "false";
      }
    }
    fmt::format_to(std::back_inserter(options_),
                   "{}\"{}\":{{\"value\":{},\"unit\":{},\"want\":{},\"from\":{},\"ok\":{}}}",
                   options_.empty() ? "" : ",", option.key.view(),
                   held ? value_json(option, held.value) : "null", unit_json(option), want, from,
                   ok);
  }

  Output& out_;
  Census& census_;
  const CensusSocket* last_ = nullptr;
  std::string options_;
};

}  // namespace

void print_json(Output& out, Census& census) { JsonWriter(out, census).write(); }

}  // namespace sockopt
