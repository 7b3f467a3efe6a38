// SPDX-License-Identifier: MIT
//
// Values and ranges as people read them.
#include <cstring>

#include "shim/options/value.h"
#include "shim/options/words.h"

namespace sockopt {

namespace {

// In the largest unit that leaves no fraction: 120s, not 120000ms.
void format_duration(std::int64_t number, Unit unit, Text& out) {
  for (; unit > Unit::kSeconds && number != 0 && number % 1000 == 0; number /= 1000) {
    unit = static_cast<Unit>(static_cast<int>(unit) - 1);
  }
  out.decimal(number) << unit_suffix(unit);
}

}  // namespace

void format_value(const Option& option, const Value& value, Text& out) {
  const std::int64_t number = value.number(option.kind);
  switch (option.kind) {
    case Kind::kBoolean:
      out << (number != 0 ? "on" : "off");
      return;
    case Kind::kCount:
      out.decimal(number);
      return;
    case Kind::kMask:
      (out << "0x").hex(static_cast<std::uint64_t>(number));
      return;
    case Kind::kDuration:
    case Kind::kTimeval:
      return format_duration(number, option.unit, out);
    case Kind::kPorts:
      out.decimal(number & 0xffff) << '-';
      out.decimal(number >> 16);
      return;
    case Kind::kSize:
    case Kind::kRate:
      if (number > 0 && number % (1 << 20) == 0) {
        out.decimal(number >> 20) << 'M';
      } else if (number > 0 && number % 1024 == 0) {
        out.decimal(number >> 10) << 'K';
      } else {
        out.decimal(number);
      }
      return;
    case Kind::kTos:
      if (const Word* word = find_number(kTosNames, number)) {
        out << word->text;
      } else {
        (out << "0x").hex(static_cast<std::uint64_t>(number), 2);
      }
      return;
    case Kind::kDiscover:
      if (const Word* word = find_number(kDiscoverNames, number)) {
        out << word->text;
      } else {
        out.decimal(number);
      }
      return;
    case Kind::kLinger: {
      struct linger linger = {0, 0};
      if (value.size >= sizeof linger) std::memcpy(&linger, value.bytes, sizeof linger);
      if (linger.l_onoff == 0) {
        out << "off";
      } else if (linger.l_linger == 0) {
        out << "reset";
      } else {
        out.decimal(linger.l_linger) << 's';
      }
      return;
    }
    case Kind::kName: {
      // getsockopt pads names with NUL.
      std::string_view name(reinterpret_cast<const char*>(value.bytes), value.size);
      out.escaped(slice(name, 0, name.find('\0')));
      return;
    }
    case Kind::kBacklog:
      if (number == option.max) {
        out << "max";
      } else {
        out.decimal(number);
      }
      return;
    case Kind::kRaw:
      if (value.size == sizeof(int)) {
        out.decimal(number);
        return;
      }
      out << "hex:";
      for (std::size_t i = 0; i < value.size; ++i) out.hex(value.bytes[i], 2);
      return;
  }
}

void describe_range(const Option& option, Text& out) {
  const auto bounds = [&](std::string_view suffix) {
    out.decimal(option.min) << suffix << "..";
    out.decimal(option.max) << suffix;
  };
  switch (option.kind) {
    case Kind::kBoolean:
      out << "on|off";
      return;
    case Kind::kMask:
      (out << "0x").hex(static_cast<std::uint64_t>(option.min)) << "..0x";
      out.hex(static_cast<std::uint64_t>(option.max));
      return;
    case Kind::kCount:
    case Kind::kSize:
    case Kind::kRate:
      bounds("");
      if (option.unit == Unit::kBytes) out << " bytes";
      if (option.kind == Kind::kRate) out << " per second";
      return;
    case Kind::kDuration:
    case Kind::kTimeval:
      bounds(unit_suffix(option.unit));
      return;
    case Kind::kPorts:
      out << "LOW-HIGH, ports from ";
      out.decimal(option.min) << " to ";
      out.decimal(option.max);
      return;
    case Kind::kTos:
      bounds("");
      out << " or a DSCP name (ef, af21, cs1)";
      return;
    case Kind::kDiscover:
      for (const Word& word : kDiscoverNames) out << (word.number == 0 ? "" : "|") << word.text;
      return;
    case Kind::kLinger:
      out << "off|reset|";
      bounds("s");
      return;
    case Kind::kName:
      out << "a name of at most ";
      out.decimal(option.max) << " characters";
      return;
    case Kind::kBacklog:
      bounds("");
      out << " or max";
      return;
    case Kind::kRaw:
      bounds("");
      (out << " or hex:BYTES (at most ").decimal(Value::kMaxBytes) << " bytes)";
      return;
  }
}

std::string_view unit_suffix(Unit unit) {
  switch (unit) {
    case Unit::kSeconds:
      return "s";
    case Unit::kMilliseconds:
      return "ms";
    case Unit::kMicroseconds:
      return "us";
    case Unit::kBytes:
    case Unit::kNone:
      return "";
  }
  return "";
}

std::string_view unit_name(Unit unit) {
  switch (unit) {
    case Unit::kSeconds:
      return "seconds";
    case Unit::kMilliseconds:
      return "milliseconds";
    case Unit::kMicroseconds:
      return "microseconds";
    case Unit::kBytes:
      return "bytes";
    case Unit::kNone:
      return "";
  }
  return "";
}

std::string_view group_name(Group group) {
  switch (group) {
    case Group::kDeadPeers:
      return "dead peers";
    case Group::kListening:
      return "listening";
    case Group::kLatency:
      return "latency";
    case Group::kThroughput:
      return "throughput";
    case Group::kPackets:
      return "packets";
    case Group::kClients:
      return "clients";
    case Group::kProtocol:
      return "protocol";
    case Group::kRaw:
      return "anything else";
  }
  return "";
}

}  // namespace sockopt
