# SPDX-License-Identifier: Apache-2.0
# Options, warnings, caches: what every target shares.
option(MNEME_TESTS "build the tests" ON)
option(MNEME_CUDA "build the CUDA half when nvcc is present" ON)
set(MNEME_TORCH "" CACHE PATH
    "folder of LibTorch 2.11 (the one that holds include/ and lib/, or one that holds torch/)")
option(MNEME_FUZZ "build the libFuzzer targets of tests/fuzz instead of tests (preset fuzz)" OFF)
set(MNEME_SANITIZE "" CACHE STRING "sanitizers for our targets, e.g. address,undefined")

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_LINK_DEPENDS_NO_SHARED ON)
set(CMAKE_BUILD_RPATH_USE_ORIGIN OFF)

find_program(MNEME_CCACHE ccache)
if(MNEME_CCACHE)
    # A precompiled header is only cached when ccache is told that its time stamps do not matter.
    set(ccache_command ${CMAKE_COMMAND} -E env
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
        ${MNEME_CCACHE})
    foreach(language C CXX CUDA)
        set(CMAKE_${language}_COMPILER_LAUNCHER ${ccache_command})
    endforeach()
    add_compile_options($<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fpch-preprocess>)
endif()

# Warnings for our own targets; third-party headers come in as system headers.
add_library(mneme_warnings INTERFACE)
set(warnings -Wall -Wextra -Wpedantic)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 13)
    # A warning that only a newer compiler than Debian 12's has does not end the build of a user.
    # g++ 13 takes what a function returns by reference for a part of its temporary argument.
    target_compile_options(mneme_warnings INTERFACE
        $<$<COMPILE_LANGUAGE:CXX>:-Wno-dangling-reference>)
else()
    list(APPEND warnings -Werror)
endif()
target_compile_options(mneme_warnings INTERFACE
    "$<$<COMPILE_LANGUAGE:C,CXX>:${warnings}>"
    # g++ 12 sees overlaps that are not there in joined strings (its bug 105651).
    $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-restrict>)

if(MNEME_SANITIZE)
    add_compile_options($<$<COMPILE_LANGUAGE:C,CXX>:-fsanitize=${MNEME_SANITIZE}>
        $<$<COMPILE_LANGUAGE:C,CXX>:-fno-omit-frame-pointer>)
    add_link_options(-fsanitize=${MNEME_SANITIZE})
endif()

# Recorded in results.
execute_process(COMMAND git -C ${CMAKE_CURRENT_SOURCE_DIR} rev-parse HEAD OUTPUT_VARIABLE
    MNEME_GIT_COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
