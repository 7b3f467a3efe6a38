// SPDX-License-Identifier: MIT
//
// `sockopt export`: the libraries, and a command that needs no others, into a directory: in an
// image that has no cp, to a volume that other containers mount.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <exception>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/inspect/unique_fd.h"
#include "tools/sockopt/launch/elf_file.h"
#include "tools/sockopt/launch/library.h"
#include "tools/sockopt/report/output.h"
#include "tools/sockopt/report/replacement_file.h"
#include "tools/sockopt/verb.h"

namespace sockopt {
namespace {

// A library is read whole. Nothing, with errno, where that fails.
std::optional<std::string> read_whole(const std::string& path) {
  const UniqueFd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return {};
  std::string text;
  std::string piece(1 << 16, '\0');
  for (;;) {
    const ssize_t size = ::read(file.get(), piece.data(), piece.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return {};
    if (size == 0) return text;
    text.append(piece, 0, static_cast<std::size_t>(size));
  }
}

// Empty where it is done.
std::string copy_to(const std::string& directory, const std::string& path, const std::string& name,
                    mode_t mode) {
  const std::optional<std::string> text = read_whole(path);
  if (!text) return path + ": " + std::strerror(errno);
  UniqueFd into(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!into) return directory + ": " + std::strerror(errno);
  Result<ReplacementFile> file = ReplacementFile::create(std::move(into), name, mode);
  if (!file) return directory + "/" + name + ": " + file.failure().text();
  auto failure = file->write(*text);
  if (!failure) failure = file->commit();
  return failure ? directory + "/" + name + ": " + failure->text() : std::string();
}

int export_to(const std::string& directory) {
  if (directory.empty()) throw UsageError("to where? Give a directory");
  struct File {
    std::string path;
    std::string name;
    mode_t mode;
  };
  std::vector<File> files;
  try {
    files.push_back({find_library(), "libsockopt.so", 0644});
  } catch (const std::exception& missing) {
    complain("export", missing.what());
    return kFault;
  }
  const std::string zmq = find_zmq_library();
  if (!zmq.empty()) files.push_back({zmq, std::string(kZmqLibrary), 0644});
  // One that is linked with the libraries of this system may not start in another.
  const auto own = read_elf_file("/proc/self/exe");
  if (own && own->is_static) files.push_back({"/proc/self/exe", "sockopt", 0755});
  Output out;
  for (const File& file : files) {
    const std::string fault = copy_to(directory, file.path, file.name, file.mode);
    if (!fault.empty()) {
      complain("export", fault);
      return out.finish(kFault);
    }
    out.print("{}/{}\n", printable(directory), file.name);
  }
  return out.finish(kDone);
}

std::function<int()> declare(Arguments& arguments) {
  const auto directory = std::make_shared<std::string>();
  arguments.positional("DIR", *directory, "A directory that is there");
  return [directory] { return export_to(*directory); };
}

constexpr Example kExamples[] = {
    {"sockopt export /volume", "for containers that mount the volume"},
};

}  // namespace

constinit const Verb kExportVerb = {
    .name = "export",
    .effect = Effect::kChanges,
    .summary = "copy the library into a directory",
    .usage = "DIR",
    .description =
        "Copies libsockopt.so, libsockopt-zmq.so and, if it is statically linked, this command "
        "into\n"
        "a directory. Each file is replaced in one step: programs that run keep the one they have.",
    .examples = kExamples,
    .declare = declare,
};

}  // namespace sockopt
