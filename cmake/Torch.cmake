# SPDX-License-Identifier: Apache-2.0
# The pinned LibTorch as imported targets with absolute paths. Its own CMake package is not used: it
# searches system folders first, mixes a distribution's LibTorch with this one (the program then
# aborts at start), and wants the whole CUDA toolkit.
set(MNEME_TORCH_VERSION 2.11.0)

function(mneme_find_torch result)
    if(DEFINED ENV{XDG_CACHE_HOME})
        set(cache $ENV{XDG_CACHE_HOME})
    else()
        set(cache $ENV{HOME}/.cache)
    endif()
    set(candidates ${MNEME_TORCH} $ENV{MNEME_TORCH})
    if(NOT candidates)
        execute_process(
            COMMAND python3 -c
            "import importlib.util as u; s = u.find_spec('torch')
print(s.submodule_search_locations[0] if s else '')"
            OUTPUT_VARIABLE python_torch OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
        list(APPEND candidates ${python_torch})
    endif()
    list(APPEND candidates ${cache}/mneme/torch-${MNEME_TORCH_VERSION})
    foreach(candidate ${candidates})
        foreach(folder ${candidate} ${candidate}/torch)
            if(EXISTS ${folder}/include/torch/csrc/api/include/torch/version.h AND EXISTS
                ${folder}/lib/libtorch_cpu.so)
                set(version "")
                # where it stands moved between releases
                foreach(header csrc/api/include/torch/version.h headeronly/version.h)
                    if(EXISTS ${folder}/include/torch/${header})
                        file(STRINGS ${folder}/include/torch/${header} lines REGEX
                            "\"[0-9]+\\.[0-9]+\\.[0-9]+\"")
                        if(lines)
                            string(REGEX MATCH "[0-9]+\\.[0-9]+\\.[0-9]+" version "${lines}")
                        endif()
                    endif()
                endforeach()
                if(version VERSION_EQUAL MNEME_TORCH_VERSION)
                    set(${result} ${folder} PARENT_SCOPE)
                    return()
                endif()
                message(STATUS
                    "LibTorch in ${folder} is ${version}, not ${MNEME_TORCH_VERSION}: passed over")
            endif()
        endforeach()
    endforeach()
    message(FATAL_ERROR
        "LibTorch ${MNEME_TORCH_VERSION} not found (looked in: ${candidates}); run ./setup, or "
        "give -DMNEME_TORCH=DIR")
endfunction()

mneme_find_torch(MNEME_TORCH_DIR)
message(STATUS "LibTorch ${MNEME_TORCH_VERSION}: ${MNEME_TORCH_DIR}")

add_library(mneme_torch INTERFACE)
target_include_directories(mneme_torch SYSTEM INTERFACE ${MNEME_TORCH_DIR}/include
    ${MNEME_TORCH_DIR}/include/torch/csrc/api/include)
target_link_libraries(mneme_torch INTERFACE ${MNEME_TORCH_DIR}/lib/libtorch_cpu.so
    ${MNEME_TORCH_DIR}/lib/libc10.so)
# libtorch_cpu.so finds its own CUDA runtime by its run path; the linker need not.
target_link_options(mneme_torch INTERFACE -Wl,--allow-shlib-undefined)
target_compile_definitions(mneme_torch INTERFACE _GLIBCXX_USE_CXX11_ABI=1)

set(MNEME_TORCH_HAS_CUDA OFF)
if(EXISTS ${MNEME_TORCH_DIR}/lib/libc10_cuda.so)
    set(MNEME_TORCH_HAS_CUDA ON)
endif()

# One precompiled header for every target over LibTorch: target_precompile_headers(TARGET REUSE_FROM
# mneme_torch_pch).
# written when it changes only
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/torch_pch.cpp CONTENT
    "// the precompiled header needs a target to hang on\n")
add_library(mneme_torch_pch OBJECT ${CMAKE_BINARY_DIR}/torch_pch.cpp)
# the same flags as those who use it
target_link_libraries(mneme_torch_pch PRIVATE mneme_torch mneme_warnings)
target_precompile_headers(mneme_torch_pch PRIVATE
    <ATen/ATen.h> <ATen/core/dispatch/Dispatcher.h> <ATen/core/stack.h>
    <torch/csrc/autograd/autograd.h>
    <functional> <map> <memory> <stdexcept> <string> <vector>)
