// SPDX-License-Identifier: MIT
#include "shim/config/environment_view.h"

#include "shim/text/text.h"

namespace sockopt {

EnvironmentView::EnvironmentView(const char* begin, const char* end) {
  while (begin < end && end[-1] != '\0') --end;
  text_ = {begin, static_cast<std::size_t>(end - begin)};
}

EnvironmentView::Iterator& EnvironmentView::Iterator::operator++() {
  if (array_ != nullptr) {
    ++array_;
  } else {
    text_.remove_prefix(text_.find('\0') + 1);
  }
  return *this;
}

std::string_view get_variable(const EnvironmentView& environment, std::string_view name) {
  for (const char* entry : environment) {
    const char* rest = behind(entry, name);
    if (rest != nullptr && *rest == '=') return rest + 1;
  }
  return {};
}

}  // namespace sockopt
