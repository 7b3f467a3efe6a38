// SPDX-License-Identifier: MIT
//
// What `watch` says, as people and as programs read it: a line for each thing that happened.
#pragma once

#include "tools/sockopt/bpf/watcher.h"
#include "tools/sockopt/report/output.h"

namespace sockopt {

/// Counts what the exit status depends on, and writes when it is told to.
class WatchOutput : public WatchReport {
 public:
  void on_changes(const ChangeLog& log, const std::vector<UnreadableProcess>& unreadable) override;
  void on_problem(const Finding& problem) override;
  void on_ready() override;
  bool flush() override { return out_.flush(); }

  /// The exit status.
  int finish(bool once);

 protected:
  virtual void print(const ChangeLog& log) = 0;
  virtual void print(const std::vector<UnreadableProcess>& unreadable) = 0;

  Output& out() { return out_; }

 private:
  Output out_;
  bool has_failed_ = false;
  bool is_partial_ = false;
};

class WatchText : public WatchOutput {
 public:
  void on_attached(const Attachment& attachment, const std::vector<std::string>& options) override;
  void on_detached(const std::string& directory) override;
  void on_idle() override;
  void on_lost(std::uint64_t events) override;
  void on_connections_lost(std::uint64_t events) override;
  void on_not_found(const Endpoint& address) override;

 private:
  void print(const ChangeLog& log) override;
  void print(const std::vector<UnreadableProcess>& unreadable) override;
};

/// Each line an object of schema sockopt.watch/1.
class WatchJson : public WatchOutput {
 public:
  void on_attached(const Attachment& attachment, const std::vector<std::string>& options) override;
  void on_detached(const std::string& directory) override;
  void on_idle() override;
  void on_lost(std::uint64_t events) override;
  void on_connections_lost(std::uint64_t events) override;
  void on_not_found(const Endpoint& address) override;

 private:
  void print(const ChangeLog& log) override;
  void print(const std::vector<UnreadableProcess>& unreadable) override;
};

}  // namespace sockopt
