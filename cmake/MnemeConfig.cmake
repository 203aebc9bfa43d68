# SPDX-License-Identifier: Apache-2.0
# find_package(Mneme): the target Mneme::sdk and the function mneme_add_plugin, for plugins outside
# of this project. Folders are relative to this file, so the tree may be moved.
if(NOT TARGET Mneme::sdk)
    get_filename_component(mneme_prefix ${CMAKE_CURRENT_LIST_DIR}/../../.. ABSOLUTE)
    add_library(Mneme::sdk INTERFACE IMPORTED)
    set_target_properties(Mneme::sdk PROPERTIES INTERFACE_INCLUDE_DIRECTORIES
        ${mneme_prefix}/include INTERFACE_COMPILE_FEATURES cxx_std_20)
    unset(mneme_prefix)
endif()
include(${CMAKE_CURRENT_LIST_DIR}/MnemePlugin.cmake)
