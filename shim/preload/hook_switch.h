// SPDX-License-Identifier: MIT
//
// Whether the hooks do their work, in one word that every call reads first.  One word leaves no
// gap: a start that completes while the program installs a seccomp filter does not turn on again
// what the filter has turned off.
#pragma once

#include <atomic>
#include <cstdint>

namespace sockopt {

class SocketHooks;

class HookSwitch {
 public:
  /// Null if there is nothing to do: not yet, not at all, or not any more.
  [[gnu::always_inline]] SocketHooks* hooks() const {
    const std::uintptr_t word = word_.load(std::memory_order_acquire);
    return word > kLastState ? reinterpret_cast<SocketHooks*>(word) : nullptr;
  }
  /// Whether no start has decided yet.
  bool is_undecided() const { return word_.load(std::memory_order_acquire) == kUndecided; }
  bool is_off() const {
    const std::uintptr_t word = word_.load(std::memory_order_acquire);
    return word >= kOff && word <= kLastState;
  }

  /// The start is complete: with these hooks, or without any.  False if another start was faster,
  /// in which case its result counts.
  bool publish(SocketHooks* hooks) {
    SocketHooks* expected = nullptr;
    if (!made_.compare_exchange_strong(expected, hooks)) return false;
    decide(reinterpret_cast<std::uintptr_t>(hooks));
    return true;
  }
  bool publish_nothing() { return decide(kNothing); }

  /// For good: the program has installed a filter.  False if there never is anything to do.
  bool turn_off() {
    std::uintptr_t word = word_.load();
    while (word != kNothing && !word_.compare_exchange_weak(word, kOff)) {
    }
    return word != kNothing;
  }

  /// Off until `resume` is called as often, unless it is turned off meanwhile.
  void pause() {
    std::uintptr_t word = word_.load();
    do {
      if (word == kNothing || word == kOff || word == kLastState) return;
    } while (!word_.compare_exchange_weak(word, is_paused(word) ? word + 1 : kPaused));
  }
  void resume() {
    std::uintptr_t word = word_.load();
    do {
      if (!is_paused(word)) return;
    } while (!word_.compare_exchange_weak(word, word == kPaused ? made() : word - 1));
    // A start may have completed between reading what it made and the exchange.
    if (word == kPaused && made() != kUndecided) decide(made());
  }

 private:
  // The word is one of these, or the hooks' address. From kPaused on it counts.
  static constexpr std::uintptr_t kUndecided = 0;
  static constexpr std::uintptr_t kNothing = 1;
  static constexpr std::uintptr_t kOff = 2;
  static constexpr std::uintptr_t kPaused = 3;
  static constexpr std::uintptr_t kLastState = 4095;  // no object is in the first page

  static bool is_paused(std::uintptr_t word) { return word >= kPaused && word <= kLastState; }
  std::uintptr_t made() const { return reinterpret_cast<std::uintptr_t>(made_.load()); }
  bool decide(std::uintptr_t word) {
    std::uintptr_t expected = kUndecided;
    return word_.compare_exchange_strong(expected, word);
  }

  std::atomic<std::uintptr_t> word_ = kUndecided;
  std::atomic<SocketHooks*> made_ = nullptr;
};

extern HookSwitch g_hook_switch;  // of this process
inline bool hooks_are_disabled() { return g_hook_switch.is_off(); }

}  // namespace sockopt
