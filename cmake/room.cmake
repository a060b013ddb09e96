# A room is one static library, lambent::<name>, whose headers are spelt <lambent/<name>/x.hpp> in-tree and installed alike.
#
#   lambent_room(http
#       SOURCES client.cpp pool.cpp          # listed by hand
#       HEADERS client.hpp pool.hpp          # public: installed, and each compiles alone
#       DEPENDS core                         # other rooms; the single source of the include directions
#       PUBLIC  Boost::headers               # third parties that appear in public headers
#       PRIVATE OpenSSL::SSL)                # third parties that do not
#
# Each call is also written to build/rooms.txt, which the tidy test compares with the real includes.
include_guard(GLOBAL)
file(WRITE ${CMAKE_BINARY_DIR}/rooms.txt "")

function(lambent_room name)
    cmake_parse_arguments(ROOM "" "" "SOURCES;HEADERS;DEPENDS;PUBLIC;PRIVATE" ${ARGN})
    if(ROOM_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "lambent_room(${name}): unknown arguments ${ROOM_UNPARSED_ARGUMENTS}")
    endif()
    add_library(lambent_${name} STATIC)
    add_library(lambent::${name} ALIAS lambent_${name})
    file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/include/lambent)
    if(NOT EXISTS ${CMAKE_BINARY_DIR}/include/lambent/${name})
        file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${CMAKE_BINARY_DIR}/include/lambent/${name} SYMBOLIC)
    endif()
    target_sources(lambent_${name} PRIVATE ${ROOM_SOURCES})
    target_include_directories(lambent_${name} PUBLIC
        $<BUILD_INTERFACE:${CMAKE_BINARY_DIR}/include>
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
    install(TARGETS lambent_${name} EXPORT lambentTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
    foreach(header IN LISTS ROOM_HEADERS)
        get_filename_component(folder ${header} DIRECTORY)
        install(FILES ${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/lambent/${name}/${folder})
    endforeach()
    string(JOIN " " depends ${ROOM_DEPENDS})
    file(APPEND ${CMAKE_BINARY_DIR}/rooms.txt "${name}: ${depends}\n")
    set_property(GLOBAL APPEND PROPERTY LAMBENT_ROOMS ${name})
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
endfunction()
