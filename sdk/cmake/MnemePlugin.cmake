# SPDX-License-Identifier: Apache-2.0
# mneme_add_plugin(name source... [VERSION 1.0]): a method plugin from .cpp, .c or .cu. Exports
# one symbol; needs only the C and C++ runtime.
set(MNEME_PLUGIN_MAP ${CMAKE_CURRENT_LIST_DIR}/plugin.map CACHE INTERNAL
    "the version script of plugins")

function(mneme_add_plugin name)
    cmake_parse_arguments(PARSE_ARGV 1 arg "" "VERSION" "")
    if(NOT arg_VERSION)
        set(arg_VERSION 1.0)
    endif()
    add_library(${name} MODULE ${arg_UNPARSED_ARGUMENTS})
    target_link_libraries(${name} PRIVATE $<IF:$<TARGET_EXISTS:Mneme::sdk>,Mneme::sdk,mneme_sdk>)
    # CMake 3.25 takes CUDA's standard from C++'s, and does not know how nvcc is told.
    if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)
        set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION -std=c++20 PARENT_SCOPE)
        set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION -std=c++20 PARENT_SCOPE)
    endif()
    target_compile_definitions(${name} PRIVATE MNEME_PLUGIN_VERSION="${arg_VERSION}")
    set_target_properties(${name} PROPERTIES PREFIX "" CXX_VISIBILITY_PRESET hidden
        C_VISIBILITY_PRESET hidden CUDA_VISIBILITY_PRESET hidden
        VISIBILITY_INLINES_HIDDEN ON LINK_DEPENDS ${MNEME_PLUGIN_MAP})
    # The version script hides weak and unique symbols too, which hidden visibility leaves.
    target_link_options(${name} PRIVATE -Wl,--version-script=${MNEME_PLUGIN_MAP}
        -Wl,--no-undefined -Wl,--as-needed -Wl,--build-id)
endfunction()
