// SPDX-License-Identifier: MIT
//
// What fmt has in its library, compiled into the command: an image that has the command need not
// have that library, or the same version of it.
#include <fmt/format-inl.h>

// What its headers leave to that library.
template auto fmt::detail::thousands_sep_impl<char>(locale_ref) -> thousands_sep_result<char>;
template auto fmt::detail::decimal_point_impl<char>(locale_ref) -> char;
#if FMT_VERSION >= 100000
template void fmt::detail::vformat_to(buffer<char>&, string_view, vformat_args<char>::type,
                                      locale_ref);
#endif
