// SPDX-License-Identifier: MIT
#include "tools/sockopt/verbs/pods/pod_api.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <utility>

#include "tools/sockopt/report/output.h"

namespace sockopt {
namespace {

constexpr std::string_view kEndOfHead = "\r\n\r\n";

std::string percent_encoded(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool is_plain =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    encoded += is_plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

// Why the answer is not what was asked for; empty where it is. `body` is as much as there is of it.
std::string refusal(std::string_view head, std::string_view body) {
  const std::string_view status = head.substr(0, head.find("\r\n"));
  const std::size_t space = status.find(' ');
  const std::string_view code = space == status.npos ? "" : status.substr(space + 1);
  if (code.starts_with("200")) return {};
  const auto json = nlohmann::json::parse(body, nullptr, false);
  const bool says_why = json.is_object() && json.contains("message") && json["message"].is_string();
  return "it answers " + printable(code, 60) +
         (says_why ? ": " + printable(json["message"].get<std::string>()) : std::string());
}

std::string text_at(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Nothing where it has no metadata.
std::optional<std::pair<std::string, Pod>> read_pod(const nlohmann::json& object) {
  const auto metadata = object.find("metadata");
  if (metadata == object.end() || !metadata->is_object()) return {};
  Pod pod;
  pod.name_space = text_at(*metadata, "namespace");
  pod.name = pod.name_space + "/" + text_at(*metadata, "name");
  if (const auto all = metadata->find("annotations"); all != metadata->end() && all->is_object()) {
    for (const auto& [key, value] : all->items()) {
      if (value.is_string()) pod.annotations[key] = value.get<std::string>();
    }
  }
  // The kubelet knows a pod from a file by another one than the API server.
  const auto mirrored = pod.annotations.find("kubernetes.io/config.mirror");
  std::string uid =
      mirrored != pod.annotations.end() ? mirrored->second : text_at(*metadata, "uid");
  return std::pair(std::move(uid), std::move(pod));
}

}  // namespace

// Without those that have ended, as they have no cgroup any more.
PodApi::PodApi(std::string socket, const std::string& node, const std::string& labels)
    : socket_(std::move(socket)),
      query_("fieldSelector=" +
             percent_encoded("spec.nodeName=" + node +
                             ",status.phase!=Succeeded,status.phase!=Failed") +
             (labels.empty() ? std::string() : "&labelSelector=" + percent_encoded(labels))) {}

// By HTTP/1.0, under which an answer ends with the connection and is not cut into chunks.
std::optional<std::string> PodApi::request(const std::string& more, UniqueFd& connection) const {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (socket_.size() >= sizeof address.sun_path) return "the path is too long";
  socket_.copy(address.sun_path, socket_.size());
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  constexpr timeval kPatience = {.tv_sec = 30, .tv_usec = 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof kPatience);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof kPatience);
  const std::string kind = more.empty() ? "PartialObjectMetadataList" : "PartialObjectMetadata";
  const std::string text = "GET /api/v1/pods?" + query_ + more +
                           " HTTP/1.0\r\nHost: localhost\r\nAccept: application/json;as=" + kind +
                           ";g=meta.k8s.io;v=v1\r\n\r\n";
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL) !=
          static_cast<ssize_t>(text.size())) {
    return std::strerror(errno);
  }
  connection = std::move(fd);
  return {};
}

std::optional<std::string> PodApi::list(Pods& pods) {
  changes_.reset();
  UniqueFd connection;
  if (auto fault = request("", connection)) return fault;
  std::string answer;
  char piece[1 << 14];
  ssize_t size = 0;
  while ((size = ::recv(connection.get(), piece, sizeof piece, 0)) > 0) {
    answer.append(piece, static_cast<std::size_t>(size));
  }
  if (size < 0) return std::strerror(errno);
  const std::size_t end = answer.find(kEndOfHead);
  if (end == answer.npos) return "it closes the connection without an answer";
  const std::string_view body = std::string_view(answer).substr(end + kEndOfHead.size());
  if (std::string why = refusal(answer, body); !why.empty()) return why;
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object() || !json.contains("items") || !json["items"].is_array() ||
      !json.contains("metadata")) {
    return "its answer is no list of pods";
  }
  Pods found;
  for (const auto& item : json["items"]) {
    if (auto pod = read_pod(item)) found.insert(std::move(*pod));
  }
  pods = std::move(found);
  // It ends that after a while, and all of them are listed again.
  const std::string version = text_at(json["metadata"], "resourceVersion");
  read_.clear();
  has_head_ = false;
  return request("&watch=1&timeoutSeconds=240&resourceVersion=" + percent_encoded(version),
                 changes_);
}

void PodApi::take(Pods& pods) {
  char piece[1 << 14];
  ssize_t size = 0;
  while ((size = ::recv(changes_.get(), piece, sizeof piece, MSG_DONTWAIT)) > 0) {
    read_.append(piece, static_cast<std::size_t>(size));
  }
  const bool is_waiting = size < 0 && (errno == EAGAIN || errno == EINTR);
  if (!has_head_) {
    const std::size_t end = read_.find(kEndOfHead);
    if (end != read_.npos) {
      has_head_ = refusal(read_, {}).empty();
      read_.erase(0, end + kEndOfHead.size());
      if (!has_head_) changes_.reset();
    }
  }
  for (std::size_t end = 0; has_head_ && (end = read_.find('\n')) != read_.npos;) {
    take(pods, std::string_view(read_).substr(0, end));
    read_.erase(0, end + 1);
  }
  if (!is_waiting) changes_.reset();
}

void PodApi::take(Pods& pods, std::string_view line) {
  const auto event = nlohmann::json::parse(line, nullptr, false);
  if (!event.is_object() || !event.contains("object")) return changes_.reset();
  const std::string type = text_at(event, "type");
  auto pod = read_pod(event["object"]);
  if (!pod || type == "ERROR") return changes_.reset();
  if (type == "ADDED" || type == "MODIFIED") {
    pods.insert_or_assign(std::move(pod->first), std::move(pod->second));
  } else if (type == "DELETED") {
    pods.erase(pod->first);
  }
}

}  // namespace sockopt
