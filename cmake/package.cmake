# What makes an installed tree a package: CMake's config files and pkg-config's. The libraries' own install rules stand in room.cmake.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/lambent)

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/lambent-config.cmake.in ${PROJECT_BINARY_DIR}/lambent-config.cmake
    INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/lambent-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/lambent-config.cmake ${PROJECT_BINARY_DIR}/lambent-config-version.cmake
    DESTINATION ${package_dir} COMPONENT library)
install(EXPORT lambentTargets NAMESPACE lambent:: DESTINATION ${package_dir} COMPONENT library)
install(EXPORT lambentEmulatorTargets NAMESPACE lambent:: DESTINATION ${package_dir} COMPONENT emulator)

# The .pc files find their prefix from where they lie, so that `cmake --install --prefix` and a moved tree stay right.
file(RELATIVE_PATH LAMBENT_PC_TO_PREFIX /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
string(REGEX REPLACE "/$" "" LAMBENT_PC_TO_PREFIX ${LAMBENT_PC_TO_PREFIX})
set(LAMBENT_PC_DEFINITIONS "")
if(LAMBENT_SHA256_PROVIDER)
    set(LAMBENT_PC_DEFINITIONS " -DLAMBENT_SHA256_PROVIDER") # installed headers ask for it
endif()
foreach(package lambent lambent-emulator)
    configure_file(${CMAKE_CURRENT_LIST_DIR}/${package}.pc.in ${PROJECT_BINARY_DIR}/${package}.pc @ONLY)
endforeach()
install(FILES ${PROJECT_BINARY_DIR}/lambent.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT library)
install(FILES ${PROJECT_BINARY_DIR}/lambent-emulator.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT emulator)
