// SPDX-License-Identifier: Apache-2.0
#include "importer/formats.hpp"

#include <base/error.hpp>
#include <base/text.hpp>

namespace mneme::importer {

const std::vector<Format>& formats() {
    static const std::vector<Format> table{
        {"tidy", "a table with a row for each evaluation (CSV)", read_tidy},
        {"avalanche", "eval_results.csv of Avalanche's CSVLogger", read_avalanche},
        {"mammoth", "logs.pyd of Mammoth", read_mammoth},
        {"facil", "results/acc_tag-*.txt or acc_taw-*.txt of FACIL", read_facil},
        {"clarena", "acc.csv of CLArena's CLAccuracy", read_clarena},
    };
    return table;
}

const Format& format_of(const std::string& name, const std::string& text, const std::string& file) {
    const auto& all = formats();
    std::vector<std::string> known;
    for (const Format& format : all) {
        known.push_back(format.name);
        if (name == format.name) return format;
    }
    if (!name.empty())
        throw base::ExitError(base::ExitCode::usage, "--format " + name + ": unknown; expected " +
                                                         base::joined(known, " or "));
    if (text.starts_with("{")) return all[2];
    if (text.starts_with("eval_exp,")) return all[1];
    if (text.starts_with("benchmark,")) return all[0];
    if (text.starts_with("after_training_task,")) return all[4];
    throw base::ExitError(base::ExitCode::bad_input,
                          file + ": its format is not known by its beginning; name it, --format " +
                              base::joined(known, " or "));
}

} // namespace mneme::importer
