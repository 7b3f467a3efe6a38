# SPDX-License-Identifier: MIT
#
# Read by cpack as it starts. Times in a package are the commit's, so that whoever builds it anew gets
# the same bytes; without a repository they are the changelog's.
if(NOT DEFINED ENV{SOURCE_DATE_EPOCH})
  execute_process(COMMAND git -C ${CPACK_SOCKOPT_SOURCE_DIR} log -1 --format=%ct
    OUTPUT_VARIABLE time OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    file(TIMESTAMP ${CPACK_SOCKOPT_SOURCE_DIR}/CHANGELOG.md time %s UTC)
  endif()
  set(ENV{SOURCE_DATE_EPOCH} ${time})
endif()

# It would stand before each package's own.
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")
