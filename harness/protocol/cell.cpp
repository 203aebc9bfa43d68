// SPDX-License-Identifier: Apache-2.0
#include "protocol/cell.hpp"

#include <base/error.hpp>
#include <base/sha256.hpp>

#include "protocol/codec.hpp"

namespace mneme::protocol {

namespace {

constexpr int schema_major = 1; // of the results schema: other counts would need other runs

} // namespace

std::pair<std::vector<Run>, std::vector<Run>> halves(const std::vector<Run>& runs) {
    const auto middle = runs.begin() + std::ptrdiff_t((runs.size() + 1) / 2);
    return {{runs.begin(), middle}, {middle, runs.end()}};
}

Json to_json(const Cell& cell) { return encode(cell); }

Cell cell_from_json(const Json& json) {
    try {
        return decoded<Cell>(json);
    } catch (const FieldError& fault) {
        throw base::ExitError(
            base::ExitCode::bad_input,
            std::string("cell: ") + fault.what() + "; use a plan that this version of mneme made");
    }
}

std::string run_digest(const Cell& cell, const Run& run) {
    Json asked = {{"benchmark", cell.data.benchmark.digest},
                  {"plugin", cell.plugin.id},
                  {"options", run.effective_options},
                  {"train", run.effective_train},
                  {"seed", run.seed},
                  {"limit_train", cell.data.most_train},
                  {"limit_test", cell.data.most_test},
                  {"evaluate_on", cell.data.evaluate_on},
                  {"precision", cell.execution.precision},
                  {"device", cell.execution.device},
                  {"schema_major", schema_major}};
    // What a run keeps of itself is named where it is not the default. Not the weights: a run that
    // kept them answers a request without them.
    Json kept = encode(cell.evaluation);
    kept.erase("weights");
    const Json standard = encode(Evaluation{});
    for (const auto& [key, value] : standard.items())
        if (kept.contains(key) && kept[key] == value) kept.erase(key);
    if (!kept.empty()) asked["evaluation"] = kept;
    return base::sha256_of(canonical(asked));
}

void require_own_digests(const Cell& cell, const std::string& file) {
    for (const auto& run : cell.runs)
        if (run_digest(cell, run) != run.digest)
            throw base::ExitError(
                base::ExitCode::bad_input,
                file + ": " + run.label + ", seed " + std::to_string(run.seed) +
                    ": the settings are not those that its digest was made of; the file was "
                    "changed after it was written: make the plan again");
}

} // namespace mneme::protocol
