#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Every standard header is included where it is used.

What one release's <string> brings along, the next one's does not. So a file that uses std::sort
includes <algorithm>, or a header of ours that it includes does.
"""

import functools
import pathlib
import re
import sys

NAMES = {
    "algorithm": "all_of any_of none_of sort stable_sort find find_if count count_if copy copy_if fill max "
                 "min minmax max_element min_element nth_element lower_bound upper_bound equal_range "
                 "binary_search unique remove remove_if replace reverse rotate set_difference includes "
                 "transform for_each clamp partition is_sorted equal mismatch search adjacent_find "
                 "partial_sort shuffle generate move_backward",
    "array": "array to_array",
    "atomic": "atomic atomic_ref atomic_flag memory_order_relaxed memory_order_acquire",
    "bit": "bit_cast popcount countr_zero has_single_bit endian",
    "charconv": "from_chars to_chars",
    "chrono": "chrono",
    "condition_variable": "condition_variable",
    "cstddef": "byte max_align_t nullptr_t",
    "cstdint": "int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t intptr_t uintptr_t "
               "intmax_t uintmax_t",
    "cstdio": "printf fprintf puts fputs fflush snprintf perror stdout stderr",
    "cstdlib": "getenv exit abort atoi strtol strtoul malloc free",
    "cstring": "memcpy memset memcmp memmove strcmp strlen strerror strchr strncmp",
    "deque": "deque",
    "exception": "exception terminate current_exception",
    "filesystem": "filesystem",
    "fstream": "ifstream ofstream fstream",
    "functional": "function invoke hash greater less reference_wrapper ref not_fn bind_front",
    "iomanip": "setw setfill setprecision",
    "iostream": "cout cerr cin",
    "iterator": "back_inserter inserter distance next prev advance istreambuf_iterator make_move_iterator "
                "ssize",
    "limits": "numeric_limits",
    "list": "list",
    "map": "map multimap",
    "memory": "unique_ptr shared_ptr make_unique make_shared weak_ptr addressof",
    "mutex": "mutex lock_guard unique_lock scoped_lock once_flag call_once",
    "numeric": "accumulate iota reduce gcd",
    "optional": "optional nullopt",
    "queue": "queue priority_queue",
    "random": "mt19937 mt19937_64 random_device uniform_int_distribution",
    "regex": "regex regex_match regex_search regex_replace smatch cmatch sregex_iterator",
    "set": "set multiset",
    "span": "span",
    "sstream": "istringstream ostringstream stringstream",
    "stdexcept": "runtime_error logic_error invalid_argument out_of_range",
    "string": "string to_string stoi stol stoul stoull getline",
    "string_view": "string_view",
    "system_error": "error_code system_error errc generic_category",
    "thread": "thread jthread this_thread",
    "tuple": "tuple tie make_tuple",
    "type_traits": "is_same_v is_trivially_copyable_v enable_if_t decay_t conditional_t remove_cvref_t "
                   "is_void_v invoke_result_t underlying_type_t",
    "unordered_map": "unordered_map",
    "unordered_set": "unordered_set",
    "utility": "move forward pair swap exchange as_const make_pair in_place",
    "variant": "variant get_if holds_alternative monostate visit",
    "vector": "vector",
}
HEADER_OF = {name: header for header, names in NAMES.items() for name in names.split()}
# What a header is specified to bring along.
BRINGS = {
    "string": {"string_view"},
    "map": {"utility"},
    "unordered_map": {"utility"},
    "variant": {"utility"},
    "iostream": {"ostream", "istream"},
}

ROOT = pathlib.Path(__file__).resolve().parents[2]
COMMENT_OR_STRING = re.compile(
    r'R"(\w*)\(.*?\)\1"|//[^\n]*|/\*.*?\*/|"(?:[^"\\\n]|\\.)*"|'
    r"(?<![0-9a-fA-F])'(?:[^'\\\n]|\\.)+'", re.S)
INCLUDE = re.compile(r'^#\s*include\s*[<"]([^>"]+)[>"]', re.M)


@functools.cache
def included(path):
    """What it includes, itself and by our own headers."""
    headers = set(INCLUDE.findall(path.read_text()))
    for header in list(headers):
        headers |= BRINGS.get(header, set())
        if (ROOT / header).exists():
            headers |= included(ROOT / header)
    return headers


def missing(path):
    """The names that are used, by the headers that are not there."""
    text = COMMENT_OR_STRING.sub(" ", re.sub(r"^#\s*include.*", "", path.read_text(), flags=re.M))
    headers = included(path)
    found = {}
    for name in set(re.findall(r"\bstd::(?:ranges::)?(\w+)", text)):
        header = HEADER_OF.get(name)
        if header and header not in headers:
            found.setdefault(header, set()).add(name)
    return found


def main():
    failed = False
    for path in sorted(path for folder in ("shim", "tests", "tools")
                       for path in (ROOT / folder).rglob("*") if path.suffix in (".cc", ".h")):
        for header, names in sorted(missing(path).items()):
            print(f"{path.relative_to(ROOT)}: std::{', std::'.join(sorted(names))} "
                  f"needs #include <{header}>")
            failed = True
    return failed


if __name__ == "__main__":
    sys.exit(main())
