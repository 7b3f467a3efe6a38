# SPDX-License-Identifier: MIT
#
# The archive for other systems than Debian: what the packages hold, with a command that needs no
# library of the system's. Run as cmake -P, with SOURCE, BUILD, COMMAND, STRIP and NAME.
set(CPACK_SOCKOPT_SOURCE_DIR ${SOURCE})
include(${SOURCE}/tools/package/settings.cmake)

set(stage ${BUILD}/archive)
set(root ${stage}/${NAME})
file(REMOVE_RECURSE ${stage})
set(ENV{DESTDIR} ${stage})
execute_process(COMMAND ${CMAKE_COMMAND} --install ${BUILD} OUTPUT_QUIET COMMAND_ERROR_IS_FATAL ANY)
file(RENAME ${stage}/usr ${root})
# The unit has the path of the package's command. The configuration is among the examples.
file(REMOVE_RECURSE ${root}/lib/systemd)
execute_process(COMMAND ${STRIP} -o ${root}/bin/sockopt ${COMMAND} COMMAND_ERROR_IS_FATAL ANY)
file(COPY ${SOURCE}/LICENSE ${SOURCE}/CHANGELOG.md DESTINATION ${root}/share/doc/sockopt)
foreach(part ${PARTS})
  configure_file(/usr/share/doc/${part}/copyright ${root}/share/doc/sockopt/copyright.${part} COPYONLY)
endforeach()
execute_process(
  COMMAND tar -C ${stage} --sort=name --owner=root:0 --group=root:0 --mode=u=rwX,go=rX
    --mtime=@$ENV{SOURCE_DATE_EPOCH} --format=gnu -cf ${BUILD}/${NAME}.tar ${NAME}
  COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND gzip -9nf ${BUILD}/${NAME}.tar COMMAND_ERROR_IS_FATAL ANY)
file(REMOVE_RECURSE ${stage})
message(STATUS "${BUILD}/${NAME}.tar.gz")
