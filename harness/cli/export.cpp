// SPDX-License-Identifier: Apache-2.0
// mneme export.
#include <algorithm>
#include <string>
#include <vector>

#include <base/text.hpp>
#include <report/tidy.hpp>

#include "cli/commands.hpp"
#include "scheduler/merge_runs.hpp"

namespace mneme::cli {
namespace {

struct ExportOptions {
    Paths paths;
    std::string what = "accuracy", format = "csv";
};

struct FlatTable {
    const char* name;
    report::Flat table;
};
constexpr FlatTable flat_tables[] = {
    {"accuracy", report::Flat::accuracy},       {"forgetting", report::Flat::forgetting},
    {"metrics", report::Flat::metrics},         {"cost", report::Flat::cost},
    {"curves", report::Flat::curves},           {"confusion", report::Flat::confusion},
    {"inside", report::Flat::inside},           {"lines", report::Flat::lines},
    {"barriers", report::Flat::barriers},       {"planes", report::Flat::planes},
    {"diagnostics", report::Flat::diagnostics},
};

report::Flat table_of(const std::string& name) {
    return std::ranges::find(flat_tables, name, &FlatTable::name)->table;
}

void declare(Arguments& arguments, ExportOptions& to) {
    arguments.values("paths", to.paths, {"FILE...", "results files or folders", true});
    std::vector<std::string> names;
    for (const auto& [name, table] : flat_tables) names.emplace_back(name);
    arguments.value("--what", to.what,
                    {"NAME", base::joined(names, ", ") + " (default: accuracy)", false, names});
    arguments.value("--format", to.format,
                    {"NAME", "csv (default) or jsonl", false, {"csv", "jsonl"}});
}

base::ExitCode export_table(const ExportOptions& options, const Console&, const std::string&) {
    const results::File file = scheduler::read_results(options.paths);
    std::string waiting; // rows are short, and a write for each would be slow
    const auto put = [&](std::string_view row) {
        waiting += row;
        if (waiting.size() < (1u << 16)) return;
        print_result(waiting);
        waiting.clear();
    };
    report::write_flat(
        file, table_of(options.what),
        options.format == "csv" ? report::FlatFormat::csv : report::FlatFormat::jsonl, put);
    print_result(waiting);
    return base::ExitCode::done;
}

} // namespace

Command export_command() {
    return command("export", "flat tables of results, as CSV or JSON lines", declare, export_table);
}

} // namespace mneme::cli
