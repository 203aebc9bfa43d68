// SPDX-License-Identifier: Apache-2.0
#include "cli/check_record.hpp"

#include <fmt/format.h>
#include <base/folders.hpp>
#include <base/system.hpp>
#include <base/text.hpp>
#include <nlohmann/json.hpp>

#include "cli/kept_json.hpp"

namespace mneme::cli {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t most_records = 1000;

// The checks that the method failed; "" as a check's method: it is about the whole file.
std::vector<std::string> failed_checks(const Json& record, const std::string& method) {
    std::vector<std::string> names;
    for (const Json& check : record.value("checks", Json::array()))
        if (check.value("verdict", "") == "fail" &&
            (check.value("method", "").empty() || check.value("method", "") == method))
            names.push_back(check.value("check", ""));
    return names;
}

} // namespace

std::filesystem::path check_record_path(const std::string& sha256) {
    return base::cache_folder() / "checks" / (sha256 + ".json");
}

std::string keep_check_record(const std::string& sha256, const Json& page) {
    Json record = {{"harness_version", MNEME_VERSION}, {"examined_utc", base::utc_now()}};
    record.update(page);
    return keep_json(check_record_path(sha256), record, most_records);
}

ExaminationNotes examination_notes(const std::vector<Method>& methods) {
    ExaminationNotes notes;
    std::vector<std::string> unknown;
    for (const Method& method : methods) {
        if (method.origin == shipped) continue;
        const Json record = kept_json(check_record_path(method.sha256));
        if (record.is_null()) unknown.push_back(method.id);
        else if (const auto failed = failed_checks(record, method.id); !failed.empty())
            notes.failed.push_back(fmt::format(
                "{}: {} failed the examination of {} ({}); `mneme check {}` says more",
                method.path.string(), method.id, record.value("examined_utc", "an unknown day"),
                base::joined(failed), method.path.string()));
    }
    if (!unknown.empty())
        notes.unexamined =
            fmt::format("never examined as {}: {}; `mneme check FILE.so` examines a plugin",
                        unknown.size() == 1 ? "it is" : "they are", base::joined(unknown));
    return notes;
}

} // namespace mneme::cli
