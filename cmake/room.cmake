# A room is one static library, lambent::<name>, whose headers are spelt <lambent/<name>/x.hpp> in-tree and installed alike.
#
#   lambent_room(http INSTALLED
#       SOURCES client.cpp pool.cpp          # listed by hand
#       HEADERS client.hpp                   # public; of an INSTALLED room: installed, and each compiles alone
#       DEPENDS core                         # other rooms; the single source of the include directions
#       PUBLIC  Boost::headers               # third parties that appear in public headers
#       PRIVATE OpenSSL::SSL)                # third parties that do not
#
# Each call is also written to build/rooms.txt, and each installed header to build/public_headers.txt: the tests read them.
include_guard(GLOBAL)
file(WRITE ${PROJECT_BINARY_DIR}/rooms.txt "")
file(WRITE ${PROJECT_BINARY_DIR}/public_headers.txt "")

function(lambent_room name)
    cmake_parse_arguments(ROOM "INSTALLED" "" "SOURCES;HEADERS;DEPENDS;PUBLIC;PRIVATE" ${ARGN})
    if(ROOM_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "lambent_room(${name}): unknown arguments ${ROOM_UNPARSED_ARGUMENTS}")
    endif()
    add_library(lambent_${name} STATIC)
    add_library(lambent::${name} ALIAS lambent_${name})
    file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/include/lambent)
    if(NOT EXISTS ${PROJECT_BINARY_DIR}/include/lambent/${name})
        file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/include/lambent/${name} SYMBOLIC)
    endif()
    target_sources(lambent_${name} PRIVATE ${ROOM_SOURCES})
    target_include_directories(lambent_${name} PUBLIC
        $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>
        $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
    target_compile_features(lambent_${name} PUBLIC cxx_std_20)
    set(rooms "")
    foreach(room IN LISTS ROOM_DEPENDS)
        list(APPEND rooms lambent::${room})
    endforeach()
    target_link_libraries(lambent_${name}
        PUBLIC ${rooms} ${ROOM_PUBLIC}
        PRIVATE ${ROOM_PRIVATE} $<BUILD_INTERFACE:lambent_warnings>)
    set_target_properties(lambent_${name} PROPERTIES
        EXPORT_NAME ${name} OUTPUT_NAME lambent_${name} POSITION_INDEPENDENT_CODE ON)
    if(ROOM_INSTALLED)
        lambent_install_room(${name} "${ROOM_HEADERS}")
    endif()
    string(JOIN " " depends ${ROOM_DEPENDS})
    file(APPEND ${PROJECT_BINARY_DIR}/rooms.txt "${name}: ${depends}\n")
endfunction()

# The emulator is a component and an export of its own, so that a package may leave it out.
function(lambent_install_room name headers)
    set(component library)
    set(export lambentTargets)
    if(name STREQUAL "emulator")
        set(component emulator)
        set(export lambentEmulatorTargets)
    endif()
    list(TRANSFORM headers PREPEND ${PROJECT_BINARY_DIR}/include/lambent/${name}/)
    target_sources(lambent_${name} PUBLIC
        FILE_SET HEADERS BASE_DIRS ${PROJECT_BINARY_DIR}/include FILES ${headers})
    if(LAMBENT_INSTALL)
        install(TARGETS lambent_${name} EXPORT ${export}
            ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT ${component}
            FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT ${component})
    endif()
    foreach(header IN LISTS headers)
        file(RELATIVE_PATH spelling ${PROJECT_BINARY_DIR}/include ${header})
        file(APPEND ${PROJECT_BINARY_DIR}/public_headers.txt "${spelling}\n")
    endforeach()
endfunction()

# lambent_test(core SOURCES error_test.cpp ... LINK lambent::core [LABELS unit]): one Catch2 binary per room.
function(lambent_test name)
    cmake_parse_arguments(TEST "" "" "SOURCES;LINK;LABELS" ${ARGN})
    add_executable(${name}_test ${TEST_SOURCES})
    target_link_libraries(${name}_test PRIVATE ${TEST_LINK} lambent_test_support lambent_warnings)
    target_include_directories(${name}_test PRIVATE ${PROJECT_SOURCE_DIR}/tests)
    if(NOT TEST_LABELS)
        set(TEST_LABELS unit)
    endif()
    add_test(NAME ${name} COMMAND ${name}_test)
    set_tests_properties(${name} PROPERTIES LABELS "${TEST_LABELS}" TIMEOUT 300)
    if(LAMBENT_SANITIZE STREQUAL "thread")
        set_tests_properties(${name} PROPERTIES ENVIRONMENT "TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/cmake/tsan.supp")
    endif()
endfunction()
