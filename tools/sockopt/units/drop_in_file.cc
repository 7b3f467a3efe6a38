// SPDX-License-Identifier: MIT
#include "tools/sockopt/units/drop_in_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "tools/sockopt/report/replacement_file.h"
#include "tools/sockopt/units/drop_in.h"
#include "tools/systemd/unit_name.h"

namespace sockopt {
namespace {

constexpr int kDirectory = O_RDONLY | O_DIRECTORY;
constexpr mode_t kForEverybody = 0644;

std::string reason(std::string_view call) {
  return fmt::format("{}: {}", call, std::generic_category().message(errno));
}

// A name in a directory is on disk only when the directory is.
std::string sync_directory(const FileTree& files, const std::string& path) {
  const Result<UniqueFd> directory = files.open_file(path, kDirectory);
  if (!directory) return directory.failure().text();
  return ::fsync(directory->get()) == 0 ? std::string() : reason("fsync " + files.outside(path));
}

std::optional<Failure> replace(UniqueFd directory, std::string_view text) {
  Result<ReplacementFile> file =
      ReplacementFile::create(std::move(directory), std::string(kDropInName), kForEverybody);
  if (!file) return file.failure();
  if (auto failure = file->write(text)) return failure;
  return file->commit();
}

std::string parent_of(const std::string& path) { return path.substr(0, path.find_last_of('/')); }

}  // namespace

DropInFile::DropInFile(const FileTree& files, std::string_view unit)
    : files_(files), directory_(drop_in_directory(unit)), path_(drop_in_path(unit)) {}

Result<std::optional<std::string>> DropInFile::read() const {
  if (files_.read_link(path_)) return Failure::of(files_.outside(path_) + " is a link", EEXIST);
  const Result<std::string> text = files_.read(path_);
  if (text) return std::optional<std::string>(*text);
  if (text.failure().error == ENOENT) return std::optional<std::string>();
  return text.failure();
}

std::string DropInFile::write(std::string_view text) const {
  const bool is_new = !files_.status(directory_);
  Result<UniqueFd> directory = files_.make_directories(directory_);
  if (!directory) return directory.failure().text();
  if (const auto failure = replace(std::move(*directory), text)) {
    if (is_new) remove_empty_directory();
    return failure->text();
  }
  return is_new ? sync_directory(files_, parent_of(directory_)) : std::string();
}

std::string DropInFile::remove() const {
  const Result<UniqueFd> directory = files_.open_file(directory_, kDirectory);
  if (!directory) return directory.failure().text();
  if (::unlinkat(directory->get(), std::string(kDropInName).c_str(), 0) != 0) {
    return reason("unlink");
  }
  remove_empty_directory();
  return sync_directory(files_, files_.status(directory_) ? directory_ : parent_of(directory_));
}

void DropInFile::remove_empty_directory() const {
  const Result<UniqueFd> parent = files_.open_file(parent_of(directory_), kDirectory);
  if (!parent) return;
  // Where there is more in it, or it is a link, it stays.
  ::unlinkat(parent->get(), directory_.substr(directory_.find_last_of('/') + 1).c_str(),
             AT_REMOVEDIR);
}

std::vector<std::string> services_with_drop_in(const FileTree& files) {
  constexpr std::string_view kEnd = ".d";
  std::vector<std::string> units;
  for (const std::string& name : files.list(std::string(kDropInRoot))) {
    if (!name.ends_with(kEnd)) continue;
    const std::string unit = name.substr(0, name.size() - kEnd.size());
    if (!is_unit_name(unit) || unit_type(unit) != "service") continue;
    const std::string path = drop_in_path(unit);
    if (files.status(path) || files.read_link(path)) units.push_back(unit);
  }
  return units;
}

}  // namespace sockopt
