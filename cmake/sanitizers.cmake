# LAMBENT_SANITIZE: "" | address | thread. For the whole build, third-party headers included.
include_guard(GLOBAL)
set(LAMBENT_SANITIZE "" CACHE STRING "address (with undefined) or thread")
if(LAMBENT_SANITIZE STREQUAL "address")
    add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
    add_link_options(-fsanitize=address,undefined)
elseif(LAMBENT_SANITIZE STREQUAL "thread")
    # Asio's fences stand beside its mutexes, which TSan does understand.
    add_compile_options(-fsanitize=thread -fno-omit-frame-pointer -Wno-tsan)
    add_link_options(-fsanitize=thread)
endif()
if(LAMBENT_FUZZ)
    # Coverage of every room, without libFuzzer's main; the targets themselves bring that.
    add_compile_options(-fsanitize=fuzzer-no-link)
endif()
