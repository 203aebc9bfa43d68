// SPDX-License-Identifier: Apache-2.0
#include "scheduler/run_state.hpp"

#include <cmath>
#include <stdexcept>

#include <fmt/format.h>
#include <base/regular_file.hpp>
#include <base/text.hpp>
#include <results/metrics.hpp>
#include <results/results.hpp>

#include "scheduler/version.hpp"

namespace fs = std::filesystem;

namespace mneme::scheduler {
namespace {

std::string attribute(const results::Block& block, const char* key) {
    const auto table = block.provenance.find(block.methods.at(0));
    if (table == block.provenance.end()) return "";
    const auto found = table->second.find(key);
    return found == table->second.end() ? "" : found->second;
}

// A run without weights answers a request for them in everything but those.
std::string lacks_weights(const results::Block& block, const protocol::Cell& cell) {
    const auto& wanted = cell.evaluation.weights;
    if (wanted == "none" || outcome_of(block) != results::Outcome::complete) return "";
    const std::size_t tasks = block.tasks.size();
    const std::size_t size = block.weights.empty() ? 0 : block.weights.data.size() / tasks;
    if (size == 0) return "its weights were not kept";
    if (wanted == "last") return "";
    const bool only_last = tasks > 1 && std::isnan(block.weights.data.front());
    const bool first_row_exists = block.n_correct.data.front() >= 0 || block.evaluate == "last";
    return only_last && first_row_exists ? "only the weights after its last task were kept" : "";
}

} // namespace

results::Block read_run(const fs::path& path) {
    results::Reader reader;
    return read_run(path, reader);
}

results::Block read_run(const fs::path& path, results::Reader& reader) {
    base::open_regular(path); // a pipe would keep the reader waiting
    results::File file = reader.read(path);
    if (file.blocks.size() != 1 || file.blocks[0].methods.size() != 1 ||
        file.blocks[0].seeds.size() != 1)
        throw std::runtime_error(fmt::format(
            "{}: is not the file of one run; expected runs/<digest>.h5 as a worker writes it",
            path.string()));
    return std::move(file.blocks[0]);
}

results::Outcome outcome_of(const results::Block& block) {
    return results::Outcome(block.outcome.at({0, 0}));
}

double average_accuracy(const results::Block& block) {
    const std::size_t tasks = block.tasks.size();
    const auto share = [&](std::int64_t correct, std::size_t task) {
        const auto of = block.n_evaluated.at({task});
        return correct < 0 || of <= 0 ? std::nan("") : double(correct) / double(of);
    };
    std::vector<double> matrix, initial;
    for (std::size_t i = 0; i < tasks; ++i)
        for (std::size_t j = 0; j < tasks; ++j)
            matrix.push_back(share(block.n_correct.at({0, 0, i, j}), j));
    for (std::size_t j = 0; j < tasks; ++j)
        initial.push_back(share(block.initial_correct.at({0, 0, j}), j));
    return results::find_metric("average_accuracy")->value({matrix, tasks}, initial);
}

std::string answers_another(const results::Block& block, const protocol::Cell& cell,
                            const protocol::Run& run) {
    const auto seed = static_cast<std::int32_t>(run.seed);
    if (auto why = results::request_mismatch(block, run.digest, seed); !why.empty()) return why;
    if (block.digest != cell.data.benchmark.digest)
        return "it is of another benchmark, " + base::in_quotes(block.benchmark);
    if (attribute(block, "plugin_id") != cell.plugin.id)
        return "it is of another method, " + base::in_quotes(attribute(block, "plugin_id"));
    return "";
}

RunState state_of(const fs::path& file, const protocol::Cell& cell, const protocol::Run& run,
                  results::Reader& reader) {
    std::error_code ignored;
    if (fs::symlink_status(file, ignored).type() == fs::file_type::not_found)
        return {.need = Need::missing};
    try {
        const results::Block block = read_run(file, reader);
        if (const auto why = answers_another(block, cell, run); !why.empty())
            return {.need = Need::misplaced, .reason = why};
        const results::Outcome outcome = outcome_of(block);
        const bool same_plugin = attribute(block, "plugin_sha256") == cell.plugin.sha256;
        const std::string by = attribute(block, "harness_version");
        if (outcome != results::Outcome::complete && outcome != results::Outcome::diverged)
            return {Need::again,
                    fmt::format("{}: {}", results::name(outcome), block.outcome_message.at({0, 0})),
                    same_plugin && by == version};
        if (!same_plugin) return {.need = Need::stale, .reason = "its plugin file has changed"};
        if (by != version)
            return {.need = Need::stale,
                    .reason = fmt::format("it was made by mneme {}, this is {}",
                                          by.empty() ? "(unknown)" : by, version)};
        if (const auto why = lacks_weights(block, cell); !why.empty())
            return {.need = Need::lacking, .reason = why};
        return {.need = Need::nothing};
    } catch (const std::runtime_error& error) {
        // Truncated or altered: this run is lost, the others are not.
        return {.need = Need::unreadable, .reason = error.what()};
    }
}

} // namespace mneme::scheduler
