// SPDX-License-Identifier: Apache-2.0
#include "cli/kept_json.hpp"

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

#include <base/atomic_file.hpp>
#include <base/regular_file.hpp>
#include <base/sha256.hpp>
#include <nlohmann/json.hpp>

namespace fs = std::filesystem;

namespace mneme::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::uint64_t most_kept_bytes = 1 << 20;

std::string digest_of(const Json& content) {
    return base::sha256_of(content.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void remove_oldest(const fs::path& folder, std::size_t most_files) {
    std::error_code error;
    std::vector<std::pair<fs::file_time_type, fs::path>> files;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        std::error_code gone; // a neighbour may clean as well
        const auto time = at->last_write_time(gone);
        if (!gone) files.push_back({time, at->path()});
    }
    std::sort(files.begin(), files.end());
    for (std::size_t i = 0; i + most_files < files.size(); ++i) fs::remove(files[i].second, error);
}

} // namespace

Json kept_json(const fs::path& file) {
    try {
        const Json kept = Json::parse(base::read_file(file, most_kept_bytes), nullptr, false);
        if (!kept.is_object() || !kept.contains("sha256") || !kept.contains("content")) return {};
        const Json& content = kept["content"];
        return kept["sha256"] == digest_of(content) ? content : Json();
    } catch (const std::runtime_error&) { // it is not there, or nothing that we would read
        return {};
    }
}

std::string keep_json(const fs::path& file, const Json& content, std::size_t most_files) {
    const Json kept = {{"sha256", digest_of(content)}, {"content", content}};
    try {
        fs::create_directories(file.parent_path());
        base::remove_abandoned_files(file.parent_path());
        base::replace_file(file, kept.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
        remove_oldest(file.parent_path(), most_files);
        return "";
    } catch (const std::system_error& error) {
        return error.what();
    }
}

} // namespace mneme::cli
