// SPDX-License-Identifier: Apache-2.0
#include <mneme/error.hpp>

#include "host/tables.hpp"
#include "loader/loader.hpp"
#include "worker/commands.hpp"

namespace mneme::harness {

const mneme_method& method_of(const mneme_plugin& plugin, const std::string& id, const std::string& path) {
    for (auto m = plugin.methods; *m; ++m)
        if (id == (*m)->id) return **m;
    throw Error(path + ": has no method " + id + "; mneme list methods says what it has", 69);
}

} // namespace mneme::harness
