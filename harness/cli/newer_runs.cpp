// SPDX-License-Identifier: Apache-2.0
#include "cli/newer_runs.hpp"

#include <set>
#include <system_error>

#include <fmt/format.h>
#include <base/regular_file.hpp>
#include <results/results.hpp>

namespace mneme::cli {

namespace fs = std::filesystem;

std::string newer_runs_note(const fs::path& folder) {
    std::error_code error;
    const fs::path whole = folder / "results.h5";
    const fs::file_time_type written = fs::last_write_time(whole, error);
    if (error) return "";
    base::open_regular(whole);
    const std::set<std::string> requests = results::requests_in(whole);
    std::size_t newer = 0;
    for (fs::directory_iterator at(folder / "runs", error), end; !error && at != end;
         at.increment(error)) {
        if (at->path().extension() != ".h5") continue;
        const bool absent = !requests.empty() && !requests.contains(at->path().stem().string());
        std::error_code ignored;
        newer += absent || fs::last_write_time(at->path(), ignored) > written;
    }
    if (newer == 0) return "";
    return fmt::format("{}: {} not in results.h5 yet; merge with `mneme collect {}`",
                       folder.string(), newer == 1 ? "1 run is" : fmt::format("{} runs are", newer),
                       folder.string());
}

} // namespace mneme::cli
