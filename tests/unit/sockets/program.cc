// SPDX-License-Identifier: MIT
#include "tests/unit/sockets/program.h"

#include <gtest/gtest.h>

#include <cerrno>

#include "tests/unit/options/values.h"
#include "tests/unit/policy/addresses.h"

namespace sockopt::test {
namespace {

std::string with_section(std::string_view settings) {
  return settings.starts_with('[') ? std::string(settings) : "[sockopt]\n" + std::string(settings);
}

struct RawAddress {
  explicit RawAddress(const Address& address)
      : length(write_address(address, reinterpret_cast<sockaddr*>(&storage))) {}
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }

  sockaddr_in6 storage = {};
  socklen_t length;
};

}  // namespace

ShimmedProgram::ShimmedProgram(std::string_view settings, std::size_t known, bool tells_applied)
    : configuration_(with_section(settings)), plan_(std::make_unique<Plan>()), slots_(known) {
  EXPECT_TRUE(configuration_.faults().empty()) << configuration_.rendered();
  const auto program = std::make_unique<Program>();
  program->set("/usr/sbin/server", {}, {});
  plan_->make(configuration_.policy(), *program);
  const Observer observer = {.on_socket_seen = seen_called,
                             .on_applied = tells_applied ? applied_called : nullptr,
                             .on_refused = refused_called,
                             .context = this};
  hooks_ = std::make_unique<SocketHooks>(configuration_.policy(), *plan_, FakeKernel::ops(),
                                         Descriptors(slots_.data(), slots_.size()), observer);
}

int ShimmedProgram::socket(int domain, int protocol, int type) {
  const int plain = type & 0xf;
  const int actual = protocol != 0                             ? protocol
                     : domain != AF_INET && domain != AF_INET6 ? 0
                     : plain == SOCK_STREAM                    ? IPPROTO_TCP
                                                               : IPPROTO_UDP;
  if (hooks_->opens_mptcp(domain, type, protocol)) {
    const int error = kernel.mptcp_error;
    const int fd = kernel.open(domain, error == 0 ? kMptcp : actual, plain);
    hooks_->after_socket(fd, domain, type, error == 0 ? kMptcp : protocol);
    hooks_->after_mptcp(fd, error);
    return fd;
  }
  const int fd = kernel.open(domain, actual, plain);
  hooks_->after_socket(fd, domain, type, protocol);
  return fd;
}

void ShimmedProgram::bind(int fd, std::string_view address) {
  const Address local = address_of(address);
  const RawAddress raw(local);
  const bool hooked = hooks_->before_bind(fd, raw.get(), raw.length);
  kernel.at(fd).local = local;
  if (hooked) hooks_->after_bind(fd);
}

void ShimmedProgram::listen(int fd, int backlog) {
  const ListenCall call = hooks_->before_listen(fd, backlog);
  kernel.listen(fd, call.backlog);
  hooks_->after_listen(fd, call);
}

void ShimmedProgram::connect(int fd, std::string_view address, int error) {
  const RawAddress raw(address_of(address));
  connect(fd, raw.get(), raw.length, error);
}

void ShimmedProgram::connect(int fd, const sockaddr* address, socklen_t length, int error) {
  const bool hooked = hooks_->needs_connect_hook(fd);
  ConnectCall call;
  if (hooked) call = hooks_->before_connect(fd, address, length);
  const bool disconnects = address->sa_family == AF_UNSPEC;
  kernel.connect(fd, Address::of(address, length), disconnects ? ECONNABORTED : error);
  if (hooked) hooks_->after_connect(fd, call, error);
}

void ShimmedProgram::disconnect(int fd, int error) {
  const sockaddr nobody = {};
  connect(fd, &nobody, sizeof nobody, error);
}

int ShimmedProgram::accept(int listener) {
  if (const std::uint32_t prepared = hooks_->prepared(listener)) {
    const int accepted = kernel.accept(listener);
    hooks_->hand_on(prepared, accepted);
    return accepted;
  }
  if (hooks_->needs_adoption(listener)) hooks_->adopt(listener);
  const int fd = kernel.accept(listener);
  hooks_->after_accept(listener, fd, fd < 0 ? EAGAIN : 0);
  return fd;
}

int ShimmedProgram::setsockopt(int fd, std::string_view key, std::string_view text) {
  const Option& option = option_of(key);
  const Value value = parse(option, text).value.value();
  const KernelName name = option.ipv4.exists() ? option.ipv4 : option.ipv6;
  return setsockopt(fd, name, value.data(), value.length());
}

int ShimmedProgram::setsockopt(int fd, KernelName name, const void* value, socklen_t length) {
  KernelName instead;
  const Setting* setting =
      hooks_->before_setsockopt(fd, name.level, name.name, value, length, instead);
  if (setting != nullptr) {
    const int result = setting->ignores
                           ? 0
                           : kernel.set(fd, instead.level, instead.name, setting->value.data(),
                                        setting->value.length());
    hooks_->after_replacement(fd, *setting, value, length);
    return result;
  }
  const int result = kernel.set(fd, name.level, name.name, value, length);
  if (result == 0) hooks_->after_setsockopt(fd, name.level, name.name);
  return result;
}

int ShimmedProgram::serve(int listener, int protocol) {
  kernel.connect_to(listener, protocol);
  return accept(listener);
}

int ShimmedProgram::inherited_listener(int domain, int backlog, int queued, int protocol) {
  const int fd = kernel.open(domain, protocol);
  kernel.at(fd).local.port = 80;
  kernel.listen(fd, backlog);
  for (int i = 0; i < queued; ++i) kernel.connect_to(fd);
  return fd;
}

Calls ShimmedProgram::changes() {
  Calls all = calls();
  std::erase_if(all, [](const std::string& call) {
    return call.starts_with("get ") || call.starts_with("name ") || call.starts_with("peer ");
  });
  return all;
}

void ShimmedProgram::seen_called(void* self) {
  ++static_cast<ShimmedProgram*>(self)->sockets_seen_;
}

void ShimmedProgram::applied_called(void* self, int fd, const Setting& setting) {
  auto& program = *static_cast<ShimmedProgram*>(self);
  program.applied_.push_back(
      std::to_string(fd) + ' ' +
      std::string(program.configuration_.policy().option(setting.option).key.view()));
}

void ShimmedProgram::refused_called(void* self, int fd, const Setting& setting, int error) {
  auto& program = *static_cast<ShimmedProgram*>(self);
  program.refused_.push_back(
      std::to_string(fd) + ' ' +
      std::string(program.configuration_.policy().option(setting.option).key.view()) + ' ' +
      std::to_string(error));
}

}  // namespace sockopt::test
