# SPDX-License-Identifier: MIT
#
# Run by cpack once the files of each package lie in a directory of its name: adds what only a package
# has, and compresses what Debian has compressed.
find_program(gzip gzip REQUIRED)

function(compress)
  execute_process(COMMAND ${gzip} -9n ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

if(CPACK_GENERATOR STREQUAL "RPM")
  # Its systems have other directories, no changelog of Debian's and no overrides for lintian.
  set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY})
  file(RENAME ${root}/libsockopt/usr/${CPACK_SOCKOPT_LIBDIR} ${root}/libsockopt/usr/lib64)
  file(REMOVE_RECURSE ${root}/libsockopt/usr/lib)
  file(GLOB libraries ${root}/libsockopt/usr/lib64/*.so)
  execute_process(COMMAND chmod 755 ${libraries} COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND ${CPACK_SOCKOPT_STRIP} -o ${root}/sockopt/usr/bin/sockopt
    ${CPACK_SOCKOPT_STATIC_COMMAND} COMMAND_ERROR_IS_FATAL ANY)
  foreach(package libsockopt sockopt)
    set(documentation ${root}/${package}/usr/share/doc/${package})
    file(COPY ${CPACK_SOCKOPT_SOURCE_DIR}/LICENSE ${CPACK_SOCKOPT_SOURCE_DIR}/CHANGELOG.md
      DESTINATION ${documentation})
    foreach(part ${CPACK_SOCKOPT_PARTS_${package}})
      configure_file(/usr/share/doc/${part}/copyright ${documentation}/copyright.${part} COPYONLY)
    endforeach()
  endforeach()
  file(GLOB pages ${root}/sockopt/usr/share/man/*/*.[1-8])
  compress(${pages})
  # The same modes and times wherever it is packed; rpmbuild only takes back times that are younger.
  execute_process(COMMAND chmod -R u=rwX,go=rX ${root} COMMAND_ERROR_IS_FATAL ANY)
  execute_process(COMMAND find ${root} -exec touch --no-dereference --date=@$ENV{SOURCE_DATE_EPOCH} {} +
    COMMAND_ERROR_IS_FATAL ANY)
  return()
endif()

string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)  # SOURCE_DATE_EPOCH
foreach(package ${CPACK_COMPONENTS_ALL})
  set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/${package}/usr/share)
  set(documentation ${root}/doc/${package})
  file(MAKE_DIRECTORY ${documentation})
  configure_file(${CPACK_SOCKOPT_SOURCE_DIR}/CHANGELOG.md ${documentation}/CHANGELOG.md COPYONLY)
  file(WRITE ${documentation}/changelog
"libsockopt (${CPACK_PACKAGE_VERSION}) unstable; urgency=medium

  * /usr/share/doc/${package}/CHANGELOG.md.gz says what changes for users.

 -- ${CPACK_DEBIAN_PACKAGE_MAINTAINER}  ${date}
")
  compress(${documentation}/CHANGELOG.md ${documentation}/changelog)
  configure_file(${CPACK_SOCKOPT_SOURCE_DIR}/LICENSE ${documentation}/copyright COPYONLY)
  foreach(part ${CPACK_SOCKOPT_PARTS_${package}})
    file(READ /usr/share/doc/${part}/copyright text)
    file(APPEND ${documentation}/copyright "\n\nIt contains code of ${part}:\n\n${text}")
  endforeach()
  file(MAKE_DIRECTORY ${root}/lintian/overrides)
  configure_file(${CPACK_SOCKOPT_SOURCE_DIR}/tools/package/${package}/overrides
    ${root}/lintian/overrides/${package} COPYONLY)
endforeach()

file(GLOB pages ${CPACK_TEMPORARY_INSTALL_DIRECTORY}/sockopt/usr/share/man/*/*.[1-8])
compress(${pages})
