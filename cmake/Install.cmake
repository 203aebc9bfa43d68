# SPDX-License-Identifier: Apache-2.0
# `cmake --install BUILD --prefix DIR`: a tree that runs wherever it is copied, on a machine that
# has LibTorch and nothing else of ours.
foreach(target mneme mneme_worker)
    if(NOT TARGET ${target})
        message(STATUS "no install rules: ${target} is not built")
        return()
    endif()
endforeach()

# The libraries in lib/mneme find each other by the RPATH of the program; a RUNPATH, which is the
# linker's default, serves direct needs only. But an RPATH beats LD_LIBRARY_PATH, so the worker of
# the build tree, which knows a LibTorch, must not have one: `--torch` would be ignored.
target_link_options(mneme PRIVATE -Wl,--disable-new-dtags)
add_executable(mneme_worker_installed $<TARGET_OBJECTS:mneme_worker>)
target_link_libraries(mneme_worker_installed PRIVATE $<TARGET_PROPERTY:mneme_worker,LINK_LIBRARIES>)
target_link_options(mneme_worker_installed PRIVATE -Wl,--disable-new-dtags)
set_target_properties(mneme_worker_installed PROPERTIES OUTPUT_NAME mneme-worker
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/install
    LINKER_LANGUAGE CXX)
set_target_properties(mneme mneme_worker_installed PROPERTIES INSTALL_RPATH "$ORIGIN/../lib/mneme")
install(TARGETS mneme mneme_worker_installed RUNTIME DESTINATION bin)

get_property(plugins GLOBAL PROPERTY MNEME_PLUGINS)
if(plugins)
    install(TARGETS ${plugins} LIBRARY DESTINATION lib/mneme/plugins)
endif()
if(TARGET mneme_cuda)
    set_target_properties(mneme_cuda PROPERTIES INSTALL_RPATH "$ORIGIN")
    install(TARGETS mneme_cuda LIBRARY DESTINATION lib/mneme)
endif()

# What the C and C++ runtime and LibTorch do not bring. A library of glibc belongs to its loader and
# cannot be carried along.
install(CODE [[
    file(GET_RUNTIME_DEPENDENCIES EXECUTABLES "$<TARGET_FILE:mneme>"
        "$<TARGET_FILE:mneme_worker_installed>"
        RESOLVED_DEPENDENCIES_VAR libraries UNRESOLVED_DEPENDENCIES_VAR unknown
        PRE_EXCLUDE_REGEXES "^ld-linux"
        "^lib(c|m|dl|rt|pthread|resolv|util|anl|nsl|mvec|BrokenLocale|thread_db)\\.so"
        "^lib(stdc\\+\\+|gcc_s|gomp|asan|ubsan)\\.so"
            "^lib(torch|c10|caffe2|cudart|cupti|nvrtc)")
    if(unknown)
        message(FATAL_ERROR "install: ${unknown}: not found; the program would not start elsewhere")
    endif()
    foreach(library IN LISTS libraries)
        file(INSTALL "${library}" DESTINATION "${CMAKE_INSTALL_PREFIX}/lib/mneme" TYPE
            SHARED_LIBRARY FOLLOW_SYMLINK_CHAIN)
    endforeach()
]])

install(DIRECTORY ${CMAKE_SOURCE_DIR}/benchmarks/standard ${CMAKE_SOURCE_DIR}/benchmarks/suites
    DESTINATION share/mneme/benchmarks
    FILES_MATCHING PATTERN "*.toml")
# What makes the data of benchmarks on features.
install(PROGRAMS ${CMAKE_SOURCE_DIR}/benchmarks/features/cifar100.py
    ${CMAKE_SOURCE_DIR}/benchmarks/features/digits.py
    ${CMAKE_SOURCE_DIR}/benchmarks/features/resnet18_weights.py
    DESTINATION share/mneme/benchmarks/features)
file(WRITE ${CMAKE_BINARY_DIR}/install/torch-path.txt "${MNEME_TORCH_DIR}\n")
install(FILES ${CMAKE_BINARY_DIR}/install/torch-path.txt DESTINATION share/mneme)
install(FILES ${CMAKE_SOURCE_DIR}/LICENSE ${CMAKE_SOURCE_DIR}/README.md DESTINATION share/doc/mneme)

# The SDK: find_package(Mneme) gives Mneme::sdk and mneme_add_plugin, pkg-config the flags; without
# LibTorch.
install(DIRECTORY ${CMAKE_SOURCE_DIR}/sdk/include/mneme DESTINATION include)
install(FILES ${CMAKE_SOURCE_DIR}/sdk/cmake/MnemePlugin.cmake
    ${CMAKE_SOURCE_DIR}/sdk/cmake/plugin.map ${CMAKE_SOURCE_DIR}/cmake/MnemeConfig.cmake
    DESTINATION lib/cmake/Mneme)
configure_file(${CMAKE_SOURCE_DIR}/cmake/mneme.pc.in ${CMAKE_BINARY_DIR}/install/mneme.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/install/mneme.pc DESTINATION lib/pkgconfig)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/sdk/template ${CMAKE_SOURCE_DIR}/sdk/examples DESTINATION
    share/mneme)
include(CMakePackageConfigHelpers)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/install/MnemeConfigVersion.cmake COMPATIBILITY
    SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/install/MnemeConfigVersion.cmake DESTINATION lib/cmake/Mneme)

# The same package for those who work from the build tree: new-plugin names this folder there.
file(WRITE ${CMAKE_BINARY_DIR}/package/MnemeConfig.cmake "if(NOT TARGET Mneme::sdk)
    add_library(Mneme::sdk INTERFACE IMPORTED)
    set_target_properties(Mneme::sdk PROPERTIES INTERFACE_INCLUDE_DIRECTORIES
        \"${CMAKE_SOURCE_DIR}/sdk/include\" INTERFACE_COMPILE_FEATURES cxx_std_20)
endif()
include(\"${CMAKE_SOURCE_DIR}/sdk/cmake/MnemePlugin.cmake\")
")
configure_file(${CMAKE_BINARY_DIR}/install/MnemeConfigVersion.cmake
    ${CMAKE_BINARY_DIR}/package/MnemeConfigVersion.cmake COPYONLY)
