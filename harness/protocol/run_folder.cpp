// SPDX-License-Identifier: Apache-2.0
#include "protocol/run_folder.hpp"

#include <base/sha256.hpp>

namespace mneme::protocol {

std::string checkpoint_name(const std::vector<Run>& runs) {
    if (runs.size() == 1) return runs.front().digest;
    base::Sha256 together;
    for (const Run& run : runs) together.add(run.digest);
    return together.hex();
}

std::filesystem::path RunFolder::checkpoint(const std::vector<Run>& runs_of_cell) const {
    return path_ / "checkpoints" / checkpoint_name(runs_of_cell);
}

} // namespace mneme::protocol
