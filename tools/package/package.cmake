# SPDX-License-Identifier: MIT
#
# The target `package`: two packages for Debian, of the libraries and of the command; `archive`: both for
# other systems. Only of a build whose files belong below /usr (the preset `package`): the library has the
# paths of the others. The preset `package-i386` makes the first package alone, for 32-bit programs.
if(NOT CMAKE_INSTALL_PREFIX STREQUAL "/usr")
  return()
endif()

set(SOCKOPT_MAINTAINER "The libsockopt authors <libsockopt@localhost>" CACHE STRING
  "Who answers for the packages: Name <address>")
set(here ${PROJECT_SOURCE_DIR}/tools/package)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME libsockopt)
set(CPACK_PACKAGE_VENDOR "The libsockopt authors")
set(CPACK_COMPONENTS_ALL libsockopt)
if(NOT SOCKOPT_LIBRARY_ONLY)
  list(APPEND CPACK_COMPONENTS_ALL sockopt)
endif()
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_PROJECT_CONFIG_FILE ${here}/settings.cmake)
set(CPACK_PRE_BUILD_SCRIPTS ${here}/complete.cmake)
set(CPACK_POST_BUILD_SCRIPTS ${here}/repack.cmake)
set(CPACK_SOCKOPT_SOURCE_DIR ${PROJECT_SOURCE_DIR})
# Whose code each holds, by the packages that it was built from.
set(CPACK_SOCKOPT_PARTS_libsockopt libinih-dev)
set(CPACK_SOCKOPT_PARTS_sockopt libinih-dev libcli11-dev libfmt-dev nlohmann-json3-dev)
set(linked)
if(TARGET sockopt_command)
  get_target_property(linked sockopt_command LINK_LIBRARIES)
endif()
foreach(library libbpf:libbpf-dev libelf:libelf-dev libz:zlib1g-dev libzstd:libzstd-dev)
  string(REPLACE : ";" library ${library})
  list(GET library 0 name)
  list(GET library 1 package)
  if(linked MATCHES "/${name}[.]a")
    list(APPEND CPACK_SOCKOPT_PARTS_sockopt ${package})
  endif()
endforeach()

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "${SOCKOPT_MAINTAINER}")
set(CPACK_DEBIAN_PACKAGE_SOURCE libsockopt)
# dpkg-shlibdeps knows the libraries of this system alone. The library needs no younger function.
if(CMAKE_CROSSCOMPILING)
  string(REGEX REPLACE "^i.86$" i386 CPACK_DEBIAN_PACKAGE_ARCHITECTURE ${CMAKE_SYSTEM_PROCESSOR})
  set(CPACK_DEBIAN_LIBSOCKOPT_PACKAGE_DEPENDS "libc6 (>= 2.17)")
else()
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
endif()
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_LIBSOCKOPT_PACKAGE_NAME libsockopt)
# Before 3.31, CPack has no variable for the second field.
set(CPACK_DEBIAN_LIBSOCKOPT_PACKAGE_SECTION "libs\nMulti-Arch: same")
set(CPACK_DEBIAN_LIBSOCKOPT_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_LIBSOCKOPT_PACKAGE_SUGGESTS sockopt)
set(CPACK_DEBIAN_LIBSOCKOPT_PACKAGE_CONTROL_EXTRA
  ${here}/libsockopt/prerm ${here}/libsockopt/triggers)
set(CPACK_DEBIAN_LIBSOCKOPT_DESCRIPTION
"socket options for the TCP sockets of unmodified programs
libsockopt.so is preloaded into a program (LD_PRELOAD) and sets socket
options on its TCP sockets: keepalive, a longer listen backlog, no Nagle
delay and others, as /etc/sockopt.ini or environment variables say.
Accepted connections inherit their options from the listener, without an
extra system call.

libsockopt-zmq.so does the same for the options of ZeroMQ's sockets.

Installing the package changes no program. The package sockopt has the
command that runs programs with the library and checks the configuration.")

set(CPACK_DEBIAN_SOCKOPT_PACKAGE_NAME sockopt)
set(CPACK_DEBIAN_SOCKOPT_PACKAGE_SECTION net)
set(CPACK_DEBIAN_SOCKOPT_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_SOCKOPT_PACKAGE_DEPENDS "libsockopt (= ${PROJECT_VERSION})")
set(CPACK_DEBIAN_SOCKOPT_PACKAGE_CONTROL_EXTRA
  ${here}/sockopt/conffiles ${here}/sockopt/postinst ${here}/sockopt/prerm ${here}/sockopt/postrm)
set(CPACK_DEBIAN_SOCKOPT_DESCRIPTION
"run programs with socket options, show and change their sockets
The command sockopt runs programs and systemd services with libsockopt,
which sets socket options on their TCP sockets. It checks the
configuration, explains what a socket gets and why, and shows and changes
the sockets of running processes. It also sets options from outside, for
all processes of a cgroup, by eBPF programs in the kernel.

Installing the package changes no program and starts no service.")

# For systems with RPM, whose C library may be older than this one's: the command is the archive's.
set(CPACK_RPM_COMPONENT_INSTALL ON)
set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_LICENSE MIT)
set(CPACK_RPM_PACKAGE_ARCHITECTURE ${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_RPM_PACKAGE_GROUP System/Libraries)
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION /usr/share/man /usr/share/man/man1 /usr/share/man/man5
  /usr/share/man/man7 /usr/share/bash-completion /usr/share/bash-completion/completions /usr/share/fish
  /usr/share/fish/vendor_completions.d /usr/share/zsh /usr/lib/systemd /usr/lib/systemd/system /usr/lib64)
set(CPACK_RPM_SPEC_MORE_DEFINE "%define _buildhost localhost
%define packager ${SOCKOPT_MAINTAINER}
%define use_source_date_epoch_as_buildtime 1
%define clamp_mtime_to_source_date_epoch 1
%define _build_id_links none")
set(CPACK_RPM_LIBSOCKOPT_PACKAGE_NAME libsockopt)
set(CPACK_RPM_LIBSOCKOPT_PACKAGE_SUMMARY "Socket options for the TCP sockets of unmodified programs")
set(CPACK_RPM_LIBSOCKOPT_PACKAGE_DESCRIPTION "${CPACK_DEBIAN_LIBSOCKOPT_DESCRIPTION}")
set(CPACK_RPM_LIBSOCKOPT_POST_INSTALL_SCRIPT_FILE ${here}/rpm/ldconfig)
set(CPACK_RPM_LIBSOCKOPT_PRE_UNINSTALL_SCRIPT_FILE ${here}/rpm/library_preun)
set(CPACK_RPM_LIBSOCKOPT_POST_UNINSTALL_SCRIPT_FILE ${here}/rpm/ldconfig)
set(CPACK_RPM_SOCKOPT_PACKAGE_NAME sockopt)
set(CPACK_RPM_SOCKOPT_PACKAGE_SUMMARY "Run programs with socket options, show and change their sockets")
set(CPACK_RPM_SOCKOPT_PACKAGE_DESCRIPTION "${CPACK_DEBIAN_SOCKOPT_DESCRIPTION}")
set(CPACK_RPM_SOCKOPT_PACKAGE_REQUIRES "libsockopt = ${PROJECT_VERSION}")
set(CPACK_RPM_SOCKOPT_USER_FILELIST "%config(noreplace) /etc/sockopt.ini")
set(CPACK_RPM_SOCKOPT_POST_INSTALL_SCRIPT_FILE ${here}/rpm/post)
set(CPACK_RPM_SOCKOPT_PRE_UNINSTALL_SCRIPT_FILE ${here}/rpm/preun)
set(CPACK_RPM_SOCKOPT_POST_UNINSTALL_SCRIPT_FILE ${here}/rpm/postun)
set(CPACK_SOCKOPT_STATIC_COMMAND ${PROJECT_BINARY_DIR}/sockopt_static)
set(CPACK_SOCKOPT_LIBDIR ${CMAKE_INSTALL_LIBDIR})
set(CPACK_SOCKOPT_STRIP ${CMAKE_STRIP})

include(CPack)
if(SOCKOPT_LIBRARY_ONLY)
  return()
endif()

# Statically linked, it is the same command, but for users: it knows those of /etc/passwd.
add_executable(sockopt_static EXCLUDE_FROM_ALL ${PROJECT_SOURCE_DIR}/tools/sockopt/main.cc)
target_compile_definitions(sockopt_static PRIVATE SOCKOPT_STATIC)
target_link_libraries(sockopt_static PRIVATE sockopt_command)
target_link_options(sockopt_static PRIVATE -static-pie -Wl,-z,relro,-z,now)
add_custom_target(rpm
  COMMAND ${CMAKE_CPACK_COMMAND} -G RPM
  DEPENDS sockopt sockopt_preload sockopt_zmq_preload sockopt_static
  WORKING_DIRECTORY ${PROJECT_BINARY_DIR}
  VERBATIM)
add_custom_target(archive
  COMMAND ${CMAKE_COMMAND} -DSOURCE=${PROJECT_SOURCE_DIR} -DBUILD=${PROJECT_BINARY_DIR}
    -DCOMMAND=$<TARGET_FILE:sockopt_static> -DSTRIP=${CMAKE_STRIP}
    -DNAME=libsockopt-${PROJECT_VERSION}-linux-${CMAKE_SYSTEM_PROCESSOR}
    "-DPARTS=${CPACK_SOCKOPT_PARTS_sockopt}" -P ${here}/archive.cmake
  DEPENDS sockopt sockopt_preload sockopt_zmq_preload sockopt_static
  VERBATIM)
