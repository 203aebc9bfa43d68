// SPDX-License-Identifier: Apache-2.0
#include "host/tables.hpp"
#include "loader/loader.hpp"
#include "worker/commands.hpp"

namespace mneme::harness {

const mneme_plugin& open_plugin(const std::string& path, const std::string& sha256) {
    loader::Options options;
    options.sha256 = sha256;
    return loader::load(
        path,
        {[](const std::string& id) { return host::find_interface(id.c_str()) != nullptr; },
         host::has_operator, host::libtorch_version(), host::native_note()},
        options);
}

const mneme_method& method_of(const mneme_plugin& plugin, const std::string& id,
                              const std::string& path) {
    for (auto m = plugin.methods; *m; ++m)
        if (id == (*m)->id) return **m;
    throw base::ExitError(ExitCode::plugin_refused, path + ": has no method " + id +
                                                        "; `mneme list methods` says what it has");
}

} // namespace mneme::harness
