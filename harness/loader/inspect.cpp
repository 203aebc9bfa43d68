// SPDX-License-Identifier: Apache-2.0
#include "loader/elf.hpp"
#include "loader/examine.hpp"
#include "loader/fault.hpp"

namespace fs = std::filesystem;

namespace mneme::loader {

base::ExitCode exit_code(Fault fault) {
    switch (fault) {
        case Fault::store: return base::ExitCode::bad_input;
        case Fault::store_full: return base::ExitCode::temporary;
        default: return base::ExitCode::plugin_refused;
    }
}

Plugin inspect(const fs::path& file, const fs::path& folder, const Options& options) {
    return outward([&] { return examine(file, folder, options).plugin; });
}

Links links(const fs::path& file, const fs::path& folder, const Options& options) {
    return outward([&] {
        const auto examined = examine(file, folder, options);
        const Elf elf(examined.bytes);
        const auto exported = elf.exported(), needed = elf.needed();
        if (!exported || !needed)
            refuse(Fault::damaged, file,
                   "its symbol table points outside of the file; build or copy it again");
        return Links{{exported->begin(), exported->end()}, {needed->begin(), needed->end()}};
    });
}

std::optional<Refusal> refusal(const fs::path& file, const fs::path& folder,
                               const Options& options) {
    return refusal_of(file, [&] { examine(file, folder, options); });
}

} // namespace mneme::loader
