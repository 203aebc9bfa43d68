// SPDX-License-Identifier: Apache-2.0
// mneme validate.
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <results/results.hpp>

#include <base/error.hpp>
#include "cli/commands.hpp"
#include "cli/options.hpp"

namespace mneme::cli {
namespace {

using base::ExitCode;

namespace fs = std::filesystem;
using OrderedJson = nlohmann::ordered_json;

struct ValidateOptions {
    Paths paths;
    bool json = false;
};

void declare(Arguments& arguments, ValidateOptions& to) {
    arguments.values("files", to.paths, {"FILE...", "results files", true});
    declare_json(arguments, to.json);
}

ExitCode validate(const ValidateOptions& options, const Console& console, const std::string&) {
    OrderedJson json = OrderedJson::array();
    std::string text;
    bool valid = true;
    for (const fs::path& path : options.paths) {
        std::vector<std::string> faults, notes;
        try {
            faults = results::validate(path, &notes);
        } catch (const std::runtime_error& error) { // cannot be read at all
            faults = {error.what()};
        }
        valid = valid && faults.empty();
        for (const std::string& note : notes) console.warn(note);
        json.push_back({{"file", path.string()},
                        {"valid", faults.empty()},
                        {"faults", faults},
                        {"notes", notes}});
        if (faults.empty()) text += fmt::format("{}: valid\n", path.string());
        for (const std::string& fault : faults) text += fault + "\n";
    }
    print_result(options.json ? json_text(OrderedJson{{"files", json}}) : text);
    if (!valid) console.warn("not every file is what the schema says");
    return valid ? ExitCode::done : ExitCode::bad_input;
}

} // namespace

Command validate_command() {
    return command("validate", "is a results file what the schema says", declare, validate);
}

} // namespace mneme::cli
