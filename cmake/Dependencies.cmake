# SPDX-License-Identifier: Apache-2.0
# Third-party libraries, all from the distribution but LibTorch.
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(LibArchive REQUIRED)
find_package(PNG REQUIRED)
find_package(CURL REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(Boost 1.74 REQUIRED COMPONENTS filesystem system)
find_package(HDF5 REQUIRED COMPONENTS C HL)
find_path(TOMLPLUSPLUS_INCLUDE toml++/toml.h REQUIRED)

# Without packages of their own: a header and a library each.
foreach(name csv turbojpeg utf8proc)
    find_path(MNEME_${name}_INCLUDE ${name}.h REQUIRED)
    find_library(MNEME_${name}_LIBRARY ${name} REQUIRED)
    add_library(mneme_${name} INTERFACE)
    target_include_directories(mneme_${name} SYSTEM INTERFACE ${MNEME_${name}_INCLUDE})
    target_link_libraries(mneme_${name} INTERFACE ${MNEME_${name}_LIBRARY})
endforeach()

add_library(mneme_hdf5 INTERFACE)
target_include_directories(mneme_hdf5 SYSTEM INTERFACE ${HDF5_INCLUDE_DIRS})
target_link_libraries(mneme_hdf5 INTERFACE ${HDF5_C_HL_LIBRARIES} ${HDF5_C_LIBRARIES})
target_compile_definitions(mneme_hdf5 INTERFACE ${HDF5_DEFINITIONS})

add_library(mneme_toml INTERFACE)
target_include_directories(mneme_toml SYSTEM INTERFACE ${TOMLPLUSPLUS_INCLUDE})

include(Torch)

# CUDA: compiled where nvcc is, never needed to start (docs/decisions/0001).
set(MNEME_HAS_CUDA OFF)
if(MNEME_CUDA AND MNEME_TORCH_HAS_CUDA)
    include(CheckLanguage)
    if(NOT CMAKE_CUDA_ARCHITECTURES)
        # `native` fails on a machine without a GPU
        set(CMAKE_CUDA_ARCHITECTURES 75 80 86 89 90 100 120)
    endif()
    check_language(CUDA)
    if(CMAKE_CUDA_COMPILER)
        enable_language(CUDA)
        find_package(CUDAToolkit QUIET)
        set(MNEME_HAS_CUDA ON)
    endif()
endif()
message(STATUS "CUDA half: ${MNEME_HAS_CUDA}")
