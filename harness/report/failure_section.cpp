// SPDX-License-Identifier: Apache-2.0
#include "report/failure_section.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace mneme::report {
namespace {

struct Row {
    RunName run;
    std::string message;
    results::Outcome outcome;
};

std::vector<Row> rows_of(const Input& input) {
    std::vector<Row> rows;
    for (const results::Block& block : input.file.blocks)
        for (std::size_t m = 0; m < block.methods.size(); ++m)
            for (std::size_t s = 0; s < block.seeds.size(); ++s) {
                const auto outcome = results::Outcome(block.outcome.at({m, s}));
                if (outcome != results::Outcome::complete)
                    rows.push_back({{block.benchmark, block.methods[m], block.seeds[s]},
                                    block.outcome_message.at({m, s}),
                                    outcome});
            }
    for (const RunName& run : input.missing)
        rows.push_back({run, "not run yet", results::Outcome::missing});
    return rows;
}

void log_end(Markup& out, const Row& row, const std::vector<LogEnd>& logs) {
    const auto log = std::find_if(logs.begin(), logs.end(),
                                  [&](const LogEnd& one) { return one.run == row.run; });
    if (log == logs.end()) return;
    out.open("details").element("summary", "End of its log, " + log->path);
    out.open("pre").text(log->text.empty() ? "(empty)" : log->text).close().close();
}

void table(Markup& out, const std::vector<Row>& rows, const std::vector<LogEnd>& logs) {
    out.open("div", {{"class", "scroll"}}).open("table").open("thead").open("tr");
    for (const char* title : {"benchmark", "method", "seed", "outcome", "reason"})
        out.element("th", title, {{"scope", "col"}});
    out.close().close().open("tbody");
    for (const Row& row : rows) {
        out.open("tr", {{"data-method", row.run.method}});
        out.element("th", row.run.benchmark, {{"scope", "row"}});
        out.element("td", row.run.method, {{"class", "text"}});
        out.element("td", fmt::format("{}", row.run.seed));
        out.element("td", results::name(row.outcome), {{"class", "text failed"}});
        out.open("td", {{"class", "wrap"}}).text(row.message);
        log_end(out, row, logs);
        out.close().close();
    }
    out.close().close().close();
}

} // namespace

Markup failure_section(const Input& input) {
    std::vector<Row> failed = rows_of(input), missing;
    const auto split = std::stable_partition(failed.begin(), failed.end(), [](const Row& row) {
        return row.outcome != results::Outcome::missing;
    });
    missing.assign(split, failed.end());
    failed.erase(split, failed.end());
    Markup out;
    out.open("section", {{"id", "failures"}}).element("h2", "What failed, and what is missing");
    if (failed.empty() && missing.empty()) out.element("p", "Nothing: every run is complete.");
    if (!failed.empty()) table(out, failed, input.logs);
    if (!missing.empty()) {
        out.element("p", fmt::format("{} {} missing: figures and means are of what is there.",
                                     missing.size(), missing.size() == 1 ? "run is" : "runs are"));
        out.open("details").element("summary", "Which");
        table(out, missing, input.logs);
        out.close();
    }
    return out.close();
}

} // namespace mneme::report
