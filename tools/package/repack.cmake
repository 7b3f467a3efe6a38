# SPDX-License-Identifier: MIT
#
# Run by cpack once the packages are there: packs them again as Debian's own tool does, with the same modes
# whatever the umask was, and without the scripts by which CPack calls ldconfig. The trigger does that.
function(execute)
  execute_process(COMMAND ${ARGN} OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
endfunction()

if(NOT CPACK_GENERATOR STREQUAL "DEB")
  return()
endif()
foreach(package ${CPACK_PACKAGE_FILES})
  set(tree ${package}.tree)
  file(REMOVE_RECURSE ${tree})
  execute(dpkg-deb --raw-extract ${package} ${tree})
  if(package MATCHES "/libsockopt_")
    file(REMOVE ${tree}/DEBIAN/postinst ${tree}/DEBIAN/postrm)
  endif()
  execute(chmod -R u=rwX,go=rX ${tree})
  # More threads cut what is compressed into other pieces.
  execute(dpkg-deb --root-owner-group --threads-max=1 --build ${tree} ${package})
  file(REMOVE_RECURSE ${tree})
endforeach()
