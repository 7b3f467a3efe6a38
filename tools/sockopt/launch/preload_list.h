// SPDX-License-Identifier: MIT
//
// LD_PRELOAD, and /etc/ld.so.preload: names of libraries between colons and white space.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sockopt {

std::vector<std::string_view> preload_words(std::string_view list);

/// Those of them that mean this library.
std::vector<std::string> words_for_library(std::string_view list);

/// Whether one of them is libsockopt-zmq.so.
bool names_zmq_library(std::string_view list);

/// With the library in front of what it holds, and once: two copies of it in one process would do
/// everything twice.
std::string preload_with(std::string_view library, std::string_view before);

std::string preload_text(const std::vector<std::string_view>& words);

}  // namespace sockopt
