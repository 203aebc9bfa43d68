// SPDX-License-Identifier: Apache-2.0
#include "cli/check_record.hpp"

#include <system_error>

#include <base/atomic_file.hpp>
#include <base/folders.hpp>
#include <base/system.hpp>
#include <nlohmann/json.hpp>

namespace mneme::cli {

std::filesystem::path check_record_path(const std::string& sha256) {
    return base::cache_folder() / "checks" / (sha256 + ".json");
}

std::string keep_check_record(const std::string& sha256, const nlohmann::ordered_json& page) {
    nlohmann::ordered_json record = {{"harness_version", MNEME_VERSION},
                                     {"examined_utc", base::utc_now()}};
    record.update(page);
    const auto path = check_record_path(sha256);
    try {
        std::filesystem::create_directories(path.parent_path());
        base::replace_file(path, record.dump(2) + "\n");
        return {};
    } catch (const std::system_error& e) {
        return e.what();
    }
}

} // namespace mneme::cli
