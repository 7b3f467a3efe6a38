#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# Puts one deliberate fault after the other into a copy of the tree, and says which of them the tests
# notice: ./tools/faults.py [NUMBER...]. A fault is a text that occurs once in its file, and another
# in its place. Takes an hour and more; the copy is built below .build/faults and stays there.
import os
import pathlib
import shutil
import subprocess
import sys

TREE = pathlib.Path(__file__).resolve().parent.parent
COPY = TREE / ".build/faults"
SUITES = ("unit_tests", "rules_tests", "preload_tests", "hazard_tests")
# What runs long and looks for other faults than these.
FILTER = "-SetUserId*:SystemWide*:*Storm*:*Differential*:RandomPolicies*:Glob.Work*"

HOOKS = "sockets/socket_hooks.cc"
LISTENING = "sockets/listening.cc"
SLOTS = "sockets/descriptors.h"
ENFORCEMENT = "sockets/enforcement.cc"
START = "preload/startup.cc"
LOG = "preload/stderr_log.cc"
OWN_CALLS = "preload/own_calls.cc"
SYSCALL = "preload/syscall_hook.cc"

FAULTS = [
    (HOOKS, "  descriptors_.begin(fd, state);\n  if (!state.kind.is_ours()) return;\n  notify_seen();",
     "  descriptors_.set_state(fd, state);\n  if (!state.kind.is_ours()) return;\n  notify_seen();"),
    (HOOKS, "state.kind = kind;\n    descriptors_.set_state(fd, state);\n    if (!kind.is_ours()) return;",
     "state.kind = kind;\n    if (!kind.is_ours()) return;"),
    (HOOKS, "Address::of(address, length, &family).or_loopback()", "Address::of(address, length, &family)"),
    (HOOKS, "tcp_state(fd) != TCP_CLOSE", "true"),
    (HOOKS, "waiting.without(settled(fd, before, decision))", "waiting"),
    (HOOKS, "error != EINPROGRESS && error != EINTR", "error != EINPROGRESS"),
    (HOOKS, "at_socket() & lost_at_disconnect_", "at_socket()"),
    (HOOKS, "error == EAGAIN && state.role", "error == EMFILE && state.role"),
    (HOOKS, "const OptionSet own = descriptors_.set_by_program(listener).without(plan_.enforceable());",
     "const OptionSet own;"),
    (HOOKS, "options | accepted_.without(by_program)", "options | accepted_"),
    (HOOKS, "if (--state.left == 0)", "if (--state.left == 1)"),
    (HOOKS, "if (level != IPPROTO_TCP) return;", "return;"),
    (HOOKS, "if (id == plan_.tos() && level == IPPROTO_IP) {", "if (false) {"),
    (HOOKS, "return fits || !state.kind.is_ours() ? state.kind : identify(fd, ops_);",
     "return state.kind;"),
    (HOOKS, "if (owner == 0 || owner == cookie_of(fd)) return options;", "return options;"),
    (HOOKS, "if (proving.empty()) {", "if (false) {"),
    (SLOTS, "    slot->set_by_program.store(0, std::memory_order_relaxed);\n    constexpr",
     "    constexpr"),
    (SLOTS, "if (slot == nullptr || slot->owner.load(std::memory_order_relaxed) != 0) return;",
     "if (slot == nullptr) return;"),
    (SLOTS, "if (before != 0) slot->set_by_program.store(0, std::memory_order_relaxed);", ""),
    (LISTENING, "return larger || decision", "return decision"),
    (LISTENING, "constexpr unsigned kInFlight = 4;", "constexpr unsigned kInFlight = 0;"),
    (LISTENING, "if (is_unprepared(state.role)) put(", "put("),
    (LISTENING, "    descriptors_.set_owner(fd, cookie_of(fd));\n", ""),
    (LISTENING, "if (address_from(ops_.peer, fd).family == Address::Family::kNone) return;", ""),
    (LISTENING, "state.kind.ipv6 == kind.ipv6;", "false;"),
    (ENFORCEMENT, "(listener.is_wildcard() || listener == own)", "listener == own"),
    (ENFORCEMENT, "    decision.enforced = {};\n", ""),
    (ENFORCEMENT, "if (level == IPPROTO_IPV6 && !kind.ipv6) return false;", ""),
    (ENFORCEMENT, " || (level == IPPROTO_IPV6 && option.both)", ""),
    (ENFORCEMENT, "option.kind == Kind::kPorts && length", "false && length"),
    (ENFORCEMENT, "if (option.inheritance == Inheritance::kClient && listens(fd)) return true;", ""),
    (ENFORCEMENT, "if (kind.protocol != Protocol::kMptcp) return false;", "return false;"),
    (ENFORCEMENT, "if (!option.ipv4.exists()) return local_address(fd).port != 0;", ""),
    (HOOKS, "settings[id]->value == plan_.base().settings[id]->value", "wanted.contains(id)"),
    ("policy/policy.cc", "    room_ = Room::kOutgrown;\n", ""),
    ("sockets/apply.cc", "if (now != kind) return now;", ""),
    ("sockets/apply.cc", "own_ipv6 && !(option.both && kind.protocol == Protocol::kMptcp)", "own_ipv6"),
    ("policy/plan.cc", "      deferred_.remove(setting.option);\n", ""),
    ("policy/plan.cc",
     "if (deferred_.contains(tos_) && possible_.contains(priority_)) deferred_.add(priority_);", ""),
    ("policy/plan.cc", "if (setting.keeps_default) provisional_.remove(setting.option);", ""),
    ("policy/address.cc", "std::memcmp(bytes, kMappedPrefix, sizeof kMappedPrefix) == 0;", "false;"),
    ("policy/policy.cc", "bytes_in(part) + bytes <= kFewBytes[part]", "bytes_in(part) <= kFewBytes[part]"),
    ("config/file.cc", "(mode & (S_IWGRP | S_IWOTH)) != 0", "(mode & S_IWOTH) != 0"),
    ("config/file.cc", "if (owner != 0 && owner != uid) {", "if (owner != 0 && uid != 0) {"),
    ("system/memory.cc", "if (page_of(first) == page_of(last)) return true;", "return true;"),
    (START, "if (names_us(now)) return {now, true};", "return {now, true};"),
    (START, "  if (hooks_are_disabled()) return;\n  // Nearly", "  // Nearly"),
    (START, "  if (!mapped.large) policy.stay_small();\n", ""),
    (START, "if (!start_with(Mapped(false), variables)) start_with(Mapped(true), variables);",
     "start_with(Mapped(false), variables);"),
    (START, "if (system::initializes_from_behind()) own_calls", "own_calls"),
    (OWN_CALLS, "  if (hooks_are_disabled()) return EBADF;\n  return call_others([=] { return real::setsockopt",
     "  return call_others([=] { return real::setsockopt"),
    (OWN_CALLS, "if (!calls_others()) return set_directly(fd, level, name, value, length);", ""),
    (OWN_CALLS, "if (!calls_others()) return system::listen_again(fd, backlog);", ""),
    (OWN_CALLS, "  t_calls_others = true;\n", ""),
    (LOG, "stat.st_dev != device_ || stat.st_ino != inode_ || was_opened_since()) {",
     "was_opened_since()) {"),
    (LOG, " || was_opened_since()", ""),
    (LOG, "if (result == -EPIPE) held.take(SIGPIPE);", ""),
    (LOG, "if (domain != AF_UNIX) return true;", ""),
    ("preload/report.cc", "if ((report.shared_->refused.fetch_or(bit) & bit) != 0) return;",
     "report.shared_->refused.fetch_or(0);"),
    (SYSCALL, "if (for_all) sockopt::g_hook_switch.pause();", ""),
    (SYSCALL, "static_cast<unsigned>(a)", "static_cast<unsigned long>(a)"),
    (SYSCALL, "cmpl $317, %edi", "cmpq $317, %rdi"),
    (SYSCALL, "(result > 0 && (b & SECCOMP_FILTER_FLAG_NEW_LISTENER) != 0)", "false"),
    ("preload/startup.h", "(option == kUserDispatch && value != 0)", "false"),
    ("preload/entry.cc", "sockopt_if 59", "sockopt_if 22"),
    ("preload/exec_environment.cc", "rest.rfind(')')", "rest.find(')')"),
    ("preload/next_symbol.cc",
     "return has_dlsym_ && found != nullptr && version != nullptr ? search(name, version) : found;",
     "return found;"),
    ("preload/real.cc", "next.found_the_c_librarys() ? kInt : ~std::uintptr_t{0}", "kInt"),
    ("system/memory.cc", "(page_of(address) == page_of(own) || is_on_main_stack(pointer))", "true"),
    (ENFORCEMENT, "if (option.kind == Kind::kName) return is_readable_name(level, value, length);", ""),
    ("preload/entry.cc", "first=0x100000", "first=0xffffffff"),
]


def build(target):
    done = subprocess.run(["cmake", "--build", COPY / ".build/release", "--target", target],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return done.returncode == 0


def noticed_by():
    for suite in SUITES:
        if not build(suite):
            return "the compiler"
        run = subprocess.run([COPY / ".build/release" / suite, f"--gtest_filter={FILTER}",
                              "--gtest_brief=1", "--gtest_fail_fast"], stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, text=True, check=False)
        if run.returncode != 0:
            failed = [line for line in run.stdout.splitlines() if line.startswith("[  FAILED  ]")]
            return failed[0].split()[3] if failed else f"{suite}, which ends with {run.returncode}"
    return None


def prepare():
    files = subprocess.run(["git", "ls-files"], cwd=TREE, stdout=subprocess.PIPE, text=True,
                           check=True).stdout.splitlines()
    for name in files:
        copy = COPY / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        if not copy.exists() or copy.read_bytes() != (TREE / name).read_bytes():
            shutil.copy2(TREE / name, copy)
    subprocess.run(["cmake", "--preset", "release"], cwd=COPY, stdout=subprocess.DEVNULL, check=True)


def main():
    chosen = [int(word) for word in sys.argv[1:]] or range(1, len(FAULTS) + 1)
    prepare()
    if (found := noticed_by()) is not None:
        sys.exit(f"faults: without any fault there is one: {found}")
    missed = 0
    for number in chosen:
        file, old, new = FAULTS[number - 1]
        path = COPY / "shim" / file
        text = path.read_text()
        if text.count(old) != 1:
            sys.exit(f"faults: {number}: occurs {text.count(old)} times in {file}")
        path.write_text(text.replace(old, new))
        found = noticed_by()
        path.write_text(text)
        missed += found is None
        print(f"{number:3} {file}: {found or 'NOT NOTICED'}", flush=True)
    print(f"{len(chosen)} faults, {len(chosen) - missed} noticed")
    sys.exit(missed != 0)


if __name__ == "__main__":
    os.chdir(TREE)
    main()
