# Flags of our own sources only; nothing here reaches a consumer.
include_guard(GLOBAL)
add_library(lambent_warnings INTERFACE)
target_compile_options(lambent_warnings INTERFACE -Wall -Wextra -Wpedantic -Woverloaded-virtual
    $<$<CXX_COMPILER_ID:GNU>:-Wshadow=local> $<$<CXX_COMPILER_ID:Clang>:-Wshadow> -Wno-missing-field-initializers)
if(LAMBENT_DEVELOPER)
    target_compile_options(lambent_warnings INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 warns falsely inside variant2 and around coroutine frames when optimising or sanitising.
    target_compile_options(lambent_warnings INTERFACE -Wno-maybe-uninitialized -Wno-dangling-pointer -Wno-restrict
        -Wno-array-bounds -Wno-stringop-overflow -Wno-mismatched-new-delete)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # result<void>::error() gives a copy, other results a reference: one spelling, std::move, serves both. libstdc++ 12's own stable_sort
    # uses what it deprecates.
    target_compile_options(lambent_warnings INTERFACE -Wno-pessimizing-move -Wno-deprecated-declarations)
endif()
