// SPDX-License-Identifier: Apache-2.0
#include "loader/examine.hpp"
#include "loader/fault.hpp"

namespace fs = std::filesystem;

namespace mneme::loader {

int exit_code(Fault fault) { return fault == Fault::store ? 65 : fault == Fault::store_full ? 75 : 69; }

Plugin inspect(const fs::path& file, const fs::path& folder, const Options& options) {
    return outward([&] { return examine(file, folder, options).plugin; });
}

std::optional<Refusal> refusal(const fs::path& file, const fs::path& folder, const Options& options) {
    return refusal_of(file, [&] { examine(file, folder, options); });
}

} // namespace mneme::loader
