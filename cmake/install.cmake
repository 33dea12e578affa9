# What an installed Reprise is: two static libraries, their public headers, and a CMake package, so
# that find_package(reprise) gives reprise::format and reprise::engine.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/reprise)

install(TARGETS reprise_format reprise_engine EXPORT repriseTargets
  ARCHIVE COMPONENT Development
  FILE_SET HEADERS COMPONENT Development)
install(EXPORT repriseTargets NAMESPACE reprise:: DESTINATION ${package_dir} COMPONENT Development)

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/repriseConfig.cmake.in
  ${PROJECT_BINARY_DIR}/repriseConfig.cmake INSTALL_DESTINATION ${package_dir})
# Before 1.0 a minor release may change the API.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/repriseConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES
  ${PROJECT_BINARY_DIR}/repriseConfig.cmake
  ${PROJECT_BINARY_DIR}/repriseConfigVersion.cmake
  DESTINATION ${package_dir} COMPONENT Development)
